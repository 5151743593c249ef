//! LOGIN (draft-murchison-sasl-login-00): two prompts, two answers. Obsolete, and still what some servers offer alone.

use super::{Accounts, Client, Mechanism, Rejection, SaslError, Server, ServerStep, bounded, prepare};
use crate::{Credentials, Secret};

/// LOGIN, the client's side.
///
/// The prompts are not compared with anything: servers write `Username:`, `User Name\0`, or their own language, and
/// the draft says that only their order counts.
#[derive(Debug)]
pub struct LoginClient {
    /// What is still to be said, the last first.
    left: Vec<Secret>,
    spoiled: bool,
}

impl LoginClient {
    /// Gets both answers ready.
    ///
    /// # Errors
    /// No or an empty password, or an empty name.
    pub fn new(credentials: &Credentials) -> Result<Self, SaslError> {
        let user = prepare::user(credentials)?;
        let password = prepare::password(credentials, Mechanism::Login)?;
        Ok(Self { left: vec![password.clone(), Secret::from(user)], spoiled: false })
    }
}

impl Client for LoginClient {
    fn mechanism(&self) -> Mechanism {
        Mechanism::Login
    }

    fn initial(&mut self) -> Option<Secret> {
        None
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        let answer = bounded(challenge).and_then(|_| self.left.pop().ok_or(SaslError::UnexpectedChallenge));
        if answer.is_err() {
            self.left.clear();
            self.spoiled = true;
        }
        answer
    }

    fn done(&self) -> bool {
        self.left.is_empty() && !self.spoiled
    }
}

/// How far the server's side is.
enum State {
    Start,
    AskedUser,
    AskedPassword { user: String },
    Over,
}

/// LOGIN, the server's side.
pub struct LoginServer<'a> {
    accounts: &'a dyn Accounts,
    state: State,
}

impl<'a> LoginServer<'a> {
    /// A server over these accounts.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts) -> Self {
        Self { accounts, state: State::Start }
    }
}

impl Server for LoginServer<'_> {
    /// An initial response is taken for the user name, as servers in the field do.
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        let state = std::mem::replace(&mut self.state, State::Over);
        match (state, response) {
            (State::Start, None) => {
                self.state = State::AskedUser;
                ServerStep::Challenge(b"Username:".to_vec())
            }
            (State::Start | State::AskedUser, Some(user)) => {
                let Ok(Ok(user)) = bounded(user).map(|user| String::from_utf8(user.to_vec())) else {
                    return ServerStep::Failure(Rejection::Malformed);
                };
                self.state = State::AskedPassword { user };
                ServerStep::Challenge(b"Password:".to_vec())
            }
            (State::AskedPassword { user }, Some(password)) => match bounded(password) {
                Ok(password) => {
                    prepare::password_verdict(self.accounts, &user, &Secret::from(password), None)
                }
                Err(_) => ServerStep::Failure(Rejection::Malformed),
            },
            (State::Over, _) => ServerStep::Failure(Rejection::Over),
            (State::AskedUser | State::AskedPassword { .. }, None) => {
                ServerStep::Failure(Rejection::Malformed)
            }
        }
    }
}
