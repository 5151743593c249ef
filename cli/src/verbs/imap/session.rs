//! From the options to a session, and to an open mailbox.

use netkit_imap::types::Mailbox;
use netkit_imap::{Access, Client, Error, Opening, Report, Selected, Session, Target, connect};
use netkit_socket::Dialer;
use netkit_wire::escape;

use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let text = run.target_text(text, "imaps")?;
    let mut target: Target = text.parse().map_err(|e| Failure::from(Error::from(e)))?;
    run.aim(Protocol::Imap, &mut target.endpoint, &mut target.security)?;
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
        let dialer = run.dialer_for("imap")?;
        Ok(Opener { run, target, dialer })
    }

    /// Connects, and changes to TLS as asked.
    pub fn dial(&self) -> Result<(Client, Report)> {
        let opening = Opening { tap: self.run.dialogue.tap(), ..Opening::default() };
        connect(&self.target, &self.dialer, opening).map_err(|e| self.about(e))
    }

    /// Logs in, if anybody is to; the client back where nobody is.
    pub fn login(&self, client: Client, report: &Report) -> Result<std::result::Result<Session, Client>> {
        let (user, password) = (self.target.user.clone(), self.target.password.clone());
        if client.is_preauth() {
            return client.logged_in().map(Ok).map_err(|e| self.about(e));
        }
        let who = self.run.identity("imap", &self.target.endpoint, user, password, &report.dial)?;
        let Some(who) = who else { return Ok(Err(client)) };
        client.login(&who.credentials, &who.login()).map(Ok).map_err(|e| self.login_failed(e))
    }

    /// A refusal without a code is still about who the user is, here.
    fn login_failed(&self, error: Error) -> Failure {
        match &error {
            Error::Refused(status) if status.code.is_none() => Failure::new(Kind::Login, error),
            _ => self.about(error),
        }
    }

    /// A session in which somebody has logged in.
    pub fn open(&self) -> Result<Session> {
        let (client, report) = self.dial()?;
        self.login(client, &report)?.map_err(|_| {
            Failure::new(Kind::Login, "nobody to log in")
                .hint("-u NAME, --netrc, or an account of the configuration")
        })
    }

    /// The mailbox that was named: by the option, or in the target.
    pub fn mailbox(&self, named: Option<&str>) -> Result<Mailbox> {
        match (named, &self.target.mailbox) {
            (Some(name), _) => mailbox(name),
            (None, Some(mailbox)) => Ok(mailbox.clone()),
            (None, None) => mailbox("INBOX"),
        }
    }

    /// A session with that mailbox open.
    pub fn select(&self, access: Access, named: Option<&str>) -> Result<Selected> {
        self.select_in(self.open()?, access, named)
    }

    /// That mailbox, open.
    pub fn select_in(&self, session: Session, access: Access, named: Option<&str>) -> Result<Selected> {
        let mailbox = self.mailbox(named)?;
        let opened = session.open(&mailbox, access, None);
        let selected =
            opened.map(|(selected, _)| selected).map_err(|failed| self.missing(failed.1, &mailbox));
        let selected = selected?;
        if access == Access::Change && selected.read_only {
            return Err(Failure::new(Kind::Refused, format!("{mailbox}: the server lets nobody change it")));
        }
        Ok(selected)
    }

    /// A refusal to open or to change a mailbox is that there is none, unless the server says something else.
    pub fn missing(&self, error: Error, mailbox: &Mailbox) -> Failure {
        match &error {
            Error::Refused(status) if status.code.is_none() || error.is_not_found() => {
                Failure::new(Kind::NotFound, format!("{}: {error}", escape(mailbox.as_str().as_bytes())))
            }
            _ => self.about(error),
        }
    }

    /// An error with the server's name, where its words have none.
    pub fn about(&self, error: Error) -> Failure {
        Failure::from(error).with(&self.target.endpoint)
    }

    /// The end of a session. What could not be read in it is shown, and is a failure of its own.
    pub fn leave(&self, mut session: Session) -> Result<()> {
        for alert in session.take_alerts() {
            self.run.warn(&format!("the server says: {}", escape(alert.as_bytes())));
        }
        let (count, some) = session.take_unread();
        for line in &some {
            self.run.warn(&format!("an answer that cannot be read: {}", escape(line.as_bytes())));
        }
        if session.is_usable() {
            // Politeness; that it did not arrive changes nothing.
            drop(session.leave());
        }
        match count {
            0 => Ok(()),
            n => Err(Failure::new(Kind::Partial, format!("{n} answers could not be read"))),
        }
    }
}

/// A mailbox by its name.
pub fn mailbox(name: &str) -> Result<Mailbox> {
    name.parse().map_err(|e| Failure::from(Error::from(e)))
}
