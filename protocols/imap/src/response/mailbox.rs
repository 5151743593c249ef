//! What is told of mailboxes: LIST, STATUS, NAMESPACE, QUOTA.

use netkit_wire::Text;

use super::cursor::Cursor;
use super::fetch::flags;
use super::value::{DEPTH, Value};
use crate::types::Mailbox;

/// A line of LIST or LSUB (RFC 9051 section 7.3.1, RFC 5258).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `\HasChildren`, `\Noselect`, `\Sent`...
    pub attributes: Vec<String>,
    /// What parts the levels of its name; none where there are no levels.
    pub delimiter: Option<char>,
    /// Its name.
    pub mailbox: Mailbox,
    /// The name on the wire, to say it again just so.
    pub wire: Vec<u8>,
}

impl Listed {
    pub(super) fn parse(cursor: &mut Cursor<'_>, utf8: bool) -> Option<Listed> {
        let attributes = flags(cursor)?.into_iter().map(std::borrow::Cow::into_owned).collect();
        cursor.space()?;
        let delimiter = cursor.nstring()?;
        let delimiter = delimiter.and_then(|text| String::from_utf8_lossy(&text).chars().next());
        cursor.space()?;
        let wire = cursor.astring()?.into_owned();
        // What follows, as CHILDINFO, is not needed to know the mailbox.
        Some(Listed { attributes, delimiter, mailbox: Mailbox::from_wire(&wire, utf8), wire })
    }

    /// Whether it has this attribute, in any case.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|known| known.eq_ignore_ascii_case(attribute))
    }
}

/// An answer to STATUS (RFC 9051 section 7.3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Of which mailbox.
    pub mailbox: Mailbox,
    /// Names in upper case, and numbers.
    pub items: Vec<(String, u64)>,
}

impl MailboxStatus {
    pub(super) fn parse(cursor: &mut Cursor<'_>, utf8: bool) -> Option<MailboxStatus> {
        let mailbox = Mailbox::from_wire(&cursor.astring()?, utf8);
        cursor.space()?;
        let values = Value::parse(cursor, DEPTH)?;
        let pair = |pair: &[Value<'_>]| match pair {
            [name, value] => Some((name.name()?, value.number()?)),
            _ => None,
        };
        Some(MailboxStatus { mailbox, items: values.list().chunks(2).filter_map(pair).collect() })
    }

    /// The number of an item.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.items.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// Where mailboxes are (RFC 2342 section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// One's own.
    pub personal: Vec<Namespace>,
    /// Other users'.
    pub others: Vec<Namespace>,
    /// Everybody's.
    pub shared: Vec<Namespace>,
}

/// One namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// What names begin with.
    pub prefix: String,
    /// What parts the levels.
    pub delimiter: Option<char>,
}

impl Namespaces {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Namespaces> {
        let mut next = || {
            let _ = cursor.space();
            let value = Value::parse(cursor, DEPTH)?;
            let one = |value: &Value<'_>| match value.list() {
                [prefix, delimiter, ..] => Some(Namespace {
                    prefix: prefix.text()?.into_owned(),
                    delimiter: delimiter.text().and_then(|text| text.chars().next()),
                }),
                _ => None,
            };
            Some(value.list().iter().filter_map(one).collect())
        };
        Some(Namespaces { personal: next()?, others: next()?, shared: next()? })
    }
}

/// How full a quota root is (RFC 9208 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The root's name; often empty.
    pub root: Text,
    /// Name, usage, limit; `STORAGE` is in units of 1024 bytes.
    pub resources: Vec<(String, u64, u64)>,
}

impl Quota {
    /// How much of a limit is used, in percent; all of none.
    pub fn percent(usage: u64, limit: u64) -> u64 {
        usage.saturating_mul(100).checked_div(limit).unwrap_or(100)
    }

    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Quota> {
        let root = Text::from(&*cursor.astring()?);
        cursor.space()?;
        let values = Value::parse(cursor, DEPTH)?;
        let triple = |three: &[Value<'_>]| match three {
            [name, usage, limit] => Some((name.name()?, usage.number()?, limit.number()?)),
            _ => None,
        };
        Some(Quota { root, resources: values.list().chunks(3).filter_map(triple).collect() })
    }
}
