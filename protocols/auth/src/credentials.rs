//! The visiting card: who logs in, and with what.
//!
//! A user name goes onto the wire in many grammars (`USER name`, `LOGIN name`, a SASL message, a URL). Carriage return,
//! line feed and NUL would end or cut one of them, so [`UserName`] cannot hold them: what is checked once here needs no
//! check in eight protocols. Passwords may hold anything; the grammars that cannot carry every byte refuse them there.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use thiserror::Error;

use crate::Secret;

/// Why a name cannot be a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Carriage return, line feed or NUL at this byte: it could end a command early.
    #[error("user name has a carriage return, line feed or NUL at byte {at}")]
    ControlInUser {
        /// Byte offset in the name.
        at: usize,
    },
}

/// A name without CR, LF and NUL: an authentication or authorization identity (RFC 4422 section 2).
///
/// It may be empty, where a grammar allows that (RFC 7617's user-id); each mechanism that needs a name says so itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(String);

impl UserName {
    /// Takes `name` if no line can be broken with it.
    ///
    /// # Errors
    /// [`CredentialError::ControlInUser`].
    pub fn new(name: impl Into<String>) -> Result<Self, CredentialError> {
        let name = name.into();
        match name.bytes().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            Some(at) => Err(CredentialError::ControlInUser { at }),
            None => Ok(Self(name)),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for UserName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for UserName {
    type Err = CredentialError;

    fn from_str(name: &str) -> Result<Self, CredentialError> {
        Self::new(name)
    }
}

impl PartialEq<str> for UserName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for UserName {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// A user and the proof of being that user: a password, a token, or both.
///
/// `Debug` shows the names and `Secret(***)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The authentication identity: whose password or token this is.
    pub user: UserName,
    /// The password, if there is one.
    pub password: Option<Secret>,
    /// An OAuth 2.0 bearer token, if there is one (RFC 6750).
    pub token: Option<Secret>,
    /// The authorization identity: on whose behalf to act. `None` means the user itself.
    pub authzid: Option<UserName>,
}

impl Credentials {
    /// A user with a password.
    ///
    /// # Errors
    /// [`CredentialError`], when the name could break a line.
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Result<Self, CredentialError> {
        Ok(Self { user: UserName::new(user)?, password: Some(password.into()), ..Self::default() })
    }

    /// A user with an OAuth 2.0 bearer token. The name may be empty: HTTP sends the token alone.
    ///
    /// # Errors
    /// [`CredentialError`], when the name could break a line.
    pub fn token(user: impl Into<String>, token: impl Into<Secret>) -> Result<Self, CredentialError> {
        Ok(Self { user: UserName::new(user)?, token: Some(token.into()), ..Self::default() })
    }

    /// The same credentials with a token besides.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The same credentials with a password besides.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The same credentials, acting as `authzid`.
    ///
    /// # Errors
    /// [`CredentialError`], when the name could break a line.
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Result<Self, CredentialError> {
        self.authzid = Some(UserName::new(authzid)?);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_break_a_line_are_refused() {
        for (name, at) in [("a\rb", 1), ("ab\n", 2), ("\0", 0)] {
            assert_eq!(Credentials::password(name, "x"), Err(CredentialError::ControlInUser { at }));
            assert_eq!(Credentials::token(name, "x"), Err(CredentialError::ControlInUser { at }));
            let honest = Credentials::password("a", "x").unwrap();
            assert_eq!(honest.acting_as(name), Err(CredentialError::ControlInUser { at }));
        }
    }

    #[test]
    fn debug_shows_the_user_and_no_secret() {
        let card = Credentials::password("ana", "hunter2").unwrap().with_token("ya29.x");
        let shown = format!("{card:?}");
        assert!(shown.contains("ana") && !shown.contains("hunter2") && !shown.contains("ya29"), "{shown}");
    }

    #[test]
    fn builders_set_what_they_name() {
        let card = Credentials::token("ana", "t").unwrap().with_password("p").acting_as("bo").unwrap();
        assert_eq!(card.user, "ana");
        assert_eq!(card.password, Some(Secret::from("p")));
        assert_eq!(card.token, Some(Secret::from("t")));
        assert_eq!(card.authzid.as_deref(), Some("bo"));
    }
}
