//! What can be wrong with a value of `Authorization` or `WWW-Authenticate`.

use thiserror::Error;

/// Why a header value cannot be made or understood. No variant holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HttpAuthError {
    /// Basic needs a password, and the credentials have none. Nothing was made.
    #[error("Basic needs a password, and there is none")]
    NoPassword,
    /// Bearer needs a token, and the credentials have none. Nothing was made.
    #[error("Bearer needs a token, and there is none")]
    NoToken,
    /// A colon ends the user-id (RFC 7617 section 2), so it cannot hold one.
    #[error("the user name has a colon, which Basic cannot carry")]
    ColonInUser,
    /// User-id and password cannot hold control characters (RFC 7617 section 2).
    #[error("the user name or password has a control character, which Basic cannot carry")]
    ControlCharacter,
    /// The token is not a `b64token` (RFC 6750 section 2.1).
    #[error("the token has a character a bearer token cannot have")]
    NotBearerToken,
    /// The value breaks the grammar of RFC 9110 section 11 at this byte.
    #[error("malformed authentication header at byte {at}")]
    Malformed {
        /// Byte offset in the value.
        at: usize,
    },
    /// The value is longer, or has more parts, than any honest one.
    #[error("authentication header longer than the limit of {limit}")]
    TooLong {
        /// The limit passed, in bytes or parts.
        limit: usize,
    },
    /// A Digest challenge by an unknown algorithm or `qop`, or by RFC 2069, which has no `qop`.
    #[error("a Digest challenge whose algorithm or qop is unknown")]
    DigestUnknown,
    /// A Digest parameter that must be there is not.
    #[error("a Digest parameter is missing or malformed")]
    DigestIncomplete,
    /// The server's proof is wrong: it does not know the password, or somebody changed the answer.
    #[error("the server's proof that it knows the password is wrong")]
    DigestMismatch,
    /// A scheme this crate does not speak.
    #[error("an authentication scheme other than Basic, Bearer and Digest")]
    UnknownScheme,
}
