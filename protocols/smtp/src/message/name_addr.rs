//! A mailbox with the name of the person behind it: `name-addr / addr-spec` of RFC 5322 section 3.4.

use std::fmt;
use std::str::FromStr;

use super::header;
use crate::error::{Argument, Invalid};
use crate::types::Mailbox;

/// A mailbox as a header shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    name: Option<String>,
    /// The address.
    pub mailbox: Mailbox,
}

impl NameAddr {
    /// A mailbox and a name to show with it.
    ///
    /// # Errors
    /// [`Invalid`] when the name has a line end or control character.
    pub fn new(name: Option<&str>, mailbox: Mailbox) -> Result<NameAddr, Invalid> {
        if let Some(name) = name {
            header::value(name)?;
        }
        Ok(NameAddr { name: name.filter(|name| !name.is_empty()).map(str::to_owned), mailbox })
    }

    /// The name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl From<Mailbox> for NameAddr {
    fn from(mailbox: Mailbox) -> Self {
        NameAddr { name: None, mailbox }
    }
}

impl FromStr for NameAddr {
    type Err = Invalid;

    /// Reads `a@example.org`, `<a@example.org>`, `Ann Example <a@example.org>` or `"Example, Ann" <a@example.org>`.
    fn from_str(text: &str) -> Result<NameAddr, Invalid> {
        let text = text.trim();
        let Some(open) = text.strip_suffix('>') else { return text.parse::<Mailbox>().map(NameAddr::from) };
        let (name, address) =
            open.rsplit_once('<').ok_or(Invalid::new(Argument::Address, "there is a > without a <"))?;
        let name = name.trim();
        let name = match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => unquoted(quoted),
            None => name.to_owned(),
        };
        NameAddr::new(Some(&name), address.parse()?)
    }
}

/// The content of a quoted-string: each backslash stands for the character behind it.
fn unquoted(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// For a person, with the name unencoded.
impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.mailbox),
            None => self.mailbox.fmt(f),
        }
    }
}
