//! The ways to log in: AUTHINFO SASL, USER and PASS (RFC 4643).

use netkit_auth::Credentials;
use netkit_auth::sasl::{self, ChooseError, Login, Mechanism, Needs, SaslError};
use netkit_wire::Reply;

use super::Client;
use crate::command::Command;
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::reply::code;
use crate::types::Line;

/// How to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The strongest that fits: SASL's, then the password itself where nobody listens.
    #[default]
    Best,
    /// A SASL mechanism: that of the [`Login`], or the strongest.
    Sasl,
    /// USER and PASS.
    UserPass,
}

/// The longest command line (RFC 3977 section 3.1). A longer initial response waits for the server's empty challenge (RFC 4643
/// section 2.4.1).
const COMMAND_LINE: usize = 512;

impl Client {
    /// Logs in, and asks anew what is offered. After a failure nothing weaker is tried.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when nothing fits: nothing was sent; [`Error::Refused`], [`Error::Sasl`].
    pub fn login(
        &mut self,
        credentials: &Credentials,
        login: &Login<'_>,
        method: Method,
    ) -> Result<Reply, Error> {
        self.greeting()?;
        let reply = match method {
            Method::UserPass => self.user_pass(credentials, login),
            Method::Sasl => self.sasl(credentials, login),
            Method::Best => match self.choose(credentials, login) {
                Ok(mechanism) => self.with(mechanism, credentials, login),
                Err(why) if login.mechanism.is_some() => Err(Unsupported::Login(why).into()),
                Err(ChooseError::NoSecret) => Err(Unsupported::Login(ChooseError::NoSecret).into()),
                Err(_) if login.floor.is_some_and(|floor| floor.strength() > Mechanism::Plain.strength()) => {
                    let floor = login.floor.unwrap_or(Mechanism::Plain);
                    Err(Unsupported::Login(ChooseError::TooWeak { floor }).into())
                }
                Err(why) if credentials.password.is_none() => Err(Unsupported::Login(why).into()),
                Err(_) => self.user_pass(credentials, login),
            },
        }?;
        self.logged_in = true;
        // Other things may be on offer now (RFC 4643 section 2.1).
        if self.offers().is_known() {
            self.capabilities()?;
        }
        Ok(reply)
    }

    fn choose(&self, credentials: &Credentials, login: &Login<'_>) -> Result<Mechanism, ChooseError> {
        login.choose(&self.offers().mechanisms(), credentials)
    }

    fn sasl(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Reply, Error> {
        let mechanism = self.choose(credentials, login).map_err(Unsupported::Login)?;
        self.with(mechanism, credentials, login)
    }

    fn with(
        &mut self,
        mechanism: Mechanism,
        credentials: &Credentials,
        login: &Login<'_>,
    ) -> Result<Reply, Error> {
        let mut machine = login.client(mechanism, &self.offers().mechanisms(), credentials)?;
        self.auth(machine.as_mut())
    }

    fn user_pass(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Reply, Error> {
        if !login.channel_is_private {
            return Err(Unsupported::ClearPassword.into());
        }
        let needs = SaslError::Missing { mechanism: Mechanism::Plain, needs: Needs::Password };
        let password = credentials.password.as_ref().filter(|password| !password.is_empty()).ok_or(needs)?;
        if password.expose().iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Invalid::new(Argument::Login, "the password has a line end or NUL").into());
        }
        let name = Line::new(&credentials.user);
        let name = name.map_err(|_| Invalid::new(Argument::Login, "there is no user name"))?;
        let wanted = [code::PASSWORD, code::LOGGED_IN];
        let reply = self.dialogue.run(&Command::AuthUser(name), &wanted)?;
        // Somebody whom the server knows by the name alone.
        if reply.code() == code::LOGGED_IN {
            return Ok(reply);
        }
        self.dialogue.conn.outbox().extend_from_slice(b"AUTHINFO PASS ");
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(password.expose());
            out.extend_from_slice(b"\r\n");
        });
        let reply = self.dialogue.read()?;
        self.dialogue.expect(reply, &[code::LOGGED_IN])
    }

    /// Runs one mechanism to its end. What it says goes past every log.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the mechanism is not offered; [`Error::Refused`] when the server says no;
    /// [`Error::Sasl`] when the server's part was wrong, or it proved nothing where it had to.
    pub fn auth(&mut self, machine: &mut dyn sasl::Client) -> Result<Reply, Error> {
        let name = machine.name();
        if !self.offers().mechanisms().iter().any(|offered| offered.eq_ignore_ascii_case(name)) {
            return Err(Unsupported::Mechanism(machine.mechanism()).into());
        }
        self.greeting()?;
        let mut held = machine.initial();
        let encoded = held.as_ref().map(|message| sasl::encode_initial(message.expose()));
        self.dialogue.conn.outbox().extend_from_slice(format!("AUTHINFO SASL {name}").as_bytes());
        match encoded.filter(|text| text.len() + name.len() + 17 <= COMMAND_LINE) {
            Some(text) => {
                held = None;
                self.dialogue.conn.outbox().push(b' ');
                self.say(&text);
            }
            None => self.dialogue.conn.outbox().extend_from_slice(b"\r\n"),
        }
        loop {
            let reply = self.dialogue.read()?;
            let challenge = match reply.code() {
                code::LOGGED_IN => return self.accepted(machine, reply),
                code::LOGGED_IN_WITH_DATA => {
                    // Last words of the server that need no answer (RFC 4643 section 2.4.1).
                    let last = sasl::decode(reply.first()).and_then(|data| machine.respond(&data));
                    return match last {
                        Ok(response) if response.expose().is_empty() => self.accepted(machine, reply),
                        Ok(_) => self.untrue(SaslError::UnexpectedChallenge),
                        Err(why) => self.untrue(why),
                    };
                }
                code::CHALLENGE => sasl::decode(reply.first()),
                code if code.is(4) || code.is(5) => {
                    let reason = machine.refusal().cloned().map(SaslError::TokenRefused);
                    return Err(reason.map_or(Error::Refused(reply), Error::Sasl));
                }
                _ => {
                    self.dialogue.over = true;
                    return Err(Error::Unexpected(reply));
                }
            };
            let response = challenge.and_then(|challenge| match held.take() {
                Some(initial) if challenge.is_empty() => Ok(initial),
                Some(_) => Err(SaslError::UnexpectedChallenge),
                None => machine.respond(&challenge),
            });
            match response {
                Ok(response) => self.say(&sasl::encode_initial(response.expose())),
                Err(why) => return Err(self.cancel(why)),
            }
        }
    }

    /// A success is believed only after the mechanism has checked that it may be.
    fn accepted(&mut self, machine: &dyn sasl::Client, reply: Reply) -> Result<Reply, Error> {
        match machine.finish() {
            Ok(()) => Ok(reply),
            Err(why) => self.untrue(why),
        }
    }

    fn untrue(&mut self, why: SaslError) -> Result<Reply, Error> {
        self.dialogue.over = true;
        Err(Error::Sasl(why))
    }

    /// Queues a line that no log may show. An empty response is `=` here (RFC 4643 section 2.4.2).
    fn say(&mut self, text: &str) {
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(b"\r\n");
        });
    }

    /// `*` takes the exchange back; the server answers 481, which is read to stay in step.
    fn cancel(&mut self, why: SaslError) -> Error {
        self.dialogue.conn.outbox().extend_from_slice(b"*\r\n");
        match self.dialogue.read() {
            Ok(reply) if reply.code().is(4) || reply.code().is(5) => {}
            _ => self.dialogue.over = true,
        }
        Error::Sasl(why)
    }
}
