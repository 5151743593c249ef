//! The chunked transfer coding (RFC 9112 7.1), both ways.
//!
//! ```text
//! chunked-body   = *chunk last-chunk trailer-section CRLF
//! chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//! chunk-size     = 1*HEXDIG
//! chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
//! ```

use netkit_wire::{Decode, Fields, Limits, Line, Malformed, Step};

/// The longest chunk-size line with its extensions: nobody needs more, and a server could send it before every byte.
const LINE: usize = 4096;

/// Decodes the line before a chunk: the chunk's size, 0 for the last. Extensions are checked for nothing but their
/// length, and ignored (RFC 9112 7.1.1).
#[derive(Clone, Copy, Debug)]
pub struct ChunkHead {
    /// Whether the CRLF that ends the former chunk's data comes first.
    after_data: bool,
    line: Line,
}

impl ChunkHead {
    /// The line before the first chunk.
    pub fn first() -> ChunkHead {
        ChunkHead { after_data: false, line: Line::new(&Limits { line: LINE, ..Limits::default() }) }
    }

    /// The end of a chunk's data, and the line before the next.
    pub fn next() -> ChunkHead {
        ChunkHead { after_data: true, ..ChunkHead::first() }
    }
}

impl Decode for ChunkHead {
    type Item = u64;

    fn decode(&mut self, input: &[u8]) -> Result<Step<u64>, Malformed> {
        let mut at = 0;
        if self.after_data {
            match input {
                [b'\r', b'\n', ..] => at = 2,
                [] | [b'\r'] => return Ok(Step::More(1)),
                _ => return Err(Malformed::new("the data of a chunk ends with CRLF", 0)),
            }
        }
        let rest = input.get(at..).unwrap_or_default();
        match self.line.scan(rest).map_err(|why| why.offset(at))? {
            None => Ok(Step::More(1)),
            Some((line, used)) => Ok(Step::Done(size(line).map_err(|why| why.offset(at))?, at + used)),
        }
    }
}

fn size(line: &[u8]) -> Result<u64, Malformed> {
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at_checked(digits).unwrap_or_default();
    if !matches!(rest.trim_ascii_start().first(), None | Some(b';')) || digits.is_empty() {
        return Err(Malformed::new("a chunk starts with its size in hexadecimal", 0));
    }
    let number = std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 16).ok());
    number.ok_or(Malformed::new("the size of a chunk is too large", 0))
}

/// Appends one chunk. Empty data appends nothing: an empty chunk would be the last.
pub fn encode_chunk(data: &[u8], out: &mut Vec<u8>) {
    if !data.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
    }
}

/// Appends the last chunk, the trailer section and the empty line behind it (RFC 9112 7.1.2).
pub fn encode_last_chunk(trailers: &Fields, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n");
    for field in trailers.iter() {
        for part in [field.name().as_bytes(), b": ", field.value(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    out.extend_from_slice(b"\r\n");
}
