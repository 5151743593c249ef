//! The dialogue XOAUTH2 and OAUTHBEARER share: one message with a token in it, and if that is refused, a JSON object
//! from the server with a fixed answer from the client (RFC 7628 section 3.2.3). Only the messages differ.

use super::first::First;
use super::{Accounts, OAuthRefusal, Rejection, SaslError, ServerStep};
use crate::Secret;

/// The client's side.
#[derive(Debug)]
pub(super) struct TokenClient {
    first: First,
    /// What is said to a refusal.
    farewell: &'static str,
    refusal: Option<OAuthRefusal>,
    spoiled: bool,
}

impl TokenClient {
    pub(super) fn new(message: Secret, farewell: &'static str) -> Self {
        Self { first: First::new(message), farewell, refusal: None, spoiled: false }
    }

    pub(super) fn initial(&mut self) -> Option<Secret> {
        self.first.take()
    }

    pub(super) fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        let answer = if !self.first.is_sent() {
            self.first.answer(challenge)
        } else if self.refusal.is_some() || self.spoiled || challenge.is_empty() {
            Err(SaslError::UnexpectedChallenge)
        } else {
            OAuthRefusal::read(challenge).map(|refusal| {
                self.refusal = Some(refusal);
                Secret::from(self.farewell)
            })
        };
        self.spoiled |= answer.is_err();
        answer
    }

    pub(super) fn done(&self) -> bool {
        self.first.is_sent() && self.refusal.is_none() && !self.spoiled
    }

    /// A server that says yes after it has said why not is not believed.
    pub(super) fn finish(&self) -> Result<(), SaslError> {
        match &self.refusal {
            Some(refusal) => Err(SaslError::TokenRefused(refusal.clone())),
            None if self.done() => Ok(()),
            None => Err(SaslError::Incomplete),
        }
    }

    pub(super) fn refusal(&self) -> Option<&OAuthRefusal> {
        self.refusal.as_ref()
    }
}

/// The server's side.
pub(super) struct TokenServer<'a> {
    accounts: &'a dyn Accounts,
    state: State,
}

enum State {
    Start,
    Refused,
    Over,
}

impl<'a> TokenServer<'a> {
    pub(super) fn new(accounts: &'a dyn Accounts) -> Self {
        Self { accounts, state: State::Start }
    }

    /// One step, where `read` finds the identity and the token in the client's message and `refusal` is the JSON for
    /// a token that is not good.
    pub(super) fn challenge(
        &mut self,
        response: Option<&[u8]>,
        read: fn(&[u8]) -> Option<(String, Secret)>,
        refusal: &str,
    ) -> ServerStep {
        match (std::mem::replace(&mut self.state, State::Over), response) {
            (State::Start, None) => {
                self.state = State::Start;
                ServerStep::Challenge(Vec::new())
            }
            (State::Start, Some(message)) => match read(message) {
                None => ServerStep::Failure(Rejection::Malformed),
                Some((user, token)) if self.accounts.token_ok(&user, &token) => {
                    ServerStep::Success { user, data: None }
                }
                Some(_) => {
                    self.state = State::Refused;
                    ServerStep::Challenge(refusal.as_bytes().to_vec())
                }
            },
            (State::Refused, _) => ServerStep::Failure(Rejection::Credentials),
            (State::Over, _) => ServerStep::Failure(Rejection::Over),
        }
    }
}
