//! A private cache on disk (RFC 9111): answers to GET are kept, used while they are fresh, and validated afterwards.
//!
//! | RFC 9111 | here |
//! |---|---|
//! | 3, what is stored | GET, a final status that is understood, no `no-store` on either side, no `Vary: *` |
//! | 3.5, `Authorization` | a request with any secret (also a cookie) passes by the cache: no secret reaches the disk |
//! | 4.1, `Vary` | the request fields it names must be the same; one variant to a URL |
//! | 4.2, freshness | `max-age`, `Expires`, else a tenth of the time since `Last-Modified`, a day at most |
//! | 4.3, validation | `If-None-Match` and `If-Modified-Since`; a 304 freshens what is stored |
//! | 4.4, invalidation | an unsafe request that succeeds drops its URL, and `Location` and `Content-Location` of its origin |
//! | 5.2.1, requests | `no-store`, `no-cache`, `max-age`, `min-fresh`, `max-stale`; `Pragma: no-cache` (5.4) |
//!
//! A range, or a request that bears conditions of its own, passes by. What is stored is the message as it came, with
//! its content coding; it is read again by the same decoder as a message from the network.

mod control;
mod entry;
mod freshness;
mod store;

use std::io::{self, Cursor, Read, Write};
use std::path::Path;
use std::time::{Instant, SystemTime};

use netkit_wire::{Field, Stream};
use url::Url;

use crate::head::Head;
use crate::method::Method;
use crate::request::Request;
use control::Directives;
use entry::Entry;
use store::Store;
pub(crate) use store::Tee;

/// Fields that make a request one that the cache cannot answer.
const OWN_CONDITIONS: [&str; 6] =
    ["range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];

/// Answers kept in the files of one folder, for one user.
#[derive(Debug)]
pub struct Cache {
    store: Store,
    clock: fn() -> SystemTime,
}

/// What the cache has to say about a request.
pub(crate) enum Plan {
    /// Nothing: it is not asked, and nothing is stored.
    Pass,
    /// The answer.
    Answer(Box<dyn Stream>),
    /// Ask the server, with this stored answer as a condition where there is one.
    Ask(Option<Box<Entry>>, SystemTime),
}

impl Cache {
    /// The folder, made if it is not there, for its owner only. All files together have at most `limit` bytes, and each
    /// at most an eighth of that; the oldest go first.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, limit: u64, clock: fn() -> SystemTime) -> io::Result<Cache> {
        Ok(Cache { store: Store::open(folder, limit)?, clock })
    }

    /// What to do with a request. One that goes to the server is made conditional where an answer is stored.
    pub(crate) fn plan(&self, request: &mut Request) -> Plan {
        let fields = request.fields();
        let directives = Directives::of_request(fields);
        let own = OWN_CONDITIONS.iter().any(|name| fields.has(name));
        // Somebody's own: given with the request, or added to it from a jar or a login.
        let secret = request.secrets().next().is_some() || !request.added.is_empty();
        if request.method() != &Method::GET || own || secret || directives.no_store {
            return Plan::Pass;
        }
        let now = (self.clock)();
        let Some(entry) = self.store.find(request.url()).filter(|entry| entry.suits(fields)) else {
            return Plan::Ask(None, now);
        };
        if freshness::may_be_used(&entry, &directives, now) {
            return Plan::Answer(replay(entry, now));
        }
        for (name, condition) in [("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")] {
            let value = entry.head.fields().get(name);
            if let Some(field) = value.and_then(|value| Field::new(condition, value)) {
                request.fields_mut().push(field);
            }
        }
        Plan::Ask(Some(Box::new(entry)), now)
    }

    /// Takes the conditions back out that [`Cache::plan`] put in.
    pub(crate) fn unconditional(request: &mut Request) {
        for name in ["If-None-Match", "If-Modified-Since"] {
            request.fields_mut().remove(name);
        }
    }

    /// What is stored, freshened by a 304 (RFC 9111 4.3.4); `None` when the 304 is about another version.
    pub(crate) fn freshen(&self, entry: Entry, head: &Head, asked: SystemTime) -> Option<Box<dyn Stream>> {
        let now = (self.clock)();
        let entry = self.store.freshen(entry, head, asked, now)?;
        Some(replay(entry, now))
    }

    /// A place for the body of an answer that is worth keeping.
    pub(crate) fn keep(&self, request: &Request, head: &Head, asked: SystemTime) -> Option<Tee> {
        if !freshness::may_be_stored(head) {
            return None;
        }
        self.store.begin(request, head, asked, (self.clock)())
    }

    /// Drops what an answer to an unsafe method has made invalid (RFC 9111 4.4).
    pub(crate) fn invalidate(&self, request: &Request, head: &Head) {
        if request.method().is_safe() || head.status().is_error() {
            return;
        }
        self.store.remove(request.url());
        for name in ["location", "content-location"] {
            let place = head.fields().get(name).and_then(|value| std::str::from_utf8(value).ok());
            let url = place.and_then(|place| request.url().join(place).ok());
            // Another origin has no say in what is stored of this one.
            if let Some(url) = url.filter(|url| url.origin() == request.url().origin()) {
                self.store.remove(&url);
            }
        }
    }

    /// Drops what is stored for a URL.
    pub fn forget(&self, url: &Url) {
        self.store.remove(url);
    }
}

/// A stored message as a stream: its head with the `Age` it has now (RFC 9111 5.1), then its body.
fn replay(entry: Entry, now: SystemTime) -> Box<dyn Stream> {
    let age = freshness::age(&entry, now).as_secs().to_string();
    let mut head = Head::new(entry.head.status());
    let gone = ["age", "connection", "content-length", "keep-alive", "transfer-encoding"];
    for field in entry.head.fields().iter().filter(|f| !gone.iter().any(|n| f.name().eq_ignore_ascii_case(n)))
    {
        head = head.with(field.clone());
    }
    let own = [("Age", age.as_str()), ("Content-Length", &entry.length.to_string()), ("Connection", "close")];
    for (name, value) in own {
        if let Some(field) = Field::new(name, value.as_bytes()) {
            head = head.with(field);
        }
    }
    let mut bytes = Vec::new();
    head.encode(&mut bytes);
    Box::new(Replay(Cursor::new(bytes).chain(entry.body.take(entry.length))))
}

/// Reads what is stored; the request that is sent to it goes nowhere.
struct Replay<R>(R);

impl<R: Read> Read for Replay<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl<R> Write for Replay<R> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R: Read + Send> Stream for Replay<R> {
    fn deadline(&mut self, _: Option<Instant>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}
