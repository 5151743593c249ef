//! MTA-STS: a domain says that mail to it goes over TLS to hosts it names (RFC 8461).
//!
//! The text of the DNS says whether there is a policy ([`announced`]), and the policy itself is a file on the web at
//! [`policy_url`]. Fetching both is the caller's.

use std::str::FromStr;

use netkit_socket::Name;

use crate::error::{Argument, Invalid};

/// What a domain asks of those who send to it (section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How serious it is.
    pub mode: Mode,
    /// How long it may be kept, in seconds.
    pub max_age: u32,
    /// Names of hosts, or `*.domain`.
    patterns: Vec<String>,
}

/// How serious a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Mail goes over TLS to a named host whose certificate is right, or not at all.
    Enforce,
    /// A failure is reported, and the mail goes.
    Testing,
    /// There is no policy any more.
    None,
}

/// The longest policy read, in bytes (section 3.3 asks for a limit and names 64 KiB).
pub const MAX_POLICY: usize = 64 << 10;

/// The name at which the text stands.
pub fn record_name(domain: &Name) -> String {
    format!("_mta-sts.{}", domain.ascii())
}

/// Where the policy stands (section 3.3). It is fetched without following a redirect, under a verified certificate.
pub fn policy_url(domain: &Name) -> String {
    format!("https://mta-sts.{}/.well-known/mta-sts.txt", domain.ascii())
}

/// Whether the texts at [`record_name`] announce a policy (section 3.1): one of them, no more, begins with `v=STSv1;`.
pub fn announced(texts: &[Vec<u8>]) -> bool {
    let is_record = |text: &&Vec<u8>| text.starts_with(b"v=STSv1;");
    texts.iter().filter(is_record).count() == 1
}

impl Policy {
    /// Whether the policy names this host (section 4.1): a `*` stands for one label, the leftmost.
    pub fn allows(&self, host: &Name) -> bool {
        let host = host.ascii().trim_end_matches('.');
        self.patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(domain)),
            None => host.eq_ignore_ascii_case(pattern),
        })
    }
}

const fn invalid(rule: &'static str) -> Invalid {
    Invalid::new(Argument::Policy, rule)
}

impl FromStr for Policy {
    type Err = Invalid;

    /// `key: value` lines; unknown keys are passed over (section 3.2).
    fn from_str(text: &str) -> Result<Policy, Invalid> {
        if text.len() > MAX_POLICY {
            return Err(invalid("it is too long"));
        }
        let mut lines =
            text.split('\n').map(|line| line.trim_end_matches('\r')).filter_map(|line| line.split_once(':'));
        let value =
            |key: &str| lines.clone().find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
        if value("version") != Some("STSv1") {
            return Err(invalid("its version is not STSv1"));
        }
        let mode = match value("mode") {
            Some("enforce") => Mode::Enforce,
            Some("testing") => Mode::Testing,
            Some("none") => Mode::None,
            _ => return Err(invalid("its mode is neither enforce, testing nor none")),
        };
        let age = value("max_age").filter(|age| age.len() <= 10 && age.bytes().all(|b| b.is_ascii_digit()));
        let max_age = age.and_then(|age| age.parse().ok()).ok_or(invalid("it has no max_age"))?;
        let mx = lines.by_ref().filter(|(name, _)| name.trim() == "mx");
        let patterns: Vec<String> = mx.map(|(_, value)| value.trim().to_owned()).collect();
        if patterns.is_empty() && mode != Mode::None {
            return Err(invalid("it names no host"));
        }
        Ok(Policy { mode, max_age, patterns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_socket::Host;

    fn name(text: &str) -> Name {
        match text.parse().unwrap() {
            Host::Name(name) => name,
            other => panic!("{other}"),
        }
    }

    /// RFC 8461 section 3.2, the example.
    #[test]
    fn the_standards_example() {
        let text = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n\
                    mx: backupmx.example.com\r\nmax_age: 604800\r\n";
        let policy: Policy = text.parse().unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, 604_800));
        for good in ["mail.example.com", "MAIL.example.COM", "a.example.net", "backupmx.example.com"] {
            assert!(policy.allows(&name(good)), "{good}");
        }
        for bad in ["example.net", "a.b.example.net", "mail.example.org", "xmail.example.com"] {
            assert!(!policy.allows(&name(bad)), "{bad}");
        }
    }

    #[test]
    fn what_is_no_policy() {
        for bad in [
            "",
            "version: STSv2\nmode: enforce\nmx: a\nmax_age: 1",
            "version: STSv1\nmode: maybe\nmx: a\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmax_age: 1",
            "version: STSv1\nmode: enforce\nmx: a\nmax_age: -1",
            "version: STSv1\nmode: enforce\nmx: a",
        ] {
            assert!(bad.parse::<Policy>().is_err(), "{bad:?}");
        }
        assert!("version: STSv1\nmode: none\nmax_age: 1\n".parse::<Policy>().is_ok());
    }

    /// Section 3.1, and where things stand.
    #[test]
    fn records() {
        let texts = |list: &[&str]| list.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        assert!(announced(&texts(&["v=STSv1; id=20160831085700Z;", "v=spf1 -all"])));
        assert!(!announced(&texts(&["v=STSv1; id=1", "v=STSv1; id=2"])));
        assert!(!announced(&[]));
        assert_eq!(record_name(&name("example.com")), "_mta-sts.example.com");
        assert_eq!(policy_url(&name("example.com")), "https://mta-sts.example.com/.well-known/mta-sts.txt");
    }
}
