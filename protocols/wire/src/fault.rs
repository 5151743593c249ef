//! How a conversation breaks. Not what a peer refuses: that is a reply, and understood.

use std::fmt;
use std::io;

use crate::decode::Malformed;
use crate::limits::Limit;
use crate::stream::{Clock, Elapsed};
use crate::text::Text;

/// The conversation cannot go on.
#[derive(Debug)]
pub enum Fault {
    /// The stream failed.
    Io {
        /// What was being done.
        phase: Phase,
        /// What the system said.
        source: io::Error,
    },
    /// A time limit ran out.
    Timeout {
        /// Which one.
        clock: Clock,
        /// What was being waited for.
        phase: Phase,
    },
    /// The peer ended the connection where the protocol does not allow it.
    Closed(Ended),
    /// The peer sent more than its limit.
    TooLong(Limit),
    /// The peer broke the grammar.
    Malformed {
        /// The rule, in the RFC's words.
        what: &'static str,
        /// Offset from the start of the answer.
        at: usize,
        /// The bytes around that place.
        near: Text,
    },
    /// Bytes that came in clear text behind the agreement to change to TLS; using them would let an attacker
    /// who sits in between speak for the server (CVE-2011-0411 and its kin).
    Leftover(usize),
}

/// What a connection was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Writing.
    Sending,
    /// Reading.
    Receiving,
    /// Changing to TLS or another layer.
    Upgrading,
}

/// Where the peer's end of connection fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Before the first byte of the answer.
    Before,
    /// Inside the answer: what was read is partial.
    Inside,
    /// TLS ended without `close_notify`: somebody may have cut the rest off (RFC 8446 6.1).
    Truncated,
}

impl Fault {
    /// Names what failed during `phase`; unwraps a [`Fault`] or [`Elapsed`] that travelled in an [`io::Error`].
    pub fn from_io(error: io::Error, phase: Phase) -> Fault {
        let error = match error.downcast::<Fault>() {
            Ok(fault) => return fault,
            Err(error) => error,
        };
        if let Some(Elapsed(clock)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Fault::Timeout { clock: *clock, phase };
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                Fault::Timeout { clock: Clock::Idle, phase }
            }
            io::ErrorKind::UnexpectedEof if phase == Phase::Receiving => Fault::Closed(Ended::Truncated),
            _ => Fault::Io { phase, source: error },
        }
    }

    /// Adds the bytes around the place to what a decoder said.
    pub fn malformed(why: Malformed, input: &[u8]) -> Fault {
        match why {
            Malformed::TooLong(limit) => Fault::TooLong(limit),
            Malformed::Grammar { what, at } => {
                let near = input.get(at.saturating_sub(16)..input.len().min(at.saturating_add(24)));
                Fault::Malformed { what, at, near: Text::from(near.unwrap_or_default()) }
            }
        }
    }

    /// Whether the same conversation may work at another time: the network failed, not the peer's grammar.
    pub fn is_transient(&self) -> bool {
        matches!(self, Fault::Io { .. } | Fault::Timeout { .. } | Fault::Closed(_))
    }
}

impl From<Malformed> for Fault {
    fn from(why: Malformed) -> Self {
        Fault::malformed(why, &[])
    }
}

/// Bodies are read through [`io::Read`], so a fault has to travel as an [`io::Error`]; [`Fault::from_io`]
/// brings it back.
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        let kind = match &fault {
            Fault::Io { source, .. } => source.kind(),
            Fault::Timeout { .. } => io::ErrorKind::TimedOut,
            Fault::Closed(_) => io::ErrorKind::UnexpectedEof,
            Fault::TooLong(_) | Fault::Malformed { .. } | Fault::Leftover(_) => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io { phase: Phase::Sending, source } => write!(f, "sending failed: {source}"),
            Fault::Io { phase: Phase::Receiving, source } => write!(f, "receiving failed: {source}"),
            Fault::Io { phase: Phase::Upgrading, source } => write!(f, "the change to TLS failed: {source}"),
            Fault::Timeout { clock, phase } => {
                let what = match phase {
                    Phase::Sending => "while sending",
                    Phase::Receiving => "while waiting for the peer",
                    Phase::Upgrading => "while changing to TLS",
                };
                write!(f, "the {clock} ran out {what}")
            }
            Fault::Closed(Ended::Before) => f.write_str("the peer closed the connection without an answer"),
            Fault::Closed(Ended::Inside) => f.write_str("the peer closed the connection inside the answer"),
            Fault::Closed(Ended::Truncated) => {
                f.write_str("the TLS connection ended without close_notify: the answer may be cut short")
            }
            Fault::TooLong(limit) => write!(f, "{limit}"),
            Fault::Malformed { what, at, near } => {
                write!(f, "the peer broke its protocol ({what}, at byte {at}, near \"{near}\")")
            }
            Fault::Leftover(n) => {
                write!(f, "{n} bytes came in clear text behind the agreement to change to TLS")
            }
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Fault::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
