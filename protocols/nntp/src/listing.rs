//! Lines of LIST and NEWGROUPS (RFC 3977 section 7.6, RFC 6048), read and written.

use netkit_wire::Text;

use crate::types::number;

fn split(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b' ' || *b == b'\t').filter(|word| !word.is_empty())
}

/// A number of a line; a sign or more than 64 bits is none.
fn value(word: Option<&[u8]>) -> Option<u64> {
    number(std::str::from_utf8(word?).ok()?)
}

/// What may be done in a group (RFC 3977 section 7.6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// `y`: posts are let in.
    Open,
    /// `n`: they are not.
    Closed,
    /// `m`: a moderator decides.
    Moderated,
    /// Anything else: `x`, `j`, `=other.group` (RFC 6048 section 3.1).
    Other(Text),
}

impl Status {
    fn parse(word: &[u8]) -> Status {
        match word {
            b"y" => Status::Open,
            b"n" => Status::Closed,
            b"m" => Status::Moderated,
            other => Status::Other(Text::from(other)),
        }
    }
}

/// The letter on the wire.
impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Status::Open => f.write_str("y"),
            Status::Closed => f.write_str("n"),
            Status::Moderated => f.write_str("m"),
            Status::Other(text) => text.fmt(f),
        }
    }
}

/// A line of LIST ACTIVE, LIST COUNTS or NEWGROUPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// The group.
    pub name: Text,
    /// The highest number.
    pub high: u64,
    /// The lowest; above `high` in an empty group.
    pub low: u64,
    /// How many, of LIST COUNTS (RFC 6048 section 2.2).
    pub count: Option<u64>,
    /// What may be done.
    pub status: Status,
}

impl Active {
    /// `group high low status` (RFC 3977 section 7.6.3).
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse(line: &[u8]) -> Result<Active, &'static str> {
        Active::read(line, false)
    }

    /// `group high low count status` (RFC 6048 section 2.2).
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse_counts(line: &[u8]) -> Result<Active, &'static str> {
        Active::read(line, true)
    }

    fn read(line: &[u8], counted: bool) -> Result<Active, &'static str> {
        let mut words = split(line);
        let name = words.next().ok_or("a group has a name")?;
        let mut numbers = || value(words.next()).ok_or("a group's numbers are digits");
        let (high, low) = (numbers()?, numbers()?);
        let count = if counted { Some(numbers()?) } else { None };
        let status = words.next().ok_or("a group's line ends with its status")?;
        Ok(Active { name: Text::from(name), high, low, count, status: Status::parse(status) })
    }
}

/// As on the wire.
impl std::fmt::Display for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Active { name, high, low, status, .. } = self;
        match self.count {
            Some(count) => write!(f, "{name} {high} {low} {count} {status}"),
            None => write!(f, "{name} {high} {low} {status}"),
        }
    }
}

/// A line of LIST NEWSGROUPS, DISTRIBUTIONS or MODERATORS: a name and words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The name.
    pub name: Text,
    /// The words, of unknown charset.
    pub text: Text,
}

impl Described {
    /// `name WS text` (RFC 3977 section 7.6.6).
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse(line: &[u8]) -> Result<Described, &'static str> {
        let name = split(line).next().ok_or("a description stands behind a name")?;
        // A line that begins with a blank has no name before it.
        let text = line.strip_prefix(name).ok_or("a description stands behind a name")?.trim_ascii();
        Ok(Described { name: Text::from(name), text: Text::from(text) })
    }

    /// `pattern:address` (RFC 6048 section 2.4).
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse_moderator(line: &[u8]) -> Result<Described, &'static str> {
        let colon = memchr::memchr(b':', line).ok_or("a moderator's line has a colon")?;
        let (name, text) = line.split_at_checked(colon).unwrap_or_default();
        let text = text.get(1..).unwrap_or_default().trim_ascii();
        Ok(Described { name: Text::from(name), text: Text::from(text) })
    }
}

/// A line of LIST ACTIVE.TIMES: when a group was made, and by whom (RFC 3977 section 7.6.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The group.
    pub name: Text,
    /// Seconds since 1970.
    pub at: u64,
    /// By whom.
    pub by: Text,
}

impl Created {
    /// `group seconds creator`.
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse(line: &[u8]) -> Result<Created, &'static str> {
        let mut words = split(line);
        let name = words.next().ok_or("a group has a name")?;
        let at = value(words.next()).ok_or("a time is seconds since 1970")?;
        let by: Vec<&[u8]> = words.collect();
        Ok(Created { name: Text::from(name), at, by: Text::from(by.join(&b' ').as_slice()) })
    }
}

/// A line of LIST DISTRIB.PATS: which distribution a group suggests (RFC 3977 section 7.6.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistribPat {
    /// The largest weight wins.
    pub weight: u64,
    /// Of group names.
    pub wildmat: Text,
    /// The value for the field `Distribution`.
    pub value: Text,
}

impl DistribPat {
    /// `weight:wildmat:value`.
    ///
    /// # Errors
    /// The rule that the line breaks.
    pub fn parse(line: &[u8]) -> Result<DistribPat, &'static str> {
        let mut parts = line.splitn(3, |b| *b == b':');
        let weight = value(parts.next()).ok_or("a weight is a number")?;
        let (Some(wildmat), Some(value)) = (parts.next(), parts.next()) else {
            return Err("a pattern and a value follow the weight");
        };
        Ok(DistribPat { weight, wildmat: Text::from(wildmat), value: Text::from(value) })
    }
}
