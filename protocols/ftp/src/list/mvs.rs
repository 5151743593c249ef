//! MVS: data sets, `WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  name`, and members of a library,
//! `name  01.03 2002/09/12 2002/10/11 09:37  11  11  0  KIL001`. Neither gives bytes.

use super::words::{Words, clock, date};
use super::{Kind, Listed};
use crate::reply::digits;

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    member(line).or_else(|| data_set(line)).or_else(|| elsewhere(line))
}

fn data_set(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    words.word()?;
    words.word()?;
    let used = words.word()?;
    let modified = date(used, b'/', |ymd| ymd, (0, 0, 0));
    if modified.is_none() && used != b"**NONE**" {
        return None;
    }
    words.number()?;
    let tracks = words.word()?;
    if !tracks.iter().all(|b| b.is_ascii_digit() || *b == b'+' || *b == b'?') {
        return None;
    }
    words.word()?;
    words.number()?;
    words.number()?;
    let kind = match words.word()? {
        b"PO" | b"PO-E" => Kind::Folder,
        b"PS" | b"PS-E" | b"DA" | b"VS" => Kind::File,
        _ => return None,
    };
    Some(Listed { kind, name: unquoted(words.trimmed()), size: None, modified, mode: None })
}

fn member(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let name = words.word()?;
    let mut version = words.word()?.split(|b| *b == b'.');
    digits(version.next()?)?;
    digits(version.next()?)?;
    date(words.word()?, b'/', |ymd| ymd, (0, 0, 0))?;
    let (day, time) = (words.word()?, clock(words.word()?)?);
    let modified = Some(date(day, b'/', |ymd| ymd, time)?);
    Some(Listed { kind: Kind::File, name: name.to_vec(), size: None, modified, mode: None })
}

/// On tape, or moved away: `Migrated  name`, `ARCIVE Not Direct Access Device  name`.
fn elsewhere(line: &[u8]) -> Option<Listed> {
    let name = match line.strip_prefix(b"Migrated ") {
        Some(name) => name,
        None => {
            let mark = b" Not Direct Access Device ";
            let at = line.windows(mark.len()).position(|w| w == mark)?;
            line.get(at + mark.len()..)?
        }
    };
    Some(Listed {
        kind: Kind::File,
        name: unquoted(name.trim_ascii()),
        size: None,
        modified: None,
        mode: None,
    })
}

fn unquoted(name: &[u8]) -> Vec<u8> {
    name.strip_prefix(b"'").and_then(|n| n.strip_suffix(b"'")).unwrap_or(name).to_vec()
}
