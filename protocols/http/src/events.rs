//! Server-sent events: an endless answer of small texts (WHATWG HTML 9.2).
//!
//! ```text
//! stream = [ BOM ] *( *field end-of-line )            9.2.5
//! field  = name [ ":" [ " " ] value ] end-of-line     event, data, id, retry; others are ignored
//! ```
//!
//! A line ends with CR, LF or CRLF. What is not UTF-8 becomes U+FFFD; an event that the end of the stream cuts off is
//! dropped. Bounded: a line by [`LINE`], the data of one event by [`DATA`].
//!
//! ```
//! use netkit_http::events::Events;
//!
//! let mut events = Events::new(&b": hello\nid: 7\ndata: one\ndata: two\n\ndata: cut off"[..], "");
//! let event = events.next_event()?.expect("there is one");
//! assert_eq!((event.kind.as_str(), event.data.as_str()), ("message", "one\ntwo"));
//! assert_eq!(events.next_event()?, None);
//! assert_eq!(events.last_id(), "7");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::time::Duration;

use netkit_wire::{Fault, Limit};

use crate::client::Client;
use crate::dial::Dial;
use crate::error::Error;
use crate::framing::{Bodiless, Framing};
use crate::request::Request;

/// The longest line in bytes.
pub const LINE: usize = 1 << 20;
/// The most bytes of data in one event.
pub const DATA: usize = 16 << 20;
/// How long to wait before asking again, until the server says otherwise: "a few seconds" (9.2.3).
pub const RETRY: Duration = Duration::from_secs(3);

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `event`; `message` where the server names none.
    pub kind: String,
    /// The `data` lines, with line feeds between them.
    pub data: String,
    /// The last `id` so far, which a client says when it comes back.
    pub id: String,
}

/// Reads events off a stream.
#[derive(Debug)]
pub struct Events<R> {
    from: R,
    parser: Parser,
    buffer: Box<[u8]>,
}

impl<R: Read> Events<R> {
    /// The events of `from`, after one whose id was `last_id`; empty for none.
    pub fn new(from: R, last_id: &str) -> Events<R> {
        let id = || last_id.to_owned();
        let parser = Parser { last_id: id(), committed: id(), id: id(), ..Parser::default() };
        Events { from, parser, buffer: vec![0; 16 << 10].into() }
    }

    /// The next event; `None` at the end of the stream.
    ///
    /// # Errors
    /// What reading fails with, and [`Limit::Line`] or [`Limit::Body`] as a [`Fault`] inside.
    pub fn next_event(&mut self) -> io::Result<Option<Event>> {
        loop {
            if let Some(event) = self.parser.ready.pop_front() {
                self.parser.last_id.clone_from(&event.id);
                return Ok(Some(event));
            }
            match self.from.read(&mut self.buffer) {
                Ok(0) => {
                    self.parser.last_id.clone_from(&self.parser.committed);
                    return Ok(None);
                }
                Ok(n) => self.parser.push(self.buffer.get(..n).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The id to come back with, in `Last-Event-ID` (9.2.4).
    pub fn last_id(&self) -> &str {
        &self.parser.last_id
    }

    /// How long to wait before coming back, where the server said so.
    pub fn retry(&self) -> Option<Duration> {
        self.parser.retry
    }
}

#[derive(Debug, Default)]
struct Parser {
    /// The line that has begun.
    line: Vec<u8>,
    begun: bool,
    /// The last byte was CR: a line feed now belongs to it.
    after_cr: bool,
    kind: String,
    data: String,
    id: String,
    /// The id as of the last empty line.
    committed: String,
    last_id: String,
    retry: Option<Duration>,
    ready: VecDeque<Event>,
}

impl Parser {
    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        if std::mem::take(&mut self.after_cr) {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(at) = bytes.iter().position(|b| matches!(b, b'\r' | b'\n')) {
            let (line, rest) = bytes.split_at_checked(at).unwrap_or((bytes, b""));
            self.extend(line)?;
            bytes = match rest {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
            self.end_line()?;
        }
        self.extend(bytes)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.line.len() + bytes.len() > LINE {
            return Err(Fault::TooLong(Limit::Line(LINE)));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), Fault> {
        let line = std::mem::take(&mut self.line);
        let mut text = String::from_utf8_lossy(&line);
        if !std::mem::replace(&mut self.begun, true)
            && let Some(rest) = text.strip_prefix('\u{feff}')
        {
            text = rest.to_owned().into();
        }
        if text.is_empty() {
            self.dispatch();
            return Ok(());
        }
        let (name, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.kind),
            "data" if self.data.len() + value.len() >= DATA => {
                return Err(Fault::TooLong(Limit::Body(DATA as u64)));
            }
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
        Ok(())
    }

    /// An empty line: what was gathered is an event, unless it has no data.
    fn dispatch(&mut self) {
        self.committed.clone_from(&self.id);
        let (kind, mut data) = (std::mem::take(&mut self.kind), std::mem::take(&mut self.data));
        if data.pop().is_some() {
            let kind = if kind.is_empty() { "message".to_owned() } else { kind };
            self.ready.push_back(Event { kind, data, id: self.id.clone() });
        }
    }
}

/// Where a source stands between two connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The id of the last event; empty for none.
    pub last_id: String,
    /// How long to wait before asking again.
    pub retry: Duration,
}

impl Default for Place {
    fn default() -> Place {
        Place { last_id: String::new(), retry: RETRY }
    }
}

/// How one connection to a source ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The stream is over: ask again after [`Place::retry`].
    Closed,
    /// 204: the server wants nobody to come back (9.2.3).
    Gone,
    /// `each` had enough.
    Stopped,
}

/// Asks a source once and hands each event to `each`; keeps `place` up to date, also when it fails.
///
/// # Errors
/// [`Error::Refused`] for a status of 400 and above; [`Error::Unexpected`] for an answer that is no stream of events; of
/// those, asking again does not help. Whatever breaks the conversation is worth another try.
pub fn listen<D: Dial>(
    client: &mut Client<D>,
    request: Request,
    place: &mut Place,
    each: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Ended, Error> {
    let mut request = request.field("Accept", "text/event-stream")?.field("Cache-Control", "no-store")?;
    if !place.last_id.is_empty() {
        request = request.field("Last-Event-ID", place.last_id.as_bytes())?;
    }
    let response = client.send(request)?.error_for_status()?;
    if response.framing() == Framing::Nothing(Bodiless::NoContent) {
        return Ok(Ended::Gone);
    }
    let kind = response.fields().get("content-type").unwrap_or_default();
    let kind = kind.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
    if response.status().code() != 200 || !kind.eq_ignore_ascii_case(b"text/event-stream") {
        let (head, why) = (Box::new(response.head().clone()), "it is no stream of events");
        return Err(Error::Unexpected { head, why });
    }
    let mut events = Events::new(response, &place.last_id);
    loop {
        let event = events.next_event();
        events.last_id().clone_into(&mut place.last_id);
        place.retry = events.retry().unwrap_or(place.retry);
        match event {
            Ok(Some(event)) => {
                if each(event).is_break() {
                    return Ok(Ended::Stopped);
                }
            }
            Ok(None) => return Ok(Ended::Closed),
            Err(error) => {
                let io = |source| Fault::Io { phase: netkit_wire::Phase::Receiving, source }.into();
                return Err(Error::from_io(error).unwrap_or_else(io));
            }
        }
    }
}
