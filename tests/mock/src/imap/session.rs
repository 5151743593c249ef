//! One client: its commands in order, and in which state each may come (RFC 9051 section 3).

use std::io::Read;
use std::time::Duration;

use netkit_imap::Request;
use netkit_imap::framer::{Frame, Frames};
use netkit_imap::response::{Code, Kind, Response, Status, Untagged, Value};
use netkit_wire::{Conn, Fault, Phase, Text};

use super::notify::Notified;
use super::view::View;
use super::{ERRORS, Imap, NAME};
use crate::server::Context;

/// The most bytes a command may have before anybody has logged in, and after.
const BEFORE_LOGIN: usize = 16 << 10;
const AFTER_LOGIN: usize = 64 << 20;
/// How often a waiting session looks for what the client has to say.
const LOOK: Duration = Duration::from_millis(20);

/// What a client has turned on (RFC 5161).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Enabled {
    pub(super) condstore: bool,
    pub(super) qresync: bool,
    pub(super) utf8: bool,
    pub(super) rev2: bool,
}

/// The state of one conversation.
pub(super) struct Session<'s> {
    pub(super) server: &'s Imap,
    pub(super) conn: Conn,
    pub(super) context: Context,
    pub(super) secure: bool,
    compressed: bool,
    pub(super) user: Option<String>,
    pub(super) view: Option<View>,
    pub(super) enabled: Enabled,
    pub(super) notified: Option<Notified>,
    errors: usize,
}

/// How a command ends.
pub(super) type Outcome = Result<Status, Fault>;

pub(super) fn ok(text: &str) -> Status {
    Status::new(Kind::Ok, text)
}

pub(super) fn no(text: &str) -> Status {
    Status::new(Kind::No, text)
}

