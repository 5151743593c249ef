//! Transfers (RFC 959 sections 3 and 5.4): a data connection is opened, the file goes over it, and only the reply behind it
//! says that it was all.

use std::ops::Range;
use std::time::Duration;

use netkit_socket::{NetError, TlsFault};
use netkit_wire::{Reply, Stream};

use super::download::Download;
use super::upload::Upload;
use super::{Mode, Session};
use crate::command::{Command, Verb};
use crate::data::Waiting;
use crate::error::Error;
use crate::reply;
use crate::stamp::Stamp;
use crate::types::Argument;

/// A file of fewer bytes fits into what the system holds for a connection that nobody reads yet.
const SMALL: u64 = 16 << 10;
/// How long a server takes to a small file that is in the same network.
const NEARBY: Duration = Duration::from_millis(2);

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
    pub(super) fn usable(&mut self, port: Option<u16>, said: Reply) -> Result<u16, Error> {
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

    /// The data connection came to nothing, and the server waits for it: what it says next belongs to that. Where TLS did not
    /// come about, its reason is the better one (a session that it wants resumed, for one), unless it was this end that refused:
    /// then it only tells of the consequence.
    fn lost(&mut self, why: NetError) -> Error {
        let is_theirs = matches!(
            &why,
            NetError::Tls { why: TlsFault::Handshake(_) | TlsFault::Closed | TlsFault::Io(_), .. }
        );
        match self.control.reply() {
            Ok(said) if is_theirs && (said.code().is(4) || said.code().is(5)) => Error::Refused(said),
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
        Ok(Download::new(self, stream))
    }

    /// Gets a file from this byte on, or where the server knows no such places (REST) from the start: where it is.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn retr_on(&mut self, path: &str, from: u64) -> Result<(u64, Download<'_>), Error> {
        let command = Command::with(Verb::RETR, Argument::new(path)?);
        let way = self.way(&command)?;
        let known = match from {
            0 => None,
            from => self.optional(|control| control.with(Verb::REST, &from.to_string(), &[350]))?,
        };
        self.control.ask(&command, &[125, 150])?;
        let stream = self.begun(way)?;
        Ok((if known.is_some() { from } else { 0 }, Download::new(self, stream)))
    }

    /// Gets the bytes of a file from one place up to another: by RANG (draft-bryan-ftp-range) where the server has it, which
    /// then ends there; else from the first on, and [`Download::finish`] gives up what is behind the last, which is
    /// [`Error::Aborted`].
    ///
    /// # Errors
    /// As [`Session::retr`]; [`Error::Invalid`] for an empty range.
    pub fn retr_part(&mut self, path: &str, range: Range<u64>) -> Result<Download<'_>, Error> {
        let command = Command::with(Verb::RETR, Argument::new(path)?);
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        let last = last.ok_or(crate::error::Invalid("the range is empty"))?;
        let has_ranges = self.features().iter().any(|feature| feature == "RANG STREAM");
        let stream = if has_ranges {
            let way = self.way(&command)?;
            self.control.with(Verb::RANG, &format!("{} {last}", range.start), &[350])?;
            self.control.ask(&command, &[125, 150])?;
            self.begun(way)?
        } else {
            self.open(&command, range.start)?
        };
        let mut download = Download::new(self, stream);
        download.up_to(range.end - range.start, !has_ranges);
        Ok(download)
    }

    /// As [`Session::retr`] from the start, and [`Download::finish_dated`] tells when the file was changed, which is asked for on
    /// the same way.
    ///
    /// # Errors
    /// As [`Session::retr`]; a refusal may come from [`Download::finish_dated`] instead.
    pub fn retr_dated(&mut self, path: &str) -> Result<Download<'_>, Error> {
        let path = Argument::new(path)?;
        let command = Command::with(Verb::RETR, path.clone());
        let way = self.way(&command)?;
        self.control.queue(&Command::with(Verb::MDTM, path))?;
        self.control.queue(&command)?;
        // Nearby, the data of a small file is here as soon as the replies before it: they are read behind it then, all at once.
        let mut way = way;
        if let (Way::Made(stream), false) = (&mut way, self.protected) {
            self.control.conn.flush().map_err(|fault| self.control.broken(fault))?;
            if stream.ready_within(NEARBY).is_ok_and(|ready| ready) {
                let stream = self.begun(way)?;
                return Ok(Download::early(self, stream));
            }
        }
        let told = self.told()?;
        let stream = self.begun(way)?;
        Ok(Download::dated(self, stream, told))
    }

    /// The replies to MDTM, and to the command of a transfer that begins.
    pub(super) fn told(&mut self) -> Result<Option<Stamp>, Error> {
        let told = match self.control.answer(&[213]) {
            Ok(said) => Stamp::parse(said.first().trim_ascii()),
            Err(Error::Refused(reply)) if !reply.code().is(421) => None,
            Err(why) => return Err(why),
        };
        self.control.answer(&[125, 150])?;
        Ok(told)
    }

    /// What a listing command says.
    pub(super) fn lines(&mut self, verb: Verb, path: Option<&str>) -> Result<Download<'_>, Error> {
        let command = match path {
            None => Command::bare(verb),
            Some(path) => Command::with(verb, Argument::new(path)?),
        };
        let stream = self.open(&command, 0)?;
        Ok(Download::new(self, stream))
    }

    /// Puts a file, from this byte on.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn stor(&mut self, path: &str, from: u64) -> Result<Upload<'_>, Error> {
        self.upload(Verb::STOR, Some(path), from)
    }

    /// Puts a file of so many bytes. A small one is sent before the server says that it may be, where nothing stands against it:
    /// what the server refuses is lost then, and [`Upload::finish`] says so.
    ///
    /// # Errors
    /// As [`Session::stor`].
    pub fn stor_sized(&mut self, path: &str, size: u64) -> Result<Upload<'_>, Error> {
        if size >= SMALL || self.mode == Mode::Active || self.protected || self.has("PRET") {
            return self.stor(path, 0);
        }
        let command = Command::with(Verb::STOR, Argument::new(path)?);
        let way = self.way(&command)?;
        self.control.queue(&command)?;
        self.control.conn.flush().map_err(|fault| self.control.broken(fault))?;
        let stream = self.begun(way)?;
        Ok(Upload::early(self, stream))
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
        Ok(Upload::new(self, stream))
    }
}
