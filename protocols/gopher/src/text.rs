//! Text documents: lines that may end with a lone dot.
//!
//! RFC 1436 3.9 has a server double a leading dot and end the text with a lone one. Half of the servers do neither, some
//! only one of the two, and nothing says which kind is speaking. So the text itself decides:
//!
//! | seen | then |
//! |---|---|
//! | a lone dot as the last line | it is the end mark, not text |
//! | a line that starts with one dot and goes on | this server doubles nothing: dots stay as they are |
//! | only lines that start with two dots, and an end mark | this server doubles: one dot of each is taken away |
//! | only lines that start with two dots, and no end mark | dots stay as they are |
//!
//! The last two are told apart at the end, so a text is held back from its first doubled dot on, up to [`HELD`] bytes;
//! a longer one is read as the RFC says.

use memchr::memmem;

use crate::types::Ending;

/// How much is held back until the end tells what doubled dots mean.
const HELD: usize = 1 << 20;

/// Takes the transparency out of a text, whatever pieces it comes in.
#[derive(Debug, Default)]
pub struct TextFilter {
    kind: Kind,
    /// What was not handed on: from the first doubled dot, or what may turn out to be the end mark.
    held: Vec<u8>,
    /// How much of `held` was looked through for lines that start with a dot.
    scanned: usize,
    /// The last byte handed on was not a line feed.
    inside: bool,
}

/// What is known about the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// No line started with a dot.
    #[default]
    Unknown,
    /// Lines started with two dots: it doubles, or they are the text's own.
    Suspect,
    /// It doubles.
    Doubling,
    /// It does not.
    Plain,
}

impl TextFilter {
    /// Appends what is certainly text to `out`.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(input);
        if matches!(self.kind, Kind::Unknown | Kind::Suspect) {
            self.judge(false);
        }
        if self.kind == Kind::Suspect && self.held.len() > HELD {
            self.kind = Kind::Doubling;
        }
        let cut = match self.kind {
            Kind::Suspect => self.first_dot().unwrap_or(0),
            _ => self.held.len() - self.possible_end(),
        };
        self.emit(cut, out);
    }

    /// The connection has ended; what was held back is decided on.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Ending {
        let end = self.possible_end();
        let marked = self.held.ends_with(b"\n") && end > 0;
        self.judge(true);
        if self.kind == Kind::Suspect {
            self.kind = if marked { Kind::Doubling } else { Kind::Plain };
        }
        self.emit(self.held.len() - if marked { end } else { 0 }, out);
        self.held.clear();
        if marked { Ending::Dot } else { Ending::Close }
    }

    /// Looks at lines that start with a dot until one of them tells.
    fn judge(&mut self, is_all: bool) {
        while let Some(at) = self.next_dot(self.scanned) {
            match self.held.get(at + 1..).unwrap_or_default() {
                [b'.', ..] => self.kind = Kind::Suspect,
                // Perhaps the end mark: what follows tells.
                [] | [b'\r'] | [b'\n'] | [b'\r', b'\n'] => {
                    if !is_all {
                        self.scanned = at;
                    }
                    return;
                }
                _ => {
                    self.kind = Kind::Plain;
                    return;
                }
            }
            self.scanned = at + 1;
        }
        self.scanned = self.held.len().saturating_sub(1);
    }

    fn first_dot(&self) -> Option<usize> {
        self.next_dot(0)
    }

    /// Where the next line that starts with a dot starts, at `from` or behind it.
    fn next_dot(&self, from: usize) -> Option<usize> {
        if from == 0 && !self.inside && self.held.starts_with(b".") {
            return Some(0);
        }
        let start = from.saturating_sub(1);
        memmem::find(self.held.get(start..)?, b"\n.").map(|at| start + at + 1)
    }

    /// The length of what stands at the end and could be a lone dot line.
    fn possible_end(&self) -> usize {
        let is_line = |before: &[u8]| match before.last() {
            Some(last) => *last == b'\n',
            None => !self.inside,
        };
        let ends = [&b".\r\n"[..], b".\n", b".\r", b"."];
        ends.iter().find(|end| self.held.strip_suffix(**end).is_some_and(is_line)).map_or(0, |end| end.len())
    }

    /// Hands on the first `n` held bytes.
    fn emit(&mut self, n: usize, out: &mut Vec<u8>) {
        let rest = self.held.split_off(n);
        let mut text = std::mem::replace(&mut self.held, rest);
        self.scanned = self.scanned.saturating_sub(n);
        let Some(last) = text.last() else { return };
        let started_inside = std::mem::replace(&mut self.inside, *last != b'\n');
        if self.kind != Kind::Doubling {
            out.append(&mut text);
            return;
        }
        let mut rest: &[u8] = &text;
        if !started_inside && rest.starts_with(b"..") {
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut from = 0;
        for at in memmem::find_iter(rest, b"\n..") {
            out.extend_from_slice(rest.get(from..=at).unwrap_or_default());
            from = at + 2;
        }
        out.extend_from_slice(rest.get(from..).unwrap_or_default());
    }
}
