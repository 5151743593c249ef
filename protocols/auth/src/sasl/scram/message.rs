//! The grammar of RFC 5802 section 7: attributes `x=value`, parted by commas, in a fixed order.

use crate::sasl::{SaslError, bounded, decode};

/// The server's first message.
///
/// ```text
/// server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
/// nonce = "r=" printable      salt = "s=" base64      iteration-count = "i=" posit-number
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFirst<'a> {
    pub(super) nonce: &'a str,
    pub(super) salt: Vec<u8>,
    /// `u32::MAX` for any number too large to hold.
    pub(super) iterations: u32,
}

impl<'a> ServerFirst<'a> {
    pub(super) fn parse(message: &'a [u8]) -> Result<Self, SaslError> {
        let mut attributes = text(message)?.split(',').peekable();
        if attributes.peek().is_some_and(|first| first.starts_with("m=")) {
            return Err(SaslError::MandatoryExtension);
        }
        if let Some(error) = attributes.peek().and_then(|first| first.strip_prefix("e=")) {
            return Err(SaslError::ServerError(error.to_owned()));
        }
        let mut next = |name| attributes.next().and_then(|attribute| attribute.strip_prefix(name));
        let nonce = next("r=").ok_or(SaslError::Malformed("no nonce where it belongs"))?;
        let salt = next("s=").ok_or(SaslError::Malformed("no salt where it belongs"))?;
        let count = next("i=").ok_or(SaslError::Malformed("no iteration count where it belongs"))?;
        let salt = decode(salt)?;
        if salt.is_empty() {
            return Err(SaslError::Malformed("empty salt"));
        }
        let iterations = posit_number(count).ok_or(SaslError::Malformed("iteration count"))?;
        Ok(Self { nonce, salt, iterations })
    }
}

/// `posit-number = %x31-39 *DIGIT`: no sign, no leading zero.
fn posit_number(text: &str) -> Option<u32> {
    let is_number = text.starts_with(|first: char| matches!(first, '1'..='9'))
        && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

/// The signature in the server's final message.
///
/// ```text
/// server-final-message = (server-error / verifier) ["," extensions]
/// server-error = "e=" server-error-value      verifier = "v=" base64
/// ```
pub(super) fn server_final(message: &[u8]) -> Result<Vec<u8>, SaslError> {
    let text = text(message)?;
    let first = text.split_once(',').map_or(text, |(first, _extensions)| first);
    if let Some(error) = first.strip_prefix("e=") {
        return Err(SaslError::ServerError(error.to_owned()));
    }
    decode(first.strip_prefix("v=").ok_or(SaslError::Malformed("no server signature"))?)
}

/// The client's first message, as the server reads it.
///
/// ```text
/// client-first-message = gs2-header client-first-message-bare
/// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFirst<'a> {
    /// `n`, `y` or `p=` with the name of a channel binding.
    pub(super) flag: &'a str,
    pub(super) gs2_header: &'a str,
    pub(super) bare: &'a str,
    pub(super) authzid: Option<&'a str>,
    pub(super) user: &'a str,
    pub(super) nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    /// `None` when malformed or when it demands an extension.
    pub(super) fn parse(message: &'a [u8]) -> Option<Self> {
        let text = text(message).ok()?;
        let mut head = text.splitn(3, ',');
        let (flag, authzid, bare) = (head.next()?, head.next()?, head.next()?);
        if flag != "n" && flag != "y" && !flag.starts_with("p=") {
            return None;
        }
        let authzid = match authzid.strip_prefix("a=") {
            Some(name) if !name.is_empty() => Some(name),
            None if authzid.is_empty() => None,
            _ => return None,
        };
        let gs2_header = text.strip_suffix(bare)?;
        let mut attributes = bare.split(',');
        let user = attributes.next()?.strip_prefix("n=")?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        Some(Self { flag, gs2_header, bare, authzid, user, nonce })
    }
}

/// The client's final message, as the server reads it.
///
/// ```text
/// client-final-message = client-final-message-without-proof "," proof
/// client-final-message-without-proof = channel-binding "," nonce ["," extensions]
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFinal<'a> {
    pub(super) without_proof: &'a str,
    pub(super) binding: Vec<u8>,
    pub(super) nonce: &'a str,
    pub(super) proof: Vec<u8>,
}

