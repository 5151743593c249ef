//! One conversation: requests go out, answers come back, in turn, for as long as both sides keep the connection.

mod pipeline;

use std::fmt;
use std::time::Instant;

use netkit_wire::{Conn, Ended, Fault};

use crate::error::{Error, Unsupported};
use crate::forward::Forward;
use crate::framing::Framing;
use crate::head::{Head, Heads, Version};
use crate::incoming::Incoming;
use crate::payload::{Announced, peer_stopped_reading};
use crate::request::{Part, Request};
use crate::response::{Body, Response, Trip};

/// How many 1xx answers may come before the final one. Early hints come once or twice; a server that sends them without
/// end would never be found out by an idle time limit.
const INTERIM: usize = 32;

pub use pipeline::Pipelined;

/// Why a connection carries no further request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The request asked for it.
    Asked,
    /// The server said `Connection: close`.
    Announced,
    /// The server speaks HTTP/1.0 and did not say `Connection: keep-alive`.
    Http10,
    /// The end of the connection was the end of a body.
    UntilClose,
    /// Bytes came behind an answer: whose they are, nobody can know.
    ExtraBytes,
    /// While it was idle, the server closed it or said something.
    NotIdle,
    /// The final answer came before the request's body was sent, or it was cut off.
    BodyUnsent,
    /// An unwanted body was longer than it is worth to read past.
    BodyUnread,
    /// The conversation broke.
    Failed,
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Closing::Asked => "the request asked to close it",
            Closing::Announced => "the server announced to close it",
            Closing::Http10 => "the server speaks HTTP/1.0",
            Closing::UntilClose => "its end was the end of an answer",
            Closing::ExtraBytes => "bytes came behind an answer",
            Closing::NotIdle => "the server closed it or spoke out of turn",
            Closing::BodyUnsent => "a request was not sent whole",
            Closing::BodyUnread => "an answer was not read whole",
            Closing::Failed => "the conversation broke",
        })
    }
}

/// A connection to one server.
#[derive(Debug)]
pub struct Connection {
    pub(crate) conn: Conn,
    pub(crate) incoming: Incoming,
    closing: Option<Closing>,
    server: Option<Version>,
    /// Whether a head came since the last request was sent.
    heard: bool,
    /// The other end is a proxy, which is told the server with each request.
    forward: Option<Forward>,
    clock: fn() -> Instant,
}

/// The heads of an answer; its body is still on the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) interim: Vec<Head>,
    pub(crate) framing: Framing,
    pub(crate) trip: Trip,
}

impl Connection {
    /// Over a stream that is open already, in clear or under TLS.
    pub fn new(conn: Conn) -> Connection {
        let incoming = Incoming::default();
        Connection {
            conn,
            incoming,
            closing: None,
            server: None,
            heard: false,
            forward: None,
            clock: Instant::now,
        }
    }

    /// Speaks to the other end as to a proxy.
    pub(crate) fn forward(self, forward: Option<Forward>) -> Connection {
        Connection { forward, ..self }
    }

    /// Measures time by another clock.
    #[must_use]
    pub fn clock(self, clock: fn() -> Instant) -> Connection {
        Connection { clock, ..self }
    }

    /// The bytes below, to give them a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Why the connection carries no further request; `None` when it does, as far as is known.
    pub fn closing(&self) -> Option<Closing> {
        match self.closing {
            None if self.incoming.is_over() && !self.conn.unread().is_empty() => Some(Closing::ExtraBytes),
            closing => closing,
        }
    }

