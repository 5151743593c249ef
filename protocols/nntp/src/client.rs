//! A session: greeting, capabilities, modes, TLS, compression (RFC 3977 section 5). Its other commands are in `client/`.

mod ask;
mod groups;
mod login;
mod post;
mod transit;

use std::io;

use netkit_wire::{Conn, Fault, Reply, Stream};

pub use groups::Subset;
pub use login::Method;
pub use post::Post;
pub use transit::Wanted;

use crate::capabilities::{Capabilities, Capability};
use crate::command::Command;
use crate::dialogue::Dialogue;
use crate::error::{Error, Unsupported};
use crate::lines::Lines;
use crate::reply::code;
use crate::types::Line;

/// A conversation with a news server. Any command may come at any time; a server that wants a login first says so.
#[derive(Debug)]
pub struct Client {
    pub(crate) dialogue: Dialogue,
    capabilities: Capabilities,
    /// Whether reader mode was asked for, since TLS.
    reader: bool,
    compressed: bool,
    logged_in: bool,
}

/// The most bytes a small listing may have: capabilities, help, the fields of an overview.
pub(crate) const SMALL: usize = 1 << 20;

impl Client {
    /// A session over a connection on which nothing was read yet. Does no I/O.
    pub fn new(conn: Conn) -> Client {
        let (reader, compressed, logged_in) = (false, false, false);
        let capabilities = Capabilities::default();
        Client { dialogue: Dialogue::new(conn), capabilities, reader, compressed, logged_in }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.dialogue.conn
    }

    /// Lets pass what test servers of binaries have been seen to do, and what harms nobody whose articles carry a checksum: a comma
    /// behind a code in place of the space, and the codes of ARTICLE and BODY taken for each other in [`Client::retrieve`].
    pub fn lenient(&mut self, lenient: bool) {
        self.dialogue.lenient = lenient;
    }

    /// Waits for the server's greeting (section 5.1).
    ///
    /// # Errors
    /// [`Error::Refused`]: no service here.
    pub fn greeting(&mut self) -> Result<&Reply, Error> {
        self.dialogue.greeting()
    }

    /// Whether the greeting said that posts are let in; a login may change that.
    ///
    /// # Errors
    /// As [`Client::greeting`].
    pub fn may_post(&mut self) -> Result<bool, Error> {
        Ok(self.greeting()?.code() == code::READY_POSTING)
    }

    /// Asks what the server offers (section 5.2); nothing where it knows no such question (RFC 977).
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn capabilities(&mut self) -> Result<&Capabilities, Error> {
        self.capabilities = match self.dialogue.run(&Command::Capabilities, &[code::CAPABILITIES]) {
            Ok(_) => {
                let lines = Lines::open(&mut self.dialogue).collect(SMALL)?;
                Capabilities::new(lines.iter().filter_map(|line| Capability::parse(line)).collect())
            }
            Err(Error::Refused(_)) if !self.dialogue.over => Capabilities::default(),
            Err(why) => return Err(why),
        };
        Ok(&self.capabilities)
    }

    /// What the server offered when it was last asked.
    pub fn offers(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Changes to reader mode where the server has another one (section 5.3) or does not say, and asks anew what is offered.
    /// Nothing where it is a reader's server already, or after a login (RFC 4643 section 2.2).
    ///
    /// # Errors
    /// [`Error::Refused`]: no readers are served.
    pub fn reader(&mut self) -> Result<(), Error> {
        let needed = self.capabilities.has("MODE-READER") || !self.capabilities.is_known();
        if self.reader || self.logged_in || !needed {
            return Ok(());
        }
        let modes = [code::READY_POSTING, code::READY_NO_POSTING];
        match self.dialogue.run(&Command::ModeReader, &modes) {
            Ok(_) => {}
            // A server without modes does not know the command.
            Err(Error::Refused(reply))
                if !self.capabilities.is_known()
                    && [code::UNKNOWN_COMMAND, code::SYNTAX].contains(&reply.code()) => {}
            Err(why) => return Err(why),
        }
        self.reader = true;
        if self.capabilities.is_known() {
            self.capabilities()?;
        }
        Ok(())
    }

    /// Changes to TLS and asks anew what is offered. `make` does the handshake: it gets the plain stream and gives the TLS one.
    ///
    /// Bytes that came behind the reply in clear text end the session: whoever put them there is not the server. After any
    /// error but [`Error::Unsupported`] the session is over, so that no credential can follow in clear text by mistake.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the server has told what it offers, and not this; [`Error::Refused`]; [`Error::Wire`].
    pub fn starttls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<&Capabilities, Error> {
        if self.capabilities.is_known() && !self.capabilities.has("STARTTLS") {
            return Err(Unsupported::Capability("STARTTLS").into());
        }
        let agreed = self.dialogue.run(&Command::StartTls, &[code::START_TLS]);
        let agreed = agreed.and_then(|_| self.dialogue.conn.upgrade(make).map_err(Error::Wire));
        if let Err(why) = agreed {
            self.dialogue.over = true;
            return Err(why);
        }
        // What was said in clear text is forgotten (RFC 4642 section 2.2.2), and the mode with it.
        self.reader = false;
        self.capabilities()
    }

    /// Compresses everything that follows, both ways (RFC 8054). Behind the login only: what is compressed together with a
    /// secret tells of it by its length (RFC 8054 section 6).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`], [`Error::Wire`].
    pub fn compress(&mut self) -> Result<(), Error> {
        if !self.capabilities.offers("COMPRESS", "DEFLATE") || self.compressed {
            return Err(Unsupported::Capability("COMPRESS DEFLATE").into());
        }
        self.dialogue.run(&Command::Compress, &[code::COMPRESSED])?;
        let upgraded = self.dialogue.conn.upgrade(|stream| Ok(netkit_socket::deflated(stream)));
        upgraded.map_err(|fault: Fault| self.dialogue.broken(fault))?;
        self.compressed = true;
        Ok(())
    }

    /// Whether somebody has logged in.
    pub fn is_logged_in(&self) -> bool {
        self.logged_in
    }

    /// Sends a line of one's own and waits for its reply. Where lines stand behind it, they are given to `take` one by one,
    /// without line ends and the dots of transparency.
    ///
    /// # Errors
    /// [`Error::Wire`]. A refusal is a reply like any other here.
    pub fn raw(&mut self, line: Line, mut take: impl FnMut(&[u8])) -> Result<Reply, Error> {
        let command = Command::Raw(line);
        self.dialogue.queue(&command)?;
        let reply = self.dialogue.read()?;
        if command.has_lines(reply.code()) {
            let mut lines = Lines::open(&mut self.dialogue);
            while let Some(line) = lines.next() {
                take(line?);
            }
        }
        Ok(reply)
    }

    /// Ends the session (section 5.4).
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without a word.
    pub fn quit(mut self) -> Result<Reply, Error> {
        let reply = self.dialogue.run(&Command::Quit, &[code::BYE])?;
        // The server has said goodbye: whether it still takes ours is no news to anybody.
        let _ = self.dialogue.conn.shutdown_write();
        Ok(reply)
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        !self.dialogue.over
    }
}
