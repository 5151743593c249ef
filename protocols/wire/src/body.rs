//! Bodies on the wire: each is a [`Read`] that borrows the connection, and none loses its place when dropped,
//! because the place is kept in the connection.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::conn::Conn;
use crate::dot::{Run, Unstuffer};
use crate::fault::{Ended, Fault, Phase};

/// What is left of the body that the last answer announced.
#[derive(Debug)]
pub enum Body {
    /// No body, or it was read to its end.
    None,
    /// Until the lone dot.
    Dot(Unstuffer),
    /// This many bytes.
    Counted(u64),
    /// Until the connection ends.
    Close,
}

/// How many bytes one step of a copy through this process takes.
const CHUNK: usize = 128 << 10;
/// How many bytes one step of a copy inside the kernel takes.
const TRANSFER: u64 = 1 << 20;

impl Conn {
    /// Reads of the current body. 0 is its end, and the body is then [`Body::None`].
    pub(crate) fn read_body(&mut self, to: &mut [u8]) -> Result<usize, Fault> {
        match self.body {
            Body::None => Ok(0),
            Body::Dot(_) => self.read_dot(to),
            Body::Counted(left) => self.read_counted(left, to),
            Body::Close => self.read_until_close(to),
        }
    }

    fn read_dot(&mut self, to: &mut [u8]) -> Result<usize, Fault> {
        loop {
            let Body::Dot(mut unstuffer) = self.body else { return Ok(0) };
            let run = unstuffer.next(self.inbox(), to.len());
            self.body = Body::Dot(unstuffer);
            match run {
                Run::Copy(n) => return Ok(self.copy_out(n, to)),
                Run::Skip(n) => self.consume(n),
                Run::End(n) => {
                    self.consume(n);
                    self.body = Body::None;
                    return Ok(0);
                }
                Run::More => {
                    if self.fill()? == 0 {
                        return Err(Fault::Closed(Ended::Inside));
                    }
                }
            }
        }
    }

    fn read_counted(&mut self, left: u64, to: &mut [u8]) -> Result<usize, Fault> {
        let want = to.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if left == 0 {
            self.body = Body::None;
        }
        if want == 0 {
            return Ok(0);
        }
        let n = match self.read_some(to.get_mut(..want).unwrap_or_default()) {
            Ok(0) => return Err(Fault::Closed(Ended::Inside)),
            Err(Fault::Closed(Ended::Truncated)) => return Err(Fault::Closed(Ended::Inside)),
            other => other?,
        };
        self.body = Body::Counted(left - n as u64);
        Ok(n)
    }

    fn read_until_close(&mut self, to: &mut [u8]) -> Result<usize, Fault> {
        if to.is_empty() {
            return Ok(0);
        }
        let n = self.read_some(to)?;
        if n == 0 {
            self.body = Body::None;
        }
        Ok(n)
    }

    /// From the inbox first; small reads through it, large ones straight into the caller's buffer.
    fn read_some(&mut self, to: &mut [u8]) -> Result<usize, Fault> {
        if self.inbox().is_empty() {
            if to.len() >= 4096 {
                return self.read_past(to);
            }
            if self.fill()? == 0 {
                return Ok(0);
            }
        }
        Ok(self.copy_out(usize::MAX, to))
    }

    /// At most `n` bytes from the inbox to the caller.
    fn copy_out(&mut self, n: usize, to: &mut [u8]) -> usize {
        let unread = self.inbox();
        let n = n.min(unread.len()).min(to.len());
        if let (Some(to), Some(from)) = (to.get_mut(..n), unread.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        n
    }

    /// The rest of the body to `to`; returns its length. `kernel` is the same sink as a file, when it is one:
    /// a body of known length or until close then takes the zero-copy road where the stream has one.
    fn copy_body(&mut self, to: &mut dyn Write, kernel: Option<&File>) -> io::Result<u64> {
        let mut total = 0;
        let mut chunk = Vec::new();
        loop {
            if let (Some(file), Body::Counted(1..) | Body::Close) = (kernel, &self.body)
                && self.inbox().is_empty()
            {
                to.flush()?;
                while let Some(n) = self.transfer_step(file)? {
                    total += n;
                    if n == 0 {
                        return Ok(total);
                    }
                }
            }
            if chunk.is_empty() {
                // A small body is not worth a large buffer: ten thousand of them would clear a gigabyte.
                let most = match self.body {
                    Body::Counted(left) => usize::try_from(left).unwrap_or(CHUNK).clamp(1, CHUNK),
                    _ => CHUNK,
                };
                chunk.resize(most, 0);
            }
            let n = self.read_body(&mut chunk)?;
            if n == 0 {
                return Ok(total);
            }
            to.write_all(chunk.get(..n).unwrap_or_default())?;
            total += n as u64;
        }
    }

    /// One step inside the kernel: bytes moved, 0 at the body's end, `None` when there is no such road.
    fn transfer_step(&mut self, file: &File) -> io::Result<Option<u64>> {
        let most = match self.body {
            Body::Counted(0) | Body::None => {
                self.body = Body::None;
                return Ok(Some(0));
            }
            Body::Counted(left) => left.min(TRANSFER),
            _ => TRANSFER,
        };
        let moved = self.transfer(file, most)?;
        match (&mut self.body, moved) {
            (Body::Counted(_), Some(0)) => Err(Fault::Closed(Ended::Inside).into()),
            (Body::Counted(left), Some(n)) => {
                *left = left.saturating_sub(n);
                Ok(moved)
            }
            (body, Some(0)) => {
                *body = Body::None;
                Ok(moved)
            }
            _ => Ok(moved),
        }
    }
}

macro_rules! body_guard {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<'c> {
            conn: &'c mut Conn,
        }

        impl $name<'_> {
            /// Reads and drops what is left.
            ///
            /// # Errors
            /// As `read`; the connection is unusable then.
            pub fn finish(self) -> Result<(), Fault> {
                self.conn.copy_body(&mut io::sink(), None).map(|_| ()).map_err(|e| Fault::from_io(e, Phase::Receiving))
            }

            /// Copies what is left to `to` and returns how many bytes that were. Where `file` is given it must be
            /// the same sink: whole pages may then move inside the kernel.
            ///
            /// # Errors
            /// As `read` (a [`Fault`] inside), or what `to` fails with.
            pub fn copy_to(self, to: &mut dyn Write, file: Option<&File>) -> io::Result<u64> {
                self.conn.copy_body(to, file)
            }
        }

        impl Read for $name<'_> {
            /// # Errors
            /// A [`Fault`] inside an [`io::Error`]: [`Fault::from_io`] takes it out.
            fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
                Ok(self.conn.read_body(to)?)
            }
        }
    };
}

body_guard! {
    /// A body that a lone dot ends; stuffed dots are removed, line ends stay CRLF.
    DotBody
}
body_guard! {
    /// A body of known length.
    Counted
}
body_guard! {
    /// A body that the end of the connection ends: only where that is the grammar (Gopher, HTTP/1.0).
    UntilClose
}

impl<'c> DotBody<'c> {
    pub(crate) fn open(conn: &'c mut Conn) -> Self {
        conn.body = Body::Dot(Unstuffer::default());
        DotBody { conn }
    }
}

impl<'c> Counted<'c> {
    pub(crate) fn open(conn: &'c mut Conn, len: u64) -> Self {
        conn.body = Body::Counted(len);
        Counted { conn }
    }
}

impl<'c> UntilClose<'c> {
    pub(crate) fn open(conn: &'c mut Conn) -> Self {
        conn.body = Body::Close;
        UntilClose { conn }
    }
}
