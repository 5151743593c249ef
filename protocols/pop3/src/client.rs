//! The AUTHORIZATION state: greeting, capabilities, the change to TLS (RFC 1939 section 4). The login is in `client/`.

mod login;

use std::io;

use netkit_wire::{Conn, Fault, Limit, Phase, Stream};

pub use login::Method;

use crate::answer::{Answer, Answers};
use crate::capabilities::{Capabilities, Capability};
use crate::command::Command;
use crate::error::{Error, Unsupported};
use crate::types::Line;

/// A session in which nobody has logged in.
#[derive(Debug)]
pub struct Client {
    pub(crate) dialogue: Dialogue,
    pub(crate) capabilities: Capabilities,
}

/// The connection, and whether it can go on.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(crate) conn: Conn,
    greeting: Option<Answer>,
    /// Out of step, cut, or ended.
    pub(crate) over: bool,
}

/// The most bytes a listing may have: a million messages with long names.
const LISTING: u64 = 128 << 20;

impl Dialogue {
    /// The greeting comes before anything is sent.
    pub(crate) fn greeting(&mut self) -> Result<&Answer, Error> {
        if self.greeting.is_none() {
            let answer = self.read()?;
            if !answer.is_ok() {
                self.over = true;
                return Err(if answer.is_challenge() {
                    Error::Unexpected(answer)
                } else {
                    Error::Refused(answer)
                });
            }
            self.greeting = Some(answer);
        }
        self.greeting.as_ref().ok_or(Error::Over)
    }

    pub(crate) fn read(&mut self) -> Result<Answer, Error> {
        if self.over {
            return Err(Error::Over);
        }
        let decoder = Answers::new(self.conn.limits());
        self.conn.recv(decoder).map_err(|fault| self.broken(fault))
    }

    /// After a fault nothing on this connection can be told apart from what was meant for something else.
    pub(crate) fn broken(&mut self, fault: Fault) -> Error {
        self.over = true;
        Error::Wire(fault)
    }

    /// `+OK`, or why not.
    pub(crate) fn positive(&mut self, answer: Answer) -> Result<Answer, Error> {
        if answer.is_ok() {
            Ok(answer)
        } else if answer.is_challenge() {
            self.over = true;
            Err(Error::Unexpected(answer))
        } else {
            Err(Error::Refused(answer))
        }
    }

    pub(crate) fn run(&mut self, command: &Command) -> Result<Answer, Error> {
        self.greeting()?;
        command.encode(self.conn.outbox());
        let answer = self.read()?;
        self.positive(answer)
    }

    /// A command whose answer has lines behind it, up to a lone dot; each is given to `take` without its line end.
    pub(crate) fn lines(
        &mut self,
        command: &Command,
        mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<Answer, Error> {
        let answer = self.run(command)?;
        let mut body = io::Read::take(self.conn.dot_body(), LISTING);
        let mut text = Vec::new();
        let read = io::Read::read_to_end(&mut body, &mut text);
        let full = body.limit() == 0;
        read.map_err(|why| self.broken(Fault::from_io(why, Phase::Receiving)))?;
        if full {
            return Err(self.broken(Fault::TooLong(Limit::Body(LISTING))));
        }
        for line in text.split_inclusive(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            take(line.strip_suffix(b"\r").unwrap_or(line)).map_err(|fault| self.broken(fault))?;
        }
        Ok(answer)
    }

    pub(crate) fn capa(&mut self) -> Result<Capabilities, Error> {
        let mut all = Vec::new();
        let asked = self.lines(&Command::Capa, |line| {
            all.extend(Capability::parse(line));
            Ok(())
        });
        match asked {
            Ok(_) => Ok(Capabilities::new(all)),
            // A server from before RFC 2449.
            Err(Error::Refused(_)) => Ok(Capabilities::default()),
            Err(why) => Err(why),
        }
    }

    pub(crate) fn quit(mut self) -> Result<Answer, Error> {
        let answer = self.run(&Command::Quit)?;
        // The server has said goodbye: whether it still takes ours is no news to anybody.
        let _ = self.conn.shutdown_write();
        Ok(answer)
    }
}

impl Client {
    /// A session over a connection on which nothing was read yet. Does no I/O.
    pub fn new(conn: Conn) -> Client {
        let dialogue = Dialogue { conn, greeting: None, over: false };
        Client { dialogue, capabilities: Capabilities::default() }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.dialogue.conn
    }

    /// Waits for the server's greeting (RFC 1939 section 4).
    ///
    /// # Errors
    /// [`Error::Refused`]: no service here.
    pub fn greeting(&mut self) -> Result<&Answer, Error> {
        self.dialogue.greeting()
    }

    /// Asks what the server offers (RFC 2449 section 5); nothing where it knows no such question.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn capa(&mut self) -> Result<&Capabilities, Error> {
        self.capabilities = self.dialogue.capa()?;
        Ok(&self.capabilities)
    }

    /// What the server offered when it was last asked; nothing right after STLS.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Changes to TLS and asks anew what is offered. `make` does the handshake: it gets the plain stream and gives the TLS one.
    ///
    /// Bytes that came behind the `+OK` in clear text end the session: whoever put them there is not the server. After any
    /// error but [`Error::Unsupported`] the session is over, so that no credential can follow in clear text by mistake.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the server has told what it offers, and not this; [`Error::Refused`]; [`Error::Wire`].
    pub fn stls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<&Capabilities, Error> {
        if self.capabilities.is_known() && !self.capabilities.has("STLS") {
            return Err(Unsupported::Capability("STLS").into());
        }
        let agreed = self.dialogue.run(&Command::Stls);
        let agreed = agreed.and_then(|_| self.dialogue.conn.upgrade(make).map_err(Error::Wire));
        if let Err(why) = agreed {
            self.dialogue.over = true;
            return Err(why);
        }
        // What was said in clear text is forgotten (RFC 2595 section 4).
        self.capabilities = Capabilities::default();
        self.capa()
    }

    /// Lets names, passwords and messages be UTF-8 (RFC 6856 section 2.1); before the login.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn utf8(&mut self) -> Result<Answer, Error> {
        if !self.capabilities.has("UTF8") {
            return Err(Unsupported::Capability("UTF8").into());
        }
        self.dialogue.run(&Command::Utf8)
    }

    /// Chooses the language of the server's words, by its tag (RFC 6856 section 3).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn lang(&mut self, tag: &Line) -> Result<Answer, Error> {
        if !self.capabilities.has("LANG") {
            return Err(Unsupported::Capability("LANG").into());
        }
        self.dialogue.run(&Command::Lang(Some(tag.clone())))
    }

    /// The languages that the server speaks, a line each: tag and name.
    ///
    /// # Errors
    /// As [`Client::lang`].
    pub fn languages(&mut self) -> Result<Vec<netkit_wire::Text>, Error> {
        if !self.capabilities.has("LANG") {
            return Err(Unsupported::Capability("LANG").into());
        }
        let mut all = Vec::new();
        self.dialogue.lines(&Command::Lang(None), |line| {
            all.push(line.into());
            Ok(())
        })?;
        Ok(all)
    }

    /// Sends a line of one's own and waits for its answer, which must have no lines behind it.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`].
    pub fn raw(&mut self, line: Line) -> Result<Answer, Error> {
        self.dialogue.run(&Command::Raw(line))
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without a word.
    pub fn quit(self) -> Result<Answer, Error> {
        self.dialogue.quit()
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        !self.dialogue.over
    }
}

pub use login::is_timestamp;
