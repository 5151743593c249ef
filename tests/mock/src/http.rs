//! The HTTP server: the world's files, and places that answer in every way a client must cope with (RFC 9110, 9112).
//!
//! | path | answer |
//! |---|---|
//! | a file, a folder | with ETag, Last-Modified, ranges; PUT and DELETE change the world |
//! | `/echo` | the request as JSON |
//! | `/status/NNN` | that status |
//! | `/redirect/N`, `/redirect-to?url=U&status=NNN` | N redirects; one to U |
//! | `/gzip`, `/deflate`, `/br`, `/zstd` | the same text in that coding |
//! | `/chunked` | chunks with extensions and a trailer |
//! | `/stream` | a body that the connection's end ends |
//! | `/bytes/N` | N bytes |
//! | `/truncated` | less than Content-Length says |
//! | `/delay/SECONDS` | late, by 10 s at most |
//! | `/rpc` | XML-RPC: add, echo, fault, sample, system.* |
//! | `/events` | server-sent events, over three connections |
//! | `/auth/basic`, `/auth/bearer`, `/auth/digest` | for the world's accounts only |
//! | `/cookies`, `/cookies/set?n=v` | the cookies that came; sets them |
//! | `/flaky/N`, `/drop-after/BYTES`, `/changing/BYTES`, `/slow/BYTES`, `/named` | what is hard to download |
//! | `/hsts` | wants TLS from now on |
//!
//! What a client may make the server hold is bounded: header, body, requests to a connection, and its silence.

mod answer;
mod codings;
mod cookies;
mod digest;
mod downloads;
mod events;
mod files;
mod multipart;
mod places;
mod rpc;

use std::sync::Arc;

use netkit_http::{Framing, Incoming, Method, RequestHead, RequestHeads, Version};
use netkit_wire::{Conn, Fault, Limit, Phase};

use crate::http::answer::Answer;
use crate::server::{Context, Service};
use crate::world::World;

/// The largest body taken in.
const BODY: u64 = 16 << 20;
/// How many requests one connection may carry.
const REQUESTS: usize = 100_000;
/// How much of what a refused client still sends is read, so that it gets to read why.
const LINGER: u64 = 1 << 20;

/// Serves the world's files and the places above.
pub struct Http {
    world: Arc<World>,
    downloads: downloads::Downloads,
}

/// A request with its whole body.
struct Asked {
    head: RequestHead,
    /// The path, decoded.
    path: String,
    /// The query, as it came.
    query: String,
    body: Vec<u8>,
}

impl Http {
    /// A server over `world`.
    pub fn new(world: Arc<World>) -> Http {
        Http { world, downloads: downloads::Downloads::default() }
    }

