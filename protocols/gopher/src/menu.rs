//! Menus: lines of items, ended by a lone dot.

use memchr::{memchr, memrchr};
use netkit_wire::{Conn, Decode, Ended, Eol, Fault, Limit, Limits, Line, Malformed, Step, Text};

use crate::document::PLAIN_ERROR;
use crate::error::Error;
use crate::item::{Entry, EntryRef, Item, ItemRef};
use crate::types::{Ending, ItemType};

fn entry(line: &[u8]) -> EntryRef<'_> {
    ItemRef::parse(line).map_or(EntryRef::Stray(line), EntryRef::Item)
}

/// Decodes one line of a menu; `None` is the lone dot.
#[derive(Clone, Copy, Debug)]
pub struct MenuLine(Line);

impl MenuLine {
    /// A line of at most [`Limits::line`] bytes, ended by CRLF or, as many servers do, LF.
    pub fn new(limits: &Limits) -> MenuLine {
        MenuLine(Line::new(limits).eol(Eol::CrlfOrLf))
    }
}

impl Decode for MenuLine {
    type Item = Option<Entry>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Option<Entry>>, Malformed> {
        let Some((line, used)) = self.0.scan(input)? else { return Ok(Step::More(1)) };
        let entry = match line {
            b"." => None,
            line => Some(entry(line).to_entry()),
        };
        Ok(Step::Done(entry, used))
    }
}

/// Takes all the whole lines that are here at once: a menu of a hundred thousand lines is not asked for line by line.
struct Lines {
    scanned: usize,
    limit: usize,
}

impl Decode for Lines {
    type Item = Vec<u8>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Vec<u8>>, Malformed> {
        match memrchr(b'\n', input.get(self.scanned..).unwrap_or_default()) {
            Some(at) => {
                let whole = input.get(..=self.scanned + at).unwrap_or_default();
                Ok(Step::Done(whole.to_vec(), whole.len()))
            }
            None if input.len() >= self.limit => Err(Malformed::TooLong(Limit::Line(self.limit))),
            None => {
                self.scanned = input.len();
                Ok(Step::More(1))
            }
        }
    }
}

/// A menu on its way: an iterator that reads as it goes, so that a menu of any length needs no memory.
#[derive(Debug)]
pub struct Menu {
    conn: Conn,
    /// Whole lines that came, and how far they were looked at.
    lines: Vec<u8>,
    at: usize,
    count: u64,
    ended: bool,
    ending: Option<Ending>,
    end_is_optional: bool,
}

impl Menu {
    pub(crate) fn new(conn: Conn) -> Menu {
        let lines = Vec::new();
        Menu { conn, lines, at: 0, count: 0, ended: false, ending: None, end_is_optional: false }
    }

    /// Accepts a menu that ends with the connection instead of a lone dot: some servers never send one, but then nobody
    /// can tell a whole menu from one that was cut between two lines.
    pub fn end_is_optional(mut self, yes: bool) -> Menu {
        self.end_is_optional = yes;
        self
    }

    /// A menu inside an answer of Gopher+, whose length is known.
    ///
    /// # Errors
    /// [`Error::Unexpected`] when it does not start like a menu.
    pub fn parse(bytes: &[u8]) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|b| *b == b'\n');
        for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            if line == b"." || bytes.is_empty() {
                break;
            }
            match Item::parse(line) {
                Some(item) => entries.push(Entry::Item(item)),
                None if entries.is_empty() => return Err(not_a_menu(Text::from(line))),
                None => entries.push(Entry::Stray(Text::from(line))),
            }
        }
        Ok(entries)
    }

    /// How the menu ended, once it did without an error.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The next entry, inside the bytes that came; `None` at the end, and after an error.
    ///
    /// # Errors
    /// As the iterator's.
    pub fn read(&mut self) -> Result<Option<EntryRef<'_>>, Error> {
        let range = match self.ended {
            true => None,
            false => self.advance()?,
        };
        let Some((start, end)) = range else { return Ok(None) };
        Ok(self.lines.get(start..end).map(entry))
    }

    /// Where the next line stands.
    fn advance(&mut self) -> Result<Option<(usize, usize)>, Error> {
        let found = self.line().and_then(|range| match range {
            Some((start, end)) if self.count == 0 => {
                self.count = 1;
                first(self.lines.get(start..end).unwrap_or_default()).map(|()| range)
            }
            range => Ok(range),
        });
        self.ended = !matches!(found, Ok(Some(_)));
        found
    }

    fn line(&mut self) -> Result<Option<(usize, usize)>, Error> {
        loop {
            let rest = self.lines.get(self.at..).unwrap_or_default();
            if let Some(lf) = memchr(b'\n', rest) {
                let limit = self.conn.limits().line;
                if lf >= limit {
                    return Err(Fault::TooLong(Limit::Line(limit)).into());
                }
                let (start, mut end) = (self.at, self.at + lf);
                self.at = end + 1;
                if rest.get(..lf).is_some_and(|line| line.ends_with(b"\r")) {
                    end -= 1;
                }
                if self.lines.get(start..end) == Some(b".") {
                    self.ending = Some(Ending::Dot);
                    return Ok(None);
                }
                return Ok(Some((start, end)));
            }
            let lines = Lines { scanned: 0, limit: self.conn.limits().line };
            match self.conn.recv_or_end(lines)? {
                Some(lines) => (self.lines, self.at) = (lines, 0),
                None if self.count == 0 => return Err(Fault::Closed(Ended::Before).into()),
                None if self.end_is_optional => {
                    self.ending = Some(Ending::Close);
                    return Ok(None);
                }
                None => return Err(Fault::Closed(Ended::Inside).into()),
            }
        }
    }
}

/// A menu's first line tells whether it is one.
fn first(line: &[u8]) -> Result<(), Error> {
    match entry(line) {
        EntryRef::Stray(line) if line.starts_with(PLAIN_ERROR) => {
            Err(Error::Refused(Item::error(&String::from_utf8_lossy(line)).into()))
        }
        EntryRef::Stray(line) => Err(not_a_menu(Text::from(line))),
        EntryRef::Item(item) if item.kind == ItemType::ERROR => Err(Error::Refused(item.to_item().into())),
        EntryRef::Item(_) => Ok(()),
    }
}

fn not_a_menu(line: Text) -> Error {
    Error::Unexpected("a menu", line)
}

impl Iterator for Menu {
    type Item = Result<Entry, Error>;

    /// The next entry. After an error, as after the end, there is no more.
    fn next(&mut self) -> Option<Self::Item> {
        self.read().map(|entry| entry.map(|entry| entry.to_entry())).transpose()
    }
}
