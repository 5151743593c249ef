//! A [`Stream`] inside TLS, for either side, over any other stream.

use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

use netkit_wire::Stream;
use rustls::Connection;

use super::fault::TlsFault;
use super::info::TlsInfo;

/// Bytes in clear on this side, records on `under`. Dropping it sends nothing.
pub(super) struct TlsStream {
    tls: Connection,
    under: Box<dyn Stream>,
}

impl TlsStream {
    /// Does the whole handshake, so that its faults are told apart from the conversation's.
    pub(super) fn handshake(mut tls: Connection, mut under: Box<dyn Stream>) -> Result<Self, TlsFault> {
        while tls.is_handshaking() || tls.wants_write() {
            tls.complete_io(&mut under).map_err(TlsFault::of_handshake)?;
        }
        under.flush().map_err(TlsFault::Io)?;
        Ok(TlsStream { tls, under })
    }

    pub(super) fn info(&self) -> TlsInfo {
        TlsInfo::of(&self.tls)
    }

    /// Sends the records that are ready.
    fn send(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            if self.tls.write_tls(&mut self.under)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }
}

impl Read for TlsStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match self.tls.reader().read(buf) {
                // No record is complete. An end without close_notify is UnexpectedEof from here (RFC 8446 section 6.1).
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            self.send()?;
            match self.tls.read_tls(&mut self.under) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if let Err(error) = self.tls.process_new_packets() {
                // The alert that says why; whether it gets through does not change the fault.
                let _ = self.send();
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let taken = self.tls.writer().write(buf)?;
        self.send()?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tls.writer().flush()?;
        self.send()?;
        self.under.flush()
    }
}

impl Stream for TlsStream {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.under.deadline(at)
    }

    /// Records that hold no bytes for the reader (session tickets, RFC 8446 section 4.6.1) are taken in and do not count.
    fn ready(&mut self) -> io::Result<bool> {
        loop {
            match self.tls.reader().fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => return Ok(true),
            }
            // A part of a record may wait for its rest: it is taken in, and what was read cannot be read again.
            if !self.under.ready()? {
                return Ok(false);
            }
            self.tls.read_tls(&mut self.under)?;
            if self.tls.process_new_packets().is_err() {
                return Ok(true);
            }
        }
    }

    fn halves(self: Box<Self>) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        let TlsStream { tls, under } = *self;
        let (reader, writer) = under.halves()?;
        Ok(super::halves::of(tls, reader, writer))
    }

    fn into_plain(mut self: Box<Self>) -> io::Result<Box<dyn Stream>> {
        self.tls.send_close_notify();
        self.flush()?;
        let invalid = |why: rustls::Error| io::Error::new(io::ErrorKind::InvalidData, why);
        loop {
            let state = self.tls.process_new_packets().map_err(invalid)?;
            if state.plaintext_bytes_to_read() > 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "bytes behind the end of TLS"));
            }
            if state.peer_has_closed() {
                return Ok(self.under);
            }
            if self.tls.read_tls(&mut self.under)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.tls.send_close_notify();
        self.flush()?;
        self.under.shutdown_write()
    }
}
