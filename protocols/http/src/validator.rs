//! Which version of a representation one has: entity tags and modification dates (RFC 9110 8.8, 13.1).

use std::fmt;
use std::time::{Duration, SystemTime};

use netkit_wire::Fields;

use crate::error::Invalid;
use crate::request::Request;

/// An entity tag.
///
/// ```text
/// entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE                    RFC 9110 8.8.3
/// etagc      = %x21 / %x23-7E / obs-text
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag {
    weak: bool,
    /// Between the quotes. Bytes past ASCII that are not UTF-8 are not taken.
    opaque: Box<str>,
}

impl EntityTag {
    /// Reads a tag with its quotes; `None` for anything else, also for the unquoted tags that some servers send.
    pub fn parse(value: &[u8]) -> Option<EntityTag> {
        let text = std::str::from_utf8(value).ok()?;
        let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let plain = opaque.chars().all(|c| matches!(c, '!' | '#'..='~') || c >= '\u{80}');
        plain.then(|| EntityTag { weak, opaque: opaque.into() })
    }

    /// Whether it promises less than equal bytes.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Whether both are strong and the same: the bytes are equal (RFC 9110 8.8.3.2).
    pub fn is_strongly(&self, other: &EntityTag) -> bool {
        !self.weak && self == other
    }

    /// Whether they are the same but for weakness: one stands for the other (RFC 9110 8.8.3.2).
    pub fn is_weakly(&self, other: &EntityTag) -> bool {
        self.opaque == other.opaque
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// What tells one version from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validator {
    /// An `ETag`.
    Tag(EntityTag),
    /// A `Last-Modified`; `strong` when it is old enough, by the same server's clock, that no second change of the
    /// same second could hide behind it.
    Date {
        /// When it was changed, in whole seconds.
        modified: SystemTime,
        /// Whether it can hold parts together.
        strong: bool,
    },
}

impl Validator {
    /// The best one that an answer bears: a strong tag, a strong date, a weak tag, a weak date.
    ///
    /// A date is strong when the answer's own `Date` is at least a second later (RFC 9110 8.8.2.2); without `Date` it
    /// is weak.
    pub fn of(fields: &Fields) -> Option<Validator> {
        let tag = fields.get("etag").and_then(EntityTag::parse);
        let date = date(fields, "last-modified").map(|modified| {
            let sent = date(fields, "date");
            let strong = sent.is_some_and(|sent| sent >= modified + Duration::from_secs(1));
            Validator::Date { modified, strong }
        });
        match (tag, date) {
            (Some(tag), Some(date)) if tag.is_weak() && date.is_strong() => Some(date),
            (Some(tag), _) => Some(Validator::Tag(tag)),
            (None, date) => date,
        }
    }

    /// Reads what `Display` wrote: an entity tag or an HTTP date, which is taken for strong when `strong` is said.
    pub fn parse(text: &str, strong: bool) -> Option<Validator> {
        match EntityTag::parse(text.as_bytes()) {
            Some(tag) => Some(Validator::Tag(tag)),
            None => httpdate::parse_http_date(text).ok().map(|modified| Validator::Date { modified, strong }),
        }
    }

    /// Whether equal validators mean equal bytes: only then may parts of two answers become one file.
    pub fn is_strong(&self) -> bool {
        match self {
            Validator::Tag(tag) => !tag.is_weak(),
            Validator::Date { strong, .. } => *strong,
        }
    }

    /// Whether an answer with these fields is of the same version. An answer that does not tell is taken for the same
    /// only where `If-Range` has made the server compare, so it is not here.
    pub fn matches(&self, fields: &Fields) -> bool {
        match self {
            Validator::Tag(own) => {
                fields.get("etag").and_then(EntityTag::parse).is_some_and(|tag| own.is_strongly(&tag))
            }
            Validator::Date { modified, .. } => date(fields, "last-modified") == Some(*modified),
        }
    }
}

/// As `If-Range` and the fields themselves have it.
impl fmt::Display for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Validator::Tag(tag) => tag.fmt(f),
            Validator::Date { modified, .. } => f.write_str(&httpdate::fmt_http_date(*modified)),
        }
    }
}

impl Request {
    /// Asks for content only where it is another version (`If-None-Match`, `If-Modified-Since`; RFC 9110 13.1.2,
    /// 13.1.3). The answer 304 is [`Delivery::Unchanged`](crate::Delivery::Unchanged).
    ///
    /// # Errors
    /// None that a [`Validator`] can cause.
    pub fn if_changed(self, from: &Validator) -> Result<Request, Invalid> {
        match from {
            Validator::Tag(tag) => self.field("If-None-Match", tag.to_string()),
            Validator::Date { .. } => self.field("If-Modified-Since", from.to_string()),
        }
    }
}

/// When the server says that the content was changed last (RFC 9110 8.8.2).
pub fn last_modified(fields: &Fields) -> Option<SystemTime> {
    date(fields, "last-modified")
}

/// When the server says that it answered (RFC 9110 6.6.1).
pub fn answered_at(fields: &Fields) -> Option<SystemTime> {
    date(fields, "date")
}

/// A field with an HTTP date, in any of the three forms (RFC 9110 5.6.7). Two different ones are none.
pub(crate) fn date(fields: &Fields, name: &str) -> Option<SystemTime> {
    let mut all = fields.all(name);
    let first = all.next()?;
    let text = std::str::from_utf8(first).ok()?;
    if all.any(|other| other != first) {
        return None;
    }
    httpdate::parse_http_date(text).ok()
}
