//! DIGEST-MD5, the server's side.

use super::directives::{Directives, quote};
use super::{COUNT, Exchange, Side};
use crate::Secret;
use crate::sasl::{Accounts, Rejection, SaslError, Server, ServerSetup, ServerStep, prepare};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Asked,
    Over,
}

/// DIGEST-MD5, the server's side, for one login. The realm is the setup's host.
pub struct DigestMd5Server<'a> {
    accounts: &'a dyn Accounts,
    realm: String,
    nonce: String,
    state: State,
}

impl<'a> DigestMd5Server<'a> {
    /// A server over these accounts.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts, setup: &ServerSetup) -> Self {
        Self { accounts, realm: setup.host.clone(), nonce: setup.nonce.clone(), state: State::Start }
    }

    fn ask(&self) -> Vec<u8> {
        let (realm, nonce) = (quote(&self.realm), quote(&self.nonce));
        format!("realm={realm},nonce={nonce},qop=\"auth\",algorithm=md5-sess,charset=utf-8").into_bytes()
    }

    /// What the client says it computed over; an error where it breaks the grammar or another's challenge is answered.
    fn read(&self, message: &[u8]) -> Result<(Exchange, Secret), SaslError> {
        let directives = Directives::parse(message)?;
        let text = |name| directives.one(name)?.map(str::to_owned).ok_or(SaslError::Malformed("directive"));
        let exchange = Exchange {
            user: text("username")?,
            realm: directives.one("realm")?.unwrap_or_default().to_owned(),
            nonce: text("nonce")?,
            cnonce: text("cnonce")?,
            uri: text("digest-uri")?,
            authzid: directives.one("authzid")?.filter(|name| !name.is_empty()).map(str::to_owned),
            utf8: directives.one("charset")?.is_some(),
        };
        let fits = exchange.nonce == self.nonce
            && (exchange.realm.is_empty() || exchange.realm == self.realm)
            && text("nc")? == COUNT
            && directives.one("qop")?.is_none_or(|qop| qop == "auth");
        match fits {
            true => Ok((exchange, Secret::from(text("response")?))),
            false => Err(SaslError::Malformed("not an answer to this challenge")),
        }
    }

    fn verdict(&self, message: &[u8]) -> ServerStep {
        let Ok((exchange, response)) = self.read(message) else {
            return ServerStep::Failure(Rejection::Malformed);
        };
        let proofs = self.accounts.password(&exchange.user).filter(|password| !password.is_empty()).and_then(
            |password| {
                let ours = exchange.proof(&password, Side::Client).ok()?;
                Some((ours, exchange.proof(&password, Side::Server).ok()?))
            },
        );
        let server_proof = match proofs {
            Some((ours, server)) if ours == response => server,
            _ => return ServerStep::Failure(Rejection::Credentials),
        };
        match prepare::verdict_on_identity(self.accounts, &exchange.user, exchange.authzid.as_deref()) {
            ServerStep::Success { user, .. } => {
                let data = [b"rspauth=".as_slice(), server_proof.expose()].concat();
                ServerStep::Success { user, data: Some(data) }
            }
            other => other,
        }
    }
}

impl Server for DigestMd5Server<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        match (std::mem::replace(&mut self.state, State::Over), response) {
            (State::Start, None) => {
                self.state = State::Asked;
                ServerStep::Challenge(self.ask())
            }
            (State::Asked, Some(message)) => self.verdict(message),
            (State::Over, _) => ServerStep::Failure(Rejection::Over),
            // An initial response would be subsequent authentication (RFC 2831 section 2.2), which is not offered.
            (State::Start | State::Asked, _) => ServerStep::Failure(Rejection::Malformed),
        }
    }
}
