//! A place and what carries the bytes there: `tcp://host:port`, `udp://host:port`, `unix:/path`, `unixgram:/path`.

use std::fmt;
use std::str::FromStr;

use crate::domain::{Domain, Type};
use crate::endpoint::{Endpoint, unix};
use crate::error::{NetError, What};

/// What carries the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A stream over IP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// Datagrams over IP.
    Udp,
    /// A stream between processes of this host.
    Unix,
    /// Datagrams between processes of this host.
    Unixgram,
    /// A connection between processes of this host that keeps the ends of each message.
    Seqpacket,
}

const SCHEMES: [(&str, Carrier); 9] = [
    ("tcp", Carrier::Tcp),
    ("tls", Carrier::Tls),
    ("ssl", Carrier::Tls),
    ("udp", Carrier::Udp),
    ("unixgram", Carrier::Unixgram),
    ("unixpacket", Carrier::Seqpacket),
    ("seqpacket", Carrier::Seqpacket),
    ("unix", Carrier::Unix),
    ("file", Carrier::Unix),
];

impl Carrier {
    /// The socket type.
    pub fn kind(self) -> Type {
        match self {
            Carrier::Tcp | Carrier::Tls | Carrier::Unix => Type::Stream,
            Carrier::Udp | Carrier::Unixgram => Type::Dgram,
            Carrier::Seqpacket => Type::Seqpacket,
        }
    }

    /// Whether its places are paths.
    pub fn is_unix(self) -> bool {
        matches!(self, Carrier::Unix | Carrier::Unixgram | Carrier::Seqpacket)
    }

    /// Its scheme.
    pub fn as_str(self) -> &'static str {
        SCHEMES.iter().find(|(_, carrier)| *carrier == self).map_or("tcp", |(name, _)| name)
    }
}

/// A place. Without a scheme it is TCP.
///
/// ```
/// use netkit_socket::{Carrier, Place};
///
/// let place: Place = "udp://<broadcast>:discard".parse()?;
/// assert_eq!(place.carrier, Carrier::Udp);
/// assert_eq!(place.endpoint.to_string(), "<broadcast>:9");
/// let abstract_name: Place = "unix:@name".parse()?;
/// assert_eq!(abstract_name.to_string(), "unix:@name");
/// # Ok::<(), netkit_socket::NetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// What carries the bytes.
    pub carrier: Carrier,
    /// Where.
    pub endpoint: Endpoint,
}

impl Place {
    /// The address families that can reach it, the likelier first where the host's name leaves it open.
    pub fn domains(&self) -> &'static [Domain] {
        use crate::host::Host;
        match &self.endpoint {
            Endpoint::Unix(_) => &[Domain::Unix],
            Endpoint::Inet { host: Host::Ipv4(_) | Host::Broadcast, .. } => &[Domain::Inet],
            Endpoint::Inet { host: Host::Ipv6(..), .. } => &[Domain::Inet6],
            // One socket for both families, where somebody listens.
            Endpoint::Inet { host: Host::Any, .. } => &[Domain::Inet6, Domain::Inet],
            // Datagrams to the wrong family of a name just vanish; more services have IPv4 alone than IPv6 alone.
            Endpoint::Inet { .. } => &[Domain::Inet, Domain::Inet6],
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Endpoint::Unix(_) => {
                let text = self.endpoint.to_string();
                write!(f, "{}:{}", self.carrier.as_str(), text.strip_prefix("unix:").unwrap_or(&text))
            }
            inet => write!(f, "{}://{inet}", self.carrier.as_str()),
        }
    }
}

impl FromStr for Place {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let scheme = text.split_once(':').and_then(|(name, rest)| {
            let (_, carrier) = SCHEMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
            let rest = match rest.strip_prefix("//") {
                Some(rest) => rest,
                None if carrier.is_unix() => rest,
                // `tcp:80` is the port 80 of a host called tcp.
                None => return None,
            };
            Some((*carrier, rest))
        });
        if scheme.is_none() && text.contains("://") {
            let why = "the schemes are tcp, tls, udp, unix, unixgram and unixpacket";
            return Err(NetError::invalid(What::Endpoint, text, why));
        }
        let (carrier, rest) = scheme.unwrap_or((Carrier::Tcp, text));
        let endpoint = if carrier.is_unix() {
            unix(rest)?
        } else {
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            // RFC 6874: in a URL the % before a zone is itself escaped.
            let unescaped = rest.starts_with('[').then(|| rest.replacen("%25", "%", 1));
            unescaped.as_deref().unwrap_or(rest).parse()?
        };
        Ok(Place { carrier, endpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_people_write_them() {
        for (text, shown) in [
            ("localhost:80", "tcp://localhost:80"),
            ("tcp://:http/", "tcp://:80"),
            ("UDP://[fe80::1%25eth0]:9", "udp://[fe80::1%eth0]:9"),
            ("udp://2130706433:7", "udp://127.0.0.1:7"),
            ("unix:///run/x", "unix:/run/x"),
            ("unixgram:./x", "unixgram:./x"),
            ("unixpacket:@x", "unixpacket:@x"),
            ("tls://[::1]:443", "tls://[::1]:443"),
            ("tcp:80", "tcp://tcp:80"),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(place.to_string(), shown, "{text}");
            assert_eq!(place.to_string().parse::<Place>().unwrap(), place, "{text}");
        }
        for bad in
            ["", "host", "ftp://x:1", "tcp://::1:80", "unix:", "unixgram:@", "tcp://x:65536", "udp://x:"]
        {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
