//! EXTERNAL (RFC 4422 appendix A).
//!
//! ```text
//! initial-response = *( UTF8 without NUL )      the authorization identity, or nothing
//! ```

use super::first::First;
use super::{Accounts, Client, Mechanism, Rejection, SaslError, Server, ServerStep, bounded, prepare};
use crate::{Credentials, Secret};

/// EXTERNAL, the client's side: a TLS certificate, or the Unix socket's owner, has said who this is.
#[derive(Debug)]
pub struct ExternalClient {
    first: First,
    spoiled: bool,
}

impl ExternalClient {
    /// Makes the message: the authorization identity, or the user where one was named; mostly empty.
    #[must_use]
    pub fn new(credentials: &Credentials) -> Self {
        let identity = credentials.authzid.as_ref().unwrap_or(&credentials.user);
        Self { first: First::new(Secret::from(identity.as_str())), spoiled: false }
    }
}

impl Client for ExternalClient {
    fn mechanism(&self) -> Mechanism {
        Mechanism::External
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

/// EXTERNAL, the server's side.
pub struct ExternalServer<'a> {
    accounts: &'a dyn Accounts,
    identity: Option<String>,
}

impl<'a> ExternalServer<'a> {
    /// A server to which the client has shown who it is; `None`: it has shown nothing, and cannot log in like this.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts, identity: Option<String>) -> Self {
        Self { accounts, identity }
    }
}

impl Server for ExternalServer<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        let Some(response) = response else { return ServerStep::Challenge(Vec::new()) };
        let Some(identity) = self.identity.take() else {
            return ServerStep::Failure(Rejection::Credentials);
        };
        match bounded(response).ok().and_then(|bytes| str::from_utf8(bytes).ok()) {
            Some(authzid) if !authzid.contains('\0') => {
                let authzid = (!authzid.is_empty()).then_some(authzid);
                prepare::verdict_on_identity(self.accounts, &identity, authzid)
            }
            _ => ServerStep::Failure(Rejection::Malformed),
        }
    }
}
