//! One client: its commands in order, and in which state each may come (RFC 1939 sections 4 to 6).

use netkit_pop3::{Answer, Capabilities, Command};
use netkit_wire::{Conn, Fault, Line, Text};

use super::maildrop::Drop;
use super::{ERRORS, NAME, Pop3};
use crate::accounts::nonce;
use crate::server::Context;

/// The state of one conversation.
pub(super) struct Session<'s> {
    pub(super) server: &'s Pop3,
    pub(super) conn: Conn,
    pub(super) context: Context,
    secure: bool,
    pub(super) stamp: String,
    pub(super) user: Option<String>,
    pub(super) maildrop: Option<Drop>,
    errors: usize,
}

/// Whether another command follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Command,
    End,
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Pop3, conn: Conn, context: &Context) -> Session<'s> {
        let stamp = format!("<{}@{NAME}>", nonce().unwrap_or_else(|| "0".to_owned()));
        let (context, secure) = (context.clone(), context.secure);
        Session { server, conn, context, secure, stamp, user: None, maildrop: None, errors: 0 }
    }

    /// Until QUIT, the client's end of connection, or the server's patience is over.
    pub(super) fn run(mut self) -> Result<(), Fault> {
        let outcome = self.converse();
        if let Some(maildrop) = self.maildrop.take() {
            self.server.world.close_maildrop(&maildrop.user);
        }
        outcome
    }

    fn converse(&mut self) -> Result<(), Fault> {
        let stamp = self.stamp.clone();
        self.ok(&format!("{NAME} ready {stamp}"));
        loop {
            let Some(line) = self.line()? else { return Ok(()) };
            let next = match Command::parse(line.as_bytes()) {
                Ok(command) => self.obey(command)?,
                Err(why) => {
                    self.err(&why.to_string());
                    Next::Command
                }
            };
            if next == Next::End || self.errors >= ERRORS {
                self.conn.flush()?;
                return self.conn.shutdown_write();
            }
        }
    }

    /// The next line of the client; none at its end of connection.
    pub(super) fn line(&mut self) -> Result<Option<Text>, Fault> {
        let line = Line::new(self.conn.limits());
        self.conn.recv_or_end(line)
    }

    pub(super) fn say(&mut self, answer: &Answer) {
        answer.encode(self.conn.outbox());
    }

    pub(super) fn ok(&mut self, text: &str) {
        self.say(&Answer::ok(text));
    }

    pub(super) fn err(&mut self, text: &str) {
        self.errors += 1;
        self.say(&Answer::err(None, text));
    }

    /// Lines up to a lone dot, behind an `+OK`.
    pub(super) fn lines(&mut self, text: &str, lines: impl IntoIterator<Item = String>) {
        self.ok(text);
        for line in lines {
            // None of these begins with a dot.
            self.conn.outbox().extend_from_slice(line.as_bytes());
            self.conn.outbox().extend_from_slice(b"\r\n");
        }
        self.conn.outbox().extend_from_slice(b".\r\n");
    }

    pub(super) fn offers(&self) -> Capabilities {
        self.server.offers(self.secure, self.context.exporter)
    }

    fn obey(&mut self, command: Command) -> Result<Next, Fault> {
        match (command, self.maildrop.is_some()) {
            (Command::Quit, _) => {
                // Who has heard goodbye may come back at once.
                if let Some(mut maildrop) = self.maildrop.take() {
                    maildrop.commit(&self.server.world);
                    self.server.world.close_maildrop(&maildrop.user);
                }
                self.ok("bye");
                return Ok(Next::End);
            }
            (Command::Capa, _) => {
                let lines: Vec<String> = self.offers().iter().map(ToString::to_string).collect();
                self.lines("what there is", lines);
            }
            (Command::Lang(tag), _) if self.offers().has("LANG") => match tag {
                None => self.lines("languages", ["en English".to_owned()]),
                Some(tag) if ["en", "*"].contains(&tag.as_str()) => self.ok("en it is"),
                Some(_) => self.err("I speak English"),
            },
            (command, true) => return self.transaction(command).map(|()| Next::Command),
            (Command::Stls, false) => self.stls()?,
            (Command::Utf8, false) if self.offers().has("UTF8") => self.ok("UTF-8 it is"),
            (Command::Auth(None), false) => {
                let names: Vec<String> = self.offers().mechanisms().into_iter().map(str::to_owned).collect();
                self.lines("mechanisms", names);
            }
            (Command::Auth(Some((mechanism, initial))), false) => {
                self.auth(mechanism.as_str(), initial.as_ref().map(|initial| initial.as_str()))?
            }
            (Command::User(name), false) => {
                self.user = Some(name.as_str().to_owned());
                // Who there is, is nobody's business before the password.
                self.ok("and the password?");
            }
            (Command::Pass(password), false) => self.pass(password.as_str()),
            (Command::Apop(name, digest), false) => self.apop(name.as_str(), digest.as_str()),
            _ => self.err("log in first"),
        }
        Ok(Next::Command)
    }

    /// What was said before TLS is forgotten; bytes sent behind the command in clear text end the conversation.
    fn stls(&mut self) -> Result<(), Fault> {
        if !self.offers().has("STLS") {
            self.err("not now");
            return Ok(());
        }
        self.ok("go ahead");
        self.conn.upgrade(|plain| self.context.upgrade(plain))?;
        (self.secure, self.user) = (true, None);
        Ok(())
    }
}
