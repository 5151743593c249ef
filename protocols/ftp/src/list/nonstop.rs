//! NonStop Guardian: `IARPTS  101  16354  6-Apr-19 13:44:43 255,255 "nnnn"`.

use super::words::{Words, clock, named_date};
use super::{Kind, Listed};

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let name = words.word()?;
    let code = words.word()?;
    // A file that is open has an O after its code.
    crate::reply::digits(code.strip_suffix(b"O").unwrap_or(code))?;
    let size = Some(words.number()?);
    let (day, time) = (words.word()?, clock(words.word()?)?);
    let modified = Some(named_date(day, time)?);
    let rest = words.trimmed();
    (rest.starts_with(b"\"") || rest.contains(&b',') && rest.ends_with(b"\"")).then_some(())?;
    Some(Listed { kind: Kind::File, name: name.to_vec(), size, modified, mode: None })
}
