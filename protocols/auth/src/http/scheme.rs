//! The client's side: what to write after `Authorization:`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::HttpAuthError;
use crate::{Credentials, Secret, is_b64token};

/// `Basic` (RFC 7617): the base64 of `user-id ":" password`, in UTF-8 as section 2.1 has it.
///
/// Anyone who reads it has the password, so it wants a private channel; that is the caller's to check. An empty
/// password is allowed: services take an API key for the user-id and nothing after the colon.
///
/// # Errors
/// [`HttpAuthError::NoPassword`], [`HttpAuthError::ColonInUser`], [`HttpAuthError::ControlCharacter`].
pub fn basic(credentials: &Credentials) -> Result<Secret, HttpAuthError> {
    let password = credentials.password.as_ref().ok_or(HttpAuthError::NoPassword)?;
    let user = credentials.user.as_str();
    if user.contains(':') {
        return Err(HttpAuthError::ColonInUser);
    }
    if user.bytes().chain(password.expose().iter().copied()).any(|byte| byte.is_ascii_control()) {
        return Err(HttpAuthError::ControlCharacter);
    }
    let pair = Secret::concat(&[user.as_bytes(), b":", password.expose()]);
    let encoded = Secret::from(STANDARD.encode(pair.expose()));
    Ok(Secret::concat(&[b"Basic ", encoded.expose()]))
}

/// `Bearer` (RFC 6750 section 2.1).
///
/// # Errors
/// [`HttpAuthError::NoToken`], [`HttpAuthError::NotBearerToken`].
pub fn bearer(credentials: &Credentials) -> Result<Secret, HttpAuthError> {
    let token = credentials.token.as_ref().ok_or(HttpAuthError::NoToken)?;
    if !is_b64token(token) {
        return Err(HttpAuthError::NotBearerToken);
    }
    Ok(Secret::concat(&[b"Bearer ", token.expose()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic_of(user: &str, password: &str) -> Result<Secret, HttpAuthError> {
        basic(&Credentials::password(user, password).unwrap())
    }

    /// RFC 7617 sections 2 and 2.1: both examples.
    #[test]
    fn basic_examples() {
        assert_eq!(basic_of("Aladdin", "open sesame"), Ok("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".into()));
        assert_eq!(basic_of("test", "123\u{a3}"), Ok("Basic dGVzdDoxMjPCow==".into()));
        assert_eq!(basic_of("key", ""), Ok("Basic a2V5Og==".into()));
        assert_eq!(basic_of("", "a:b"), Ok("Basic OmE6Yg==".into()));
    }

    #[test]
    fn basic_refuses_what_it_cannot_carry() {
        assert_eq!(basic_of("a:b", "c"), Err(HttpAuthError::ColonInUser));
        for (user, password) in [("a\tb", "c"), ("a", "b\r\nX: y"), ("a", "\0"), ("\u{7f}", "c")] {
            assert_eq!(basic_of(user, password), Err(HttpAuthError::ControlCharacter));
        }
        let token_only = Credentials::token("", "t").unwrap();
        assert_eq!(basic(&token_only), Err(HttpAuthError::NoPassword));
    }

    /// RFC 6750 section 2.1.
    #[test]
    fn bearer_example() {
        let of = |token: &str| bearer(&Credentials::token("", token).unwrap());
        assert_eq!(of("mF_9.B5f-4.1JqM"), Ok("Bearer mF_9.B5f-4.1JqM".into()));
        assert_eq!(of("a\r\nX: y"), Err(HttpAuthError::NotBearerToken));
        assert_eq!(of(""), Err(HttpAuthError::NotBearerToken));
        assert_eq!(bearer(&Credentials::password("a", "b").unwrap()), Err(HttpAuthError::NoToken));
    }
}
