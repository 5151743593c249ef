//! The server's side: what came after `Authorization:`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{HttpAuthError, MAX_VALUE};
use crate::sasl::Accounts;
use crate::{Secret, is_b64token};

/// What a client says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `Basic` (RFC 7617).
    Basic {
        /// The user-id.
        user: String,
        /// The password.
        password: Secret,
    },
    /// `Bearer` (RFC 6750 section 2.1).
    Bearer(Secret),
}

impl Authorization {
    /// Reads the value (RFC 9110 section 11.6.2): a scheme in any case, spaces, and the scheme's one token.
    ///
    /// # Errors
    /// [`HttpAuthError::UnknownScheme`], [`HttpAuthError::Malformed`], [`HttpAuthError::TooLong`].
    pub fn parse(value: impl AsRef<[u8]>) -> Result<Self, HttpAuthError> {
        let value = value.as_ref().trim_ascii();
        if value.len() > MAX_VALUE {
            return Err(HttpAuthError::TooLong { limit: MAX_VALUE });
        }
        let end = value.iter().position(|&byte| byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at(end);
        let rest = rest.trim_ascii_start();
        let malformed = HttpAuthError::Malformed { at: value.len() - rest.len() };
        if scheme.eq_ignore_ascii_case(b"basic") {
            let pair = Secret::from(STANDARD.decode(rest).map_err(|_| malformed)?);
            let (user, password) = pair.expose_str().ok().and_then(|p| p.split_once(':')).ok_or(malformed)?;
            if pair.expose().iter().any(u8::is_ascii_control) {
                return Err(malformed);
            }
            Ok(Self::Basic { user: user.to_owned(), password: Secret::from(password) })
        } else if scheme.eq_ignore_ascii_case(b"bearer") {
            let token = Secret::from(rest);
            if is_b64token(&token) { Ok(Self::Bearer(token)) } else { Err(malformed) }
        } else {
            Err(HttpAuthError::UnknownScheme)
        }
    }

    /// Whether the accounts know this client. A bearer token names no user, so it is asked for with an empty name.
    #[must_use]
    pub fn is_good(&self, accounts: &dyn Accounts) -> bool {
        match self {
            Self::Basic { user, password } => accounts.password(user).as_ref() == Some(password),
            Self::Bearer(token) => accounts.token_ok("", token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credentials;
    use crate::http::{basic, bearer};

    #[test]
    fn reads_what_the_client_side_writes() {
        let card = Credentials::password("Aladdin", "open: \u{a3}").unwrap().with_token("mF_9.B5f-4.1JqM");
        let read = |value: Secret| Authorization::parse(value.expose()).unwrap();
        let by_password = read(basic(&card).unwrap());
        assert_eq!(
            by_password,
            Authorization::Basic { user: "Aladdin".into(), password: "open: \u{a3}".into() }
        );
        let by_token = read(bearer(&card).unwrap());
        assert!(by_password.is_good(&card) && by_token.is_good(&card));
        let other = Credentials::password("Aladdin", "close sesame").unwrap().with_token("x");
        assert!(!by_password.is_good(&other) && !by_token.is_good(&other));
        assert!(!format!("{by_password:?}").contains("open"));
    }

    #[test]
    fn schemes_in_any_case_and_several_spaces() {
        assert!(Authorization::parse("bAsIc   QTpi ").is_ok());
        assert!(Authorization::parse("BEARER x").is_ok());
    }

    #[test]
    fn malformed_values() {
        for (value, at) in [
            ("Basic", 5),
            ("Basic ", 5),
            ("Basic QQ==", 6),
            ("Basic QTpi=", 6),
            ("Basic QToN", 6),
            ("Basic /zo=", 6),
            ("Bearer", 6),
            ("Bearer a b", 7),
        ] {
            assert_eq!(Authorization::parse(value), Err(HttpAuthError::Malformed { at }), "{value:?}");
        }
        assert_eq!(Authorization::parse("Digest username=\"x\""), Err(HttpAuthError::UnknownScheme));
        assert_eq!(Authorization::parse(""), Err(HttpAuthError::UnknownScheme));
        let long = format!("Bearer {}", "a".repeat(MAX_VALUE));
        assert_eq!(Authorization::parse(long), Err(HttpAuthError::TooLong { limit: MAX_VALUE }));
    }
}
