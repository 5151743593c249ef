//! What can go wrong, and whose fault it is: the six names every netkit protocol has, and three of IMAP's own.

use std::fmt;

use netkit_auth::sasl::{ChooseError, Mechanism, SaslError};
use netkit_socket::NetError;
use netkit_wire::Fault;

use crate::response::{Code, Kind, Status};

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
    /// The server understood and said no (NO), or did not understand (BAD).
    #[error("the server refused: {0}")]
    Refused(Status),
    /// An answer that this command cannot have: the conversation is out of step, or the peer is no IMAP server.
    #[error("an answer this command cannot have: {0}")]
    Unexpected(String),
    /// The server does not offer it. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// TLS was asked for, and the server refused STARTTLS, or had logged somebody in before it could be had (RFC 8314). Only
    /// [`connect`](crate::connect()) says this; nothing went in clear text.
    #[error("no TLS: {0}")]
    TlsRefused(String),
    /// The login was broken off on this side: the server's part of it was wrong.
    #[error("login: {0}")]
    Sasl(#[from] SaslError),
    /// The session is over: the server said goodbye, or an earlier call broke it.
    #[error("the session is over{}", goodbye(.0))]
    Over(Option<Status>),
}

fn goodbye(status: &Option<Status>) -> String {
    status.as_ref().map(|status| format!(": {status}")).unwrap_or_default()
}

impl Error {
    /// Whether the same call may work later, on a new connection or after a while (RFC 5530).
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(NetError::Invalid { .. } | NetError::Tls { .. }) => false,
            Error::Net(_) | Error::Over(Some(_)) => true,
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(status) => match &status.code {
                Some(Code::Other(name, _)) => {
                    matches!(name.as_str(), "UNAVAILABLE" | "INUSE" | "SERVERBUG" | "LIMIT")
                }
                _ => false,
            },
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

    /// Whether this is about who the user is, or the login's own errors.
    pub fn is_login(&self) -> bool {
        match self {
            Error::Refused(status) => match &status.code {
                Some(Code::AuthenticationFailed) => true,
                Some(Code::Other(name, _)) => {
                    matches!(
                        name.as_str(),
                        "AUTHORIZATIONFAILED" | "EXPIRED" | "PRIVACYREQUIRED" | "CONTACTADMIN"
                    )
                }
                _ => false,
            },
            Error::Sasl(_) => true,
            Error::Unsupported(why) => !matches!(why, Unsupported::Capability(_)),
            _ => false,
        }
    }

    /// Whether there is no such mailbox or message.
    pub fn is_not_found(&self) -> bool {
        match self {
            Error::Refused(status) => {
                status.kind == Kind::No && matches!(status.code, Some(Code::NonExistent | Code::TryCreate))
            }
            _ => false,
        }
    }
}

/// What a server would have had to offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A capability.
    #[error("the server does not offer {0}")]
    Capability(&'static str),
    /// This login mechanism.
    #[error("the server does not offer AUTH={0}")]
    Mechanism(Mechanism),
    /// No login mechanism fits.
    #[error(transparent)]
    Login(#[from] ChooseError),
    /// LOGINDISABLED (RFC 9051 section 6.2.3), or a channel that is not private.
    #[error("only the password itself would do, and the server or the channel forbids it")]
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
    /// A mailbox's name.
    Mailbox,
    /// A set of messages.
    Set,
    /// A word.
    Atom,
    /// Text.
    Text,
    /// A date.
    Date,
    /// The number of a part.
    Part,
    /// The user name or the password.
    Login,
    /// The target or its URL.
    Target,
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Argument::Mailbox => "mailbox",
            Argument::Set => "set of messages",
            Argument::Atom => "word",
            Argument::Text => "text",
            Argument::Date => "date",
            Argument::Part => "part",
            Argument::Login => "login",
            Argument::Target => "target",
        })
    }
}
