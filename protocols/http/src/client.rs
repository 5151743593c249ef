//! Many requests to many servers: dialing, reuse of connections, redirects.

mod pipeline;

use std::time::Instant;

use netkit_socket::{DialReport, Dialer};
use netkit_wire::{Conn, Limits, Stream, Tap};

use crate::body::{Body, DECODED};
use crate::cache::{Cache, Plan, Tee};
use crate::connection::{Answer, Connection};
use crate::dial::{Dial, Direct};
use crate::error::{Error, Unsupported};
use crate::forward::Forward;
use crate::head::Status;
use crate::origin::Origin;
use crate::redirect::{Follow, Redirects};
use crate::remembered::Remembered;
use crate::request::Request;
use crate::response::Response;

/// How many idle connections are kept, one to an origin.
const KEPT: usize = 8;

/// How much of a redirect's own page is read to keep it in the cache.
const PAGE: u64 = 64 << 10;

/// Makes the listener of a new connection to that origin.
type MakeTap = Box<dyn FnMut(&Origin) -> Box<dyn Tap> + Send>;

/// Sends requests, and keeps a connection to each server for the next.
pub struct Client<D = Direct> {
    dial: D,
    limits: Limits,
    redirects: Redirects,
    decoded_limit: u64,
    deadline: Option<Instant>,
    tap: Option<MakeTap>,
    clock: fn() -> Instant,
    pub(crate) remembered: Remembered,
    cache: Option<Cache>,
    /// The one whose answer was handed out last.
    current: Option<(Origin, Connection)>,
    /// The others, the oldest first.
    idle: Vec<(Origin, Connection)>,
}

impl Client {
    /// Dials each origin's host by `dialer`; follows up to 10 redirects of GET and HEAD.
    pub fn new(dialer: Dialer) -> Client {
        Client::over(Direct::new(dialer))
    }
}

impl<D: Dial> Client<D> {
    /// Reaches servers in this way; follows up to 10 redirects of GET and HEAD.
    pub fn over(dial: D) -> Client<D> {
        Client {
            dial,
            limits: Limits::default(),
            redirects: Redirects::default(),
            decoded_limit: DECODED,
            deadline: None,
            tap: None,
            clock: Instant::now,
            remembered: Remembered::default(),
            cache: None,
            current: None,
            idle: Vec::new(),
        }
    }

