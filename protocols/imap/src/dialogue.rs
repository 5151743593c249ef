//! The connection: commands out, responses in until the one with the command's tag (RFC 9051 section 2.2).

use std::collections::VecDeque;
use std::io::Read;

use netkit_wire::{Conn, Fault, Limit, Phase, Text};

use crate::command::{Command, Piece};
use crate::error::{Error, Unsupported};
use crate::framer::{Frame, Frames};
use crate::response::{Code, Kind, Response, Status, Untagged};

/// Literals of up to this many bytes come with their response.
const HELD: u64 = 128 << 10;
/// How many bytes of commands may be on their way before the first answer is read: with more, both sides could wait for the
/// other to read.
const AHEAD: usize = 16 << 10;
/// The longest literal that LITERAL- lets go without the server's leave (RFC 7888 section 5).
const SHORT: u64 = 4096;
/// How many notices are kept for who asks for them.
const NOTICES: usize = 1000;

/// How many answers that cannot be read are kept to be shown, and alerts; and how much of each.
const SHOWN: usize = 10;
const LONG: usize = 2000;
/// The most bytes of answers to one command that are collected: a list of a million mailboxes, and no list without end.
const COLLECTED: usize = 64 << 20;

/// Who may read a long literal: given what came before it, and the literal; whether it was taken.
pub(crate) type TakeLiteral<'t> = dyn FnMut(&[u8], &mut dyn Read) -> Result<Option<()>, Fault> + 't;

/// The connection, and where the conversation is.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(crate) conn: Conn,
    pub(crate) greeting: Option<Status>,
    tags: u32,
    /// Names in upper case; empty where nobody asked.
    pub(crate) capabilities: Vec<String>,
    pub(crate) utf8: bool,
    /// What the server said unasked and nobody took, shown escaped.
    pub(crate) notices: VecDeque<Text>,
    /// How many answers could not be read, and the first of them.
    pub(crate) unread: (usize, Vec<Text>),
    /// What the server wants its users to see (RFC 9051 section 7.1, ALERT).
    pub(crate) alerts: Vec<Text>,
    /// How many commands have no answer yet.
    waiting: usize,
    bye: Option<Status>,
    over: bool,
}

