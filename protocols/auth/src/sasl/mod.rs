//! SASL (RFC 4422): one file per mechanism, both sides in it; bytes in, bytes out.
//!
//! A mechanism is a small machine that never sees a socket. The dialogue crate carries its messages: it base64-encodes
//! what comes out ([`encode`]), decodes what the peer sent ([`decode`]), and wraps both in its own commands. The whole
//! of a client's dialogue is:
//!
//! ```
//! use netkit_auth::sasl::{self, Mechanism, SaslError};
//! # use netkit_auth::{Credentials, Secret};
//! # enum Answer<'a> { Challenge(&'a str), Accepted, Refused }
//! # fn send(_: &str) {}
//! # fn answers() -> Vec<Answer<'static>> { vec![Answer::Accepted] }
//! # fn main() -> Result<(), SaslError> {
//! # let credentials = Credentials::password("tim", "tanstaaftanstaaf").expect("a plain name");
//! let login = sasl::Login::new("smtp", "mail.example.org", 25, "fyko+d2lbbFgONRv9qkxdawL");
//! let mut client = sasl::client(Mechanism::Plain, &credentials, &login)?;
//! match client.initial() {
//!     Some(message) => send(&format!("AUTH {} {}", client.name(), sasl::encode_initial(message.expose()))),
//!     None => send(&format!("AUTH {}", client.name())),
//! }
//! for answer in answers() {
//!     match answer {
//!         // An error here means: send the protocol's cancel (`*`), and report the error.
//!         Answer::Challenge(text) => send(&sasl::encode(client.respond(&sasl::decode(text)?)?.expose())),
//!         // The server says yes; the mechanism may still say that this is not the right server.
//!         Answer::Accepted => client.finish()?,
//!         // `client.refusal()` holds what an OAuth server gave as its reason.
//!         Answer::Refused => break,
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod accounts;
mod anonymous;
mod choose;
mod codec;
mod cram_md5;
mod digest_md5;
mod error;
mod external;
mod first;
mod login;
mod mechanism;
mod needed;
mod oauth_refusal;
mod oauthbearer;
mod plain;
mod prepare;
pub mod scram;
mod token_exchange;
mod xoauth2;

use std::fmt;

pub use accounts::Accounts;
pub use anonymous::{AnonymousClient, AnonymousServer};
pub use choose::{ChooseError, choose};
pub use codec::{decode, decode_initial, encode, encode_initial};
pub use cram_md5::{CramMd5Client, CramMd5Server};
pub use digest_md5::{DigestMd5Client, DigestMd5Server};
pub use error::{Field, SaslError};
pub use external::{ExternalClient, ExternalServer};
pub use login::{LoginClient, LoginServer};
pub use mechanism::{Mechanism, Needs, UnknownMechanism};
pub use needed::Login;
pub use oauth_refusal::OAuthRefusal;
pub use oauthbearer::{OAuthBearerClient, OAuthBearerServer};
pub use plain::{PlainClient, PlainServer};
pub use xoauth2::{XOAuth2Client, XOAuth2Server};

use crate::{Credentials, Secret};
use scram::{ChannelBinding, ScramClient, ScramHash, ScramServer};

/// The longest challenge or response looked at, in decoded bytes: RFC 4954 section 4 asks for lines of 12288 octets.
pub const MAX_MESSAGE: usize = 12_288;

/// The client's side of one mechanism, for one login.
pub trait Client: Send + fmt::Debug {
    /// Which mechanism this is.
    fn mechanism(&self) -> Mechanism;

    /// Its registered name.
    fn name(&self) -> &'static str {
        self.mechanism().name()
    }

    /// The initial response (RFC 4422 section 5), or `None` where the server speaks first.
    ///
    /// Where the protocol carries no initial response, do not call this: the server's empty challenge then brings the
    /// same message out of [`respond`](Self::respond).
    fn initial(&mut self) -> Option<Secret>;

    /// Answers a challenge, or takes the data that came with the server's success.
    ///
    /// # Errors
    /// [`SaslError`]: the exchange must be cancelled. The machine is spent: every further call is an error.
    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError>;

    /// Whether all has been said, and the server has proved itself where the mechanism has it do so.
    fn done(&self) -> bool;

    /// Judges a success announced by the server. Call it before believing that success.
    ///
    /// # Errors
    /// [`SaslError::ServerUnverified`] where the server owed a proof; [`SaslError::Incomplete`] when it said yes before
    /// it could know.
    fn finish(&self) -> Result<(), SaslError> {
        match (self.done(), self.mechanism().verifies_server()) {
            (true, _) => Ok(()),
            (false, true) => Err(SaslError::ServerUnverified),
            (false, false) => Err(SaslError::Incomplete),
        }
    }

    /// What the server gave as its reason before it refused a bearer token (XOAUTH2, OAUTHBEARER).
    fn refusal(&self) -> Option<&OAuthRefusal> {
        None
    }
}

/// What the server's side of a mechanism wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerStep {
    /// Send this challenge, and come back with the response.
    Challenge(Vec<u8>),
    /// The client is who it says.
    Success {
        /// The identity to act as: the authorization identity if one was given, else the user.
        user: String,
        /// Last words to the client. A protocol whose success carries no data (SMTP, POP3, IMAP) sends them as one
        /// more challenge and takes an empty response (RFC 4422 section 5).
        data: Option<Vec<u8>>,
    },
    /// The login failed.
    Failure(Rejection),
}

