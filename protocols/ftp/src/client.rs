//! Before anybody has logged in: greeting, features, AUTH TLS (RFC 4217), HOST (RFC 7151), the login (RFC 959 section 5.4).

use std::io;

use netkit_auth::Secret;
use netkit_wire::{Conn, Reply, Stream};

use crate::command::{Command, Verb};
use crate::control::Control;
use crate::data::Data;
use crate::error::Error;
use crate::session::Session;
use crate::types::Argument;

/// A session in which nobody has logged in.
pub struct Client {
    pub(crate) control: Control,
    data: Box<dyn Data>,
    /// Whether TLS is on.
    secure: bool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("control", &self.control).finish_non_exhaustive()
    }
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password, sent when it is asked for.
    pub password: Option<Secret>,
    /// The account, for the few servers that want one.
    pub account: Option<String>,
    /// Whether nobody on the way can listen: else only what is no secret is sent.
    pub channel_is_private: bool,
}

impl Login {
    /// Nobody in particular (RFC 1635).
    pub fn anonymous() -> Login {
        Login {
            user: "anonymous".to_owned(),
            password: Some(Secret::from("anonymous@")),
            account: None,
            channel_is_private: true,
        }
    }
}

impl Client {
    /// A session over a control connection on which nothing was read yet; `secure`: it is in TLS from the first byte.
    /// Does no I/O.
    pub fn new(conn: Conn, data: Box<dyn Data>, secure: bool) -> Client {
        Client { control: Control::new(conn), data, secure }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.control.conn
    }

    /// Waits for the server's greeting.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unexpected`], [`Error::Wire`].
    pub fn greeting(&mut self) -> Result<&Reply, Error> {
        self.control.greet()
    }

    /// What the server has beyond RFC 959.
    ///
    /// # Errors
    /// [`Error::Wire`]; a server that does not know the question has nothing.
    pub fn features(&mut self) -> Result<&[String], Error> {
        if self.control.features.is_none() {
            self.control.feat()?;
        }
        Ok(self.control.features.as_deref().unwrap_or_default())
    }

    /// Whether the server offers AUTH TLS (RFC 4217 section 6).
    pub fn offers_tls(&self) -> bool {
        let words = self.control.features.iter().flatten().filter_map(|line| line.strip_prefix("AUTH "));
        let mut kinds = words.flat_map(|kinds| kinds.split([';', ' ', ',']));
        kinds.any(|kind| kind.trim() == "TLS" || kind.trim() == "SSL")
    }

    /// Which of its names is meant, for servers that have many (RFC 7151).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn host(&mut self, name: &str) -> Result<Reply, Error> {
        self.control.with(Verb::HOST, name, &[2])
    }

    /// Changes to TLS (RFC 4217 section 4); bytes that came behind the reply in clear text end the session. `make` does the
    /// handshake.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`]: the session is over then, so that no credential can follow in clear text by
    /// mistake.
    pub fn auth_tls(
        &mut self,
        make: impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>>,
    ) -> Result<(), Error> {
        let agreed = self.control.with(Verb::AUTH, "TLS", &[234, 334]);
        let agreed = agreed.and_then(|_| self.control.conn.upgrade(make).map_err(Error::Wire));
        if let Err(why) = agreed {
            self.control.over = true;
            return Err(why);
        }
        self.secure = true;
        self.control.features = None;
        Ok(())
    }

    /// Logs in, and makes the session ready for transfers: protected data connections under TLS (RFC 4217 section 9), names in
    /// UTF-8 (RFC 2640), bytes as they are (TYPE I).
    ///
    /// # Errors
    /// [`Error::ClearPassword`]: nothing was sent; [`Error::Refused`] ([`Error::is_login`] tells), [`Error::Wire`].
    pub fn login(mut self, login: &Login) -> Result<Session, Error> {
        let anonymous =
            login.user.eq_ignore_ascii_case("anonymous") || login.user.eq_ignore_ascii_case("ftp");
        let private = self.secure || login.channel_is_private || anonymous;
        if !private && login.password.as_ref().is_some_and(|password| !password.is_empty()) {
            return Err(Error::ClearPassword);
        }
        let user = Command::with(Verb::USER, Argument::new(login.user.as_str())?);
        let password = login.password.as_ref().map_or(&b""[..], Secret::expose);
        let secret = Argument::secret(password)?;
        let account = login.account.as_deref().map(Argument::new).transpose()?;
        let mut reply = self.control.ask(&user, &[230, 232, 331, 332]).map_err(Error::at_login)?;
        if reply.code().is(331) {
            self.control.conn.queue_secret(|out| Command::secret(Verb::PASS, &secret, out));
            reply = self.control.answer(&[230, 202, 332]).map_err(Error::at_login)?;
        }
        if reply.code().is(332) {
            let account = account.ok_or(Error::AccountWanted)?;
            reply = self
                .control
                .ask(&Command::with(Verb::ACCT, account), &[230, 202])
                .map_err(Error::at_login)?;
        }
        let mut session = Session::new(self.control, self.data, self.secure, reply);
        session.prepare()?;
        Ok(session)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn quit(mut self) -> Result<Reply, Error> {
        self.control.bare(Verb::QUIT, &[2])
    }
}