    /// Sends a request and waits for the head of its answer. What is left of the former answer's body is read past.
    ///
    /// A final answer that comes before the body is sent (413, 401) is returned; the rest of the body stays unsent.
    ///
    /// # Errors
    /// [`Error::Unsupported`] and [`Error::LoginInClear`], before anything is sent; [`Error::Wire`],
    /// [`Error::Unexpected`], [`Error::Payload`], after which the connection is of no more use.
    pub fn exchange(&mut self, request: &mut Request) -> Result<Response<'_>, Error> {
        let Answer { head, interim, framing, trip } = self.begin(request)?;
        let body = Body::new(self, &head, request.keeps_coding());
        Ok(Response::new(head, interim, framing, request.url().clone(), trip, body))
    }

    /// As [`Connection::exchange`], up to the body.
    pub(crate) fn begin(&mut self, request: &mut Request) -> Result<Answer, Error> {
        self.check(request)?;
        self.settle()?;
        self.heard = false;
        let answer = self.converse(request);
        if answer.is_err() {
            self.closing = Some(Closing::Failed);
        }
        answer
    }

    /// Whether the former request failed before the server said anything: on a connection that had been idle, the
    /// server may just have closed it.
    pub(crate) fn was_silent(&self, error: &Error) -> bool {
        peer_ended(error) && !self.heard && self.conn.unread().is_empty()
    }

    fn check(&self, request: &Request) -> Result<(), Error> {
        if let Some(why) = self.closing() {
            return Err(Unsupported::Closing(why).into());
        }
        if request.leaks() {
            return Err(Error::LoginInClear);
        }
        if request.method().as_str() == "CONNECT" {
            return Err(Unsupported::Tunnel.into());
        }
        if self.server == Some(Version::Http10) && request.payload().announced() == Announced::Chunked {
            return Err(Unsupported::ChunkedToHttp10.into());
        }
        Ok(())
    }

    /// Reads past what the caller did not want of the former answer.
    fn settle(&mut self) -> Result<(), Error> {
        self.read_past();
        // Behind the end of one answer there is nothing before the next request. What is there is the rest of a body that
        // should not be (a 204 has none), or the end of a connection that was idle for too long. What comes before the
        // first request is left to be read as its answer, for that tells what is wrong with the server.
        if self.closing.is_none()
            && self.server.is_some()
            && self.incoming.is_over()
            && self.conn.unread().is_empty()
            && self.conn.is_ready()
        {
            self.closing = Some(Closing::NotIdle);
        }
        match self.closing() {
            Some(why) => Err(Unsupported::Closing(why).into()),
            None => Ok(()),
        }
    }

    /// Reads past the rest of a body that nobody wanted.
    fn read_past(&mut self) {
        let most = self.conn.limits().drain;
        match self.incoming.skip(&mut self.conn, most) {
            Ok(true) => {}
            Ok(false) => self.closing = Some(Closing::BodyUnread),
            // That answer was lost to a reader who did not want it; nothing was sent behind it.
            Err(_) => self.closing = Some(Closing::Failed),
        }
    }

    /// The head of a request, ready to leave.
    fn queue(&mut self, request: &Request) {
        request.encode(self.forward.as_ref(), &mut |part| match part {
            Part::Plain(bytes) => self.conn.outbox().extend_from_slice(bytes),
            Part::Secret(bytes) => self.conn.queue_secret(|out| out.extend_from_slice(bytes)),
        });
    }

    fn converse(&mut self, request: &mut Request) -> Result<Answer, Error> {
        let start = (self.clock)();
        self.queue(request);
        let mut heads = HeadsSoFar::default();
        if !self.is_wanted(request, &mut heads)? {
            request.body_was_touched(false);
            self.heard = true;
            self.closing = Some(Closing::BodyUnsent);
            return self.accept(request, heads, start);
        }
        request.body_was_touched(true);
        // The server may say no before it has the body, and may then read no more of it (RFC 9112 9.5).
        let sent = request.payload_mut().send(&mut self.conn, &mut |conn| {
            while heads.last.is_none() && conn.is_ready() {
                heads.read(conn)?;
            }
            Ok(heads.last.is_some())
        });
        let unsent = match sent {
            Ok(true) => None,
            Ok(false) => Some(None),
            Err(error) if peer_stopped_reading(&error) => Some(Some(error)),
            Err(error) => return Err(error),
        };
        let mut read = Ok(());
        while heads.last.is_none() && read.is_ok() {
            read = heads.read(&mut self.conn);
        }
        self.heard = !heads.is_empty();
        match (read, unsent) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => self.closing = Some(Closing::BodyUnsent),
            // No answer is there to explain why sending failed.
            (Err(_), Some(Some(unsent))) if !self.heard => return Err(unsent),
            (Err(error), _) => return Err(error),
        }
        self.accept(request, heads, start)
    }

    /// Whether the server wants the body, as far as it says so in time (RFC 9110 10.1.1). `false`: it has given its final
    /// answer instead. What comes from a server that is not asked is read while the body is sent.
    fn is_wanted(&mut self, request: &Request, heads: &mut HeadsSoFar) -> Result<bool, Error> {
        // A server of HTTP/1.0 does not know the question.
        let Some(patience) = request.patience().filter(|_| self.server != Some(Version::Http10)) else {
            return Ok(true);
        };
        self.conn.flush()?;
        let end = (self.clock)() + patience;
        while heads.last.is_none() && !heads.interim.iter().any(|head| head.status().code() == 100) {
            if !self.conn.is_ready_within(end.saturating_duration_since((self.clock)())) {
                self.conn.note("the server does not say whether it wants the body: it gets it");
                return Ok(true);
            }
            heads.read(&mut self.conn)?;
        }
        Ok(heads.last.is_none())
    }

    /// The final head is here: what follows it, and whether the connection goes on.
    fn accept(&mut self, request: &Request, heads: HeadsSoFar, start: Instant) -> Result<Answer, Error> {
        let HeadsSoFar { interim, last } = heads;
        let head = last.ok_or(Fault::Closed(Ended::Before))?;
        let first_byte = (self.clock)().duration_since(start);
        let framing = Framing::of_response(request.method(), &head).map_err(Fault::from)?;
        self.incoming = Incoming::new(framing);
        self.server = Some(head.version());
        self.closing = self.closing.or_else(|| closing(request, &head, framing));
        Ok(Answer { head, interim, framing, trip: Trip { reused: true, dialed: None, first_byte } })
    }
}

