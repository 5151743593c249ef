//! A body on its way in: the place in its framing, kept apart from whoever reads it, so that a dropped reader loses
//! nothing.

use std::fs::File;
use std::io::{self, Read, Write};

use netkit_wire::{Conn, Ended, Fault, FieldBlock, Fields, Phase};

use crate::chunked::ChunkHead;
use crate::framing::Framing;

/// The rest of a message's body. Serves both sides: a client's responses and a server's requests.
#[derive(Debug, Default)]
pub struct Incoming {
    place: Place,
    trailers: Option<Fields>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    /// Behind the last byte, or there never was one.
    #[default]
    End,
    /// This many bytes before the end.
    Counted(u64),
    /// Only the connection's end will tell.
    UntilClose,
    /// Before the line of a chunk; `true` when a chunk's data came before.
    ChunkHead(bool),
    /// This many bytes before the end of a chunk.
    Chunk(u64),
    /// An error was reported: what follows on the connection means nothing.
    Broken,
}

impl Incoming {
    /// The body that follows a head of that framing.
    pub fn new(framing: Framing) -> Incoming {
        let place = match framing {
            Framing::Nothing(_) | Framing::Tunnel | Framing::Counted(0) => Place::End,
            Framing::Counted(n) => Place::Counted(n),
            Framing::Chunked => Place::ChunkHead(false),
            Framing::UntilClose => Place::UntilClose,
        };
        Incoming { place, trailers: None }
    }

    /// Whether everything was read.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::End)
    }

    /// How many bytes are left, where the framing tells beforehand.
    pub fn left(&self) -> Option<u64> {
        match self.place {
            Place::End => Some(0),
            Place::Counted(n) => Some(n),
            _ => None,
        }
    }

    /// The trailer fields of a chunked body that was read to its end (RFC 9112 7.1.2). They are never mixed with the
    /// header's: a trailer cannot change what the header said.
    pub fn trailers(&self) -> Option<&Fields> {
        self.trailers.as_ref()
    }

    /// Reads of the body; 0 is its end, which was seen and not guessed.
    ///
    /// # Errors
    /// Any [`Fault`]; [`Ended::Inside`] for a body cut short. The connection is of no more use then.
    pub fn read(&mut self, conn: &mut Conn, to: &mut [u8]) -> Result<usize, Fault> {
        if to.is_empty() {
            return Ok(0);
        }
        let before = std::mem::replace(&mut self.place, Place::Broken);
        let (n, place) = self.step(before, conn, to)?;
        self.place = place;
        Ok(n)
    }

    fn step(&mut self, mut place: Place, conn: &mut Conn, to: &mut [u8]) -> Result<(usize, Place), Fault> {
        loop {
            place = match place {
                Place::End => return Ok((0, Place::End)),
                Place::Broken => return Err(Fault::Closed(Ended::Inside)),
                Place::UntilClose => {
                    let n = conn.until_close().read(to).map_err(fault)?;
                    return Ok((n, if n == 0 { Place::End } else { Place::UntilClose }));
                }
                Place::Counted(left) => {
                    let n = counted(conn, left, to)?;
                    let rest = left - n as u64;
                    return Ok((n, if rest == 0 { Place::End } else { Place::Counted(rest) }));
                }
                Place::Chunk(left) => {
                    let n = counted(conn, left, to)?;
                    let rest = left - n as u64;
                    return Ok((n, if rest == 0 { Place::ChunkHead(true) } else { Place::Chunk(rest) }));
                }
                Place::ChunkHead(after_data) => {
                    let head = if after_data { ChunkHead::next() } else { ChunkHead::first() };
                    match conn.recv(head).map_err(inside)? {
                        0 => {
                            self.trailers = Some(conn.recv(FieldBlock::new(conn.limits())).map_err(inside)?);
                            Place::End
                        }
                        size => Place::Chunk(size),
                    }
                }
            };
        }
    }

    /// Copies what is left to `to` and returns its length. `file` is the same sink, where it is a file: a body of
    /// known length or until close then moves inside the kernel where the connection can.
    ///
    /// # Errors
    /// A [`Fault`] inside, or what `to` fails with.
    pub fn copy_to(&mut self, conn: &mut Conn, to: &mut dyn Write, file: Option<&File>) -> io::Result<u64> {
        let before = std::mem::replace(&mut self.place, Place::Broken);
        let copied = match before {
            Place::Counted(left) => conn.counted(left).copy_to(to, file)?,
            Place::UntilClose => conn.until_close().copy_to(to, file)?,
            place => {
                self.place = place;
                return self.copy_chunks(conn, to);
            }
        };
        self.place = Place::End;
        Ok(copied)
    }

    fn copy_chunks(&mut self, conn: &mut Conn, to: &mut dyn Write) -> io::Result<u64> {
        if self.is_over() {
            return Ok(0);
        }
        let mut buffer = vec![0; 64 << 10];
        let mut total = 0;
        loop {
            let n = self.read(conn, &mut buffer)?;
            if n == 0 {
                return Ok(total);
            }
            to.write_all(buffer.get(..n).unwrap_or_default())?;
            total += n as u64;
        }
    }

    /// Reads past what is left, at most `most` bytes: `false` when there is more.
    ///
    /// # Errors
    /// As [`Incoming::read`].
    pub fn skip(&mut self, conn: &mut Conn, mut most: u64) -> Result<bool, Fault> {
        if self.is_over() {
            return Ok(true);
        }
        let mut scrap = [0; 8192];
        loop {
            match self.read(conn, &mut scrap)? as u64 {
                0 => return Ok(true),
                n if n > most => return Ok(false),
                n => most -= n,
            }
        }
    }
}

/// Reads at most `left` bytes, and leaves the connection ready for whatever follows them.
fn counted(conn: &mut Conn, left: u64, to: &mut [u8]) -> Result<usize, Fault> {
    let n = conn.counted(left).read(to).map_err(fault)?;
    if n as u64 == left {
        conn.counted(0).read(&mut []).map_err(fault)?;
    }
    Ok(n)
}

fn fault(error: io::Error) -> Fault {
    Fault::from_io(error, Phase::Receiving)
}

/// Where a body goes on, the end of the connection is never between two answers.
fn inside(fault: Fault) -> Fault {
    match fault {
        Fault::Closed(Ended::Before) => Fault::Closed(Ended::Inside),
        other => other,
    }
}
