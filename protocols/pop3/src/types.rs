//! Arguments that cannot break the wire: no CR, LF, NUL can be built into one.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// The number of a message in its maildrop: from 1 on (RFC 1939 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(NonZeroU32);

impl Number {
    /// A number; `None` for 0.
    pub const fn new(number: u32) -> Option<Number> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Number(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Number {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Number, Invalid> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.and_then(Number::new).ok_or(Invalid::new(Argument::Number, "a message has a number from 1 on"))
    }
}

/// Text that stays on its line: an argument, or a whole line of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line(String);

impl Line {
    /// Takes text that is not empty, has no control character, and fits a line.
    ///
    /// # Errors
    /// [`Invalid`] when it does not.
    pub fn new(text: &str) -> Result<Line, Invalid> {
        let rule = if text.is_empty() {
            "it is empty"
        } else if text.chars().any(|c| matches!(c, '\r' | '\n' | '\0')) {
            "it has a line end or NUL"
        } else if text.len() > 8_000 {
            "it is longer than a line"
        } else {
            return Ok(Line(text.to_owned()));
        };
        Err(Invalid::new(Argument::Text, rule))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