pub(super) fn bad(text: &str) -> Status {
    Status::new(Kind::Bad, text)
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Imap, conn: Conn, context: &Context) -> Session<'s> {
        let (context, secure) = (context.clone(), context.secure);
        Session {
            server,
            conn,
            context,
            secure,
            compressed: false,
            user: None,
            view: None,
            enabled: Enabled::default(),
            notified: None,
            errors: 0,
        }
    }

    /// Until LOGOUT, the client's end of connection, or the server's patience is over.
    pub(super) fn run(mut self) -> Result<(), Fault> {
        let greeting = ok(&format!("{NAME} ready")).with(Code::Capability(self.offers()));
        self.tell(&Untagged::Status(greeting));
        loop {
            let Some(frame) = self.frame()? else { return Ok(()) };
            let (tag, outcome) = match Request::parse(&frame) {
                Ok(request) => {
                    if request.name == "LOGOUT" {
                        self.tell(&Untagged::Status(Status::new(Kind::Bye, "until next time")));
                        self.end(request.tag, ok("done"));
                        self.conn.flush()?;
                        return self.conn.shutdown_write();
                    }
                    let outcome = self.obey(&request)?;
                    let Some(outcome) = outcome else { continue };
                    let numbers_hold = matches!(request.name.as_str(), "FETCH" | "STORE" | "SEARCH");
                    if !self.news(!numbers_hold) {
                        self.tell(&Untagged::Status(Status::new(Kind::Bye, "the mailbox is gone")));
                        self.conn.flush()?;
                        return self.conn.shutdown_write();
                    }
                    (request.tag.to_owned(), outcome)
                }
                Err(tag) => (tag.unwrap_or("*").to_owned(), bad("that is no command")),
            };
            self.errors += usize::from(outcome.kind == Kind::Bad);
            self.end(&tag, outcome);
            if self.errors >= ERRORS {
                self.tell(&Untagged::Status(Status::new(Kind::Bye, "too many mistakes")));
                self.conn.flush()?;
                return self.conn.shutdown_write();
            }
        }
    }

    fn end(&mut self, tag: &str, status: Status) {
        let utf8 = self.enabled.utf8;
        if tag == "*" {
            return Untagged::Status(status).encode(utf8, self.conn.outbox());
        }
        Response::Tagged(tag, status).encode(utf8, self.conn.outbox());
    }

    /// Data, or a word of its own.
    pub(super) fn tell(&mut self, untagged: &Untagged<'_>) {
        untagged.encode(self.enabled.utf8, self.conn.outbox());
    }

    /// `+`, and the words behind it.
    pub(super) fn go_on(&mut self, words: &[u8]) {
        Response::Continue(words).encode(false, self.conn.outbox());
    }

    pub(super) fn offers(&self) -> Vec<String> {
        self.server.offers(&self.context, self.secure, self.compressed)
    }

    /// Whether a capability is offered here.
    pub(super) fn has(&self, name: &str) -> bool {
        self.offers().iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The bytes of the next command with its literals, each of which the client is given leave to send; none at its end of
    /// connection.
    pub(super) fn frame(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let limit = if self.user.is_some() { AFTER_LOGIN } else { BEFORE_LOGIN };
        let mut all = Vec::new();
        loop {
            let line = self.conn.limits().reply.min(limit);
            let Some(frame) = self.conn.recv_or_end(Frames::pieces(line))? else { return Ok(None) };
            let (head, length) = match frame {
                Frame::Whole(bytes) => {
                    all.extend_from_slice(&bytes);
                    return Ok(Some(all));
                }
                Frame::Until { head, literal } => (head, literal),
            };
            let at_once = head.strip_suffix(b"\r\n").unwrap_or(&head).ends_with(b"+}");
            all.extend_from_slice(&head);
            if length > limit as u64 || all.len() > limit {
                return Err(Fault::TooLong(netkit_wire::Limit::Reply(limit)));
            }
            if !at_once {
                self.go_on(b"go ahead");
                self.conn.flush()?;
            }
            let mut body = self.conn.counted(length);
            body.read_to_end(&mut all).map_err(|why| Fault::from_io(why, Phase::Receiving))?;
        }
    }

    /// What happened in the open mailbox; `false` when there is none any more.
    pub(super) fn news(&mut self, may_expunge: bool) -> bool {
        self.news_of_others();
        let (Some(view), Some(user)) = (&mut self.view, &self.user) else { return true };
        let told = {
            let mail = self.server.world.mail();
            let Some(folder) = mail.folder(user, &view.folder) else { return false };
            view.news(folder, may_expunge, self.enabled)
        };
        let Some(told) = told else { return false };
        told.iter().for_each(|one| self.tell(one));
        true
    }

    /// None where the command has answered by itself.
    fn obey(&mut self, request: &Request<'_>) -> Result<Option<Status>, Fault> {
        let arguments = request.arguments.as_slice();
        let status = match (request.name.as_str(), self.user.is_some()) {
            ("CAPABILITY", _) => {
                let offers = self.offers();
                self.tell(&Untagged::Capability(offers));
                ok("that is all")
            }
            ("NOOP" | "CHECK", _) => ok("nothing done"),
            ("ID", _) => {
                let field = |name: &str, value: &str| (name.to_owned(), Some(Text::from(value)));
                self.tell(&Untagged::Id(vec![field("name", "netkit mock"), field("vendor", "netkit")]));
                ok("that is me")
            }
            ("STARTTLS", false) if !self.secure && self.has("STARTTLS") => {
                self.end(request.tag, ok("go ahead"));
                self.conn.upgrade(|plain| self.context.upgrade(plain))?;
                self.secure = true;
                return Ok(None);
            }
            ("LOGIN", false) => self.login(arguments),
            ("AUTHENTICATE", false) => self.authenticate(arguments)?,
            ("STARTTLS" | "LOGIN" | "AUTHENTICATE", _) => bad("not now"),
            (_, false) => bad("log in first"),
            ("COMPRESS", true) if !self.compressed && self.has("COMPRESS=DEFLATE") => {
                self.end(request.tag, ok("from now on"));
                self.conn.upgrade(|stream| Ok(netkit_socket::deflated(stream)))?;
                self.compressed = true;
                return Ok(None);
            }
            ("UNAUTHENTICATE", true) if self.has("UNAUTHENTICATE") => {
                (self.user, self.view, self.enabled) = (None, None, Enabled::default());
                self.notified = None;
                ok("who comes next?").with(Code::Capability(self.offers()))
            }
            ("IDLE", true) if self.has("IDLE") => self.idle()?,
            ("ENABLE", true) if self.has("ENABLE") => self.enable(arguments),
            ("NOTIFY", true) if self.has("NOTIFY") => self.notify(arguments),
            (name, true) => match self.with_mailboxes(name, arguments) {
                Some(status) => status,
                None => self.with_messages(name, arguments)?,
            },
        };
        Ok(Some(status))
    }

    fn enable(&mut self, arguments: &[Value<'_>]) -> Status {
        let mut on = Vec::new();
        for name in arguments.iter().filter_map(Value::text) {
            let name = name.to_ascii_uppercase();
            match name.as_str() {
                "CONDSTORE" => self.enabled.condstore = true,
                "QRESYNC" => (self.enabled.condstore, self.enabled.qresync) = (true, true),
                "UTF8=ACCEPT" => self.enabled.utf8 = true,
                "IMAP4REV2" => (self.enabled.rev2, self.enabled.utf8) = (true, true),
                _ => continue,
            }
            on.push(name);
        }
        self.tell(&Untagged::Enabled(on));
        ok("enabled")
    }

    /// Tells of everything that happens until the client says DONE (RFC 2177).
    fn idle(&mut self) -> Outcome {
        let Some(user) = self.user.clone() else { return Ok(bad("log in first")) };
        self.go_on(b"idling");
        let mut seen = 0;
        loop {
            let newest = self.server.world.mail().changes(&user);
            if newest != seen {
                seen = newest;
                if !self.news(true) {
                    return Ok(no("the mailbox is gone"));
                }
            }
            self.conn.flush()?;
            if self.conn.is_ready_within(LOOK) {
                let done = self.conn.recv(netkit_wire::Line::new(self.conn.limits()))?;
                let is_done = done.as_bytes().eq_ignore_ascii_case(b"DONE");
                return Ok(if is_done { ok("no longer idle") } else { bad("DONE was to come") });
            }
        }
    }
}
