//! What can go wrong, and whose fault it is: the six names every netkit protocol has, and three of NNTP's own.

use std::fmt;

use netkit_auth::sasl::{ChooseError, Mechanism, SaslError};
use netkit_socket::NetError;
use netkit_wire::{Fault, Reply};

use crate::reply::code;

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
    Refused(Reply),
    /// A reply that this command cannot have: the conversation is out of step, or the peer is no news server.
    #[error("a reply this command cannot have: {0}")]
    Unexpected(Reply),
    /// The server does not offer it. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// TLS was asked for, and the server refused STARTTLS (RFC 4642 section 2.2). Only [`connect`](crate::connect()) says this;
    /// nothing went in clear text.
    #[error("the server refused STARTTLS: {0}")]
    TlsRefused(Reply),
    /// The server's part of the login was wrong.
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
            Error::Refused(reply) => [code::UNAVAILABLE, code::INTERNAL, code::TRY_LATER, code::CHECK_LATER]
                .contains(&reply.code()),
            _ => false,
        }
    }

    /// Whether the conversation is in step and may go on with another command.
    pub fn connection_is_usable(&self) -> bool {
        match self {
            // The server hangs up behind this one (RFC 3977 section 3.2.1).
            Error::Refused(reply) => reply.code() != code::UNAVAILABLE,
            Error::Unsupported(_) | Error::Invalid(_) => true,
            Error::Sasl(why) => !matches!(
                why,
                SaslError::ServerUnverified | SaslError::WrongServerSignature | SaslError::Incomplete
            ),
            _ => false,
        }
    }

    /// Whether there is no such group or article (RFC 3977 section 6).
    pub fn is_missing(&self) -> bool {
        let missing = [
            code::NO_GROUP,
            code::NO_CURRENT,
            code::NO_NEXT,
            code::NO_PREVIOUS,
            code::NO_NUMBER,
            code::NO_ID,
        ];
        matches!(self, Error::Refused(reply) if missing.contains(&reply.code()))
    }

    /// Whether this is about who the user is (RFC 4643 section 2).
    pub fn is_login(&self) -> bool {
        match self {
            Error::Refused(reply) => [code::LOGIN_NEEDED, code::LOGIN_FAILED].contains(&reply.code()),
            Error::Sasl(_) | Error::Unsupported(Unsupported::Login(_) | Unsupported::Mechanism(_)) => true,
            Error::Unsupported(Unsupported::ClearPassword) => true,
            _ => false,
        }
    }
}

/// What a server would have had to offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A capability of this label (RFC 3977 section 3.3).
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
    /// A newsgroup's name.
    Group,
    /// A message id.
    MessageId,
    /// A pattern of group names.
    Wildmat,
    /// A header field's name.
    Header,
    /// Article numbers.
    Range,
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
            Argument::Group => "group",
            Argument::MessageId => "message id",
            Argument::Wildmat => "wildmat",
            Argument::Header => "header field",
            Argument::Range => "range",
            Argument::Text => "command text",
            Argument::Login => "login",
            Argument::Target => "target",
        })
    }
}
