//! Logged in, no mailbox selected: the mailboxes themselves (RFC 9051 section 6.3).

mod admin;
mod append;

use std::collections::HashMap;

use netkit_wire::{Conn, Text};

use crate::command::Command;
use crate::dialogue::Dialogue;
use crate::error::Error;
use crate::response::{Listed, MailboxStatus, Status, Untagged};
use crate::selected::{Access, Changes, FetchItem, Known, OpenedDownload, Receive, Selected};
use crate::types::{Atom, Mailbox, Text8};

pub use append::{Append, Placed};

/// A session in which somebody has logged in.
#[derive(Debug)]
pub struct Session {
    pub(crate) dialogue: Dialogue,
}

/// A mailbox, and its numbers where they are told.
pub type WithStatus = (Listed, Option<MailboxStatus>);

/// What STATUS can tell (RFC 9051 section 6.3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusItem {
    /// How many messages.
    Messages,
    /// The next UID.
    UidNext,
    /// Under which number the UIDs hold.
    UidValidity,
    /// How many have not been read.
    Unseen,
    /// How many are marked as deleted (RFC 9051).
    Deleted,
    /// How many bytes (RFC 8438).
    Size,
    /// The highest mod-sequence (RFC 7162).
    HighestModSeq,
}

impl StatusItem {
    const fn as_str(self) -> &'static str {
        match self {
            StatusItem::Messages => "MESSAGES",
            StatusItem::UidNext => "UIDNEXT",
            StatusItem::UidValidity => "UIDVALIDITY",
            StatusItem::Unseen => "UNSEEN",
            StatusItem::Deleted => "DELETED",
            StatusItem::Size => "SIZE",
            StatusItem::HighestModSeq => "HIGHESTMODSEQ",
        }
    }
}

pub(crate) fn words(items: &[StatusItem]) -> String {
    let names: Vec<&str> = items.iter().map(|item| item.as_str()).collect();
    format!("({})", names.join(" "))
}

impl Session {
    pub(crate) fn new(dialogue: Dialogue) -> Session {
        Session { dialogue }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.dialogue.conn
    }

    /// What the server offers now.
    pub fn capabilities(&self) -> &[String] {
        &self.dialogue.capabilities
    }

    /// Whether the server offers this.
    pub fn has(&self, name: &str) -> bool {
        self.dialogue.has(name)
    }

    /// What the server said unasked and no call took, oldest first.
    pub fn take_notices(&mut self) -> Vec<Text> {
        self.dialogue.notices.drain(..).collect()
    }

    /// How many answers could not be read, and the first few of them, with their bytes.
    pub fn take_unread(&mut self) -> (usize, Vec<Text>) {
        std::mem::take(&mut self.dialogue.unread)
    }

