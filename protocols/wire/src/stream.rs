//! The one thing a conversation needs of the network: a byte stream with a deadline.
//!
//! `wire` opens no sockets. Whoever does (the `socket` crate, or a test with two buffers) hands in a
//! [`Stream`]; TLS is a [`Stream`] around another.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// A two-way byte stream whose calls cannot block for ever.
///
/// A call that ran out of time fails with [`io::ErrorKind::TimedOut`] and an [`Elapsed`] inside, which says
/// which clock it was. `Ok(0)` from `read` is a clean end: a TLS stream that ends without `close_notify` fails
/// with [`io::ErrorKind::UnexpectedEof`] instead (RFC 8446 section 6.1).
pub trait Stream: Read + Write + Send {
    /// Sets the moment after which every `read` and `write` fails; `None` takes it away. The idle time limit,
    /// which is the time that one call may wait, was given to the stream when it was made.
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()>;

    /// Says that nothing more will be sent: TCP half-close, or `close_notify` and then half-close under TLS.
    fn shutdown_write(&mut self) -> io::Result<()>;

    /// Whether `read` would return at once: bytes are here, or the end, or a fault. Never waits. `false` also where a
    /// stream cannot tell.
    ///
    /// On a connection on which it is this side's turn, what is ready was not asked for.
    fn ready(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    /// Waits until the stream is [`ready`](Stream::ready), at most so long: whether it is.
    ///
    /// # Errors
    /// As [`Stream::ready`].
    fn ready_within(&mut self, limit: Duration) -> io::Result<bool> {
        let end = Instant::now().checked_add(limit);
        // What usually comes comes at once; what does not is not worth a busy processor.
        let mut pause = Duration::from_micros(50);
        loop {
            if self.ready()? {
                return Ok(true);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
            std::thread::sleep(left.map_or(pause, |left| pause.min(left)));
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }

    /// Sends bytes of which the last is urgent (TCP's out-of-band mark; RFC 854's Synch). A stream that has no such mark
    /// sends them as they are.
    fn send_urgent(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    /// Whether the peer marked something as urgent that was not read yet. `false` also where a stream cannot tell.
    fn urgent(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    /// Moves at most `max` bytes from the peer straight to `to` inside the kernel (splice on Linux), without
    /// passing through this process. `Ok(None)`: this stream cannot, use `read`. `Ok(Some(0))`: end of stream. An error
    /// that only writing has (the file system is full, the pipe has no reader) is the sink's.
    fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        let _ = (to, max);
        Ok(None)
    }

    /// Parts the stream in two that two threads use at once: the first reads, the second writes.
    ///
    /// # Errors
    /// `Unsupported` where a stream knows only one direction at a time; the system's own.
    fn halves(self: Box<Self>) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes a layer of TLS off, with both ends' `close_notify`: what follows is in clear text (FTP's CCC, RFC 4217 section 12.3).
    ///
    /// # Errors
    /// `Unsupported` where there is none, or the library cannot; the stream's own.
    fn into_plain(self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// What another stream's [`transfer`](Stream::transfer) may move bytes to, past this stream; none where bytes
    /// cannot go to the peer as they are.
    ///
    /// # Errors
    /// The system is out of descriptors.
    fn sink(&self) -> io::Result<Option<File>> {
        Ok(None)
    }
}

impl<S: Stream + ?Sized> Stream for Box<S> {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        (**self).deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        (**self).shutdown_write()
    }

    fn ready(&mut self) -> io::Result<bool> {
        (**self).ready()
    }

    fn ready_within(&mut self, limit: Duration) -> io::Result<bool> {
        (**self).ready_within(limit)
    }

    fn send_urgent(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).send_urgent(bytes)
    }

    fn urgent(&mut self) -> io::Result<bool> {
        (**self).urgent()
    }

    fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        (**self).transfer(to, max)
    }
}

/// Which time limit ran out. The command names it in its error, so that a user knows which option to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Reaching the peer: name resolution, TCP and TLS set-up (`--connect-timeout`).
    Connect,
    /// Nothing happened for this long (`--timeout`).
    Idle,
    /// The whole operation (`--max-time`).
    Total,
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Clock::Connect => "connect time limit",
            Clock::Idle => "idle time limit",
            Clock::Total => "total time limit",
        })
    }
}

/// The payload of a `TimedOut` [`io::Error`]: the clock that ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(pub Clock);

impl std::fmt::Display for Elapsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} ran out", self.0)
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> Self {
        io::Error::new(io::ErrorKind::TimedOut, elapsed)
    }
}
