//! Why a login could not be started, or must be broken off.

use thiserror::Error;

use super::{Mechanism, Needs, OAuthRefusal};

/// Which part of the credentials an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The authentication identity.
    User,
    /// The authorization identity.
    Authzid,
    /// The password.
    Password,
    /// The bearer token.
    Token,
    /// The host name the client dialled.
    Host,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user name",
            Self::Authzid => "authorization identity",
            Self::Password => "password",
            Self::Token => "token",
            Self::Host => "host name",
        })
    }
}

/// What can go wrong on the client's side of a mechanism. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SaslError {
    /// The credentials lack what the mechanism needs. Nothing was sent.
    #[error("{mechanism} needs a {needs}, and there is none")]
    Missing {
        /// The mechanism.
        mechanism: Mechanism,
        /// What it needs.
        needs: Needs,
    },
    /// This part may not be empty in this mechanism. Nothing was sent.
    #[error("the {0} is empty")]
    Empty(Field),
    /// This part holds a character the mechanism cannot carry, or SASLprep (RFC 4013) prohibits. Nothing was sent.
    #[error("the {0} has a character this mechanism cannot carry")]
    Prohibited(Field),
    /// This part must be text in UTF-8. Nothing was sent.
    #[error("the {0} is not UTF-8 text")]
    NotText(Field),
    /// The caller's nonce is empty or not printable ASCII without a comma (RFC 5802 section 7). Nothing was sent.
    #[error("the nonce is not printable ASCII without a comma")]
    BadNonce,
    /// The peer's message is not strict base64 (RFC 4648 section 4).
    #[error("the challenge is not base64")]
    NotBase64,
    /// The peer's message is longer than any honest one.
    #[error("the challenge is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The server asks where the mechanism has nothing more to say, or with data where it must be empty.
    #[error("a challenge this mechanism does not have at this point")]
    UnexpectedChallenge,
    /// The server said yes before the mechanism had said all.
    #[error("the server accepted before the exchange was complete")]
    Incomplete,
    /// A part of the challenge breaks the mechanism's grammar.
    #[error("malformed challenge: {0}")]
    Malformed(&'static str),
    /// SCRAM: the server's nonce does not begin with ours and add to it (RFC 5802 section 5.1, attribute `r`).
    #[error("the server's nonce does not continue ours: the exchange may be replayed")]
    ForeignNonce,
    /// SCRAM: an iteration count that would give the password away or keep this computer busy.
    #[error("the server asks for {asked} iterations, allowed are {least} to {most}")]
    Iterations {
        /// What the server asked for; `u32::MAX` stands for any larger number.
        asked: u32,
        /// The fewest allowed.
        least: u32,
        /// The most allowed.
        most: u32,
    },
    /// SCRAM: the server demands an extension (`m=`) that nobody has defined.
    #[error("the server demands an unknown SCRAM extension")]
    MandatoryExtension,
    /// DIGEST-MD5: what the server asks for is not what this client does (RFC 2831 section 2.1.1).
    #[error("the server's DIGEST-MD5 challenge asks for what this program does not do: {0}")]
    Digest(&'static str),
    /// SCRAM `-PLUS`: there is no TLS channel to bind to. Nothing was sent.
    #[error("there is no TLS channel to bind the login to")]
    NoChannel,
    /// SCRAM: the server's signature is wrong: it does not know the password.
    #[error("the server's signature is wrong: it does not know the password")]
    WrongServerSignature,
    /// SCRAM: the server said yes without proving that it knows the password.
    #[error("the server did not prove that it knows the password")]
    ServerUnverified,
    /// SCRAM: the server ended the exchange with `e=` (RFC 5802 section 7, server-error-value).
    #[error("the server ended the login: {0:?}")]
    ServerError(String),
    /// XOAUTH2, OAUTHBEARER: the server refused the token and said why.
    #[error("the server refused the token: {0}")]
    TokenRefused(OAuthRefusal),
}
