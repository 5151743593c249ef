//! The grammar of a bearer token, which HTTP, OAUTHBEARER and XOAUTH2 share.

use crate::Secret;

/// Whether `token` is a `b64token` (RFC 6750 section 2.1):
/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
///
/// The check also keeps spaces, controls and the 0x01 separators of the SASL messages out of a token.
#[must_use]
pub fn is_b64token(token: &Secret) -> bool {
    let bytes = token.expose();
    let body = bytes.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    let (body, _padding) = bytes.split_at(body);
    !body.is_empty()
        && body.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b64token_grammar() {
        for good in ["a", "mF_9.B5f-4.1JqM", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "a~+/="] {
            assert!(is_b64token(&Secret::from(good)), "{good}");
        }
        for bad in ["", "=", "==", "a b", "a=b", "a\u{1}", "a\r\n", "a,b", "\"a\"", "\u{e9}"] {
            assert!(!is_b64token(&Secret::from(bad)), "{bad:?}");
        }
    }
}
