//! `ls -l` and what looks like it: `-rw-r--r-- 1 root root 12 Jan  2 13:04 name`, with or without links, group and so on.

use super::words::{Words, day_and_rest, iso_date, month};
use super::{Kind, Listed};
use crate::reply::digits;

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let mode = words.word()?;
    let (kind, rights) = mode.split_first()?;
    if !(9..=11).contains(&rights.len()) || !rights.iter().all(|b| b"rwxsStTlL-+.@".contains(b)) {
        return None;
    }
    // Links, owner, group and size, of which servers leave out some: the date is what is sure.
    let mut before: Option<&[u8]> = None;
    let mut device = false;
    for _ in 0..7 {
        let word = words.word()?;
        let mut ahead = Words(words.0);
        let modified = match month(word) {
            Some(month) => day_and_rest(month, &mut ahead),
            // GNU's --time-style=long-iso.
            None => ahead.word().and_then(super::words::clock).and_then(|time| iso_date(word, time)),
        };
        let (Some(modified), Some(size)) = (modified, before.and_then(digits)) else {
            device |= word.ends_with(b",");
            before = Some(word);
            continue;
        };
        let name = ahead.name()?;
        let (kind, name) = match kind {
            b'-' => (Kind::File, name),
            b'd' => (Kind::Folder, name),
            b'l' => match name.windows(4).position(|w| w == b" -> ").and_then(|at| name.split_at_checked(at))
            {
                Some((name, to)) => (Kind::Link(to.get(4..).map(<[u8]>::to_vec)), name),
                None => (Kind::Link(None), name),
            },
            b'b' | b'c' | b'p' | b's' | b'D' => (Kind::Other, name),
            _ => return None,
        };
        let size = (kind == Kind::File && !device).then_some(size);
        let modified = Some(modified);
        return Some(Listed { kind, name: name.to_vec(), size, modified, mode: permissions(rights) });
    }
    None
}

/// The permissions as chmod(2) has them, without what is more than read, write and execute.
fn permissions(rights: &[u8]) -> Option<u32> {
    let bits = rights.get(..9)?.iter().zip([b'r', b'w', b'x'].iter().cycle());
    Some(bits.fold(0, |mode, (bit, letter)| {
        // `s` and `t` stand for execute and more.
        let is_set = bit == letter || (*letter == b'x' && matches!(bit, b's' | b't'));
        mode << 1 | u32::from(is_set)
    }))
}
