//! NetWare: `d [R----F--] supervisor  512  Jan 16 18:53  login`.

use super::words::{Words, day_and_rest, month};
use super::{Kind, Listed};

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let kind = match words.word()? {
        b"d" => Kind::Folder,
        b"-" => Kind::File,
        _ => return None,
    };
    let rights = words.word()?.strip_prefix(b"[")?.strip_suffix(b"]")?;
    if !rights.iter().all(|b| b"RWCEAFMS-".contains(b)) {
        return None;
    }
    words.word()?;
    let size = words.number()?;
    let month = month(words.word()?)?;
    let modified = Some(day_and_rest(month, &mut words)?);
    let size = (kind == Kind::File).then_some(size);
    Some(Listed { kind, name: words.trimmed().to_vec(), size, modified, mode: None })
}
