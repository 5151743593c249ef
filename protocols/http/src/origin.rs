//! The one key for everything that belongs to a server: credentials, reuse of connections, later cookies.

use std::fmt;

use netkit_socket::{Endpoint, Host};
use url::Url;

use crate::error::Invalid;

/// How to talk to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In clear, port 80.
    Http,
    /// Under TLS, port 443.
    Https,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [netkit_socket::Scheme; 2] = [
    netkit_socket::Scheme::new("http", Scheme::Http.default_port(), netkit_socket::Security::Plain),
    netkit_socket::Scheme::new("https", Scheme::Https.default_port(), netkit_socket::Security::Implicit),
];

impl Scheme {
    /// The scheme of a URL; `None` for any but these two.
    pub fn of(url: &Url) -> Option<Scheme> {
        match url.scheme() {
            "http" => Some(Scheme::Http),
            "https" => Some(Scheme::Https),
            _ => None,
        }
    }

    /// The port where none is said (RFC 9110 4.2.1, 4.2.2).
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }

    /// As it stands in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// Scheme, host and port (RFC 9110 4.3.1). Two URLs share credentials and connections when all three are equal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    /// As it stands in a URL: lower case, ASCII, IPv6 in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL.
    ///
    /// # Errors
    /// [`Invalid::Target`] for another scheme than http and https, or without a host.
    pub fn of(url: &Url) -> Result<Origin, Invalid> {
        let scheme = Scheme::of(url).ok_or(Invalid::Target("the scheme is not http or https"))?;
        let host =
            url.host_str().filter(|host| !host.is_empty()).ok_or(Invalid::Target("there is no host"))?;
        let port = url.port().unwrap_or(scheme.default_port());
        Ok(Origin { scheme, host: host.to_owned(), port })
    }

    /// In clear or under TLS.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Where to connect to.
    ///
    /// # Errors
    /// [`Invalid::Endpoint`] for a host that the socket layer does not know.
    pub fn endpoint(&self) -> Result<Endpoint, Invalid> {
        Ok(Endpoint::new(self.host()?, self.port))
    }

    /// Whether what is sent there in clear stays on this host or goes through TLS.
    pub fn is_confidential(&self) -> bool {
        self.scheme == Scheme::Https || self.host().is_ok_and(|host| host.is_loopback())
    }

    /// Appends the value of the `Host` field: the port only where it is not the scheme's (RFC 9110 7.2).
    pub(crate) fn encode_host(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.host.as_bytes());
        if self.port != self.scheme.default_port() {
            out.extend_from_slice(format!(":{}", self.port).as_bytes());
        }
    }

    fn host(&self) -> Result<Host, Invalid> {
        self.host.parse().map_err(|why: netkit_socket::NetError| Invalid::Endpoint(why.to_string()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
