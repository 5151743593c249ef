//! Brotli (RFC 7932).

use std::io::{self, Read};

use brotli_decompressor::Decompressor;

use crate::coding::{Input, Layer, broken, nothing_follows};
use crate::error::Undecodable;

/// Bytes the decoder reads at a time.
const BUFFER: usize = 4096;

pub(super) struct Brotli<'r, B>(Decompressor<Watched<'r, B>>);

impl<'r, B> Brotli<'r, B> {
    pub(super) fn new(input: Input<'r, B>) -> Self {
        Brotli(Decompressor::new(Watched { input, ended: false }, BUFFER))
    }

    fn step(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to).map_err(|why| match why.kind() {
            // The decoder has one error for all; it asks for more than there is only when the stream is cut.
            io::ErrorKind::InvalidData if self.0.get_ref().ended => broken(Undecodable::Cut),
            _ => why,
        })
    }
}

impl<B> Read for Brotli<'_, B> {
    /// The decoder reports bytes behind its end only when asked once more, and any error only once.
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        match self.step(to)? {
            0 => match self.step(to).map_err(|_| broken(Undecodable::Trailing))? {
                0 => nothing_follows(&mut self.0.get_mut().input),
                n => Ok(n),
            },
            n => Ok(n),
        }
    }
}

impl<'r, B: 'r> Layer<B> for Brotli<'r, B> {
    fn bottom(&mut self) -> Option<&mut B> {
        self.0.get_mut().input.get_mut().bottom()
    }
}

/// The input, and whether its end was seen.
struct Watched<'r, B> {
    input: Input<'r, B>,
    ended: bool,
}

impl<B> Read for Watched<'_, B> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(to)?;
        self.ended |= n == 0 && !to.is_empty();
        Ok(n)
    }
}
