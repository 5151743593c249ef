//! Words with spaces between, and the dates made of them.

use crate::reply::digits;
use crate::stamp::Stamp;

/// A line that is eaten word by word.
pub(crate) struct Words<'a>(pub(crate) &'a [u8]);

impl<'a> Words<'a> {
    /// The next word.
    pub(crate) fn word(&mut self) -> Option<&'a [u8]> {
        let text = self.0.trim_ascii_start();
        let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The next word, a number.
    pub(crate) fn number(&mut self) -> Option<u64> {
        digits(self.word()?)
    }

    /// What is left after one space: a name keeps the spaces it starts with.
    pub(crate) fn name(&self) -> Option<&'a [u8]> {
        self.0.strip_prefix(b" ")
    }

    /// What is left, without spaces around.
    pub(crate) fn trimmed(&self) -> &'a [u8] {
        self.0.trim_ascii()
    }
}

/// `Jan` or `JAN`.
pub(crate) fn month(word: &[u8]) -> Option<u8> {
    const NAMES: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let at = NAMES.iter().position(|name| name.eq_ignore_ascii_case(word))?;
    u8::try_from(at + 1).ok()
}

/// Numbers with one separator between, three at most.
fn three(word: &[u8], separator: u8) -> Option<[u64; 3]> {
    let parts: Vec<u64> = word.split(|b| *b == separator).map(digits).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// `h:mm` or `h:mm:ss`.
pub(crate) fn clock(word: &[u8]) -> Option<(u8, u8, u8)> {
    let parts: Vec<u8> =
        word.split(|b| *b == b':').map(|n| digits(n)?.try_into().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hour, minute] => Some((*hour, *minute, 0)),
        [hour, minute, second] => Some((*hour, *minute, *second)),
        _ => None,
    }
}

/// A year of two digits is 1970 to 2069.
pub(crate) fn year(number: u64) -> Option<u16> {
    let number = u16::try_from(number).ok()?;
    Some(match number {
        0..70 => 2000 + number,
        70..100 => 1900 + number,
        _ => number,
    })
}

/// A date of three numbers; `order` says which of them are year, month and day.
pub(crate) fn date(
    word: &[u8],
    separator: u8,
    order: fn([u64; 3]) -> [u64; 3],
    time: (u8, u8, u8),
) -> Option<Stamp> {
    let [y, m, d] = order(three(word, separator)?);
    Stamp::new(Some(year(y)?), m.try_into().ok()?, d.try_into().ok()?, time)
}

/// `2026-01-02`, with a year of four digits: `13-02-26` is no date in year 13.
pub(crate) fn iso_date(word: &[u8], time: (u8, u8, u8)) -> Option<Stamp> {
    word.get(4).filter(|b| **b == b'-')?;
    date(word, b'-', |ymd| ymd, time)
}

/// `02-Jan-2026`.
pub(crate) fn named_date(word: &[u8], time: (u8, u8, u8)) -> Option<Stamp> {
    let mut parts = word.split(|b| *b == b'-');
    let (d, m, y) = (digits(parts.next()?)?, month(parts.next()?)?, year(digits(parts.next()?)?)?);
    if parts.next().is_some() {
        return None;
    }
    Stamp::new(Some(y), m, d.try_into().ok()?, time)
}

/// `Jan 2 2026` or `Jan 2 13:04`: the month has been read.
pub(crate) fn day_and_rest(month: u8, words: &mut Words<'_>) -> Option<Stamp> {
    let day = words.number()?.try_into().ok()?;
    let word = words.word()?;
    match clock(word) {
        Some(time) => Stamp::new(None, month, day, time),
        None if word.len() == 4 => Stamp::new(Some(digits(word)?.try_into().ok()?), month, day, (0, 0, 0)),
        None => None,
    }
}
