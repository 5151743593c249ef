//! What can go wrong, and whose fault it is: the six names every netkit protocol has, and three of POP3's own.

use std::fmt;

use netkit_auth::sasl::{ChooseError, Mechanism, SaslError};
use netkit_socket::NetError;
use netkit_wire::Fault;

use crate::answer::{Answer, ResponseCode};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No conversation came about: the name, the connection or TLS.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The conversation broke.
    #[error(transparent)]
    Wire(#[from] Fault),
    /// The server understood and said no.
    #[error("the server refused: {0}")]
    Refused(Answer),
    /// An answer that this command cannot have: the conversation is out of step, or the peer is no POP3 server.
    #[error("an answer this command cannot have: {0}")]
    Unexpected(Answer),
    /// The server does not offer it. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// TLS was asked for, and the server refused STLS (RFC 2595 section 4). Only [`connect`](crate::connect()) says this;
    /// nothing went in clear text.
    #[error("the server refused STLS: {0}")]
    TlsRefused(Answer),
    /// The server refused the login, or it was broken off on this side: the server's part of it was wrong.
    #[error("login: {0}")]
    Sasl(#[from] SaslError),
    /// The session is over: an earlier call ended or broke it.
    #[error("the session is over: an earlier call ended it")]
    Over,
}

impl Error {
    /// Whether the same call may work later, on a new connection or after a while.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(NetError::Invalid { .. } | NetError::Tls { .. }) => false,
            Error::Net(_) => true,
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(answer) => matches!(
                answer.code(),
                Some(ResponseCode::InUse | ResponseCode::LoginDelay | ResponseCode::SysTemp)
            ),
            _ => false,
        }
    }

    /// Whether the conversation is in step and may go on with another command.
    pub fn connection_is_usable(&self) -> bool {
        match self {
            Error::Refused(_) | Error::Unsupported(_) | Error::Invalid(_) => true,
            Error::Sasl(why) => !matches!(
                why,
                SaslError::ServerUnverified | SaslError::WrongServerSignature | SaslError::Incomplete
            ),
            _ => false,
        }
    }

    /// Whether this is about who the user is (RFC 3206 section 4), or the login's own errors.
    pub fn is_login(&self) -> bool {
        match self {
            Error::Refused(answer) => answer.code() == Some(ResponseCode::Auth),
            Error::Sasl(_) | Error::Unsupported(Unsupported::Login(_) | Unsupported::Mechanism(_)) => true,
            Error::Unsupported(Unsupported::ClearPassword | Unsupported::Apop) => true,
            _ => false,
        }
    }
}

/// What a server would have had to offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A capability of this tag (RFC 2449 section 6).
    #[error("the server does not offer {0}")]
    Capability(&'static str),
    /// This login mechanism.
    #[error("the server does not offer SASL {0}")]
    Mechanism(Mechanism),
    /// No login mechanism fits.
    #[error(transparent)]
    Login(#[from] ChooseError),
    /// Only the password itself would do, and the channel is not private.
    #[error("only the password itself would do, and it would go in clear")]
    ClearPassword,
    /// APOP needs a time stamp in the server's greeting (RFC 1939 section 7).
    #[error("the server's greeting has no time stamp for APOP")]
    Apop,
}

/// Which argument cannot go on the wire, and the rule it breaks. The argument itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which argument.
    pub argument: Argument,
    /// The rule.
    pub rule: &'static str,
}

impl Invalid {
    /// `argument` breaks `rule`.
    pub const fn new(argument: Argument, rule: &'static str) -> Invalid {
        Invalid { argument, rule }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.argument, self.rule)
    }
}

impl std::error::Error for Invalid {}

/// What an [`Invalid`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Argument {
    /// A message's number.
    Number,
    /// The text of a command.
    Text,
    /// The user name or the password.
    Login,
    /// The target or its URL.
    Target,
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Argument::Number => "message number",
            Argument::Text => "command text",
            Argument::Login => "login",
            Argument::Target => "target",
        })
    }
}
