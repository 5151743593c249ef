//! The ways to log in: SASL (RFC 5034), APOP, USER and PASS (RFC 1939 section 7).

use netkit_auth::Credentials;
use netkit_auth::sasl::{self, ChooseError, Login, Mechanism, Needs, SaslError};

use super::Client;
use crate::answer::Answer;
use crate::command::Command;
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::maildrop::Maildrop;
use crate::types::Line;

/// How to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The strongest that fits: SASL's, then APOP, then the password itself where nobody listens.
    #[default]
    Best,
    /// A SASL mechanism: that of the [`Login`], or the strongest.
    Sasl,
    /// APOP: an MD5 digest over the greeting's time stamp.
    Apop,
    /// USER and PASS.
    UserPass,
}

/// The longest command line (RFC 2449 section 4). A longer initial response waits for the server's empty challenge
/// (RFC 5034 section 4).
const COMMAND_LINE: usize = 255;

impl Client {
    /// Logs in. After a failure nothing weaker is tried.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when nothing fits: nothing was sent; [`Error::Refused`], [`Error::Sasl`].
    pub fn login(
        mut self,
        credentials: &Credentials,
        login: &Login<'_>,
        method: Method,
    ) -> Result<Maildrop, Error> {
        self.try_login(credentials, login, method)?;
        Ok(Maildrop::new(self))
    }

    /// As [`Client::login`], for who wants to try once more on the same connection; [`Client::logged_in`] goes on.
    ///
    /// # Errors
    /// As [`Client::login`].
    pub fn try_login(
        &mut self,
        credentials: &Credentials,
        login: &Login<'_>,
        method: Method,
    ) -> Result<Answer, Error> {
        self.greeting()?;
        match method {
            Method::Sasl => self.sasl(credentials, login),
            Method::Apop => self.apop(credentials),
            Method::UserPass => self.user_pass(credentials, login),
            Method::Best => match self.choose(credentials, login) {
                Ok(mechanism) => self.auth_with(mechanism, credentials, login),
                Err(why) if login.mechanism.is_some() => Err(Unsupported::Login(why).into()),
                Err(ChooseError::NoSecret) => Err(Unsupported::Login(ChooseError::NoSecret).into()),
                Err(_)
                    if login.floor.is_some_and(|floor| floor.strength() > Mechanism::CramMd5.strength()) =>
                {
                    let floor = login.floor.unwrap_or(Mechanism::CramMd5);
                    Err(Unsupported::Login(ChooseError::TooWeak { floor }).into())
                }
                Err(_) if credentials.password.is_some() && self.timestamp().is_some() => {
                    self.apop(credentials)
                }
                Err(why) if credentials.password.is_none() => Err(Unsupported::Login(why).into()),
                Err(_) => self.user_pass(credentials, login),
            },
        }
    }

    /// The maildrop, once somebody has logged in.
    pub fn logged_in(self) -> Maildrop {
        Maildrop::new(self)
    }

    /// The strongest SASL mechanism that hides the password, or any if nothing listens. A plaintext mechanism is as good as
    /// USER and PASS, which older servers have alone.
    fn choose(&self, credentials: &Credentials, login: &Login<'_>) -> Result<Mechanism, ChooseError> {
        login.choose(&self.capabilities.mechanisms(), credentials)
    }

