//! Dates as IMAP writes them: RFC 9051 section 9, `date` and `date-time`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const WRONG: Invalid = Invalid::new(Argument::Date, "a date is YYYY-MM-DD");

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day of the years 1 to 9999.
    ///
    /// # Errors
    /// [`Invalid`] where no month is so long.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Date, Invalid> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        if (1..=9999).contains(&year) && (1..=length).contains(&day) {
            Ok(Date { year, month, day })
        } else {
            Err(WRONG)
        }
    }

    /// Year, month and day, the last two from 1 on.
    pub fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    fn month(self) -> &'static str {
        usize::from(self.month).checked_sub(1).and_then(|at| MONTHS.get(at)).copied().unwrap_or("Jan")
    }

    /// `1-Feb-1994`, with a space in front of a single digit or not.
    fn read(text: &str) -> Option<Date> {
        let mut parts = text.trim().split('-');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
        Date::new(year.parse().ok()?, u8::try_from(month).ok()? + 1, day.parse().ok()?).ok()
    }
}

/// `1-Feb-1994`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.day, self.month(), self.year)
    }
}

/// Reads `1994-02-01`, as people write it today.
impl FromStr for Date {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Date, Invalid> {
        let mut parts = text.split('-');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(year), Some(month), Some(day), None) => {
                let number = |text: &str| text.parse::<u8>().map_err(|_| WRONG);
                Date::new(year.parse().map_err(|_| WRONG)?, number(month)?, number(day)?)
            }
            _ => Err(WRONG),
        }
    }
}

/// A moment with its zone: when a message came (RFC 9051 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The day.
    pub date: Date,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 60.
    pub second: u8,
    /// How many minutes the zone is ahead of UTC.
    pub offset: i16,
}

impl DateTime {
    /// Reads ` 7-Feb-1994 21:52:25 -0800`.
    pub fn read(text: &[u8]) -> Option<DateTime> {
        let text = std::str::from_utf8(text).ok()?.trim();
        let mut words = text.split(' ');
        let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
        let mut time = time.split(':');
        let mut next = |most: u8| time.next()?.parse::<u8>().ok().filter(|n| *n <= most);
        let (hour, minute, second) = (next(23)?, next(59)?, next(60)?);
        let (sign, digits) = zone.split_at_checked(1)?;
        let (hours, minutes) = digits.split_at_checked(2)?;
        let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let offset = hours * 60 + minutes;
        let offset = match sign {
            "+" => offset,
            "-" => -offset,
            _ => return None,
        };
        let fits = (0..=23).contains(&hours) && (0..=59).contains(&minutes);
        fits.then_some(DateTime { date: Date::read(date)?, hour, minute, second, offset })
    }
}

/// ` 7-Feb-1994 21:52:25 -0800`, as [`DateTime::read`] reads it.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, offset) = (if self.offset < 0 { '-' } else { '+' }, self.offset.unsigned_abs());
        let Date { year, day, .. } = self.date;
        let (hour, minute, second) = (self.hour, self.minute, self.second);
        write!(f, "{day:>2}-{}-{year:04} {hour:02}:{minute:02}:{second:02} ", self.date.month())?;
        write!(f, "{sign}{:02}{:02}", offset / 60, offset % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for text in [" 7-Feb-1994 21:52:25 -0800", "17-Jul-1996 02:44:25 +0530", "29-Feb-2024 00:00:60 +0000"]
        {
            assert_eq!(DateTime::read(text.as_bytes()).unwrap().to_string(), text);
        }
        for bad in [
            "30-Feb-1994 21:52:25 -0800",
            "7-Feb-1994 24:52:25 -0800",
            "7-Feb-1994 21:52:25",
            "",
            "x y z",
            "1-Foo-1990 1:1:1 +0000",
            "7-Feb-1994 1:1:1 +é0",
        ] {
            assert!(DateTime::read(bad.as_bytes()).is_none(), "{bad}");
        }
        assert_eq!("1994-02-01".parse::<Date>().unwrap().to_string(), "1-Feb-1994");
        for bad in ["1994-02-30", "1994-13-01", "94", "1994-02-01-03", "0-1-1", "2023-02-29"] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }
}
