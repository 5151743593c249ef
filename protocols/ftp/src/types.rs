//! Arguments that cannot break the wire.

use crate::error::Invalid;

/// The argument of a command: a path, a name, a password. Holds no CR, LF or NUL (RFC 959 section 5.3.2, RFC 3659
/// section 2.2), and is not empty.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Argument(Vec<u8>);

impl Argument {
    /// `bytes`, if they can be one argument.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Argument, Invalid> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(Invalid("it is empty"));
        }
        if bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Invalid("it holds a line end or a NUL"));
        }
        Ok(Argument(bytes))
    }

    /// As [`Argument::new`], and it may be empty: a password.
    pub(crate) fn secret(bytes: &[u8]) -> Result<Argument, Invalid> {
        if bytes.is_empty() { Ok(Argument(Vec::new())) } else { Argument::new(bytes) }
    }

    /// The bytes, with 0xFF once.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Its length only: it may be a password.
impl std::fmt::Debug for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Argument({} bytes)", self.0.len())
    }
}
