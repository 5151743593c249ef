//! SCRAM, the server's side (RFC 5802 sections 3 and 5).

use super::keys::Keys;
use super::message::{ClientFinal, ClientFirst};
use super::{EXPORTER_FLAG, ScramHash, is_nonce, saslname};
use crate::Secret;
use crate::sasl::{Accounts, Field, Rejection, Server, ServerSetup, ServerStep, encode, prepare};

/// What the server keeps between the client's two messages.
struct Greeted {
    /// What `c=` must decode to: the GS2 header and the channel binding's data.
    binding: Vec<u8>,
    client_first_bare: String,
    server_first: String,
    nonce: String,
    user: String,
    authzid: Option<String>,
}

enum State {
    Start,
    Greeted(Greeted),
    Over,
}

/// SCRAM, the server's side, for one login.
pub struct ScramServer<'a> {
    hash: ScramHash,
    accounts: &'a dyn Accounts,
    setup: ServerSetup,
    plus: bool,
    state: State,
}

impl<'a> ScramServer<'a> {
    /// A server over these accounts. The setup's salt, iterations and nonce go into its first message.
    #[must_use]
    pub fn new(hash: ScramHash, accounts: &'a dyn Accounts, setup: &ServerSetup) -> Self {
        Self { hash, accounts, setup: setup.clone(), plus: false, state: State::Start }
    }

    /// The same server for the `-PLUS` mechanism: the client must bind to the setup's exporter.
    #[must_use]
    pub fn plus(mut self) -> Self {
        self.plus = true;
        self
    }

    /// What the client's channel binding must be; `None` where its flag does not go with the mechanism.
    fn binding(&self, first: &ClientFirst<'_>) -> Option<Vec<u8>> {
        let exporter = self.setup.tls_exporter.as_deref();
        let data = match (first.flag, self.plus, exporter) {
            (EXPORTER_FLAG, true, Some(exporter)) => exporter,
            ("n", false, _) => b"",
            // The client could bind and did not see that this server could: somebody struck it out (RFC 5802 section 6).
            ("y", false, None) => b"",
            _ => return None,
        };
        Some([first.gs2_header.as_bytes(), data].concat())
    }

    /// Reads the client's first message and answers it. A user who does not exist is answered alike, so that names
    /// cannot be tried out.
    fn greet(&self, message: &[u8]) -> Option<Greeted> {
        let first = ClientFirst::parse(message)?;
        let user = prepare::saslprep(&saslname::unescape(first.user)?, Field::User).ok()?;
        let authzid = match first.authzid {
            Some(name) => Some(saslname::unescape(name)?),
            None => None,
        };
        if user.is_empty() || !is_nonce(first.nonce) {
            return None;
        }
        let nonce = format!("{}{}", first.nonce, self.setup.nonce);
        Some(Greeted {
            binding: self.binding(&first)?,
            client_first_bare: first.bare.to_owned(),
            server_first: format!("r={nonce},s={},i={}", encode(&self.setup.salt), self.setup.iterations),
            nonce,
            user,
            authzid,
        })
    }

    fn verdict(&self, greeted: &Greeted, message: &[u8]) -> ServerStep {
        let Some(last) = ClientFinal::parse(message) else {
            return ServerStep::Failure(Rejection::Malformed);
        };
        if last.nonce != greeted.nonce || last.binding != greeted.binding {
            return ServerStep::Failure(Rejection::Malformed);
        }
        let stored = self.accounts.password(&greeted.user);
        let stored = stored.as_ref().and_then(|password| password.expose_str().ok());
        let Some(Ok(password)) = stored.map(|text| prepare::saslprep(text, Field::Password)) else {
            return ServerStep::Failure(Rejection::Credentials);
        };
        let keys = Keys::derive(self.hash, &Secret::from(password), &self.setup.salt, self.setup.iterations);
        let auth_message =
            [&greeted.client_first_bare, greeted.server_first.as_str(), last.without_proof].join(",");
        if !keys.proves(&Secret::from(last.proof), auth_message.as_bytes()) {
            return ServerStep::Failure(Rejection::Credentials);
        }
        match prepare::verdict_on_identity(self.accounts, &greeted.user, greeted.authzid.as_deref()) {
            ServerStep::Success { user, .. } => {
                let signature = keys.server_signature(auth_message.as_bytes());
                let data = format!("v={}", encode(signature.expose())).into_bytes();
                ServerStep::Success { user, data: Some(data) }
            }
            other => other,
        }
    }
}

impl Server for ScramServer<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        match (std::mem::replace(&mut self.state, State::Over), response) {
            (State::Start, None) => {
                self.state = State::Start;
                ServerStep::Challenge(Vec::new())
            }
            (State::Start, Some(message)) => match self.greet(message) {
                Some(greeted) => {
                    let challenge = greeted.server_first.clone().into_bytes();
                    self.state = State::Greeted(greeted);
                    ServerStep::Challenge(challenge)
                }
                None => ServerStep::Failure(Rejection::Malformed),
            },
            (State::Greeted(greeted), Some(message)) => self.verdict(&greeted, message),
            (State::Greeted(_), None) => ServerStep::Failure(Rejection::Malformed),
            (State::Over, _) => ServerStep::Failure(Rejection::Over),
        }
    }
}
