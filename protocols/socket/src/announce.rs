//! The PROXY protocol, version 1 and 2: whose connection this is said to be, before anything else is sent.
//!
//! ```text
//! version 1    "PROXY TCP4 192.0.2.1 198.51.100.7 56324 25" CRLF                  at most 107 bytes
//! version 2    12 bytes of signature, version and command, family, length, addresses
//! ```

use std::net::SocketAddr;

/// The bytes that begin version 2.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// What a server behind a proxy is told of the connection, to be said by the one that dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// The line of version 1.
    V1 {
        /// Whose connection it is said to be; none for `UNKNOWN`.
        client: Option<SocketAddr>,
    },
    /// The block of version 2.
    V2 {
        /// Whose connection it is said to be; none for `LOCAL`: the proxy's own.
        client: Option<SocketAddr>,
    },
}

impl Announcement {
    /// The bytes for a connection to `server`. A client and a server of two families are said in IPv6.
    pub fn encode(&self, server: Option<SocketAddr>) -> Vec<u8> {
        let pair = |client: Option<SocketAddr>| Some(one_family(client?, server?));
        match self {
            Announcement::V1 { client } => match pair(*client) {
                Some((from, to)) => {
                    let family = if from.is_ipv4() { "TCP4" } else { "TCP6" };
                    format!("PROXY {family} {} {} {} {}\r\n", from.ip(), to.ip(), from.port(), to.port())
                        .into_bytes()
                }
                None => b"PROXY UNKNOWN\r\n".to_vec(),
            },
            Announcement::V2 { client } => {
                let mut out = SIGNATURE.to_vec();
                let (kind, family, addresses) = match pair(*client) {
                    Some((SocketAddr::V4(from), SocketAddr::V4(to))) => {
                        (0x21, 0x11, [from.ip().octets(), to.ip().octets()].concat())
                    }
                    Some((from, to)) => (0x21, 0x21, [octets(from), octets(to)].concat()),
                    None => (0x20, 0, Vec::new()),
                };
                let ports = pair(*client).map_or_else(Vec::new, |(from, to)| {
                    [from.port().to_be_bytes(), to.port().to_be_bytes()].concat()
                });
                let length = u16::try_from(addresses.len() + ports.len()).unwrap_or_default();
                out.extend_from_slice(&[kind, family]);
                out.extend_from_slice(&length.to_be_bytes());
                out.extend_from_slice(&addresses);
                out.extend_from_slice(&ports);
                out
            }
        }
    }
}

fn one_family(one: SocketAddr, other: SocketAddr) -> (SocketAddr, SocketAddr) {
    let wide = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
        v6 => v6,
    };
    if one.is_ipv4() == other.is_ipv4() { (one, other) } else { (wide(one), wide(other)) }
}

fn octets(address: SocketAddr) -> [u8; 16] {
    match address {
        SocketAddr::V4(v4) => v4.ip().to_ipv6_mapped().octets(),
        SocketAddr::V6(v6) => v6.ip().octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<SocketAddr> {
        Some(text.parse().unwrap())
    }

    /// The specification's own line, and its rules for what is not known.
    #[test]
    fn version_1() {
        let line = |client, server| String::from_utf8(Announcement::V1 { client }.encode(server)).unwrap();
        assert_eq!(
            line(address("255.255.255.255:65535"), address("255.255.255.255:25")),
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 25\r\n"
        );
        assert_eq!(line(address("[::1]:1"), address("[::2]:2")), "PROXY TCP6 ::1 ::2 1 2\r\n");
        assert_eq!(
            line(address("192.0.2.1:1"), address("[::2]:2")),
            "PROXY TCP6 ::ffff:192.0.2.1 ::2 1 2\r\n"
        );
        assert_eq!(line(None, address("[::2]:2")), "PROXY UNKNOWN\r\n");
    }

    #[test]
    fn version_2() {
        let block = |client, server| Announcement::V2 { client }.encode(server);
        let four = block(address("192.0.2.1:258"), address("198.51.100.7:25"));
        assert_eq!(&four[..12], &SIGNATURE);
        assert_eq!(&four[12..], &[0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 7, 1, 2, 0, 25]);
        let six = block(address("[::1]:1"), address("[::2]:2"));
        assert_eq!((&six[12..16], six.len()), (&[0x21, 0x21, 0, 36][..], 52));
        assert_eq!(&block(None, None)[12..], &[0x20, 0, 0, 0]);
    }
}
