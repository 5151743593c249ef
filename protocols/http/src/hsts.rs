//! Hosts that want TLS and nothing else (RFC 6797).
//!
//! | a server sends | answer |
//! |---|---|
//! | the field over http, or over TLS whose certificate was not checked | ignored (section 8.1): anyone could have sent it |
//! | the field, as an IP address | ignored (section 8.1.1) |
//! | several fields | the first counts (section 8.1) |
//! | a directive twice, no `max-age`, a broken value | ignored (section 6.1) |
//! | `max-age=0` | the host is forgotten |
//! | hosts without end | 1000 are kept, those that end last |
//!
//! Names are compared without case and without the dot of the root: `example.com.` is `example.com`.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use url::{Host, Url};

use crate::calendar::Moment;
use crate::private_file;

/// How many hosts are kept.
const MOST: usize = 1000;
/// A time further away is said to be this far: the year 9999 is the last that the file can say.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The hosts that want TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hsts {
    hosts: BTreeMap<String, Policy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policy {
    until: SystemTime,
    with_subdomains: bool,
}

impl Hsts {
    /// No host.
    #[must_use]
    pub fn new() -> Hsts {
        Hsts::default()
    }

    /// The hosts in a file of curl's format; none where there is no file.
    ///
    /// # Errors
    /// Why the file cannot be read, or that it is larger than 16 MiB.
    pub fn load(path: &Path, now: SystemTime) -> io::Result<Hsts> {
        let mut hosts = Hsts::new();
        hosts.read(&String::from_utf8_lossy(&private_file::read(path)?), now);
        Ok(hosts)
    }

    /// Writes the file, which replaces the old one when it is whole.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn save(&self, path: &Path, now: SystemTime) -> io::Result<()> {
        private_file::replace(path, self.to_text(now).as_bytes())
    }

    /// Takes in the value of `Strict-Transport-Security` from an answer of `url`, which must have come through TLS with
    /// a certificate that was checked. Says whether it was heeded.
    pub fn store(&mut self, url: &Url, value: &[u8], now: SystemTime) -> bool {
        let Some(host) = name(url).filter(|_| url.scheme() == "https") else { return false };
        let Some((age, with_subdomains)) = parse(value) else { return false };
        if age.is_zero() {
            self.hosts.remove(&host);
        } else {
            self.put(host, Policy { until: now + age.min(LONGEST), with_subdomains }, now);
        }
        true
    }

    /// Whether a request of `url` in clear must go through TLS (section 8.2).
    pub fn wants_tls(&self, url: &Url, now: SystemTime) -> bool {
        let Some(host) = name(url) else { return false };
        let mut rest = host.as_str();
        loop {
            if let Some(policy) = self.hosts.get(rest).filter(|policy| policy.until > now)
                && (policy.with_subdomains || rest.len() == host.len())
            {
                return true;
            }
            match rest.split_once('.') {
                Some((_, parent)) => rest = parent,
                None => return false,
            }
        }
    }

    /// The URL through TLS that stands for `url`, if its host wants that: port 80 becomes 443, any other stays
    /// (section 8.3).
    pub fn upgrade(&self, url: &Url, now: SystemTime) -> Option<Url> {
        if url.scheme() != "http" || !self.wants_tls(url, now) {
            return None;
        }
        let mut secure = url.clone();
        secure.set_scheme("https").ok()?;
        Some(secure)
    }

    /// The names that are kept, in order, and whether each speaks for the hosts below it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, bool)> {
        self.hosts.iter().map(|(host, policy)| (host.as_str(), policy.with_subdomains))
    }

    /// Takes in a file: `host "YYYYMMDD HH:MM:SS"`, a dot before the name where hosts below it are meant.
    pub fn read(&mut self, text: &str, now: SystemTime) {
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let Some((host, until)) = line.split_once(char::is_whitespace) else { continue };
            let with_subdomains = host.starts_with('.');
            let host = host.strip_prefix('.').unwrap_or(host);
            let url = Url::parse(&format!("https://{host}/"));
            let Some(host) = url.ok().as_ref().and_then(name) else { continue };
            let Some(until) = moment(until.trim().trim_matches('"'), now) else { continue };
            self.put(host, Policy { until, with_subdomains }, now);
        }
    }

    /// The hosts as a file, without those whose time is over.
    pub fn to_text(&self, now: SystemTime) -> String {
        let mut out = String::from("# HSTS hosts, in the format that curl reads and writes\n");
        for (host, policy) in self.hosts.iter().filter(|(_, policy)| policy.until > now) {
            let dot = if policy.with_subdomains { "." } else { "" };
            let since = policy.until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let Moment { year, month, day, hour, minute, second } =
                Moment::of(i64::try_from(since).unwrap_or(0));
            out +=
                &format!("{dot}{host} \"{year:04}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}\"\n");
        }
        out
    }

    fn put(&mut self, host: String, policy: Policy, now: SystemTime) {
        self.hosts.insert(host, policy);
        if self.hosts.len() > MOST {
            self.hosts.retain(|_, policy| policy.until > now);
        }
        if self.hosts.len() > MOST {
            let first =
                self.hosts.iter().min_by_key(|(_, policy)| policy.until).map(|(host, _)| host.clone());
            first.map(|host| self.hosts.remove(&host));
        }
    }
}

/// The name of a host in its one form; `None` for an address.
fn name(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            (!name.is_empty() && !name.ends_with('.')).then_some(name)
        }
        _ => None,
    }
}

/// `max-age` and `includeSubDomains` (section 6.1).
///
/// ```text
/// Strict-Transport-Security = [ directive ] *( ";" [ directive ] )
/// directive                 = directive-name [ "=" directive-value ]
/// ```
fn parse(value: &[u8]) -> Option<(Duration, bool)> {
    let value = std::str::from_utf8(value).ok()?;
    let (mut seen, mut age, mut with_subdomains) = (Vec::new(), None, false);
    for directive in value.split(';').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (name, value) = match directive.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (directive, None),
        };
        let name = name.to_ascii_lowercase();
        if seen.contains(&name) || !netkit_wire::is_token(name.as_bytes()) {
            return None;
        }
        match (name.as_str(), value) {
            ("max-age", Some(value)) => {
                let digits = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
                let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let seconds = digits.parse().unwrap_or(u64::MAX);
                age = Some(plain.then_some(Duration::from_secs(seconds))?);
            }
            ("includesubdomains", None) => with_subdomains = true,
            ("includesubdomains" | "max-age", _) => return None,
            _ => {}
        }
        seen.push(name);
    }
    Some((age?, with_subdomains))
}

/// `YYYYMMDD HH:MM:SS` in UTC, or `unlimited`.
fn moment(text: &str, now: SystemTime) -> Option<SystemTime> {
    if text == "unlimited" {
        return Some(now + LONGEST);
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let marks = [text.get(8..9), text.get(11..12), text.get(14..15)];
    if text.len() != 17 || marks != [Some(" "), Some(":"), Some(":")] {
        return None;
    }
    let seconds = Moment {
        year: number(0..4)?,
        month: number(4..6)?,
        day: number(6..8)?,
        hour: number(9..11)?,
        minute: number(12..14)?,
        second: number(15..17)?,
    }
    .seconds()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}
