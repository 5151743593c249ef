//! What can go wrong, and whose fault it is: the six names every netkit protocol has, and three of SMTP's own.

use std::fmt;

use netkit_auth::sasl::{ChooseError, Mechanism, SaslError};
use netkit_socket::NetError;
use netkit_wire::{Fault, Reply};

use crate::delivery::Recipient;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No conversation came about: the name, the connection or TLS.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The conversation broke. Nothing was delivered by the call that says so.
    #[error(transparent)]
    Wire(#[from] Fault),
    /// The server understood and said no (4yz, 5yz; RFC 5321 section 4.2.1).
    #[error("the server refused: {0}")]
    Refused(Reply),
    /// A reply that this command cannot have: the conversation is out of step, or the peer is no SMTP server.
    #[error("a reply this command cannot have: {0}")]
    Unexpected(Reply),
    /// The server does not offer it. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// TLS was asked for, and the server refused STARTTLS though it had offered it (RFC 3207 section 4). Only
    /// [`connect`](crate::connect()) says this; nothing went in clear text.
    #[error("the server refused STARTTLS: {0}")]
    TlsRefused(Reply),
    /// The login was broken off on this side: the server's part of the exchange was wrong (RFC 4954 section 4).
    #[error("login: {0}")]
    Sasl(#[from] SaslError),
    /// The server refused every recipient, each with its reply. The message was not sent.
    #[error("the server refused every recipient ({})", first_reply(.0))]
    NoRecipient(Vec<Recipient>),
    /// The server refused some recipients, each with its reply, and the message was to go to all or nobody: it was not
    /// sent.
    #[error("the server refused some recipients, and so nobody got the message ({})", first_refusal(.0))]
    SomeRefused(Vec<Recipient>),
    /// The message's source could not be read, or what it gave was not what the transaction said. A connection that
    /// was inside the message is given up, so that no half message is delivered.
    #[error("the message cannot be sent: {0}")]
    Source(std::io::Error),
    /// The connection was lost after the end of the message was sent and before the answer came. It may have been
    /// delivered; sending it again could deliver it twice (RFC 1047, RFC 5321 section 4.5.3.2.6).
    #[error("the connection was lost after the message was sent, so it may or may not be delivered: {0}")]
    OutcomeUnknown(Fault),
    /// The session is over: an earlier call ended or broke it.
    #[error("the session is over: an earlier call ended it")]
    Over,
}

impl Error {
    /// Whether the same call may work later, on a new connection or after a while: 4yz replies (RFC 5321
    /// section 4.2.1) and network faults. Never for [`Error::OutcomeUnknown`], which must not be repeated blindly.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(NetError::Invalid { .. } | NetError::Tls { .. }) => false,
            Error::Net(_) => true,
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(reply) => reply.code().is(4),
            Error::NoRecipient(all) => all.iter().all(|one| one.verdict().code().is(4)),
            Error::SomeRefused(all) => all.iter().all(|one| !one.verdict().code().is(5)),
            _ => false,
        }
    }

    /// Whether the conversation is in step and may go on with another command.
    pub fn connection_is_usable(&self) -> bool {
        match self {
            Error::Refused(reply) => !reply.code().is(421),
            Error::NoRecipient(all) | Error::SomeRefused(all) => {
                !all.iter().any(|one| one.verdict().code().is(421))
            }
            Error::Unsupported(_) | Error::Invalid(_) => true,
            // What the server was not asked or did not finish may be cancelled; a lie at the end may not.
            Error::Sasl(why) => !matches!(
                why,
                SaslError::ServerUnverified | SaslError::WrongServerSignature | SaslError::Incomplete
            ),
            _ => false,
        }
    }

    /// Whether this is about who the user is: the codes of RFC 4954 section 6, or the login's own errors.
    pub fn is_login(&self) -> bool {
        match self {
            Error::Refused(reply) => matches!(reply.code().get(), 432 | 454 | 530 | 534 | 535 | 538),
            Error::Sasl(_) | Error::Unsupported(Unsupported::Login(_) | Unsupported::Mechanism(_)) => true,
            _ => false,
        }
    }
}

fn first_reply(recipients: &[Recipient]) -> String {
    recipients.first().map(|one| one.verdict().to_string()).unwrap_or_default()
}

fn first_refusal(recipients: &[Recipient]) -> String {
    recipients.iter().find(|one| !one.is_delivered()).map(|one| one.verdict().to_string()).unwrap_or_default()
}

/// What a server would have had to offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// An extension of this keyword (RFC 5321 section 2.2).
    #[error("the server does not offer {0}")]
    Extension(&'static str),
    /// This login mechanism (RFC 4954 section 3).
    #[error("the server does not offer AUTH {0}")]
    Mechanism(Mechanism),
    /// No login mechanism fits.
    #[error(transparent)]
    Login(#[from] ChooseError),
    /// A message of this size (RFC 1870 section 6.1).
    #[error("the message has {size} bytes and the server takes at most {limit}")]
    Size {
        /// The message's size by RFC 1870: with CRLF, without the dots of transparency.
        size: u64,
        /// The server's limit.
        limit: u64,
    },
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
    /// A domain or address literal.
    Domain,
    /// A mailbox address.
    Address,
    /// A parameter of MAIL or RCPT.
    Parameter,
    /// The text of a command.
    Text,
    /// A field of the message's header.
    Header,
    /// The message's content.
    Message,
    /// The target or its URL.
    Target,
    /// A private key.
    Key,
    /// A policy found in the DNS or on the web.
    Policy,
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Argument::Domain => "domain",
            Argument::Address => "mail address",
            Argument::Parameter => "parameter",
            Argument::Text => "command text",
            Argument::Header => "header field",
            Argument::Message => "message",
            Argument::Target => "target",
            Argument::Key => "private key",
            Argument::Policy => "policy",
        })
    }
}
