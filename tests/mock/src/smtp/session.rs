//! One client: its commands in order, and what may come when (RFC 5321 section 4.1.4).

use netkit_smtp::command::{Mail, Xclient};
use netkit_smtp::{Capabilities, Command, CommandText, ForwardPath, code};
use netkit_wire::{Code, Conn, Fault, Line, Reply, Text};

use super::chunks::Chunks;
use super::{ERRORS, NAME, Smtp};
use crate::server::Context;

/// The state of one conversation.
pub(super) struct Session<'s> {
    pub(super) server: &'s Smtp,
    pub(super) conn: Conn,
    pub(super) context: Context,
    pub(super) secure: bool,
    /// The last EHLO's or HELO's offers; none before.
    pub(super) offers: Option<Capabilities>,
    pub(super) user: Option<String>,
    pub(super) mail: Option<Mail>,
    pub(super) to: Vec<String>,
    /// What BDAT has brought so far.
    pub(super) chunks: Chunks,
    errors: usize,
}

/// Whether another command follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Command,
    End,
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Smtp, conn: Conn, context: &'s Context) -> Session<'s> {
        Session {
            server,
            conn,
            context: context.clone(),
            secure: context.secure,
            offers: None,
            user: None,
            mail: None,
            to: Vec::new(),
            chunks: Chunks::default(),
            errors: 0,
        }
    }

    /// Until QUIT, the client's end of connection, or the server's patience is over.
    pub(super) fn run(mut self) -> Result<(), Fault> {
        self.say(code::READY, &format!("{NAME} ESMTP netkit mock"));
        loop {
            let line = match self.line() {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(fault) => return self.give_up(fault),
            };
            let next = match Command::parse(line.as_bytes()) {
                Ok(command) => self.obey(command)?,
                Err(why) => {
                    self.refuse(why.reply());
                    Next::Command
                }
            };
            if next == Next::End {
                self.conn.flush()?;
                return self.conn.shutdown_write();
            }
            if self.errors >= ERRORS {
                self.say(code::UNAVAILABLE, "4.7.0 too many errors");
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

    /// Queues a reply of one line.
    pub(super) fn say(&mut self, code: Code, text: &str) {
        Reply::new(code, vec![Text::from(text)]).encode(self.conn.outbox());
        if code.is(5) {
            self.errors += 1;
        }
    }

    fn refuse(&mut self, reply: Reply) {
        reply.encode(self.conn.outbox());
        self.errors += 1;
    }

    /// A last word where the client can still hear one.
    fn give_up(mut self, fault: Fault) -> Result<(), Fault> {
        match fault {
            Fault::Timeout { .. } => self.say(code::UNAVAILABLE, "4.4.2 idle for too long"),
            // A bare LF would be a line end here and data elsewhere: that is how mail is smuggled.
            Fault::Malformed { .. } => {
                self.say(code::SYNTAX, "5.5.2 a line ends with CRLF and holds no other control")
            }
            Fault::TooLong(_) => self.say(code::SYNTAX, "5.5.6 line too long"),
            fault => return Err(fault),
        }
        self.conn.flush()?;
        self.conn.shutdown_write()
    }

    fn obey(&mut self, command: Command) -> Result<Next, Fault> {
        match command {
            Command::Ehlo(_) | Command::Helo(_) if self.server.lmtp => {
                self.say(code::SYNTAX, "5.5.1 this is LMTP: say LHLO")
            }
            Command::Lhlo(_) if !self.server.lmtp => self.say(code::SYNTAX, "5.5.1 this is SMTP: say EHLO"),
            Command::Ehlo(_) | Command::Lhlo(_) => {
                self.reset();
                let offers = self.server.offers(self.secure, self.context.exporter);
                offers.to_reply().encode(self.conn.outbox());
                self.offers = Some(offers);
            }
            Command::Helo(_) => {
                self.reset();
                self.offers = Some(Capabilities::default());
                self.say(code::OK, NAME);
            }
            Command::StartTls => self.starttls()?,
            Command::Auth(auth) => return self.login(&auth).map(|()| Next::Command),
            Command::Mail(mail) => self.mail(mail),
            Command::Rcpt(rcpt) => self.rcpt(&rcpt),
            Command::Data => return self.data().map(|()| Next::Command),
            Command::Bdat(bdat) => return self.bdat(bdat).map(|()| Next::Command),
            Command::Xclient(who) => self.xclient(&who),
            Command::Rset => {
                self.reset();
                self.say(code::OK, "2.0.0 forgotten");
            }
            Command::Noop(_) => self.say(code::OK, "2.0.0 ok"),
            Command::Vrfy(who) => self.vrfy(&who.0),
            Command::Expn(list) => self.expn(&list.0),
            Command::Help(_) => {
                self.say(code::HELP, "2.0.0 EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET VRFY EXPN NOOP QUIT")
            }
            Command::Quit => {
                self.say(code::CLOSING, "2.0.0 bye");
                return Ok(Next::End);
            }
            _ => self.say(code::NOT_IMPLEMENTED, "5.5.1 not implemented"),
        }
        Ok(Next::Command)
    }

    pub(super) fn reset(&mut self) {
        self.mail = None;
        self.to.clear();
        self.chunks = Chunks::default();
    }

    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.offers.as_ref().is_some_and(|offers| offers.has(keyword))
    }

    /// The session begins anew; whom the client speaks for changes nothing here.
    fn xclient(&mut self, who: &Xclient) {
        if !self.offers("XCLIENT") || self.mail.is_some() {
            return self.say(code::BAD_SEQUENCE, "5.5.1 not now");
        }
        self.reset();
        self.offers = None;
        self.user = who.get("LOGIN").map(str::to_owned);
        self.say(code::READY, NAME);
    }

    /// What was said before TLS is forgotten (RFC 3207 section 4.2); bytes sent behind the command in clear text end
    /// the conversation.
    fn starttls(&mut self) -> Result<(), Fault> {
        if !self.offers("STARTTLS") {
            self.say(code::BAD_SEQUENCE, "5.5.1 not now");
            return Ok(());
        }
        self.say(code::READY, "2.0.0 go ahead");
        self.conn.upgrade(|plain| self.context.upgrade(plain))?;
        self.reset();
        (self.secure, self.offers, self.user) = (true, None, None);
        Ok(())
    }

    /// A mailbox exists once it has mail; of any other it can only be said that mail would be taken.
    fn vrfy(&mut self, who: &CommandText) {
        let known = !self.server.world.mail().messages(who.as_str()).is_empty();
        match (known, who.as_str().parse::<ForwardPath>()) {
            (true, Ok(path)) => self.say(code::OK, &format!("2.1.5 {}", path.to_wire(false))),
            _ if who.as_str().starts_with("reject") => {
                self.say(code::MAILBOX_UNAVAILABLE, "5.1.1 no such mailbox")
            }
            _ => self.say(code::CANNOT_VERIFY, "2.1.5 send some mail, it will be taken"),
        }
    }

    /// There is one list: `all`, of every mailbox.
    fn expn(&mut self, list: &CommandText) {
        let line = |address: &str| Text::from(format!("2.1.5 <{address}>").as_str());
        let members: Vec<Text> = match list.as_str() {
            "all" => self
                .server
                .world
                .mail()
                .addresses()
                .filter(|one| one.is_ascii())
                .take(100)
                .map(line)
                .collect(),
            _ => Vec::new(),
        };
        if members.is_empty() {
            return self.say(code::MAILBOX_UNAVAILABLE, "5.1.1 no such list");
        }
        Reply::new(code::OK, members).encode(self.conn.outbox());
    }
}
