//! The dialogue: greeting, EHLO, questions, QUIT. Upgrade and login are in `client/`, a message in `transaction.rs`.

mod auth;
mod starttls;
mod xclient;

use std::marker::PhantomData;

use netkit_wire::{Conn, Fault, Pipeline, Replies, Reply, Ticket};

pub use auth::Login;

use crate::code;
use crate::command::{Ehlo, Exchange, Expn, Helo, Help, Lhlo, Mail, Noop, Quit, Rset, Vrfy};
use crate::error::Error;
use crate::reply::Capabilities;
use crate::transaction::Transaction;
use crate::types::{CommandText, Domain};

/// A session with a server.
///
/// Every method sends a command and waits for its answer; [`Client::queue`] and [`Client::wait`] part the two. The
/// server's greeting is waited for before the first command, whether or not [`Client::greeting`] was called.
#[derive(Debug)]
pub struct Client {
    conn: Conn,
    pipeline: Pipeline<Reply>,
    greeting: Option<Reply>,
    hello: Option<Domain>,
    capabilities: Capabilities,
    /// Nothing may be queued before every answer is here.
    barrier: bool,
    /// Whether MAIL was sent and neither a message nor RSET ended the transaction.
    pub(crate) transaction_open: bool,
    /// Messages whose outcome was not asked for.
    in_flight: usize,
    /// Answers that nobody will ask for.
    abandoned: Vec<Ticket>,
    dialect: Dialect,
    state: State,
}

/// Which of the two protocols that share this dialogue is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SMTP (RFC 5321): one answer for a message.
    #[default]
    Smtp,
    /// LMTP (RFC 2033): LHLO in place of EHLO, and an answer for each recipient.
    Lmtp,
}

/// Whether the conversation can go on.
#[derive(Debug)]
enum State {
    Open,
    /// The server said 421: it closes the connection (RFC 5321 section 3.8).
    Leaving(Reply),
    /// Out of step, cut, or ended.
    Over,
}

/// A command that was queued and whose answer was not asked for.
#[derive(Debug)]
#[must_use = "the answer is read by `Client::wait`"]
pub struct Pending<C: Exchange> {
    pub(crate) ticket: Ticket,
    command: C,
    _answer: PhantomData<fn() -> C::Answer>,
}

impl Client {
    /// A session over a connection on which nothing was read yet. Does no I/O.
    pub fn new(conn: Conn) -> Client {
        let window = conn.limits().window;
        Client {
            conn,
            pipeline: Pipeline::new(window),
            greeting: None,
            hello: None,
            capabilities: Capabilities::default(),
            barrier: false,
            transaction_open: false,
            in_flight: 0,
            abandoned: Vec::new(),
            dialect: Dialect::Smtp,
            state: State::Open,
        }
    }

    /// The same session in another dialect; to be said before anything is sent.
    #[must_use]
    pub fn speaking(mut self, dialect: Dialect) -> Client {
        self.dialect = dialect;
        self
    }

    /// Which dialect is spoken.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Waits for the server's greeting (RFC 5321 section 3.1).
    ///
    /// # Errors
    /// [`Error::Refused`] for 554 or 421: no service here.
    pub fn greeting(&mut self) -> Result<&Reply, Error> {
        if self.greeting.is_none() {
            self.check()?;
            let reply = self.read()?;
            if !reply.code().is(220) {
                // Nothing but QUIT may follow a refused greeting, and nothing at all one out of the grammar.
                self.state = State::Over;
                let refused = reply.code().is(4) || reply.code().is(5);
                return Err(if refused { Error::Refused(reply) } else { Error::Unexpected(reply) });
            }
            self.greeting = Some(reply);
        }
        self.greeting.as_ref().ok_or(Error::Over)
    }

