//! gzip (RFC 1952) and deflate (RFC 1950, RFC 1951).

use std::io::{self, BufRead, Read};

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::coding::{Input, Layer, nothing_follows};

/// The first byte of a gzip member (RFC 1952 2.3.1).
const MEMBER: u8 = 0x1f;

/// One gzip member after another, up to the end of the input.
pub(super) struct Gzip<'r, B> {
    /// None only after an error.
    member: Option<GzDecoder<Input<'r, B>>>,
}

impl<'r, B> Gzip<'r, B> {
    pub(super) fn new(input: Input<'r, B>) -> Self {
        Gzip { member: Some(GzDecoder::new(input)) }
    }
}

impl<B> Read for Gzip<'_, B> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            match member.read(to)? {
                0 if !to.is_empty() => {}
                n => return Ok(n),
            }
            if member.get_mut().fill_buf()?.first() != Some(&MEMBER) {
                return nothing_follows(member.get_mut());
            }
            self.member = self.member.take().map(|member| GzDecoder::new(member.into_inner()));
        }
        Ok(0)
    }
}

impl<'r, B: 'r> Layer<B> for Gzip<'r, B> {
    fn bottom(&mut self) -> Option<&mut B> {
        self.member.as_mut()?.get_mut().get_mut().bottom()
    }
}

/// What RFC 9110 8.4.1.2 calls deflate is zlib's format; some servers send the bare stream. The first byte tells: a
/// zlib stream starts with method 8 and a window of at most 32 KiB, a bare stream with bits that no encoder sets so.
pub(super) fn zlib_or_raw<'r, B: 'r>(mut input: Input<'r, B>) -> io::Result<Box<dyn Layer<B> + 'r>> {
    let zlib = input.fill_buf()?.first().is_some_and(|b| b & 0x0f == 8 && b >> 4 <= 7);
    Ok(if zlib { Box::new(Zlib(ZlibDecoder::new(input))) } else { Box::new(Raw(DeflateDecoder::new(input))) })
}

struct Zlib<'r, B>(ZlibDecoder<Input<'r, B>>);
struct Raw<'r, B>(DeflateDecoder<Input<'r, B>>);

impl<B> Read for Zlib<'_, B> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.read(to)? {
            0 if !to.is_empty() => nothing_follows(self.0.get_mut()),
            n => Ok(n),
        }
    }
}

impl<B> Read for Raw<'_, B> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.read(to)? {
            0 if !to.is_empty() => nothing_follows(self.0.get_mut()),
            n => Ok(n),
        }
    }
}

impl<'r, B: 'r> Layer<B> for Zlib<'r, B> {
    fn bottom(&mut self) -> Option<&mut B> {
        self.0.get_mut().get_mut().bottom()
    }
}

impl<'r, B: 'r> Layer<B> for Raw<'r, B> {
    fn bottom(&mut self) -> Option<&mut B> {
        self.0.get_mut().get_mut().bottom()
    }
}
