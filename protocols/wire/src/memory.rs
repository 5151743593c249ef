//! A stream without a network: for examples, tests and benchmarks.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::stream::Stream;

/// Answers reads from bytes given beforehand, in pieces of a chosen size, and keeps what is written.
#[derive(Clone, Debug)]
pub struct Memory {
    input: Vec<u8>,
    at: usize,
    piece: usize,
    written: Arc<Mutex<Vec<u8>>>,
}

impl Memory {
    /// A peer that says `input` and then ends the connection.
    pub fn new(input: &[u8]) -> Memory {
        Memory { input: input.to_vec(), at: 0, piece: usize::MAX, written: Arc::default() }
    }

    /// Delivers at most `n` bytes a read (at least one).
    pub fn in_pieces(mut self, n: usize) -> Memory {
        self.piece = n.max(1);
        self
    }

    /// A handle on what was written.
    pub fn written(&self) -> Arc<Mutex<Vec<u8>>> {
        Arc::clone(&self.written)
    }
}

impl Read for Memory {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let n = rest.get(..rest.len().min(self.piece)).unwrap_or_default().read(to)?;
        self.at += n;
        Ok(n)
    }
}

impl Write for Memory {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(from);
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Memory {
    fn deadline(&mut self, _: Option<Instant>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}
