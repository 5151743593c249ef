//! Lines behind a reply, up to a lone dot (RFC 3977 section 3.1.1): one at a time, never all in memory.

use std::io::Read;

use memchr::memchr_iter;
use netkit_wire::{DotBody, Ended, Fault, Limit, Phase};

use crate::dialogue::Dialogue;
use crate::error::Error;

/// The longest line of an answer. Overviews of long threads have been seen to pass 64 KiB.
const LINE: usize = 1 << 20;
/// What a buffer begins with.
const BUFFER: usize = 128 << 10;

/// The lines of one answer, without line ends and the dots of transparency. What is not read is read past, within the limit of
/// [`Limits::drain`](netkit_wire::Limits::drain), before the next reply.
#[derive(Debug)]
pub struct Lines<'c> {
    body: DotBody<'c>,
    over: &'c mut bool,
    buffer: Vec<u8>,
    /// Of the buffer: what was not handed out, and where it ends.
    start: usize,
    end: usize,
    ended: bool,
}

impl<'c> Lines<'c> {
    pub(crate) fn open(dialogue: &'c mut Dialogue) -> Lines<'c> {
        let Dialogue { conn, over, .. } = dialogue;
        Lines { body: conn.dot_body(), over, buffer: vec![0; 8 << 10], start: 0, end: 0, ended: false }
    }

    /// The next line; none behind the last.
    ///
    /// # Errors
    /// [`Error::Wire`], after which there is nothing more: also where the connection ends before the dot comes.
    #[allow(clippy::should_implement_trait, reason = "a line borrows the buffer: no Iterator can lend")]
    pub fn next(&mut self) -> Option<Result<&[u8], Error>> {
        let mut searched = self.start;
        let at = loop {
            if let Some(at) = self.line_end(searched) {
                break at;
            }
            if self.ended {
                return None;
            }
            searched = self.end.saturating_sub(1).max(self.start) - self.start;
            match self.fill() {
                Ok(()) => {}
                Err(fault) => {
                    (*self.over, self.ended) = (true, true);
                    (self.start, self.end) = (0, 0);
                    return Some(Err(Error::Wire(fault)));
                }
            }
            searched += self.start;
        };
        let line = self.buffer.get(self.start..at).unwrap_or_default();
        self.start = at + 2;
        Some(Ok(line))
    }

    /// Where the next CRLF begins. A bare LF is a byte like any other: only CRLF ends a line here as it does for the dot.
    fn line_end(&self, from: usize) -> Option<usize> {
        let unread = self.buffer.get(from..self.end)?;
        memchr_iter(b'\n', unread)
            .map(|at| from + at)
            .find(|at| *at > self.start && self.buffer.get(at - 1) == Some(&b'\r'))
            .map(|at| at - 1)
    }

    /// Reads more behind what is unread, which moves to the front.
    fn fill(&mut self) -> Result<(), Fault> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end >= LINE {
            return Err(Fault::TooLong(Limit::Line(LINE)));
        }
        if self.end * 2 > self.buffer.len() || self.buffer.len() < BUFFER && self.end > 0 {
            self.buffer.resize((self.buffer.len() * 2).max(BUFFER), 0);
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let n = self.body.read(room).map_err(|why| Fault::from_io(why, Phase::Receiving))?;
        self.end += n;
        if n == 0 {
            self.ended = true;
            if self.end > 0 {
                // A dot ends the answer only at the start of a line, so that this cannot be.
                return Err(Fault::Closed(Ended::Inside));
            }
        }
        Ok(())
    }

    /// All that are left, up to so many bytes.
    ///
    /// # Errors
    /// As [`Lines::next`]; [`Error::Wire`] when there are more.
    pub fn collect(mut self, most: usize) -> Result<Vec<Vec<u8>>, Error> {
        let (mut all, mut size) = (Vec::new(), 0);
        while let Some(line) = self.next() {
            let line = line?.to_vec();
            size += line.len() + 24;
            all.push(line);
            if size > most {
                *self.over = true;
                return Err(Error::Wire(Fault::TooLong(Limit::Body(most as u64))));
            }
        }
        Ok(all)
    }
}

/// Lines with a meaning each.
#[derive(Debug)]
pub struct Listing<'c, T> {
    lines: Lines<'c>,
    parse: fn(&[u8]) -> Result<T, &'static str>,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// As it should be.
    Item(T),
    /// A line that breaks a rule. The others are as good as before.
    Bad {
        /// The line.
        line: Vec<u8>,
        /// The rule.
        rule: &'static str,
    },
}

impl<'c, T> Listing<'c, T> {
    pub(crate) fn new(lines: Lines<'c>, parse: fn(&[u8]) -> Result<T, &'static str>) -> Listing<'c, T> {
        Listing { lines, parse }
    }
}

impl<T> Iterator for Listing<'_, T> {
    type Item = Result<Entry<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.lines.next()? {
            Ok(line) => line,
            Err(why) => return Some(Err(why)),
        };
        Some(Ok(match (self.parse)(line) {
            Ok(item) => Entry::Item(item),
            Err(rule) => Entry::Bad { line: line.to_vec(), rule },
        }))
    }
}
