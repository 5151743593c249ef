//! What dialing did: the stream, and the account of how it was had.

use std::fmt;
use std::io;
use std::time::Duration;

use netkit_wire::Stream;

use crate::endpoint::Address;
use crate::error::Plain;
use crate::proxy::Proxy;
use crate::tls::TlsInfo;

/// A connection and how it came about.
pub struct Dialed {
    /// The conversation's stream; under TLS its handshake is done.
    pub stream: Box<dyn Stream>,
    /// What it took.
    pub report: DialReport,
}

impl fmt::Debug for Dialed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialed").field("report", &self.report).finish_non_exhaustive()
    }
}

/// Addresses tried and the time each step took.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DialReport {
    /// Time in the resolver; zero for an address or a path.
    pub resolve: Duration,
    /// Every address that was tried, in the order in which they were begun.
    pub tried: Vec<Attempt>,
    /// Time from the first attempt to the connection.
    pub connect: Duration,
    /// This end.
    pub local: Address,
    /// The other end.
    pub peer: Address,
    /// What TLS agreed on; none without TLS.
    pub tls: Option<TlsInfo>,
    /// Time of the TLS handshake.
    pub tls_time: Duration,
    /// The proxy in between; `tried` and `peer` are its addresses then.
    pub via: Option<Via>,
}

/// What a proxy in between did.
#[derive(Clone, Debug)]
pub struct Via {
    /// The proxy.
    pub proxy: Proxy,
    /// Whether the stream is a tunnel to the target; otherwise it is a conversation with the proxy itself.
    pub tunnel: bool,
    /// What TLS with the proxy agreed on, for an `https` proxy.
    pub tls: Option<TlsInfo>,
    /// From the connection to the proxy until the tunnel stood.
    pub took: Duration,
}

impl Via {
    fn notes(&self) -> Vec<String> {
        let what = if self.tunnel { "a tunnel through" } else { "requests go to" };
        let own = format!("{what} the proxy {} ({} ms)", self.proxy, self.took.as_millis());
        let tls = self.tls.as_ref().map(|tls| format!("TLS with the proxy: {} {}", tls.version, tls.cipher));
        [own].into_iter().chain(tls).collect()
    }
}

impl DialReport {
    pub(super) fn new(resolve: Duration, connect: Duration, tried: Vec<Attempt>) -> Self {
        DialReport {
            resolve,
            tried,
            connect,
            local: Address::Unnamed,
            peer: Address::Unnamed,
            tls: None,
            tls_time: Duration::ZERO,
            via: None,
        }
    }
}

impl DialReport {
    /// Whether nobody on the way can listen: TLS, loopback, or a Unix socket.
    pub fn is_private(&self) -> bool {
        self.tls.is_some()
            || match &self.peer {
                Address::Inet(peer) => peer.ip().to_canonical().is_loopback(),
                Address::Unix(_) | Address::Unnamed => true,
            }
    }

    /// What happened, a line each, for a log of the conversation: every address, the proxy, and what TLS agreed on.
    pub fn notes(&self) -> Vec<String> {
        let tried = self
            .tried
            .iter()
            .map(|one| format!("{}: {} ({} ms)", one.addr, one.outcome, one.took.as_millis()));
        tried
            .chain(self.via.iter().flat_map(Via::notes))
            .chain(self.tls.iter().flat_map(TlsInfo::notes))
            .collect()
    }
}

/// One address and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The address.
    pub addr: Address,
    /// How it ended.
    pub outcome: Outcome,
    /// From the first packet to the end of the attempt.
    pub took: Duration,
}

/// How an attempt to connect ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This is the connection.
    Connected,
    /// The system or the peer refused.
    Failed {
        /// The class of the error.
        kind: io::ErrorKind,
        /// The system's words: `Connection refused`.
        text: String,
    },
    /// No answer within the time limit.
    TimedOut,
    /// Another address answered first.
    Abandoned,
}

impl Outcome {
    pub(super) fn of<T>(result: &io::Result<T>) -> Outcome {
        match result {
            Ok(_) => Outcome::Connected,
            Err(error) => Outcome::Failed { kind: error.kind(), text: Plain(error).to_string() },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Connected => "connected",
            Outcome::Failed { text, .. } => text,
            Outcome::TimedOut => "no answer in time",
            Outcome::Abandoned => "another address answered first",
        })
    }
}
