//! AUTH: RFC 4954.

use netkit_auth::Credentials;
pub use netkit_auth::sasl::Login;
use netkit_auth::sasl::{self, SaslError};
use netkit_wire::{Reply, Text};

use super::Client;
use crate::code;
use crate::error::{Error, Unsupported};

/// The longest command line (RFC 5321 section 4.5.3.1.4). A longer initial response has to wait for the server's empty
/// challenge (RFC 4954 section 4).
const COMMAND_LINE: usize = 512;

impl Client {
    /// Logs in with the strongest mechanism that the server offers and the credentials fit. After a failure nothing
    /// weaker is tried.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when nothing fits: nothing was sent; else as [`Client::auth`].
    pub fn login(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Reply, Error> {
        if !self.capabilities.has("AUTH") {
            return Err(Unsupported::Extension("AUTH").into());
        }
        let offered = self.capabilities.mechanisms();
        let mechanism = login.choose(&offered, credentials).map_err(Unsupported::Login)?;
        let mut machine = login.client(mechanism, &offered, credentials)?;
        self.auth(machine.as_mut())
    }

    /// Runs one mechanism to its end. What it says goes past every log.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the mechanism is not offered; [`Error::Refused`] when the server says no;
    /// [`Error::Sasl`] when the server's part was wrong, or it proved nothing where it had to.
    pub fn auth(&mut self, machine: &mut dyn sasl::Client) -> Result<Reply, Error> {
        let name = machine.name();
        if !self.capabilities.mechanisms().iter().any(|offered| offered.eq_ignore_ascii_case(name)) {
            return Err(Unsupported::Mechanism(machine.mechanism()).into());
        }
        self.greeting()?;
        self.settle()?;
        self.check()?;
        let mut held = machine.initial();
        let encoded = held.as_ref().map(|message| sasl::encode_initial(message.expose()));
        self.conn.outbox().extend_from_slice(format!("AUTH {name}").as_bytes());
        match encoded.filter(|text| text.len() + name.len() + 8 <= COMMAND_LINE) {
            Some(text) => {
                held = None;
                self.conn.outbox().push(b' ');
                self.say(&text);
            }
            None => self.conn.outbox().extend_from_slice(b"\r\n"),
        }
        loop {
            let reply = self.read()?;
            self.leave_on(&reply);
            let reply = match reply.code() {
                code::CHALLENGE => reply,
                code if code.is(2) => return self.accepted(machine, reply),
                code if code.is(4) || code.is(5) => {
                    let reason = machine.refusal().cloned().map(SaslError::TokenRefused);
                    return Err(reason.map_or(Error::Refused(reply), Error::Sasl));
                }
                _ => {
                    self.end();
                    return Err(Error::Unexpected(reply));
                }
            };
            let response = one_line(&reply).and_then(sasl::decode).and_then(|challenge| match held.take() {
                Some(initial) if challenge.is_empty() => Ok(initial),
                Some(_) => Err(SaslError::UnexpectedChallenge),
                None => machine.respond(&challenge),
            });
            match response {
                Ok(response) => self.say(&sasl::encode(response.expose())),
                Err(why) => return Err(self.cancel(why)),
            }
        }
    }

    /// Queues a line that no log may show.
    fn say(&mut self, text: &str) {
        self.conn.queue_secret(|out| {
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(b"\r\n");
        });
    }

    /// A success is believed only after the mechanism has checked that it may be.
    fn accepted(&mut self, machine: &dyn sasl::Client, reply: Reply) -> Result<Reply, Error> {
        if let Err(why) = machine.finish() {
            self.end();
            return Err(Error::Sasl(why));
        }
        if reply.code() != code::AUTHENTICATED {
            self.end();
            return Err(Error::Unexpected(reply));
        }
        Ok(reply)
    }

    /// `*` takes the exchange back (RFC 4954 section 4); the server answers 501. What it answers changes nothing, but
    /// it must be read to stay in step.
    fn cancel(&mut self, why: SaslError) -> Error {
        self.conn.outbox().extend_from_slice(b"*\r\n");
        match self.read() {
            Ok(reply) if reply.code().is(5) || reply.code().is(4) => self.leave_on(&reply),
            _ => self.end(),
        }
        Error::Sasl(why)
    }
}

/// A challenge is one line: `334 [base64]`.
fn one_line(reply: &Reply) -> Result<&[u8], SaslError> {
    match reply.lines() {
        [line] => Ok(Text::as_bytes(line)),
        _ => Err(SaslError::NotBase64),
    }
}
