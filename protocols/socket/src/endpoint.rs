//! Where to connect or listen: a host and a port, or a path. And what the system says an end's address is.

use std::ffi::OsStr;
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{NetError, What};
use crate::host::{Host, Zone};
use crate::port::Port;

/// A place to connect to or to listen at, before any name is resolved.
///
/// Written `host:port`, `[v6]:port` or `unix:/path`; the port may be a service name when parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A host and a port.
    Inet {
        /// The host, not yet resolved.
        host: Host,
        /// The port; 0 only to listen at a free one.
        port: u16,
    },
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Endpoint {
    /// A host and a port.
    pub fn new(host: Host, port: u16) -> Endpoint {
        Endpoint::Inet { host, port }
    }

    /// The host; none for a Unix socket.
    pub fn host(&self) -> Option<&Host> {
        match self {
            Endpoint::Inet { host, .. } => Some(host),
            Endpoint::Unix(_) => None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Inet { host, port } => write!(f, "{}:{port}", host.bracketed()),
            Endpoint::Unix(path) => write!(f, "unix:{}", shown(path)),
        }
    }
}

impl FromStr for Endpoint {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(path);
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| {
            NetError::invalid(What::Endpoint, text, "an endpoint is host:port or unix:/path")
        })?;
        // Without brackets nobody can say where an IPv6 address ends and its port begins.
        if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
            return Err(NetError::invalid(
                What::Endpoint,
                text,
                "write an IPv6 address in brackets: [::1]:80",
            ));
        }
        Ok(Endpoint::new(host.parse()?, port.parse::<Port>()?.resolve()?))
    }
}

/// A path; `@` for the NUL before an abstract name.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.strip_prefix('\0').map_or(text.clone(), |name| format!("@{name}"))
}

pub(crate) fn unix(path: &str) -> Result<Endpoint, NetError> {
    let why = match path {
        "" => "a Unix socket has a path",
        path if path.contains('\0') => "a path has no NUL",
        "@" => "an abstract socket has a name behind the @",
        path => {
            // Linux's abstract names (unix(7)) begin with a NUL, which people write as @; a file of that name is ./@name.
            let path = path.strip_prefix('@').map_or_else(|| path.to_owned(), |name| format!("\0{name}"));
            return Ok(Endpoint::Unix(PathBuf::from(path)));
        }
    };
    Err(NetError::invalid(What::Endpoint, path, why))
}

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Self {
        let host = match addr {
            SocketAddr::V6(v6) if v6.scope_id() != 0 => {
                Host::Ipv6(*v6.ip(), Some(Zone::of_index(v6.scope_id())))
            }
            _ => addr.ip().into(),
        };
        Endpoint::new(host, addr.port())
    }
}

/// Anything the [`Socket`](crate::Socket) methods take for an address: an [`Endpoint`], a [`SocketAddr`], a path, or a pair
/// of host and port as text and number, as Python's tuples.
pub trait ToEndpoint {
    /// The endpoint it means.
    ///
    /// # Errors
    /// [`NetError::Invalid`] if the host or the port is not well formed.
    fn to_endpoint(&self) -> Result<Endpoint, NetError>;
}

impl ToEndpoint for Endpoint {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        Ok(self.clone())
    }
}

impl ToEndpoint for SocketAddr {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        Ok((*self).into())
    }
}

impl ToEndpoint for Path {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        Ok(Endpoint::Unix(self.to_owned()))
    }
}

impl ToEndpoint for (&str, u16) {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        Ok(Endpoint::new(self.0.parse()?, self.1))
    }
}

impl ToEndpoint for (&str, &str) {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        Ok(Endpoint::new(self.0.parse()?, self.1.parse::<Port>()?.resolve()?))
    }
}

impl ToEndpoint for Address {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        match self {
            Address::Inet(addr) => Ok((*addr).into()),
            Address::Unix(path) => Ok(Endpoint::Unix(path.clone())),
            Address::Unnamed => {
                Err(NetError::invalid(What::Endpoint, "", "the socket has no name to send to"))
            }
        }
    }
}

impl<T: ToEndpoint + ?Sized> ToEndpoint for &T {
    fn to_endpoint(&self) -> Result<Endpoint, NetError> {
        (**self).to_endpoint()
    }
}

/// The address of one end of a socket, as the system gives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// An IP address and a port.
    Inet(SocketAddr),
    /// A Unix socket's path.
    Unix(PathBuf),
    /// A Unix socket that was never bound to a path.
    Unnamed,
}

/// The other end's [`Address`].
pub type Peer = Address;

impl Address {
    /// The port; none for a Unix socket.
    pub fn port(&self) -> Option<u16> {
        match self {
            Address::Inet(addr) => Some(addr.port()),
            Address::Unix(_) | Address::Unnamed => None,
        }
    }

    pub(crate) fn of(addr: &socket2::SockAddr) -> Address {
        match (addr.as_socket(), addr.as_pathname()) {
            (Some(inet), _) => Address::Inet(inet),
            (None, Some(path)) => Address::Unix(path.to_owned()),
            (None, None) => match addr.as_abstract_namespace() {
                Some(name) if !name.is_empty() => {
                    Address::Unix(PathBuf::from(OsStr::from_bytes(&[&[0], name].concat())))
                }
                _ => Address::Unnamed,
            },
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Inet(addr) => addr.fmt(f),
            Address::Unix(path) => write!(f, "unix:{}", shown(path)),
            Address::Unnamed => f.write_str("unix:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_print_and_parse() {
        for text in
            ["example.org:80", "127.0.0.1:0", "[::1]:70", "[fe80::1%eth0]:25", "unix:/run/x.sock", ":8080"]
        {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        assert_eq!("[::1]:gopher".parse::<Endpoint>().unwrap().to_string(), "[::1]:70");
        assert_eq!("<broadcast>:9".parse::<Endpoint>().unwrap().host(), Some(&Host::Broadcast));
    }

    #[test]
    fn half_an_endpoint_is_refused() {
        for text in [
            "",
            "example.org",
            "::1:80",
            "a:b:80",
            "example.org:",
            "example.org:65536",
            "unix:",
            "unix:/a\0b",
        ] {
            assert!(matches!(text.parse::<Endpoint>(), Err(NetError::Invalid { .. })), "{text:?}");
        }
    }
}
