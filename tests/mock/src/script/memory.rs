//! A transcript as a stream without a network: deterministic, and never a hang.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use netkit_wire::{Clock, Elapsed, Stream, escape};

use super::leg::{End, Leg};

/// What is done to the server's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cut {
    /// At most this many bytes a read.
    pub piece: Option<usize>,
    /// The connection ends after this many server bytes.
    pub after: Option<usize>,
    /// This server byte is altered by this mask.
    pub flip: Option<(usize, u8)>,
}

impl Cut {
    /// Whether the client sees exactly the transcript, so that each of its bytes must match.
    fn is_faithful(self) -> bool {
        self.after.is_none() && self.flip.is_none()
    }
}

/// The server's side of one connection; clones share it.
#[derive(Clone, Debug)]
pub struct Player {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    leg: Leg,
    cut: Cut,
    read: usize,
    written: usize,
    failure: Option<String>,
}

impl Player {
    /// Plays `leg`, with `cut` done to it.
    pub fn new(leg: Leg, cut: Cut) -> Player {
        Player { state: Arc::new(Mutex::new(State { leg, cut, read: 0, written: 0, failure: None })) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the transcript changes to TLS here: what the handshake would find out.
    pub fn is_at_tls(&self) -> bool {
        let state = self.state();
        state.leg.tls.contains(&(state.written, state.read))
    }

    /// What the client did that the transcript does not have, or what it left out. `None`: played to its end.
    pub fn failure(&self) -> Option<String> {
        let state = self.state();
        if state.failure.is_some() || !state.cut.is_faithful() {
            return state.failure.clone();
        }
        if state.written < state.leg.client.len() {
            return Some(format!("the script expects more: \"{}\"", state.leg.client_line(state.written)));
        }
        None
    }
}

impl State {
    fn fail(&mut self, what: String) -> io::Error {
        if self.cut.is_faithful() && self.failure.is_none() {
            self.failure = Some(what.clone());
        }
        io::Error::other(what)
    }

    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let cut = self.cut.after.unwrap_or(usize::MAX);
        if to.is_empty() || self.read >= cut {
            return Ok(0);
        }
        let ready = self.leg.released(self.written).min(cut);
        let bytes = self.leg.server.get(self.read..ready).unwrap_or_default();
        if bytes.is_empty() {
            if self.read < self.leg.server.len() || self.written < self.leg.client.len() {
                let line = self.leg.client_line(self.written);
                return Err(self.fail(format!("the client waits, the script expects \"{line}\"")));
            }
            return match self.leg.end {
                End::Close => Ok(0),
                End::Hang => Err(Elapsed(Clock::Idle).into()),
            };
        }
        let n = bytes.len().min(self.cut.piece.unwrap_or(usize::MAX)).min(to.len());
        for (i, (to, from)) in to.iter_mut().zip(bytes).take(n).enumerate() {
            *to = match self.cut.flip {
                Some((at, mask)) if at == self.read + i => from ^ mask,
                _ => *from,
            };
        }
        self.read += n;
        Ok(n)
    }

    /// Whether bytes may be read, or the end of a script that was played to it.
    fn is_ready(&self) -> bool {
        let cut = self.cut.after.unwrap_or(usize::MAX);
        let played = self.read >= self.leg.server.len() && self.written >= self.leg.client.len();
        let ended = self.read >= cut || (played && self.leg.end == End::Close);
        ended || self.leg.released(self.written) > self.read
    }

    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let expected = self.leg.client.get(self.written..).unwrap_or_default();
        if !expected.starts_with(from) && !from.is_empty() {
            let line = self.leg.client_line(self.written);
            return Err(
                self.fail(format!("the client sent \"{}\", the script expects \"{line}\"", escape(from)))
            );
        }
        self.written += from.len();
        if self.written > self.leg.allowed(self.read) {
            let what =
                format!("the client sent \"{}\" before it had read what it must wait for", escape(from));
            return Err(self.fail(what));
        }
        Ok(from.len())
    }
}

impl Read for Player {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.state().read(to)
    }
}

impl Write for Player {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.state().write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Player {
    fn deadline(&mut self, _: Option<Instant>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn ready(&mut self) -> io::Result<bool> {
        Ok(self.state().is_ready())
    }
}
