//! `netkit telnet connect`: a person, or a pipe, at one end of a session.

use std::io::{IsTerminal, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use netkit_telnet::options::{Linemode, Mode, Window};
use netkit_telnet::{Came, Command, Event, Opt, Side, Sub};

use super::log::Log;
use super::mode::{self, Asked};
use super::terminal::{self, Keys, Signals, Terminal};
use super::{Opened, about};
use crate::args::{Global, TelnetConnect};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

/// The longest that nobody looks whether the server said something, after a while in which it did not.
const SLEEP: Duration = Duration::from_millis(10);
/// How long a server may be silent at the end of a pipe, unless --timeout says otherwise.
const SILENCE: Duration = Duration::from_secs(60);

/// A session under way.
struct Session<'a> {
    opened: Opened,
    args: &'a TelnetConnect,
    terminal: Option<Terminal>,
    signals: Signals,
    keys: Receiver<Vec<u8>>,
    log: Log,
    output: Output,
    /// Stdin is at its end.
    eof: bool,
    /// Who edits lines, as the server set it, where LINEMODE is agreed (RFC 1184).
    edits: Option<Mode>,
    /// When something came last.
    heard: Instant,
    over: bool,
    /// What comes from a pipe waits for the server's first words, which may be about TLS; until then, at most.
    held: Option<Instant>,
}

/// How long a pipe waits for a server that says nothing.
const FIRST: Duration = Duration::from_secs(1);

pub fn run(args: &TelnetConnect, global: &Global) -> Result<()> {
    if args.net.output.offline {
        return Err(Failure::new(
            Kind::Unsupported,
            "what is sent depends on what the server says and is typed",
        ));
    }
    let mut run = Run::new(&args.net, global)?;
    let opened = super::open(&mut run, args.target.as_deref(), &args.terminal)?;
    let terminal = Terminal::new();
    let signals = Signals::new(terminal.is_some())?;
    let size = args.terminal.window.or_else(terminal::size).unwrap_or((80, 24));
    let log = Log::new(args.log.as_deref(), args.asciicast.as_deref(), size)?;
    // What a terminal gets is for a terminal: a session without its escape sequences is none.
    let output = Output::open(args.net.output.output.as_deref(), true)?;
    if let (Some(_), Some(escape)) = (&terminal, mode::shown(args)) {
        run_note(
            args,
            &format!("connected to {}; {escape} leads to the command mode", opened.target.endpoint),
        );
    }
    let (keys, heard) = (keys(), Instant::now());
    let held = terminal.is_none().then(|| heard + FIRST);
    let (eof, over, edits) = (false, false, None);
    let mut session =
        Session { opened, args, terminal, signals, keys, log, output, eof, edits, heard, over, held };
    let outcome = session.hold();
    drop(session.terminal.take());
    if outcome.is_ok() && session.signals.end() {
        return session.output.finish();
    }
    session.output.finish().and(outcome)
}

fn run_note(args: &TelnetConnect, what: &str) {
    if !args.net.output.quiet {
        anstream::eprintln!("* {what}");
    }
}

/// What is typed, or comes from the pipe; closed at its end. A terminal's end is nothing typed, and more may come behind it. The
/// thread ends with the process.
fn keys() -> Receiver<Vec<u8>> {
    let (send, keys) = sync_channel(4);
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let terminal = stdin.is_terminal();
        let mut buffer = [0; 16 << 10];
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) if !terminal => return,
                Ok(n) => {
                    if send.send(buffer.get(..n).unwrap_or_default().to_vec()).is_err() {
                        return;
                    }
                }
                Err(why) if why.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    keys
}

