//! Times there and here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_ftp::Stamp;

use super::list::rfc3339;

/// The moment of a stamp, in UTC. Without a year it is the last such day that is not after tomorrow.
pub fn time(stamp: Stamp) -> Option<SystemTime> {
    let Some(_) = stamp.year else {
        let tomorrow = jiff::Timestamp::now().as_second() + 86_400;
        let this_year = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).year();
        let in_year = |year: i16| time(Stamp { year: u16::try_from(year).ok(), ..stamp });
        let is_past = |at: &SystemTime| {
            let since = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            i64::try_from(since).is_ok_and(|since| since <= tomorrow)
        };
        return in_year(this_year + 1)
            .filter(is_past)
            .or(in_year(this_year).filter(is_past))
            .or(in_year(this_year - 1));
    };
    let text = rfc3339(stamp)?;
    let seconds = text.parse::<jiff::Timestamp>().ok()?.as_second();
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// How exact a listing's time is. Facts (MLSD) are to the second; a line of LIST is to the minute, or for what is old to the day,
/// in a zone that nobody tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accuracy {
    Second,
    Minute,
    Day,
}

impl Accuracy {
    pub const ALL: [Accuracy; 3] = [Accuracy::Second, Accuracy::Minute, Accuracy::Day];

    pub fn of(entry: &netkit_ftp::Entry) -> Accuracy {
        let to_the_day =
            entry.modified.is_some_and(|stamp| (stamp.hour, stamp.minute, stamp.second) == (0, 0, 0));
        match (entry.facts.is_empty(), to_the_day) {
            (false, _) => Accuracy::Second,
            (true, false) => Accuracy::Minute,
            (true, true) => Accuracy::Day,
        }
    }

    /// Whether a time there can be that of a file here.
    pub fn fits(self, there: SystemTime, here: SystemTime) -> bool {
        let apart = here.duration_since(there).unwrap_or_else(|earlier| earlier.duration()).as_secs();
        match self {
            Accuracy::Second => apart < 1,
            Accuracy::Minute => apart < 60,
            Accuracy::Day => apart <= 86_400,
        }
    }
}

/// The stamp of a moment.
pub fn stamp(at: SystemTime) -> Option<Stamp> {
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let stamp = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    let at = jiff::tz::Offset::UTC.to_datetime(stamp);
    let small = |n: i8| u8::try_from(n).ok();
    let time = (small(at.hour())?, small(at.minute())?, small(at.second())?);
    Stamp::new(u16::try_from(at.year()).ok(), small(at.month())?, small(at.day())?, time)
}
