//! The stream between a mock server and its client on which things go wrong.

use std::io::{self, Read, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use memchr::memchr;
use netkit_wire::Stream;

use super::{Act, Faults};

/// How much of a line is looked at.
const LINE: usize = 256;

pub(super) struct Faulty {
    inner: Box<dyn Stream>,
    faults: Faults,
    /// Read and not handed on: what stands behind a line at which something goes wrong.
    held: Vec<u8>,
    /// How many of them may be handed on.
    ahead: usize,
    /// The start of the client's line so far.
    line: Vec<u8>,
    /// What goes wrong with the next answer.
    next: Option<Act>,
    /// The answer was replaced: what the server says until it reads again goes nowhere.
    swallow: bool,
    /// When the client's next words can be here.
    due: Instant,
    silent: bool,
    bytewise: bool,
    slow: Option<u32>,
}

impl Faulty {
    pub(super) fn new(inner: Box<dyn Stream>, faults: Faults) -> Faulty {
        let (next, due) = (faults.at_connect(), Instant::now() + faults.latency);
        Faulty {
            inner,
            faults,
            held: Vec::new(),
            ahead: 0,
            line: Vec::new(),
            next,
            swallow: false,
            due,
            silent: false,
            bytewise: false,
            slow: None,
        }
    }

    /// How many of the held bytes may go on: whole lines up to one at which something goes wrong, or that one alone, so
    /// that the answers before it are not touched.
    fn allowed(&mut self) -> usize {
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| !rest.is_empty()) {
            let end = memchr(b'\n', rest);
            let piece = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let room = LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(piece.get(..piece.len().min(room)).unwrap_or_default());
            let Some(end) = end else { return self.held.len() };
            let line = std::mem::take(&mut self.line);
            if at > 0 && self.faults.has(&line) {
                return at;
            }
            at += end + 1;
            self.next = self.faults.at_line(&line);
            if self.next.is_some() {
                return at;
            }
        }
        at
    }

    /// The answer, or what goes wrong with it.
    fn answer(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.next.take() {
            None => self.put(bytes),
            Some(Act::Reply(text)) => {
                self.swallow = true;
                self.put(&text)
            }
            Some(Act::Delay(time)) => {
                sleep(time);
                self.put(bytes)
            }
            Some(Act::Drop) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Half) => {
                self.put(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(Act::Silence) => {
                self.silent = true;
                Ok(())
            }
            Some(Act::Bytewise) => {
                self.bytewise = true;
                self.put(bytes)
            }
            Some(Act::Slow(rate)) => {
                self.slow = Some(rate);
                self.put(bytes)
            }
            Some(Act::BareLf) => {
                let bare: Vec<u8> = bytes.iter().copied().filter(|b| *b != b'\r').collect();
                self.put(&bare)
            }
            Some(Act::Garbage(len)) => {
                self.put(&noise(len))?;
                self.put(bytes)
            }
            Some(Act::Oversize(len)) => {
                let end = memchr(b'\r', bytes).unwrap_or(bytes.len());
                let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
                self.put(line)?;
                let filler = [b'x'; 4096];
                let mut left = usize::try_from(len).unwrap_or(usize::MAX);
                while left > 0 {
                    let piece = filler.get(..left.min(filler.len())).unwrap_or_default();
                    self.put(piece)?;
                    left -= piece.len();
                }
                self.put(rest)
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let piece = match (self.bytewise, self.slow) {
            (true, _) => 1,
            (_, Some(rate)) => usize::try_from(rate / 10).unwrap_or(1).max(1),
            _ => return self.inner.write_all(bytes),
        };
        for piece in bytes.chunks(piece) {
            self.inner.write_all(piece)?;
            self.inner.flush()?;
            if let Some(rate) = self.slow {
                sleep(Duration::from_secs_f64(piece.len() as f64 / f64::from(rate)));
            }
        }
        Ok(())
    }
}

impl Read for Faulty {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.swallow = false;
        if self.held.is_empty() {
            let mut buffer = [0; 8192];
            let n = self.inner.read(&mut buffer)?;
            sleep(self.due.saturating_duration_since(Instant::now()));
            self.held.extend_from_slice(buffer.get(..n).unwrap_or_default());
        }
        if self.ahead == 0 {
            self.ahead = self.allowed();
        }
        let n = self.ahead.min(to.len());
        let (now, later) = self.held.split_at_checked(n).unwrap_or((&self.held, &[]));
        to.get_mut(..n).unwrap_or_default().copy_from_slice(now);
        self.held = later.to_vec();
        self.ahead -= n;
        Ok(n)
    }
}

impl Write for Faulty {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        // What the client sent before it could have this answer is on its way already; all else has to wait for the answer to
        // get there and for the client's next words to get here.
        if !self.faults.latency.is_zero() && self.held.is_empty() && !self.inner.ready()? {
            self.due = Instant::now() + self.faults.latency;
        }
        if !(self.silent || self.swallow || from.is_empty()) {
            self.answer(from)?;
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Stream for Faulty {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.inner.deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.inner.shutdown_write()
    }

    fn ready(&mut self) -> io::Result<bool> {
        Ok(!self.held.is_empty() || self.inner.ready()?)
    }
}

/// Bytes without a pattern, the same in every run (xorshift by Marsaglia).
fn noise(len: u32) -> Vec<u8> {
    let mut state: u32 = 2_463_534_242;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    (0..len.min(1 << 24)).map(byte).collect()
}
