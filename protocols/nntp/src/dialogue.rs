//! The connection, and whether it can go on: one reply for each command (RFC 3977 section 3).

use netkit_wire::{Code, Conn, Fault, Replies, Reply};

use crate::command::Command;
use crate::error::Error;
use crate::reply::code;

#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(crate) conn: Conn,
    greeting: Option<Reply>,
    /// Out of step, cut, or ended.
    pub(crate) over: bool,
    /// Whether servers are let pass that mix up what means the same.
    pub(crate) lenient: bool,
}

impl Dialogue {
    pub(crate) fn new(conn: Conn) -> Dialogue {
        Dialogue { conn, greeting: None, over: false, lenient: false }
    }

    /// The greeting comes before anything is sent (section 5.1).
    pub(crate) fn greeting(&mut self) -> Result<&Reply, Error> {
        if self.greeting.is_none() {
            let reply = self.read()?;
            if ![code::READY_POSTING, code::READY_NO_POSTING].contains(&reply.code()) {
                self.over = true;
                let no = reply.code().is(4) || reply.code().is(5);
                return Err(if no { Error::Refused(reply) } else { Error::Unexpected(reply) });
            }
            self.greeting = Some(reply);
        }
        self.greeting.as_ref().ok_or(Error::Over)
    }

    pub(crate) fn read(&mut self) -> Result<Reply, Error> {
        if self.over {
            return Err(Error::Over);
        }
        let decoder = Replies::single(self.conn.limits()).or_comma(self.lenient);
        let reply = self.conn.recv(decoder).map_err(|fault| self.broken(fault))?;
        // The server hangs up behind this one, whatever was asked (section 3.2.1).
        if reply.code() == code::UNAVAILABLE {
            self.over = true;
        }
        Ok(reply)
    }

    /// After a fault nothing on this connection can be told apart from what was meant for something else.
    pub(crate) fn broken(&mut self, fault: Fault) -> Error {
        self.over = true;
        Error::Wire(fault)
    }

    /// One of the codes that mean yes here, or why not. Any other code that is no refusal puts the conversation out of step.
    pub(crate) fn expect(&mut self, reply: Reply, wanted: &[Code]) -> Result<Reply, Error> {
        let got = reply.code();
        if wanted.contains(&got) {
            Ok(reply)
        } else if got.is(4) || got.is(5) {
            Err(Error::Refused(reply))
        } else {
            self.over = true;
            Err(Error::Unexpected(reply))
        }
    }

    pub(crate) fn queue(&mut self, command: &Command) -> Result<(), Error> {
        self.greeting()?;
        if self.over {
            return Err(Error::Over);
        }
        command.encode(self.conn.outbox());
        Ok(())
    }

    pub(crate) fn run(&mut self, command: &Command, wanted: &[Code]) -> Result<Reply, Error> {
        self.queue(command)?;
        let reply = self.read()?;
        self.expect(reply, wanted)
    }

    /// A reply whose words this command gives a meaning; others than these are no reply to it.
    pub(crate) fn meant<T>(
        &mut self,
        reply: Reply,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, Error> {
        match parse(reply.first()) {
            Some(value) => Ok(value),
            None => {
                self.over = true;
                Err(Error::Unexpected(reply))
            }
        }
    }
}
