//! The host half of an address, in every form the notes list.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{NetError, What};

/// A host as a person writes it. Parsing asks no resolver.
///
/// | text | host |
/// |---|---|
/// | `example.org`, `bücher.example` | a name, through IDNA (RFC 5891) |
/// | `127.0.0.1` | IPv4 |
/// | `::1`, `[::1]`, `::ffff:127.0.0.1`, `fe80::1%eth0` | IPv6, with a zone (RFC 4007 section 11) where it has one |
/// | `2130706433` | IPv4 as one integer in host byte order |
/// | `<broadcast>` | 255.255.255.255 |
/// | the empty string | any address of this host |
///
/// Half-written IPv4 addresses (`127.1`, `0x7f.0.0.1`, `010.0.0.1`) are refused: resolvers disagree about what they
/// mean, and such a disagreement lets a filter see another host than the one dialed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name for the resolver.
    Name(Name),
    /// An IPv4 address.
    Ipv4(Ipv4Addr),
    /// An IPv6 address, with the interface it is reached through where it is link-local.
    Ipv6(Ipv6Addr, Option<Zone>),
    /// `<broadcast>`: every host on this link.
    Broadcast,
    /// The empty string: all addresses when listening, this host itself when dialing.
    Any,
}

/// A host name that is safe on any wire: letters, digits, `-`, `_` and dots once it is in ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// What the resolver and the protocols see.
    ascii: String,
    /// What a person sees.
    unicode: String,
}

impl Name {
    /// The form that goes on the wire: ASCII, lower case, with a trailing dot only if one was written.
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// The form to show to a person: Unicode where it was written in Unicode.
    pub fn unicode(&self) -> &str {
        &self.unicode
    }
}

/// The zone of a link-local IPv6 address: an interface's name or number (RFC 4007 section 11.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone(String);

impl Zone {
    /// An interface by its name or number.
    pub(crate) fn parse(text: &str) -> Result<Zone, NetError> {
        match ipv6(&format!("::%{text}")) {
            Some(Host::Ipv6(_, Some(zone))) => Ok(zone),
            _ => Err(NetError::invalid(What::Zone, text, "not the name of an interface")),
        }
    }

    /// The interface of this number.
    pub(crate) fn of_index(index: u32) -> Zone {
        Zone(index.to_string())
    }

    /// The zone as written, without the `%`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The interface's index on this host.
    ///
    /// # Errors
    /// [`NetError::Invalid`] if this host has no such interface.
    pub fn index(&self) -> Result<u32, NetError> {
        if let Ok(index) = self.0.parse() {
            return Ok(index);
        }
        interface_index(&self.0)
            .ok_or_else(|| NetError::invalid(What::Zone, &self.0, "this host has no such interface"))
    }
}

#[cfg(target_os = "linux")]
fn interface_index(name: &str) -> Option<u32> {
    let any = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).ok()?;
    rustix::net::netdevice::name_to_index(&any, name).ok()
}

#[cfg(not(target_os = "linux"))]
fn interface_index(_: &str) -> Option<u32> {
    None
}

impl Host {
    /// The host as it goes on the wire: a name in ASCII, an address without brackets or zone, nothing for
    /// [`Host::Any`].
    pub fn ascii(&self) -> Cow<'_, str> {
        match self {
            Host::Name(name) => Cow::Borrowed(name.ascii()),
            Host::Ipv4(ip) => Cow::Owned(ip.to_string()),
            Host::Ipv6(ip, _) => Cow::Owned(ip.to_string()),
            Host::Broadcast => Cow::Borrowed("255.255.255.255"),
            Host::Any => Cow::Borrowed(""),
        }
    }

    /// The host as it stands before a `:port`: IPv6 in brackets (RFC 3986 section 3.2.2), all else as it is.
    pub fn bracketed(&self) -> impl fmt::Display + '_ {
        Bracketed(self)
    }

    /// The address, if the host is one and no resolver is needed.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
            Host::Ipv6(ip, _) => Some(IpAddr::V6(*ip)),
            Host::Broadcast => Some(IpAddr::V4(Ipv4Addr::BROADCAST)),
            Host::Name(_) | Host::Any => None,
        }
    }

    /// Whether this is an address or a name that cannot leave this host: 127/8, `::1`, `localhost` and names under
    /// it (RFC 6761 section 6.3).
    pub fn is_loopback(&self) -> bool {
        match self {
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip, _) => ip.to_canonical().is_loopback(),
            Host::Name(name) => is_localhost(name.ascii()),
            Host::Any => true,
            Host::Broadcast => false,
        }
    }
}

