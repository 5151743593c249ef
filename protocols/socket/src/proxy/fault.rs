//! Why a proxy makes no way to the target.

use std::fmt;
use std::io;

use netkit_wire::escape;

use crate::dial::Attempt;
use crate::error::{Plain, ResolveFault};
use crate::tls::TlsFault;

/// What went wrong at a proxy. Nothing of the conversation was sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyFault {
    /// Its own name has no address.
    Unresolved(ResolveFault),
    /// None of its addresses takes connections.
    Unreachable(Vec<Attempt>),
    /// TLS with the proxy itself failed.
    Tls(TlsFault),
    /// It wants a login and was given none (407, SOCKS5 method 0xFF).
    LoginNeeded,
    /// It does not take the login that was given.
    LoginRefused,
    /// It understood and did not connect.
    Refused(Refusal),
    /// It answered something that its protocol does not have.
    Malformed(&'static str),
    /// It closed the connection instead of answering.
    Closed,
    /// The connection to it broke.
    Io(io::Error),
    /// Its protocol cannot name the target.
    Unsupported(&'static str),
}

/// How a proxy says that it did not connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The status of its answer to CONNECT.
    Http {
        /// The code.
        status: u16,
        /// The reason phrase, cut short where it is long.
        reason: String,
    },
    /// The code of a SOCKS reply.
    Socks(SocksReply),
}

/// Why a SOCKS server did not connect: REP of RFC 1928 section 6, or CD of SOCKS4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocksReply {
    /// REP of SOCKS5.
    V5(u8),
    /// CD of SOCKS4.
    V4(u8),
}

impl SocksReply {
    /// Whether another address of the same host may still answer.
    pub(crate) fn is_about_the_address(self) -> bool {
        matches!(self, SocksReply::V5(1 | 3..=6 | 8) | SocksReply::V4(91))
    }
}

impl fmt::Display for SocksReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            SocksReply::V5(1) => "general failure",
            SocksReply::V5(2) => "not allowed by its rules",
            SocksReply::V5(3) => "network unreachable",
            SocksReply::V5(4) => "host unreachable",
            SocksReply::V5(5) => "connection refused",
            SocksReply::V5(6) => "TTL expired",
            SocksReply::V5(7) => "command not supported",
            SocksReply::V5(8) => "address type not supported",
            SocksReply::V4(91) => "rejected or failed",
            SocksReply::V5(code) | SocksReply::V4(code) => return write!(f, "reply {code}"),
        };
        f.write_str(words)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Http { status, reason } if reason.is_empty() => write!(f, "{status}"),
            Refusal::Http { status, reason } => write!(f, "{status} {}", escape(reason.as_bytes())),
            Refusal::Socks(reply) => reply.fmt(f),
        }
    }
}

impl ProxyFault {
    /// Whether it may work at another time.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            ProxyFault::Unreachable(_) | ProxyFault::Closed | ProxyFault::Io(_) => true,
            ProxyFault::Unresolved(why) => !matches!(why, ResolveFault::NoneOfFamily(_)),
            ProxyFault::Refused(Refusal::Http { status, .. }) => *status >= 500,
            ProxyFault::Refused(Refusal::Socks(reply)) => {
                reply.is_about_the_address() && *reply != SocksReply::V5(8)
            }
            _ => false,
        }
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            ProxyFault::LoginNeeded => Some("--proxy SCHEME://USER:PASSWORD@HOST:PORT logs in"),
            ProxyFault::Unresolved(_) | ProxyFault::Unreachable(_) => Some(
                "the proxy comes from --proxy or the variables http_proxy, https_proxy, all_proxy; --proxy '' uses none",
            ),
            ProxyFault::Malformed(_) => Some("is it a proxy of another kind? The URL's scheme says which"),
            ProxyFault::Tls(why) => why.hint(),
            _ => None,
        }
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyFault::Unresolved(why) => write!(f, "could not resolve it: {why}"),
            ProxyFault::Unreachable(tried) => {
                write!(f, "could not connect to it: {}", crate::error::Tried(tried))
            }
            ProxyFault::Tls(why) => write!(f, "TLS: {why}"),
            ProxyFault::LoginNeeded => f.write_str("it wants a login"),
            ProxyFault::LoginRefused => f.write_str("it refused the login"),
            ProxyFault::Refused(why) => write!(f, "it refused to connect: {why}"),
            ProxyFault::Malformed(what) => write!(f, "it broke its protocol: {what}"),
            ProxyFault::Closed => f.write_str("it closed the connection without an answer"),
            ProxyFault::Io(error) => Plain(error).fmt(f),
            ProxyFault::Unsupported(what) => f.write_str(what),
        }
    }
}

/// Why asking for a tunnel failed: the network's error is told apart, for it may hold a time limit.
#[derive(Debug)]
pub(crate) enum Broken {
    Io(io::Error),
    Fault(ProxyFault),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // TLS that ends without close_notify, or a reset: the proxy is gone.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Broken::Fault(ProxyFault::Closed)
            }
            _ => Broken::Io(error),
        }
    }
}

impl From<ProxyFault> for Broken {
    fn from(fault: ProxyFault) -> Self {
        Broken::Fault(fault)
    }
}

pub(super) fn malformed(what: &'static str) -> Broken {
    Broken::Fault(ProxyFault::Malformed(what))
}
