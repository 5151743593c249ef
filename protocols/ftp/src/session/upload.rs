//! A file on its way there.

use std::io::{self, Read, Write};

use netkit_wire::{Fault, Phase, Reply, Stream};

use super::Session;
use crate::command::{Command, Verb};
use crate::error::Error;
use crate::stamp::Stamp;
use crate::types::Argument;

/// The most bytes that a server may say behind an upload.
const DRAIN: u64 = 1 << 20;

/// A file on its way there. It is whole when [`Upload::finish`] says so.
pub struct Upload<'s> {
    session: &'s mut Session,
    stream: Option<Box<dyn Stream>>,
    /// The reply before the data is still to be read.
    early: bool,
    /// Its replies were all read, or nobody will.
    settled: bool,
}

/// As for [`Download`](super::Download).
impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.session.control.over |= !self.settled;
    }
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").finish_non_exhaustive()
    }
}

impl Write for Upload<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Some(stream) => {
                let n = stream.write(from)?;
                self.session.moved()?;
                Ok(n)
            }
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.as_mut().map_or(Ok(()), |stream| stream.flush())
    }
}

impl<'s> Upload<'s> {
    pub(super) fn new(session: &'s mut Session, stream: Box<dyn Stream>) -> Upload<'s> {
        session.moving();
        Upload { session, stream: Some(stream), early: false, settled: false }
    }

    pub(super) fn early(session: &'s mut Session, stream: Box<dyn Stream>) -> Upload<'s> {
        let mut upload = Upload::new(session, stream);
        upload.early = true;
        upload
    }

    /// The reply before the data, where it is still to be read.
    fn settle(&mut self) -> Result<(), Error> {
        self.settled = true;
        if std::mem::take(&mut self.early) {
            self.session.control.answer(&[125, 150])?;
        }
        Ok(())
    }

    /// What became of it where the data connection broke so: the server's own word, where it says what was wrong.
    pub fn broken(mut self, broke: Fault) -> Error {
        self.stream = None;
        if let Err(why) = self.settle() {
            return why;
        }
        self.session.why_broken(broke)
    }

    /// Ends the data connection, which is how the server knows that this was all, and takes its word for it.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server did not keep it; [`Error::Wire`].
    pub fn finish(self) -> Result<Reply, Error> {
        self.finish_with(None).map(|(end, _)| end)
    }

    /// As [`Upload::finish`], and sets when the file was changed, on the same way: what the server says to that, which may be
    /// a refusal. None where it has no MFMT.
    ///
    /// # Errors
    /// As [`Upload::finish`].
    pub fn finish_dated(self, path: &str, at: Stamp) -> Result<(Reply, Option<Reply>), Error> {
        let path = Argument::new(format!("{at} {path}"))?;
        let has = self.session.has("MFMT");
        self.finish_with(has.then(|| Command::with(Verb::MFMT, path)))
    }

    fn finish_with(mut self, also: Option<Command>) -> Result<(Reply, Option<Reply>), Error> {
        let mut stream = self.stream.take();
        let ended =
            stream.as_mut().map_or(Ok(()), |stream| stream.flush().and_then(|()| stream.shutdown_write()));
        // Nobody waits for the end of a connection that the server will not have.
        self.settle()?;
        if let Some(mut stream) = stream {
            // Under TLS 1.3 the server's session tickets are still to be read: a connection that is closed over them is
            // reset, and the file may be lost with it.
            let drained = ended.and_then(|()| io::copy(&mut (&mut stream).take(DRAIN), &mut io::sink()));
            match drained {
                Ok(_) => {}
                // The reply tells whether it matters.
                Err(why) if self.session.protected || why.kind() == io::ErrorKind::ConnectionReset => {}
                Err(why) => return Err(self.session.control.broken(Fault::from_io(why, Phase::Sending))),
            }
        }
        self.session.ended(also.as_ref())
    }
}