/// `localhost` and the names under it, which RFC 6761 section 6.3 keeps from the resolver.
pub(crate) fn is_localhost(ascii: &str) -> bool {
    let name = ascii.strip_suffix('.').unwrap_or(ascii);
    name == "localhost" || name.ends_with(".localhost")
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Host::Ipv4(ip),
            IpAddr::V6(ip) => Host::Ipv6(ip, None),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name.unicode()),
            Host::Ipv4(ip) => ip.fmt(f),
            Host::Ipv6(ip, None) => ip.fmt(f),
            Host::Ipv6(ip, Some(zone)) => write!(f, "{ip}%{}", zone.0),
            Host::Broadcast => f.write_str("<broadcast>"),
            Host::Any => Ok(()),
        }
    }
}

struct Bracketed<'a>(&'a Host);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Host::Ipv6(..) => write!(f, "[{}]", self.0),
            other => other.fmt(f),
        }
    }
}

impl FromStr for Host {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let invalid = |why| NetError::invalid(What::Host, text, why);
        match text {
            "" => return Ok(Host::Any),
            "<broadcast>" => return Ok(Host::Broadcast),
            _ => {}
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(invalid("a host has no spaces and no control characters"));
        }
        if text.contains(':') || text.starts_with('[') {
            return ipv6(text).ok_or_else(|| invalid("not an IPv6 address"));
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let leading_zero = text.len() > 1 && text.starts_with('0');
            let number = if leading_zero { None } else { text.parse::<u32>().ok() };
            return number.map(|n| Host::Ipv4(n.into())).ok_or_else(|| invalid("not a 32-bit address"));
        }
        if let Ok(ip) = text.parse() {
            return Ok(Host::Ipv4(ip));
        }
        name(text).map(Host::Name).map_err(invalid)
    }
}

/// `addr`, `addr%zone`, either in brackets.
fn ipv6(text: &str) -> Option<Host> {
    let bare = match text.strip_prefix('[') {
        Some(open) => open.strip_suffix(']')?,
        None => text,
    };
    let Some((addr, zone)) = bare.split_once('%') else {
        return bare.parse().ok().map(|ip| Host::Ipv6(ip, None));
    };
    // Linux: IFNAMSIZ is 16 with the NUL.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '@');
    let well_formed = (1..16).contains(&zone.len()) && zone.chars().all(plain);
    let ip = addr.parse().ok()?;
    well_formed.then(|| Host::Ipv6(ip, Some(Zone(zone.to_owned()))))
}

