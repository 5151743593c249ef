//! The receive buffer. It belongs to the connection and outlives every call, so no byte behind an answer is lost.

use std::io::{self, Read};

/// Room made for one read at first; doubled while a single item does not fit.
const FIRST: usize = 16 << 10;
/// Room for one read of a peer that has more to say than fits, so that fewer calls bring it. No item needs it.
const MOST: usize = 64 << 10;

/// Unread bytes between `start` and `end` of an initialised buffer.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The last read left no room: there is probably more.
    filled: bool,
}

impl Inbox {
    /// What came and was not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Forgets the first `n` unread bytes.
    pub(crate) fn consume(&mut self, n: usize) {
        self.start = self.end.min(self.start.saturating_add(n));
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
    }

    /// One `read` behind the unread bytes. Returns how many came; 0 is the end.
    pub(crate) fn fill(&mut self, from: &mut dyn Read) -> io::Result<usize> {
        if self.end == self.buffer.len() {
            self.make_room();
        }
        if self.filled && self.is_empty() && self.buffer.len() < MOST {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let n = loop {
            match from.read(room) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?.min(room.len()),
            }
        };
        self.filled = n == room.len();
        self.end += n;
        Ok(n)
    }

    /// Moves the unread bytes to the front, and grows when they fill more than half of the buffer.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.len());
        if self.end * 2 > self.buffer.len() || self.buffer.is_empty() {
            self.buffer.resize((self.buffer.len() * 2).max(FIRST), 0);
        }
    }
}
