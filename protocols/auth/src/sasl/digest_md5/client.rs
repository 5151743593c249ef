//! DIGEST-MD5, the client's side.

use super::directives::{Directives, quote};
use super::{COUNT, Exchange, Side};
use crate::sasl::{Client, Login, Mechanism, SaslError, prepare};
use crate::{Credentials, Secret};

/// How far the dialogue is.
#[derive(Debug)]
enum State {
    Start { password: Secret },
    Sent { server_proof: Secret },
    Verified,
    Failed,
}

/// DIGEST-MD5, the client's side, for one login.
#[derive(Debug)]
pub struct DigestMd5Client {
    exchange: Exchange,
    state: State,
}

impl DigestMd5Client {
    /// Keeps name and password until the challenge comes.
    ///
    /// # Errors
    /// No or an empty password, an empty name, or a nonce that is no printable ASCII.
    pub fn new(credentials: &Credentials, login: &Login<'_>) -> Result<Self, SaslError> {
        let user = prepare::user(credentials)?.to_owned();
        let password = prepare::password(credentials, Mechanism::DigestMd5)?.clone();
        if login.nonce.is_empty()
            || !login.nonce.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        {
            return Err(SaslError::BadNonce);
        }
        let authzid = credentials.authzid.as_deref().filter(|name| !name.is_empty()).map(str::to_owned);
        let exchange = Exchange {
            user,
            cnonce: login.nonce.to_owned(),
            uri: format!("{}/{}", login.service, login.host),
            authzid,
            ..Exchange::default()
        };
        Ok(Self { exchange, state: State::Start { password } })
    }

    fn answer(&mut self, password: &Secret, challenge: &[u8]) -> Result<Secret, SaslError> {
        let directives = Directives::parse(challenge)?;
        let nonce = directives.one("nonce")?.filter(|nonce| !nonce.is_empty());
        nonce.ok_or(SaslError::Malformed("no nonce where it belongs"))?.clone_into(&mut self.exchange.nonce);
        if directives.one("algorithm")?.is_none_or(|name| !name.eq_ignore_ascii_case("md5-sess")) {
            return Err(SaslError::Digest("an algorithm other than md5-sess"));
        }
        let auth = |list: &str| list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"));
        if directives.one("qop")?.is_some_and(|list| !auth(list)) {
            return Err(SaslError::Digest("a security layer"));
        }
        self.exchange.utf8 = match directives.one("charset")? {
            None => false,
            Some(name) if name.eq_ignore_ascii_case("utf-8") => true,
            Some(_) => return Err(SaslError::Digest("a charset other than UTF-8")),
        };
        let realm = directives.all("realm").next();
        realm.unwrap_or_default().clone_into(&mut self.exchange.realm);
        let exchange = &self.exchange;
        let proof = exchange.proof(password, Side::Client)?;
        let mut head = String::new();
        if exchange.utf8 {
            head.push_str("charset=utf-8,");
        }
        head.push_str(&format!("username={}", quote(&exchange.user)));
        if let Some(realm) = realm {
            head.push_str(&format!(",realm={}", quote(realm)));
        }
        head.push_str(&format!(
            ",nonce={},nc={COUNT},cnonce={},digest-uri={},response=",
            quote(&exchange.nonce),
            quote(&exchange.cnonce),
            quote(&exchange.uri)
        ));
        let authzid = exchange.authzid.as_deref().map(|name| format!(",authzid={}", quote(name)));
        let tail = format!(",qop=auth{}", authzid.unwrap_or_default());
        self.state = State::Sent { server_proof: exchange.proof(password, Side::Server)? };
        Ok(Secret::concat(&[head.as_bytes(), proof.expose(), tail.as_bytes()]))
    }
}

impl Client for DigestMd5Client {
    fn mechanism(&self) -> Mechanism {
        Mechanism::DigestMd5
    }

    fn initial(&mut self) -> Option<Secret> {
        None
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Start { password } => self.answer(&password, challenge),
            State::Sent { server_proof } => {
                let directives = Directives::parse(challenge)?;
                match directives.one("rspauth")? {
                    Some(proof) if Secret::from(proof) == server_proof => {
                        self.state = State::Verified;
                        Ok(Secret::default())
                    }
                    _ => Err(SaslError::WrongServerSignature),
                }
            }
            State::Verified | State::Failed => Err(SaslError::UnexpectedChallenge),
        }
    }

    fn done(&self) -> bool {
        matches!(self.state, State::Verified)
    }
}
