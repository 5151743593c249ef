//! From bytes to an article's body.

/// Which part of a file the data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// From 1 on.
    pub number: u32,
    /// How many there are.
    pub total: u32,
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// Size of the whole file in bytes.
    pub size: u64,
}

/// Appends the block to `out`, with lines of `line` data bytes ([`LINE`](super::LINE) is usual) that end with CRLF. Dots at the start of a line are
/// escaped, so that none has to be doubled on the way. A name's line ends become spaces.
///
/// ```
/// let mut body = Vec::new();
/// netkit_nntp::yenc::encode("a.bin", b"data", netkit_nntp::yenc::LINE, None, &mut body);
/// let mut data = Vec::new();
/// assert_eq!(netkit_nntp::yenc::decode(&body, &mut data)?.len, 4);
/// assert_eq!(data, b"data");
/// # Ok::<(), netkit_nntp::yenc::YencError>(())
/// ```
pub fn encode(name: &str, data: &[u8], line: usize, slice: Option<Slice>, out: &mut Vec<u8>) {
    let line = line.clamp(1, 997);
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    out.reserve(data.len() + data.len() / 16 + 256);
    let (head, tail) = match slice {
        None => {
            let crc = crc32fast::hash(data);
            let head = format!("=ybegin line={line} size={} name={name}\r\n", data.len());
            (head, format!("=yend size={} crc32={crc:08x}\r\n", data.len()))
        }
        Some(Slice { number, total, offset, size }) => {
            let end = offset + data.len() as u64;
            let head = format!(
                "=ybegin part={number} total={total} line={line} size={size} name={name}\r\n=ypart begin={} end={end}\r\n",
                offset + 1
            );
            let crc = crc32fast::hash(data);
            (head, format!("=yend size={} part={number} pcrc32={crc:08x}\r\n", data.len()))
        }
    };
    out.extend_from_slice(head.as_bytes());
    for row in data.chunks(line) {
        let last = row.len() - 1;
        for (at, byte) in row.iter().enumerate() {
            let shifted = byte.wrapping_add(42);
            let critical = match shifted {
                0 | b'\n' | b'\r' | b'=' => true,
                b'.' => at == 0,
                // White space at an end of a line is lost on some ways.
                b'\t' | b' ' => at == 0 || at == last,
                _ => false,
            };
            if critical {
                out.extend_from_slice(&[b'=', shifted.wrapping_add(64)]);
            } else {
                out.push(shifted);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(tail.as_bytes());
}