/// A name by RFC 1123 section 2.1 and RFC 5891, and `_`, which service names have (RFC 2782).
fn name(text: &str) -> Result<Name, &'static str> {
    let ascii = idna::domain_to_ascii(text).map_err(|_| "not a host name (IDNA refuses it)")?;
    let bare = ascii.strip_suffix('.').unwrap_or(&ascii);
    if bare.len() > 253 {
        return Err("a host name has at most 253 bytes");
    }
    for label in bare.split('.') {
        match label.len() {
            0 => return Err("a host name has no empty label"),
            1..=63 => {}
            _ => return Err("a label of a host name has at most 63 bytes"),
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err("a host name has letters, digits, hyphens and dots only");
        }
    }
    let last = bare.rsplit('.').next().unwrap_or(bare);
    let number = last.bytes().all(|b| b.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if number {
        return Err("not an IPv4 address of four decimal parts");
    }
    let unicode = if text.is_ascii() { ascii.clone() } else { idna::domain_to_unicode(&ascii).0 };
    Ok(Name { ascii, unicode })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_of_the_notes() {
        assert_eq!(host(""), Host::Any);
        assert_eq!(host("<broadcast>"), Host::Broadcast);
        assert_eq!(host("127.0.0.1"), Host::Ipv4(Ipv4Addr::LOCALHOST));
        assert_eq!(host("2130706433"), Host::Ipv4(Ipv4Addr::LOCALHOST));
        assert_eq!(host("0"), Host::Ipv4(Ipv4Addr::UNSPECIFIED));
        assert_eq!(host("::1"), Host::Ipv6(Ipv6Addr::LOCALHOST, None));
        assert_eq!(host("[::1]"), Host::Ipv6(Ipv6Addr::LOCALHOST, None));
        assert_eq!(host("::ffff:127.0.0.1").to_string(), "::ffff:127.0.0.1");
        assert_eq!(host("fe80::1%eth0").to_string(), "fe80::1%eth0");
        assert_eq!(host("[fe80::1%2]").bracketed().to_string(), "[fe80::1%2]");
        assert_eq!(host("Example.ORG").to_string(), "example.org");
        assert_eq!(host("example.org.").ascii(), "example.org.");
        assert_eq!(host("_dmarc.example.org").ascii(), "_dmarc.example.org");
    }

    #[test]
    fn a_unicode_name_keeps_both_forms() {
        let books = host("Bücher.example");
        assert_eq!(books.ascii(), "xn--bcher-kva.example");
        assert_eq!(books.to_string(), "bücher.example");
        assert_eq!(host("xn--bcher-kva.example").to_string(), "xn--bcher-kva.example");
    }

    #[test]
    fn what_could_break_a_wire_or_mean_two_things_is_refused() {
        for text in [
            "a b",
            "a\r\nb",
            "a\0b",
            "a\u{85}b",
            "a/b",
            "a@b",
            "a?b",
            "a..b",
            ".",
            ".a",
            "a%20b",
            "\"a\"",
            "127.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "010.0.0.1",
            "1.2.3.4.5",
            "256.1.1.1",
            "4294967296",
            "0177",
            "a.1",
            ":",
            ":::",
            "[::1",
            "::1]",
            "[a]",
            "::1%",
            "::1%a b",
            "::1%a/b",
            "::1%0123456789abcdef",
        ] {
            assert!(
                matches!(text.parse::<Host>(), Err(NetError::Invalid { what: What::Host, .. })),
                "{text:?}"
            );
        }
        assert!("a".repeat(64).parse::<Host>().is_err());
        assert!("a.".repeat(127).parse::<Host>().is_ok());
        assert!("a.".repeat(128).parse::<Host>().is_err());
    }

    #[test]
    fn loopback_is_known_in_every_form() {
        for text in
            ["127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "2130706433"]
        {
            assert!(host(text).is_loopback(), "{text}");
        }
        for text in ["128.0.0.1", "::2", "notlocalhost", "localhost.example", "<broadcast>"] {
            assert!(!host(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn zones_are_interfaces_of_this_host() {
        let Host::Ipv6(_, Some(number)) = host("fe80::1%7") else { panic!() };
        assert_eq!(number.index().unwrap(), 7);
        let Host::Ipv6(_, Some(nowhere)) = host("fe80::1%nowhere9") else { panic!() };
        assert!(matches!(nowhere.index(), Err(NetError::Invalid { what: What::Zone, .. })));
    }

    proptest! {
        #[test]
        fn what_parses_prints_and_parses_again(text in "\\PC{0,20}|[a-z0-9.:%\\[\\]-]{0,20}") {
            if let Ok(host) = text.parse::<Host>() {
                prop_assert_eq!(host.to_string().parse::<Host>().unwrap(), host.clone());
                prop_assert!(host.ascii().bytes().all(|b| b.is_ascii_graphic()));
            }
        }
    }
}
