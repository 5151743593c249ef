//! Three-digit replies: FTP's, SMTP's and NNTP's common grammar.

use std::fmt;

use crate::decode::{Decode, Malformed, Step};
use crate::limits::{Limit, Limits};
use crate::line::Line;
use crate::text::Text;

/// A reply code: three digits, the first of which says how it went (RFC 959 4.2, RFC 5321 4.2.1, RFC 3977 3.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl Code {
    /// The code as a number; `None` outside 100 to 599.
    pub const fn new(code: u16) -> Option<Code> {
        if code >= 100 && code < 600 { Some(Code(code)) } else { None }
    }

    /// Three digits at the start of `line`.
    pub fn parse(line: &[u8]) -> Option<Code> {
        let [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] = line else { return None };
        Some(Code(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }

    /// Whether the code starts with these digits: `is(2)` is any 2yz, `is(25)` any 25z, `is(250)` only that.
    pub fn is(self, pattern: u16) -> bool {
        match pattern {
            0..10 => self.0 / 100 == pattern,
            10..100 => self.0 / 10 == pattern,
            _ => self.0 == pattern,
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A whole reply: one code, one or more lines of text without the codes in front of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    code: Code,
    lines: Vec<Text>,
}

impl Reply {
    /// A reply to send, or to compare with.
    pub fn new(code: Code, lines: Vec<Text>) -> Reply {
        Reply { code, lines }
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The text of each line; at least one.
    pub fn lines(&self) -> &[Text] {
        &self.lines
    }

    /// The first line's text.
    pub fn first(&self) -> &[u8] {
        self.lines.first().map_or(&[], Text::as_bytes)
    }

    /// Appends the reply as a server sends it: each line with the code (RFC 5321 4.2.1), which FTP allows too.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let last = self.lines.len().saturating_sub(1);
        for (i, line) in self.lines.iter().enumerate() {
            out.extend_from_slice(self.code.to_string().as_bytes());
            out.push(if i < last { b'-' } else { b' ' });
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// As a person reads it: `550 5.7.1 no such user / try another`, without control characters.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        for (i, line) in self.lines.iter().enumerate() {
            write!(f, "{}{line}", if i == 0 { " " } else { " / " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Which lines belong to a reply of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Each line carries the code (SMTP; RFC 5321 4.2.1).
    Numbered,
    /// Only the first and the last do; lines in between are free text (FTP; RFC 959 4.2).
    Free,
    /// There is only one line (NNTP; RFC 3977 3.2).
    Single,
}

/// Decodes one reply.
///
/// ```text
/// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF     RFC 5321 4.2
/// ```
#[derive(Clone, Debug)]
pub struct Replies {
    style: Style,
    limits: Limits,
    /// Whether a comma may stand for the space.
    comma: bool,
    line: Line,
    /// Where the current line starts.
    at: usize,
    code: Option<Code>,
    lines: Vec<Text>,
}

impl Replies {
    fn new(style: Style, limits: &Limits) -> Replies {
        let line = Line::new(limits);
        Replies { style, limits: *limits, comma: false, line, at: 0, code: None, lines: Vec::new() }
    }

    /// SMTP and LMTP: every line carries the same code.
    pub fn numbered(limits: &Limits) -> Replies {
        Replies::new(Style::Numbered, limits)
    }

    /// FTP: the last line repeats the code of the first.
    pub fn free(limits: &Limits) -> Replies {
        Replies::new(Style::Free, limits)
    }

    /// NNTP: one line.
    pub fn single(limits: &Limits) -> Replies {
        Replies::new(Style::Single, limits)
    }

    /// Lets a comma stand behind a code in place of the space, as the test server of nzbget writes it.
    pub fn or_comma(mut self, allowed: bool) -> Replies {
        self.comma = allowed;
        self
    }

    /// Takes one line; true when it was the last.
    fn take(&mut self, line: &[u8], at: usize) -> Result<bool, Malformed> {
        let code = Code::parse(line);
        let separator = line.get(3).copied().unwrap_or(b' ');
        let text = line.get(4..).unwrap_or_default();
        let Some(first) = self.code else {
            let code = code.ok_or(Malformed::new("a reply starts with a three-digit code", at))?;
            self.code = Some(code);
            self.lines.push(Text::from(text));
            return match separator {
                b' ' => Ok(true),
                b',' if self.comma => Ok(true),
                b'-' if self.style != Style::Single => Ok(false),
                _ => Err(Malformed::new("a reply code is followed by a space", at + 3)),
            };
        };
        match (self.style, code == Some(first), separator) {
            (_, true, b' ') => {
                self.lines.push(Text::from(text));
                return Ok(true);
            }
            (Style::Numbered, true, b'-') => self.lines.push(Text::from(text)),
            (Style::Numbered, ..) => {
                return Err(Malformed::new("every line of a reply carries the same code", at));
            }
            _ => self.lines.push(Text::from(line)),
        }
        Ok(false)
    }
}

impl Decode for Replies {
    type Item = Reply;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Reply>, Malformed> {
        loop {
            let rest = input.get(self.at..).unwrap_or_default();
            let scanned = self.line.scan(rest).map_err(|why| why.offset(self.at))?;
            // Lines of nothing cost more than their bytes once stored: four bytes a line is what they weigh.
            if self.at + self.lines.len() * 4 > self.limits.reply {
                return Err(Malformed::TooLong(Limit::Reply(self.limits.reply)));
            }
            let Some((line, used)) = scanned else { return Ok(Step::More(1)) };
            let start = self.at;
            self.at += used;
            self.line = Line::new(&self.limits);
            if self.take(line, start)?
                && let Some(code) = self.code.take()
            {
                return Ok(Step::Done(Reply { code, lines: std::mem::take(&mut self.lines) }, self.at));
            }
        }
    }
}
