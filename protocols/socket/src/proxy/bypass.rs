//! Where no proxy is used: the list of `no_proxy` and `--no-proxy`.

use std::net::IpAddr;
use std::str::FromStr;

use crate::endpoint::Endpoint;
use crate::error::{NetError, What};
use crate::host::Host;

/// Hosts that are reached without a proxy: entries between commas or blanks.
///
/// | entry | means |
/// |---|---|
/// | `*` | every host |
/// | `example.org`, `.example.org`, `*.example.org` | that name and every name under it |
/// | `192.0.2.1`, `::1`, `[::1]` | that address, when the target is written as an address |
/// | `192.0.2.0/24`, `2001:db8::/32` | every address in it |
/// | any of these with `:PORT` (IPv6 in brackets) | at that port only |
///
/// Names are not resolved to compare them with addresses: who asks for a name gets the proxy's idea of it.
///
/// ```
/// use netkit_socket::NoProxy;
///
/// let list: NoProxy = ".example.org, 10.0.0.0/8, [::1]:8080".parse()?;
/// assert!(list.covers(&"www.example.org:443".parse()?));
/// assert!(list.covers(&"10.1.2.3:80".parse()?));
/// assert!(!list.covers(&"[::1]:80".parse()?));
/// # Ok::<(), netkit_socket::NetError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoProxy(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    what: Covered,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Covered {
    Everything,
    /// In ASCII, without dots around it.
    Name(String),
    /// The address and how many of its first bits count.
    Net(IpAddr, u8),
}

impl NoProxy {
    /// The list of an environment variable: an entry that is none of the forms above is passed over, for it was written
    /// for another program.
    pub fn lenient(text: &str) -> NoProxy {
        NoProxy(words(text).filter_map(|word| entry(word).ok()).collect())
    }

