//! One visit: what is agreed, who logs in, one command after the other.

use std::time::{Duration, Instant};

use netkit_telnet::{Came, Client, Command, Engine, Error, Event, Opt, Settings, Side};
use netkit_wire::Conn;

use super::ask::Learned;
use super::line::{Line, Typed};
use super::{LOGINS, NAME, Telnet};
use crate::server::Context;

/// How long a client may take to answer whether it wants TLS, and what it is.
const PATIENCE: Duration = Duration::from_millis(400);

pub(super) struct Session<'s> {
    pub(super) server: &'s Telnet,
    pub(super) client: Client,
    context: Context,
    pub(super) learned: Learned,
    line: Line,
    /// Text that came behind the last line.
    ahead: Vec<u8>,
    pub(super) secure: bool,
}

/// How waiting for a line ended.
pub(super) enum Heard {
    Line(String),
    Interrupted,
    Left,
}

impl<'s> Session<'s> {
    pub(super) fn new(server: &'s Telnet, conn: Conn, context: &Context) -> Session<'s> {
        let mut settings = Settings::server();
        for option in &server.without {
            settings.us = settings.us.without(*option);
            settings.him = settings.him.without(*option);
        }
        let client = Client::new(conn, Engine::new(settings));
        let (context, secure) = (context.clone(), context.secure);
        let (learned, line) = (Learned::default(), Line::default());
        Session { server, client, context, learned, line, ahead: Vec::new(), secure }
    }

    pub(super) fn run(mut self) -> Result<(), Error> {
        if !self.secure {
            self.offer_tls()?;
        }
        self.negotiate()?;
        self.say(&format!("{NAME}: a mock Telnet server\n"))?;
        if let Some(user) = self.login()? {
            self.visit(&user)?;
        }
        self.client.shutdown_write()?;
        // What the client still says is heard: to close on it would take away what it has not read yet.
        let end = Instant::now() + 5 * PATIENCE;
        while self.client.pump_until(Some(end))? == Some(Came::Something) {
            self.client.take_text();
        }
        Ok(())
    }

    fn visit(&mut self, user: &str) -> Result<(), Error> {
        self.say(&format!("Welcome, {user}. Type help for what there is.\n"))?;
        self.shell(user)?;
        self.say("Goodbye.\n")
    }

    /// Asks for an option, unless the server is one that has none of it.
    pub(super) fn ask(&mut self, side: Side, option: Opt) -> Result<(), Error> {
        if !self.server.without.contains(&option) {
            // A complaint: it is so already.
            let _ = self.client.engine_mut().enable(side, option);
        }
        self.client.flush()
    }

    fn offer_tls(&mut self) -> Result<(), Error> {
        self.ask(Side::Him, Opt::START_TLS)?;
        let end = Instant::now() + PATIENCE;
        while self.client.engine().state(Side::Him, Opt::START_TLS).is_asking() || self.wants_tls() {
            // Who said that it comes is waited for.
            let end = if self.wants_tls() { end + 20 * PATIENCE } else { end };
            match self.pump(Some(end))? {
                Some(Came::Something) => self.hear()?,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// One read. A change to TLS is made wherever it comes.
    pub(super) fn pump(&mut self, end: Option<Instant>) -> Result<Option<Came>, Error> {
        let came = self.client.pump_until(end)?;
        if came != Some(Came::StartTls) {
            return Ok(came);
        }
        let mut context = self.context.clone();
        self.client.start_tls(|plain| context.upgrade(plain))?;
        self.secure = true;
        // What was agreed in clear text is no longer so.
        self.client.take_notices().for_each(drop);
        Ok(Some(Came::Something))
    }

    /// START_TLS is on, and FOLLOWS did not come yet.
    fn wants_tls(&self) -> bool {
        !self.secure && self.client.engine().is_on(Side::Him, Opt::START_TLS)
    }

    fn negotiate(&mut self) -> Result<(), Error> {
        for option in [Opt::ECHO, Opt::SGA] {
            self.ask(Side::Us, option)?;
        }
        let asked =
            [Opt::TTYPE, Opt::NAWS, Opt::TSPEED, Opt::XDISPLOC, Opt::NEW_ENVIRON, Opt::LFLOW, Opt::STATUS];
        for option in asked {
            self.ask(Side::Him, option)?;
        }
        let end = Instant::now() + PATIENCE;
        while self.client.engine().is_asking() {
            match self.pump(Some(end))? {
                Some(Came::Something) => self.hear()?,
                _ => break,
            }
        }
        Ok(())
    }

    fn login(&mut self) -> Result<Option<String>, Error> {
        for _ in 0..LOGINS {
            self.say("login: ")?;
            let Heard::Line(user) = self.line(true)? else { return Ok(None) };
            self.say("Password: ")?;
            let Heard::Line(password) = self.line(false)? else { return Ok(None) };
            self.say("\n")?;
            let known = self.server.world.password(&user);
            if known.is_some_and(|known| known.expose() == password.as_bytes()) {
                return Ok(Some(user));
            }
            self.say("Login incorrect\n")?;
        }
        Ok(None)
    }

    pub(super) fn say(&mut self, text: &str) -> Result<(), Error> {
        self.client.write(text.as_bytes())
    }

    /// Reads what came beside text.
    pub(super) fn hear(&mut self) -> Result<(), Error> {
        let events: Vec<Event> = self.client.take_notices().collect();
        let mut echo = Vec::new();
        for event in &events {
            match event {
                Event::Command(Command::AreYouThere) => self.say("\n[Yes]\n")?,
                Event::Command(Command::EraseCharacter) => self.line.erase(&mut echo),
                Event::Command(Command::EraseLine) => self.line.kill(&mut echo),
                Event::Command(Command::AbortOutput) => self.client.synch(Command::Nop)?,
                Event::Command(Command::InterruptProcess | Command::Break | Command::Abort) => {
                    self.ahead.push(3)
                }
                Event::Command(Command::Eof) => self.ahead.push(4),
                Event::Switched { side: Side::Us, option: Opt::MCCP2, on: true } => self.client.compress()?,
                event => self.learned.heard(event, &mut self.client)?,
            }
        }
        self.echo(&echo)
    }

    fn echo(&mut self, echo: &[u8]) -> Result<(), Error> {
        let on = self.client.engine().is_on(Side::Us, Opt::ECHO);
        if on && !echo.is_empty() { self.client.write(echo) } else { Ok(()) }
    }

    /// The next line. What is typed is seen if the client left that to the server, and never of a password.
    pub(super) fn line(&mut self, seen: bool) -> Result<Heard, Error> {
        loop {
            // Some type before they are asked, while options are still being agreed on.
            self.ahead.append(self.client.text());
            let came = std::mem::take(&mut self.ahead);
            let mut echo = Vec::new();
            for (i, byte) in came.iter().enumerate() {
                let typed = self.line.push(*byte, &mut echo);
                if matches!(typed, Typed::More) {
                    continue;
                }
                self.ahead = came.get(i + 1..).unwrap_or_default().to_vec();
                if seen {
                    self.echo(&echo)?;
                }
                return Ok(match typed {
                    Typed::Line(text) => Heard::Line(String::from_utf8_lossy(&text).into_owned()),
                    Typed::Interrupt => Heard::Interrupted,
                    _ => Heard::Left,
                });
            }
            if seen {
                self.echo(&echo)?;
            }
            let end = self.pump(None)? == Some(Came::End);
            self.ahead.append(self.client.text());
            self.hear()?;
            if end && self.ahead.is_empty() {
                return Ok(Heard::Left);
            }
        }
    }
}
