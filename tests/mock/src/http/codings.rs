//! Content codings, put on. gzip and deflate compress; br and zstd are stored blocks, which every decoder must take.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// `bytes` in gzip (RFC 1952).
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// `bytes` in zlib's format (RFC 1950).
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// `bytes` in uncompressed meta-blocks (RFC 7932 9.2), each of at most 64 KiB.
///
/// The stream starts with one bit 0, a window of 64 KiB. A meta-block starts with ISLAST = 0, MNIBBLES = 0 (four of
/// them), MLEN - 1 in 16 bits and ISUNCOMPRESSED = 1, and goes on at the next byte. ISLAST = ISLASTEMPTY = 1 is the end.
pub(super) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    for (i, block) in bytes.chunks(1 << 16).enumerate() {
        let header = ((block.len() - 1) as u32) << 3 | 1 << 19;
        let bits = if i == 0 { header << 1 } else { header };
        out.extend(bits.to_le_bytes().into_iter().take(3));
        out.extend_from_slice(block);
    }
    // Without a block before it, the bit of the window comes first.
    out.push(if bytes.is_empty() { 0b110 } else { 0b11 });
    out
}

/// `bytes` in raw blocks of one frame (RFC 8878 3.1.1), each of at most 128 KiB, which is also the window.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
    let mut blocks = bytes.chunks(1 << 17).peekable();
    loop {
        let block = blocks.next().unwrap_or_default();
        let last = blocks.peek().is_none();
        let header = (block.len() as u32) << 3 | u32::from(last);
        out.extend(header.to_le_bytes().into_iter().take(3));
        out.extend_from_slice(block);
        if last {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_http::{Connection, Request};
    use netkit_wire::{Conn, Limits, Memory};

    type Encode = fn(&[u8]) -> Vec<u8>;

    #[test]
    fn the_client_takes_every_coding_off() {
        let codings: [(&str, Encode); 4] =
            [("gzip", gzip), ("deflate", deflate), ("br", brotli), ("zstd", zstd)];
        for (name, encode) in codings {
            for len in [0, 1, 65_535, 65_536, 65_537, 300_000] {
                let content: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
                let coded = encode(&content);
                let mut wire = format!(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {}\r\n\r\n",
                    coded.len()
                )
                .into_bytes();
                wire.extend_from_slice(&coded);
                let conn = Conn::new(Box::new(Memory::new(&wire)), Limits::default());
                let mut connection = Connection::new(conn);
                let mut request = Request::get("example.org").unwrap();
                let mut answer = connection.exchange(&mut request).unwrap();
                assert!(answer.read_all(1 << 20).unwrap() == content, "{name}, {len} bytes");
            }
        }
    }
}
