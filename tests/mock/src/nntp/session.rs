//! One client: its commands in order, and when each may come.

use netkit_nntp::reply::code;
use netkit_nntp::{BadCommand, Capabilities, Command};
use netkit_wire::{Code, Conn, Fault, Line, Reply, Text};

use super::{ERRORS, Nntp, Offered};
use crate::server::Context;
use crate::world::NEWS_HOST;

/// The state of one conversation.
pub(super) struct Session<'s> {
    pub(super) server: &'s Nntp,
    pub(super) conn: Conn,
    pub(super) context: Context,
    pub(super) state: Offered,
    pub(super) user: Option<String>,
    /// The current group and article number (RFC 3977 section 6.1).
    pub(super) group: Option<String>,
    pub(super) current: Option<u64>,
    errors: usize,
}

/// Whether another command follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Command,
    End,
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Nntp, conn: Conn, context: &Context) -> Session<'s> {
        let state = Offered {
            reader: !server.modes,
            secure: context.secure,
            exporter: context.exporter,
            ..Offered::default()
        };
        let context = context.clone();
        Session { server, conn, context, state, user: None, group: None, current: None, errors: 0 }
    }

    /// Until QUIT, the client's end of connection, or the server's patience is over.
    pub(super) fn run(mut self) -> Result<(), Fault> {
        self.say(code::READY_POSTING, &format!("{NEWS_HOST} ready, posts are let in"));
        loop {
            let Some(line) = self.line()? else { return Ok(()) };
            let next = match Command::parse(line.as_bytes(), year()) {
                Ok(command) => self.obey(command)?,
                Err(BadCommand::Unknown) => self.no(code::UNKNOWN_COMMAND, "what?"),
                Err(BadCommand::Arguments(why)) => self.no(code::SYNTAX, &why.to_string()),
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

    pub(super) fn say(&mut self, code: Code, text: &str) {
        Reply::new(code, vec![Text::from(text)]).encode(self.conn.outbox());
    }

    fn no(&mut self, code: Code, text: &str) -> Next {
        self.refuse(code, text);
        Next::Command
    }

    pub(super) fn refuse(&mut self, code: Code, text: &str) {
        self.errors += 1;
        self.say(code, text);
    }

    /// Lines up to a lone dot, behind a reply.
    pub(super) fn lines(&mut self, code: Code, text: &str, lines: impl IntoIterator<Item = String>) {
        self.say(code, text);
        for line in lines {
            let out = self.conn.outbox();
            if line.starts_with('.') {
                out.push(b'.');
            }
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        self.conn.outbox().extend_from_slice(b".\r\n");
    }

    pub(super) fn offers(&self) -> Capabilities {
        self.server.offers(&self.state)
    }

    fn obey(&mut self, command: Command) -> Result<Next, Fault> {
        if let Some((code, why)) = self.too_early(&command) {
            self.refuse(code, why);
            return Ok(Next::Command);
        }
        match command {
            Command::Quit => {
                self.say(code::BYE, "bye");
                return Ok(Next::End);
            }
            Command::Capabilities => {
                let lines: Vec<String> = self.offers().iter().map(ToString::to_string).collect();
                self.lines(code::CAPABILITIES, "what there is", lines);
            }
            Command::ModeReader => {
                self.state.reader = true;
                self.say(code::READY_POSTING, "read on");
            }
            Command::ModeStream => self.say(code::STREAMING, "stream on"),
            Command::Date => self.say(code::DATE, &super::list::stamp(std::time::SystemTime::now())),
            Command::Help => {
                let words = ["Everything of RFC 3977, and what CAPABILITIES tells.".to_owned()];
                self.lines(code::HELP, "help follows", words);
            }
            Command::StartTls => self.starttls()?,
            Command::Compress => self.compress()?,
            Command::AuthUser(_) | Command::AuthPass(_) | Command::AuthSasl(..) => self.login(&command)?,
            Command::List(list) => self.list(&list),
            Command::NewGroups(since) => self.new_groups(&since),
            Command::NewNews(groups, since) => self.new_news(groups.as_str(), &since),
            Command::Over(span) | Command::Xover(span) => self.over(&span)?,
            Command::Hdr(field, span) => self.fields(code::FIELDS, field.as_str(), &span, None),
            Command::Xhdr(field, span) => self.fields(code::HEAD, field.as_str(), &span, None),
            Command::Xpat(field, span, pattern) => {
                self.fields(code::HEAD, field.as_str(), &span, Some(pattern.as_str()));
            }
            Command::Post => self.post()?,
            Command::Ihave(id) => self.ihave(&id)?,
            Command::Check(id) => self.check(&id),
            Command::Takethis(id) => self.takethis(&id)?,
            command => self.read(command)?,
        }
        Ok(Next::Command)
    }

    /// What this state, or these offers, have no place for.
    fn too_early(&self, command: &Command) -> Option<(Code, &'static str)> {
        let lacks = |label: &str| self.server.lacks(label);
        match command {
            Command::Capabilities if lacks("CAPABILITIES") => Some((code::UNKNOWN_COMMAND, "what?")),
            Command::Over(_) if lacks("OVER") => Some((code::UNKNOWN_COMMAND, "what?")),
            Command::Hdr(..) if lacks("HDR") => Some((code::UNKNOWN_COMMAND, "what?")),
            Command::ModeReader if self.state.logged_in => Some((code::DENIED, "not behind a login")),
            Command::Ihave(_) | Command::Check(_) | Command::Takethis(_) | Command::ModeStream
                if lacks("IHAVE") =>
            {
                Some((code::DENIED, "no transfers here"))
            }
            Command::Capabilities | Command::Quit | Command::Help | Command::Date | Command::ModeReader => {
                None
            }
            Command::StartTls | Command::Compress | Command::ModeStream => None,
            Command::AuthUser(_) | Command::AuthPass(_) | Command::AuthSasl(..) => None,
            Command::Ihave(_) | Command::Check(_) | Command::Takethis(_) | Command::List(_) => None,
            _ if !self.state.reader => Some((code::WRONG_MODE, "MODE-READER")),
            _ => None,
        }
    }

    /// What was said before TLS is forgotten; bytes sent behind the command in clear text end the conversation.
    fn starttls(&mut self) -> Result<(), Fault> {
        if !self.offers().has("STARTTLS") {
            self.refuse(code::DENIED, "not now");
            return Ok(());
        }
        self.say(code::START_TLS, "go ahead");
        self.conn.upgrade(|plain| self.context.upgrade(plain))?;
        (self.state.secure, self.state.exporter, self.user) = (true, self.context.exporter, None);
        (self.group, self.current) = (None, None);
        Ok(())
    }

    fn compress(&mut self) -> Result<(), Fault> {
        if !self.offers().has("COMPRESS") {
            self.refuse(code::DENIED, "not now");
            return Ok(());
        }
        self.say(code::COMPRESSED, "DEFLATE it is");
        self.conn.upgrade(|stream| Ok(netkit_socket::deflated(stream)))?;
        self.state.compressed = true;
        Ok(())
    }
}

/// This year, for dates of two digits.
fn year() -> u16 {
    let text = super::list::stamp(std::time::SystemTime::now());
    text.get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026)
}
