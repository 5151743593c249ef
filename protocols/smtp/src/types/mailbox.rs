//! One mailbox: `local-part@domain`.

use std::fmt;
use std::str::FromStr;

use super::Domain;
use crate::error::{Argument, Invalid};

/// How long an address may be. RFC 5321 section 4.5.3.1 asks receivers for 64 + 1 + 255 and senders not to rely on a
/// limit; longer local parts are in use for return addresses, and the command line must stay a line.
const LONGEST: usize = 512;

/// A mailbox address.
///
/// ```text
/// Mailbox       = Local-part "@" ( Domain / address-literal )                        RFC 5321 4.1.2
/// Local-part    = Dot-string / Quoted-string
/// atext         =/ UTF8-non-ascii        qtextSMTP =/ UTF8-non-ascii                 RFC 6531 3.3
/// ```
///
/// The local part is kept as what it means, without quotes; it is quoted when written, if it has to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    local: String,
    domain: Domain,
}

impl Mailbox {
    /// A mailbox of this (unquoted) local part.
    ///
    /// # Errors
    /// [`Invalid`] for a control character, or an address that is too long.
    pub fn new(local: &str, domain: Domain) -> Result<Mailbox, Invalid> {
        let invalid = |rule| Invalid::new(Argument::Address, rule);
        // Not quotable either: qtextSMTP and quoted-pairSMTP begin at 32 (RFC 5321 section 4.1.2).
        if local.chars().any(char::is_control) {
            return Err(invalid("a mail address has no control characters"));
        }
        if local.len() + domain.unicode().len().max(domain.ascii().len()) > LONGEST {
            return Err(invalid("a mail address has at most 512 bytes"));
        }
        Ok(Mailbox { local: local.to_owned(), domain })
    }

    /// The local part, without quotes.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Whether this address needs SMTPUTF8: only the local part can, a domain has A-labels (RFC 6531 section 3.2).
    pub fn needs_utf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// As it stands between the angle brackets of a path: with U-labels where the server takes them, else A-labels.
    pub fn to_wire(&self, utf8: bool) -> String {
        let domain = if utf8 { self.domain.unicode() } else { self.domain.ascii() };
        format!("{}@{domain}", quoted(&self.local))
    }
}

/// The local part with quotes around it if it is no Dot-string.
fn quoted(local: &str) -> String {
    if local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext)) {
        return local.to_owned();
    }
    let mut out = String::with_capacity(local.len() + 2);
    out.push('"');
    for c in local.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

fn is_atext(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Splits `text` behind the local part: what the local part means, and the rest.
fn split_local(text: &str) -> Result<(String, &str), &'static str> {
    let Some(quoted) = text.strip_prefix('"') else {
        let at = text.find('@').ok_or("a mail address is local-part@domain")?;
        let (local, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        if !local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext)) {
            return Err("a local part with special characters must be quoted");
        }
        return Ok((local.to_owned(), rest));
    };
    let mut local = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next() {
            Some('"') => return Ok((local, chars.as_str())),
            // quoted-pairSMTP = %d92 %d32-126
            Some('\\') => match chars.next() {
                Some(c @ ' '..='~') => local.push(c),
                _ => return Err("a backslash quotes one printable character"),
            },
            Some(c) => local.push(c),
            None => return Err("the quote of the local part is not closed"),
        }
    }
}

impl FromStr for Mailbox {
    type Err = Invalid;

    /// Reads `local@domain`, also with a quoted local part.
    fn from_str(text: &str) -> Result<Mailbox, Invalid> {
        let invalid = |rule| Invalid::new(Argument::Address, rule);
        let (local, rest) = split_local(text).map_err(invalid)?;
        let domain = rest.strip_prefix('@').ok_or(invalid("a mail address is local-part@domain"))?;
        Mailbox::new(&local, Domain::new(domain).map_err(|why| invalid(why.rule))?)
    }
}

/// As a person writes it: U-labels, quotes where needed.
impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_wire(true))
    }
}
