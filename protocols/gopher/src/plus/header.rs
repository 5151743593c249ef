//! The first line of a Gopher+ answer.

use netkit_wire::{Decode, Eol, Limits, Line, Malformed, Step, Text};

/// How an answer starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// `+`: what was asked for, this long.
    Data(Length),
    /// `-`: an error, this long.
    Error(Length),
    /// Something else: the server does not speak Gopher+. Its line.
    Foreign(Text),
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// After so many bytes.
    Bytes(u64),
    /// `-1`: with a lone dot.
    Dot,
    /// `-2`: with the connection.
    Close,
}

/// What the first number of an error says (Gopher+ 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// 1: the item is not available.
    NotAvailable,
    /// 2: try again later, the server is busy.
    TryLater,
    /// 3: the item has moved; its new place follows.
    Moved,
    /// Another number.
    Other(u32),
}

impl Header {
    /// Appends the line; nothing for a foreign one.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (sign, length) = match self {
            Header::Data(length) => ('+', length),
            Header::Error(length) => ('-', length),
            Header::Foreign(_) => return,
        };
        let line = match length {
            Length::Bytes(n) => format!("{sign}{n}\r\n"),
            Length::Dot => format!("{sign}-1\r\n"),
            Length::Close => format!("{sign}-2\r\n"),
        };
        out.extend_from_slice(line.as_bytes());
    }

    /// Decodes the line.
    pub fn decoder(limits: &Limits) -> impl Decode<Item = Header> + use<> {
        HeaderLine(Line::new(limits).eol(Eol::CrlfOrLf))
    }

    fn parse(line: &[u8]) -> Option<Header> {
        let (sign, number) = line.split_first()?;
        let length = match number {
            b"-1" => Length::Dot,
            b"-2" => Length::Close,
            // Only digits: a sign before them would be another grammar, and more than 18 no size.
            digits if digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit) => {
                Length::Bytes(std::str::from_utf8(digits).ok()?.parse().ok()?)
            }
            _ => return None,
        };
        match sign {
            b'+' => Some(Header::Data(length)),
            b'-' => Some(Header::Error(length)),
            _ => None,
        }
    }
}

struct HeaderLine(Line);

impl Decode for HeaderLine {
    type Item = Header;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Header>, Malformed> {
        // A server of the old kind may send a file of any bytes: its first few tell.
        if input.first().is_some_and(|first| !matches!(first, b'+' | b'-')) {
            let end = input.iter().position(|b| *b == b'\n').unwrap_or(input.len());
            if end == input.len() && end < 200 {
                return Ok(Step::More(1));
            }
            let line = input.get(..end.min(200)).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            return Ok(Step::Done(Header::Foreign(Text::from(line)), 0));
        }
        let Some((line, used)) = self.0.scan(input)? else { return Ok(Step::More(1)) };
        Ok(Step::Done(Header::parse(line).unwrap_or_else(|| Header::Foreign(Text::from(line))), used))
    }

    fn end(&mut self, rest: &[u8]) -> Result<Option<Header>, Malformed> {
        let foreign = rest.first().is_some_and(|first| !matches!(first, b'+' | b'-'));
        Ok(foreign.then(|| Header::Foreign(Text::from(rest.get(..200).unwrap_or(rest)))))
    }
}

impl ErrorCode {
    /// From its number.
    pub fn new(number: u32) -> ErrorCode {
        match number {
            1 => ErrorCode::NotAvailable,
            2 => ErrorCode::TryLater,
            3 => ErrorCode::Moved,
            n => ErrorCode::Other(n),
        }
    }

    /// Its number.
    pub fn number(self) -> u32 {
        match self {
            ErrorCode::NotAvailable => 1,
            ErrorCode::TryLater => 2,
            ErrorCode::Moved => 3,
            ErrorCode::Other(n) => n,
        }
    }
}
