//! One conversation: a stream, what has come and is unread, what is queued and unsent.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crate::body::{Body, Counted, DotBody, UntilClose};
use crate::decode::{Decode, Step};
use crate::fault::{Ended, Fault, Phase};
use crate::inbox::Inbox;
use crate::limits::{Limit, Limits};
use crate::stream::Stream;
use crate::tap::Tap;

/// Owns the buffers of a conversation and makes its only `read` and `write` calls.
///
/// Commands are appended to [`Conn::outbox`] and leave together with the next [`Conn::recv`]: pipelining is
/// what happens when nothing is waited for in between.
pub struct Conn {
    stream: Box<dyn Stream>,
    inbox: Inbox,
    outbox: Vec<u8>,
    /// Ranges of the outbox that no log may show.
    secrets: Vec<std::ops::Range<usize>>,
    /// What is left on the wire of the body that the last answer announced.
    pub(crate) body: Body,
    limits: Limits,
    tap: Option<Box<dyn Tap>>,
}

impl Conn {
    /// A conversation over `stream`, whose peer must keep to `limits`.
    pub fn new(stream: Box<dyn Stream>, limits: Limits) -> Conn {
        let (inbox, outbox, secrets) = (Inbox::default(), Vec::new(), Vec::new());
        Conn { stream, inbox, outbox, secrets, body: Body::None, limits, tap: None }
    }

    /// Lets `tap` listen from now on.
    pub fn set_tap(&mut self, tap: Box<dyn Tap>) {
        self.tap = Some(tap);
    }

    /// The bounds given to [`Conn::new`].
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sets the moment after which everything fails with a total timeout.
    ///
    /// # Errors
    /// [`Fault::Io`] when the system refuses.
    pub fn deadline(&mut self, at: Option<Instant>) -> Result<(), Fault> {
        self.stream.deadline(at).map_err(|e| Fault::from_io(e, Phase::Receiving))
    }

    /// What encoders append to. Nothing is sent before [`Conn::flush`] or [`Conn::recv`].
    pub fn outbox(&mut self) -> &mut Vec<u8> {
        &mut self.outbox
    }

    /// Queues bytes that a [`Tap`] sees as `***`; a line end at their end stays visible.
    pub fn queue_secret(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        let start = self.outbox.len();
        encode(&mut self.outbox);
        let added = self.outbox.get(start..).unwrap_or_default();
        let end = start + added.strip_suffix(b"\r\n").unwrap_or(added).len();
        self.secrets.push(start..end);
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// [`Fault::Io`] or [`Fault::Timeout`]; how much had left is then unknown.
    pub fn flush(&mut self) -> Result<(), Fault> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        if let Some(tap) = &mut self.tap {
            tap.sent(&redacted(&self.outbox, &self.secrets));
        }
        let sent = self.stream.write_all(&self.outbox).and_then(|()| self.stream.flush());
        self.outbox.clear();
        self.secrets.clear();
        sent.map_err(|e| Fault::from_io(e, Phase::Sending))
    }

