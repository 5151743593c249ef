//! The right side of an address, and the argument of EHLO.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// A domain name or an address literal.
///
/// ```text
/// Domain          = sub-domain *("." sub-domain)                                     RFC 5321 4.1.2
/// sub-domain      = Let-dig [Ldh-str] / U-label                                      RFC 6531 3.3
/// address-literal = "[" ( IPv4-address-literal / "IPv6:" IPv6-addr / Ldh-str ":" 1*dcontent ) "]"   RFC 5321 4.1.3
/// ```
///
/// Underscores are taken too: names that have them exist and receive mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain {
    /// With A-labels; what a server without SMTPUTF8 sees.
    ascii: String,
    /// With U-labels; what a person sees.
    unicode: String,
}

impl Domain {
    /// Takes a name, in Unicode or not, or a literal in brackets.
    ///
    /// # Errors
    /// [`Invalid`] when it is neither.
    pub fn new(text: &str) -> Result<Domain, Invalid> {
        let invalid = |rule| Invalid::new(Argument::Domain, rule);
        if text.starts_with('[') {
            return literal(text).ok_or_else(|| invalid("not an address literal"));
        }
        // Names in plain ASCII stay as written, upper case too; all others go through IDNA and back.
        let has_a_label =
            text.split('.').any(|label| label.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("xn--")));
        if text.is_ascii() && !has_a_label {
            check_labels(text).map_err(invalid)?;
            return Ok(Domain { ascii: text.to_owned(), unicode: text.to_owned() });
        }
        let ascii = idna::domain_to_ascii(text).map_err(|_| invalid("IDNA refuses this name"))?;
        check_labels(&ascii).map_err(invalid)?;
        let (unicode, shown) = idna::domain_to_unicode(&ascii);
        shown.map_err(|_| invalid("IDNA refuses this name"))?;
        Ok(Domain { ascii, unicode })
    }

    /// With A-labels (RFC 5890): the form for every server.
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// With U-labels: the form for people and for SMTPUTF8.
    pub fn unicode(&self) -> &str {
        &self.unicode
    }

    /// Whether this is an address in brackets.
    pub fn is_literal(&self) -> bool {
        self.ascii.starts_with('[')
    }
}

fn check_labels(ascii: &str) -> Result<(), &'static str> {
    if ascii.len() > 253 {
        return Err("a domain has at most 253 bytes");
    }
    for label in ascii.split('.') {
        if label.is_empty() || label.len() > 63 {
            return Err("a label of a domain has 1 to 63 bytes");
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return Err("a domain has letters, digits, hyphens and dots only");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("a label of a domain neither starts nor ends with a hyphen");
        }
    }
    Ok(())
}

fn literal(text: &str) -> Option<Domain> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let well_formed = match inner.split_once(':') {
        None => inner.parse::<Ipv4Addr>().is_ok(),
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6") => address.parse::<Ipv6Addr>().is_ok(),
        Some((tag, content)) => {
            let ldh = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            let dcontent = |b: u8| matches!(b, 33..=90 | 94..=126);
            tag.bytes().all(ldh)
                && tag.ends_with(|c: char| c.is_ascii_alphanumeric())
                && (1..200).contains(&content.len())
                && content.bytes().all(dcontent)
        }
    };
    well_formed.then(|| Domain { ascii: text.to_owned(), unicode: text.to_owned() })
}

/// The address literal, which a client without a name of its own says in EHLO (RFC 5321 section 4.1.4).
impl From<IpAddr> for Domain {
    fn from(ip: IpAddr) -> Domain {
        let text = match ip {
            IpAddr::V4(ip) => format!("[{ip}]"),
            IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
        };
        Domain { ascii: text.clone(), unicode: text }
    }
}

impl FromStr for Domain {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Domain, Invalid> {
        Domain::new(text)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.unicode)
    }
}
