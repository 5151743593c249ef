//! PLAIN (RFC 4616).
//!
//! ```text
//! message = [authzid] UTF8NUL authcid UTF8NUL passwd
//! authcid = 1*SAFE    passwd = 1*SAFE    SAFE = any UTF-8 character but NUL
//! ```

use super::first::First;
use super::{Accounts, Client, Field, Mechanism, Rejection, SaslError, Server, ServerStep, bounded, prepare};
use crate::{Credentials, Secret};

/// PLAIN, the client's side.
#[derive(Debug)]
pub struct PlainClient {
    first: First,
    spoiled: bool,
}

impl PlainClient {
    /// Makes the message. It is sent as typed: preparing it is the server's part (RFC 4616 section 2).
    ///
    /// # Errors
    /// No or an empty password, an empty name, a NUL in the password, or a password that is not UTF-8.
    pub fn new(credentials: &Credentials) -> Result<Self, SaslError> {
        let user = prepare::user(credentials)?;
        let password = prepare::password(credentials, Mechanism::Plain)?;
        if password.expose_str().is_err() {
            return Err(SaslError::NotText(Field::Password));
        }
        if password.expose().contains(&0) {
            return Err(SaslError::Prohibited(Field::Password));
        }
        let authzid = credentials.authzid.as_deref().unwrap_or_default();
        let message = Secret::concat(&[authzid.as_bytes(), b"\0", user.as_bytes(), b"\0", password.expose()]);
        Ok(Self { first: First::new(message), spoiled: false })
    }
}

impl Client for PlainClient {
    fn mechanism(&self) -> Mechanism {
        Mechanism::Plain
    }

    fn initial(&mut self) -> Option<Secret> {
        self.first.take()
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        let answer = self.first.answer(challenge);
        self.spoiled |= answer.is_err();
        answer
    }

    fn done(&self) -> bool {
        self.first.is_sent() && !self.spoiled
    }
}

/// PLAIN, the server's side.
pub struct PlainServer<'a> {
    accounts: &'a dyn Accounts,
    over: bool,
}

impl<'a> PlainServer<'a> {
    /// A server over these accounts.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts) -> Self {
        Self { accounts, over: false }
    }

    fn verdict(&self, message: &[u8]) -> ServerStep {
        let mut parts = bounded(message).unwrap_or_default().split(|&byte| byte == 0);
        let fields = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(authzid), Some(user), Some(password), None) = fields else {
            return ServerStep::Failure(Rejection::Malformed);
        };
        let (Ok(authzid), Ok(user), Ok(_)) =
            (str::from_utf8(authzid), str::from_utf8(user), str::from_utf8(password))
        else {
            return ServerStep::Failure(Rejection::Malformed);
        };
        if user.is_empty() || password.is_empty() {
            return ServerStep::Failure(Rejection::Malformed);
        }
        let authzid = (!authzid.is_empty()).then_some(authzid);
        prepare::password_verdict(self.accounts, user, &Secret::from(password), authzid)
    }
}

impl Server for PlainServer<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        match response {
            _ if self.over => ServerStep::Failure(Rejection::Over),
            None => ServerStep::Challenge(Vec::new()),
            Some(message) => {
                self.over = true;
                self.verdict(message)
            }
        }
    }
}
