//! Before anybody has logged in: greeting, capabilities, the change to TLS, the login (RFC 9051 sections 6.1 and 6.2).

use std::io;

use netkit_auth::Credentials;
pub use netkit_auth::sasl::Login;
use netkit_auth::sasl::{self, ChooseError, Mechanism, SaslError};
use netkit_wire::{Conn, Stream};

use crate::command::Command;
use crate::dialogue::Dialogue;
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::response::{Kind, Response, Status, Untagged};
use crate::session::Session;

/// A session in which nobody has logged in.
#[derive(Debug)]
pub struct Client {
    pub(crate) dialogue: Dialogue,
}

impl Client {
    /// A session over a connection on which nothing was read yet. Does no I/O.
    pub fn new(conn: Conn) -> Client {
        Client { dialogue: Dialogue::new(conn) }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.dialogue.conn
    }

    /// Waits for the server's greeting.
    ///
    /// # Errors
    /// [`Error::Refused`] for BYE: no service here.
    pub fn greeting(&mut self) -> Result<&Status, Error> {
        self.dialogue.greet()
    }

    /// Whether the greeting was PREAUTH: somebody has logged in already.
    pub fn is_preauth(&self) -> bool {
        self.dialogue.greeting.as_ref().is_some_and(|status| status.kind == Kind::PreAuth)
    }

    /// Asks what the server offers, unless it has told.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`].
    pub fn capability(&mut self) -> Result<&[String], Error> {
        self.dialogue.greet()?;
        if self.dialogue.capabilities.is_empty() {
            let command = Command::new("CAPABILITY", false);
            self.dialogue.run(command, &mut |untagged| matches!(untagged, Untagged::Capability(_)))?;
        }
        Ok(&self.dialogue.capabilities)
    }

    /// What the server offered when it last told.
    pub fn capabilities(&self) -> &[String] {
        &self.dialogue.capabilities
    }

    /// The login mechanisms offered.
    pub fn mechanisms(&self) -> Vec<&str> {
        self.dialogue.capabilities.iter().filter_map(|name| name.strip_prefix("AUTH=")).collect()
    }

    /// Changes to TLS and asks anew what is offered. `make` does the handshake. What was said in clear text is forgotten, and
    /// bytes that came behind the OK in clear text end the session.
    ///
    /// # Errors
    /// [`Error::Unsupported`]; [`Error::Refused`], [`Error::Wire`]: the session is over then, so that no credential can follow
    /// in clear text by mistake.
    pub fn starttls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<&[String], Error> {
        self.capability()?;
        self.dialogue.need("STARTTLS")?;
        let agreed = self.dialogue.run(Command::new("STARTTLS", false), &mut |_| false);
        let agreed = agreed.and_then(|_| self.dialogue.conn.upgrade(make).map_err(Error::Wire));
        if let Err(why) = agreed {
            self.dialogue.end();
            return Err(why);
        }
        self.dialogue.capabilities.clear();
        self.dialogue.notices.clear();
        self.dialogue.alerts.clear();
        self.capability()
    }

    /// Logs in with the strongest mechanism that fits, or by LOGIN where the server has nothing else and nobody listens. After
    /// a failure nothing weaker is tried.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when nothing fits: nothing was sent; [`Error::Refused`], [`Error::Sasl`].
    pub fn login(mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Session, Error> {
        self.capability()?;
        let offered: Vec<String> = self.mechanisms().into_iter().map(str::to_owned).collect();
        match login.choose(&offered, credentials) {
            Ok(mechanism) => {
                let mut machine = login.client(mechanism, &offered, credentials)?;
                self.authenticate(machine.as_mut())?;
            }
            Err(ChooseError::NothingInCommon) if login.floor.is_none() && credentials.password.is_some() => {
                self.plain_login(credentials, login)?;
            }
            Err(why) => return Err(Unsupported::Login(why).into()),
        }
        self.logged_in()
    }

    /// The session, once somebody has logged in: after PREAUTH.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn logged_in(mut self) -> Result<Session, Error> {
        // What is offered may be other things now; a server that does not say is asked.
        self.capability()?;
        Ok(Session::new(self.dialogue))
    }

