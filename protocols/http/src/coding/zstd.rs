//! Zstandard (RFC 8878), within the window that RFC 9659 sets for the web.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::coding::{Input, Layer, broken};
use crate::error::Undecodable;

/// RFC 9659 3: a frame for the web needs at most this much memory.
const WINDOW: u64 = 8 << 20;

/// One frame after another, up to the end of the input; skippable frames are skipped (RFC 8878 3.1).
pub(super) struct Zstd<'r, B> {
    input: Input<'r, B>,
    decoder: FrameDecoder,
    /// Whether a frame was begun and not ended.
    open: bool,
    /// Whether a frame was decoded to its end.
    some: bool,
}

impl<'r, B> Zstd<'r, B> {
    pub(super) fn new(input: Input<'r, B>) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Zstd { input, decoder, open: false, some: false }
    }

    /// Begins the next frame that holds data; `false` at the end of the input.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.input).take(length), &mut io::sink())? < length {
                        return Err(broken(Undecodable::Cut));
                    }
                }
                // What does not start like a frame is none (a frame cut in its first bytes cannot be told from that).
                Err(FrameDecoderError::ReadFrameHeaderError(_)) if self.some => {
                    return Err(broken(Undecodable::Trailing));
                }
                Err(why) => return Err(fault(&why, &mut self.input)),
            }
        }
        Ok(false)
    }

    /// The decoder computes the frame's checksum and leaves it to others to compare.
    fn end(&mut self) -> io::Result<()> {
        (self.open, self.some) = (false, true);
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(said), Some(is)) if said != is => Err(broken(Undecodable::Corrupt)),
            _ => Ok(()),
        }
    }
}

impl<B> Read for Zstd<'_, B> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.open {
                self.open = self.begin()?;
                if !self.open {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                if let Err(why) = self.decoder.decode_blocks(&mut self.input, one) {
                    return Err(fault(&why, &mut self.input));
                }
            }
            match self.decoder.read(to)? {
                0 if self.decoder.is_finished() => self.end()?,
                0 => return Err(broken(Undecodable::Corrupt)),
                n => return Ok(n),
            }
        }
    }
}

/// The decoder reads exactly what it needs, so an error at the very end of the input is a cut.
fn fault(why: &FrameDecoderError, input: &mut dyn BufRead) -> io::Error {
    match why {
        FrameDecoderError::WindowSizeTooBig { .. } => broken(Undecodable::Window),
        _ => match input.fill_buf() {
            Ok([]) => broken(Undecodable::Cut),
            Ok(_) => broken(Undecodable::Corrupt),
            Err(error) => error,
        },
    }
}

impl<'r, B: 'r> Layer<B> for Zstd<'r, B> {
    fn bottom(&mut self) -> Option<&mut B> {
        self.input.get_mut().bottom()
    }
}
