//! From the options to a session with a server.

use std::time::{Duration, Instant};

use netkit_smtp::command::Xclient;
use netkit_smtp::{Client, Dialect, Domain, Error, Opening, Report, Target, Until, connect};
use netkit_socket::{Dialer, gethostname};

use crate::args::SmtpSession;
use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>, session: &SmtpSession) -> Result<Target> {
    let text = run.target_text(text, "smtps")?;
    let text = if session.lmtp && !text.contains("://") && !text.starts_with("unix:") {
        format!("lmtp://{text}")
    } else {
        text
    };
    let mut target: Target = text.parse().map_err(|e| Failure::from(Error::from(e)))?;
    if session.lmtp {
        target.dialect = Dialect::Lmtp;
    }
    let protocol = if target.dialect == Dialect::Lmtp { Protocol::Lmtp } else { Protocol::Smtp };
    run.aim(protocol, &mut target.endpoint, &mut target.security)?;
    Ok(target)
}

pub fn hello(name: Option<&str>) -> Result<Domain> {
    let named = match name {
        Some(name) => Domain::new(name),
        // A machine's name may be no domain; the standard then wants something that is (RFC 5321 4.1.4).
        None => Domain::new(&gethostname()).or_else(|_| Domain::new("localhost")),
    };
    named.map_err(|e| Failure::from(Error::from(e)))
}

/// Everything that a session needs, so that another one can be opened just like it.
pub struct Opener<'r> {
    pub run: &'r Run<'r>,
    pub target: Target,
    pub session: &'r SmtpSession,
    pub dialer: Dialer,
}

impl<'r> Opener<'r> {
    pub fn new(run: &'r Run<'r>, target: Target, session: &'r SmtpSession) -> Result<Opener<'r>> {
        let dialer = run.dialer_for("smtp")?;
        Ok(Opener { run, target, session, dialer })
    }

    /// For those who try again themselves, with what the server says of it.
    #[must_use]
    pub fn impatient(mut self) -> Self {
        self.dialer = self.dialer.again(None);
        self
    }

    /// Connects, changes to TLS and logs in, as asked.
    pub fn open(&self) -> Result<(Client, Report)> {
        let (mut client, report) = self.dial(Until::Ready)?;
        self.login(&mut client, &report)?;
        Ok((client, report))
    }

    /// Connects, and goes as far as it is told.
    pub fn dial(&self, until: Until) -> Result<(Client, Report)> {
        let said = match (self.session.hello.as_deref(), &self.target.hello) {
            (None, Some(domain)) => domain.clone(),
            (name, _) => hello(name)?,
        };
        let opening = Opening { tap: self.run.dialogue.tap(), until, ..Opening::new(said) };
        let (mut client, report) = connect(&self.target, &self.dialer, opening).map_err(|e| self.about(e))?;
        if until == Until::Ready && !self.session.xclient.is_empty() {
            let pairs = self.session.xclient.iter().map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            let who = Xclient::new(pairs).map_err(|e| Failure::from(Error::from(e)))?;
            client.xclient(who).map_err(|e| self.about(e))?;
        }
        Ok((client, report))
    }

    /// Logs in, if anybody is to.
    pub fn login(&self, client: &mut Client, report: &Report) -> Result<()> {
        let (user, password) = (self.target.user.clone(), self.target.password.clone());
        if let Some(who) = self.run.identity("smtp", &self.target.endpoint, user, password, &report.dial)? {
            client.login(&who.credentials, &who.login()).map_err(|e| self.about(e))?;
        }
        Ok(())
    }

    /// An error with the server's name, where its words have none.
    pub fn about(&self, error: Error) -> Failure {
        Failure::from(error).with(&self.target.endpoint)
    }
}

/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Politeness; what the server says to it changes nothing, and it is not waited for long.
pub fn leave(mut client: Client) {
    let soon = Instant::now().checked_add(GOODBYE);
    if client.is_usable() && client.conn().deadline(soon).is_ok() {
        drop(client.quit());
    }
}

/// Two words, of which the target may be left out with `--mock`.
pub fn target_and_word<'w>(
    run: &Run<'_>,
    target: Option<&'w str>,
    word: Option<&'w str>,
    what: &str,
) -> Result<(Option<&'w str>, &'w str)> {
    match (target, word) {
        (target, Some(word)) => Ok((target, word)),
        (Some(word), None) if run.is_mock() => Ok((None, word)),
        _ => Err(Failure::new(Kind::Usage, format!("TARGET and {what} are needed"))),
    }
}
