//! ANONYMOUS (RFC 4505).
//!
//! ```text
//! message = [email / token]      at most 255 characters, for whoever reads the log
//! ```

use super::first::First;
use super::{Client, Field, Mechanism, Rejection, SaslError, Server, ServerStep, bounded};
use crate::{Credentials, Secret};

/// The longest trace, in characters (RFC 4505 section 2).
const TRACE: usize = 255;

/// ANONYMOUS, the client's side: the credentials' user is the trace that is left, and may be empty.
#[derive(Debug)]
pub struct AnonymousClient {
    first: First,
    spoiled: bool,
}

impl AnonymousClient {
    /// Makes the message.
    ///
    /// # Errors
    /// A trace of more than 255 characters.
    pub fn new(credentials: &Credentials) -> Result<Self, SaslError> {
        if credentials.user.chars().count() > TRACE {
            return Err(SaslError::Prohibited(Field::User));
        }
        Ok(Self { first: First::new(Secret::from(credentials.user.as_str())), spoiled: false })
    }
}

impl Client for AnonymousClient {
    fn mechanism(&self) -> Mechanism {
        Mechanism::Anonymous
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

/// ANONYMOUS, the server's side: everybody is `anonymous`.
#[derive(Debug, Default)]
pub struct AnonymousServer {
    over: bool,
}

impl Server for AnonymousServer {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        let Some(response) = response else { return ServerStep::Challenge(Vec::new()) };
        if std::mem::replace(&mut self.over, true) {
            return ServerStep::Failure(Rejection::Over);
        }
        match bounded(response).ok().and_then(|bytes| str::from_utf8(bytes).ok()) {
            Some(trace) if trace.chars().count() <= TRACE => {
                ServerStep::Success { user: "anonymous".to_owned(), data: None }
            }
            _ => ServerStep::Failure(Rejection::Malformed),
        }
    }
}
