//! `Authentication-Info` (RFC 7615, RFC 7616 section 3.5): what a server says of itself behind a login.

use super::Qop;
use crate::http::{HttpAuthError, parse_challenges};

/// Its parameters; all of them may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthenticationInfo {
    /// The nonce to use from now on.
    pub nextnonce: Option<String>,
    /// The proof that the server knows the password.
    pub rspauth: Option<String>,
    /// What the proof covers.
    pub qop: Option<Qop>,
    /// The client's nonce again.
    pub cnonce: Option<String>,
    /// The client's count again.
    pub nc: Option<u32>,
}

impl AuthenticationInfo {
    /// Reads the header value: `#auth-param`, which is a challenge without its scheme.
    ///
    /// # Errors
    /// [`HttpAuthError::Malformed`], [`HttpAuthError::TooLong`].
    pub fn parse(value: &[u8]) -> Result<Self, HttpAuthError> {
        let params = [b"Info ", value.trim_ascii()].concat();
        let all = parse_challenges(params)?;
        let [info] = all.as_slice() else { return Err(HttpAuthError::Malformed { at: 0 }) };
        let text = |name| info.param(name).map(str::to_owned);
        let count =
            |text: &str| u32::from_str_radix(text, 16).map_err(|_| HttpAuthError::Malformed { at: 0 });
        Ok(Self {
            nextnonce: text("nextnonce").filter(|nonce| !nonce.is_empty()),
            rspauth: text("rspauth"),
            qop: info.param("qop").and_then(Qop::named),
            cnonce: text("cnonce"),
            nc: info.param("nc").map(count).transpose()?,
        })
    }
}
