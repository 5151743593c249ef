//! A stream compressed in both directions: RFC 4978 (IMAP), RFC 8054 (NNTP). Raw DEFLATE, RFC 1951.

use std::io::{self, Read, Write};
use std::time::Instant;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use netkit_wire::Stream;

/// How much is read from the peer, or written to it, at a time.
const CHUNK: usize = 32 << 10;

/// Puts DEFLATE over `stream`, in both directions, from here on. A flush ends a block, so that the peer can read all that
/// was written (RFC 4978 section 4). What comes out is as unbounded as the peer likes; whoever reads it has limits.
pub fn deflated(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    Box::new(Deflated {
        inner: stream,
        inflate: Decompress::new(false),
        deflate: Compress::new(Compression::default(), false),
        input: vec![0; CHUNK],
        from: 0,
        to: 0,
        more: false,
        output: Vec::with_capacity(CHUNK),
    })
}

struct Deflated {
    inner: Box<dyn Stream>,
    inflate: Decompress,
    deflate: Compress,
    /// What came; `from..to` is still compressed.
    input: Vec<u8>,
    from: usize,
    to: usize,
    /// The last read filled its buffer: more may come out before more goes in.
    more: bool,
    /// Compressed and unsent.
    output: Vec<u8>,
}

impl Deflated {
    fn compress(&mut self, mut bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            let (before, room) = (self.deflate.total_in(), self.output.capacity() - self.output.len());
            if room == 0 {
                self.send()?;
                continue;
            }
            self.deflate.compress_vec(bytes, &mut self.output, flush).map_err(io::Error::other)?;
            let used = usize::try_from(self.deflate.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(used..).unwrap_or_default();
            // With room left, nothing more is waiting inside.
            if bytes.is_empty() && self.output.len() < self.output.capacity() {
                return Ok(());
            }
        }
    }

    fn send(&mut self) -> io::Result<()> {
        let sent = self.inner.write_all(&self.output);
        self.output.clear();
        sent
    }
}

impl Read for Deflated {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        loop {
            if self.from == self.to && !self.more {
                self.from = 0;
                self.to = self.inner.read(&mut self.input)?;
                if self.to == 0 {
                    return Ok(0);
                }
            }
            let waiting = self.input.get(self.from..self.to).unwrap_or_default();
            let (came, went) = (self.inflate.total_out(), self.inflate.total_in());
            let status = self
                .inflate
                .decompress(waiting, to, FlushDecompress::Sync)
                .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
            self.from += usize::try_from(self.inflate.total_in() - went).unwrap_or(0);
            let n = usize::try_from(self.inflate.total_out() - came).unwrap_or(0);
            self.more = n == to.len();
            if n > 0 || status == Status::StreamEnd {
                return Ok(n);
            }
            if self.from < self.to && self.inflate.total_in() == went {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the compressed stream makes no progress",
                ));
            }
        }
    }
}

impl Write for Deflated {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.compress(from, FlushCompress::None)?;
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.compress(&[], FlushCompress::Sync)?;
        self.send()?;
        self.inner.flush()
    }
}

impl Stream for Deflated {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.inner.deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.flush()?;
        self.inner.shutdown_write()
    }

    fn ready(&mut self) -> io::Result<bool> {
        Ok(self.more || self.from < self.to || self.inner.ready()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    use crate::stream::SocketStream;

    fn pair() -> (Box<dyn Stream>, Box<dyn Stream>) {
        let (a, b) = UnixStream::pair().unwrap();
        let stream = |end: UnixStream| deflated(Box::new(SocketStream::new(end.into(), None, None).unwrap()));
        (stream(a), stream(b))
    }

    #[test]
    fn a_flush_lets_the_peer_read_everything() {
        let (mut here, mut there) = pair();
        for line in ["hello\r\n".to_owned(), "x".repeat(500_000), "again".to_owned()] {
            let sent = line.clone();
            let writer = std::thread::spawn(move || {
                here.write_all(sent.as_bytes()).unwrap();
                here.flush().unwrap();
                here
            });
            let mut came = vec![0; line.len()];
            there.read_exact(&mut came).unwrap();
            assert_eq!(came, line.as_bytes());
            here = writer.join().unwrap();
            assert!(!there.ready().unwrap() || there.read(&mut []).unwrap() == 0);
        }
    }

    #[test]
    fn an_end_is_an_end_and_rubbish_is_an_error() {
        let (mut here, mut there) = pair();
        here.shutdown_write().unwrap();
        assert_eq!(there.read(&mut [0; 8]).unwrap(), 0);

        let (a, mut b) = UnixStream::pair().unwrap();
        let mut stream = deflated(Box::new(SocketStream::new(a.into(), None, None).unwrap()));
        b.write_all(b"* OK this is not compressed\r\n").unwrap();
        drop(b);
        assert_eq!(stream.read(&mut [0; 64]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
