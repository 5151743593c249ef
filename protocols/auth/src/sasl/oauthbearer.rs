//! OAUTHBEARER (RFC 7628).
//!
//! ```text
//! client-resp = gs2-header %x01 *( key "=" value %x01 ) %x01              section 3.1
//! gs2-header  = ( "n" / "y" / "p=" name ) "," [ "a=" saslname ] ","       RFC 5801 section 4
//! ```
//!
//! A refused token gets a JSON object, which is answered with a single %x01 (section 3.2.3).

use super::scram::saslname;
use super::token_exchange::{TokenClient, TokenServer};
use super::{
    Accounts, Client, Field, Mechanism, OAuthRefusal, SaslError, Server, ServerStep, bounded, prepare,
};
use crate::{Credentials, Secret};

/// OAUTHBEARER, the client's side.
#[derive(Debug)]
pub struct OAuthBearerClient(TokenClient);

impl OAuthBearerClient {
    /// Makes the message for the host and port dialled. The user goes into the GS2 header's authorization identity,
    /// as the RFC's examples have it; `authzid`, when set, stands there instead.
    ///
    /// # Errors
    /// No token, one that is not a `b64token` (RFC 6750 section 2.1), a name with a 0x01 or a host with a control
    /// character in it.
    pub fn new(credentials: &Credentials, host: &str, port: u16) -> Result<Self, SaslError> {
        let token = prepare::token(credentials, Mechanism::OAuthBearer)?;
        let (identity, field) = match &credentials.authzid {
            Some(authzid) => (authzid.as_str(), Field::Authzid),
            None => (credentials.user.as_str(), Field::User),
        };
        if identity.contains('\u{1}') {
            return Err(SaslError::Prohibited(field));
        }
        if host.chars().any(char::is_control) {
            return Err(SaslError::Prohibited(Field::Host));
        }
        let gs2 = if identity.is_empty() {
            "n,,".to_owned()
        } else {
            format!("n,a={},", saslname::escape(identity))
        };
        let head = format!("{gs2}\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer ");
        let message = Secret::concat(&[head.as_bytes(), token.expose(), b"\x01\x01"]);
        Ok(Self(TokenClient::new(message, "\u{1}")))
    }
}

impl Client for OAuthBearerClient {
    fn mechanism(&self) -> Mechanism {
        Mechanism::OAuthBearer
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

/// What a refused client is told (RFC 7628 section 3.2.2).
const REFUSAL: &str = r#"{"status":"invalid_token","scope":"mail","schemes":"bearer"}"#;

/// OAUTHBEARER, the server's side.
pub struct OAuthBearerServer<'a>(TokenServer<'a>);

impl<'a> OAuthBearerServer<'a> {
    /// A server over these accounts.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts) -> Self {
        Self(TokenServer::new(accounts))
    }
}

impl Server for OAuthBearerServer<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        self.0.challenge(response, read, REFUSAL)
    }
}

/// The identity and the token in a message, or `None` when it is malformed. Channel binding is not supported, so `p=`
/// is refused; `host`, `port` and unknown keys are passed over (section 3.1).
fn read(message: &[u8]) -> Option<(String, Secret)> {
    let message = str::from_utf8(bounded(message).ok()?).ok()?.strip_suffix("\u{1}\u{1}")?;
    let (header, pairs) = message.split_once('\u{1}')?;
    let header = header.strip_prefix("n,").or_else(|| header.strip_prefix("y,"))?;
    let identity = match header.strip_suffix(',')?.strip_prefix("a=") {
        Some(name) => saslname::unescape(name)?,
        None if header == "," => String::new(),
        None => return None,
    };
    let auth = pairs.split('\u{1}').find_map(|pair| pair.strip_prefix("auth="))?;
    let (scheme, token) = auth.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| (identity, Secret::from(token)))
}