impl<'a> ClientFinal<'a> {
    pub(super) fn parse(message: &'a [u8]) -> Option<Self> {
        let (without_proof, proof) = text(message).ok()?.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let binding = decode(attributes.next()?.strip_prefix("c=")?).ok()?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        Some(Self { without_proof, binding, nonce, proof: decode(proof).ok()? })
    }
}

/// A message is UTF-8 without NUL, and bounded.
fn text(message: &[u8]) -> Result<&str, SaslError> {
    str::from_utf8(bounded(message)?)
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or(SaslError::Malformed("not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_first_in_order_only() {
        let parse = |text: &'static str| ServerFirst::parse(text.as_bytes());
        let expected = ServerFirst { nonce: "abc", salt: b"salt".to_vec(), iterations: 4096 };
        assert_eq!(parse("r=abc,s=c2FsdA==,i=4096").as_ref(), Ok(&expected));
        assert_eq!(parse("r=abc,s=c2FsdA==,i=4096,x=later").as_ref(), Ok(&expected));
        assert_eq!(parse("m=x,r=abc,s=c2FsdA==,i=4096"), Err(SaslError::MandatoryExtension));
        assert_eq!(parse("e=other-error"), Err(SaslError::ServerError("other-error".into())));
        for bad in [
            "",
            "r=abc",
            "r=abc,s=c2FsdA==",
            "s=c2FsdA==,r=abc,i=1",
            "r=abc,s=,i=1",
            "r=a,i=1,s=c2FsdA==",
            "r=a,s=c2FsdA==,i=",
            "r=a,s=c2FsdA==,i=+5",
            "r=a,s=c2FsdA==,i=05",
            "r=a,s=c2FsdA==,i=-1",
            "r=a\0,s=c2FsdA==,i=1",
        ] {
            assert!(matches!(parse(bad), Err(SaslError::Malformed(_))), "{bad:?}");
        }
        assert_eq!(parse("r=a,s=c2FsdA,i=1"), Err(SaslError::NotBase64));
        assert_eq!(parse("r=a,s=c2FsdA==,i=99999999999999").map(|first| first.iterations), Ok(u32::MAX));
    }

    #[test]
    fn client_first_and_its_header() {
        let first = ClientFirst::parse(b"n,a=bo,n=ana,r=xyz,ext=1").unwrap();
        assert_eq!((first.gs2_header, first.bare), ("n,a=bo,", "n=ana,r=xyz,ext=1"));
        assert_eq!((first.authzid, first.user, first.nonce), (Some("bo"), "ana", "xyz"));
        for bad in [
            "",
            "n",
            "n,",
            "n,,",
            "n,,n=a",
            "x,,n=a,r=b",
            "n,b,n=a,r=b",
            "n,a=,n=a,r=b",
            "n,,m=x,n=a,r=b",
            "n,,r=b,n=a",
        ] {
            assert_eq!(ClientFirst::parse(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn client_final_parts_at_the_last_proof() {
        let last = ClientFinal::parse(b"c=biws,r=xyz,p=AAAA").unwrap();
        assert_eq!((last.without_proof, last.nonce), ("c=biws,r=xyz", "xyz"));
        assert_eq!((last.binding, last.proof), (b"n,,".to_vec(), vec![0, 0, 0]));
        for bad in
            ["", "c=biws,r=xyz", "r=xyz,c=biws,p=AAAA", "c=biws,p=AAAA", "c=!,r=x,p=AAAA", "c=biws,r=x,p=A"]
        {
            assert_eq!(ClientFinal::parse(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn server_final_is_a_signature_or_an_error() {
        assert_eq!(server_final(b"v=AAAA"), Ok(vec![0, 0, 0]));
        assert_eq!(server_final(b"v=AAAA,ext=1"), Ok(vec![0, 0, 0]));
        assert_eq!(server_final(b"e=invalid-proof"), Err(SaslError::ServerError("invalid-proof".into())));
        assert!(matches!(server_final(b""), Err(SaslError::Malformed(_))));
        assert_eq!(server_final(b"v=A"), Err(SaslError::NotBase64));
    }
}
