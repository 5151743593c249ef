//! OS/400: `QSYS  77824  02/01/26 13:04:05  *DIR  QOpenSys/`. Its dates come in the job's format.

use super::words::{Words, clock, date};
use super::{Kind, Listed};

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    words.word()?;
    let first = words.word()?;
    // A member has neither size nor date.
    if first == b"*MEM" {
        return Some(Listed {
            kind: Kind::File,
            name: words.trimmed().to_vec(),
            size: None,
            modified: None,
            mode: None,
        });
    }
    let size = crate::reply::digits(first)?;
    let (day, time) = (words.word()?, clock(words.word()?)?);
    // Year first where it cannot be a day; else day first, and month first where that cannot be.
    let modified =
        [|[d, m, y]: [u64; 3]| [y, m, d], |[m, d, y]: [u64; 3]| [y, m, d], |[y, m, d]: [u64; 3]| [y, m, d]]
            .into_iter()
            .find_map(|order| date(day, b'/', order, time).or_else(|| date(day, b'.', order, time)))?;
    let kind = match words.word()? {
        b"*DIR" | b"*FLR" | b"*LIB" | b"*DDIR" | b"*FILE" => Kind::Folder,
        b"*STMF" | b"*DSTMF" | b"*DOC" | b"*PGM" | b"*SAVF" => Kind::File,
        b"*SYMLNK" => Kind::Link(None),
        word if word.starts_with(b"*") => Kind::Other,
        _ => return None,
    };
    let name = words.trimmed();
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let size = (kind == Kind::File).then_some(size);
    Some(Listed { kind, name: name.to_vec(), size, modified: Some(modified), mode: None })
}
