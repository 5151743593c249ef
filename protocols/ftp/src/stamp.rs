//! Times as servers say them.

use crate::reply::digits;

/// A point of time, as far as the server told it. Without a year it is the last such day before now; the zone is UTC in
/// MLSD and MDTM (RFC 3659 section 2.3), and the server's own in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Stamp {
    pub year: Option<u16>,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

impl Stamp {
    /// A day and a time of it, if there can be such.
    pub fn new(year: Option<u16>, month: u8, day: u8, (hour, minute, second): (u8, u8, u8)) -> Option<Stamp> {
        let ok =
            (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
        ok.then_some(Stamp { year, month, day, hour, minute, second })
    }

    /// `YYYYMMDDHHMMSS[.fraction]` (RFC 3659 section 2.3); the fraction is dropped.
    pub fn parse(text: &[u8]) -> Option<Stamp> {
        let (whole, rest) = text.split_at_checked(14)?;
        let fraction = rest.is_empty() || rest.strip_prefix(b".").and_then(digits).is_some();
        let number = |from: usize, to: usize| digits(whole.get(from..to)?);
        let two = |from: usize| number(from, from + 2)?.try_into().ok();
        let year = number(0, 4)?.try_into().ok()?;
        let time = (two(8)?, two(10)?, two(12)?);
        fraction.then(|| Stamp::new(Some(year), two(4)?, two(6)?, time)).flatten()
    }
}

/// RFC 3659's form; a missing year is 0000.
impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Stamp { year, month, day, hour, minute, second } = self;
        write!(f, "{:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}", year.unwrap_or(0))
    }
}
