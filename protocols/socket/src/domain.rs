//! What kind of socket: the three arguments of `socket(domain, type, protocol)`.

use std::fmt;
use std::str::FromStr;

use crate::error::{NetError, What};

/// The address family of a socket: the `domain` argument of `socket()`.
///
/// Parsed from `AF_INET`, `PF_INET`, `INET` and so on, in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// IPv4, `AF_INET`.
    Inet,
    /// IPv6, `AF_INET6`.
    Inet6,
    /// Sockets with a path for an address, `AF_UNIX` (also called `AF_LOCAL`).
    Unix,
    /// A family that is known by name only. [`Socket::new`](crate::Socket::new) asks the host for it and answers
    /// with [`NetError::Unsupported`] and the host's reason.
    Other(OtherDomain),
}

/// A family that has a name and a number but no address form here; see [`Domain::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OtherDomain {
    name: &'static str,
    number: i32,
}

impl OtherDomain {
    /// The name, such as `AF_X25`.
    pub fn name(self) -> &'static str {
        self.name
    }

    pub(crate) fn number(self) -> i32 {
        self.number
    }
}

/// Families that people ask for by name, with Linux's numbers (bits/socket.h).
const OTHERS: &[OtherDomain] = &[
    OtherDomain { name: "AF_AX25", number: 3 },
    OtherDomain { name: "AF_IPX", number: 4 },
    OtherDomain { name: "AF_APPLETALK", number: 5 },
    OtherDomain { name: "AF_NETROM", number: 6 },
    OtherDomain { name: "AF_BRIDGE", number: 7 },
    OtherDomain { name: "AF_ATMPVC", number: 8 },
    OtherDomain { name: "AF_X25", number: 9 },
    OtherDomain { name: "AF_ROSE", number: 11 },
    OtherDomain { name: "AF_DECNET", number: 12 },
    OtherDomain { name: "AF_KEY", number: 15 },
    OtherDomain { name: "AF_NETLINK", number: 16 },
    OtherDomain { name: "AF_PACKET", number: 17 },
    OtherDomain { name: "AF_ECONET", number: 19 },
    OtherDomain { name: "AF_RDS", number: 21 },
    OtherDomain { name: "AF_IRDA", number: 23 },
    OtherDomain { name: "AF_PPPOX", number: 24 },
    OtherDomain { name: "AF_CAN", number: 29 },
    OtherDomain { name: "AF_TIPC", number: 30 },
    OtherDomain { name: "AF_BLUETOOTH", number: 31 },
    OtherDomain { name: "AF_ALG", number: 38 },
    OtherDomain { name: "AF_VSOCK", number: 40 },
    OtherDomain { name: "AF_QIPCRTR", number: 42 },
    OtherDomain { name: "AF_XDP", number: 44 },
];

impl Domain {
    /// Every family that is known by name but has no address form here.
    pub fn others() -> impl Iterator<Item = Domain> {
        OTHERS.iter().copied().map(Domain::Other)
    }

    pub(crate) fn system(self) -> socket2::Domain {
        match self {
            Domain::Inet => socket2::Domain::IPV4,
            Domain::Inet6 => socket2::Domain::IPV6,
            Domain::Unix => socket2::Domain::UNIX,
            Domain::Other(other) => socket2::Domain::from(other.number()),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Domain::Inet => "AF_INET",
            Domain::Inet6 => "AF_INET6",
            Domain::Unix => "AF_UNIX",
            Domain::Other(other) => other.name,
        })
    }
}

impl FromStr for Domain {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let upper = text.to_ascii_uppercase();
        let bare = upper.strip_prefix("AF_").or_else(|| upper.strip_prefix("PF_")).unwrap_or(&upper);
        match bare {
            "INET" => Ok(Domain::Inet),
            "INET6" => Ok(Domain::Inet6),
            "UNIX" | "LOCAL" => Ok(Domain::Unix),
            _ => OTHERS
                .iter()
                .find(|other| other.name.strip_prefix("AF_") == Some(bare))
                .map(|other| Domain::Other(*other))
                .ok_or_else(|| NetError::invalid(What::Domain, text, "no such address family")),
        }
    }
}

