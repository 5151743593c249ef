//! A stream compressed in both directions: RFC 4978 (IMAP), RFC 8054 (NNTP), raw DEFLATE of RFC 1951; or in one: MCCP2
//! (Telnet), zlib of RFC 1950.

use std::io::{self, Read, Write};
use std::time::Instant;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use netkit_wire::Stream;

/// How much is read from the peer, or written to it, at a time.
const CHUNK: usize = 32 << 10;

/// Puts DEFLATE over `stream`, in both directions, from here on. A flush ends a block, so that the peer can read all that
/// was written (RFC 4978 section 4). What comes out is as unbounded as the peer likes; whoever reads it has limits.
pub fn deflated(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    let (inflate, deflate) = (Decompress::new(false), Compress::new(Compression::default(), false));
    Box::new(Deflated::new(stream, &[], Some(inflate), Some(deflate)))
}

/// What comes is compressed (zlib) from here on, until the peer ends that; what goes is not. `ahead` came already, and is
/// compressed too.
pub fn inflating(stream: Box<dyn Stream>, ahead: &[u8]) -> Box<dyn Stream> {
    let inflate = Some(Decompress::new(true));
    Box::new(Deflated { end: End::Plain, ..Deflated::new(stream, ahead, inflate, None) })
}

/// One whole zlib stream in each direction (MODE Z of FTP): what comes is cut off unless its end came, and nothing may stand
/// behind that.
pub fn zipped(stream: Box<dyn Stream>) -> Box<dyn Stream> {
    let (inflate, deflate) = (Decompress::new(true), Compress::new(Compression::default(), true));
    Box::new(Deflated { end: End::Whole, ..Deflated::new(stream, &[], Some(inflate), Some(deflate)) })
}

/// What goes is compressed (zlib) from here on; what comes is not, nor is `ahead`, which came already.
pub fn deflating(stream: Box<dyn Stream>, ahead: &[u8]) -> Box<dyn Stream> {
    let deflate = Some(Compress::new(Compression::default(), true));
    Box::new(Deflated::new(stream, ahead, None, deflate))
}

/// What the end of a compressed stream means.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// The end of everything.
    All,
    /// What follows is not compressed.
    Plain,
    /// That everything came; without it, it did not.
    Whole,
}

struct Deflated {
    inner: Box<dyn Stream>,
    inflate: Option<Decompress>,
    deflate: Option<Compress>,
    end: End,
    /// It was there.
    ended: bool,
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
    fn new(
        inner: Box<dyn Stream>,
        ahead: &[u8],
        inflate: Option<Decompress>,
        deflate: Option<Compress>,
    ) -> Deflated {
        let mut input = ahead.to_vec();
        input.resize(ahead.len().max(CHUNK), 0);
        let output = Vec::with_capacity(CHUNK);
        let (end, ended, from, to, more) = (End::All, false, 0, ahead.len(), false);
        Deflated { inner, inflate, deflate, end, ended, input, from, to, more, output }
    }

