//! SCRAM, the client's side (RFC 5802 sections 3 and 5).

use std::ops::RangeInclusive;

use super::keys::Keys;
use super::message::{ServerFirst, server_final};
use super::{EXPORTER_FLAG, ScramHash, is_nonce, saslname};
use crate::sasl::{Client, Field, Mechanism, SaslError, encode, prepare};
use crate::{Credentials, Secret};

/// The GS2 header's channel binding flag (RFC 5802 section 6, RFC 5801 section 4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `n`: this client does not bind to the channel.
    #[default]
    Unsupported,
    /// `y`: this client could, and saw no `-PLUS` mechanism offered. A server that did offer one then knows that
    /// somebody between has struck it out, and refuses.
    NotOffered,
    /// `p=tls-exporter`: these bytes were exported from the TLS connection (RFC 9266); the mechanism is a `-PLUS` one.
    TlsExporter(Vec<u8>),
}

impl ChannelBinding {
    /// The flag in the GS2 header.
    const fn flag(&self) -> &'static str {
        match self {
            Self::Unsupported => "n",
            Self::NotOffered => "y",
            Self::TlsExporter(_) => EXPORTER_FLAG,
        }
    }

    /// `cb-data`, which follows the GS2 header in `c=`: empty but for a `p=` flag.
    fn data(&self) -> &[u8] {
        match self {
            Self::Unsupported | Self::NotOffered => b"",
            Self::TlsExporter(data) => data,
        }
    }
}

/// How far the dialogue is.
#[derive(Debug)]
enum State {
    Start,
    FirstSent { password: Secret },
    FinalSent { server_signature: Secret },
    Verified,
    Failed,
}

/// SCRAM, the client's side, for one login.
#[derive(Debug)]
pub struct ScramClient {
    hash: ScramHash,
    user: String,
    authzid: Option<String>,
    password: Option<Secret>,
    nonce: String,
    binding: ChannelBinding,
    iterations: RangeInclusive<u32>,
    state: State,
}

impl ScramClient {
    /// The iteration counts taken: RFC 7677 section 4 asks servers for at least 4096 and some old stores have less;
    /// below 1000 a captured exchange is guessed too quickly, and ten million keep a computer busy for seconds, which
    /// is what a hostile server would ask for.
    pub const ITERATIONS: RangeInclusive<u32> = 1_000..=10_000_000;

    /// Prepares name and password (RFC 5802 section 5.1: SASLprep).
    ///
    /// # Errors
    /// No or an empty password or name, characters SASLprep prohibits, or [`SaslError::BadNonce`].
    pub fn new(hash: ScramHash, credentials: &Credentials, nonce: &str) -> Result<Self, SaslError> {
        let password = prepare::password(credentials, hash.mechanism())?;
        let password = password.expose_str().map_err(|_| SaslError::NotText(Field::Password))?;
        let password = Secret::from(prepare::saslprep(password, Field::Password)?);
        if password.is_empty() {
            return Err(SaslError::Empty(Field::Password));
        }
        let user = prepare::saslprep(prepare::user(credentials)?, Field::User)?;
        if user.is_empty() {
            return Err(SaslError::Empty(Field::User));
        }
        if !is_nonce(nonce) {
            return Err(SaslError::BadNonce);
        }
        Ok(Self {
            hash,
            user,
            authzid: credentials.authzid.as_deref().filter(|name| !name.is_empty()).map(str::to_owned),
            password: Some(password),
            nonce: nonce.to_owned(),
            binding: ChannelBinding::default(),
            iterations: Self::ITERATIONS,
            state: State::Start,
        })
    }

    /// The same client with another GS2 flag.
    #[must_use]
    pub fn with_binding(mut self, binding: ChannelBinding) -> Self {
        self.binding = binding;
        self
    }

    /// The same client, taking other iteration counts than [`ITERATIONS`](Self::ITERATIONS).
    #[must_use]
    pub fn with_iterations(mut self, allowed: RangeInclusive<u32>) -> Self {
        self.iterations = allowed;
        self
    }

    fn gs2_header(&self) -> String {
        let authzid = self.authzid.as_deref().map(|name| format!("a={}", saslname::escape(name)));
        format!("{},{},", self.binding.flag(), authzid.unwrap_or_default())
    }

    fn first_bare(&self) -> String {
        format!("n={},r={}", saslname::escape(&self.user), self.nonce)
    }

    /// `client-first-message`, once.
    fn first(&mut self) -> Option<Secret> {
        let password = self.password.take()?;
        self.state = State::FirstSent { password };
        Some(Secret::from(self.gs2_header() + &self.first_bare()))
    }

    /// `client-final-message`, in answer to the server's first.
    fn last(&mut self, password: &Secret, server_first: &[u8]) -> Result<Secret, SaslError> {
        let server = ServerFirst::parse(server_first)?;
        // Only ours would be a replay of our own message, another beginning a replay of somebody else's.
        if server.nonce.strip_prefix(&self.nonce).is_none_or(str::is_empty) || !is_nonce(server.nonce) {
            return Err(SaslError::ForeignNonce);
        }
        if !self.iterations.contains(&server.iterations) {
            let (least, most) = (*self.iterations.start(), *self.iterations.end());
            return Err(SaslError::Iterations { asked: server.iterations, least, most });
        }
        let keys = Keys::derive(self.hash, password, &server.salt, server.iterations);
        let binding = [self.gs2_header().as_bytes(), self.binding.data()].concat();
        let without_proof = format!("c={},r={}", encode(&binding), server.nonce);
        let bare = self.first_bare();
        let auth_message = [bare.as_bytes(), server_first, without_proof.as_bytes()].join(&b',');
        let proof = encode(keys.client_proof(&auth_message).expose());
        self.state = State::FinalSent { server_signature: keys.server_signature(&auth_message) };
        Ok(Secret::from(format!("{without_proof},p={proof}")))
    }
}

impl Client for ScramClient {
    fn mechanism(&self) -> Mechanism {
        match self.binding {
            ChannelBinding::TlsExporter(_) => self.hash.plus(),
            _ => self.hash.mechanism(),
        }
    }

    fn initial(&mut self) -> Option<Secret> {
        self.first()
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        // Whatever goes wrong below, the machine stays failed.
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Start if challenge.is_empty() => self.first().ok_or(SaslError::UnexpectedChallenge),
            State::FirstSent { password } => self.last(&password, challenge),
            State::FinalSent { server_signature } => {
                if Secret::from(server_final(challenge)?) != server_signature {
                    return Err(SaslError::WrongServerSignature);
                }
                self.state = State::Verified;
                Ok(Secret::default())
            }
            State::Start | State::Verified | State::Failed => Err(SaslError::UnexpectedChallenge),
        }
    }

    fn done(&self) -> bool {
        matches!(self.state, State::Verified)
    }
}