    /// `LOGIN` (RFC 9051 section 6.2.3).
    fn plain_login(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<(), Error> {
        if self.dialogue.has("LOGINDISABLED") || !login.channel_is_private {
            return Err(Unsupported::ClearPassword.into());
        }
        let password = credentials.password.as_ref().filter(|password| !password.is_empty());
        let password = password.ok_or(SaslError::Empty(sasl::Field::Password))?;
        let user = credentials.user.as_bytes();
        if [user, password.expose()].iter().any(|bytes| bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)))
        {
            return Err(Invalid::new(Argument::Login, "LOGIN takes no line ends and no NUL").into());
        }
        let tag = self.dialogue.begin()?;
        self.dialogue.capabilities.retain(|name| name.starts_with("LITERAL"));
        self.dialogue.conn.outbox().extend_from_slice(b"LOGIN ");
        self.say_string(&tag, user, false)?;
        self.dialogue.conn.outbox().push(b' ');
        self.say_string(&tag, password.expose(), true)?;
        self.dialogue.conn.outbox().extend_from_slice(b"\r\n");
        self.dialogue.capabilities.clear();
        self.dialogue.finish(&tag, &mut |_| false).map(|_| ())
    }

    /// A string between quotes, or as a literal where it is not ASCII.
    fn say_string(&mut self, tag: &str, bytes: &[u8], secret: bool) -> Result<(), Error> {
        let quotable = bytes.is_ascii();
        let mut text = bytes.to_vec();
        if quotable {
            text = vec![b'"'];
            for byte in bytes {
                if matches!(byte, b'"' | b'\\') {
                    text.push(b'\\');
                }
                text.push(*byte);
            }
            text.push(b'"');
        } else {
            self.dialogue.announce(bytes.len() as u64, tag, &mut |_| false)?;
        }
        if secret {
            self.dialogue.conn.queue_secret(|out| out.extend_from_slice(&text));
        } else {
            self.dialogue.conn.outbox().extend_from_slice(&text);
        }
        Ok(())
    }

    /// `AUTHENTICATE` (RFC 9051 section 6.2.2), with the initial response where the server takes it (RFC 4959). What it says
    /// goes past every log.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the mechanism is not offered; [`Error::Refused`]; [`Error::Sasl`].
    pub fn authenticate(&mut self, machine: &mut dyn sasl::Client) -> Result<Status, Error> {
        let name = machine.name();
        if !self.mechanisms().iter().any(|offered| offered.eq_ignore_ascii_case(name)) {
            return Err(Unsupported::Mechanism(machine.mechanism()).into());
        }
        let mut held = machine.initial();
        let tag = self.dialogue.begin()?;
        self.dialogue.conn.outbox().extend_from_slice(format!("AUTHENTICATE {name}").as_bytes());
        if let (true, Some(message)) = (self.dialogue.has("SASL-IR"), &held) {
            let text = sasl::encode_initial(message.expose());
            held = None;
            self.dialogue.conn.outbox().push(b' ');
            self.say(&text);
        } else {
            self.dialogue.conn.outbox().extend_from_slice(b"\r\n");
        }
        // What is offered to who has logged in is told anew.
        self.dialogue.capabilities.clear();
        loop {
            let frame = self.dialogue.frame()?;
            let challenge = match Response::parse(&frame, false) {
                Response::Continue(words) => words.to_vec(),
                Response::Untagged(Untagged::Capability(names)) => {
                    self.dialogue.capabilities = names.iter().map(|name| name.to_ascii_uppercase()).collect();
                    continue;
                }
                Response::Untagged(_) => continue,
                Response::Tagged(known, status) if known == tag => {
                    let status = match self.dialogue.ended(status) {
                        Ok(status) | Err(Error::Refused(status)) => status,
                        Err(why) => return Err(why),
                    };
                    return self.judged(machine, status);
                }
                Response::Tagged(..) => {
                    self.dialogue.end();
                    return Err(Error::Unexpected(netkit_wire::escape(&frame).into_owned()));
                }
            };
            let response = sasl::decode(challenge.trim_ascii()).and_then(|challenge| match held.take() {
                Some(initial) if challenge.is_empty() => Ok(initial),
                Some(_) => Err(SaslError::UnexpectedChallenge),
                None => machine.respond(&challenge),
            });
            match response {
                Ok(response) => self.say(&sasl::encode(response.expose())),
                Err(why) => return Err(self.cancel(&tag, why)),
            }
        }
    }

    /// A success is believed only after the mechanism has checked that it may be.
    fn judged(&mut self, machine: &dyn sasl::Client, status: Status) -> Result<Status, Error> {
        if status.kind != Kind::Ok {
            let reason = machine.refusal().cloned().map(SaslError::TokenRefused);
            return Err(reason.map_or(Error::Refused(status), Error::Sasl));
        }
        if let Err(why) = machine.finish() {
            self.dialogue.end();
            return Err(Error::Sasl(why));
        }
        Ok(status)
    }

    /// `*` takes the exchange back; the server answers BAD, which is read to stay in step.
    fn cancel(&mut self, tag: &str, why: SaslError) -> Error {
        self.dialogue.conn.outbox().extend_from_slice(b"*\r\n");
        match self.dialogue.finish(tag, &mut |_| false) {
            Err(Error::Refused(_)) => {}
            _ => self.dialogue.end(),
        }
        Error::Sasl(why)
    }

    /// Queues a line that no log may show.
    fn say(&mut self, text: &str) {
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(b"\r\n");
        });
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without a word.
    pub fn logout(self) -> Result<(), Error> {
        self.dialogue.logout()
    }

    /// Whether this mechanism is offered.
    pub fn offers(&self, mechanism: Mechanism) -> bool {
        self.mechanisms().iter().any(|name| name.eq_ignore_ascii_case(mechanism.name()))
    }
}
