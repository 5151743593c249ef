//! The body of a request, on its way out.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use netkit_wire::{Conn, Fault, Fields};

use crate::chunked::{encode_chunk, encode_last_chunk};
use crate::error::Error;

/// Bodies up to this size leave in one piece with their head.
const SMALL: usize = 32 << 10;
/// How much of a large body is read at a time.
const PIECE: usize = 128 << 10;

/// What a request carries.
#[derive(Default)]
pub enum Payload {
    /// Nothing.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A part of a file, from `start`, `length` bytes long.
    File {
        /// The open file; its position is moved.
        file: File,
        /// Where the body starts.
        start: u64,
        /// How many bytes it has. A file that turns out shorter is an error, and the request is cut off.
        length: u64,
    },
    /// Whatever comes until its end, in chunks (RFC 9112 7.1). It can be sent once only.
    Reader(Box<dyn Read + Send>),
    /// These, one behind the other: [`Multipart`](crate::Multipart) makes them. With a reader among them it goes in chunks.
    Parts(Vec<Payload>),
    /// This one, in chunks whatever its length, with fields behind it (RFC 9112 7.1.2): [`Request::trailer`](crate::Request::trailer)
    /// makes it.
    Trailed(Box<Payload>, Fields),
}

/// What the header says about a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    Nothing,
    Length(u64),
    Chunked,
}

impl Payload {
    /// A file from its present position to its end.
    ///
    /// # Errors
    /// What the system says when asked for the position and the length: it may be no regular file.
    pub fn file(mut file: File) -> io::Result<Payload> {
        let start = file.stream_position()?;
        let length = file.metadata()?.len().saturating_sub(start);
        Ok(Payload::File { file, start, length })
    }

    /// Whether it can be sent again, after a redirect or on a new connection.
    pub fn is_replayable(&self) -> bool {
        match self {
            Payload::Reader(_) => false,
            Payload::Parts(parts) => parts.iter().all(Payload::is_replayable),
            Payload::Trailed(body, _) => body.is_replayable(),
            _ => true,
        }
    }

    pub(crate) fn announced(&self) -> Announced {
        match self {
            Payload::Empty => Announced::Nothing,
            Payload::Bytes(bytes) => Announced::Length(bytes.len() as u64),
            Payload::File { length, .. } => Announced::Length(*length),
            Payload::Reader(_) | Payload::Trailed(..) => Announced::Chunked,
            Payload::Parts(parts) => {
                parts.iter().fold(Announced::Length(0), |sum, part| match (sum, part.announced()) {
                    (Announced::Length(sum), Announced::Length(more)) => {
                        Announced::Length(sum.saturating_add(more))
                    }
                    (sum, Announced::Nothing) => sum,
                    _ => Announced::Chunked,
                })
            }
        }
    }

    /// The bytes from the start; those of a reader from where it is.
    pub(crate) fn again(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Payload::Empty => Box::new(io::empty()),
            Payload::Bytes(bytes) => Box::new(bytes.as_slice()),
            Payload::Reader(reader) => Box::new(reader),
            Payload::File { file, start, length } => {
                file.seek(SeekFrom::Start(*start))?;
                Box::new(file.take(*length))
            }
            Payload::Parts(parts) => {
                let mut all: Box<dyn Read + '_> = Box::new(io::empty());
                for part in parts {
                    all = Box::new(all.chain(part.again()?));
                }
                all
            }
            Payload::Trailed(body, _) => body.again()?,
        })
    }

    /// The fields behind the body.
    pub(crate) fn trailers(&self) -> Option<&Fields> {
        match self {
            Payload::Trailed(_, trailers) => Some(trailers),
            _ => None,
        }
    }

    /// Sends the body behind what is queued. Before each further piece of a large one `stop` is asked whether the server
    /// wants no more of it; `false` when it does not.
    ///
    /// # Errors
    /// [`Error::Wire`], or [`Error::Payload`] when the body could not be read, or what `stop` fails with.
    pub(crate) fn send(&mut self, conn: &mut Conn, stop: Stop<'_>) -> Result<bool, Error> {
        let whole = match self {
            Payload::Empty => true,
            Payload::Bytes(bytes) if bytes.len() <= SMALL => {
                conn.outbox().extend_from_slice(bytes);
                true
            }
            Payload::Bytes(bytes) => {
                let mut rest = bytes.as_slice();
                send_exactly(&mut rest, bytes.len() as u64, conn, stop)?
            }
            Payload::File { file, start, length } => {
                file.seek(SeekFrom::Start(*start)).map_err(Error::Payload)?;
                send_exactly(file, *length, conn, stop)?
            }
            Payload::Reader(reader) => send_chunks(reader, &Fields::default(), conn, stop)?,
            Payload::Trailed(body, trailers) => {
                send_chunks(&mut *body.again().map_err(Error::Payload)?, trailers, conn, stop)?
            }
            Payload::Parts(_) => match self.announced() {
                Announced::Chunked => {
                    let all = &mut *self.again().map_err(Error::Payload)?;
                    send_chunks(all, &Fields::default(), conn, stop)?
                }
                Announced::Length(n) => {
                    send_exactly(&mut *self.again().map_err(Error::Payload)?, n, conn, stop)?
                }
                Announced::Nothing => true,
            },
        };
        conn.flush()?;
        Ok(whole)
    }
}

/// Asked between two pieces of a body.
pub(crate) type Stop<'s> = &'s mut dyn FnMut(&mut Conn) -> Result<bool, Error>;

fn send_exactly(from: &mut dyn Read, mut left: u64, conn: &mut Conn, stop: Stop<'_>) -> Result<bool, Error> {
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let n = read(from, piece.get_mut(..most).unwrap_or_default())?;
        if n == 0 {
            return Err(Error::Payload(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter",
            )));
        }
        conn.send(piece.get(..n).unwrap_or_default())?;
        left -= n as u64;
        if left > 0 && stop(conn)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn send_chunks(
    reader: &mut dyn Read,
    trailers: &Fields,
    conn: &mut Conn,
    stop: Stop<'_>,
) -> Result<bool, Error> {
    let mut piece = vec![0; PIECE / 2];
    loop {
        let n = read(reader, &mut piece)?;
        if n == 0 {
            encode_last_chunk(trailers, conn.outbox());
            return Ok(true);
        }
        encode_chunk(piece.get(..n).unwrap_or_default(), conn.outbox());
        conn.flush()?;
        if stop(conn)? {
            return Ok(false);
        }
    }
}

fn read(from: &mut dyn Read, to: &mut [u8]) -> Result<usize, Error> {
    loop {
        match from.read(to) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.map_err(Error::Payload),
        }
    }
}

/// Whether sending failed in the way it does when the server has closed: its answer may be there nevertheless.
pub(crate) fn peer_stopped_reading(error: &Error) -> bool {
    matches!(error, Error::Wire(Fault::Io { .. }))
}

/// Only its size: it may hold secrets.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.announced() {
            Announced::Nothing => f.write_str("Empty"),
            Announced::Length(n) => write!(f, "{n} bytes"),
            Announced::Chunked => f.write_str("Reader"),
        }
    }
}
