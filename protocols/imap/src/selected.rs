//! A mailbox that is open: its messages (RFC 9051 section 6.4). Messages are named by UID throughout.

mod change;
mod fetch;
mod idle;
mod items;
mod keys;
mod open;
mod search;

use netkit_wire::Conn;

use crate::command::Command;
use crate::error::Error;
use crate::response::{Status, Untagged};
use crate::session::Session;
use crate::types::Mailbox;

pub use change::{Change, Flagged};
pub use fetch::{Downloaded, OpenedDownload, Receive};
pub use idle::Event;
pub(crate) use items::words;
pub use items::{FetchItem, PartNumber};
pub use keys::SearchKey;
pub use open::{Access, Changes, Known};

/// An open mailbox.
#[derive(Debug)]
pub struct Selected {
    session: Session,
    mailbox: Mailbox,
    /// How many messages there are.
    pub exists: u32,
    /// Under which number the UIDs hold: another one, and every UID known before means nothing (RFC 9051 section 2.3.1.1).
    pub uid_validity: Option<u32>,
    /// The next UID.
    pub uid_next: Option<u32>,
    /// The highest mod-sequence (RFC 7162).
    pub highest_modseq: Option<u64>,
    /// The flags there are.
    pub flags: Vec<String>,
    /// The flags that can be kept.
    pub permanent_flags: Vec<String>,
    /// Whether nothing can be changed.
    pub read_only: bool,
}

impl Selected {
    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        self.session.conn()
    }

    /// Which mailbox it is.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The session, for what is not about this mailbox.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    fn command(&self, name: &str) -> Command {
        Command::new(name, self.session.dialogue.utf8)
    }

    /// Takes note of how many messages there are; whether that was it.
    fn note(exists: &mut u32, untagged: &Untagged<'_>) -> bool {
        match untagged {
            Untagged::Exists(n) => *exists = *n,
            Untagged::Expunge(_) => *exists = exists.saturating_sub(1),
            Untagged::Recent(_) => {}
            _ => return false,
        }
        true
    }

    fn simple(&mut self, command: Command) -> Result<Status, Error> {
        let exists = &mut self.exists;
        self.session.dialogue.run(command, &mut |untagged| Selected::note(exists, untagged))
    }

    /// The session, in which the mailbox stays open on the server until another is.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Closes the mailbox without expunging anything (RFC 9051 section 6.4.2), and gives the session back.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn close(mut self) -> Result<Session, Error> {
        if self.session.has("UNSELECT") || self.session.has("IMAP4REV2") {
            let command = self.command("UNSELECT");
            self.simple(command)?;
        }
        Ok(self.session)
    }

    /// Closes the mailbox, and expunges what is marked as deleted (RFC 9051 section 6.4.1).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn close_expunging(mut self) -> Result<Session, Error> {
        let command = self.command("CLOSE");
        self.simple(command)?;
        Ok(self.session)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn logout(self) -> Result<(), Error> {
        self.session.logout()
    }
}