impl Session<'_> {
    /// Until one of the two ends it.
    fn hold(&mut self) -> Result<()> {
        self.to(|client| client.flush())?;
        let mut pause = Duration::ZERO;
        while !self.over && !self.signals.end() {
            self.heed()?;
            if self.opened.client.conn().is_ready() {
                self.hear()?;
                pause = Duration::ZERO;
                // A flood must not keep a key from going through.
                if self.terminal.is_some()
                    && let Ok(keys) = self.keys.try_recv()
                {
                    self.typed(&keys)?;
                }
                continue;
            }
            pause = (pause * 2).clamp(SLEEP / 64, SLEEP);
            if self.held.is_some_and(|end| Instant::now() < end) {
                std::thread::sleep(pause);
                self.expired()?;
                continue;
            }
            self.held = None;
            if self.eof {
                std::thread::sleep(pause);
                self.silent()?;
                continue;
            }
            match self.keys.recv_timeout(pause) {
                Ok(keys) => {
                    self.typed(&keys)?;
                    pause = Duration::ZERO;
                }
                Err(RecvTimeoutError::Timeout) => self.expired()?,
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended_here();
                }
            }
        }
        Ok(())
    }

    /// Stdin is at its end.
    fn ended_here(&mut self) {
        self.eof = true;
        self.heard = Instant::now();
        self.over = self.args.eof == "close";
    }

    /// The mode of LINEMODE, where that is agreed.
    fn linemode(&self) -> Option<Mode> {
        self.edits.filter(|_| self.opened.client.engine().is_on(Side::Us, Opt::LINEMODE))
    }

    fn to(
        &mut self,
        does: impl FnOnce(&mut netkit_telnet::Client) -> std::result::Result<(), netkit_telnet::Error>,
    ) -> Result<()> {
        does(&mut self.opened.client).map_err(|e| about(e, &self.opened.target))
    }

    /// At the end of stdin the server has the word, but not for ever.
    fn silent(&mut self) -> Result<()> {
        let limit = self.args.net.connection.timeout.unwrap_or(SILENCE);
        if self.heard.elapsed() > limit {
            return Err(Failure::new(
                Kind::Timeout,
                format!("the server was silent for {limit:?} after the end of stdin"),
            )
            .hint("--eof close ends the session there"));
        }
        self.expired()
    }

    fn expired(&mut self) -> Result<()> {
        let limit = self.args.net.connection.max_time;
        match (limit, self.opened.client.is_expired()) {
            (Some(limit), true) => {
                Err(Failure::new(Kind::Timeout, format!("the total time limit of {limit:?} ran out")))
            }
            _ => Ok(()),
        }
    }

    /// What the system told.
    fn heed(&mut self) -> Result<()> {
        if self.signals.resized()
            && let Some((columns, rows)) = terminal::size()
        {
            self.to(|client| client.resize(Window { columns, rows }))?;
            self.log.resized((columns, rows))?;
        }
        if self.signals.interrupt() {
            self.to(|client| client.synch(Command::InterruptProcess))?;
        }
        if self.signals.quit() {
            let traps = self.linemode().is_some_and(|mode| mode.has(Mode::TRAPSIG));
            let command = if traps { Command::Abort } else { Command::Break };
            self.to(|client| client.command(command))?;
        }
        Ok(())
    }

    fn hear(&mut self) -> Result<()> {
        let came = self.opened.client.pump();
        self.heard = Instant::now();
        self.held = None;
        let text = self.opened.client.text();
        if !text.is_empty() {
            let written = self.output.write_all(text).and_then(|()| self.output.flush());
            written.map_err(|e| Failure::write(self.output.name(), &e))?;
            self.log.came(text)?;
            text.clear();
        }
        self.over = came.map_err(|e| about(e, &self.opened.target))? == Came::End;
        let mut events = 0;
        for event in self.opened.client.take_notices() {
            events += 1;
            if let Event::Sub(Sub::Linemode(Linemode::Mode(mode))) = event {
                self.edits = Some(mode);
            }
        }
        if events > 0 {
            // Whoever echoes has the keys one by one, unless it was agreed who edits.
            let echoes = self.opened.client.engine().is_on(Side::Him, Opt::ECHO);
            self.set(match self.linemode() {
                Some(mode) if mode.has(Mode::EDIT) => Keys::Lines { shown: !echoes },
                Some(_) => Keys::Raw,
                None if echoes => Keys::Raw,
                None => Keys::Lines { shown: true },
            })?;
        }
        Ok(())
    }

    fn typed(&mut self, keys: &[u8]) -> Result<()> {
        if keys.is_empty() {
            // The key that ends a file. Where lines are edited here for the server, it is told that; else it is our end.
            if self.linemode().is_some() {
                return self.to(|client| client.command(Command::Eof));
            }
            self.ended_here();
            return Ok(());
        }
        let escape = self.args.escape.0.filter(|_| self.terminal.is_some());
        let at = escape.and_then(|escape| keys.iter().position(|key| *key == escape));
        let (before, command) = match at {
            Some(at) => (keys.get(..at).unwrap_or_default(), true),
            None => (keys, false),
        };
        if !before.is_empty() {
            // The key is CR on a raw terminal, and the line end of the NVT on the wire.
            let raw = self.terminal.as_ref().is_some_and(Terminal::is_raw);
            let binary = self.opened.client.engine().is_on(Side::Us, Opt::BINARY);
            let text: Vec<u8> = match raw && !binary {
                true => before.iter().map(|key| if *key == b'\r' { b'\n' } else { *key }).collect(),
                false => before.to_vec(),
            };
            self.to(|client| client.write(&text))?;
        }
        if command { self.command_mode() } else { Ok(()) }
    }

    fn command_mode(&mut self) -> Result<()> {
        let before = self.terminal.as_ref().map(Terminal::keys);
        self.set(Keys::Lines { shown: true })?;
        let mut asked = true;
        while asked && !self.over {
            anstream::eprint!("\nnetkit> ");
            let Some(line) = self.keys.recv().ok().filter(|line| !line.is_empty()) else {
                self.over = true;
                break;
            };
            asked = self.command(mode::read(&String::from_utf8_lossy(&line)))?;
        }
        before.map_or(Ok(()), |keys| self.set(keys))
    }

    fn set(&mut self, keys: Keys) -> Result<()> {
        self.terminal.as_mut().map_or(Ok(()), |terminal| terminal.set(keys))
    }

    /// Does what was asked; whether there is another prompt.
    fn command(&mut self, asked: Asked) -> Result<bool> {
        match asked {
            Asked::Resume => return Ok(false),
            Asked::Close => {
                self.over = true;
                return Ok(false);
            }
            Asked::Say(text) => {
                anstream::eprint!("{text}");
                return Ok(true);
            }
            Asked::Status => {
                let status = mode::status(self.opened.client.engine());
                anstream::eprint!("{}\n{status}", self.opened.target.endpoint);
                return Ok(true);
            }
            Asked::Log(path) => {
                if let Err(failure) = self.log.start(std::path::Path::new(&path)) {
                    anstream::eprintln!("{}", failure.message);
                    return Ok(true);
                }
            }
            Asked::Send(command) => self.to(|client| client.command(command))?,
            Asked::Synch => self.to(|client| client.synch(Command::Nop))?,
            Asked::SendEscape => {
                let escape = self.args.escape.0.unwrap_or_default();
                self.to(|client| client.write(&[escape]))?;
            }
            Asked::Suspend => {
                let stop = rustix::process::Signal::TSTP;
                let stopped = rustix::process::kill_process(rustix::process::getpid(), stop);
                stopped.map_err(|e| Failure::new(Kind::Unsupported, e))?;
            }
        }
        Ok(false)
    }
}
