//! A file on its way here.

use std::fs::File;
use std::io::{self, Read, Write};

use netkit_wire::{Fault, Phase, Reply, Stream};

use super::Session;
use super::alive::GRACE;
use crate::error::Error;
use crate::stamp::Stamp;

/// How much is read from the data connection at a time.
const CHUNK: usize = 256 << 10;
/// A file of fewer bytes is small.
const SMALL: u64 = 16 << 10;
/// How much is moved inside the kernel at a time.
const MOVE: u64 = 16 << 20;

/// A file on its way here. It is whole when [`Download::finish`] says so.
pub struct Download<'s> {
    session: &'s mut Session,
    stream: Option<Box<dyn Stream>>,
    /// The data connection has ended.
    ended: bool,
    /// How many bytes may still come.
    left: u64,
    /// Whether what is behind them is not wanted, and else is too much.
    is_part: bool,
    /// When the file was changed, where that was asked for and told.
    modified: Option<Stamp>,
    /// The replies before the data are still to be read.
    early: bool,
    /// Its replies were all read, or nobody will.
    settled: bool,
}

impl std::fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Read for Download<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.ended) else { return Ok(0) };
        if self.is_part && self.left == 0 {
            // Whether the file ends here, too.
            self.ended = stream.read(&mut [0])? == 0;
            return Ok(0);
        }
        let most = if self.is_part { usize::try_from(self.left).unwrap_or(usize::MAX) } else { usize::MAX };
        let most = to.len().min(most);
        let n = stream.read(to.get_mut(..most).unwrap_or_default())?;
        self.ended = n == 0 && most > 0;
        self.session.moved()?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the server sends more than the file has")
        })?;
        Ok(n)
    }
}

impl<'s> Download<'s> {
    pub(super) fn new(session: &'s mut Session, stream: Box<dyn Stream>) -> Download<'s> {
        session.moving();
        Download {
            session,
            stream: Some(stream),
            ended: false,
            left: u64::MAX,
            is_part: false,
            modified: None,
            early: false,
            settled: false,
        }
    }

    pub(super) fn dated(
        session: &'s mut Session,
        stream: Box<dyn Stream>,
        at: Option<Stamp>,
    ) -> Download<'s> {
        let mut download = Download::new(session, stream);
        download.modified = at;
        download
    }

    pub(super) fn early(session: &'s mut Session, stream: Box<dyn Stream>) -> Download<'s> {
        let mut download = Download::new(session, stream);
        download.early = true;
        download
    }

    /// So many bytes are wanted; what is behind them is not, or it is too much.
    pub(super) fn up_to(&mut self, bytes: u64, is_part: bool) {
        (self.left, self.is_part) = (bytes, is_part);
    }

    /// No more than so many bytes may come: under MODE Z, a few bytes on the wire can be very many here.
    pub fn limit(&mut self, bytes: u64) {
        if self.session.zipped {
            self.left = bytes;
        }
    }

    /// Reads all of it into a file: inside the kernel, where nothing has to look at the bytes, unless so few are expected that
    /// it is not worth it. `progress` is told how many came.
    ///
    /// # Errors
    /// The data connection's, with a [`Fault`] inside, or the file's.
    pub fn copy_to(
        &mut self,
        file: &mut File,
        expected: Option<u64>,
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<u64> {
        let mut total = 0;
        // A small file is not worth the kernel's help, which takes a pipe to set up.
        let small = expected.is_some_and(|size| size < SMALL);
        // Nor does the kernel know how much may come.
        let is_bounded = self.left != u64::MAX;
        if let Some(stream) = self.stream.as_mut().filter(|_| !small && !is_bounded) {
            while let Some(n) = stream.transfer(file, MOVE).map_err(of_peer)? {
                self.session.moved()?;
                if n == 0 {
                    self.ended = true;
                    return Ok(total);
                }
                total += n;
                progress(n);
            }
        }
        let mut buffer = vec![0; if small { CHUNK / 8 } else { CHUNK }];
        loop {
            let n = match self.read(&mut buffer) {
                Ok(n) => n,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                Err(why) => return Err(io::Error::other(Fault::from_io(why, Phase::Receiving))),
            };
            if n == 0 {
                return Ok(total);
            }
            file.write_all(buffer.get(..n).unwrap_or_default())?;
            total += n as u64;
            progress(n as u64);
        }
    }

    /// What became of it where the data connection broke so: the server's own word, where it says what was wrong.
    pub fn broken(mut self, broke: Fault) -> Error {
        self.stream = None;
        if let Err(why) = self.settle() {
            return why;
        }
        self.session.why_broken(broke)
    }

    /// The replies before the data, where they are still to be read.
    fn settle(&mut self) -> Result<(), Error> {
        self.settled = true;
        if std::mem::take(&mut self.early) {
            self.modified = self.session.told()?;
        }
        Ok(())
    }

    /// Takes the server's word that this was all.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server says that it was not: what came is a part. One that was not read to its end is
    /// given up, which is [`Error::Aborted`].
    pub fn finish(self) -> Result<Reply, Error> {
        self.finish_dated().map(|(end, _)| end)
    }

    /// As [`Download::finish`], and when the file was changed, after [`Session::retr_dated`]; none where the server does not tell.
    ///
    /// # Errors
    /// As [`Download::finish`].
    pub fn finish_dated(mut self) -> Result<(Reply, Option<Stamp>), Error> {
        self.settle()?;
        if !self.ended {
            return Err(self.abort());
        }
        self.stream = None;
        self.session.ended(None).map(|(end, _)| (end, self.modified))
    }

    /// Gives it up: ABOR (RFC 959 section 4.1.3), and the replies of both.
    fn abort(&mut self) -> Error {
        // Who reads no more is noticed by the server; ABOR makes sure that it says so.
        self.stream = None;
        let first = match self.session.interrupt() {
            Ok(first) => first,
            Err(why) => return why,
        };
        let control = &mut self.session.control;
        // The transfer's end and ABOR's, or one for both.
        let is_all = match first.code().get() {
            225 => true,
            226 => !control.conn.is_ready_within(GRACE),
            _ => false,
        };
        match is_all {
            true => Error::Aborted,
            false => control.reply().map_or_else(|why| why, |_| Error::Aborted),
        }
    }
}

/// What only reading from a peer fails with is the data connection's fault; all else is the file's.
fn of_peer(why: io::Error) -> io::Error {
    use io::ErrorKind as K;
    match why.kind() {
        K::TimedOut | K::WouldBlock | K::ConnectionReset | K::ConnectionAborted | K::NotConnected => {
            io::Error::other(Fault::from_io(why, Phase::Receiving))
        }
        _ => why,
    }
}

/// Who leaves replies unread would take them for the answers to something else.
impl Drop for Download<'_> {
    fn drop(&mut self) {
        self.session.control.over |= !self.settled;
    }
}
