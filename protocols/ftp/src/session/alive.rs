//! The control connection while a file moves, and behind it: NOOP, and the reply that says that it was all.

use std::io;
use std::time::{Duration, Instant};

use netkit_wire::{Fault, Reply};

use super::{Mode, Session};
use crate::command::{Command, Verb};
use crate::error::Error;
use crate::reply;

/// How long a server may take to a reply that it owes beside the transfer's.
pub(super) const GRACE: Duration = Duration::from_millis(500);
/// How long a server may take to say what was wrong with a data connection that broke.
const WORD: Duration = Duration::from_secs(5);
/// Telnet's own (RFC 854): what follows is a command, Interrupt Process, Data Mark.
const IAC: u8 = 255;
const IP: u8 = 244;
const DM: u8 = 242;
/// The most markers of one transfer.
const MARKERS: usize = 10_000;
/// The most replies that it may owe.
const OWED: usize = 100;

/// When something is said to a server that hears nothing else while a file moves.
#[derive(Debug, Default)]
pub(super) struct Alive {
    every: Option<Duration>,
    next: Option<Instant>,
    /// Replies that are still to come.
    owed: usize,
}

impl Session {
    /// Says NOOP this often while a file moves, for whatever stands in between and forgets connections that are silent; never
    /// unless this is called. Servers answer at once or behind the transfer, and either is understood.
    pub fn keep_alive(&mut self, every: Option<Duration>) {
        self.alive = Alive { every, ..Alive::default() };
    }

    /// A file moves from here on.
    pub(super) fn moving(&mut self) {
        self.alive.next = self.alive.every.and_then(|every| Instant::now().checked_add(every));
    }

    /// Some of it has moved.
    pub(super) fn moved(&mut self) -> io::Result<()> {
        let (Some(next), Some(every)) = (self.alive.next, self.alive.every) else { return Ok(()) };
        let now = Instant::now();
        if now < next || self.alive.owed >= OWED {
            return Ok(());
        }
        self.alive.next = now.checked_add(every);
        self.alive.owed += 1;
        let conn = &mut self.control.conn;
        Command::bare(Verb::NOOP).encode(conn.outbox());
        conn.flush().map_err(io::Error::other)
    }

    /// What became of a transfer whose data connection broke: the server's refusal where it says one, else what broke.
    pub(super) fn why_broken(&mut self, broke: Fault) -> Error {
        // A time limit that ran out would run out again.
        if matches!(broke, Fault::Timeout { .. }) || !self.control.conn.is_ready_within(WORD) {
            self.control.over = true;
            return Error::Wire(broke);
        }
        match self.its_end() {
            Ok(said) if said.code().is(4) || said.code().is(5) => Error::Refused(said),
            // It says that all was well, or nothing: it was not.
            Ok(_) => Error::Wire(broke),
            Err(Error::Refused(said)) => Error::Refused(said),
            Err(_) => Error::Wire(broke),
        }
    }

    /// ABOR, behind what makes a server look up from its transfer (RFC 959 section 4.1.3: Telnet's IP and Synch, RFC 854); the
    /// first reply.
    pub(super) fn interrupt(&mut self) -> Result<Reply, Error> {
        let control = &mut self.control;
        if !self.secure {
            // Inside TLS there is no urgent byte.
            let sent = control.conn.send_urgent(&[IAC, IP, IAC]);
            sent.map_err(|fault| control.broken(fault))?;
            control.conn.outbox().push(DM);
        }
        control.queue(&Command::bare(Verb::ABOR))?;
        self.its_end()
    }

    /// What a server says of a transfer. Restart markers among it have a meaning in other modes only (RFC 959 section 3.5).
    fn word(&mut self) -> Result<Reply, Error> {
        let mut reply = self.control.reply()?;
        for _ in 0..MARKERS {
            if !reply.code().is(110) {
                break;
            }
            reply = self.control.reply()?;
        }
        Ok(reply)
    }

    /// The transfer's own reply, among those to NOOP.
    pub(super) fn its_end(&mut self) -> Result<Reply, Error> {
        let end = loop {
            let reply = self.word()?;
            // NOOP is answered by 200, or is not known.
            if self.alive.owed > 0 && (reply.code().is(200) || reply.code().is(50)) {
                self.alive.owed -= 1;
                continue;
            }
            break reply;
        };
        while self.alive.owed > 0 {
            if !self.control.conn.is_ready_within(GRACE) {
                // It may come yet, and would be taken for the answer to something else.
                self.control.over = true;
                self.alive.owed = 0;
                break;
            }
            self.control.reply()?;
            self.alive.owed -= 1;
        }
        Ok(end)
    }

    /// The end of a transfer, whose data have all come or gone: the server's word for it. `also` is asked on the same way, and
    /// so is the place of the next data connection where another transfer follows.
    pub(super) fn ended(&mut self, also: Option<&Command>) -> Result<(Reply, Option<Reply>), Error> {
        // Where replies are owed, nothing more is asked before they are here.
        let early = if self.alive.owed > 0 { Some(self.its_end()?) } else { None };
        if self.control.over {
            return early.map_or(Err(Error::Over), |end| Ok((self.control.judge(end, &[226, 250])?, None)));
        }
        let next = self.ahead && !self.has("PRET") && self.extended && self.mode == Mode::Passive;
        if let Some(also) = also {
            self.control.queue(also)?;
        }
        if next {
            self.control.queue(&Command::bare(Verb::EPSV))?;
        }
        let end = early.map_or_else(|| self.word(), Ok)?;
        let also = also.map(|_| self.control.reply()).transpose()?;
        if next {
            let said = self.control.reply()?;
            match reply::extended_passive(&said).filter(|_| said.code().is(229)) {
                Some(port) => self.waiting = Some(self.usable(Some(port), said)?),
                // It was refused: it is asked for when it is needed.
                None => self.ahead = false,
            }
        }
        Ok((self.control.judge(end, &[226, 250])?, also))
    }
}