    fn sasl(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Answer, Error> {
        let mechanism = self.choose(credentials, login).map_err(Unsupported::Login)?;
        self.auth_with(mechanism, credentials, login)
    }

    fn auth_with(
        &mut self,
        mechanism: Mechanism,
        credentials: &Credentials,
        login: &Login<'_>,
    ) -> Result<Answer, Error> {
        let mut machine = login.client(mechanism, &self.capabilities.mechanisms(), credentials)?;
        self.auth(machine.as_mut())
    }

    /// The time stamp of the greeting (RFC 1939 section 7): a message id, which alone is fit for APOP. What looks like one
    /// and is none could be made to give the password away byte by byte (CVE-2007-1558).
    fn timestamp(&mut self) -> Option<Vec<u8>> {
        let text = self.greeting().ok()?.text().as_bytes().to_vec();
        let start = text.iter().position(|b| *b == b'<')?;
        let end = start + text.get(start..)?.iter().position(|b| *b == b'>')?;
        let stamp = text.get(start..=end)?;
        is_timestamp(stamp).then(|| stamp.to_vec())
    }

    fn apop(&mut self, credentials: &Credentials) -> Result<Answer, Error> {
        let stamp = self.timestamp().ok_or(Unsupported::Apop)?;
        let needs = SaslError::Missing { mechanism: Mechanism::CramMd5, needs: Needs::Password };
        let password = credentials.password.as_ref().filter(|password| !password.is_empty()).ok_or(needs)?;
        let name = name(credentials)?;
        let digest = md5(&[&stamp, password.expose()]);
        // A digest can be guessed against: it is no more for a log than the password.
        self.dialogue.conn.outbox().extend_from_slice(format!("APOP {name} ").as_bytes());
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(digest.as_bytes());
            out.extend_from_slice(b"\r\n");
        });
        let answer = self.dialogue.read()?;
        self.dialogue.positive(answer)
    }

    fn user_pass(&mut self, credentials: &Credentials, login: &Login<'_>) -> Result<Answer, Error> {
        if !login.channel_is_private {
            return Err(Unsupported::ClearPassword.into());
        }
        let needs = SaslError::Missing { mechanism: Mechanism::Plain, needs: Needs::Password };
        let password = credentials.password.as_ref().filter(|password| !password.is_empty()).ok_or(needs)?;
        if password.expose().iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Invalid::new(Argument::Login, "the password has a line end or NUL").into());
        }
        let name = name(credentials)?;
        self.dialogue.run(&Command::User(name))?;
        self.dialogue.conn.outbox().extend_from_slice(b"PASS ");
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(password.expose());
            out.extend_from_slice(b"\r\n");
        });
        let answer = self.dialogue.read()?;
        self.dialogue.positive(answer)
    }

    /// Runs one mechanism to its end. What it says goes past every log.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the mechanism is not offered; [`Error::Refused`] when the server says no;
    /// [`Error::Sasl`] when the server's part was wrong, or it proved nothing where it had to.
    pub fn auth(&mut self, machine: &mut dyn sasl::Client) -> Result<Answer, Error> {
        let name = machine.name();
        if !self.capabilities.mechanisms().iter().any(|offered| offered.eq_ignore_ascii_case(name)) {
            return Err(Unsupported::Mechanism(machine.mechanism()).into());
        }
        self.greeting()?;
        let mut held = machine.initial();
        let encoded = held.as_ref().map(|message| sasl::encode_initial(message.expose()));
        self.dialogue.conn.outbox().extend_from_slice(format!("AUTH {name}").as_bytes());
        // Outlook's servers take XOAUTH2's token upon their challenge only.
        let at_once = machine.mechanism() != Mechanism::XOAuth2;
        match encoded.filter(|text| at_once && text.len() + name.len() + 8 <= COMMAND_LINE) {
            Some(text) => {
                held = None;
                self.dialogue.conn.outbox().push(b' ');
                self.say(&text);
            }
            None => self.dialogue.conn.outbox().extend_from_slice(b"\r\n"),
        }
        loop {
            let answer = self.dialogue.read()?;
            if answer.is_ok() {
                // A success is believed only after the mechanism has checked that it may be.
                if let Err(why) = machine.finish() {
                    self.dialogue.over = true;
                    return Err(Error::Sasl(why));
                }
                return Ok(answer);
            }
            if !answer.is_challenge() {
                let reason = machine.refusal().cloned().map(SaslError::TokenRefused);
                return Err(reason.map_or(Error::Refused(answer), Error::Sasl));
            }
            let response = sasl::decode(answer.text().as_bytes()).and_then(|challenge| match held.take() {
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
        self.dialogue.conn.queue_secret(|out| {
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(b"\r\n");
        });
    }

    /// `*` takes the exchange back (RFC 5034 section 4); the server answers -ERR, which is read to stay in step.
    fn cancel(&mut self, why: SaslError) -> Error {
        self.dialogue.conn.outbox().extend_from_slice(b"*\r\n");
        match self.dialogue.read() {
            Ok(answer) if !answer.is_ok() && !answer.is_challenge() => {}
            _ => self.dialogue.over = true,
        }
        Error::Sasl(why)
    }
}

/// `msg-id = "<" word "@" word ">"` of printable ASCII, as RFC 822 has it.
pub fn is_timestamp(stamp: &[u8]) -> bool {
    let inner = stamp.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">"));
    let word = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'@');
    inner.is_some_and(|inner| {
        let mut words = inner.split(|b| *b == b'@');
        let fits = |part: Option<&[u8]>| part.is_some_and(|part| !part.is_empty() && part.iter().all(word));
        fits(words.next()) && fits(words.next()) && words.next().is_none()
    })
}

/// The digest of APOP, as both sides compute it: MD5 of what is given, in hexadecimal.
fn md5(parts: &[&[u8]]) -> String {
    use md5::{Digest as _, Md5};
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn name(credentials: &Credentials) -> Result<Line, Error> {
    Line::new(&credentials.user).map_err(|_| Invalid::new(Argument::Login, "there is no user name").into())
}
