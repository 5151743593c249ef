//! The dates of `Expires`, read as forgivingly as every browser does (RFC 6265 section 5.1.1).

use crate::calendar::Moment;

/// Seconds since 1970; `None` for what is no date.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    // A delimiter is what is neither letter, digit, colon nor past ASCII.
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == ':' || !c.is_ascii() || c.is_ascii_control();
    for token in text.split(|c| !is_part(c)).filter(|token| !token.is_empty()) {
        if time.is_none() && clock(token).is_some() {
            time = clock(token);
        } else if day.is_none() && number(token, 1..=2).is_some() {
            day = number(token, 1..=2);
        } else if month.is_none() && named(token).is_some() {
            month = named(token);
        } else if year.is_none() {
            year = number(token, 2..=4);
        }
    }
    let (hour, minute, second) = time?;
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    (year >= 1601).then_some(Moment { year, month: month?, day: day?, hour, minute, second })?.seconds()
}

/// `hms-time`: three numbers of one or two digits; something may follow that starts with no digit.
fn clock(token: &str) -> Option<(i64, i64, i64)> {
    let mut parts = token.splitn(3, ':');
    let whole = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| number(part, 1..=2)).flatten();
    Some((whole(parts.next()?)?, whole(parts.next()?)?, number(parts.next()?, 1..=2)?))
}

/// The number of so many digits that a token starts with.
fn number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let end = token.bytes().take_while(u8::is_ascii_digit).count();
    if digits.contains(&end) { token.get(..end)?.parse().ok() } else { None }
}

fn named(token: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = token.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == start)?;
    i64::try_from(at + 1).ok()
}
