//! `dateTime.iso8601`: a date and a time of day, of no time zone but the server's own.

use std::fmt;
use std::str::FromStr;

/// A moment on the server's wall clock. The spec has no time zone; some servers write one, and it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Minutes east of Greenwich.
    zone: Option<i16>,
}

impl DateTime {
    /// That day and time of day; `None` when the calendar or the clock has no such moment. A leap second is one.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<DateTime> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let ok = year <= 9999 && (1..=days).contains(&day) && hour < 24 && minute < 60 && second <= 60;
        ok.then_some(DateTime { year, month, day, hour, minute, second, zone: None })
    }

    /// The same time of day so many minutes east of Greenwich; `None` for more than a day.
    #[must_use]
    pub fn in_zone(self, minutes: i16) -> Option<DateTime> {
        (minutes.abs() < 24 * 60).then_some(DateTime { zone: Some(minutes), ..self })
    }

    /// Minutes east of Greenwich, where the server says so.
    pub fn zone(&self) -> Option<i16> {
        self.zone
    }
}

/// As the spec writes it: `19980717T14:08:55`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DateTime { year, month, day, hour, minute, second, zone } = self;
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match zone {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(zone) => {
                let sign = if *zone < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
            }
        }
    }
}

/// It is not `19980717T14:08:55`, nor the same with `-` in the date or with a zone behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date and time is 19980717T14:08:55, with a Z or +01:00 behind it where it has a zone")]
pub struct NotADateTime;

impl FromStr for DateTime {
    type Err = NotADateTime;

    fn from_str(text: &str) -> Result<DateTime, NotADateTime> {
        parse(text).ok_or(NotADateTime)
    }
}

fn parse(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once('T')?;
    let date = match date.len() {
        8 => date.to_owned(),
        10 if date.get(4..5) == Some("-") && date.get(7..8) == Some("-") => date.replace('-', ""),
        _ => return None,
    };
    let (time, zone) = time.split_at_checked(8)?;
    let (clock, colons): (Vec<&str>, bool) = (time.split(':').collect(), time.matches(':').count() == 2);
    let &[hour, minute, second] = clock.as_slice() else { return None };
    let moment = DateTime::new(
        digits(date.get(..4)?, 4)?,
        u8::try_from(digits(date.get(4..6)?, 2)?).ok()?,
        u8::try_from(digits(date.get(6..)?, 2)?).ok()?,
        u8::try_from(digits(hour, 2)?).ok()?,
        u8::try_from(digits(minute, 2)?).ok()?,
        u8::try_from(digits(second, 2)?).ok()?,
    );
    match (moment.filter(|_| colons)?, zone) {
        (moment, "") => Some(moment),
        (moment, "Z") => moment.in_zone(0),
        (moment, zone) => {
            let sign = match zone.chars().next()? {
                '+' => 1,
                '-' => -1,
                _ => return None,
            };
            let zone = zone.get(1..)?.replacen(':', "", 1);
            let minutes = digits(zone.get(2..)?, 2).filter(|minutes| *minutes < 60)?;
            let all = digits(zone.get(..2)?, 2)? * 60 + minutes;
            moment.in_zone(sign * i16::try_from(all).ok()?)
        }
    }
}

fn digits(text: &str, many: usize) -> Option<u16> {
    (text.len() == many && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}
