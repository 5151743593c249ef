//! What can go wrong, and whose fault it is: the six names every netkit protocol has.

use netkit_socket::NetError;
use netkit_wire::Fault;

use crate::codes::Opt;

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
    /// The server does not want the option that was asked for.
    #[error("the server refused the option {0}")]
    Refused(Opt),
    /// The session ended before what was waited for came; what had come.
    #[error("the session ended before what was expected came")]
    Unexpected(Vec<u8>),
    /// What was asked for is not agreed. Nothing was sent.
    #[error("the option {0} is not agreed")]
    Unsupported(Opt),
    /// An argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// TLS was asked for, and the server refused START_TLS or did not answer. Nothing went in clear text.
    #[error("no TLS: the server does not take START_TLS")]
    TlsRefused,
}

impl Error {
    /// Whether the same call may work later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(net) => net.is_transient(),
            Error::Wire(fault) => fault.is_transient(),
            Error::Unexpected(_) => true,
            _ => false,
        }
    }

    /// Whether the conversation may go on.
    #[must_use]
    pub fn connection_is_usable(&self) -> bool {
        matches!(self, Error::Refused(_) | Error::Unsupported(_) | Error::Invalid(_))
    }
}

/// The rule an argument breaks. The argument itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the argument cannot be sent: {0}")]
pub struct Invalid(pub &'static str);
