//! XOAUTH2, as Google and Microsoft document it.
//!
//! ```text
//! message = "user=" user %x01 "auth=Bearer " token %x01 %x01
//! ```
//!
//! A refused token gets one more challenge, a JSON object that says why. It must be answered with an empty response,
//! upon which the server fails the login; a client that does not answer hangs.

use super::token_exchange::{TokenClient, TokenServer};
use super::{
    Accounts, Client, Field, Mechanism, OAuthRefusal, SaslError, Server, ServerStep, bounded, prepare,
};
use crate::{Credentials, Secret};

/// XOAUTH2, the client's side.
#[derive(Debug)]
pub struct XOAuth2Client(TokenClient);

impl XOAuth2Client {
    /// Makes the message.
    ///
    /// # Errors
    /// No token, one that is not a `b64token` (RFC 6750 section 2.1), an empty name, or one with a 0x01 in it.
    pub fn new(credentials: &Credentials) -> Result<Self, SaslError> {
        let token = prepare::token(credentials, Mechanism::XOAuth2)?;
        let user = prepare::user(credentials)?;
        if user.contains('\u{1}') {
            return Err(SaslError::Prohibited(Field::User));
        }
        let parts: [&[u8]; 5] = [b"user=", user.as_bytes(), b"\x01auth=Bearer ", token.expose(), b"\x01\x01"];
        Ok(Self(TokenClient::new(Secret::concat(&parts), "")))
    }
}

impl Client for XOAuth2Client {
    fn mechanism(&self) -> Mechanism {
        Mechanism::XOAuth2
    }

    fn initial(&mut self) -> Option<Secret> {
        self.0.initial()
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        self.0.respond(challenge)
    }

    fn done(&self) -> bool {
        self.0.done()
    }

    fn finish(&self) -> Result<(), SaslError> {
        self.0.finish()
    }

    fn refusal(&self) -> Option<&OAuthRefusal> {
        self.0.refusal()
    }
}

/// What a refused client is told, in the form of Google's documentation.
const REFUSAL: &str = r#"{"status":"401","schemes":"bearer","scope":"https://mail.example.org/"}"#;

/// XOAUTH2, the server's side.
pub struct XOAuth2Server<'a>(TokenServer<'a>);

impl<'a> XOAuth2Server<'a> {
    /// A server over these accounts.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts) -> Self {
        Self(TokenServer::new(accounts))
    }
}

impl Server for XOAuth2Server<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        self.0.challenge(response, read, REFUSAL)
    }
}

/// The user and the token in a message, or `None` when it is malformed.
fn read(message: &[u8]) -> Option<(String, Secret)> {
    let message = str::from_utf8(bounded(message).ok()?).ok()?.strip_suffix("\u{1}\u{1}")?;
    let (user, auth) = message.strip_prefix("user=")?.split_once('\u{1}')?;
    let token = auth.strip_prefix("auth=Bearer ").filter(|token| !token.contains('\u{1}'))?;
    (!user.is_empty()).then(|| (user.to_owned(), Secret::from(token)))
}
