//! Paths: who a message comes from and where it goes, in angle brackets.

use std::fmt;
use std::str::FromStr;

use super::Mailbox;
use crate::error::{Argument, Invalid};

/// Where a notice of failure goes (RFC 5321 section 4.1.2, `Reverse-path`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: nowhere. Notices have it, so that none answers another (RFC 5321 section 4.5.5).
    Null,
    /// To this mailbox.
    Mailbox(Mailbox),
}

/// Where a message goes (RFC 5321 section 4.1.2, `Forward-path`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ForwardPath {
    /// `<Postmaster>`: the one address that needs no domain (RFC 5321 section 4.5.1).
    Postmaster,
    /// To this mailbox.
    Mailbox(Mailbox),
}

impl ReversePath {
    /// Whether it needs SMTPUTF8.
    pub fn needs_utf8(&self) -> bool {
        matches!(self, ReversePath::Mailbox(mailbox) if mailbox.needs_utf8())
    }

    /// With its angle brackets, as on the wire.
    pub fn to_wire(&self, utf8: bool) -> String {
        match self {
            ReversePath::Null => "<>".to_owned(),
            ReversePath::Mailbox(mailbox) => format!("<{}>", mailbox.to_wire(utf8)),
        }
    }
}

impl ForwardPath {
    /// Whether it needs SMTPUTF8.
    pub fn needs_utf8(&self) -> bool {
        matches!(self, ForwardPath::Mailbox(mailbox) if mailbox.needs_utf8())
    }

    /// With its angle brackets, as on the wire.
    pub fn to_wire(&self, utf8: bool) -> String {
        match self {
            ForwardPath::Postmaster => "<Postmaster>".to_owned(),
            ForwardPath::Mailbox(mailbox) => format!("<{}>", mailbox.to_wire(utf8)),
        }
    }
}

/// The path at the start of `text`, which must be in angle brackets, and what follows it.
pub(crate) fn reverse_path(text: &str) -> Result<(ReversePath, &str), Invalid> {
    let (inner, rest) = bracketed(text)?;
    Ok((if inner.is_empty() { ReversePath::Null } else { ReversePath::Mailbox(inner.parse()?) }, rest))
}

/// The path at the start of `text`, which must be in angle brackets, and what follows it.
pub(crate) fn forward_path(text: &str) -> Result<(ForwardPath, &str), Invalid> {
    let (inner, rest) = bracketed(text)?;
    let postmaster = inner.eq_ignore_ascii_case("postmaster");
    Ok((if postmaster { ForwardPath::Postmaster } else { ForwardPath::Mailbox(inner.parse()?) }, rest))
}

/// `"<" [ A-d-l ":" ] inner ">" rest`. Source routes are read over, as RFC 5321 section 4.1.1.3 asks of servers.
fn bracketed(text: &str) -> Result<(&str, &str), Invalid> {
    let invalid = |rule| Invalid::new(Argument::Address, rule);
    let open = text.strip_prefix('<').ok_or(invalid("a path starts with <"))?;
    let end = closing(open).ok_or(invalid("a path ends with >"))?;
    let (inner, rest) = open.split_at_checked(end).unwrap_or((open, ""));
    let inner = match inner.strip_prefix('@').and_then(|_| inner.split_once(':')) {
        Some((_, mailbox)) => mailbox,
        None => inner,
    };
    Ok((inner, rest.strip_prefix('>').unwrap_or(rest)))
}

/// Where the bracket closes: a `>` inside quotes is the local part's.
fn closing(text: &str) -> Option<usize> {
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            '>' if !in_quotes => return Some(at),
            _ => {}
        }
    }
    None
}

/// The whole of `text` as a path, with or without brackets.
fn whole<'t>(text: &'t str, owned: &'t mut String) -> &'t str {
    if text.starts_with('<') {
        return text;
    }
    *owned = format!("<{text}>");
    owned
}

impl FromStr for ReversePath {
    type Err = Invalid;

    /// Reads an address, with angle brackets or without; `<>` and the empty string are [`ReversePath::Null`].
    fn from_str(text: &str) -> Result<ReversePath, Invalid> {
        match reverse_path(whole(text, &mut String::new()))? {
            (path, "") => Ok(path),
            _ => Err(Invalid::new(Argument::Address, "there is text behind the address")),
        }
    }
}

impl FromStr for ForwardPath {
    type Err = Invalid;

    /// Reads an address, with angle brackets or without.
    fn from_str(text: &str) -> Result<ForwardPath, Invalid> {
        match forward_path(whole(text, &mut String::new()))? {
            (path, "") => Ok(path),
            _ => Err(Invalid::new(Argument::Address, "there is text behind the address")),
        }
    }
}

impl From<Mailbox> for ReversePath {
    fn from(mailbox: Mailbox) -> Self {
        ReversePath::Mailbox(mailbox)
    }
}

impl From<Mailbox> for ForwardPath {
    fn from(mailbox: Mailbox) -> Self {
        ForwardPath::Mailbox(mailbox)
    }
}

/// Without brackets, as a person writes it; the null path is `<>`.
impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReversePath::Null => f.write_str("<>"),
            ReversePath::Mailbox(mailbox) => mailbox.fmt(f),
        }
    }
}

/// Without brackets, as a person writes it.
impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForwardPath::Postmaster => f.write_str("Postmaster"),
            ForwardPath::Mailbox(mailbox) => mailbox.fmt(f),
        }
    }
}
