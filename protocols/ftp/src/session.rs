//! Logged in: folders, names, times, and what is asked about files (RFC 959 section 4.1.3, RFC 3659).

mod alive;
mod download;
mod fxp;
mod listing;
mod transfer;
mod upload;

use std::sync::Arc;

use netkit_wire::{Conn, Reply, Text};

pub use download::Download;
pub use fxp::fxp;
pub use listing::{Entries, Entry};
pub use upload::Upload;

use crate::command::{Command, Verb};
use crate::control::Control;
use crate::data::Data;
use crate::error::Error;
use crate::list::Kind;
use crate::mlsd::Facts;
use crate::names::{Charset, Names};
use crate::reply;
use crate::stamp::Stamp;
use crate::types::Argument;

/// Who dials the data connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The client (PASV, EPSV).
    #[default]
    Passive,
    /// The server (PORT, EPRT).
    Active,
}

/// A session in which somebody has logged in.
pub struct Session {
    pub(crate) control: Control,
    data: Box<dyn Data>,
    /// Whether the control connection is in TLS.
    secure: bool,
    /// Whether data connections are.
    protected: bool,
    /// Whether data is compressed (MODE Z).
    zipped: bool,
    /// Who dials the data connections.
    pub mode: Mode,
    welcome: Reply,
    /// Whether the server knows EPSV and EPRT (RFC 2428).
    extended: bool,
    /// Whether another transfer follows: what it needs first is then asked for together with the end of the one before.
    pub ahead: bool,
    /// The port that the server waits at for that one.
    waiting: Option<u16>,
    /// What is worth telling, and no failure.
    notices: Vec<Text>,
    alive: alive::Alive,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("control", &self.control)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// The most notices that are kept.
const NOTICES: usize = 100;

impl Session {
    pub(crate) fn new(control: Control, data: Box<dyn Data>, secure: bool, welcome: Reply) -> Session {
        Session {
            control,
            data,
            secure,
            protected: false,
            zipped: false,
            mode: Mode::Passive,
            welcome,
            extended: true,
            ahead: false,
            waiting: None,
            notices: Vec::new(),
            alive: alive::Alive::default(),
        }
    }

    pub(crate) fn prepare(&mut self) -> Result<(), Error> {
        // Who has logged in may be offered other things.
        self.control.feat()?;
        if self.secure {
            self.control.with(Verb::PBSZ, "0", &[2])?;
            self.control.with(Verb::PROT, "P", &[2])?;
            self.protected = true;
        }
        if self.control.has("UTF8") {
            self.optional(|control| control.with(Verb::OPTS, "UTF8 ON", &[2]))?;
        }
        self.control.with(Verb::TYPE, "I", &[2])?;
        Ok(())
    }

    /// A question whose refusal changes nothing.
    fn optional(
        &mut self,
        ask: impl FnOnce(&mut Control) -> Result<Reply, Error>,
    ) -> Result<Option<Reply>, Error> {
        match ask(&mut self.control) {
            Ok(reply) => Ok(Some(reply)),
            Err(why) if why.connection_is_usable() => Ok(None),
            Err(why) => Err(why),
        }
    }

    fn notice(&mut self, text: &str) {
        if self.notices.len() < NOTICES {
            self.notices.push(Text::from(text));
        }
    }

    /// What is worth telling, and no failure: an odd address of a data connection, for one.
    pub fn take_notices(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.notices)
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.control.conn
    }

    /// What the server said to the login.
    pub fn welcome(&self) -> &Reply {
        &self.welcome
    }

    /// What the server has beyond RFC 959, in upper case.
    pub fn features(&self) -> &[String] {
        self.control.features.as_deref().unwrap_or_default()
    }

    /// Whether the server has named this feature.
    pub fn has(&self, name: &str) -> bool {
        self.control.has(name)
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        !self.control.over
    }

