//! Messages changed: STORE, COPY, MOVE, EXPUNGE, REPLACE (RFC 9051 section 6.4, RFC 6851, RFC 4315, RFC 8508).

use std::io::Read;

use super::Selected;
use crate::error::Error;
use crate::response::{Code, Status, Untagged};
use crate::types::{Atom, Mailbox, Set};

/// A UID, and the flags it has.
pub type Flagged = (u32, Vec<String>);

/// How flags are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// These and no others.
    Set,
    /// These too.
    Add,
    /// Not these.
    Remove,
}

impl Change {
    /// The item of STORE.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Change::Set => "FLAGS",
            Change::Add => "+FLAGS",
            Change::Remove => "-FLAGS",
        }
    }
}

fn copied(code: Option<Code>) -> Option<(Set, Set)> {
    match code {
        Some(Code::CopyUid(_, from, to)) => Some((from, to)),
        _ => None,
    }
}

impl Selected {
    /// Changes flags; which UIDs have which flags then, where the server tells.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn store(&mut self, uids: &Set, change: Change, flags: &[Atom]) -> Result<Vec<Flagged>, Error> {
        self.store_unless(uids, change, flags, None).map(|(changed, _)| changed)
    }

    /// As [`Selected::store`], and with `unchanged_since` only of messages that nobody has changed after that mod-sequence
    /// (RFC 7162 section 3.1.3); which were, and so are as they were.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unsupported`] for `unchanged_since` without CONDSTORE.
    pub fn store_unless(
        &mut self,
        uids: &Set,
        change: Change,
        flags: &[Atom],
        unchanged_since: Option<u64>,
    ) -> Result<(Vec<Flagged>, Set), Error> {
        let name = change.as_str();
        let mut command = self.command("UID STORE").set(uids);
        if let Some(modseq) = unchanged_since {
            self.session.dialogue.need("CONDSTORE")?;
            command = command.word(&format!("(UNCHANGEDSINCE {modseq})"));
        }
        let command = command.word(name).flags(flags);
        let mut all = Vec::new();
        let exists = &mut self.exists;
        let status = self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Fetch(fetch) => {
                if let (Some(uid), Some(flags)) = (fetch.uid(), fetch.flags()) {
                    all.push((uid, flags.iter().map(ToString::to_string).collect()));
                }
                true
            }
            other => Selected::note(exists, other),
        })?;
        let modified = match status.code {
            Some(Code::Modified(set)) => set,
            _ => Set::default(),
        };
        Ok((all, modified))
    }

    /// Copies messages; which UIDs became which, where the server tells (RFC 4315).
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn copy(&mut self, uids: &Set, to: &Mailbox) -> Result<Option<(Set, Set)>, Error> {
        let command = self.command("UID COPY").set(uids).mailbox(to);
        let status = self.simple(command)?;
        Ok(copied(status.code))
    }

    /// Moves messages (RFC 6851); where the server has no MOVE, copies them, marks them as deleted, and expunges just these.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unsupported`] where neither MOVE nor UIDPLUS is offered: other messages that are marked
    /// would be expunged along.
    pub fn mv(&mut self, uids: &Set, to: &Mailbox) -> Result<Option<(Set, Set)>, Error> {
        if self.session.has("MOVE") || self.session.has("IMAP4REV2") {
            let command = self.command("UID MOVE").set(uids).mailbox(to);
            let mut code = None;
            let exists = &mut self.exists;
            // COPYUID comes before the end here (RFC 6851 section 4.3).
            let status = self.session.dialogue.run(command, &mut |untagged| match untagged {
                Untagged::Status(Status { code: Some(found @ Code::CopyUid(..)), .. }) => {
                    code = Some(found.clone());
                    true
                }
                other => Selected::note(exists, other),
            })?;
            return Ok(copied(code.or(status.code)));
        }
        self.session.dialogue.need("UIDPLUS")?;
        let moved = self.copy(uids, to)?;
        self.expunge(uids)?;
        Ok(moved)
    }

    /// Deletes messages for good: marks them, and expunges just these where the server can (RFC 4315).
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unsupported`] without UIDPLUS.
    pub fn expunge(&mut self, uids: &Set) -> Result<Status, Error> {
        if !self.session.has("IMAP4REV2") {
            self.session.dialogue.need("UIDPLUS")?;
        }
        self.store(uids, Change::Add, &[Atom::new("\\Deleted")?])?;
        let command = self.command("UID EXPUNGE").set(uids);
        self.simple(command)
    }

    /// Puts a message in the place of another, in one step (RFC 8508): `length` bytes of `source`.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`]; [`Error::Wire`] when the source ends early.
    pub fn replace(
        &mut self,
        uid: u32,
        mailbox: &Mailbox,
        flags: &[Atom],
        source: &mut dyn Read,
        length: u64,
    ) -> Result<Status, Error> {
        self.session.dialogue.need("REPLACE")?;
        let mut command = self.command("UID REPLACE").word(&uid.to_string()).mailbox(mailbox);
        if !flags.is_empty() {
            command = command.flags(flags);
        }
        let exists = &mut self.exists;
        let data = &mut |untagged: &Untagged<'_>| Selected::note(exists, untagged);
        let tag = self.session.dialogue.send(command.announced(length), source, data)?;
        self.session.dialogue.finish(&tag, data)
    }
}
