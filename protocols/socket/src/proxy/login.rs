//! Who logs in at a proxy. Nothing here can be printed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A user name and a password, decoded. No `Debug`, no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: Zeroizing<String>,
    pub(super) password: Zeroizing<String>,
}

impl Login {
    /// `Basic` and the base64 of `user:password` in UTF-8 (RFC 7617 section 2).
    pub(super) fn basic(&self) -> Zeroizing<Vec<u8>> {
        let pair = Zeroizing::new([self.user.as_bytes(), b":", self.password.as_bytes()].concat());
        let coded = Zeroizing::new(STANDARD.encode(&*pair));
        Zeroizing::new([b"Basic ", coded.as_bytes()].concat())
    }
}
