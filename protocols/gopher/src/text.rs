//! Text documents: lines that may end with a lone dot.
//!
//! RFC 1436 3.9 has a server double a leading dot and end with a lone one; half of the servers do neither. A lone dot is
//! therefore an end mark only as the last line before the connection closes, and a doubled dot is always undoubled.

use memchr::memmem;

use crate::types::Ending;

/// Takes the transparency out of a text, whatever pieces it comes in.
#[derive(Debug, Default)]
pub struct TextFilter {
    /// What may turn out to be the end mark.
    held: Vec<u8>,
    /// The last byte handed on was not a line feed.
    inside: bool,
}

impl TextFilter {
    /// Appends what is certainly text to `out`.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(input);
        let cut = text.len() - self.possible_end(&text);
        self.emit(text.get(..cut).unwrap_or_default(), out);
        self.held = text.split_off(cut);
    }

    /// The connection has ended; what was held back is the end mark or text after all.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Ending {
        match std::mem::take(&mut self.held).as_slice() {
            b".\r\n" | b".\n" => Ending::Dot,
            held => {
                out.extend_from_slice(held);
                Ending::Close
            }
        }
    }

    /// The length of what stands at the end of `text` and could be a lone dot line, or the start of a doubled dot.
    fn possible_end(&self, text: &[u8]) -> usize {
        let ends = [&b".\r\n"[..], b".\n", b".\r", b"."];
        let is_line = |before: &[u8]| match before.last() {
            Some(last) => *last == b'\n',
            None => !self.inside,
        };
        ends.iter().find(|end| text.strip_suffix(**end).is_some_and(is_line)).map_or(0, |end| end.len())
    }

    fn emit(&mut self, mut text: &[u8], out: &mut Vec<u8>) {
        if !self.inside && text.starts_with(b"..") {
            text = text.get(1..).unwrap_or_default();
        }
        if let Some(last) = text.last() {
            self.inside = *last != b'\n';
        }
        let mut from = 0;
        for at in memmem::find_iter(text, b"\n..") {
            out.extend_from_slice(text.get(from..=at).unwrap_or_default());
            from = at + 2;
        }
        out.extend_from_slice(text.get(from..).unwrap_or_default());
    }
}
