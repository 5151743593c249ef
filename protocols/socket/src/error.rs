//! Why there is no conversation: the one error of this crate.

use std::fmt;
use std::io;

use netkit_wire::{Clock, Fault, Phase};

use crate::dial::{Attempt, Family};
use crate::endpoint::Endpoint;
use crate::host::Host;
use crate::proxy::{Proxy, ProxyFault};
use crate::tls::TlsFault;

/// Everything that can go wrong before, or instead of, a conversation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// The host name has no address; nothing was sent.
    #[error("could not resolve {host}: {reason}")]
    Resolve {
        /// The name asked for.
        host: Host,
        /// What the resolver said.
        reason: ResolveFault,
    },
    /// No address of the host took the connection.
    #[error("could not connect to {endpoint}: {}", Tried(.tried))]
    Connect {
        /// Where to.
        endpoint: Endpoint,
        /// Every address that was tried, in order, and what became of it.
        tried: Vec<Attempt>,
    },
    /// A time limit ran out before the conversation began.
    #[error("{}the {clock} ran out{}", To(.endpoint), Trying(.tried))]
    Timeout {
        /// Which limit.
        clock: Clock,
        /// Where to; none where only a stream was given, as in a STARTTLS upgrade.
        endpoint: Option<Endpoint>,
        /// The addresses tried so far.
        tried: Vec<Attempt>,
    },
    /// TLS could not be set up, or its certificate was refused.
    #[error("{}{why}", Named(.name))]
    Tls {
        /// The name the certificate has to bear; [`Host::Any`] on the server's side, where there is none.
        name: Host,
        /// What failed.
        why: TlsFault,
    },
    /// The proxy makes no way to the target; nothing of the conversation was sent.
    #[error("proxy {proxy}: {why}{}", On(.to, .why))]
    Proxy {
        /// Which proxy.
        proxy: Box<Proxy>,
        /// Where it was to lead to.
        to: Endpoint,
        /// What failed.
        why: Box<ProxyFault>,
    },
    /// This host or this build does not have it.
    #[error("{what} is not supported{}", HostSays(.host))]
    Unsupported {
        /// What was asked for, such as `AF_X25`.
        what: &'static str,
        /// The host's own reason, where it was the host that refused.
        host: Option<io::Error>,
    },
    /// An argument is malformed; nothing was sent.
    #[error("invalid {what} {text:?}: {why}")]
    Invalid {
        /// Which argument.
        what: What,
        /// The argument as given.
        text: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// The listener was told to stop by its [`Closer`](crate::Closer).
    #[error("the listener was closed")]
    Closed,
    /// The system refused an operation on a socket.
    #[error("{}", Plain(.0))]
    Io(#[from] io::Error),
}

impl NetError {
    pub(crate) fn invalid(what: What, text: &str, why: &'static str) -> NetError {
        NetError::Invalid { what, text: text.to_owned(), why }
    }

    /// Why a change to TLS by [`Dialer::upgrader`](crate::Dialer::upgrader) failed: which certificate, which name, which
    /// clock. A fault of another kind comes back as it is.
    ///
    /// # Errors
    /// The fault itself.
    pub fn of_upgrade(fault: Fault) -> Result<NetError, Fault> {
        match fault {
            Fault::Io { phase: Phase::Upgrading, source } => {
                source.downcast().map_err(|source| Fault::Io { phase: Phase::Upgrading, source })
            }
            other => Err(other),
        }
    }

    /// Whether the same call may work at another time: the network or the peer was not up to it, not the arguments.
    pub fn is_transient(&self) -> bool {
        match self {
            NetError::Connect { .. } | NetError::Timeout { .. } | NetError::Io(_) => true,
            NetError::Resolve { reason, .. } => !matches!(reason, ResolveFault::NoneOfFamily(_)),
            NetError::Proxy { why, .. } => why.is_transient(),
            _ => false,
        }
    }

    /// What a user can do about it, in one line, where something can be done.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            NetError::Tls { why, .. } => why.hint(),
            NetError::Proxy { why, .. } => why.hint(),
            NetError::Timeout { clock: Clock::Connect, .. } => Some("--connect-timeout gives it more time"),
            NetError::Timeout { clock: Clock::Idle, .. } => Some("--timeout gives it more time"),
            NetError::Timeout { clock: Clock::Total, .. } => Some("--max-time gives it more time"),
            NetError::Resolve { reason: ResolveFault::NoneOfFamily(Family::V4), .. } => {
                Some("try without -4")
            }
            NetError::Resolve { reason: ResolveFault::NoneOfFamily(Family::V6), .. } => {
                Some("try without -6")
            }
            _ => None,
        }
    }
}

