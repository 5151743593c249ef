//! Transfers (RFC 959 sections 3 and 5.4): a data connection is opened, the file goes over it, and only the reply behind it
//! says that it was all.

use std::fs::File;
use std::io::{self, Read, Write};

use netkit_wire::{Fault, Phase, Reply, Stream};

use super::{Mode, Session};
use crate::command::{Command, Verb};
use crate::data::Waiting;
use crate::error::Error;
use crate::reply;
use crate::stamp::Stamp;
use crate::types::Argument;

/// How much is read from the data connection at a time.
const CHUNK: usize = 256 << 10;
/// A file of fewer bytes is small.
const SMALL: u64 = 16 << 10;
/// The most bytes that a server may say behind an upload.
const DRAIN: u64 = 1 << 20;

/// A data connection that is there, or that the server is about to make.
enum Way {
    Made(Box<dyn Stream>),
    Awaited(Box<dyn Waiting>),
}

impl Session {
    /// Says where the data connection is, before the command that needs it; a server of many hosts is told first which command
    /// that will be (PRET).
    fn way(&mut self, command: &Command) -> Result<Way, Error> {
        match self.mode {
            Mode::Passive => {
                if self.has("PRET") {
                    self.waiting = None;
                    self.control.ask(&command.pret()?, &[2])?;
                }
                let port = match self.waiting.take() {
                    Some(port) => port,
                    None => self.passive()?,
                };
                Ok(Way::Made(self.data.dial(port)?))
            }
            Mode::Active => {
                let waiting = self.data.listen()?;
                self.active(waiting.as_ref())?;
                Ok(Way::Awaited(waiting))
            }
        }
    }

    /// The port the server waits at. Any address it names is the control connection's peer: another one is told, and not
    /// believed.
    fn passive(&mut self) -> Result<u16, Error> {
        if self.extended {
            match self.control.bare(Verb::EPSV, &[229]) {
                Ok(said) => {
                    let port = reply::extended_passive(&said);
                    return self.usable(port, said);
                }
                Err(Error::Refused(reply)) if reply.code().is(5) => self.extended = false,
                Err(why) => return Err(why),
            }
        }
        let said = self.control.bare(Verb::PASV, &[227])?;
        let found = reply::passive(&said);
        if let Some((ip, _)) = found
            && let Some(known) = self.data.peer()
            && known != std::net::IpAddr::V4(ip)
        {
            self.notice(&format!("the server names {ip} for its data; {known} is dialed"));
        }
        self.usable(found.map(|(_, port)| port), said)
    }

    /// A port below 1024 is somebody else's service (RFC 2577 section 3).
    fn usable(&mut self, port: Option<u16>, said: Reply) -> Result<u16, Error> {
        match port.filter(|port| *port >= 1024) {
            Some(port) => Ok(port),
            None => {
                self.control.over = true;
                Err(Error::Unexpected(said))
            }
        }
    }

    fn active(&mut self, waiting: &dyn Waiting) -> Result<(), Error> {
        let address = waiting.address();
        if self.extended {
            match self.control.ask(&Command::eprt(address.ip(), address.port())?, &[2]) {
                Ok(_) => return Ok(()),
                Err(Error::Refused(reply)) if reply.code().is(5) && address.is_ipv4() => {
                    self.extended = false
                }
                Err(why) => return Err(why),
            }
        }
        let std::net::IpAddr::V4(ip) = address.ip() else {
            return Err(crate::error::Unsupported("EPRT").into());
        };
        self.control.ask(&Command::port(ip, address.port())?, &[2]).map(|_| ())
    }

    /// Opens a data connection for a command: the connection, once the server has begun.
    fn open(&mut self, command: &Command, from: u64) -> Result<Box<dyn Stream>, Error> {
        let way = self.way(command)?;
        if from > 0 {
            self.control.with(Verb::REST, &from.to_string(), &[350])?;
        }
        self.control.ask(command, &[125, 150])?;
        self.begun(way)
    }

    /// The data connection of a command that the server has begun.
    fn begun(&mut self, way: Way) -> Result<Box<dyn Stream>, Error> {
        let stream = match way {
            Way::Made(stream) => stream,
            Way::Awaited(waiting) => waiting.accept().map_err(|why| self.lost(why))?,
        };
        let stream =
            if self.protected { self.data.secure(stream).map_err(|why| self.lost(why))? } else { stream };
        Ok(if self.zipped { netkit_socket::zipped(stream) } else { stream })
    }

    /// The data connection came to nothing, and the server waits for it: what it says next belongs to that.
    fn lost(&mut self, why: netkit_socket::NetError) -> Error {
        match self.control.reply() {
            Ok(_) => Error::Net(why),
            Err(_) => {
                self.control.over = true;
                Error::Net(why)
            }
        }
    }

