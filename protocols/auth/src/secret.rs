//! The strongroom: bytes that must not be seen.
//!
//! A password, a token, an `Authorization` value: anything that would let a reader of a log become the user. The type
//! has no `Display` and no serialisation, so that a secret reaches an output only through [`Secret::expose`], which
//! can be searched for.

use std::fmt;
use std::str::Utf8Error;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes that are overwritten when dropped and never printed.
///
/// Comparison takes the same time wherever two secrets of one length differ; lengths are not hidden.
#[derive(Clone, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes, for the one place that puts them on the wire.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// The bytes are not UTF-8. The error holds a position, never the bytes.
    pub fn expose_str(&self) -> Result<&str, Utf8Error> {
        std::str::from_utf8(&self.0)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Joins `parts` in one allocation of the exact size: a growing `Vec` would leave copies behind in freed memory.
    #[must_use]
    pub fn concat(parts: &[&[u8]]) -> Self {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            bytes.extend_from_slice(part);
        }
        Self(bytes)
    }
}

impl Zeroize for Secret {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.ct_eq(&other.0))
    }
}

impl Eq for Secret {}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret(***)");
        assert!(!format!("{:#?}", Some(Secret::from("hunter2"))).contains("hunter2"));
    }

    #[test]
    fn equality_compares_bytes_and_length() {
        assert_eq!(Secret::from("abc"), Secret::from(b"abc".to_vec()));
        assert_ne!(Secret::from("abc"), Secret::from("abd"));
        assert_ne!(Secret::from("abc"), Secret::from("ab"));
    }

    #[test]
    fn concat_joins_in_order_without_spare_room() {
        let joined = Secret::concat(&[b"user", b"\0", b"pass"]);
        assert_eq!(joined.expose(), b"user\0pass");
        assert_eq!(joined.0.capacity(), joined.len());
    }

    #[test]
    fn text_is_only_given_for_utf8() {
        assert_eq!(Secret::from("p\u{e4}ss").expose_str(), Ok("p\u{e4}ss"));
        assert!(Secret::from(vec![0xff]).expose_str().is_err());
    }

    #[test]
    fn zeroize_empties_it() {
        let mut secret = Secret::from("hunter2");
        secret.zeroize();
        assert!(secret.is_empty());
    }
}
