//! The control connection: commands out, replies in (RFC 959 sections 4.2 and 5.4).

use netkit_wire::{Conn, Fault, Replies, Reply};

use crate::command::{Command, Verb};
use crate::error::{Error, Unsupported};
use crate::names::Names;
use crate::reply;

/// The connection, and what is known of the server.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) conn: Conn,
    pub(crate) greeting: Option<Reply>,
    /// Features in upper case with their parameters; none where nobody asked.
    pub(crate) features: Option<Vec<String>>,
    /// How names are written on the wire.
    pub(crate) names: Names,
    pub(crate) over: bool,
}

impl Control {
    pub(crate) fn new(conn: Conn) -> Control {
        Control { conn, greeting: None, features: None, names: Names::default(), over: false }
    }

    /// After a fault nothing on this connection can be told apart from what was meant for something else.
    pub(crate) fn broken(&mut self, fault: Fault) -> Error {
        self.over = true;
        Error::Wire(fault)
    }

    fn check(&self) -> Result<(), Error> {
        if self.over { Err(Error::Over) } else { Ok(()) }
    }

    /// The next reply, whatever it says.
    pub(crate) fn reply(&mut self) -> Result<Reply, Error> {
        self.check()?;
        let replies = Replies::free(self.conn.limits());
        let reply = self.conn.recv(replies).map_err(|fault| self.broken(fault))?;
        // The server closes the connection (RFC 959 section 4.2.2).
        if reply.code().is(421) {
            self.over = true;
            return Err(Error::Refused(reply));
        }
        Ok(reply)
    }

    /// The greeting comes before anything is sent. `120` says that it will be a while.
    pub(crate) fn greet(&mut self) -> Result<&Reply, Error> {
        if self.greeting.is_none() {
            let mut reply = self.reply()?;
            if reply.code().is(120) {
                reply = self.reply()?;
            }
            if !reply.code().is(2) {
                self.over = true;
                let refused = reply.code().is(4) || reply.code().is(5);
                return Err(if refused { Error::Refused(reply) } else { Error::Unexpected(reply) });
            }
            self.greeting = Some(reply);
        }
        self.greeting.as_ref().ok_or(Error::Over)
    }

    pub(crate) fn queue(&mut self, command: &Command) -> Result<(), Error> {
        command.named(&self.names)?.encode(self.conn.outbox());
        Ok(())
    }

    /// Sends a command and takes its reply, which has to be of one of these kinds.
    pub(crate) fn ask(&mut self, command: &Command, wanted: &[u16]) -> Result<Reply, Error> {
        self.greet()?;
        self.check()?;
        // What is here before the question is no answer to it: the conversation is out of step.
        if self.conn.is_ready() {
            let early = self.reply()?;
            self.over = true;
            return Err(Error::Unexpected(early));
        }
        self.queue(command)?;
        self.answer(wanted)
    }

    /// A reply that has to be of one of these kinds.
    pub(crate) fn answer(&mut self, wanted: &[u16]) -> Result<Reply, Error> {
        let reply = self.reply()?;
        self.judge(reply, wanted)
    }

    pub(crate) fn judge(&mut self, reply: Reply, wanted: &[u16]) -> Result<Reply, Error> {
        let code = reply.code();
        if wanted.iter().any(|pattern| code.is(*pattern)) {
            return Ok(reply);
        }
        if code.is(4) || code.is(5) {
            return Err(Error::Refused(reply));
        }
        self.over = true;
        Err(Error::Unexpected(reply))
    }

    pub(crate) fn bare(&mut self, verb: Verb, wanted: &[u16]) -> Result<Reply, Error> {
        self.ask(&Command::bare(verb), wanted)
    }

    pub(crate) fn with(&mut self, verb: Verb, argument: &str, wanted: &[u16]) -> Result<Reply, Error> {
        let command = Command::with(verb, crate::types::Argument::new(argument)?);
        self.ask(&command, wanted)
    }

    /// What the server has beyond RFC 959 (RFC 2389 section 3); a server that does not know the question has nothing.
    pub(crate) fn feat(&mut self) -> Result<&[String], Error> {
        let found = match self.bare(Verb::FEAT, &[2]) {
            Ok(reply) => {
                let lines = reply::features(&reply);
                lines.iter().map(|line| String::from_utf8_lossy(line).trim().to_ascii_uppercase()).collect()
            }
            Err(Error::Refused(reply)) if !reply.code().is(421) => Vec::new(),
            Err(why) => return Err(why),
        };
        Ok(self.features.insert(found))
    }

    /// Whether the server has named this feature.
    pub(crate) fn has(&self, name: &str) -> bool {
        let first = |feature: &&String| feature.split(' ').next() == Some(name);
        self.features.iter().flatten().any(|feature| first(&feature))
    }

    pub(crate) fn need(&self, name: &'static str) -> Result<(), Error> {
        if self.has(name) { Ok(()) } else { Err(Unsupported(name).into()) }
    }
}
