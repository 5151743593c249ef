//! The contract of every decoder: a pure function of the bytes that have arrived.

use crate::limits::Limit;

/// Turns bytes into one item.
///
/// The same decoder value is called again with a longer `input` that starts with the same bytes until it
/// answers [`Step::Done`]; it may therefore keep a cursor, so that no byte is searched twice. It never keeps
/// the bytes themselves as its own unread input: what it did not consume stays with the connection.
pub trait Decode {
    /// What comes out.
    type Item;

    /// Looks at all unread bytes.
    ///
    /// # Errors
    /// [`Malformed`] when no continuation of `input` could be right, or when a limit is passed.
    fn decode(&mut self, input: &[u8]) -> Result<Step<Self::Item>, Malformed>;

    /// The connection ended (cleanly) and `rest` is all that is left. Only grammars in which the end of the
    /// connection means something answer `Some`; all of `rest` is then consumed.
    ///
    /// # Errors
    /// [`Malformed`] when `rest` cannot be the last item.
    fn end(&mut self, rest: &[u8]) -> Result<Option<Self::Item>, Malformed> {
        let _ = rest;
        Ok(None)
    }
}

/// How far a decoder got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// The item, and how many bytes of the input it took.
    Done(T, usize),
    /// Not whole yet: at least this many more bytes are needed (1 when unknown).
    More(usize),
}

/// Why bytes cannot be understood. `Conn` adds the bytes around the place when it makes a `Fault` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The grammar is broken at offset `at` of the input; `what` names the rule in the RFC's words.
    Grammar {
        /// Which rule.
        what: &'static str,
        /// Offset in the input handed to `decode`.
        at: usize,
    },
    /// Longer than the peer is allowed to be.
    TooLong(Limit),
}

impl Malformed {
    /// The grammar rule `what` is broken at offset `at`.
    pub const fn new(what: &'static str, at: usize) -> Self {
        Malformed::Grammar { what, at }
    }

    /// The same fault in an input that starts `by` bytes earlier.
    pub fn offset(self, by: usize) -> Self {
        match self {
            Malformed::Grammar { what, at } => Malformed::Grammar { what, at: at + by },
            limit => limit,
        }
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Malformed::Grammar { what, at } => write!(f, "{what} (at byte {at})"),
            Malformed::TooLong(limit) => limit.fmt(f),
        }
    }
}

impl std::error::Error for Malformed {}
