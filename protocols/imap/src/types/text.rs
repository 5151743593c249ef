//! Atoms and strings: RFC 9051 section 4.

use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// A word that needs no quotes: a flag's or an item's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(String);

impl Atom {
    /// Takes a word of `ATOM-CHAR`s; a leading backslash is let pass, as system flags have one.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn new(word: &str) -> Result<Atom, Invalid> {
        let inner = word.strip_prefix('\\').unwrap_or(word);
        let special = |b: u8| matches!(b, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']');
        let fits = |b: u8| b.is_ascii_graphic() && !special(b);
        // \* is what a server says of flags, never one itself.
        if inner.is_empty() || inner.len() > 200 || !inner.bytes().all(fits) {
            return Err(Invalid::new(Argument::Atom, "a word has letters, digits and some other characters"));
        }
        Ok(Atom(word.to_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Atom {
    type Err = Invalid;

    fn from_str(word: &str) -> Result<Atom, Invalid> {
        Atom::new(word)
    }
}

/// Text that goes as a quoted string where it can, and as a literal where it cannot. It has no NUL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text8(Vec<u8>);

impl Text8 {
    /// Takes text.
    ///
    /// # Errors
    /// [`Invalid`] when it has a NUL.
    pub fn new(text: impl Into<Vec<u8>>) -> Result<Text8, Invalid> {
        let text = text.into();
        if text.contains(&0) {
            return Err(Invalid::new(Argument::Text, "it has a NUL"));
        }
        Ok(Text8(text))
    }

    /// Takes a line of one's own: without a line end.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn line(line: &str) -> Result<Text8, Invalid> {
        if line.contains(['\r', '\n', '\0']) {
            return Err(Invalid::new(Argument::Text, "it has a line end or a NUL"));
        }
        Text8::new(line)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it may stand between quotes: no line end, and ASCII where UTF-8 was not agreed on.
    pub fn is_quotable(&self, utf8: bool) -> bool {
        self.0.len() <= 1000
            && self.0.iter().all(|b| !matches!(b, b'\r' | b'\n') && (utf8 || b.is_ascii()))
            && (!utf8 || std::str::from_utf8(&self.0).is_ok())
    }
}