/// The heads of one answer: any number of 1xx and one other (RFC 9110 15.2).
#[derive(Default)]
struct HeadsSoFar {
    interim: Vec<Head>,
    last: Option<Head>,
}

impl HeadsSoFar {
    fn is_empty(&self) -> bool {
        self.interim.is_empty() && self.last.is_none()
    }

    fn read(&mut self, conn: &mut Conn) -> Result<(), Error> {
        let head = conn.recv(Heads::new(conn.limits())).map_err(|fault| match fault {
            // An answer was begun with its first 1xx.
            Fault::Closed(Ended::Before) if !self.is_empty() => Fault::Closed(Ended::Inside),
            other => other,
        })?;
        match head.status().code() {
            101 => return unexpected(head, "the server changes to a protocol that nobody asked for"),
            100..=199 if self.interim.len() == INTERIM => {
                return unexpected(head, "too many interim answers");
            }
            100..=199 => self.interim.push(head),
            _ => self.last = Some(head),
        }
        Ok(())
    }
}

/// Whether the connection ended where no answer had begun.
pub(crate) fn peer_ended(error: &Error) -> bool {
    matches!(error, Error::Wire(Fault::Closed(Ended::Before) | Fault::Io { .. }))
}

fn unexpected(head: Head, why: &'static str) -> Result<(), Error> {
    Err(Error::Unexpected { head: Box::new(head), why })
}

/// RFC 9112 9.3, seen from the client.
fn closing(request: &Request, head: &Head, framing: Framing) -> Option<Closing> {
    match (framing, head.version()) {
        (Framing::UntilClose | Framing::Tunnel, _) => Some(Closing::UntilClose),
        _ if request.is_last() => Some(Closing::Asked),
        _ if head.keeps_alive() => None,
        (_, Version::Http10) => Some(Closing::Http10),
        (_, Version::Http11) => Some(Closing::Announced),
    }
}
