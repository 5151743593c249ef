//! CSO phone books, the items of type 2: the `ph` protocol of RFC 2378.
//!
//! ```text
//! command ::= word *( SP word ) CR-LF
//! answer  ::= *( "-" line ) line
//! line    ::= code ":" [ entry ":" field ":" ] text CR-LF                         RFC 2378 2.2
//! ```
//!
//! Unlike in Gopher the connection stays for the next command.

mod line;
mod lookup;

use netkit_socket::{DialReport, Dialed, Dialer, Endpoint};
use netkit_wire::{Conn, Ended, Fault, Limit, Limits, Tap, Text};

pub use line::Line;
pub use lookup::Lookup;

use crate::error::Error;

/// The port of phone books (RFC 2378 1).
pub const PORT: u16 = 105;

/// How many lines an answer may have.
const MOST: usize = 100_000;

/// A connection to a phone book.
#[derive(Debug)]
pub struct PhoneBook {
    conn: Conn,
}

/// One person, or whatever else a book lists: its fields in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Name and value; a value of several lines holds line feeds.
    pub fields: Vec<(String, String)>,
}

/// What is known about a field of the book (RFC 2378 3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// Its name.
    pub name: String,
    /// How long a value may be, and what can be done with it, such as `Indexed Lookup Public Default`.
    pub properties: String,
    /// What it is for.
    pub about: String,
}

/// Dials a phone book; with TLS if `tls`.
///
/// # Errors
/// [`Error::Net`].
pub fn connect(
    endpoint: &Endpoint,
    tls: bool,
    dialer: &Dialer,
    limits: Limits,
    tap: Option<Box<dyn Tap>>,
) -> Result<(PhoneBook, DialReport), Error> {
    let dialed = if tls { dialer.dial_tls(endpoint, &[]) } else { dialer.dial(endpoint) };
    let Dialed { stream, report } = dialed?;
    let mut conn = Conn::new(stream, limits);
    if let Some(tap) = tap {
        conn.set_tap(tap);
    }
    report.notes().iter().for_each(|line| conn.note(line));
    Ok((PhoneBook::new(conn), report))
}

/// Appends a command of one word: `siteinfo`, `fields`, `status`, `quit`.
pub fn encode_command(word: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(word.as_bytes());
    out.extend_from_slice(b"\r\n");
}

impl PhoneBook {
    /// Over a connection that is open already.
    pub fn new(conn: Conn) -> PhoneBook {
        PhoneBook { conn }
    }

    /// Looks somebody up (`query`). Nobody is an answer: no records.
    ///
    /// # Errors
    /// [`Error::Declined`] when the book wants other words, [`Error::Wire`].
    pub fn query(&mut self, lookup: &Lookup) -> Result<Vec<Record>, Error> {
        lookup.encode(self.conn.outbox());
        let lines = match self.answer() {
            // 501: no matches (RFC 2378 appendix).
            Err(Error::Declined(line)) if line.code == 501 => return Ok(Vec::new()),
            lines => lines?,
        };
        let mut records: Vec<(u32, Record)> = Vec::new();
        let mut last = String::new();
        // Other codes say why a field has no value: it is not there (508), or not shown (503).
        for line in lines.into_iter().filter(|line| line.code < 300) {
            let (Some(entry), Some(name)) = (line.entry, &line.field) else { continue };
            if records.last().is_none_or(|(known, _)| *known != entry) {
                records.push((entry, Record::default()));
            }
            let Some((_, record)) = records.last_mut() else { continue };
            let (name, value) = (name.to_str_lossy().trim().to_owned(), line.text.to_str_lossy());
            match record.fields.last_mut() {
                // A further line of a value has the same name, or none.
                Some((_, known)) if name.is_empty() || name == last => {
                    known.push('\n');
                    known.push_str(&value);
                }
                _ => {
                    record.fields.push((name.clone(), value.into_owned()));
                    last = name;
                }
            }
        }
        Ok(records.into_iter().map(|(_, record)| record).collect())
    }

    /// What the book says about itself (`siteinfo`), as number and text.
    ///
    /// # Errors
    /// As [`PhoneBook::query`].
    pub fn site_info(&mut self) -> Result<Vec<(String, String)>, Error> {
        let lines = self.command("siteinfo")?;
        let pair = |line: Line| {
            Some((line.field?.to_str_lossy().trim().to_owned(), line.text.to_str_lossy().into_owned()))
        };
        Ok(lines.into_iter().filter_map(pair).collect())
    }

    /// The fields that the book has (`fields`).
    ///
    /// # Errors
    /// As [`PhoneBook::query`].
    pub fn fields(&mut self) -> Result<Vec<FieldInfo>, Error> {
        let mut all: Vec<FieldInfo> = Vec::new();
        for line in self.command("fields")? {
            let Some(name) = line.field.map(|name| name.to_str_lossy().trim().to_owned()) else { continue };
            let text = line.text.to_str_lossy().into_owned();
            // Two lines for each: what it can, then what it is for.
            match all.last_mut().filter(|known| known.name == name && known.about.is_empty()) {
                Some(known) => known.about = text,
                None => all.push(FieldInfo { name, properties: text, about: String::new() }),
            }
        }
        Ok(all)
    }

    /// The state of the book (`status`): its words for a person.
    ///
    /// # Errors
    /// As [`PhoneBook::query`].
    pub fn status(&mut self) -> Result<Vec<Text>, Error> {
        Ok(self.command("status")?.into_iter().map(|line| line.text).collect())
    }

    /// Says goodbye (`quit`).
    ///
    /// # Errors
    /// As [`PhoneBook::query`].
    pub fn quit(mut self) -> Result<(), Error> {
        self.command("quit").map(|_| ())
    }

    fn command(&mut self, command: &str) -> Result<Vec<Line>, Error> {
        encode_command(command, self.conn.outbox());
        self.answer()
    }

    /// All lines of an answer; one whose last line is no success is an error.
    fn answer(&mut self) -> Result<Vec<Line>, Error> {
        let mut lines = Vec::new();
        loop {
            let decoder = Line::decoder(self.conn.limits());
            let line = match self.conn.recv_or_end(decoder)? {
                Some(line) => line,
                None if lines.is_empty() => return Err(Fault::Closed(Ended::Before).into()),
                None => return Err(Fault::Closed(Ended::Inside).into()),
            };
            let (more, code) = (line.more, line.code);
            // 1xx: the answer is still to come.
            if !more && code >= 300 {
                return Err(Error::Declined(Box::new(line)));
            }
            lines.push(line);
            if !more && code >= 200 {
                return Ok(lines);
            }
            if lines.len() > MOST {
                return Err(Fault::TooLong(Limit::Reply(MOST)).into());
            }
        }
    }
}

impl Record {
    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
