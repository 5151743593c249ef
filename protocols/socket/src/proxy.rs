//! Proxies: who they are, when they are used, and how they are asked for a tunnel.
//!
//! | scheme | asks by | resolves names |
//! |---|---|---|
//! | `http` | CONNECT (RFC 9110 9.3.6) | the proxy |
//! | `https` | the same inside TLS to the proxy | the proxy |
//! | `socks4` | SOCKS4 | this host, IPv4 only |
//! | `socks4a` | SOCKS4A | the proxy |
//! | `socks5` | SOCKS5 (RFC 1928, 1929) | this host |
//! | `socks5h` | SOCKS5 | the proxy |
//!
//! What a proxy answers is read byte for byte up to the end of its answer and no further: what comes behind it is the
//! tunnel's, and for a protocol in which the server speaks first that may be at once.

mod bypass;
mod connect;
mod environment;
mod fault;
mod login;
mod read;
mod socks4;
mod socks5;
mod url;

use std::fmt;
use std::net::IpAddr;

use netkit_wire::Stream;

pub use bypass::NoProxy;
pub use environment::{Environment, from_environment};
pub(crate) use fault::Broken;
pub use fault::{ProxyFault, Refusal, SocksReply};

use crate::endpoint::Endpoint;
use crate::host::Host;
use login::Login;

/// In which way a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// HTTP in clear.
    Http,
    /// HTTP inside TLS.
    Https,
    /// SOCKS4; names are resolved here, to IPv4.
    Socks4,
    /// SOCKS4A: the proxy resolves.
    Socks4a,
    /// SOCKS5; names are resolved here.
    Socks5,
    /// SOCKS5; the proxy resolves.
    Socks5h,
}

impl ProxyKind {
    const ALL: [ProxyKind; 6] = [
        ProxyKind::Http,
        ProxyKind::Https,
        ProxyKind::Socks4,
        ProxyKind::Socks4a,
        ProxyKind::Socks5,
        ProxyKind::Socks5h,
    ];

    /// The URL's scheme.
    pub fn as_str(self) -> &'static str {
        match self {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks4 => "socks4",
            ProxyKind::Socks4a => "socks4a",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        }
    }

    /// The port where the URL has none: HTTP's own (RFC 9110 4.2), 1080 for SOCKS (RFC 1928 section 3).
    pub fn default_port(self) -> u16 {
        match self {
            ProxyKind::Http => 80,
            ProxyKind::Https => 443,
            _ => 1080,
        }
    }

    /// Whether it speaks HTTP, and so takes requests for `http` URLs without a tunnel.
    pub fn is_http(self) -> bool {
        matches!(self, ProxyKind::Http | ProxyKind::Https)
    }

    /// Whether it is told addresses only, so that names are resolved on this host.
    pub(crate) fn resolves_here(self) -> bool {
        matches!(self, ProxyKind::Socks4 | ProxyKind::Socks5)
    }
}

/// A proxy, parsed from a URL such as `socks5h://user:password@proxy.example:1080`.
///
/// Neither [`Debug`](fmt::Debug) nor [`Display`](fmt::Display) shows the login.
///
/// ```
/// use netkit_socket::{Proxy, ProxyKind};
///
/// let proxy: Proxy = "socks5h://ada:p%40ss@proxy.example".parse()?;
/// assert_eq!(proxy.kind(), ProxyKind::Socks5h);
/// assert_eq!(proxy.endpoint().to_string(), "proxy.example:1080");
/// assert_eq!(proxy.to_string(), "socks5h://proxy.example:1080");
/// # Ok::<(), netkit_socket::NetError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: ProxyKind,
    host: Host,
    port: u16,
    login: Option<Login>,
}

impl Proxy {
    /// How it is spoken to.
    pub fn kind(&self) -> ProxyKind {
        self.kind
    }

    /// Where it is.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.host.clone(), self.port)
    }

    /// The value of `Proxy-Authorization` (RFC 9110 11.7.2) by Basic (RFC 7617), for an HTTP proxy with a login. A secret:
    /// it goes to this proxy and nowhere else, least of all into a tunnel.
    pub fn authorization(&self) -> Option<Vec<u8>> {
        let login = self.login.as_ref().filter(|_| self.kind.is_http())?;
        Some(login.basic().to_vec())
    }

    /// Whether a login came with the URL.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whether it can be a way to that place. Only hosts can be named to a proxy, and what is on this host's loopback is
    /// looked for here: another machine's loopback is another place, and a password that may go there in clear may not
    /// cross a network.
    pub(crate) fn reaches(&self, host: &Host) -> bool {
        match host {
            Host::Any | Host::Broadcast => false,
            host => self.host.is_loopback() || !host.is_loopback(),
        }
    }

    /// Whether it can be told that address.
    pub(crate) fn takes(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() || !matches!(self.kind, ProxyKind::Socks4 | ProxyKind::Socks4a)
    }

    /// Asks over `stream`, a connection to this proxy, for a tunnel to `host`; behind this the stream is the tunnel.
    pub(crate) fn ask(&self, stream: &mut dyn Stream, host: &Host, port: u16) -> Result<(), Broken> {
        let login = self.login.as_ref();
        match self.kind {
            ProxyKind::Http | ProxyKind::Https => connect::ask(stream, host, port, login),
            ProxyKind::Socks4 | ProxyKind::Socks4a => socks4::ask(stream, host, port, login),
            ProxyKind::Socks5 | ProxyKind::Socks5h => socks5::ask(stream, host, port, login),
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.kind.as_str(), self.host.bracketed(), self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = self.login.as_ref().map_or("", |_| "***@");
        write!(f, "{}://{login}{}:{}", self.kind.as_str(), self.host.bracketed(), self.port)
    }
}