    /// One request and its answer; whether another may follow.
    fn turn(&self, conn: &mut Conn) -> Result<bool, Fault> {
        let heads = RequestHeads::new(conn.limits());
        let head = match conn.recv_or_end(heads) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(false),
            Err(Fault::Malformed { what, .. }) => return refuse(conn, 400, what),
            Err(Fault::TooLong(Limit::Line(_))) => return refuse(conn, 414, "the request line is too long"),
            Err(Fault::TooLong(_)) => return refuse(conn, 431, "the header is too large"),
            Err(fault) => return Err(fault),
        };
        if let Err(why) = head.host() {
            return refuse(conn, 400, &Fault::from(why).to_string());
        }
        let framing = match Framing::of_request(&head) {
            Ok(framing) => framing,
            Err(why) => return refuse(conn, 400, &Fault::from(why).to_string()),
        };
        match framing {
            Framing::Counted(n) if n > BODY => return refuse(conn, 413, "the body is too large"),
            Framing::Nothing(_) if head.method() == &Method::PUT => {
                return refuse(conn, 411, "PUT comes with its length");
            }
            _ => {}
        }
        if waits(&head) && head.target().starts_with("/auth/") {
            // Who may not ask need not send the body first.
            let asked =
                Asked { head: head.clone(), path: path_of(&head), query: String::new(), body: Vec::new() };
            let answer = self.answer(&asked);
            if answer.is_error() {
                answer.send(conn, false, false, false)?;
                conn.shutdown_write()?;
                return Ok(false);
            }
        }
        let body = match take(conn, &head, framing) {
            Err(Fault::Malformed { what, .. }) => return refuse(conn, 400, what),
            Err(Fault::TooLong(Limit::Body(_))) => return refuse(conn, 413, "the body is too large"),
            other => other?,
        };
        let keep = head.keeps_alive() && head.version() == Version::Http11;
        let (bodiless, http10) = (head.method() == &Method::HEAD, head.version() == Version::Http10);
        let answer = match place(head.target()) {
            Some((path, query)) => self.answer(&Asked { head, path, query, body }),
            None => Answer::text(400, "the target is not a path in UTF-8"),
        };
        let more = answer.send(conn, bodiless, http10, keep)?;
        if !more {
            conn.shutdown_write()?;
        }
        Ok(more)
    }

    fn answer(&self, asked: &Asked) -> Answer {
        let place = places::answer(&self.world, asked).or_else(|| self.downloads.answer(asked));
        place.unwrap_or_else(|| files::answer(&self.world, asked))
    }
}

impl Service for Http {
    fn protocol(&self) -> &'static str {
        "http"
    }

    fn serve(&self, mut conn: Conn, _: &Context) -> Result<(), Fault> {
        for _ in 0..REQUESTS {
            if !self.turn(&mut conn)? {
                break;
            }
        }
        Ok(())
    }
}

/// Reads a body within its limit; a client that waits for leave gets it (RFC 9110 10.1.1).
fn take(conn: &mut Conn, head: &RequestHead, framing: Framing) -> Result<Vec<u8>, Fault> {
    let mut incoming = Incoming::new(framing);
    if waits(head) && !incoming.is_over() {
        conn.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let (mut body, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        match incoming.read(conn, &mut piece)? {
            0 => return Ok(body),
            n if body.len() as u64 + n as u64 > BODY => return Err(Fault::TooLong(Limit::Body(BODY))),
            n => body.extend_from_slice(piece.get(..n).unwrap_or_default()),
        }
    }
}

/// Whether the client wants to be told that its body is wanted (RFC 9110 10.1.1).
fn waits(head: &RequestHead) -> bool {
    let asks = head.fields().list("expect").any(|what| what.eq_ignore_ascii_case(b"100-continue"));
    asks && head.version() == Version::Http11
}

fn path_of(head: &RequestHead) -> String {
    place(head.target()).map(|(path, _)| path).unwrap_or_default()
}

/// Says no, and closes: nobody knows where the next request would start. A socket that is closed while bytes are unread
/// takes the answer back (RFC 9112 9.6), so some of them are read.
fn refuse(conn: &mut Conn, status: u16, why: &str) -> Result<bool, Fault> {
    Answer::text(status, why).send(conn, false, false, false)?;
    conn.shutdown_write()?;
    let (mut scrap, mut left) = (vec![0; 64 << 10], LINGER);
    let mut rest = conn.until_close();
    loop {
        let n =
            std::io::Read::read(&mut rest, &mut scrap).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
        left = left.saturating_sub(n as u64);
        if n == 0 || left == 0 {
            return Ok(false);
        }
    }
}

/// The path and query of a target: origin form, absolute form, or `*` (RFC 9112 3.2).
fn place(target: &str) -> Option<(String, String)> {
    let path = match target.split_once("://") {
        Some(("http" | "https", rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        _ => target,
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    (path.starts_with('/') || path == "*").then(|| Some((decoded(path, false)?, query.to_owned()))).flatten()
}

/// Percent-decodes UTF-8; in a form `+` is a space.
fn decoded(text: &str, form: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? << 4 | digit()?).ok()?,
            b'+' if form => b' ',
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}
