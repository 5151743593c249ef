//! Arguments that cannot break the wire: no CR, LF, NUL or space can be built into one (RFC 3977 section 9).

use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// The longest argument of a command (RFC 3977 section 3.1).
const ARGUMENT: usize = 497;

/// A word on a command line: printable, without spaces; UTF-8 is allowed.
fn word(text: &str, argument: Argument) -> Result<(), Invalid> {
    let rule = if text.is_empty() {
        "it is empty"
    } else if text.len() > ARGUMENT {
        "it is longer than 497 bytes"
    } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "it has a space, a line end or another control character"
    } else {
        return Ok(());
    };
    Err(Invalid::new(argument, rule))
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $argument:ident, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`Invalid`] when it cannot stand on a command line.
            pub fn new(text: &str) -> Result<$name, Invalid> {
                word(text, Argument::$argument)?;
                let check: fn(&str) -> Option<&'static str> = $check;
                match check(text) {
                    None => Ok($name(text.to_owned())),
                    Some(rule) => Err(Invalid::new(Argument::$argument, rule)),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<$name, Invalid> {
                $name::new(text)
            }
        }
    )*};
}

words! {
    /// The name of a newsgroup: none of the characters that a wildmat gives a meaning (RFC 3977 section 4.1).
    Group, Group, |text| text.contains(['*', '?', '[', ']', '\\', ',', '!', '<', '>'])
        .then_some("a group's name has none of * ? [ ] \\ , ! < >");

    /// A message id, with its angle brackets (RFC 3977 section 3.6).
    MessageId, MessageId, |text| {
        let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let fits = inner.is_some_and(|inner| {
            !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'>')
        });
        if !fits {
            Some("a message id is printable ASCII between < and >")
        } else if text.len() > 250 {
            Some("a message id has at most 250 bytes")
        } else {
            None
        }
    };

    /// Patterns of group names, parted by commas (RFC 3977 section 4); [`crate::wildmat::matches`] reads them.
    Wildmat, Wildmat, |text| text.split(',').any(|one| one.trim_start_matches('!').is_empty())
        .then_some("a wildmat's patterns are not empty");

    /// The name of a header field or, with a colon before it, of metadata (RFC 3977 section 8.5).
    Header, Header, |text| {
        let name = text.strip_prefix(':').unwrap_or(text);
        let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        (!fits).then_some("a field's name is printable ASCII without a colon")
    };
}

/// A whole command line of one's own, or an argument in which spaces may stand.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Line(String);

impl Line {
    /// Takes text that is not empty, has no CR, LF or NUL, and fits a line.
    ///
    /// # Errors
    /// [`Invalid`] when it does not.
    pub fn new(text: &str) -> Result<Line, Invalid> {
        let rule = if text.is_empty() {
            "it is empty"
        } else if text.contains(['\r', '\n', '\0']) {
            "it has a line end or NUL"
        } else if text.len() > 8_000 {
            "it is longer than a line"
        } else {
            return Ok(Line(text.to_owned()));
        };
        Err(Invalid::new(Argument::Text, rule))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// It may be a password.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(..)")
    }
}

pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Article numbers from one to another, or to the last there is (RFC 3977 section 6.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first.
    pub first: u64,
    /// The last; none for all that follow.
    pub last: Option<u64>,
}

impl Range {
    /// One article.
    pub const fn one(number: u64) -> Range {
        Range { first: number, last: Some(number) }
    }
}

/// ```text
/// range = article-number / article-number "-" [ article-number ]           RFC 3977 section 9.8
/// ```
impl FromStr for Range {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Range, Invalid> {
        let wrong = Invalid::new(Argument::Range, "a range is N, N- or N-M");
        let (first, last) = match text.split_once('-') {
            None => {
                let one = number(text).ok_or(wrong)?;
                return Ok(Range::one(one));
            }
            Some((first, "")) => (first, None),
            Some((first, last)) => (first, Some(number(last).ok_or(wrong)?)),
        };
        Ok(Range { first: number(first).ok_or(wrong)?, last })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}-", self.first),
        }
    }
}

/// Which article (RFC 3977 section 6.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Which {
    /// The current one of the group.
    #[default]
    Current,
    /// That of this number in the group.
    Number(u64),
    /// That of this message id, in whatever group.
    Id(MessageId),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Current => Ok(()),
            Which::Number(number) => write!(f, "{number}"),
            Which::Id(id) => id.fmt(f),
        }
    }
}

impl FromStr for Which {
    type Err = Invalid;

    /// A number or a message id, with its brackets.
    fn from_str(text: &str) -> Result<Which, Invalid> {
        match number(text) {
            Some(number) => Ok(Which::Number(number)),
            None => MessageId::new(text).map(Which::Id),
        }
    }
}

/// Which articles an overview or a field is asked of (RFC 3977 sections 8.3, 8.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Span {
    /// The current one.
    #[default]
    Current,
    /// Of the group.
    Range(Range),
    /// That of this message id; only where the server offers it.
    Id(MessageId),
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Current => Ok(()),
            Span::Range(range) => range.fmt(f),
            Span::Id(id) => id.fmt(f),
        }
    }
}

impl FromStr for Span {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Span, Invalid> {
        if text.starts_with('<') { MessageId::new(text).map(Span::Id) } else { text.parse().map(Span::Range) }
    }
}

/// A point of time in UTC, to the second (RFC 3977 sections 7.1, 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Stamp {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl Stamp {
    /// `yyyymmddhhmmss`, as DATE answers.
    pub fn parse(text: &[u8]) -> Option<Stamp> {
        let text = std::str::from_utf8(text).ok().filter(|text| text.len() == 14)?;
        let two = |from: usize| u8::try_from(number(text.get(from..from + 2)?)?).ok();
        let year = u16::try_from(number(text.get(..4)?)?).ok()?;
        let stamp =
            Stamp { year, month: two(4)?, day: two(6)?, hour: two(8)?, minute: two(10)?, second: two(12)? };
        let fits = (1..=12).contains(&stamp.month) && (1..=31).contains(&stamp.day);
        (fits && stamp.hour < 24 && stamp.minute < 60 && stamp.second <= 60).then_some(stamp)
    }

    /// `yyyymmdd` or `yymmdd` and `hhmmss`, as NEWNEWS and NEWGROUPS take it; without a century, the year is within the last
    /// hundred before `now` (RFC 3977 section 7.3.2).
    pub fn of_command(date: &str, time: &str, now: u16) -> Option<Stamp> {
        let date = match date.len() {
            6 => {
                let year = u16::try_from(number(date.get(..2)?)?).ok()? + now / 100 * 100;
                let year = if year > now { year.checked_sub(100)? } else { year };
                format!("{year:04}{}", date.get(2..)?)
            }
            _ => date.to_owned(),
        };
        Stamp::parse(format!("{date}{time}").as_bytes())
    }
}

/// As DATE answers.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}