    /// Sends what is queued and then `bytes`, which are not copied: the way of a large upload.
    ///
    /// # Errors
    /// As [`Conn::flush`].
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.flush()?;
        if let Some(tap) = &mut self.tap {
            tap.sent(bytes);
        }
        self.stream
            .write_all(bytes)
            .and_then(|()| self.stream.flush())
            .map_err(|e| Fault::from_io(e, Phase::Sending))
    }

    /// Sends what is queued and then `bytes`, the last of them marked as urgent where the stream can ([`Stream::send_urgent`]).
    ///
    /// # Errors
    /// As [`Conn::flush`].
    pub fn send_urgent(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.flush()?;
        if let Some(tap) = &mut self.tap {
            tap.sent(bytes);
        }
        self.stream.send_urgent(bytes).map_err(|e| Fault::from_io(e, Phase::Sending))
    }

    /// Whether the peer marked something as urgent that was not read yet.
    pub fn is_urgent(&mut self) -> bool {
        self.stream.urgent().unwrap_or(false)
    }

    /// Sends what is queued, reads on from what is unread, and decodes one item.
    ///
    /// # Errors
    /// Any [`Fault`]; [`Ended::Before`] when the peer closed before the first byte of the item.
    pub fn recv<D: Decode>(&mut self, decoder: D) -> Result<D::Item, Fault> {
        self.recv_or_end(decoder)?.ok_or(Fault::Closed(Ended::Before))
    }

    /// As [`Conn::recv`], for grammars in which the connection may end between two items: `None` is that end.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub fn recv_or_end<D: Decode>(&mut self, mut decoder: D) -> Result<Option<D::Item>, Fault> {
        self.flush()?;
        self.settle()?;
        loop {
            match decoder.decode(self.inbox.unread()) {
                Ok(Step::Done(item, used)) => {
                    self.inbox.consume(used);
                    return Ok(Some(item));
                }
                Ok(Step::More(_)) => {}
                Err(why) => return Err(Fault::malformed(why, self.inbox.unread())),
            }
            // Decoders bound what they take; this is the backstop for one that forgets.
            let most = self.limits.reply.max(self.limits.header).max(self.limits.line);
            if self.inbox.len() > most {
                return Err(Fault::TooLong(Limit::Reply(most)));
            }
            if self.fill()? == 0 {
                let rest = self.inbox.unread();
                let last = decoder.end(rest).map_err(|why| Fault::malformed(why, rest))?;
                if last.is_none() && !rest.is_empty() {
                    return Err(Fault::Closed(Ended::Inside));
                }
                self.inbox.consume(usize::MAX);
                return Ok(last);
            }
        }
    }

    /// The body that follows ends with a lone dot (RFC 5321 4.5.2). Dots are removed.
    pub fn dot_body(&mut self) -> DotBody<'_> {
        DotBody::open(self)
    }

    /// The body that follows has `len` bytes.
    pub fn counted(&mut self, len: u64) -> Counted<'_> {
        Counted::open(self, len)
    }

    /// The body that follows ends with the connection.
    pub fn until_close(&mut self) -> UntilClose<'_> {
        UntilClose::open(self)
    }

    /// Changes the layer below, for STARTTLS and its kin: `make` gets the plain stream and returns the TLS one.
    ///
    /// # Errors
    /// [`Fault::Leftover`] when bytes in clear text are already here: they could not have come from somebody who
    /// waited for the handshake. What `make` fails with comes back as [`Phase::Upgrading`]. The connection is
    /// unusable after any error.
    pub fn upgrade(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<(), Fault> {
        self.flush()?;
        self.settle()?;
        if !self.inbox.is_empty() {
            let leftover = self.inbox.len();
            self.inbox.consume(leftover);
            self.stream = Box::new(Gone);
            return Err(Fault::Leftover(leftover));
        }
        let plain = std::mem::replace(&mut self.stream, Box::new(Gone));
        self.stream = make(plain).map_err(|e| Fault::from_io(e, Phase::Upgrading))?;
        self.note("changed to TLS");
        Ok(())
    }

    /// Goes back to clear text, as agreed in TLS; bytes that came behind the agreement end the conversation.
    ///
    /// # Errors
    /// As [`Conn::upgrade`]; [`Fault::Io`] with `Unsupported` where the stream cannot.
    pub fn downgrade(&mut self) -> Result<(), Fault> {
        self.flush()?;
        self.settle()?;
        let secure = std::mem::replace(&mut self.stream, Box::new(Gone));
        if !self.inbox.is_empty() {
            let leftover = self.inbox.len();
            self.inbox.consume(leftover);
            return Err(Fault::Leftover(leftover));
        }
        self.stream = secure.into_plain().map_err(|e| Fault::from_io(e, Phase::Upgrading))?;
        self.note("changed to clear text");
        Ok(())
    }

    /// Changes the layer below where the change is announced in the stream itself: `make` gets the stream, and the bytes that
    /// came behind the announcement, which belong to the new layer.
    ///
    /// # Errors
    /// As [`Conn::flush`].
    pub fn relayer(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>, &[u8]) -> Box<dyn Stream>,
    ) -> Result<(), Fault> {
        self.flush()?;
        let below = std::mem::replace(&mut self.stream, Box::new(Gone));
        self.stream = make(below, self.inbox.unread());
        self.inbox.consume(usize::MAX);
        Ok(())
    }

    /// Says that nothing more will be sent; reading goes on.
    ///
    /// # Errors
    /// As [`Conn::flush`].
    pub fn shutdown_write(&mut self) -> Result<(), Fault> {
        self.flush()?;
        self.stream.shutdown_write().map_err(|e| Fault::from_io(e, Phase::Sending))
    }

    /// What came and was not decoded yet.
    pub fn unread(&self) -> &[u8] {
        self.inbox.unread()
    }

    /// Whether something came that was not decoded, or would come without waiting: bytes, or the end of the connection.
    /// A stream that broke is ready, too: the next read says how.
    pub fn is_ready(&mut self) -> bool {
        !self.inbox.is_empty() || self.stream.ready().unwrap_or(true)
    }

    /// As [`Conn::is_ready`], but waits up to `limit` for it. A stream that cannot tell is never ready.
    pub fn is_ready_within(&mut self, limit: Duration) -> bool {
        !self.inbox.is_empty() || self.stream.ready_within(limit).unwrap_or(true)
    }

    /// Tells the tap something.
    pub fn note(&mut self, what: &str) {
        if let Some(tap) = &mut self.tap {
            tap.note(what);
        }
    }

    /// Reads what is left of an announced body that nobody wanted, so that the next answer starts where it should.
    fn settle(&mut self) -> Result<(), Fault> {
        if matches!(self.body, Body::None) {
            return Ok(());
        }
        let mut scrap = [0; 8192];
        let mut left = self.limits.drain;
        loop {
            match self.read_body(&mut scrap)? {
                0 => return Ok(()),
                n if n as u64 > left => return Err(Fault::TooLong(Limit::Drain(self.limits.drain))),
                n => left -= n as u64,
            }
        }
    }

    pub(crate) fn inbox(&self) -> &[u8] {
        self.inbox.unread()
    }

    pub(crate) fn consume(&mut self, n: usize) {
        self.inbox.consume(n);
    }

    pub(crate) fn fill(&mut self) -> Result<usize, Fault> {
        let before = self.inbox.len();
        let n = self.inbox.fill(&mut self.stream).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
        if let Some(tap) = &mut self.tap {
            told(tap.as_mut(), self.inbox.unread().get(before..).unwrap_or_default());
        }
        Ok(n)
    }

    fn tell(&mut self, came: &[u8]) {
        if let Some(tap) = &mut self.tap {
            told(tap.as_mut(), came);
        }
    }

    /// One `read` into the caller's buffer, past the inbox, which must be empty.
    pub(crate) fn read_past(&mut self, to: &mut [u8]) -> Result<usize, Fault> {
        let n = loop {
            match self.stream.read(to) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(|e| Fault::from_io(e, Phase::Receiving))?,
            }
        };
        self.tell(to.get(..n).unwrap_or_default());
        Ok(n)
    }

    /// The kernel's way past this process; `None` where the stream has none or somebody listens. An error of the sink
    /// comes as it is, one of the stream as a [`Fault`] inside.
    pub(crate) fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        if self.tap.is_some() || !self.inbox.is_empty() {
            return Ok(None);
        }
        self.stream.transfer(to, max).map_err(|e| match e.kind() {
            // No read from a peer fails in these ways: the file system is full, or the pipe's reader has gone.
            io::ErrorKind::StorageFull
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::BrokenPipe => e,
            _ => Fault::from_io(e, Phase::Receiving).into(),
        })
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conn")
            .field("unread", &self.inbox.len())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// What one `read` brought; nothing is the end of the connection.
fn told(tap: &mut dyn Tap, came: &[u8]) {
    match came {
        [] => tap.note("the peer closed the connection"),
        came => tap.received(came),
    }
}

/// `bytes` with each secret range shown as `***`.
fn redacted(bytes: &[u8], secrets: &[std::ops::Range<usize>]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for secret in secrets {
        shown.extend_from_slice(bytes.get(from..secret.start).unwrap_or_default());
        shown.extend_from_slice(b"***");
        from = secret.end;
    }
    shown.extend_from_slice(bytes.get(from..).unwrap_or_default());
    shown
}

/// Stands where a stream was taken out and not replaced.
struct Gone;

impl Read for Gone {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::NotConnected.into())
    }
}

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::NotConnected.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Gone {
    fn deadline(&mut self, _: Option<Instant>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}