    /// Bounds what servers may send.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Client<D> {
        Client { limits, ..self }
    }

    /// Which redirects to follow.
    #[must_use]
    pub fn redirects(self, redirects: Redirects) -> Client<D> {
        Client { redirects, ..self }
    }

    /// How many bytes a coded body may decode to; 1 GiB unless said.
    #[must_use]
    pub fn decoded_limit(self, bytes: u64) -> Client<D> {
        Client { decoded_limit: bytes, ..self }
    }

    /// The moment at which everything must be over, also on connections that are open already.
    #[must_use]
    pub fn deadline(mut self, at: Option<Instant>) -> Client<D> {
        self.dial.deadline(at);
        Client { deadline: at, ..self }
    }

    /// Gives every new connection a listener.
    #[must_use]
    pub fn tap(self, make: impl FnMut(&Origin) -> Box<dyn Tap> + Send + 'static) -> Client<D> {
        Client { tap: Some(Box::new(make)), ..self }
    }

    /// Measures time by another clock.
    #[must_use]
    pub fn clock(self, clock: fn() -> Instant) -> Client<D> {
        Client { clock, ..self }
    }

    /// Answers from this cache where it can, and keeps there what may be kept (RFC 9111).
    #[must_use]
    pub fn cache(self, cache: Option<Cache>) -> Client<D> {
        Client { cache, ..self }
    }

    /// Sends a request and follows redirects. The answer borrows the client until it is dropped.
    ///
    /// A status of 400 and above is an answer, not an error. A connection that had been idle and breaks before the
    /// server says anything is replaced once, if the request can be repeated (RFC 9112 9.3.1).
    ///
    /// # Errors
    /// Any but [`Error::Refused`] and those of reading the body.
    pub fn send(&mut self, request: Request) -> Result<Response<'_>, Error> {
        self.follow(request, self.redirects)
    }

    /// As [`Client::send`], but a redirect is the answer.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn send_once(&mut self, request: Request) -> Result<Response<'_>, Error> {
        self.follow(request, Redirects { of: Follow::Never, limit: 0 })
    }

    fn follow(&mut self, mut request: Request, redirects: Redirects) -> Result<Response<'_>, Error> {
        let mut hops = Vec::new();
        loop {
            self.remembered.prepare(&mut request)?;
            let (mut connection, answer, tee) = self.ask_cache(&mut request)?;
            let keep_coding = request.keeps_coding();
            let origin = request.origin().clone();
            let (url, Answer { head, interim, framing, trip }) = (request.url().clone(), answer);
            match redirects.next(&mut request, &head, &trip, &hops)? {
                Some(hop) => {
                    connection.conn().note(&format!("{} leads to {}", head.status(), request.url()));
                    hops.push(hop);
                    if tee.is_some() {
                        let mut body = Body::new(&mut connection, &head, true);
                        body.keep(tee);
                        // One that is too long, or breaks off, is not kept; the next request notices why.
                        let _ = body.read_all(PAGE);
                    }
                    self.current = Some((origin, connection));
                }
                None => {
                    let limit = self.decoded_limit;
                    let (_, connection) = self.current.insert((origin, connection));
                    let mut body = Body::new(connection, &head, keep_coding);
                    body.decoded_limit(limit);
                    body.keep(tee);
                    let response = Response::new(head, interim, framing, url, trip, body);
                    return Ok(response.with_hops(hops).with_request(request));
                }
            }
        }
    }

    /// Closes every connection that is kept.
    pub fn close(&mut self) {
        self.current = None;
        self.idle.clear();
    }

    /// What is stored, if that is good, else what the server says; and where to take that down.
    fn ask_cache(&mut self, request: &mut Request) -> Result<(Connection, Answer, Option<Tee>), Error> {
        let plan = self.cache.as_ref().map_or(Plan::Pass, |cache| cache.plan(request));
        let (stored, asked) = match plan {
            Plan::Pass => {
                let (connection, answer) = self.ask(request)?;
                if let Some(cache) = &self.cache {
                    cache.invalidate(request, &answer.head);
                }
                return Ok((connection, answer, None));
            }
            Plan::Answer(stream) => {
                let (connection, answer) = self.replay(stream, request)?;
                return Ok((connection, answer, None));
            }
            Plan::Ask(stored, asked) => (stored, asked),
        };
        let conditional = stored.is_some();
        let sent = self.ask(request);
        if conditional {
            Cache::unconditional(request);
        }
        let (mut connection, mut answer) = sent?;
        if let (Some(stored), Status::NOT_MODIFIED, Some(cache)) = (stored, answer.head.status(), &self.cache)
        {
            let fresh = cache.freshen(*stored, &answer.head, asked);
            if fresh.is_none() {
                cache.forget(request.url());
            }
            connection.conn().note("the stored answer was asked about");
            self.current = Some((request.origin().clone(), connection));
            match fresh {
                Some(stream) => {
                    let (connection, answer) = self.replay(stream, request)?;
                    return Ok((connection, answer, None));
                }
                None => (connection, answer) = self.ask(request)?,
            }
        }
        let tee = self.cache.as_ref().and_then(|cache| cache.keep(request, &answer.head, asked));
        Ok((connection, answer, tee))
    }

    /// A stored message, read as one from the network is. Its connection is used for nothing else: it says so itself.
    fn replay(
        &mut self,
        stream: Box<dyn Stream>,
        request: &mut Request,
    ) -> Result<(Connection, Answer), Error> {
        // The connection of the last answer stays for the next request.
        self.idle.extend(self.current.take().filter(|(_, connection)| connection.closing().is_none()));
        let mut connection = Connection::new(Conn::new(stream, self.limits)).clock(self.clock);
        let answer = connection.begin(request)?;
        Ok((connection, answer))
    }

    /// What the server says, also to a login where it asks for one. Only here is anything remembered: what is stored was
    /// said long ago.
    fn ask(&mut self, request: &mut Request) -> Result<(Connection, Answer), Error> {
        let mut asked = 0;
        loop {
            let (mut connection, answer) = self.exchange(request)?;
            if answer.head.status() == Status::EXPECTATION_FAILED
                && request.patience().is_some()
                && request.has_its_body()
            {
                connection.conn().note("the server knows no Expect; once more without it");
                request.ask_nothing();
                continue;
            }
            if !self.remembered.learn(request, &answer.head, asked)? {
                return Ok((connection, answer));
            }
            connection.conn().note("the server asks for a login; once more with one");
            self.current = Some((request.origin().clone(), connection));
            self.remembered.prepare(request)?;
            asked += 1;
        }
    }

    /// One request, one answer, on an idle connection or a new one.
    fn exchange(&mut self, request: &mut Request) -> Result<(Connection, Answer), Error> {
        if request.leaks() {
            return Err(Error::LoginInClear);
        }
        if let Some(mut connection) = self.take(request.origin()) {
            connection.conn().deadline(self.deadline)?;
            match connection.begin(request) {
                Ok(answer) => return Ok((connection, answer)),
                Err(error) if connection.was_silent(&error) && request.is_repeatable() => {
                    connection.conn().note("the idle connection was closed; once more on a new one");
                }
                // What was left of the former answer could not be read past: nothing was sent.
                Err(Error::Unsupported(Unsupported::Closing(_))) => {}
                Err(error) => return Err(error),
            }
        }
        let (mut connection, report) = self.dial(request.origin())?;
        let mut answer = connection.begin(request)?;
        (answer.trip.dialed, answer.trip.reused) = (report, false);
        Ok((connection, answer))
    }

    fn dial(&mut self, origin: &Origin) -> Result<(Connection, Option<DialReport>), Error> {
        let (stream, report) = self.dial.dial(origin)?;
        let mut conn = Conn::new(stream, self.limits);
        if let Some(make) = &mut self.tap {
            conn.set_tap(make(origin));
        }
        report.iter().flat_map(DialReport::notes).for_each(|line| conn.note(&line));
        let forward = Forward::of(report.as_ref());
        Ok((Connection::new(conn).clock(self.clock).forward(forward), report))
    }

    /// The connection that is kept for that origin, if any. The last answer is not read any more, so its
    /// connection is now idle like the others, unless it carries no further request.
    fn take(&mut self, origin: &Origin) -> Option<Connection> {
        self.idle.extend(self.current.take().filter(|(_, connection)| connection.closing().is_none()));
        if self.idle.len() > KEPT {
            self.idle.remove(0);
        }
        let at = self.idle.iter().position(|(of, _)| of == origin)?;
        Some(self.idle.remove(at).1)
    }
}

impl<D: std::fmt::Debug> std::fmt::Debug for Client<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("dial", &self.dial)
            .field("idle", &self.idle.len())
            .finish_non_exhaustive()
    }
}
