//! Documents: bytes until the connection closes.

use std::fs::File;
use std::io::{self, Read, Write};

use netkit_wire::{Conn, Decode, Ended, Fault, Limit, Malformed, Phase, Step};

use crate::error::Error;
use crate::item::Item;
use crate::plus::Length;
use crate::text::TextFilter;
use crate::types::Ending;

/// The longest answer that is looked at for being nothing but an error item.
const ERROR_SIZE: usize = 1024;

/// How gophernicus, the most used server of all, starts its errors where no menu was asked for.
pub(crate) const PLAIN_ERROR: &[u8] = b"Error: ";

/// How a document begins: enough to tell an error item from a file.
enum Opening {
    /// A document of unknown length whose bytes are still unread.
    Document,
    /// A short document that ended already.
    Whole(Vec<u8>),
    /// One error item and nothing else.
    Error(Item),
}

struct Peek;

impl Decode for Peek {
    type Item = Opening;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Opening>, Malformed> {
        let plain = input.get(..PLAIN_ERROR.len()).unwrap_or(input);
        let may_be_error = input.first().is_none_or(|first| *first == b'3') || PLAIN_ERROR.starts_with(plain);
        Ok(if may_be_error && input.len() < ERROR_SIZE {
            Step::More(1)
        } else {
            Step::Done(Opening::Document, 0)
        })
    }

    fn end(&mut self, rest: &[u8]) -> Result<Option<Opening>, Malformed> {
        if rest.is_empty() {
            return Ok(None);
        }
        let bare = rest.strip_suffix(b"\n.\r\n").or_else(|| rest.strip_suffix(b"\n.\n")).unwrap_or(rest);
        let line = bare.strip_suffix(b"\n").unwrap_or(bare);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let tabs = line.iter().filter(|b| **b == b'\t').count();
        let item = match line.starts_with(PLAIN_ERROR) {
            true => Some(Item::error(&String::from_utf8_lossy(line))),
            false => Item::parse(line).filter(|_| tabs >= 3),
        };
        let item = item.filter(|_| !line.contains(&b'\n'));
        Ok(Some(item.map_or_else(|| Opening::Whole(rest.to_vec()), Opening::Error)))
    }
}

/// A document on its way.
#[derive(Debug)]
pub struct Document {
    source: Source,
    text: Option<TextFilter>,
    /// A text that the server said ends with a lone dot is cut without one.
    must_end: bool,
    end: Option<Ending>,
    /// Filtered text that the reader has not taken.
    ready: Vec<u8>,
    taken: usize,
}

#[derive(Debug)]
enum Source {
    Conn(Conn),
    /// So many bytes are left.
    Counted(Conn, u64),
    Whole(io::Cursor<Vec<u8>>),
}

impl Document {
    /// Waits for the first bytes; an error item alone is [`Error::Refused`].
    pub(crate) fn open(mut conn: Conn, is_text: bool) -> Result<Document, Error> {
        let source = match conn.recv_or_end(Peek)? {
            // A file of no bytes: where the connection's end is the end, nothing is whole too.
            None => Source::Whole(io::Cursor::new(Vec::new())),
            Some(Opening::Error(item)) => return Err(Error::Refused(item.into())),
            Some(Opening::Whole(bytes)) => Source::Whole(io::Cursor::new(bytes)),
            Some(Opening::Document) => {
                let _ = conn.until_close();
                Source::Conn(conn)
            }
        };
        let text = is_text.then(TextFilter::default);
        Ok(Document { source, text, must_end: false, end: None, ready: Vec::new(), taken: 0 })
    }

    /// The rest of an answer of Gopher+ whose first line said how long it is.
    pub(crate) fn of_length(mut conn: Conn, length: Length) -> Document {
        let is_text = length == Length::Dot;
        let source = match length {
            Length::Bytes(n) => Source::Counted(conn, n),
            Length::Dot | Length::Close => {
                let _ = conn.until_close();
                Source::Conn(conn)
            }
        };
        let text = is_text.then(TextFilter::default);
        Document { source, text, must_end: is_text, end: None, ready: Vec::new(), taken: 0 }
    }

    /// How many bytes are still to come, where the server said so.
    pub fn left(&self) -> Option<u64> {
        match &self.source {
            Source::Counted(_, left) => Some(*left),
            Source::Conn(_) | Source::Whole(_) => None,
        }
    }

    /// The whole of a small answer.
    ///
    /// # Errors
    /// [`Error::Wire`]; [`Fault::TooLong`] past `most` bytes.
    pub fn read_small(&mut self, most: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.take(most + 1).read_to_end(&mut bytes);
        read.map_err(|e| Fault::from_io(e, Phase::Receiving))?;
        match bytes.len() as u64 > most {
            true => Err(Fault::TooLong(Limit::Body(most)).into()),
            false => Ok(bytes),
        }
    }

    /// How the text ended, once it was read to its end; `None` for binary documents whose length nobody told.
    pub fn ending(&self) -> Option<Ending> {
        match &self.source {
            Source::Counted(_, 0) => Some(Ending::Length),
            _ => self.end,
        }
    }

    /// Copies the rest to `to` and returns how many bytes that were. Where `file` is given it must be the same sink: a
    /// binary document may then move inside the kernel.
    ///
    /// # Errors
    /// A [`Fault`] inside when the conversation broke, anything else is what `to` failed with.
    pub fn copy_to(&mut self, to: &mut dyn Write, file: Option<&File>) -> io::Result<u64> {
        match (&mut self.source, &self.text) {
            (Source::Conn(conn), None) => conn.until_close().copy_to(to, file),
            (Source::Counted(conn, left), None) => {
                let copied = conn.counted(*left).copy_to(to, file)?;
                *left = 0;
                Ok(copied)
            }
            _ => io::copy(self, to),
        }
    }

    /// The next piece of the raw answer.
    fn read_raw(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            Source::Conn(conn) => conn.until_close().read(to),
            Source::Counted(conn, left) => {
                let n = conn.counted(*left).read(to)?;
                *left = left.saturating_sub(n as u64);
                Ok(n)
            }
            Source::Whole(bytes) => bytes.read(to),
        }
    }
}

impl Read for Document {
    /// # Errors
    /// A [`Fault`] inside: [`Fault::from_io`] with [`Phase::Receiving`] takes it out.
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.text.is_none() {
            return self.read_raw(to);
        }
        while self.taken == self.ready.len() && self.end.is_none() {
            let mut raw = [0; 16 << 10];
            let n = self.read_raw(&mut raw)?;
            (self.taken, self.ready) = (0, std::mem::take(&mut self.ready));
            self.ready.clear();
            let Some(filter) = &mut self.text else { break };
            match n {
                0 => {
                    let end = filter.finish(&mut self.ready);
                    self.end = Some(end);
                    if self.must_end && end == Ending::Close {
                        return Err(Fault::Closed(Ended::Inside).into());
                    }
                }
                n => filter.push(raw.get(..n).unwrap_or_default(), &mut self.ready),
            }
        }
        let n = self.ready.get(self.taken..).unwrap_or_default().read(to)?;
        self.taken += n;
        Ok(n)
    }
}

/// Reads a document whole: for small ones and for tests.
impl TryFrom<Document> for Vec<u8> {
    type Error = Error;

    fn try_from(mut document: Document) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        document.read_to_end(&mut bytes).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
        Ok(bytes)
    }
}
