//! From the options to an open maildrop.

use std::time::{Duration, Instant};

use netkit_pop3::{Client, Error, Maildrop, Method, Opening, Report, Target, connect};
use netkit_socket::Dialer;

use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let text = run.target_text(text, "pop3s")?;
    let mut target: Target = text.parse().map_err(|e| Failure::from(Error::from(e)))?;
    run.aim(Protocol::Pop3, &mut target.endpoint, &mut target.security)?;
    Ok(target)
}

/// Everything that a session needs.
pub struct Opener<'r> {
    pub run: &'r Run<'r>,
    pub target: Target,
    dialer: Dialer,
}

impl<'r> Opener<'r> {
    pub fn new(run: &'r Run<'r>, target: Target) -> Result<Opener<'r>> {
        let dialer = run.dialer_for("pop3")?;
        Ok(Opener { run, target, dialer })
    }

    /// Connects, and changes to TLS as asked.
    pub fn dial(&self) -> Result<(Client, Report)> {
        let opening = Opening { tap: self.run.dialogue.tap(), ..Opening::default() };
        connect(&self.target, &self.dialer, opening).map_err(|e| self.about(e))
    }

    /// Logs in, if anybody is to; the client back where nobody is.
    pub fn login(&self, client: Client, report: &Report) -> Result<std::result::Result<Maildrop, Client>> {
        let (user, password) = (self.target.user.clone(), self.target.password.clone());
        let who = self.run.identity("pop", &self.target.endpoint, user, password, &report.dial)?;
        let Some(who) = who else { return Ok(Err(client)) };
        let method = match self.run.net.login.auth.as_deref().map(str::to_ascii_uppercase).as_deref() {
            None => Method::Best,
            Some("APOP") => Method::Apop,
            Some("USER" | "PASS") => Method::UserPass,
            Some(_) => Method::Sasl,
        };
        client.login(&who.credentials, &who.login(), method).map(Ok).map_err(|e| self.login_failed(e))
    }

    /// A refusal without a code is still about who the user is, here.
    fn login_failed(&self, error: Error) -> Failure {
        match &error {
            Error::Refused(answer) if answer.code().is_none() => Failure::new(Kind::Login, error),
            _ => self.about(error),
        }
    }

    /// An open maildrop.
    pub fn open(&self) -> Result<Maildrop> {
        let (client, report) = self.dial()?;
        let mut maildrop = self.login(client, &report)?.map_err(|_| {
            Failure::new(Kind::Login, "nobody to log in")
                .hint("-u NAME, --netrc, or an account of the configuration")
        })?;
        // What may be asked ahead is often told only now.
        maildrop.capa().map_err(|e| self.about(e))?;
        Ok(maildrop)
    }

    /// An error with the server's name, where its words have none.
    pub fn about(&self, error: Error) -> Failure {
        Failure::from(error).with(&self.target.endpoint)
    }
}

/// How long a server may take to say goodbye, where nothing is to be deleted.
const GOODBYE: Duration = Duration::from_secs(2);

/// Politeness; what the server says to it changes nothing.
pub fn leave(mut maildrop: Maildrop) {
    let soon = Instant::now().checked_add(GOODBYE);
    if maildrop.is_usable() && maildrop.conn().deadline(soon).is_ok() {
        drop(maildrop.quit());
    }
}
