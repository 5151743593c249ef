//! Base64 as SASL's carriers use it: strict (RFC 4648 section 4, RFC 4954 section 4), in one line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{MAX_MESSAGE, SaslError};

/// The base64 of a message, padded, without line breaks.
#[must_use]
pub fn encode(message: &[u8]) -> String {
    STANDARD.encode(message)
}

/// The bytes behind a challenge or response.
///
/// Strict: padding is needed, nothing outside the alphabet is passed over, unused bits are zero. Two texts for one
/// message would let a middlebox and this program read different things.
///
/// # Errors
/// [`SaslError::NotBase64`], or [`SaslError::TooLong`] before anything is decoded.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, SaslError> {
    let text = text.as_ref();
    if text.len() > MAX_MESSAGE.div_ceil(3) * 4 {
        return Err(SaslError::TooLong { limit: MAX_MESSAGE });
    }
    STANDARD.decode(text).map_err(|_| SaslError::NotBase64)
}

/// An initial response for a command line: an empty one is written `=`, to tell it from none at all
/// (RFC 4954 section 4, RFC 5034 section 4, RFC 9051 section 6.2.2).
#[must_use]
pub fn encode_initial(message: &[u8]) -> String {
    if message.is_empty() { "=".to_owned() } else { encode(message) }
}

/// Reads an initial response: [`decode`], where `=` is the empty one.
///
/// # Errors
/// As [`decode`].
pub fn decode_initial(text: impl AsRef<[u8]>) -> Result<Vec<u8>, SaslError> {
    let text = text.as_ref();
    if text == b"=" { Ok(Vec::new()) } else { decode(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_both_ways() {
        assert_eq!(encode(b"\0tim\0tanstaaf"), "AHRpbQB0YW5zdGFhZg==");
        assert_eq!(decode("AHRpbQB0YW5zdGFhZg==").unwrap(), b"\0tim\0tanstaaf");
        assert_eq!(decode("").unwrap(), b"");
        for bad in ["AHRpbQB0YW5zdGFhZg", "AHRpbQ B0", "AB==", "====", "=", "A", "AA\r\n", "_-__"] {
            assert_eq!(decode(bad), Err(SaslError::NotBase64), "{bad:?}");
        }
    }

    #[test]
    fn the_empty_initial_response_is_an_equals_sign() {
        assert_eq!(encode_initial(b""), "=");
        assert_eq!(decode_initial("=").unwrap(), b"");
        assert_eq!(encode_initial(b"a"), "YQ==");
        assert_eq!(decode_initial("YQ==").unwrap(), b"a");
        assert_eq!(decode_initial("=="), Err(SaslError::NotBase64));
    }

    #[test]
    fn long_text_is_refused_undecoded() {
        let fits = encode(&vec![7; MAX_MESSAGE]);
        assert_eq!(decode(&fits).unwrap().len(), MAX_MESSAGE);
        assert_eq!(decode(fits + "AAAA"), Err(SaslError::TooLong { limit: MAX_MESSAGE }));
    }
}