    /// Whether the list names this place. A Unix socket needs no list: it has no proxy.
    pub fn covers(&self, to: &Endpoint) -> bool {
        match to {
            Endpoint::Unix(_) => true,
            Endpoint::Inet { host, port } => self.0.iter().any(|entry| entry.covers(host, *port)),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for NoProxy {
    type Err = NetError;

    fn from_str(text: &str) -> Result<NoProxy, NetError> {
        let parse = |word| entry(word).map_err(|why| NetError::invalid(What::NoProxy, word, why));
        words(text).map(parse).collect::<Result<_, _>>().map(NoProxy)
    }
}

impl Entry {
    fn covers(&self, host: &Host, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        match (&self.what, host) {
            (Covered::Everything, _) => true,
            (Covered::Name(name), Host::Name(host)) => {
                let host = host.ascii();
                let host = host.strip_suffix('.').unwrap_or(host);
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (Covered::Net(net, bits), host) => {
                host.ip().is_some_and(|ip| is_inside(ip.to_canonical(), *net, *bits))
            }
            (Covered::Name(_), _) => false,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

fn entry(word: &str) -> Result<Entry, &'static str> {
    let (what, port) = match word.strip_prefix('[') {
        Some(rest) => {
            let (v6, rest) = rest.split_once(']').ok_or("a bracket is not closed")?;
            match rest.strip_prefix('/') {
                Some(bits) => return Ok(Entry { what: network(v6, Some(bits))?, port: None }),
                None if rest.is_empty() => (v6, None),
                None => (v6, Some(rest.strip_prefix(':').ok_or("behind ] stands :PORT or nothing")?)),
            }
        }
        // Two colons are an IPv6 address without brackets, and so without a port.
        None => match word.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (word, None),
        },
    };
    let port = port.map(|port| port.parse().map_err(|_| "its port is malformed")).transpose()?;
    Ok(Entry { what: covered(what)?, port })
}

fn covered(what: &str) -> Result<Covered, &'static str> {
    if what == "*" {
        return Ok(Covered::Everything);
    }
    if let Some((net, bits)) = what.split_once('/') {
        return network(net, Some(bits));
    }
    let name = what.strip_prefix("*.").or_else(|| what.strip_prefix('.')).unwrap_or(what);
    match name.parse::<Host>() {
        Ok(Host::Name(name)) => Ok(Covered::Name(name.ascii().trim_end_matches('.').to_owned())),
        Ok(host) if host.ip().is_some() && name == what => network(what, None),
        _ => Err("neither a host name nor an address"),
    }
}

fn network(net: &str, bits: Option<&str>) -> Result<Covered, &'static str> {
    let host = net.parse::<Host>().ok().and_then(|host| host.ip()).ok_or("not an address")?;
    let ip = host.to_canonical();
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => most,
        Some(bits) => {
            let digits = bits.bytes().all(|b| b.is_ascii_digit());
            let bits: u8 = bits.parse().ok().filter(|_| digits).ok_or("a prefix length is a number")?;
            // ::ffff:0:0/96 is IPv4 by another name.
            let mapped = if host.is_ipv6() && ip.is_ipv4() { bits.checked_sub(96) } else { Some(bits) };
            mapped.filter(|bits| *bits <= most).ok_or("a prefix length is at most 32, or 128 for IPv6")?
        }
    };
    Ok(Covered::Net(ip, bits))
}

/// RFC 4632 section 3.1, and the same for IPv6.
fn is_inside(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            let differ = ip.to_bits() ^ net.to_bits();
            differ.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            let differ = ip.to_bits() ^ net.to_bits();
            differ.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn covers(list: &str, to: &str) -> bool {
        list.parse::<NoProxy>().unwrap().covers(&to.parse().unwrap())
    }

    #[test]
    fn names_cover_themselves_and_what_is_under_them() {
        for entry in ["example.org", ".example.org", "*.example.org", "EXAMPLE.org.", "x, example.org"] {
            for host in ["example.org", "EXAMPLE.ORG.", "www.example.org", "a.b.example.org"] {
                assert!(covers(entry, &format!("{host}:80")), "{entry} {host}");
            }
            for host in ["notexample.org", "example.org.evil.test", "org", "192.0.2.1"] {
                assert!(!covers(entry, &format!("{host}:80")), "{entry} {host}");
            }
        }
        assert!(covers("bücher.example", "www.xn--bcher-kva.example:1"));
    }

    #[test]
    fn networks_cover_addresses_bit_by_bit() {
        for (list, inside, outside) in [
            ("192.0.2.7", "192.0.2.7:80", "192.0.2.8:80"),
            ("192.0.2.0/25", "192.0.2.127:80", "192.0.2.128:80"),
            ("192.0.2.77/24", "192.0.2.1:80", "192.0.3.1:80"),
            ("0.0.0.0/0", "8.8.8.8:80", "[2001:db8::1]:80"),
            ("::/0", "[2001:db8::1]:80", "8.8.8.8:80"),
            ("2001:db8::/33", "[2001:db8:7fff::1]:80", "[2001:db8:8000::1]:80"),
            ("[2001:db8::]/32", "[2001:db8::9]:80", "[2001:db9::9]:80"),
            ("::1", "[::1]:80", "[::2]:80"),
            ("127.0.0.0/8", "[::ffff:127.0.0.1]:80", "[::1]:80"),
            ("::ffff:10.0.0.0/104", "10.9.9.9:80", "11.0.0.1:80"),
            ("10.0.0.0/8", "167772161:80", "10.example.org:80"),
        ] {
            assert!(covers(list, inside), "{list} {inside}");
            assert!(!covers(list, outside), "{list} {outside}");
        }
    }

    #[test]
    fn ports_star_and_separators() {
        assert!(covers("*", "anything.example:1") && covers("a *\tb", "[::1]:1"));
        assert!(covers("*:8080", "a.example:8080") && !covers("*:8080", "a.example:80"));
        assert!(covers("a.example:25", "a.example:25") && !covers("a.example:25", "a.example:26"));
        assert!(covers("[::1]:25", "[::1]:25") && !covers("[::1]:25", "[::1]:26"));
        assert!(!covers("", "a.example:1") && !covers(" , ,", "a.example:1"));
        assert!(NoProxy::default().covers(&Endpoint::Unix("/run/x".into())));
    }

    #[test]
    fn a_list_by_option_is_strict_and_one_by_environment_is_not() {
        for word in [
            "10.*",
            "<local>",
            "[::1",
            "[::1]x",
            "10.0.0.0/33",
            "::1/129",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "a.example:x",
            ".",
            "*.10.0.0.1",
        ] {
            let error = format!("ok.example,{word}").parse::<NoProxy>().unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
            let list = NoProxy::lenient(&format!("{word},ok.example"));
            assert!(
                list.covers(&"ok.example:1".parse().unwrap())
                    && !list.covers(&"a.example:1".parse().unwrap())
            );
        }
    }

    proptest! {
        #[test]
        fn no_list_panics(list in "\\PC{0,30}|[0-9a-f.:/*\\[\\], ]{0,30}") {
            let list = NoProxy::lenient(&list);
            list.covers(&"a.example:80".parse().unwrap());
            list.covers(&"[::1]:80".parse().unwrap());
        }
    }
}
