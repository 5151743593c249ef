//! VMS: `README.TXT;4  18  2-JAN-2026 13:04:05  [ANONYMOUS]  (RWED,RWED,RE,RE)`. Sizes are in blocks of 512 bytes.

use super::words::{Words, clock, named_date};
use super::{Kind, Listed};
use crate::reply::digits;

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let full = words.word()?;
    let (name, version) = full.split_at_checked(full.iter().rposition(|b| *b == b';')?)?;
    digits(version.get(1..)?)?;
    // Used blocks, or used and allocated.
    digits(words.word()?.split(|b| *b == b'/').next()?)?;
    let day = words.word()?;
    let time = words.word().and_then(|word| clock(word.split(|b| *b == b'.').next()?))?;
    let modified = Some(named_date(day, time)?);
    let folder = name.len().checked_sub(4).and_then(|at| name.split_at_checked(at));
    let (kind, name) = match folder {
        Some((stem, end)) if end.eq_ignore_ascii_case(b".DIR") => (Kind::Folder, stem),
        _ => (Kind::File, name),
    };
    Some(Listed { kind, name: name.to_vec(), size: None, modified, mode: None })
}