    /// Gets a file, from this byte on (RFC 3659 section 5).
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Net`] for the data connection, [`Error::Unexpected`], [`Error::Wire`].
    pub fn retr(&mut self, path: &str, from: u64) -> Result<Download<'_>, Error> {
        let command = Command::with(Verb::RETR, Argument::new(path)?);
        let stream = self.open(&command, from)?;
        Ok(Download { session: self, stream: Some(stream), ended: false, left: u64::MAX })
    }

    /// As [`Session::retr`] from the start, and when the file was changed, asked for on the same way; none where the server does
    /// not tell.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn retr_dated(&mut self, path: &str) -> Result<(Option<Stamp>, Download<'_>), Error> {
        let path = Argument::new(path)?;
        let command = Command::with(Verb::RETR, path.clone());
        let way = self.way(&command)?;
        self.control.queue(&Command::with(Verb::MDTM, path))?;
        self.control.queue(&command)?;
        let told = match self.control.answer(&[213]) {
            Ok(said) => Stamp::parse(said.first().trim_ascii()),
            Err(Error::Refused(reply)) if !reply.code().is(421) => None,
            Err(why) => return Err(why),
        };
        self.control.answer(&[125, 150])?;
        let stream = self.begun(way)?;
        Ok((told, Download { session: self, stream: Some(stream), ended: false, left: u64::MAX }))
    }

    /// The end of a transfer, whose data have all come or gone: the server's word for it. `also` is asked on the same way, and
    /// so is the place of the next data connection where another transfer follows.
    fn ended(&mut self, also: Option<&Command>) -> Result<(Reply, Option<Reply>), Error> {
        let next = self.ahead && !self.has("PRET") && self.extended && self.mode == Mode::Passive;
        if let Some(also) = also {
            self.control.queue(also)?;
        }
        if next {
            self.control.queue(&Command::bare(Verb::EPSV))?;
        }
        let end = self.control.reply()?;
        let also = also.map(|_| self.control.reply()).transpose()?;
        if next {
            let said = self.control.reply()?;
            match reply::extended_passive(&said).filter(|_| said.code().is(229)) {
                Some(port) => self.waiting = Some(self.usable(Some(port), said)?),
                // It was refused: it is asked for when it is needed.
                None => self.ahead = false,
            }
        }
        Ok((self.control.judge(end, &[226, 250])?, also))
    }

    /// What a listing command says.
    pub(super) fn lines(&mut self, verb: Verb, path: Option<&str>) -> Result<Download<'_>, Error> {
        let command = match path {
            None => Command::bare(verb),
            Some(path) => Command::with(verb, Argument::new(path)?),
        };
        let stream = self.open(&command, 0)?;
        Ok(Download { session: self, stream: Some(stream), ended: false, left: u64::MAX })
    }

    /// Puts a file, from this byte on.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn stor(&mut self, path: &str, from: u64) -> Result<Upload<'_>, Error> {
        self.upload(Verb::STOR, Some(path), from)
    }

    /// Puts something behind a file.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn appe(&mut self, path: &str) -> Result<Upload<'_>, Error> {
        self.upload(Verb::APPE, Some(path), 0)
    }

    /// Puts a file under a name that the server chooses; the reply behind it says which.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn stou(&mut self) -> Result<Upload<'_>, Error> {
        self.upload(Verb::STOU, None, 0)
    }

    fn upload(&mut self, verb: Verb, path: Option<&str>, from: u64) -> Result<Upload<'_>, Error> {
        let command = match path {
            None => Command::bare(verb),
            Some(path) => Command::with(verb, Argument::new(path)?),
        };
        let stream = self.open(&command, from)?;
        Ok(Upload { session: self, stream: Some(stream) })
    }
}

/// A file on its way here. It is whole when [`Download::finish`] says so.
pub struct Download<'s> {
    session: &'s mut Session,
    stream: Option<Box<dyn Stream>>,
    /// The data connection has ended.
    ended: bool,
    /// How many bytes may still come.
    left: u64,
}

impl std::fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Read for Download<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.ended) else { return Ok(0) };
        let n = stream.read(to)?;
        self.ended = n == 0 && !to.is_empty();
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the server sends more than the file has")
        })?;
        Ok(n)
    }
}

impl Download<'_> {
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
        if let Some(stream) = self.stream.as_mut().filter(|_| !small) {
            while let Some(n) = stream.transfer(file, 16 << 20)? {
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

    /// Takes the server's word that this was all.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server says that it was not: what came is a part. One that was not read to its end is
    /// given up, which is [`Error::Aborted`].
    pub fn finish(mut self) -> Result<Reply, Error> {
        if !self.ended {
            return self.abort();
        }
        self.stream = None;
        self.session.ended(None).map(|(end, _)| end)
    }

    /// Gives it up: ABOR (RFC 959 section 4.1.3), and the replies of both.
    fn abort(mut self) -> Result<Reply, Error> {
        // Who reads no more is noticed by the server; ABOR makes sure that it says so.
        self.stream = None;
        let control = &mut self.session.control;
        control.queue(&Command::bare(Verb::ABOR))?;
        let first = control.reply()?;
        // The transfer's end and ABOR's, or one for both.
        let is_all = match first.code().get() {
            225 => true,
            226 => !control.conn.is_ready_within(GRACE),
            _ => false,
        };
        if !is_all {
            control.reply()?;
        }
        Err(Error::Aborted)
    }
}

/// How long a server may take to its second reply behind ABOR.
const GRACE: std::time::Duration = std::time::Duration::from_millis(500);

/// A file on its way there. It is whole when [`Upload::finish`] says so.
pub struct Upload<'s> {
    session: &'s mut Session,
    stream: Option<Box<dyn Stream>>,
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").finish_non_exhaustive()
    }
}

impl Write for Upload<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Some(stream) => stream.write(from),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.as_mut().map_or(Ok(()), |stream| stream.flush())
    }
}

impl Upload<'_> {
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
        if let Some(mut stream) = self.stream.take() {
            let ended = stream.flush().and_then(|()| stream.shutdown_write());
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
