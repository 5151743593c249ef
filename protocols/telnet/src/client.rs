//! The dialogue: an engine over a connection, and the ways to wait for text.

mod expect;

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use netkit_socket::{NetError, TlsInfo};
use netkit_wire::{Conn, Decode, Ended, Fault, Malformed, Phase, Step, Stream};

use crate::codes::{Command, IAC, Opt};
use crate::engine::{Engine, Event, Side};
use crate::error::Error;
use crate::options::{Sub, Window};

pub use expect::{Found, Pattern};

/// How many events wait to be taken before the oldest are forgotten.
const NOTICES: usize = 1024;
/// How often a server may begin to compress, having ended it before.
const LAYERS: u8 = 8;
/// How much text may come before what is waited for does.
const TEXT: usize = 16 << 20;

/// What one read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Text or events, or both.
    Something,
    /// The other side agreed to START_TLS, and there is no [`Upgrader`]: [`Client::start_tls`] is next.
    StartTls,
    /// The end of the session.
    End,
}

/// Does the handshake of START_TLS; its failure is a [`NetError`] inside.
pub type Upgrader = Box<dyn FnOnce(Box<dyn Stream>) -> io::Result<(Box<dyn Stream>, TlsInfo)> + Send>;

/// A session, on which both sides may speak at any time.
pub struct Client {
    conn: Conn,
    engine: Engine,
    /// Text that came and was not taken.
    text: Vec<u8>,
    notices: VecDeque<Event>,
    ended: bool,
    /// An answer could not be sent: the server does not listen any more, and may have said something before.
    deaf: bool,
    /// What is done when the server agrees to START_TLS.
    upgrader: Option<Upgrader>,
    /// What START_TLS agreed on.
    tls: Option<TlsInfo>,
    /// When everything is over.
    deadline: Option<Instant>,
    /// How often compression has begun.
    layers: u8,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("conn", &self.conn).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Hands what came to the engine, up to the next event.
struct Feed<'a> {
    engine: &'a mut Engine,
    text: &'a mut Vec<u8>,
}

impl Decode for Feed<'_> {
    type Item = Option<Event>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Option<Event>>, Malformed> {
        if input.is_empty() {
            return Ok(Step::More(1));
        }
        let fed = self.engine.feed(input, self.text)?;
        Ok(Step::Done(fed.event, fed.used))
    }
}

impl Client {
    /// A session over a connection on which nothing was read yet. Does no I/O.
    #[must_use]
    pub fn new(conn: Conn, engine: Engine) -> Client {
        Client {
            conn,
            engine,
            text: Vec::new(),
            notices: VecDeque::new(),
            ended: false,
            deaf: false,
            upgrader: None,
            tls: None,
            deadline: None,
            layers: 0,
        }
    }

    /// The connection, to give it a tap.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// What is agreed.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What is agreed, to decide something; [`Client::flush`] sends it.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// When everything must be over, whatever a single call may wait.
    ///
    /// # Errors
    /// [`Error::Wire`] when the system refuses.
    pub fn deadline(&mut self, at: Option<Instant>) -> Result<(), Error> {
        self.deadline = at;
        Ok(self.conn.deadline(at)?)
    }