/// Which argument was malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An address family.
    Domain,
    /// A socket type.
    Type,
    /// A protocol number.
    Protocol,
    /// A host.
    Host,
    /// The zone of an IPv6 address.
    Zone,
    /// A port or service name.
    Port,
    /// A host and port, or a path.
    Endpoint,
    /// A public key pin.
    Pin,
    /// A block of addresses.
    Network,
    /// One of the small services.
    Service,
    /// A source address.
    Source,
    /// A TLS version.
    TlsVersion,
    /// A proxy's URL; its login is left out of the text.
    Proxy,
    /// An entry of the list of hosts without a proxy.
    NoProxy,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Domain => "address family",
            What::Type => "socket type",
            What::Protocol => "protocol",
            What::Host => "host",
            What::Zone => "zone",
            What::Port => "port",
            What::Endpoint => "endpoint",
            What::Pin => "pin",
            What::Network => "address block",
            What::Service => "service",
            What::Source => "source address",
            What::TlsVersion => "TLS version",
            What::Proxy => "proxy",
            What::NoProxy => "no-proxy entry",
        })
    }
}

/// Why a name has no address to connect to.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResolveFault {
    /// The resolver answered with this.
    Lookup(io::Error),
    /// It has addresses, none of the family that was asked for.
    NoneOfFamily(Family),
}

impl fmt::Display for ResolveFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveFault::Lookup(error) => {
                let text = error.to_string();
                f.write_str(text.strip_prefix("failed to lookup address information: ").unwrap_or(&text))
            }
            ResolveFault::NoneOfFamily(family) => write!(f, "it has no {family} address"),
        }
    }
}

/// An I/O error without the number that std appends: `Connection refused`.
pub(crate) struct Plain<'a>(pub &'a io::Error);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.rsplit_once(" (os error ").map_or(text.as_str(), |(plain, _)| plain))
    }
}

pub(crate) struct Tried<'a>(pub &'a [Attempt]);

impl fmt::Display for Tried<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, attempt) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", attempt.addr, attempt.outcome)?;
        }
        Ok(())
    }
}

struct Trying<'a>(&'a [Attempt]);

impl fmt::Display for Trying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", Tried(self.0)) }
    }
}

struct To<'a>(&'a Option<Endpoint>);

impl fmt::Display for To<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |endpoint| write!(f, "could not connect to {endpoint}: "))
    }
}

/// The target, where the proxy's own name and address are not what failed.
struct On<'a>(&'a Endpoint, &'a ProxyFault);

impl fmt::Display for On<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            ProxyFault::Unresolved(_) | ProxyFault::Unreachable(_) | ProxyFault::Tls(_) => Ok(()),
            _ => write!(f, " (for {})", self.0),
        }
    }
}

struct Named<'a>(&'a Host);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self.0 == Host::Any { f.write_str("TLS: ") } else { write!(f, "TLS with {}: ", self.0) }
    }
}

struct HostSays<'a>(&'a Option<io::Error>);

impl fmt::Display for HostSays<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |error| write!(f, " by this host: {}", Plain(error)))
    }
}
