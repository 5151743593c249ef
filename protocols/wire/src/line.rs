//! One line. Its end is CRLF; anything laxer has to be asked for.

use memchr::memchr;

use crate::decode::{Decode, Malformed, Step};
use crate::limits::{Limit, Limits};
use crate::text::Text;

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Eol {
    /// CRLF. A bare CR or LF is malformed.
    #[default]
    Crlf,
    /// CRLF or LF: for Gopher, whose servers were never strict, and where a user asked for leniency.
    CrlfOrLf,
}

/// Decodes one line, without its end.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    eol: Eol,
    limit: usize,
    /// Where the search for the line's end goes on.
    scanned: usize,
}

impl Line {
    /// A strict line of at most [`Limits::line`] bytes.
    pub fn new(limits: &Limits) -> Line {
        Line { eol: Eol::Crlf, limit: limits.line, scanned: 0 }
    }

    /// Sets what ends the line.
    pub fn eol(mut self, eol: Eol) -> Line {
        self.eol = eol;
        self
    }

    /// The line at the start of `input` and the length with its end, or `None` when it is not whole.
    ///
    /// # Errors
    /// [`Malformed`] for a bare LF, a bare CR, a NUL, or a line past its limit.
    pub fn scan<'i>(&mut self, input: &'i [u8]) -> Result<Option<(&'i [u8], usize)>, Malformed> {
        let found = memchr(b'\n', input.get(self.scanned..).unwrap_or_default()).map(|at| self.scanned + at);
        let Some(lf) = found else {
            self.scanned = input.len();
            return if input.len() >= self.limit { Err(self.too_long()) } else { Ok(None) };
        };
        if lf >= self.limit {
            return Err(self.too_long());
        }
        let raw = input.get(..lf).unwrap_or_default();
        let line = match (raw.strip_suffix(b"\r"), self.eol) {
            (Some(line), _) => line,
            (None, Eol::CrlfOrLf) => raw,
            (None, Eol::Crlf) => return Err(Malformed::new("a line ends with CRLF, not a bare LF", lf)),
        };
        if self.eol == Eol::Crlf
            && let Some(at) = memchr::memchr2(b'\r', 0, line)
        {
            return Err(Malformed::new("a line holds no CR and no NUL", at));
        }
        Ok(Some((line, lf + 1)))
    }

    fn too_long(&self) -> Malformed {
        Malformed::TooLong(Limit::Line(self.limit))
    }
}

impl Decode for Line {
    type Item = Text;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Text>, Malformed> {
        Ok(match self.scan(input)? {
            Some((line, used)) => Step::Done(Text::from(line), used),
            None => Step::More(1),
        })
    }
}
