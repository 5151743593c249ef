//! Data on its way: IAC is doubled (RFC 854), and in the NVT a line ends with CR LF and a lone CR is followed by NUL.

use crate::codes::IAC;

/// Appends `data` for a connection in BINARY (RFC 856): only IAC is doubled.
pub fn binary(data: &[u8], out: &mut Vec<u8>) {
    let mut from = 0;
    for at in memchr::memchr_iter(IAC, data) {
        out.extend_from_slice(data.get(from..=at).unwrap_or_default());
        out.push(IAC);
        from = at + 1;
    }
    out.extend_from_slice(data.get(from..).unwrap_or_default());
}

/// Appends `text` for the network virtual terminal: `\n` and `\r\n` are sent as CR LF, a lone `\r` as CR NUL
/// (RFC 1123 section 3.3.1), IAC is doubled.
pub fn nvt(text: &[u8], out: &mut Vec<u8>) {
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' if bytes.peek() == Some(&b'\n') => {
                bytes.next();
                out.extend_from_slice(b"\r\n");
            }
            b'\r' => out.extend_from_slice(b"\r\0"),
            b'\n' => out.extend_from_slice(b"\r\n"),
            IAC => out.extend_from_slice(&[IAC, IAC]),
            byte => out.push(byte),
        }
    }
}
