//! From an article's body to bytes.

use memchr::{memchr, memmem, memrchr_iter};
use wide::u8x16;

use super::{Part, YencError};

/// What is added to every byte on its way out.
const SHIFT: u8 = 42;
/// What an escaped byte has more (42 and 64).
const ESCAPED: u8 = 106;

/// Decodes the first yEnc block of a body, or of a whole article, and appends its bytes to `out`. Lines may end with CRLF or LF;
/// dots of transparency were removed before. Nothing is believed of what the article says: `out` grows by what is there.
///
/// # Errors
/// [`YencError`]. `out` may then have data at its end that is not whole.
pub fn decode(body: &[u8], out: &mut Vec<u8>) -> Result<Part, YencError> {
    let (begin, rest) = find_begin(body)?;
    let mut part = header(begin)?;
    let mut rest = rest;
    let mut said = part.size;
    if part.number.is_some() {
        let (line, after) = first_line(rest).ok_or(YencError::NoEnd)?;
        let line = line.strip_prefix(b"=ypart ").ok_or(YencError::Header("a part has a =ypart line"))?;
        let bound = |key: &str| number(value(line, key)?);
        let wrong = YencError::Header("a part begins and ends within the file");
        let (begin, end) = (bound("begin").ok_or(wrong)?, bound("end").ok_or(wrong)?);
        // The file's size may be left out of a part as 0, but a part lies within the size that was said.
        if begin == 0 || end < begin || (part.size != 0 && end > part.size) {
            return Err(wrong);
        }
        (part.offset, said, rest) = (begin - 1, end - begin + 1, after);
    }
    let (data, end) = find_end(rest).ok_or(YencError::NoEnd)?;
    let before = out.len();
    unshift(data, out);
    let got = out.get(before..).unwrap_or_default();
    part.len = got.len() as u64;
    if part.len != said || number(value(end, "size").unwrap_or_default()).is_some_and(|size| size != part.len)
    {
        return Err(YencError::Size { said, got: part.len });
    }
    let crc = |key: &str| u32::from_str_radix(std::str::from_utf8(value(end, key)?).ok()?, 16).ok();
    let whole = crc("crc32");
    (part.crc, part.file_crc) = match part.number {
        Some(_) => (crc("pcrc32"), whole),
        None => (whole, whole),
    };
    // Of a file that came as one part, both are about the same bytes.
    if part.number.is_some() && part.crc.is_none() && part.total == Some(1) {
        part.crc = whole;
    }
    if let Some(said) = part.crc {
        let got = crc32fast::hash(got);
        if got != said {
            return Err(YencError::Crc { said, got });
        }
    }
    Ok(part)
}

/// The line without its end, and what follows.
fn first_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr(b'\n', text)?;
    let line = text.get(..at)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), text.get(at + 1..)?))
}

/// The `=ybegin` line's arguments, and what follows.
fn find_begin(body: &[u8]) -> Result<(&[u8], &[u8]), YencError> {
    const WORD: &[u8] = b"=ybegin ";
    let starts = memmem::find_iter(body, WORD);
    let mut starts = starts.filter(|at| *at == 0 || body.get(at - 1) == Some(&b'\n'));
    let at = starts.next().ok_or(YencError::NoBegin)?;
    first_line(body.get(at + WORD.len()..).unwrap_or_default()).ok_or(YencError::NoEnd)
}

/// The data, and the `=yend` line's arguments. No escape begins with `=y`: the letter stands for a byte that needs none.
fn find_end(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    const WORD: &[u8] = b"=yend";
    // From the end, line by line: what follows it is short.
    let mut starts = memrchr_iter(b'\n', rest).map(|end| end + 1).chain([0]);
    let at = starts.find(|at| rest.get(*at..).is_some_and(|line| line.starts_with(WORD)))?;
    let line = rest.get(at + WORD.len()..)?;
    let end = memchr(b'\n', line).unwrap_or(line.len());
    Some((rest.get(..at)?, line.get(..end)?))
}

