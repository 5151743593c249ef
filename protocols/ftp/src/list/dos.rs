//! MS-DOS, as IIS writes it: `01-02-26  01:04PM  <DIR>  name`.

use super::words::{Words, clock, date, iso_date};
use super::{Kind, Listed};
use crate::reply::digits;

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let (day, time) = (words.word()?, words.word()?);
    let time = match time.split_last_chunk::<2>() {
        Some((time, half @ (b"AM" | b"PM" | b"am" | b"pm"))) => {
            let (hour, minute, second) = clock(time).filter(|(hour, ..)| (1..=12).contains(hour))?;
            (hour % 12 + if half.eq_ignore_ascii_case(b"PM") { 12 } else { 0 }, minute, second)
        }
        _ => clock(time)?,
    };
    let modified = date(day, b'-', |[m, d, y]| [y, m, d], time).or_else(|| iso_date(day, time))?;
    let (kind, size) = match words.word()? {
        b"<DIR>" => (Kind::Folder, None),
        b"<JUNCTION>" | b"<SYMLINK>" | b"<SYMLINKD>" => (Kind::Link(None), None),
        size => (Kind::File, Some(digits(size)?)),
    };
    // IIS pads a folder's line with ten spaces and a file's with one: what is a name's own cannot be told.
    Some(Listed { kind, name: words.trimmed().to_vec(), size, modified: Some(modified), mode: None })
}
