//! The bytes of a message onto the wire: dot-stuffed behind DATA (RFC 5321 section 4.5.2), counted behind BDAT
//! (RFC 3030 section 2).

use std::io::Read;

use netkit_wire::{Stuffer, Ticket};

use crate::client::Client;
use crate::command::{Bdat, Exchange};
use crate::error::{Argument, Error, Invalid};
use crate::survey::Watch;
use crate::types::BodyKind;

/// How much of a message is read and sent at once.
const PIECE: usize = 64 << 10;

/// How much of a message one BDAT has, in bytes: a server that refuses a large message can say so between two of them.
const CHUNK: u64 = 1 << 20;

/// Reads a message in pieces, and sees to it that it is what the transaction said.
struct Source<'m> {
    message: &'m mut dyn Read,
    watch: Watch,
    body: BodyKind,
    piece: Vec<u8>,
}

impl<'m> Source<'m> {
    fn new(message: &'m mut dyn Read, body: BodyKind) -> Source<'m> {
        Source { message, watch: Watch::default(), body, piece: vec![0; PIECE] }
    }

    /// The next piece; empty at the end.
    fn next(&mut self) -> Result<&[u8], Error> {
        let n = loop {
            match self.message.read(&mut self.piece) {
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other.map_err(Error::Source)?,
            }
        };
        let piece = self.piece.get(..n).unwrap_or_default();
        if self.body != BodyKind::Binary {
            self.watch.look(piece);
            if self.watch.too_long() {
                return Err(unfit("a line is longer than 998 bytes"));
            }
            if self.watch.eight_bit() && self.body == BodyKind::SevenBit {
                return Err(unfit("there are bytes over 127 in a 7-bit transaction"));
            }
        }
        Ok(piece)
    }
}

fn unfit(rule: &'static str) -> Error {
    Error::Source(std::io::Error::new(std::io::ErrorKind::InvalidData, Invalid::new(Argument::Message, rule)))
}

/// Puts the whole message and its end mark behind DATA. The last piece and the mark stay in the outbox, to leave together
/// with what comes next.
pub(crate) fn stuffed(client: &mut Client, message: &mut dyn Read, body: BodyKind) -> Result<(), Error> {
    let mut source = Source::new(message, body);
    let mut stuffer = Stuffer::default();
    loop {
        let piece = source.next()?;
        if piece.is_empty() {
            stuffer.finish(client.conn().outbox());
            return Ok(());
        }
        stuffer.push(piece, client.conn().outbox());
        flush_if_full(client)?;
    }
}

fn flush_if_full(client: &mut Client) -> Result<(), Error> {
    if client.conn().outbox().len() >= PIECE {
        client.conn().flush().map_err(|fault| client.broken(fault))?;
    }
    Ok(())
}

/// The places in line of the answers to all chunks but the last, and whether one of them was a refusal, so that the last
/// was not sent.
pub(crate) struct Chunks {
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) stopped: bool,
}

/// Puts the whole message onto the wire in chunks. `size` is its length there: with CRLF at every line's end, or as it
/// is where the body is binary. The last byte leaves only after the source has ended where it should: a server that waits
/// for it delivers nothing.
pub(crate) fn chunked(
    client: &mut Client,
    message: &mut dyn Read,
    body: BodyKind,
    size: u64,
) -> Result<Chunks, Error> {
    let mut chunks = Chunks { tickets: Vec::new(), stopped: false };
    let mut measured = Measured::new(message, body, size);
    loop {
        let chunk = measured.left.min(CHUNK);
        let last = chunk == measured.left;
        Bdat { size: chunk, last }.encode(client.conn().outbox());
        let mut room = chunk;
        while room > 0 {
            room -= measured.take(room, client.conn().outbox())?;
            flush_if_full(client)?;
        }
        if last {
            measured.expect_end()?;
            return Ok(chunks);
        }
        chunks.tickets.push(client.queued_bytes(0));
        client.take_ready()?;
        if chunks.tickets.iter().any(|ticket| client.peek(*ticket).is_some_and(|reply| !reply.code().is(2))) {
            chunks.stopped = true;
            return Ok(chunks);
        }
    }
}

/// A message made fit for the wire, of which it is known how long it has to be.
struct Measured<'m> {
    source: Source<'m>,
    stuffer: Option<Stuffer>,
    /// Made fit and not yet given out, from `at` on.
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    /// Not yet given out, of the length that was said.
    left: u64,
}

impl<'m> Measured<'m> {
    fn new(message: &'m mut dyn Read, body: BodyKind, size: u64) -> Measured<'m> {
        let stuffer = (body != BodyKind::Binary).then(Stuffer::counted);
        Measured {
            source: Source::new(message, body),
            stuffer,
            ready: Vec::new(),
            at: 0,
            ended: false,
            left: size,
        }
    }

    /// Appends some of the message, at most `room` bytes; how many.
    fn take(&mut self, room: u64, out: &mut Vec<u8>) -> Result<u64, Error> {
        loop {
            let ready = self.ready.get(self.at..).unwrap_or_default();
            // The last byte is held until more comes, or the end.
            let free = if self.ended { ready.len() } else { ready.len().saturating_sub(1) };
            let n = usize::try_from(room).unwrap_or(usize::MAX).min(free);
            if n > 0 {
                out.extend_from_slice(ready.get(..n).unwrap_or_default());
                self.at += n;
                self.left -= n as u64;
                return Ok(n as u64);
            }
            self.fill()?;
        }
    }

    fn expect_end(&mut self) -> Result<(), Error> {
        while !self.ended {
            self.fill()?;
        }
        Ok(())
    }

    /// One more piece of the source.
    fn fill(&mut self) -> Result<(), Error> {
        self.ready.drain(..self.at);
        self.at = 0;
        let piece = self.source.next()?;
        self.ended = piece.is_empty();
        match &mut self.stuffer {
            Some(stuffer) if self.ended => stuffer.finish(&mut self.ready),
            Some(stuffer) => stuffer.push(piece, &mut self.ready),
            None => self.ready.extend_from_slice(piece),
        }
        let here = self.ready.len() as u64;
        if here > self.left || self.ended && here < self.left {
            return Err(unfit("it changed its length while it was sent"));
        }
        Ok(())
    }
}
