//! A stream of the system's TLS library in two halves: the library works in memory, the waiting is done outside it.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use native_tls::TlsStream;
use netkit_wire::Stream;

use super::native::{Carrier, Under};

/// What both halves use. Whoever takes both locks takes `wire` first, so that records leave in the order in which they were made.
struct Shared {
    tls: Mutex<TlsStream<Under>>,
    wire: Mutex<Box<dyn Stream>>,
}

impl Shared {
    fn tls(&self) -> MutexGuard<'_, TlsStream<Under>> {
        self.tls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wire(&self) -> MutexGuard<'_, Box<dyn Stream>> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records that wait to be sent.
    fn records(&self) -> Vec<u8> {
        match &mut self.tls().get_mut().carrier {
            Carrier::Memory { out, .. } => std::mem::take(out),
            Carrier::Stream(_) => Vec::new(),
        }
    }

    /// What TLS itself has to say (a key update, an alert). Where the writer is busy, it says it.
    fn answer(&self) -> io::Result<()> {
        match self.wire.try_lock() {
            Ok(mut wire) => wire.write_all(&self.records()),
            Err(_) => Ok(()),
        }
    }
}

struct Reader {
    shared: Arc<Shared>,
    under: Box<dyn Stream>,
    /// A byte that was read to see whether there is one.
    peeked: Option<u8>,
    raw: Vec<u8>,
}

struct Writer(Arc<Shared>);

pub(super) fn of(
    tls: TlsStream<Under>,
    peeked: Option<u8>,
    reader: Box<dyn Stream>,
    writer: Box<dyn Stream>,
) -> (Box<dyn Stream>, Box<dyn Stream>) {
    let shared = Arc::new(Shared { tls: Mutex::new(tls), wire: Mutex::new(writer) });
    let reader = Reader { shared: Arc::clone(&shared), under: reader, peeked, raw: vec![0; 64 << 10] };
    (Box::new(reader), Box::new(Writer(shared)))
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(first) = buf.first_mut() else { return Ok(0) };
        if let Some(byte) = self.peeked.take() {
            *first = byte;
            return Ok(1);
        }
        loop {
            let (result, ended, speaks) = {
                let mut tls = self.shared.tls();
                let result = tls.read(buf);
                let under = tls.get_ref();
                let speaks = matches!(&under.carrier, Carrier::Memory { out, .. } if !out.is_empty());
                (result, under.eof, speaks)
            };
            if speaks {
                // An alert that does not get through does not change the fault.
                let _ = self.shared.answer();
            }
            match result {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(n @ 1..) => return Ok(n),
                // After close_notify the library reads no further, so an end of bytes that it did see came without one.
                _ if ended => return Err(io::ErrorKind::UnexpectedEof.into()),
                other => return other,
            }
            // Without a lock: the writer goes on meanwhile.
            let n = match self.under.read(&mut self.raw) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if let Carrier::Memory { records, ended, .. } = &mut self.shared.tls().get_mut().carrier {
                records.extend(self.raw.get(..n).unwrap_or_default());
                *ended |= n == 0;
            }
        }
    }
}

impl Write for Reader {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Reader {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.under.deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Writer {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Write for Writer {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.wire();
        // Memory takes whatever the library makes of it; so much at a time, and no more is held than that.
        let some = buf.get(..buf.len().min(64 << 10)).unwrap_or_default();
        let taken = self.0.tls().write(some)?;
        wire.write_all(&self.0.records())?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut wire = self.0.wire();
        wire.write_all(&self.0.records())?;
        wire.flush()
    }
}

impl Stream for Writer {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.0.wire().deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        let mut wire = self.0.wire();
        self.0.tls().shutdown()?;
        wire.write_all(&self.0.records())?;
        wire.shutdown_write()
    }
}
