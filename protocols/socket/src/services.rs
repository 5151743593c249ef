//! Service names and their ports: the ones this project speaks, the classics, then the host's own list.

use std::fs;

/// Names that must mean the same on every host, whatever its `/etc/services` says. Where several names share a port,
/// the first is the one shown. IANA's register, RFC 862 to 868 for the small services.
const WELL_KNOWN: &[(&str, u16)] = &[
    ("tcpmux", 1),
    ("echo", 7),
    ("discard", 9),
    ("systat", 11),
    ("daytime", 13),
    ("qotd", 17),
    ("chargen", 19),
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("lmtp", 24),
    ("smtp", 25),
    ("mail", 25),
    ("time", 37),
    ("whois", 43),
    ("domain", 53),
    ("tftp", 69),
    ("gopher", 70),
    ("gophers", 70),
    ("finger", 79),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("pop3", 110),
    ("pop", 110),
    ("sunrpc", 111),
    ("auth", 113),
    ("nntp", 119),
    ("news", 119),
    ("ntp", 123),
    ("imap", 143),
    ("imap2", 143),
    ("snmp", 161),
    ("irc", 194),
    ("ldap", 389),
    ("https", 443),
    ("submissions", 465),
    ("smtps", 465),
    ("syslog", 514),
    ("nntps", 563),
    ("snews", 563),
    ("submission", 587),
    ("ldaps", 636),
    ("ftps-data", 989),
    ("ftps", 990),
    ("telnets", 992),
    ("imaps", 993),
    ("pop3s", 995),
    ("pops", 995),
    ("socks", 1080),
    ("sieve", 4190),
];

/// The ports above, each once.
pub(crate) fn well_known() -> Vec<u16> {
    let mut ports: Vec<u16> = WELL_KNOWN.iter().map(|(_, port)| *port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The port of a service; `protocol` (`tcp`, `udp`) matters only for the host's own list.
pub(crate) fn port_of(name: &str, protocol: Option<&str>) -> Option<u16> {
    let known = WELL_KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, port)| *port).or_else(|| {
        lines(&host_list()).find_map(|line| {
            let ours = protocol.is_none_or(|p| p == line.protocol);
            (ours && line.names.contains(&name)).then_some(line.port)
        })
    })
}

/// The first name of a port.
pub(crate) fn name_of(port: u16, protocol: Option<&str>) -> Option<String> {
    let known = WELL_KNOWN.iter().find(|(_, known)| *known == port);
    known.map(|(name, _)| (*name).to_owned()).or_else(|| {
        lines(&host_list()).find_map(|line| {
            let ours = protocol.is_none_or(|p| p == line.protocol) && line.port == port;
            line.names.first().filter(|_| ours).map(|name| (*name).to_owned())
        })
    })
}

/// A host without the file has no services of its own.
fn host_list() -> String {
    fs::read_to_string("/etc/services").unwrap_or_default()
}

struct Line<'a> {
    names: Vec<&'a str>,
    port: u16,
    protocol: &'a str,
}

/// services(5): `name port/protocol [alias...] [# comment]`. Lines of any other shape are skipped.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let name = words.next()?;
        let (port, protocol) = words.next()?.split_once('/')?;
        let names = std::iter::once(name).chain(words).collect();
        Some(Line { names, port: port.parse().ok()?, protocol })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocols_of_this_project_have_their_ports() {
        let table = [
            ("http", 80),
            ("https", 443),
            ("nntp", 119),
            ("nntps", 563),
            ("ftp-data", 20),
            ("ftp", 21),
            ("ftps", 990),
            ("smtp", 25),
            ("submission", 587),
            ("smtps", 465),
            ("lmtp", 24),
            ("pop3", 110),
            ("pop3s", 995),
            ("imap", 143),
            ("imaps", 993),
            ("telnet", 23),
            ("telnets", 992),
            ("gopher", 70),
            ("gophers", 70),
        ];
        for (name, port) in table {
            assert_eq!(port_of(name, None), Some(port), "{name}");
        }
        assert_eq!(port_of("HTTP", None), Some(80));
        assert_eq!(name_of(70, None).as_deref(), Some("gopher"));
        assert_eq!(port_of("no-such-service", None), None);
    }

    #[test]
    fn the_hosts_list_is_read_as_services_5_says() {
        let text =
            "# all of it\nfoo 4711/tcp bar baz # why\n\nfoo 4712/udp\nbroken\nbad x/tcp\nbig 70000/tcp\n";
        let all: Vec<_> = lines(text).map(|l| (l.names, l.port, l.protocol)).collect();
        assert_eq!(all, [(vec!["foo", "bar", "baz"], 4711, "tcp"), (vec!["foo"], 4712, "udp")]);
    }
}
