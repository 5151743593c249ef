//! Commands: words, strings and literals in a row. A tag is put before them when they are sent.

use std::borrow::Cow;

use crate::types::{Atom, Mailbox, Set, Text8};

/// A command under construction. Nothing in it can end its line early: words are [`Atom`]s or this crate's own, all else is
/// quoted or a literal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    pieces: Vec<Piece>,
    /// What follows the newest literal.
    text: String,
    utf8: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Literal(Vec<u8>),
    /// A literal whose bytes the caller sends.
    Announced(u64),
}

impl Command {
    /// A command by its name, one of this crate's own words. `utf8`: UTF8=ACCEPT was enabled.
    pub fn new(name: &str, utf8: bool) -> Command {
        Command { pieces: Vec::new(), text: name.to_owned(), utf8 }
    }

    /// About how many bytes it has.
    pub(crate) fn size(&self) -> usize {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Literal(bytes) => bytes.len(),
            Piece::Announced(length) => usize::try_from(*length).unwrap_or(usize::MAX),
        };
        self.pieces.iter().map(piece).fold(self.text.len() + 20, usize::saturating_add)
    }

    /// Its bytes with a tag, as they are to a server that takes every literal at once, for a person to read: the bytes of an
    /// announced literal are not known here.
    pub fn rehearse(self, tag: &str) -> Vec<u8> {
        let mut out = format!("{tag} ").into_bytes();
        for piece in self.into_pieces() {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Literal(bytes) => {
                    out.extend_from_slice(format!("{{{}+}}\r\n", bytes.len()).as_bytes());
                    out.extend_from_slice(&bytes);
                }
                Piece::Announced(length) => out.extend_from_slice(format!("{{{length}+}}\r\n").as_bytes()),
            }
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    /// The pieces in order.
    pub(crate) fn into_pieces(mut self) -> Vec<Piece> {
        self.pieces.push(Piece::Text(self.text));
        self.pieces
    }

    /// A space, but not behind an opening bracket.
    fn part(&mut self) {
        if !self.text.ends_with('(') {
            self.text.push(' ');
        }
    }

    /// Opens a list.
    #[must_use]
    pub fn open(mut self) -> Command {
        self.part();
        self.text.push('(');
        self
    }

    /// Closes a list.
    #[must_use]
    pub fn close(mut self) -> Command {
        self.text.push(')');
        self
    }

    fn piece(mut self, piece: Piece) -> Command {
        self.part();
        self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        self.pieces.push(piece);
        self
    }

    /// One of this crate's own words behind a space.
    #[must_use]
    pub fn word(mut self, word: &str) -> Command {
        debug_assert!(!word.contains(['\r', '\n']), "words are this crate's own");
        self.part();
        self.text.push_str(word);
        self
    }

    /// A word of the caller's behind a space.
    #[must_use]
    pub fn atom(self, atom: &Atom) -> Command {
        self.word(atom.as_str())
    }

    /// A set of messages behind a space.
    #[must_use]
    pub fn set(self, set: &Set) -> Command {
        self.word(&set.to_string())
    }

    /// A mailbox's name behind a space.
    #[must_use]
    pub fn mailbox(self, mailbox: &Mailbox) -> Command {
        let wire: Cow<'_, str> = mailbox.to_wire(self.utf8);
        let wire = wire.into_owned();
        self.bytes(wire.as_bytes())
    }

    /// A name with wildcards behind a space.
    #[must_use]
    pub fn pattern(self, pattern: &Mailbox) -> Command {
        self.mailbox(pattern)
    }

    /// A string behind a space.
    #[must_use]
    pub fn string(self, text: &Text8) -> Command {
        if text.is_quotable(self.utf8) {
            let bytes = text.as_bytes().to_vec();
            return self.bytes(&bytes);
        }
        self.literal(text.as_bytes().to_vec())
    }

    /// Bytes between quotes; where they cannot stand there, a literal.
    fn bytes(mut self, bytes: &[u8]) -> Command {
        let fits = bytes.iter().all(|b| !matches!(b, b'\r' | b'\n' | 0)) && (self.utf8 || bytes.is_ascii());
        match std::str::from_utf8(bytes) {
            Ok(text) if fits => {
                let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
                self.part();
                self.text.push('"');
                self.text.push_str(&quoted);
                self.text.push('"');
                self
            }
            _ => self.literal(bytes.to_vec()),
        }
    }

    /// A literal behind a space.
    #[must_use]
    pub fn literal(self, bytes: Vec<u8>) -> Command {
        self.piece(Piece::Literal(bytes))
    }

    /// A literal of this length behind a space, whose bytes the caller sends.
    #[must_use]
    pub fn announced(self, length: u64) -> Command {
        self.piece(Piece::Announced(length))
    }

    /// Names and texts in turn, in brackets behind a space; a text that is missing is `NIL`.
    #[must_use]
    pub fn pairs(self, all: &[(Text8, Option<Text8>)]) -> Command {
        let pair = |command: Command, (name, value): &(Text8, Option<Text8>)| match value {
            Some(value) => command.string(name).string(value),
            None => command.string(name).word("NIL"),
        };
        all.iter().fold(self.open(), pair).close()
    }

    /// Flags in brackets behind a space.
    #[must_use]
    pub fn flags(self, flags: &[Atom]) -> Command {
        let words: Vec<&str> = flags.iter().map(Atom::as_str).collect();
        self.word(&format!("({})", words.join(" ")))
    }
}