/// Whether a socket carries a stream or datagrams: the `type` argument of `socket()`.
///
/// Parsed from `SOCK_STREAM`, `STREAM`, `SOCK_DGRAM`, `DGRAM`, in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// An ordered stream of bytes: TCP, or a Unix stream socket.
    Stream,
    /// Messages that keep their bounds: UDP, or a Unix datagram socket.
    Dgram,
    /// Connected, and every message keeps its ends: `SOCK_SEQPACKET`, for Unix sockets.
    Seqpacket,
}

impl Type {
    pub(crate) fn system(self) -> socket2::Type {
        match self {
            Type::Stream => socket2::Type::STREAM,
            Type::Dgram => socket2::Type::DGRAM,
            Type::Seqpacket => socket2::Type::SEQPACKET,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Stream => "SOCK_STREAM",
            Type::Dgram => "SOCK_DGRAM",
            Type::Seqpacket => "SOCK_SEQPACKET",
        })
    }
}

impl FromStr for Type {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let upper = text.to_ascii_uppercase();
        match upper.strip_prefix("SOCK_").unwrap_or(&upper) {
            "STREAM" => Ok(Type::Stream),
            "DGRAM" => Ok(Type::Dgram),
            "SEQPACKET" => Ok(Type::Seqpacket),
            _ => Err(NetError::invalid(
                What::Type,
                text,
                "a type is SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET",
            )),
        }
    }
}

/// Which protocol of a family carries the type: the `protocol` argument of `socket()`, nearly always 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Protocol(i32);

impl Protocol {
    /// 0: the family's own choice, which is TCP for streams and UDP for datagrams.
    pub const DEFAULT: Protocol = Protocol(0);
    /// TCP, RFC 9293.
    pub const TCP: Protocol = Protocol(6);
    /// UDP, RFC 768.
    pub const UDP: Protocol = Protocol(17);

    /// A protocol by its number in IANA's register of protocol numbers.
    pub fn number(number: u8) -> Protocol {
        Protocol(i32::from(number))
    }

    pub(crate) fn system(self) -> Option<socket2::Protocol> {
        (self.0 != 0).then(|| socket2::Protocol::from(self.0))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Protocol {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let upper = text.to_ascii_uppercase();
        match upper.strip_prefix("IPPROTO_").unwrap_or(&upper) {
            "TCP" => Ok(Protocol::TCP),
            "UDP" => Ok(Protocol::UDP),
            "IP" => Ok(Protocol::DEFAULT),
            digits => digits.parse::<u8>().map(Protocol::number).map_err(|_| {
                NetError::invalid(What::Protocol, text, "a protocol is tcp, udp or a number below 256")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_their_usual_names() {
        for name in ["AF_INET", "PF_INET", "INET", "inet", "af_inet"] {
            assert_eq!(name.parse::<Domain>().unwrap(), Domain::Inet, "{name}");
        }
        assert_eq!("AF_INET6".parse::<Domain>().unwrap(), Domain::Inet6);
        assert_eq!("PF_UNIX".parse::<Domain>().unwrap(), Domain::Unix);
        assert_eq!("AF_LOCAL".parse::<Domain>().unwrap(), Domain::Unix);
        for name in ["AF_X25", "PF_X25", "X25"] {
            let Domain::Other(other) = name.parse().unwrap() else { panic!("{name}") };
            assert_eq!(other.name(), "AF_X25");
        }
        for domain in Domain::others() {
            assert_eq!(domain.to_string().parse::<Domain>().unwrap(), domain);
        }
        assert!(matches!("AF_NONE".parse::<Domain>(), Err(NetError::Invalid { what: What::Domain, .. })));
    }

    #[test]
    fn types_and_protocols_have_theirs() {
        assert_eq!("SOCK_STREAM".parse::<Type>().unwrap(), Type::Stream);
        assert_eq!("dgram".parse::<Type>().unwrap(), Type::Dgram);
        assert!("SOCK_RAW".parse::<Type>().is_err());
        assert_eq!("0".parse::<Protocol>().unwrap(), Protocol::default());
        assert_eq!("IPPROTO_UDP".parse::<Protocol>().unwrap(), Protocol::UDP);
        assert_eq!("17".parse::<Protocol>().unwrap(), Protocol::UDP);
        assert!("256".parse::<Protocol>().is_err());
    }
}
