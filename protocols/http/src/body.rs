//! The body of an answer, as a reader.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use netkit_wire::{Fault, Fields, Limit, Phase};

use crate::cache::Tee;
use crate::coding::{Coding, ContentCoding, Input, Layer, decoder};
use crate::connection::Connection;
use crate::error::{Error, Undecodable};
use crate::head::Head;

/// How many decoded bytes a coded body may have, unless the caller says otherwise. A bomb of one megabyte decodes to
/// about this.
pub const DECODED: u64 = 1 << 30;

/// The body of an answer: content codings are taken off, the end is seen and not guessed. Dropping it loses nothing;
/// the connection reads past the rest before its next request.
pub struct Body<'c> {
    layers: Layers<'c>,
    codings: Vec<Coding>,
    unknown: bool,
    /// Decoded bytes that may still come.
    left: u64,
    limit: u64,
    /// An error was reported: decoders report theirs once, and an end after an error would be a lie.
    failed: bool,
}

enum Layers<'c> {
    /// No coding, or none left to take off.
    Plain(Wire<'c>),
    /// Codings that nobody has begun to take off.
    Pending(Wire<'c>),
    /// Readers on top of each other.
    Coded(Box<dyn Layer<Wire<'c>> + 'c>),
    /// Only while one of the above becomes another.
    Between,
}

/// The coded bytes, as the framing gives them.
struct Wire<'c> {
    connection: &'c mut Connection,
    /// Takes the bytes down for the cache.
    tee: Option<Tee>,
    /// What broke the conversation; decoders above put it into words of their own.
    fault: Option<Fault>,
}

impl Read for Wire<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Connection { incoming, conn, .. } = &mut *self.connection;
        let n = incoming.read(conn, to).map_err(|fault| {
            self.fault = Some(fault);
            io::Error::from(io::ErrorKind::Other)
        })?;
        match self.tee.take() {
            None => {}
            // The end was seen, unless nothing was asked for.
            Some(tee) if n == 0 && !to.is_empty() => tee.finish(),
            Some(tee) => self.tee = tee.take(to.get(..n).unwrap_or_default()),
        }
        Ok(n)
    }
}

impl<'c> Layer<Wire<'c>> for Wire<'c> {
    fn bottom(&mut self) -> Option<&mut Wire<'c>> {
        Some(self)
    }
}