    /// Whether data connections are in TLS.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    fn path(&mut self, verb: Verb, path: &str, wanted: &[u16]) -> Result<Reply, Error> {
        self.control.with(verb, path, wanted)
    }

    /// The folder that names are looked up in (RFC 959 appendix II).
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] when the reply has no path.
    pub fn pwd(&mut self) -> Result<Vec<u8>, Error> {
        let said = self.control.bare(Verb::PWD, &[257])?;
        let path = reply::quoted_path(&said).ok_or(Error::Unexpected(said))?;
        Ok(self.control.names.decode(path))
    }

    /// Goes to a folder.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn cwd(&mut self, path: &str) -> Result<Reply, Error> {
        self.path(Verb::CWD, path, &[2])
    }

    /// Goes to the folder above.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn cdup(&mut self) -> Result<Reply, Error> {
        self.control.bare(Verb::CDUP, &[2])
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn mkd(&mut self, path: &str) -> Result<Reply, Error> {
        self.path(Verb::MKD, path, &[2])
    }

    /// Removes a folder that is empty.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn rmd(&mut self, path: &str) -> Result<Reply, Error> {
        self.path(Verb::RMD, path, &[2])
    }

    /// Removes a file.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn dele(&mut self, path: &str) -> Result<Reply, Error> {
        self.path(Verb::DELE, path, &[2])
    }

    /// Gives a file another name.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn rename(&mut self, from: &str, to: &str) -> Result<Reply, Error> {
        // Both are checked before either is sent.
        let to = Command::with(Verb::RNTO, Argument::new(to)?);
        self.path(Verb::RNFR, from, &[350])?;
        self.control.ask(&to, &[2])
    }

    /// A file's size in bytes (RFC 3659 section 4).
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] for a reply without a number.
    pub fn size(&mut self, path: &str) -> Result<u64, Error> {
        let said = self.path(Verb::SIZE, path, &[213])?;
        reply::digits(said.first().trim_ascii()).ok_or(Error::Unexpected(said))
    }

    /// When a file was changed, in UTC (RFC 3659 section 3).
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] for a reply without a time.
    pub fn mdtm(&mut self, path: &str) -> Result<Stamp, Error> {
        let said = self.path(Verb::MDTM, path, &[213])?;
        Stamp::parse(said.first().trim_ascii()).ok_or(Error::Unexpected(said))
    }

    /// Sets when a file was changed: MFMT, or what older servers have for it (MDTM with a time, SITE UTIME).
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the server has none of them; [`Error::Refused`].
    pub fn set_modified(&mut self, path: &str, at: Stamp) -> Result<Reply, Error> {
        if self.has("MFMT") {
            return self.path(Verb::MFMT, &format!("{at} {path}"), &[2]);
        }
        match self.path(Verb::MDTM, &format!("{at} {path}"), &[2]) {
            Err(Error::Refused(reply)) if !reply.code().is(421) => {}
            other => return other,
        }
        match self.path(Verb::SITE, &format!("UTIME {at} {path}"), &[2]) {
            Err(Error::Refused(reply)) if !reply.code().is(421) => {
                Err(crate::error::Unsupported("MFMT").into())
            }
            other => other,
        }
    }

    /// Sets the permissions of a file, as octal digits, where the server has SITE CHMOD.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn chmod(&mut self, path: &str, mode: u32) -> Result<Reply, Error> {
        self.path(Verb::SITE, &format!("CHMOD {mode:o} {path}"), &[2])
    }

    /// Facts about one file (RFC 3659 section 7).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`]; [`Error::Unexpected`] for a reply without facts.
    pub fn mlst(&mut self, path: &str) -> Result<Facts, Error> {
        self.control.need("MLST")?;
        let said = self.path(Verb::MLST, path, &[250])?;
        let facts =
            said.lines().iter().filter_map(|line| line.as_bytes().strip_prefix(b" ")).find_map(Facts::parse);
        let facts = facts.ok_or(Error::Unexpected(said))?;
        Ok(Facts { name: self.control.names.decode(facts.name), ..facts })
    }

    /// Lets the server hash by this algorithm, named as its register has it (`SHA-256`).
    ///
    /// # Errors
    /// [`Error::Unsupported`] where it names none or not this one; [`Error::Refused`].
    pub fn hash_by(&mut self, algorithm: &str) -> Result<(), Error> {
        let offered = self.features().iter().find_map(|feature| feature.strip_prefix("HASH "));
        let mut names = offered.unwrap_or_default().split(';').map(str::trim);
        let Some(name) = names.find(|name| name.trim_end_matches('*') == algorithm) else {
            return Err(crate::error::Unsupported("HASH").into());
        };
        // The star is behind the one that it takes anyway.
        if !name.ends_with('*') {
            self.control.with(Verb::OPTS, &format!("HASH {algorithm}"), &[2])?;
        }
        Ok(())
    }

    /// A hash of a file, by the server's algorithm: its name and the hexadecimal digits (draft-bryan-ftpext-hash).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`], [`Error::Unexpected`].
    pub fn hash(&mut self, path: &str) -> Result<(String, String), Error> {
        self.control.need("HASH")?;
        let said = self.path(Verb::HASH, path, &[213])?;
        let text = String::from_utf8_lossy(said.first()).into_owned();
        let mut words = text.split(' ');
        match (words.next(), words.next(), words.next()) {
            (Some(name), Some(_), Some(hash)) if hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok((name.to_owned(), hash.to_ascii_lowercase()))
            }
            _ => Err(Error::Unexpected(said)),
        }
    }

    /// Which system the server is.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn syst(&mut self) -> Result<Reply, Error> {
        self.control.bare(Verb::SYST, &[2])
    }

    /// What the server says of itself, or of a file.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn stat(&mut self, path: Option<&str>) -> Result<Reply, Error> {
        match path {
            None => self.control.bare(Verb::STAT, &[2]),
            Some(path) => self.path(Verb::STAT, path, &[2]),
        }
    }

    /// Nothing, so that the server does not hang up.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn noop(&mut self) -> Result<Reply, Error> {
        self.control.bare(Verb::NOOP, &[2])
    }

    /// A line of one's own, and its reply, which may be a refusal.
    ///
    /// # Errors
    /// [`Error::Wire`]; [`Error::Invalid`] for a line end in it.
    pub fn raw(&mut self, line: &str) -> Result<Reply, Error> {
        let line = Argument::new(line)?;
        self.control.greet()?;
        self.control.conn.outbox().extend_from_slice(line.as_bytes());
        self.control.conn.outbox().extend_from_slice(b"\r\n");
        self.control.reply()
    }

    /// Whether a path is a folder, its size and time: by MLST where the server has it, else by SIZE and CWD.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such thing.
    pub fn look(&mut self, path: &str) -> Result<Entry, Error> {
        if self.has("MLST") {
            return self.mlst(path).map(|facts| Entry::of_facts(&facts));
        }
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes().to_vec();
        match self.size(path) {
            Ok(size) => {
                let modified = match self.mdtm(path) {
                    Ok(stamp) => Some(stamp),
                    Err(why) if why.connection_is_usable() => None,
                    Err(why) => return Err(why),
                };
                Ok(Entry {
                    name,
                    kind: Kind::File,
                    size: Some(size),
                    modified,
                    mode: None,
                    facts: Vec::new(),
                })
            }
            Err(Error::Refused(refusal)) if !refusal.code().is(421) => {
                let home = self.pwd()?;
                let home = String::from_utf8_lossy(&home).into_owned();
                self.cwd(path).map_err(|why| match why {
                    Error::Refused(reply) if !reply.code().is(421) => Error::Refused(refusal),
                    why => why,
                })?;
                self.cwd(&home)?;
                Ok(Entry {
                    name,
                    kind: Kind::Folder,
                    size: None,
                    modified: None,
                    mode: None,
                    facts: Vec::new(),
                })
            }
            Err(why) => Err(why),
        }
    }

    /// Names are in this character set from here on, as those of servers that have no UTF-8 are (RFC 2640 section 2). One that
    /// has it is told that it is not used.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn set_charset(&mut self, charset: Arc<dyn Charset>) -> Result<(), Error> {
        if self.control.has("UTF8") {
            self.optional(|control| control.with(Verb::OPTS, "UTF8 OFF", &[2]))?;
        }
        self.control.names = Names::new(charset);
        Ok(())
    }

    /// Compresses what goes over data connections from here on (MODE Z, draft-preston-ftpext-deflate).
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the server has no such mode; [`Error::Refused`].
    pub fn mode_z(&mut self) -> Result<Reply, Error> {
        if !self.features().iter().any(|feature| feature == "MODE Z") {
            return Err(crate::error::Unsupported("MODE Z").into());
        }
        let said = self.control.with(Verb::MODE, "Z", &[200])?;
        self.zipped = true;
        Ok(said)
    }

    /// Takes the protection off the control connection, for firewalls that read it (RFC 4217 section 12.3): its commands and
    /// replies are in clear text from here on. Data connections stay as they are.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Wire`] where the TLS library cannot (the native backend).
    pub fn ccc(&mut self) -> Result<Reply, Error> {
        let said = self.control.bare(Verb::CCC, &[2])?;
        self.control.conn.downgrade().map_err(|fault| self.control.broken(fault))?;
        self.secure = false;
        Ok(said)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without a word.
    pub fn quit(mut self) -> Result<Reply, Error> {
        self.control.bare(Verb::QUIT, &[2])
    }
}
