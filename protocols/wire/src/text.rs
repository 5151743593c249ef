//! Text that came from a peer: kept as its bytes, shown without what could steer a terminal.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// One line of text from a peer, of unknown charset.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<[u8]>);

impl Text {
    /// The bytes as they came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As UTF-8, with U+FFFD for what is not. Not safe for a terminal: [`Text`]'s `Display` is.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Text(bytes.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.as_bytes().into())
    }
}

/// Escaped as by [`escape`].
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Characters that move the cursor, change the terminal, or turn the reading direction (RFC 3629 text, ECMA-48
/// C0 and C1, Unicode bidirectional controls).
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `bytes` for a person to read: control characters and what is not UTF-8 become `\r`, `\n`, `\t`, `\xHH` or
/// `\u{H}`, a backslash stays.
pub fn escape(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(steers)
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Writing to a String cannot fail.
            let _ = match c {
                '\r' => shown.write_str("\\r"),
                '\n' => shown.write_str("\\n"),
                '\t' => shown.write_str("\\t"),
                c if c.is_ascii_control() => write!(shown, "\\x{:02x}", c as u32),
                c if steers(c) => write!(shown, "\\u{{{:x}}}", c as u32),
                c => shown.write_char(c),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    Cow::Owned(shown)
}

/// Takes control characters out of a stream of text on its way to a terminal; line feeds and tabs stay.
/// Pieces may be cut anywhere, also inside a character.
#[derive(Debug, Default)]
pub struct Sanitizer {
    /// The start of a character whose rest has not come.
    partial: Vec<u8>,
}

impl Sanitizer {
    /// Appends what may be shown of `input` to `out`.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        let joined;
        let input = if self.partial.is_empty() {
            input
        } else {
            self.partial.extend_from_slice(input);
            joined = std::mem::take(&mut self.partial);
            &joined
        };
        let mut chunks = input.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            keep(chunk.valid(), out);
            let cut = chunks.peek().is_none() && is_cut_short(chunk.invalid());
            if cut {
                self.partial = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }

    /// Appends the replacement character when the stream ended inside a character.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !std::mem::take(&mut self.partial).is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

fn keep(text: &str, out: &mut Vec<u8>) {
    let shown = |c: char| matches!(c, '\n' | '\t') || !steers(c);
    if text.chars().all(shown) {
        out.extend_from_slice(text.as_bytes());
    } else {
        out.extend(text.chars().filter(|c| shown(*c)).collect::<String>().as_bytes());
    }
}

/// Whether more bytes could make a character of this (RFC 3629 4).
fn is_cut_short(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}
