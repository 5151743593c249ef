//! What would be sent to a server that offers everything and says yes to everything: nothing leaves.

use netkit_socket::Security;

use crate::command::Command;
use crate::error::Invalid;
use crate::selected::{Access, Change, FetchItem, SearchKey, words};
use crate::session::StatusItem;
use crate::types::{Atom, Mailbox, Set, Text8};

/// The client's bytes of a session, for a person to read before anything is sent. A login is not rehearsed: what it says
/// depends on the server's offers and challenges. STARTTLS stands there where the session must have it.
///
/// ```
/// use netkit_imap::{Access, Rehearsal, Security};
/// let mut said = Rehearsal::new(Security::Implicit);
/// said.open(Access::Read, &"INBOX".parse().unwrap());
/// assert_eq!(said.finish(), b"N1 CAPABILITY\r\nN2 EXAMINE \"INBOX\"\r\nN3 LOGOUT\r\n");
/// ```
#[derive(Clone, Debug)]
pub struct Rehearsal {
    out: Vec<u8>,
    tags: u32,
}

impl Rehearsal {
    /// A session that begins.
    pub fn new(security: Security) -> Rehearsal {
        let mut this = Rehearsal { out: Vec::new(), tags: 0 };
        this.say(Command::new("CAPABILITY", false));
        if security == Security::Starttls {
            this.say(Command::new("STARTTLS", false));
            this.say(Command::new("CAPABILITY", false));
        }
        this
    }

    fn say(&mut self, command: Command) {
        self.tags += 1;
        self.out.extend(command.rehearse(&format!("N{}", self.tags)));
    }

    /// LIST with a pattern.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn list(&mut self, pattern: &str) -> Result<(), Invalid> {
        let pattern = Mailbox::new(pattern)?;
        self.say(Command::new("LIST", false).mailbox(&Mailbox::root()).pattern(&pattern));
        Ok(())
    }

    /// LIST with numbers of every mailbox.
    pub fn status(&mut self, items: &[StatusItem]) {
        let command = Command::new("LIST", false).mailbox(&Mailbox::root()).word("\"*\"");
        self.say(
            command.word(&format!("RETURN (SUBSCRIBED CHILDREN STATUS {})", crate::session::words(items))),
        );
    }

    /// SELECT or EXAMINE.
    pub fn open(&mut self, access: Access, mailbox: &Mailbox) {
        let name = if access == Access::Read { "EXAMINE" } else { "SELECT" };
        self.say(Command::new(name, false).mailbox(mailbox));
    }

    /// UID FETCH.
    pub fn fetch(&mut self, uids: &Set, items: &[FetchItem]) {
        self.say(Command::new("UID FETCH", false).set(uids).word(&words(items)));
    }

    /// UID SEARCH.
    pub fn search(&mut self, program: &[SearchKey]) {
        let command = Command::new("UID SEARCH", false).word("RETURN (ALL)");
        self.say(program.iter().fold(command, |command, key| key.encode(command)));
    }

    /// UID COPY or UID MOVE.
    pub fn copy(&mut self, uids: &Set, to: &Mailbox, moves: bool) {
        let name = if moves { "UID MOVE" } else { "UID COPY" };
        self.say(Command::new(name, false).set(uids).mailbox(to));
    }

    /// UID STORE.
    pub fn store(&mut self, uids: &Set, change: Change, flags: &[Atom]) {
        self.say(Command::new("UID STORE", false).set(uids).word(change.as_str()).flags(flags));
    }

    /// UID EXPUNGE.
    pub fn expunge(&mut self, uids: &Set) {
        self.say(Command::new("UID EXPUNGE", false).set(uids));
    }

    /// CREATE.
    pub fn create(&mut self, mailbox: &Mailbox) {
        self.say(Command::new("CREATE", false).mailbox(mailbox));
    }

    /// DELETE.
    pub fn delete(&mut self, mailbox: &Mailbox) {
        self.say(Command::new("DELETE", false).mailbox(mailbox));
    }

    /// RENAME.
    pub fn rename(&mut self, from: &Mailbox, to: &Mailbox) {
        self.say(Command::new("RENAME", false).mailbox(from).mailbox(to));
    }

    /// A line of one's own.
    ///
    /// # Errors
    /// [`Invalid`] for a line end in it.
    pub fn raw(&mut self, line: &str) -> Result<(), Invalid> {
        let line = Text8::line(line)?;
        self.say(Command::new(&String::from_utf8_lossy(line.as_bytes()), false));
        Ok(())
    }

    /// The bytes, with a goodbye at their end.
    pub fn finish(mut self) -> Vec<u8> {
        self.say(Command::new("LOGOUT", false));
        self.out
    }
}