/// Why a server's side refuses. The client is told only that it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Unknown user, wrong password, or a token that is not good.
    #[error("wrong user, password or token")]
    Credentials,
    /// The user may not act as the authorization identity given.
    #[error("not allowed to act as that identity")]
    Identity,
    /// The client broke the mechanism's grammar.
    #[error("malformed response")]
    Malformed,
    /// The exchange is already over.
    #[error("the exchange is over")]
    Over,
}

/// The server's side of one mechanism, for one login.
pub trait Server {
    /// Takes the client's response, `None` at the start when there is no initial response, and says what comes next.
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep;
}

/// The client's side of `mechanism`.
///
/// Of `login`, host, port and service are those dialled; the nonce is used by SCRAM and DIGEST-MD5: at least 18 random
/// bytes in base64, or any printable ASCII without a comma. Randomness is an argument so that an exchange can be replayed.
///
/// # Errors
/// [`SaslError::Missing`], or the reason why a name or a secret cannot be sent by this mechanism. Nothing was sent.
pub fn client(
    mechanism: Mechanism,
    credentials: &Credentials,
    login: &Login<'_>,
) -> Result<Box<dyn Client>, SaslError> {
    let scram = |hash| ScramClient::new(hash, credentials, login.nonce);
    let bound = |hash| {
        prepare::password(credentials, mechanism)?;
        let exporter = login.tls_exporter.ok_or(SaslError::NoChannel)?;
        Ok::<_, SaslError>(scram(hash)?.with_binding(ChannelBinding::TlsExporter(exporter.to_vec())))
    };
    Ok(match mechanism {
        Mechanism::Plain => Box::new(PlainClient::new(credentials)?),
        Mechanism::Login => Box::new(LoginClient::new(credentials)?),
        Mechanism::CramMd5 => Box::new(CramMd5Client::new(credentials)?),
        Mechanism::DigestMd5 => Box::new(DigestMd5Client::new(credentials, login)?),
        Mechanism::ScramSha1 => Box::new(scram(ScramHash::Sha1)?),
        Mechanism::ScramSha256 => Box::new(scram(ScramHash::Sha256)?),
        Mechanism::ScramSha1Plus => Box::new(bound(ScramHash::Sha1)?),
        Mechanism::ScramSha256Plus => Box::new(bound(ScramHash::Sha256)?),
        Mechanism::XOAuth2 => Box::new(XOAuth2Client::new(credentials)?),
        Mechanism::OAuthBearer => Box::new(OAuthBearerClient::new(credentials, login.host, login.port)?),
        Mechanism::External => Box::new(ExternalClient::new(credentials)),
        Mechanism::Anonymous => Box::new(AnonymousClient::new(credentials)?),
    })
}

/// What a server brings to an exchange besides its accounts. Nothing here is secret.
#[derive(Debug, Clone)]
pub struct ServerSetup {
    /// The server's own name, for CRAM-MD5's challenge.
    pub host: String,
    /// Printable ASCII without a comma, fresh for each login: SCRAM's nonce and CRAM-MD5's unique part.
    pub nonce: String,
    /// SCRAM's salt.
    pub salt: Vec<u8>,
    /// SCRAM's iteration count.
    pub iterations: u32,
    /// What TLS exported for this connection (RFC 9266), where `-PLUS` mechanisms are offered.
    pub tls_exporter: Option<Vec<u8>>,
    /// Who the client is by what was shown outside of SASL, for EXTERNAL.
    pub external: Option<String>,
}

impl ServerSetup {
    /// A setup with RFC 7677's 4096 iterations and a salt made from the nonce: passwords here are kept readable, so a
    /// salt that lasts would protect nothing.
    #[must_use]
    pub fn new(host: impl Into<String>, nonce: impl Into<String>) -> Self {
        let nonce = nonce.into();
        let mut salt = ScramHash::Sha256.hash(nonce.as_bytes()).expose().to_vec();
        salt.truncate(16);
        Self { host: host.into(), nonce, salt, iterations: 4096, tls_exporter: None, external: None }
    }
}

/// The server's side of `mechanism`.
#[must_use]
pub fn server<'a>(
    mechanism: Mechanism,
    accounts: &'a dyn Accounts,
    setup: &ServerSetup,
) -> Box<dyn Server + 'a> {
    match mechanism {
        Mechanism::Plain => Box::new(PlainServer::new(accounts)),
        Mechanism::Login => Box::new(LoginServer::new(accounts)),
        Mechanism::CramMd5 => Box::new(CramMd5Server::new(accounts, &setup.host, &setup.nonce)),
        Mechanism::ScramSha1 => Box::new(ScramServer::new(ScramHash::Sha1, accounts, setup)),
        Mechanism::ScramSha256 => Box::new(ScramServer::new(ScramHash::Sha256, accounts, setup)),
        Mechanism::ScramSha1Plus => Box::new(ScramServer::new(ScramHash::Sha1, accounts, setup).plus()),
        Mechanism::ScramSha256Plus => Box::new(ScramServer::new(ScramHash::Sha256, accounts, setup).plus()),
        Mechanism::DigestMd5 => Box::new(DigestMd5Server::new(accounts, setup)),
        Mechanism::XOAuth2 => Box::new(XOAuth2Server::new(accounts)),
        Mechanism::OAuthBearer => Box::new(OAuthBearerServer::new(accounts)),
        Mechanism::External => Box::new(ExternalServer::new(accounts, setup.external.clone())),
        Mechanism::Anonymous => Box::new(AnonymousServer::default()),
    }
}

/// Refuses a challenge or response past [`MAX_MESSAGE`].
fn bounded(message: &[u8]) -> Result<&[u8], SaslError> {
    if message.len() > MAX_MESSAGE { Err(SaslError::TooLong { limit: MAX_MESSAGE }) } else { Ok(message) }
}