    /// Sends what the engine has to say.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.engine.take_output(self.conn.outbox());
        Ok(self.conn.flush()?)
    }

    /// Sends text: IAC doubled, `\n` as the line end that is agreed.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn write(&mut self, text: &[u8]) -> Result<(), Error> {
        self.engine.data(text);
        self.flush()
    }

    /// As [`Client::write`], for what no log may show.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn write_secret(&mut self, text: &[u8]) -> Result<(), Error> {
        self.flush()?;
        self.engine.data(text);
        let engine = &mut self.engine;
        self.conn.queue_secret(|out| engine.take_output(out));
        Ok(self.conn.flush()?)
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn command(&mut self, command: Command) -> Result<(), Error> {
        self.engine.command(command);
        self.flush()
    }

    /// Sends a command and the Synch signal behind it (RFC 854): the server looks at nothing before them.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn synch(&mut self, command: Command) -> Result<(), Error> {
        self.engine.command(command);
        self.flush()?;
        Ok(self.conn.send_urgent(&[IAC, Command::DataMark.code()])?)
    }

    /// Sends a subnegotiation.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when its option is on on neither side; nothing was sent. [`Error::Wire`].
    pub fn sub(&mut self, sub: &Sub) -> Result<(), Error> {
        let option = sub.option();
        if !self.engine.is_on(Side::Us, option) && !self.engine.is_on(Side::Him, option) {
            return Err(Error::Unsupported(option));
        }
        self.engine.sub(sub);
        self.flush()
    }

    /// The window has another size.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn resize(&mut self, window: Window) -> Result<(), Error> {
        self.engine.resize(window);
        self.flush()
    }

    /// Asks for an option and waits for the answer.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] when the session ends first; [`Error::Wire`].
    pub fn agree(&mut self, side: Side, option: Opt) -> Result<(), Error> {
        // A complaint: it is on, or was asked for already.
        let _ = self.engine.enable(side, option);
        while self.engine.state(side, option).is_asking() {
            if self.pump()? == Came::End {
                return Err(Error::Unexpected(std::mem::take(&mut self.text)));
            }
        }
        if self.engine.is_on(side, option) { Ok(()) } else { Err(Error::Refused(option)) }
    }

    /// Sends what there is to send, and reads once: text goes to [`Client::take_text`], events to [`Client::take_notices`].
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn pump(&mut self) -> Result<Came, Error> {
        self.answer()?;
        if self.ended {
            return Ok(Came::End);
        }
        if self.conn.is_urgent() {
            self.engine.urgent();
        }
        loop {
            let feed = Feed { engine: &mut self.engine, text: &mut self.text };
            let event = match self.conn.recv_or_end(feed) {
                // It closed on what could not be sent.
                Err(Fault::Io { .. } | Fault::Closed(Ended::Truncated)) if self.deaf => None,
                other => other?,
            };
            let Some(event) = event else {
                self.ended = true;
                return Ok(Came::End);
            };
            let start = event == Some(Event::StartTls);
            let compressed = event == Some(Event::Compressed);
            if let Some(event) = event {
                if self.notices.len() == NOTICES {
                    self.notices.pop_front();
                }
                self.notices.push_back(event);
            }
            self.answer()?;
            if compressed {
                self.decompress()?;
            }
            if start {
                let Some(upgrader) = self.upgrader.take() else { return Ok(Came::StartTls) };
                self.upgrade(upgrader)?;
                return Ok(Came::Something);
            }
            // What came in one read is looked at together.
            if self.conn.unread().is_empty() {
                return Ok(Came::Something);
            }
        }
    }

    /// Sends answers. That nobody takes them does not keep what was said before from being read.
    fn answer(&mut self) -> Result<(), Error> {
        match self.flush() {
            Err(Error::Wire(Fault::Io { phase: Phase::Sending, .. })) => {
                self.deaf = true;
                Ok(())
            }
            other => other,
        }
    }

    /// The text that came, taken out.
    pub fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    /// The text that came: what the caller has looked at it may clear.
    pub fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// What came beside text, the oldest first.
    pub fn take_notices(&mut self) -> impl Iterator<Item = Event> {
        std::mem::take(&mut self.notices).into_iter()
    }

    /// Whether the server has ended the session.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended
    }

    /// Changes to TLS, when [`Came::StartTls`] said so; all options begin from nothing.
    ///
    /// # Errors
    /// [`Error::Wire`], also when bytes in clear text came behind FOLLOWS: the session is over.
    pub fn start_tls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<(), Error> {
        self.flush()?;
        let done = self.conn.upgrade(make);
        self.ended = done.is_err();
        done?;
        self.engine.restart();
        self.text.clear();
        Ok(())
    }

    /// MCCP2: what comes is compressed from here on, also what came with the announcement.
    fn decompress(&mut self) -> Result<(), Error> {
        self.layers += 1;
        if self.layers > LAYERS {
            let again = Malformed::new("compression begins once more", 0);
            return Err(Fault::malformed(again, b"").into());
        }
        Ok(self.conn.relayer(|below, ahead| netkit_socket::inflating(below, ahead))?)
    }

    /// MCCP2, at the server: says that what follows is compressed, and compresses it. The client has agreed, and is asked no
    /// second time.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the client has not agreed; [`Error::Wire`].
    pub fn compress(&mut self) -> Result<(), Error> {
        if self.layers > 0 {
            return Ok(());
        }
        self.sub(&Sub::Compressed)?;
        self.layers = LAYERS;
        Ok(self.conn.relayer(|below, ahead| netkit_socket::deflating(below, ahead))?)
    }

    /// What is done when the server agrees to START_TLS, once.
    pub fn set_upgrader(&mut self, upgrader: Upgrader) {
        self.upgrader = Some(upgrader);
    }

    /// What START_TLS agreed on, where an [`Upgrader`] did it.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.tls.as_ref()
    }

    fn upgrade(&mut self, upgrader: Upgrader) -> Result<(), Error> {
        let mut agreed = None;
        let done = self.start_tls(|plain| {
            let (secure, info) = upgrader(plain)?;
            agreed = Some(info);
            Ok(secure)
        });
        self.tls = agreed;
        match done {
            Err(Error::Wire(fault)) => Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net)),
            other => other,
        }
    }

    /// Whether the time given to [`Client::deadline`] is over.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Nothing more will be sent.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn shutdown_write(&mut self) -> Result<(), Error> {
        self.flush()?;
        Ok(self.conn.shutdown_write()?)
    }
}
