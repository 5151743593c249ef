//! A TLS stream in two halves: the keys are shared, the waiting is not.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use netkit_wire::Stream;
use rustls::Connection;

/// What both halves use. Whoever takes both locks takes `wire` first.
struct Shared {
    tls: Mutex<Connection>,
    wire: Mutex<Box<dyn Stream>>,
}

impl Shared {
    fn tls(&self) -> MutexGuard<'_, Connection> {
        self.tls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wire(&self) -> MutexGuard<'_, Box<dyn Stream>> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records that wait to be sent.
    fn records(&self) -> io::Result<Vec<u8>> {
        let mut tls = self.tls();
        let mut records = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut records)?;
        }
        Ok(records)
    }

    /// What TLS itself has to say (a key update, an alert). Where the writer is busy, it says it.
    fn answer(&self) -> io::Result<()> {
        match self.wire.try_lock() {
            Ok(mut wire) => wire.write_all(&self.records()?),
            Err(_) => Ok(()),
        }
    }
}

struct Reader {
    shared: Arc<Shared>,
    under: Box<dyn Stream>,
    /// Bytes from the wire; those before `fed` went into TLS.
    raw: Vec<u8>,
    held: usize,
    fed: usize,
}

struct Writer(Arc<Shared>);

pub(super) fn of(
    tls: Connection,
    reader: Box<dyn Stream>,
    writer: Box<dyn Stream>,
) -> (Box<dyn Stream>, Box<dyn Stream>) {
    let shared = Arc::new(Shared { tls: Mutex::new(tls), wire: Mutex::new(writer) });
    let raw = vec![0; 64 << 10];
    let reader = Reader { shared: Arc::clone(&shared), under: reader, raw, held: 0, fed: 0 };
    (Box::new(reader), Box::new(Writer(shared)))
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match self.shared.tls().reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
            if self.fed == self.held {
                // Without a lock: the writer goes on meanwhile.
                self.held = match self.under.read(&mut self.raw) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    other => other?,
                };
                self.fed = 0;
            }
            let mut rest = self.raw.get(self.fed..self.held).unwrap_or_default();
            let (processed, wants_write) = {
                let mut tls = self.shared.tls();
                // Nothing to feed is the end of the stream, which TLS has to know.
                self.fed += tls.read_tls(&mut rest)?;
                let processed = tls.process_new_packets();
                (processed, tls.wants_write())
            };
            if wants_write {
                // An alert that does not get through does not change the fault.
                let _ = self.shared.answer();
            }
            if let Err(error) = processed {
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
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
        let taken = self.0.tls().writer().write(buf)?;
        wire.write_all(&self.0.records()?)?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut wire = self.0.wire();
        wire.write_all(&self.0.records()?)?;
        wire.flush()
    }
}

impl Stream for Writer {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.0.wire().deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        let mut wire = self.0.wire();
        self.0.tls().send_close_notify();
        wire.write_all(&self.0.records()?)?;
        wire.shutdown_write()
    }
}
