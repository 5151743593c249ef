//! Commands about the session: RFC 5321 sections 4.1.1.1, 4.1.1.5, 4.1.1.10; RFC 3207 section 4; RFC 4954 section 4.

use netkit_wire::Reply;

use super::exchange::{Exchange, completed, in_class, line};
use crate::error::{Argument, Error, Invalid};
use crate::reply::Capabilities;
use crate::types::Domain;

/// `EHLO domain`: who the client is; the answer is what the server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ehlo(pub Domain);

impl Exchange for Ehlo {
    type Answer = Capabilities;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "EHLO", Some(self.0.ascii()));
    }

    fn answer(self, reply: Reply) -> Result<Capabilities, Error> {
        in_class(250, reply).map(|reply| Capabilities::parse(&reply))
    }
}

/// `LHLO domain`: EHLO to a server that answers for each recipient (RFC 2033 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lhlo(pub Domain);

impl Exchange for Lhlo {
    type Answer = Capabilities;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "LHLO", Some(self.0.ascii()));
    }

    fn answer(self, reply: Reply) -> Result<Capabilities, Error> {
        in_class(250, reply).map(|reply| Capabilities::parse(&reply))
    }
}

/// `HELO domain`: the same to a server without extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helo(pub Domain);

impl Exchange for Helo {
    type Answer = Capabilities;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "HELO", Some(self.0.ascii()));
    }

    fn answer(self, reply: Reply) -> Result<Capabilities, Error> {
        in_class(250, reply).map(|reply| Capabilities::without_extensions(&reply))
    }
}

/// `STARTTLS`. Only 220 means that the server now waits for a handshake (RFC 3207 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTls;

impl Exchange for StartTls {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "STARTTLS", None);
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        in_class(220, reply)
    }
}

/// `AUTH mechanism [initial-response]` as a server reads it. The response is still in base64, and may hold a
/// password: a client sends it by [`Client::auth`](crate::Client::auth), past every log.
#[derive(Clone, PartialEq, Eq)]
pub struct Auth {
    mechanism: String,
    initial: Option<String>,
}

impl Auth {
    /// `mechanism = 1*20( A-Z / 0-9 / "-" / "_" )` in either case (RFC 4422 section 3.1); the initial response is base64, or
    /// `=` for an empty one (RFC 4954 section 4).
    ///
    /// # Errors
    /// [`Invalid`] for a name that cannot be one, or a response of other characters than base64's.
    pub fn new(mechanism: &str, initial: Option<&str>) -> Result<Auth, Invalid> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if mechanism.is_empty() || mechanism.len() > 20 || !mechanism.bytes().all(is_name) {
            return Err(Invalid::new(
                Argument::Text,
                "a mechanism has a name of 1 to 20 letters, digits, - and _",
            ));
        }
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if initial.is_some_and(|initial| initial.is_empty() || !initial.bytes().all(is_base64)) {
            return Err(Invalid::new(Argument::Text, "an initial response is base64, or = for an empty one"));
        }
        Ok(Auth { mechanism: mechanism.to_owned(), initial: initial.map(str::to_owned) })
    }

    /// The mechanism's name, as sent.
    pub fn mechanism(&self) -> &str {
        &self.mechanism
    }

    /// The initial response.
    pub fn initial(&self) -> Option<&str> {
        self.initial.as_deref()
    }

    /// Appends the command line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match &self.initial {
            Some(initial) => line(out, "AUTH", Some(&format!("{} {initial}", self.mechanism))),
            None => line(out, "AUTH", Some(&self.mechanism)),
        }
    }
}

/// Without the initial response.
impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Auth({}{})", self.mechanism, if self.initial.is_some() { " ***" } else { "" })
    }
}

/// `RSET`: forgets the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rset;

impl Exchange for Rset {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "RSET", None);
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }

    fn ends_group(&self) -> bool {
        false
    }
}

/// `QUIT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quit;

impl Exchange for Quit {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "QUIT", None);
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }
}