    fn compress(&mut self, mut bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        while let Some(deflate) = &mut self.deflate {
            let (before, room) = (deflate.total_in(), self.output.capacity() - self.output.len());
            if room == 0 {
                self.send()?;
                continue;
            }
            deflate.compress_vec(bytes, &mut self.output, flush).map_err(io::Error::other)?;
            let used = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
            bytes = bytes.get(used..).unwrap_or_default();
            // With room left, nothing more is waiting inside.
            if bytes.is_empty() && self.output.len() < self.output.capacity() {
                break;
            }
        }
        Ok(())
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
            let waiting = self.input.get(self.from..self.to).unwrap_or_default();
            if self.ended && self.end == End::Whole {
                if !waiting.is_empty() || self.inner.read(&mut self.input)? > 0 {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "bytes stand behind the compressed stream",
                    ));
                }
                return Ok(0);
            }
            let Some(inflate) = &mut self.inflate else {
                if waiting.is_empty() {
                    return self.inner.read(to);
                }
                let n = waiting.len().min(to.len());
                let pairs = to.iter_mut().zip(waiting);
                pairs.for_each(|(to, from)| *to = *from);
                self.from += n;
                return Ok(n);
            };
            if waiting.is_empty() && !self.more {
                self.from = 0;
                self.to = self.inner.read(&mut self.input)?;
                if self.to == 0 {
                    // A stream in which nothing came at all is an empty one to many.
                    let whole = self.end != End::Whole || inflate.total_in() == 0;
                    return if whole { Ok(0) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
                }
                continue;
            }
            let (came, went) = (inflate.total_out(), inflate.total_in());
            let status = inflate
                .decompress(waiting, to, FlushDecompress::Sync)
                .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
            let used = inflate.total_in() - went;
            self.from += usize::try_from(used).unwrap_or(0);
            let n = usize::try_from(inflate.total_out() - came).unwrap_or(0);
            self.more = n == to.len();
            if status == Status::StreamEnd && self.end != End::All {
                (self.ended, self.more) = (true, false);
                if self.end == End::Plain {
                    self.inflate = None;
                }
                if n == 0 {
                    continue;
                }
            }
            if n > 0 || status == Status::StreamEnd {
                return Ok(n);
            }
            if self.from < self.to && used == 0 {
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
        if self.deflate.is_none() {
            return self.inner.write(from);
        }
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
        if self.end == End::Whole {
            self.compress(&[], FlushCompress::Finish)?;
            self.deflate = None;
        }
        self.flush()?;
        self.inner.shutdown_write()
    }

    fn ready(&mut self) -> io::Result<bool> {
        Ok(self.more || self.from < self.to || self.inner.ready()?)
    }

    fn send_urgent(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.deflate.is_none() {
            return self.inner.send_urgent(bytes);
        }
        self.write_all(bytes)?;
        self.flush()
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
    fn one_direction_is_compressed_until_the_peer_ends_that() {
        let (a, mut b) = UnixStream::pair().unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"squeezed ").unwrap();
        let mut bytes = zlib.finish().unwrap();
        bytes.extend_from_slice(b"and plain");
        let (ahead, rest) = bytes.split_at(5);
        let inner = Box::new(SocketStream::new(a.into(), None, None).unwrap());
        let mut stream = inflating(inner, ahead);
        b.write_all(rest).unwrap();
        stream.write_all(b"answer").unwrap();
        stream.shutdown_write().unwrap();
        let mut answer = Vec::new();
        b.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"answer");
        drop(b);
        let mut came = Vec::new();
        stream.read_to_end(&mut came).unwrap();
        assert_eq!(came, b"squeezed and plain");
    }

    #[test]
    fn a_whole_stream_has_an_end() {
        let (a, b) = UnixStream::pair().unwrap();
        let inner = |end: UnixStream| Box::new(SocketStream::new(end.into(), None, None).unwrap());
        let (mut here, mut there) = (zipped(inner(a)), zipped(inner(b)));
        let text = b"the same again and again ".repeat(10_000);
        let sent = text.clone();
        let writer = std::thread::spawn(move || {
            here.write_all(&sent).unwrap();
            here.shutdown_write().unwrap();
        });
        let mut came = Vec::new();
        there.read_to_end(&mut came).unwrap();
        writer.join().unwrap();
        assert!(came == text);

        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"one file").unwrap();
        let whole = zlib.finish().unwrap();
        let behind = [&whole[..], b"x"].concat();
        for (bytes, wanted) in [
            (&whole[..whole.len() - 1], io::ErrorKind::UnexpectedEof),
            (&behind[..], io::ErrorKind::InvalidData),
        ] {
            let (a, mut b) = UnixStream::pair().unwrap();
            b.write_all(bytes).unwrap();
            drop(b);
            assert_eq!(zipped(inner(a)).read_to_end(&mut Vec::new()).unwrap_err().kind(), wanted);
        }
    }

    #[test]
    fn what_goes_may_be_compressed_alone() {
        let (a, b) = UnixStream::pair().unwrap();
        let inner = |end: UnixStream| Box::new(SocketStream::new(end.into(), None, None).unwrap());
        let (mut here, mut there) = (deflating(inner(a), b"ahead"), inflating(inner(b), b""));
        here.write_all(b"compressed").unwrap();
        here.flush().unwrap();
        let mut came = [0; 10];
        there.read_exact(&mut came).unwrap();
        assert_eq!(&came, b"compressed");
        let mut ahead = [0; 5];
        here.read_exact(&mut ahead).unwrap();
        assert_eq!(&ahead, b"ahead");
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