    /// What the server wants its users to see (ALERT, RFC 9051 section 7.1).
    pub fn take_alerts(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.dialogue.alerts)
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        self.dialogue.is_usable()
    }

    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(name, self.dialogue.utf8)
    }

    pub(crate) fn simple(&mut self, command: Command) -> Result<Status, Error> {
        self.dialogue.run(command, &mut |_| false)
    }

    /// The mailboxes whose names fit a pattern: `*` for anything, `%` for anything on one level.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn list(&mut self, reference: &str, pattern: &str) -> Result<Vec<Listed>, Error> {
        self.listed("LIST", reference, pattern)
    }

    /// What stands between the levels of names: LIST with nothing to list (RFC 9051 section 6.3.9).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn delimiter(&mut self) -> Result<Option<char>, Error> {
        let command = self.command("LIST").mailbox(&Mailbox::root()).mailbox(&Mailbox::root());
        let mut found = None;
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::List(listed) => {
                found = listed.delimiter;
                true
            }
            _ => false,
        })?;
        Ok(found)
    }

    /// Those that are subscribed.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn lsub(&mut self, reference: &str, pattern: &str) -> Result<Vec<Listed>, Error> {
        self.listed("LSUB", reference, pattern)
    }

    fn listed(&mut self, name: &str, reference: &str, pattern: &str) -> Result<Vec<Listed>, Error> {
        let reference = Mailbox::from_wire(reference.as_bytes(), true);
        let pattern = Mailbox::new(pattern)?;
        let command = self.command(name).mailbox(&reference).pattern(&pattern);
        let mut all = Vec::new();
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::List(listed) | Untagged::Lsub(listed) => {
                all.push(listed.clone());
                true
            }
            _ => false,
        })?;
        Ok(all)
    }

    /// The mailboxes whose names fit a pattern, with numbers of each that can be opened: in one answer where the server has
    /// LIST-STATUS (RFC 5819), else with all questions asked at once.
    ///
    /// # Errors
    /// [`Error::Refused`], for the list; what is refused for one mailbox is `None` there.
    pub fn list_status(&mut self, pattern: &str, items: &[StatusItem]) -> Result<Vec<WithStatus>, Error> {
        self.list_status_enabling(&[], pattern, items).map(|(_, all)| all)
    }

    /// As [`Session::list_status`], with ENABLE on the same way: what is on then.
    ///
    /// # Errors
    /// As [`Session::list_status`].
    pub fn list_status_enabling(
        &mut self,
        extensions: &[Atom],
        pattern: &str,
        items: &[StatusItem],
    ) -> Result<(Vec<String>, Vec<WithStatus>), Error> {
        let enable = match extensions {
            [] => None,
            names => {
                self.dialogue.need("ENABLE")?;
                Some(names.iter().fold(self.command("ENABLE"), Command::atom))
            }
        };
        let mut on: Vec<String> = Vec::new();
        let wanted = words(items);
        let mut statuses: Vec<MailboxStatus> = Vec::new();
        let mut all = Vec::new();
        if self.has("LIST-STATUS") || self.has("IMAP4REV2") {
            let special = if self.has("SPECIAL-USE") { "SPECIAL-USE " } else { "" };
            let command = self.command("LIST").mailbox(&Mailbox::root()).pattern(&Mailbox::new(pattern)?);
            let command = command.word(&format!("RETURN ({special}SUBSCRIBED CHILDREN STATUS {wanted})"));
            let commands: Vec<Command> = enable.into_iter().chain([command]).collect();
            let outcomes = self.dialogue.run_all(commands, &mut |_, untagged| match untagged {
                Untagged::Enabled(names) => {
                    on.extend(names.iter().map(|name| name.to_ascii_uppercase()));
                    true
                }
                Untagged::List(listed) => {
                    all.push(listed.clone());
                    true
                }
                Untagged::MailboxStatus(status) => {
                    statuses.push(status.clone());
                    true
                }
                _ => false,
            })?;
            if let Some(Err(status)) = outcomes.into_iter().last() {
                return Err(Error::Refused(status));
            }
        } else {
            if !extensions.is_empty() {
                on = self.enable(extensions)?;
            }
            all = self.list("", pattern)?;
            let open = |one: &&Listed| !one.has("\\Noselect") && !one.has("\\NonExistent");
            let ask = |one: &Listed| self.command("STATUS").mailbox(&one.mailbox).word(&wanted);
            let commands: Vec<Command> = all.iter().filter(open).map(ask).collect();
            self.dialogue.run_all(commands, &mut |_, untagged| match untagged {
                Untagged::MailboxStatus(status) => {
                    statuses.push(status.clone());
                    true
                }
                _ => false,
            })?;
        }
        let mut by_name: HashMap<Mailbox, MailboxStatus> =
            statuses.into_iter().map(|status| (status.mailbox.clone(), status)).collect();
        let all = all
            .into_iter()
            .map(|one| (by_name.remove(&one.mailbox), one))
            .map(|(status, one)| (one, status))
            .collect();
        Ok((on, all))
    }

    /// Says LOGOUT and hangs up without waiting for the answer: for who has heard all that was to be heard.
    ///
    /// # Errors
    /// [`Error::Wire`] when it cannot be sent.
    pub fn leave(mut self) -> Result<(), Error> {
        let command = self.command("LOGOUT");
        self.dialogue.send(command, &mut std::io::empty(), &mut |_| false)?;
        let said = self.dialogue.conn.flush().and_then(|()| self.dialogue.conn.shutdown_write());
        said.map_err(Error::Wire)
    }

    /// Numbers of a mailbox that need not be selected.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] when the server tells of no such mailbox.
    pub fn status(&mut self, mailbox: &Mailbox, items: &[StatusItem]) -> Result<MailboxStatus, Error> {
        let command = self.command("STATUS").mailbox(mailbox).word(&words(items));
        let mut found = None;
        let status = self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::MailboxStatus(status) => {
                found = Some(status.clone());
                true
            }
            _ => false,
        })?;
        found.ok_or_else(|| Error::Unexpected(status.to_string()))
    }

    /// Makes a mailbox.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn create(&mut self, mailbox: &Mailbox) -> Result<Status, Error> {
        let command = self.command("CREATE").mailbox(mailbox);
        self.simple(command)
    }

    /// Makes a mailbox for a use, such as `\Sent` (RFC 6154 section 3).
    ///
    /// # Errors
    /// [`Error::Unsupported`] without CREATE-SPECIAL-USE; [`Error::Refused`].
    pub fn create_for(&mut self, mailbox: &Mailbox, special_use: &Atom) -> Result<Status, Error> {
        self.dialogue.need("CREATE-SPECIAL-USE")?;
        let command = self.command("CREATE").mailbox(mailbox).word(&format!("(USE ({special_use}))"));
        self.simple(command)
    }

    /// Deletes a mailbox with all that is in it.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn delete(&mut self, mailbox: &Mailbox) -> Result<Status, Error> {
        let command = self.command("DELETE").mailbox(mailbox);
        self.simple(command)
    }

    /// Gives a mailbox another name.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn rename(&mut self, from: &Mailbox, to: &Mailbox) -> Result<Status, Error> {
        let command = self.command("RENAME").mailbox(from).mailbox(to);
        self.simple(command)
    }

    /// Subscribes to a mailbox.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn subscribe(&mut self, mailbox: &Mailbox) -> Result<Status, Error> {
        let command = self.command("SUBSCRIBE").mailbox(mailbox);
        self.simple(command)
    }

    /// Takes a subscription back.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn unsubscribe(&mut self, mailbox: &Mailbox) -> Result<Status, Error> {
        let command = self.command("UNSUBSCRIBE").mailbox(mailbox);
        self.simple(command)
    }

    /// Asks for nothing: the server tells what has changed.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn noop(&mut self) -> Result<Status, Error> {
        let command = self.command("NOOP");
        self.simple(command)
    }

    /// A line of one's own, without its tag, and the lines that come of it, escaped, the last among them.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`]; [`Error::Invalid`] for a line end in it.
    pub fn raw(&mut self, line: &str) -> Result<Vec<Text>, Error> {
        Text8::line(line)?;
        self.dialogue.notices.clear();
        let command = self.command(line);
        let status = self.dialogue.run(command, &mut |_| false)?;
        let mut lines = self.take_notices();
        lines.push(Text::from(status.to_string().as_str()));
        Ok(lines)
    }

    /// Opens a mailbox to be changed.
    ///
    /// # Errors
    /// [`Error::Refused`]; the session is given back within.
    pub fn select(self, mailbox: &Mailbox) -> Result<Selected, Box<(Session, Error)>> {
        self.open(mailbox, Access::Change, None).map(|(selected, _)| selected)
    }

    /// Opens a mailbox to be read only: no message in it becomes seen.
    ///
    /// # Errors
    /// As [`Session::select`].
    pub fn examine(self, mailbox: &Mailbox) -> Result<Selected, Box<(Session, Error)>> {
        self.open(mailbox, Access::Read, None).map(|(selected, _)| selected)
    }

    /// Opens a mailbox, and with `known` asks what has changed since then (RFC 7162 section 3.2.5): for that, QRESYNC must have
    /// been enabled. Where the UIDs no longer hold, nothing is told.
    ///
    /// # Errors
    /// As [`Session::select`].
    pub fn open(
        self,
        mailbox: &Mailbox,
        access: Access,
        known: Option<&Known>,
    ) -> Result<(Selected, Changes), Box<(Session, Error)>> {
        Selected::open(self, access, mailbox, known)
    }

    /// Opens a mailbox to be read only and downloads every message, both asked for at once: a round trip less than
    /// [`Session::open`] and [`Selected::download`]. `opened` is told between the two; what it fails with ends the session.
    ///
    /// # Errors
    /// As [`Session::open`]; within, as [`Selected::download`].
    pub fn open_and_download<R: Receive>(
        self,
        mailbox: &Mailbox,
        items: &[FetchItem],
        opened: impl FnOnce(&Selected, &mut R) -> Result<(), R::Error>,
        receiver: &mut R,
    ) -> OpenedDownload<R::Error> {
        Selected::open_and_download(self, mailbox, items, opened, receiver)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Error::Wire`] when the server hangs up without a word.
    pub fn logout(self) -> Result<(), Error> {
        self.dialogue.logout()
    }
}
