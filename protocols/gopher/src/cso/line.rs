//! One line of a phone book's answer.

use netkit_wire::{Decode, Eol, Limits, Malformed, Step, Text};

/// A line, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says: 1xx wait, 2xx done, 3xx tell more, 4xx not now, 5xx no (RFC 2378 appendix).
    pub code: u16,
    /// Whether more lines follow (the code has a minus).
    pub more: bool,
    /// Which of the entries found it belongs to, from 1.
    pub entry: Option<u32>,
    /// The field of the entry, with the spaces that line it up.
    pub field: Option<Text>,
    /// The rest.
    pub text: Text,
}

impl Line {
    /// A line without an entry.
    pub fn new(code: u16, text: &str) -> Line {
        Line { code, more: false, entry: None, field: None, text: Text::from(text) }
    }

    /// A field of an entry, which more lines follow.
    pub fn field(code: u16, entry: u32, field: &str, text: &str) -> Line {
        let field = Some(Text::from(field));
        Line { more: true, entry: Some(entry), field, ..Line::new(code, text) }
    }

    /// Decodes a line.
    pub fn decoder(limits: &Limits) -> impl Decode<Item = Line> + use<> {
        LineDecoder(netkit_wire::Line::new(limits).eol(Eol::CrlfOrLf))
    }

    /// Appends the line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let clean = |bytes: &[u8], out: &mut Vec<u8>| {
            out.extend(bytes.iter().filter(|b| !matches!(b, b'\r' | b'\n')));
        };
        let minus = if self.more { "-" } else { "" };
        out.extend_from_slice(format!("{minus}{}:", self.code).as_bytes());
        if let (Some(entry), Some(field)) = (self.entry, &self.field) {
            out.extend_from_slice(format!("{entry}:").as_bytes());
            clean(field.as_bytes(), out);
            out.extend_from_slice(b": ");
        }
        clean(self.text.as_bytes(), out);
        out.extend_from_slice(b"\r\n");
    }

    fn parse(line: &[u8]) -> Option<Line> {
        let (more, rest) = match line.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (code, rest) = cut(rest)?;
        let code: u16 = number(code).filter(|code| (100..1000).contains(code))?;
        let plain = |text: &[u8]| Some(Line { code, more, entry: None, field: None, text: Text::from(text) });
        let Some((entry, below)) = cut(rest) else { return plain(rest) };
        let (Some(entry), Some((field, text))) = (number(entry), cut(below)) else { return plain(rest) };
        let text = text.strip_prefix(b" ").unwrap_or(text);
        Some(Line { code, more, entry: Some(entry), field: Some(Text::from(field)), text: Text::from(text) })
    }
}

fn cut(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|b| *b == b':')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn number<N: std::str::FromStr>(text: &[u8]) -> Option<N> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if digits { std::str::from_utf8(text).ok()?.parse().ok() } else { None }
}

struct LineDecoder(netkit_wire::Line);

impl Decode for LineDecoder {
    type Item = Line;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Line>, Malformed> {
        let Some((line, used)) = self.0.scan(input)? else { return Ok(Step::More(1)) };
        let line = Line::parse(line).ok_or(Malformed::new("a line starts with a code and a colon", 0))?;
        Ok(Step::Done(line, used))
    }
}