fn header(line: &[u8]) -> Result<Part, YencError> {
    // The name comes last, and everything behind its sign is it.
    let at = memmem::find(line, b"name=").ok_or(YencError::Header("a =ybegin line ends with a name"))?;
    let (before, name) = line.split_at_checked(at).unwrap_or_default();
    let small = |key: &str| value(before, key).map(|text| number(text).and_then(|n| u32::try_from(n).ok()));
    let size =
        value(before, "size").and_then(number).ok_or(YencError::Header("a =ybegin line says a size"))?;
    let index = |found: Option<Option<u32>>| match found {
        None => Ok(None),
        Some(Some(n)) if n > 0 => Ok(Some(n)),
        Some(_) => Err(YencError::Header("parts are numbered from 1 on")),
    };
    Ok(Part {
        name: name.get(b"name=".len()..).unwrap_or_default().trim_ascii().to_vec(),
        size,
        number: index(small("part"))?,
        total: index(small("total"))?,
        offset: 0,
        len: 0,
        crc: None,
        file_crc: None,
    })
}

/// The value of `key=value` among words.
fn value<'l>(line: &'l [u8], key: &str) -> Option<&'l [u8]> {
    let mut words = line.split(|b| *b == b' ' || *b == b'\r').filter(|word| !word.is_empty());
    words.find_map(|word| word.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
}

fn number(text: &[u8]) -> Option<u64> {
    crate::types::number(std::str::from_utf8(text).ok()?)
}

/// How many bytes are looked at together for those that are no plain data: as many as a mask has bits.
const LOOK: usize = 64;
/// How many bytes are shifted together. A run is about as long: two escapes, on average, stand in a line.
const BLOCK: usize = 64;

/// Every byte back to what it was; line ends are no data.
///
/// What ends a run is found by wide registers, and runs are shifted by whole blocks: what a block has beyond its run is written
/// over by the next one. That takes room for a block behind the last byte.
fn unshift(data: &[u8], out: &mut Vec<u8>) {
    let before = out.len();
    out.resize(before + data.len() + BLOCK, 0);
    // Where the next byte goes, and where the run begins that has not gone yet.
    let (mut at, mut start) = (before, 0);
    for (block, base) in data.chunks(LOOK).zip((0..).step_by(LOOK)) {
        let mut found = specials(block);
        while found != 0 {
            let special = base + found.trailing_zeros() as usize;
            found &= found - 1;
            // It was itself escaped.
            if special < start {
                continue;
            }
            at = run(data, start, special, out, at);
            start = special + 1;
            if data.get(special) != Some(&b'=') {
                continue;
            }
            // An escape of nothing, as a broken sender writes it, is passed over with the line end.
            if let (Some(escaped), Some(to)) = (data.get(start), out.get_mut(at))
                && !matches!(escaped, b'\r' | b'\n')
            {
                *to = escaped.wrapping_sub(ESCAPED);
                at += 1;
                start += 1;
            }
        }
    }
    at = run(data, start, data.len(), out, at);
    out.truncate(at);
}

/// A bit for each byte of the block, at most [`LOOK`], that is an escape or of a line's end.
fn specials(block: &[u8]) -> u64 {
    let (escape, cr, lf) = (u8x16::splat(b'='), u8x16::splat(b'\r'), u8x16::splat(b'\n'));
    let mask = |bytes: [u8; 16]| {
        let bytes = u8x16::new(bytes);
        u64::from((bytes.simd_eq(escape) | bytes.simd_eq(cr) | bytes.simd_eq(lf)).to_bitmask())
    };
    let (wide, rest) = block.as_chunks::<16>();
    let mut found = 0;
    let mut shift = 0;
    for bytes in wide {
        found |= mask(*bytes) << shift;
        shift += 16;
    }
    if !rest.is_empty() {
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        found |= mask(bytes) << shift;
    }
    found
}

/// A run without escapes, `data[start..end]`, to `out[at..]`; the result is where it ends there.
fn run(data: &[u8], start: usize, end: usize, out: &mut [u8], at: usize) -> usize {
    let len = end.saturating_sub(start);
    let mut done = 0;
    while done < len {
        let from = data.get(start + done..).and_then(<[u8]>::first_chunk::<BLOCK>);
        let to = out.get_mut(at + done..).and_then(<[u8]>::first_chunk_mut::<BLOCK>);
        let (Some(from), Some(to)) = (from, to) else { break };
        *to = from.map(|byte| byte.wrapping_sub(SHIFT));
        done += BLOCK;
    }
    // The last bytes of all have no whole block behind them.
    if done < len {
        let from = data.get(start + done..end).unwrap_or_default();
        let to = out.get_mut(at + done..).unwrap_or_default();
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from.wrapping_sub(SHIFT));
    }
    at + len
}