impl<'c> Body<'c> {
    pub(crate) fn new(connection: &'c mut Connection, head: &Head, keep_coding: bool) -> Body<'c> {
        let (codings, unknown) = match ContentCoding::of(head.fields()) {
            // A part of coded content (206) cannot be decoded by itself.
            _ if keep_coding || head.status().code() == 206 => (Vec::new(), false),
            ContentCoding::Known(codings) => (codings, false),
            ContentCoding::Unknown => (Vec::new(), true),
        };
        let wire = Wire { connection, tee: None, fault: None };
        let layers = if codings.is_empty() { Layers::Plain(wire) } else { Layers::Pending(wire) };
        Body { layers, codings, unknown, left: DECODED, limit: DECODED, failed: false }
    }

    /// Sets how many bytes a coded body may decode to. Bodies without a coding have no limit.
    pub fn decoded_limit(&mut self, bytes: u64) {
        (self.left, self.limit) = (bytes, bytes);
    }

    /// Gives the bytes to the cache as they come, in the coding they have.
    pub(crate) fn keep(&mut self, tee: Option<Tee>) {
        if let Layers::Plain(wire) | Layers::Pending(wire) = &mut self.layers {
            wire.tee = tee;
        }
    }

    /// The codings that are taken off, in the order in which they were put on.
    pub fn codings(&self) -> &[Coding] {
        &self.codings
    }

    /// Whether the body bears a coding that nobody here can take off, and is left as it came.
    pub fn has_unknown_coding(&self) -> bool {
        self.unknown
    }

    /// How many bytes will come, where that is known beforehand.
    pub fn len_hint(&self) -> Option<u64> {
        match &self.layers {
            Layers::Plain(wire) => wire.connection.incoming.left(),
            _ => None,
        }
    }

    /// The trailer fields, once a chunked body was read to its end (RFC 9112 7.1.2).
    pub fn trailers(&mut self) -> Option<&Fields> {
        match &mut self.layers {
            Layers::Plain(wire) | Layers::Pending(wire) => wire.connection.incoming.trailers(),
            Layers::Coded(layer) => layer.bottom()?.connection.incoming.trailers(),
            Layers::Between => None,
        }
    }

    /// Copies what is left to `to`, and returns its length. `file` is the same sink, where it is a file: a body without
    /// coding may then move inside the kernel.
    ///
    /// # Errors
    /// What [`Error::from_io`] takes out, or what `to` fails with.
    pub fn copy_to(&mut self, to: &mut dyn Write, file: Option<&File>) -> io::Result<u64> {
        if let (Layers::Plain(wire @ Wire { tee: None, .. }), false) = (&mut self.layers, self.failed) {
            let Connection { incoming, conn, .. } = &mut *wire.connection;
            let copied = incoming.copy_to(conn, to, file);
            self.failed = copied.is_err();
            return copied;
        }
        let (mut buffer, mut total) = (vec![0; 64 << 10], 0);
        loop {
            let n = self.read(&mut buffer)?;
            if n == 0 {
                return Ok(total);
            }
            to.write_all(buffer.get(..n).unwrap_or_default())?;
            total += n as u64;
        }
    }

    /// The whole rest in memory.
    ///
    /// # Errors
    /// As `read`, and [`Limit::Body`] when it is longer than `most` bytes.
    pub fn read_all(&mut self, most: u64) -> Result<Vec<u8>, Error> {
        let room = self.len_hint().unwrap_or(0).min(most).min(1 << 20);
        let mut all = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
        match self.take(most.saturating_add(1)).read_to_end(&mut all) {
            Ok(n) if n as u64 > most => Err(Fault::TooLong(Limit::Body(most)).into()),
            Ok(_) => Ok(all),
            Err(error) => Err(Error::from_io(error)
                .unwrap_or_else(|error| Error::Wire(Fault::Io { phase: Phase::Receiving, source: error }))),
        }
    }

    /// Reads from the layers, which are made now if nobody has read yet.
    fn step(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if let Layers::Pending(_) = self.layers
            && let Layers::Pending(wire) = std::mem::replace(&mut self.layers, Layers::Between)
        {
            self.layers = begin(wire, &self.codings)?;
        }
        match &mut self.layers {
            Layers::Plain(wire) | Layers::Pending(wire) => wire.read(to),
            Layers::Coded(layer) => layer.read(to),
            Layers::Between => Err(io::ErrorKind::Other.into()),
        }
    }

    /// What the layers failed with: what broke the conversation counts more than what a decoder made of it.
    fn error(&mut self, error: io::Error) -> Error {
        let fault = match &mut self.layers {
            Layers::Plain(wire) | Layers::Pending(wire) => wire.fault.take(),
            Layers::Coded(layer) => layer.bottom().and_then(|wire| wire.fault.take()),
            Layers::Between => None,
        };
        match (fault, self.codings.last()) {
            (Some(fault), _) => Error::Wire(fault),
            (None, Some(coding)) => {
                let cut = error.kind() == io::ErrorKind::UnexpectedEof;
                let why = match error.downcast::<Undecodable>() {
                    Ok(why) => why,
                    Err(_) if cut => Undecodable::Cut,
                    Err(_) => Undecodable::Corrupt,
                };
                Error::Decoding { coding: *coding, why }
            }
            (None, None) => Error::Wire(Fault::from_io(error, Phase::Receiving)),
        }
    }
}

/// Stacks the decoders, the last coding lowest. No bytes at all are no bytes under any coding: servers answer so.
fn begin<'c>(wire: Wire<'c>, codings: &[Coding]) -> io::Result<Layers<'c>> {
    let mut top: Box<dyn Layer<Wire<'c>> + 'c> = Box::new(wire);
    for coding in codings.iter().rev() {
        let mut input: Input<'c, Wire<'c>> = BufReader::with_capacity(16 << 10, top);
        if input.fill_buf()?.is_empty() {
            top = input.into_inner();
            break;
        }
        top = decoder(*coding, input)?;
    }
    Ok(Layers::Coded(top))
}

impl Read for Body<'_> {
    /// # Errors
    /// An [`Error`] inside an [`io::Error`]: [`Error::from_io`] takes it out.
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        if self.failed {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let plain = matches!(self.layers, Layers::Plain(_));
        let read = match self.step(to) {
            Ok(n) if !plain && n as u64 > self.left => Err(Fault::TooLong(Limit::Body(self.limit)).into()),
            Ok(n) => Ok(n),
            Err(error) => Err(self.error(error)),
        };
        self.failed = read.is_err();
        let n = read?;
        if !plain {
            self.left -= n as u64;
        }
        Ok(n)
    }
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("codings", &self.codings).finish_non_exhaustive()
    }
}
