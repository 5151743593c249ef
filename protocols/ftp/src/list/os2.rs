//! OS/2: `     0   DIR  04-11-95  16:26  ADDRESS`, and `612  A  07-28-95  16:45  air_tra1.bag`.

use super::words::{Words, clock, date};
use super::{Kind, Listed};

pub(super) fn parse(line: &[u8]) -> Option<Listed> {
    let mut words = Words(line);
    let size = words.number()?;
    let mut kind = Kind::File;
    let day = loop {
        match words.word()? {
            b"DIR" => kind = Kind::Folder,
            attributes if attributes.iter().all(|b| b"ARHS-".contains(b)) => {}
            day => break day,
        }
    };
    let time = clock(words.word()?)?;
    // A year after 1999 may be counted from 1900.
    let order = |[m, d, y]: [u64; 3]| [if (100..1000).contains(&y) { 1900 + y } else { y }, m, d];
    let modified = Some(date(day, b'-', order, time)?);
    let size = (kind == Kind::File).then_some(size);
    Some(Listed { kind, name: words.trimmed().to_vec(), size, modified, mode: None })
}