impl Dialogue {
    pub(crate) fn new(conn: Conn) -> Dialogue {
        Dialogue {
            conn,
            greeting: None,
            tags: 0,
            capabilities: Vec::new(),
            utf8: false,
            notices: VecDeque::new(),
            unread: (0, Vec::new()),
            alerts: Vec::new(),
            waiting: 0,
            bye: None,
            over: false,
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.over
    }

    pub(crate) fn end(&mut self) {
        self.over = true;
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.over { Err(Error::Over(self.bye.clone())) } else { Ok(()) }
    }

    /// After a fault nothing on this connection can be told apart from what was meant for something else.
    pub(crate) fn broken(&mut self, fault: Fault) -> Error {
        self.over = true;
        // A server that has said goodbye may hang up.
        match (&self.bye, &fault) {
            (Some(bye), Fault::Closed(_)) => Error::Over(Some(bye.clone())),
            _ => Error::Wire(fault),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.capabilities.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    pub(crate) fn need(&self, name: &'static str) -> Result<(), Error> {
        if self.has(name) { Ok(()) } else { Err(Unsupported::Capability(name).into()) }
    }

    /// The bytes of the next response, with all its literals.
    pub(crate) fn frame(&mut self) -> Result<Vec<u8>, Error> {
        self.frame_with(&mut |_, _| Ok(None))
    }

    /// The same; `take` may read a long literal itself, and then stands in the response as an empty one. It is given what came
    /// before the literal, and its length.
    pub(crate) fn frame_with(&mut self, take: &mut TakeLiteral<'_>) -> Result<Vec<u8>, Error> {
        self.check()?;
        let mut all = Vec::new();
        loop {
            let limit = self.conn.limits().reply;
            let frame = self.conn.recv(Frames::new(limit, HELD)).map_err(|fault| self.broken(fault))?;
            let (head, length) = match frame {
                Frame::Whole(bytes) if all.is_empty() => return Ok(bytes),
                Frame::Whole(bytes) => {
                    all.extend_from_slice(&bytes);
                    return Ok(all);
                }
                Frame::Until { head, literal } => (head, literal),
            };
            all.extend_from_slice(&head);
            let mut body = self.conn.counted(length);
            let taken = take(&all, &mut body);
            let taken = match taken {
                Ok(None) if length > limit as u64 || all.len() > limit => {
                    Err(Fault::TooLong(Limit::Reply(limit)))
                }
                Ok(None) => match body.read_to_end(&mut all) {
                    Ok(_) => Ok(()),
                    Err(why) => Err(Fault::from_io(why, Phase::Receiving)),
                },
                Ok(Some(())) => {
                    // What was left of it goes nowhere.
                    let drained = std::io::copy(&mut body, &mut std::io::sink());
                    let open = memchr::memrchr(b'{', &all).unwrap_or(all.len());
                    all.truncate(open);
                    all.extend_from_slice(b"{0}\r\n");
                    drained.map(|_| ()).map_err(|why| Fault::from_io(why, Phase::Receiving))
                }
                Err(fault) => Err(fault),
            };
            taken.map_err(|fault| self.broken(fault))?;
        }
    }

    /// The greeting comes before anything is sent.
    pub(crate) fn greet(&mut self) -> Result<&Status, Error> {
        if self.greeting.is_none() {
            let frame = self.frame()?;
            match Response::parse(&frame, false) {
                Response::Untagged(Untagged::Status(status)) if status.kind == Kind::Bye => {
                    self.over = true;
                    return Err(Error::Refused(status));
                }
                Response::Untagged(Untagged::Status(status))
                    if matches!(status.kind, Kind::Ok | Kind::PreAuth) =>
                {
                    self.note(&status);
                    self.greeting = Some(status);
                }
                _ => {
                    self.over = true;
                    return Err(Error::Unexpected(netkit_wire::escape(&frame).into_owned()));
                }
            }
        }
        self.greeting.as_ref().ok_or(Error::Over(None))
    }

    fn note(&mut self, status: &Status) {
        if status.code == Some(Code::Alert) && self.alerts.len() < SHOWN {
            self.alerts.push(status.text.clone());
        }
        if let Some(Code::Capability(names)) = &status.code {
            self.capabilities = names.iter().map(|name| name.to_ascii_uppercase()).collect();
        }
    }

    /// Takes in what comes unasked; what nobody takes is kept to be told.
    pub(crate) fn unasked(&mut self, untagged: &Untagged<'_>, taken: bool, frame: &[u8]) {
        match untagged {
            Untagged::Capability(names) => {
                self.capabilities = names.iter().map(|name| name.to_ascii_uppercase()).collect();
            }
            Untagged::Status(status) => {
                self.note(status);
                if status.kind == Kind::Bye {
                    self.bye = Some(status.clone());
                }
            }
            Untagged::Unknown(text) => {
                self.unread.0 += 1;
                if self.unread.1.len() < SHOWN {
                    let start = text.as_bytes();
                    self.unread.1.push(Text::from(start.get(..start.len().min(LONG)).unwrap_or_default()));
                }
            }
            _ => {}
        }
        if !taken {
            if self.notices.len() >= NOTICES {
                self.notices.pop_front();
            }
            self.notices.push_back(Text::from(frame.get(..frame.len().min(LONG)).unwrap_or_default()));
        }
    }

    /// Sends a command and takes its answers in until the last; each piece of data is given to `data`, which says whether it
    /// belonged to the command.
    pub(crate) fn run(
        &mut self,
        command: Command,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
    ) -> Result<Status, Error> {
        let tag = self.send(command, &mut std::io::empty(), data)?;
        self.finish(&tag, data)
    }

    /// Begins a command with a tag that no other of this connection has.
    pub(crate) fn begin(&mut self) -> Result<String, Error> {
        self.tags += 1;
        let tag = format!("N{:04}", self.tags);
        // Who answers before the question is asked cannot be believed.
        let lines = || self.conn.unread().split(|b| *b == b'\n');
        if self.waiting == 0 && lines().any(|line| line.starts_with(tag.as_bytes())) {
            self.over = true;
            return Err(Error::Unexpected(format!("{tag} was answered before it was sent")));
        }
        self.waiting += 1;
        self.conn.outbox().extend_from_slice(tag.as_bytes());
        self.conn.outbox().push(b' ');
        Ok(tag)
    }

    /// Puts a command onto the wire, its announced literal from `source`; the tag.
    pub(crate) fn send(
        &mut self,
        command: Command,
        source: &mut dyn Read,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
    ) -> Result<String, Error> {
        self.greet()?;
        self.check()?;
        let tag = self.begin()?;
        for piece in command.into_pieces() {
            match piece {
                Piece::Text(text) => self.conn.outbox().extend_from_slice(text.as_bytes()),
                Piece::Literal(bytes) => {
                    self.announce(bytes.len() as u64, &tag, data)?;
                    self.conn.outbox().extend_from_slice(&bytes);
                }
                Piece::Announced(length) => {
                    self.announce(length, &tag, data)?;
                    self.stream(source, length)?;
                }
            }
        }
        self.conn.outbox().extend_from_slice(b"\r\n");
        Ok(tag)
    }

    /// A literal's length; where the server has to give its leave, that is waited for, and a refusal ends the command with
    /// nothing of the literal sent (RFC 9051 section 4.3).
    pub(crate) fn announce(
        &mut self,
        length: u64,
        tag: &str,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
    ) -> Result<(), Error> {
        let at_once = self.has("LITERAL+") || self.has("LITERAL-") && length <= SHORT;
        let plus = if at_once { "+" } else { "" };
        self.conn.outbox().extend_from_slice(format!("{{{length}{plus}}}\r\n").as_bytes());
        if at_once {
            return Ok(());
        }
        self.leave(tag, data).map(|_| ())
    }

    /// Waits for `+`; its words.
    pub(crate) fn leave(
        &mut self,
        tag: &str,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
    ) -> Result<Vec<u8>, Error> {
        let mut room = COLLECTED;
        loop {
            let frame = self.frame()?;
            match Response::parse(&frame, self.utf8) {
                Response::Continue(words) => return Ok(words.to_vec()),
                Response::Untagged(untagged) => self.give(&untagged, &frame, data, &mut room)?,
                Response::Tagged(known, status) if known == tag => {
                    return Err(self.ended(status).err().unwrap_or_else(|| {
                        self.over = true;
                        Error::Unexpected("OK in place of the leave to send".to_owned())
                    }));
                }
                Response::Tagged(..) => return Err(self.stray(&frame)),
            }
        }
    }

    /// So many bytes of a source; one that ends early leaves the server inside a literal, so the connection is given up.
    fn stream(&mut self, source: &mut dyn Read, length: u64) -> Result<(), Error> {
        let mut left = length;
        let mut chunk = vec![0; 64 << 10];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(chunk.len()).min(chunk.len());
            let n = match source.read(chunk.get_mut(..most).unwrap_or_default()) {
                Ok(0) => Err(std::io::ErrorKind::UnexpectedEof.into()),
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
                other => other,
            };
            let n = n.map_err(|why| self.broken(Fault::from_io(why, Phase::Sending)))?;
            self.conn.outbox().extend_from_slice(chunk.get(..n).unwrap_or_default());
            self.conn.flush().map_err(|fault| self.broken(fault))?;
            left -= n as u64;
        }
        Ok(())
    }

    /// Several commands at once, as many as may be on their way; how each ended, in order. `data` is told which command the
    /// data came before the end of. None of them may need the server's leave.
    pub(crate) fn run_all(
        &mut self,
        commands: Vec<Command>,
        data: &mut dyn FnMut(usize, &Untagged<'_>) -> bool,
    ) -> Result<Vec<Result<Status, Status>>, Error> {
        let mut waiting: VecDeque<(String, usize)> = VecDeque::new();
        let mut ahead = 0;
        let mut outcomes = Vec::with_capacity(commands.len());
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() || !waiting.is_empty() {
            while let Some(size) = commands.peek().map(Command::size)
                && (waiting.is_empty() || ahead + size <= AHEAD)
                && let Some(command) = commands.next()
            {
                let at = outcomes.len();
                let tag = self.send(command, &mut std::io::empty(), &mut |untagged| data(at, untagged))?;
                waiting.push_back((tag, size));
                ahead += size;
            }
            let Some((tag, size)) = waiting.pop_front() else { break };
            let at = outcomes.len();
            outcomes.push(match self.finish(&tag, &mut |untagged| data(at, untagged)) {
                Ok(status) => Ok(status),
                Err(Error::Refused(status)) => Err(status),
                Err(why) => return Err(why),
            });
            ahead -= size;
        }
        Ok(outcomes)
    }

    /// Answers until the command's last.
    pub(crate) fn finish(
        &mut self,
        tag: &str,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
    ) -> Result<Status, Error> {
        self.finish_with(tag, data, &mut |_, _| Ok(None))
    }

    /// The same, with long literals going where `take` puts them.
    pub(crate) fn finish_with(
        &mut self,
        tag: &str,
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
        take: &mut TakeLiteral<'_>,
    ) -> Result<Status, Error> {
        let mut room = COLLECTED;
        loop {
            let frame = self.frame_with(take)?;
            match Response::parse(&frame, self.utf8) {
                Response::Untagged(untagged) => {
                    self.give(&untagged, &frame, data, &mut room)?;
                }
                Response::Tagged(known, status) if known == tag => return self.ended(status),
                // A leave that nobody asked for, or an answer to a command that was never sent.
                _ => return Err(self.stray(&frame)),
            }
        }
    }

    /// Data for whoever may want it. Messages go where they are wanted, one by one; all else is collected, and has an end.
    fn give(
        &mut self,
        untagged: &Untagged<'_>,
        frame: &[u8],
        data: &mut dyn FnMut(&Untagged<'_>) -> bool,
        room: &mut usize,
    ) -> Result<(), Error> {
        let taken = data(untagged);
        if taken && !matches!(untagged, Untagged::Fetch(_)) {
            let left = room.checked_sub(frame.len());
            *room = left.ok_or_else(|| self.broken(Fault::TooLong(Limit::Reply(COLLECTED))))?;
        }
        self.unasked(untagged, taken, frame);
        Ok(())
    }

    fn stray(&mut self, frame: &[u8]) -> Error {
        self.over = true;
        Error::Unexpected(
            netkit_wire::escape(frame.get(..frame.len().min(200)).unwrap_or_default()).into_owned(),
        )
    }

    pub(crate) fn ended(&mut self, status: Status) -> Result<Status, Error> {
        self.waiting = self.waiting.saturating_sub(1);
        self.note(&status);
        match status.kind {
            Kind::Ok => Ok(status),
            Kind::No | Kind::Bad => Err(Error::Refused(status)),
            Kind::Bye | Kind::PreAuth => {
                self.over = true;
                Err(Error::Unexpected(status.to_string()))
            }
        }
    }

    pub(crate) fn logout(mut self) -> Result<(), Error> {
        self.run(Command::new("LOGOUT", false), &mut |untagged| untagged.bye().is_some())?;
        // The server has said goodbye: whether it still takes ours is no news to anybody.
        let _ = self.conn.shutdown_write();
        Ok(())
    }
}
