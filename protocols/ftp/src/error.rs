//! What can go wrong, and whose fault it is: the six names every netkit protocol has.

use netkit_socket::NetError;
use netkit_wire::{Fault, Reply};

use crate::list::Unreadable;

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
    /// The server understood and said no (4yz, 5yz; RFC 959 section 4.2.1).
    #[error("the server refused: {0}")]
    Refused(Reply),
    /// A reply that this command cannot have (RFC 959 section 5.4).
    #[error("a reply this command cannot have: {0}")]
    Unexpected(Reply),
    /// The server does not offer it. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The server refused the login.
    #[error("the server refused the login: {0}")]
    Login(Reply),
    /// The server wants an account beside user and password (RFC 959 section 4.1.1), and there is none.
    #[error("the server wants an account (ACCT), too")]
    AccountWanted,
    /// A password would have gone over a connection that others may read. Nothing was sent.
    #[error("the password would be sent in clear")]
    ClearPassword,
    /// TLS was asked for, and the server refused AUTH TLS. Only [`connect`](crate::connect()) says this; nothing went in clear
    /// text.
    #[error("no TLS: {0}")]
    TlsRefused(Reply),
    /// A line of a listing that no format knows. The listing goes on.
    #[error(transparent)]
    Unreadable(Unreadable),
    /// A transfer was given up before its end.
    #[error("the transfer was given up")]
    Aborted,
    /// The session is over: the server said goodbye, or an earlier call broke it.
    #[error("the session is over")]
    Over,
}

impl Error {
    /// A refusal, while somebody logs in, is about that.
    pub(crate) fn at_login(self) -> Error {
        match self {
            Error::Refused(reply) if !reply.code().is(421) => Error::Login(reply),
            why => why,
        }
    }

    /// Whether this is about who the user is.
    pub fn is_login(&self) -> bool {
        matches!(self, Error::Login(_) | Error::AccountWanted | Error::ClearPassword)
            || matches!(self, Error::Refused(reply) if reply.code().is(530) || reply.code().is(532))
    }

    /// Whether there is no such file, or not for this user (RFC 959 section 4.2.2: 550 says either).
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Refused(reply) if reply.code().is(550) || reply.code().is(450))
    }

    /// Whether a server says so that does not see that TLS 1.3 resumed a session, as it wants it of data connections: a
    /// session in TLS 1.2 may do ([`Opening::tls_at_most`](crate::Opening::tls_at_most)).
    pub fn wants_older_tls(&self) -> bool {
        matches!(self, Error::Refused(reply) if reply.code().is(522) || reply.code().is(425))
    }

    /// Whether the same call may work later: 4yz replies and network faults.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(NetError::Invalid { .. } | NetError::Tls { .. }) => false,
            Error::Net(_) => true,
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(reply) => reply.code().is(4),
            _ => false,
        }
    }

    /// Whether the conversation is in step and may go on with another command. 421 closes it (RFC 959 section 4.2.2).
    pub fn connection_is_usable(&self) -> bool {
        match self {
            Error::Refused(reply) => !reply.code().is(421),
            Error::Unsupported(_) | Error::Invalid(_) | Error::Unreadable(_) | Error::Aborted => true,
            _ => false,
        }
    }
}

/// A feature the server did not name in its answer to FEAT (RFC 2389 section 3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server does not offer {0}")]
pub struct Unsupported(pub &'static str);

/// The rule an argument breaks. The argument itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the argument cannot be sent: {0}")]
pub struct Invalid(pub &'static str);