    /// Says who the client is and learns what the server offers; a server without extensions is asked again by HELO
    /// (RFC 5321 sections 3.2 and 4.1.1.1). In LMTP this is LHLO, which nothing replaces.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server takes neither.
    pub fn ehlo(&mut self, domain: &Domain) -> Result<&Capabilities, Error> {
        self.hello = Some(domain.clone());
        // Whatever is answered, what an earlier EHLO said is no longer true; and EHLO ends a transaction.
        self.capabilities = Capabilities::default();
        self.transaction_open = false;
        if self.dialect == Dialect::Lmtp {
            self.capabilities = self.run(Lhlo(domain.clone()))?;
            return Ok(&self.capabilities);
        }
        self.capabilities = match self.run(Ehlo(domain.clone())) {
            Err(Error::Refused(reply)) if matches!(reply.code().get(), 500 | 501 | 502 | 504 | 550) => {
                self.run(Helo(domain.clone()))?
            }
            other => other?,
        };
        Ok(&self.capabilities)
    }

    /// Says who the client is without asking for extensions.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn helo(&mut self, domain: &Domain) -> Result<&Capabilities, Error> {
        self.hello = Some(domain.clone());
        self.transaction_open = false;
        self.capabilities = Capabilities::default();
        self.capabilities = self.run(Helo(domain.clone()))?;
        Ok(&self.capabilities)
    }

    /// What the server offered in its last EHLO reply; nothing before that, and nothing right after STARTTLS.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Begins a mail transaction. Where the server pipelines, nothing is sent before the answers are needed.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the parameters of MAIL need what the server does not offer; without PIPELINING
    /// also [`Error::Refused`].
    pub fn transaction(&mut self, mail: Mail) -> Result<Transaction<'_>, Error> {
        Transaction::open(self, mail)
    }

    /// Forgets a transaction (RFC 5321 section 4.1.1.5).
    ///
    /// # Errors
    /// [`Error::Refused`], which RSET has no good reason for.
    pub fn rset(&mut self) -> Result<Reply, Error> {
        self.transaction_open = false;
        self.run(Rset)
    }

    /// Asks for nothing: the way to keep a session alive or to see whether it still is.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn noop(&mut self) -> Result<Reply, Error> {
        self.run(Noop(None))
    }

    /// Asks whether there is such a user (RFC 5321 section 3.5). 252 is "cannot tell".
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn vrfy(&mut self, user: &CommandText) -> Result<Reply, Error> {
        self.run(Vrfy(user.clone()))
    }

    /// Asks who is on a list, one member a line.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn expn(&mut self, list: &CommandText) -> Result<Reply, Error> {
        self.run(Expn(list.clone()))
    }

    /// Asks for help.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn help(&mut self, about: Option<&CommandText>) -> Result<Reply, Error> {
        self.run(Help(about.cloned()))
    }

    /// Ends the session, and with it the connection.
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without its 221; what was done before stays done.
    pub fn quit(mut self) -> Result<Reply, Error> {
        let reply = self.run(Quit)?;
        // The server has said goodbye: whether it still takes ours is no news to anybody.
        let _ = self.conn.shutdown_write();
        Ok(reply)
    }

    /// Sends one command and waits for its answer.
    ///
    /// # Errors
    /// As the command's [`Exchange::answer`]; [`Error::Wire`]; [`Error::Over`].
    pub fn run<C: Exchange>(&mut self, command: C) -> Result<C::Answer, Error> {
        let pending = self.queue(command)?;
        self.wait(pending)
    }

    /// Puts a command behind those that wait for their answers. Before a server has offered PIPELINING, behind a
    /// command that must end a group (RFC 2920 section 3.1), and when the window is full, this waits first.
    ///
    /// # Errors
    /// [`Error::Wire`], [`Error::Over`].
    pub fn queue<C: Exchange>(&mut self, command: C) -> Result<Pending<C>, Error> {
        self.greeting()?;
        self.check()?;
        if self.barrier {
            self.settle()?;
        }
        while self.pipeline.is_full() {
            self.pump()?;
        }
        let before = self.conn.outbox().len();
        command.encode(self.conn.outbox());
        let bytes = self.conn.outbox().len() - before;
        self.barrier = command.ends_group() || !self.capabilities.has("PIPELINING");
        Ok(Pending { ticket: self.pipeline.queued(bytes), command, _answer: PhantomData })
    }

    /// The answer of a queued command. Answers of commands before it are kept for their own `wait`.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub fn wait<C: Exchange>(&mut self, pending: Pending<C>) -> Result<C::Answer, Error> {
        let reply = self.reply_to(pending.ticket)?;
        let answer = pending.command.answer(reply);
        if let Err(Error::Unexpected(_)) = answer {
            // Out of step: no later reply could be trusted to belong to its command.
            self.state = State::Over;
        }
        answer
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Bytes that are already in the outbox get an answer of their own, as a message does.
    pub(crate) fn queued_bytes(&mut self, bytes: usize) -> Ticket {
        self.barrier = !self.pipelines();
        self.pipeline.queued(bytes)
    }

    /// A message is under way, or its outcome was asked for.
    pub(crate) fn count_in_flight(&mut self, more: bool) {
        self.in_flight = if more { self.in_flight + 1 } else { self.in_flight.saturating_sub(1) };
    }

    /// A transaction has ended, as far as is known: behind one whose end is not known, the next begins with RSET.
    pub(crate) fn transaction_ended(&mut self) {
        self.transaction_open &= self.in_flight > 0;
    }

    /// Takes in the answers that are here already, so that a refusal can stop what is still to be sent.
    pub(crate) fn take_ready(&mut self) -> Result<(), Error> {
        while !self.pipeline.is_idle() && (!self.conn.unread().is_empty() || self.conn.is_ready()) {
            self.pump()?;
        }
        Ok(())
    }

    /// The answer with this place in line, if it is here; it stays there.
    pub(crate) fn peek(&self, ticket: Ticket) -> Option<&Reply> {
        self.pipeline.peek(ticket)
    }

    /// The reply with this place in line.
    pub(crate) fn reply_to(&mut self, ticket: Ticket) -> Result<Reply, Error> {
        loop {
            if let Some(reply) = self.pipeline.take(ticket) {
                return Ok(reply);
            }
            if self.pipeline.is_idle() {
                return Err(Error::Over);
            }
            self.pump()?;
        }
    }

    /// Reads every answer that is due.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        while !self.pipeline.is_idle() {
            self.pump()?;
        }
        for ticket in std::mem::take(&mut self.abandoned) {
            self.pipeline.take(ticket);
        }
        Ok(())
    }

    /// Reads one answer.
    fn pump(&mut self) -> Result<(), Error> {
        self.check()?;
        let reply = self.read()?;
        let leaving = reply.code() == code::UNAVAILABLE;
        if leaving {
            self.state = State::Leaving(reply.clone());
        }
        self.pipeline.answered(reply).map_err(|stray| {
            self.state = State::Over;
            Error::Unexpected(stray)
        })
    }

    pub(super) fn read(&mut self) -> Result<Reply, Error> {
        let decoder = Replies::numbered(self.conn.limits());
        self.conn.recv(decoder).map_err(|fault| self.broken(fault))
    }

    /// After a fault nothing on this connection can be told apart from what was meant for something else.
    pub(crate) fn broken(&mut self, fault: Fault) -> Error {
        self.state = State::Over;
        Error::Wire(fault)
    }

    pub(crate) fn end(&mut self) {
        self.state = State::Over;
    }

    pub(super) fn leave_on(&mut self, reply: &Reply) {
        if reply.code() == code::UNAVAILABLE {
            self.state = State::Leaving(reply.clone());
        }
    }

    pub(crate) fn abandon(&mut self, ticket: Ticket) {
        self.abandoned.push(ticket);
    }

    /// Whether commands may be sent before the answers to others are here (RFC 2920).
    pub fn pipelines(&self) -> bool {
        self.capabilities.has("PIPELINING")
    }

    fn check(&self) -> Result<(), Error> {
        match &self.state {
            State::Open => Ok(()),
            State::Leaving(reply) => Err(Error::Refused(reply.clone())),
            State::Over => Err(Error::Over),
        }
    }
}
