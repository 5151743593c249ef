//! EPLF, the Easily Parsed LIST Format of D. J. Bernstein: `+i8388621.48594,m825718503,r,s280,\tname`.

use super::{Kind, Listed};
use crate::reply::digits;
use crate::stamp::Stamp;

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let line = line.strip_prefix(b"+")?;
    let (facts, name) = line.split_at_checked(line.iter().position(|b| *b == b'\t')?)?;
    let mut entry =
        Listed { kind: Kind::Other, name: name.get(1..)?.to_vec(), size: None, modified: None, mode: None };
    for fact in facts.split(|b| *b == b',') {
        match fact {
            b"/" => entry.kind = Kind::Folder,
            b"r" if entry.kind != Kind::Folder => entry.kind = Kind::File,
            [b's', size @ ..] => entry.size = Some(digits(size)?),
            [b'm', time @ ..] => entry.modified = from_epoch(digits(time)?),
            _ => {}
        }
    }
    Some(entry)
}

/// Seconds since 1970, in UTC; the calendar by the rule of 400 years, which are 146,097 days.
fn from_epoch(seconds: u64) -> Option<Stamp> {
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let small = |n: u64| u8::try_from(n).ok();
    let time = (small(rest / 3600)?, small(rest / 60 % 60)?, small(rest % 60)?);
    Stamp::new(Some(year.try_into().ok()?), month, small(days + 1)?, time)
}
