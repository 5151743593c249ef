//! One address: its folders by name, and the count of what was changed in them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::folder::{Flagging, Folder, MESSAGES, Message};
use super::{Copied, DELIMITER};

/// The folder that mail is delivered to.
pub(super) const INBOX: &str = "INBOX";
/// The most folders, and the most subscriptions.
const FOLDERS: usize = 1_000;
/// The longest name, in bytes.
const NAME: usize = 1_000;

/// Why something cannot be done to a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// There is no such mailbox or folder.
    #[error("there is no such folder")]
    Missing,
    /// There is one of this name already.
    #[error("there is a folder of this name")]
    Exists,
    /// Not with INBOX.
    #[error("INBOX stays")]
    Inbox,
    /// Empty, too long, or with an empty part.
    #[error("this cannot be a folder's name")]
    Name,
    /// There is no room.
    #[error("there is no room")]
    Full,
}

#[derive(Debug)]
pub(super) struct Account {
    folders: BTreeMap<String, Folder>,
    subscribed: BTreeSet<String>,
    pub(super) modseq: u64,
    pub(super) bytes: usize,
    /// The UIDVALIDITY of the newest folder: none is ever given again.
    validity: u32,
}

/// INBOX in one spelling, also as the first part of a name.
fn spelled(name: &str) -> String {
    let (first, rest) = name.split_at(name.find(DELIMITER).unwrap_or(name.len()));
    if first.eq_ignore_ascii_case(INBOX) { format!("{INBOX}{rest}") } else { name.to_owned() }
}

/// The name that a new folder gets.
fn new_name(name: &str) -> Result<String, MailError> {
    // One delimiter at the end says that folders inside are to come (RFC 9051 section 6.3.4).
    let name = name.strip_suffix(DELIMITER).unwrap_or(name);
    let fits = name.len() <= NAME && name.split(DELIMITER).all(|part| !part.is_empty());
    if fits && !name.chars().any(char::is_control) { Ok(spelled(name)) } else { Err(MailError::Name) }
}

impl Account {
    pub(super) fn new() -> Account {
        let folders = BTreeMap::from([(INBOX.to_owned(), Folder::new(1, 1, None))]);
        Account { folders, subscribed: BTreeSet::from([INBOX.to_owned()]), modseq: 1, bytes: 0, validity: 1 }
    }

    pub(super) fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.get(&spelled(name))
    }

    pub(super) fn folders(&self) -> Vec<(&str, &Folder)> {
        self.folders.iter().map(|(name, folder)| (name.as_str(), folder)).collect()
    }

    pub(super) fn subscribed(&self) -> Vec<&str> {
        self.subscribed.iter().map(String::as_str).collect()
    }

    /// A folder, and the number of the next change in it.
    fn changing(&mut self, name: &str) -> Result<(&mut Folder, u64), MailError> {
        let folder = self.folders.get_mut(&spelled(name)).ok_or(MailError::Missing)?;
        Ok((folder, self.modseq + 1))
    }

    pub(super) fn deliver(&mut self, message: Message) -> Result<(), MailError> {
        let oldest = self.folder(INBOX).filter(|inbox| inbox.messages.len() >= MESSAGES);
        if let Some(oldest) = oldest.and_then(|inbox| inbox.messages.first()).map(|one| one.uid) {
            self.expunge(INBOX, &HashSet::from([oldest]))?;
        }
        self.append(INBOX, message).map(|_| ())
    }

    pub(super) fn append(&mut self, name: &str, message: Message) -> Result<(u32, u32), MailError> {
        let size = message.data.len();
        let (folder, modseq) = self.changing(name)?;
        if folder.messages.len() >= MESSAGES {
            return Err(MailError::Full);
        }
        let to = (folder.validity, folder.push(message, modseq));
        (self.modseq, self.bytes) = (modseq, self.bytes + size);
        Ok(to)
    }

    pub(super) fn copy(
        &mut self,
        from: &str,
        uids: &HashSet<u32>,
        to: &str,
        room: usize,
    ) -> Result<Copied, MailError> {
        let from = self.folder(from).ok_or(MailError::Missing)?;
        let messages: Vec<Message> =
            from.messages.iter().filter(|one| uids.contains(&one.uid)).cloned().collect();
        let size: usize = messages.iter().map(|one| one.data.len()).sum();
        let (folder, modseq) = self.changing(to)?;
        if size > room || folder.messages.len() + messages.len() > MESSAGES {
            return Err(MailError::Full);
        }
        let uids = messages.into_iter().map(|one| (one.uid, folder.push(one, modseq))).collect();
        let copied = Copied { validity: folder.validity, uids };
        (self.modseq, self.bytes) = (modseq, self.bytes + size);
        Ok(copied)
    }

    pub(super) fn expunge(&mut self, name: &str, uids: &HashSet<u32>) -> Result<Vec<u32>, MailError> {
        let (folder, modseq) = self.changing(name)?;
        let taken = folder.take(uids, modseq);
        if !taken.is_empty() {
            self.modseq = modseq;
        }
        self.bytes -= size(&taken);
        Ok(taken.iter().map(|one| one.uid).collect())
    }

    pub(super) fn flag(
        &mut self,
        name: &str,
        uid: u32,
        how: Flagging,
        flags: &BTreeSet<String>,
        unchanged_since: Option<u64>,
    ) -> Result<Option<Message>, MailError> {
        let (folder, modseq) = self.changing(name)?;
        let changed = folder.flag(uid, how, flags, unchanged_since, modseq).cloned();
        let newest = folder.modseq;
        self.modseq = self.modseq.max(newest);
        Ok(changed)
    }

    pub(super) fn create(&mut self, name: &str, special_use: Option<&str>) -> Result<(), MailError> {
        let name = new_name(name)?;
        if self.folders.contains_key(&name) {
            return Err(MailError::Exists);
        }
        self.make_above(&name, 1)?;
        self.make(name, special_use)
    }

    /// The folders above `name`, if with them there is room for `more`.
    fn make_above(&mut self, name: &str, more: usize) -> Result<(), MailError> {
        let ends = name.match_indices(DELIMITER).map(|(at, _)| at);
        let above = ends.filter_map(|at| name.get(..at)).filter(|one| !self.folders.contains_key(*one));
        let above: Vec<String> = above.map(str::to_owned).collect();
        if self.folders.len() + above.len() + more > FOLDERS {
            return Err(MailError::Full);
        }
        above.into_iter().try_for_each(|one| self.make(one, None))
    }

    fn make(&mut self, name: String, special_use: Option<&str>) -> Result<(), MailError> {
        self.validity = self.validity.checked_add(1).ok_or(MailError::Full)?;
        self.modseq += 1;
        self.folders.insert(name, Folder::new(self.validity, self.modseq, special_use));
        Ok(())
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), MailError> {
        let name = spelled(name);
        if name == INBOX {
            return Err(MailError::Inbox);
        }
        let gone = self.folders.remove(&name).ok_or(MailError::Missing)?;
        self.modseq += 1;
        self.bytes -= size(&gone.messages);
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> Result<(), MailError> {
        let (from, to) = (spelled(from), new_name(to)?);
        let inside = format!("{from}{DELIMITER}");
        if !self.folders.contains_key(&from) {
            return Err(MailError::Missing);
        }
        // A folder inside itself would be a ring.
        if to.starts_with(&inside) && from != INBOX {
            return Err(MailError::Name);
        }
        if from == INBOX {
            self.create(&to, None)?;
            let modseq = self.modseq + 1;
            let all: HashSet<u32> =
                self.folder(INBOX).into_iter().flat_map(|inbox| &inbox.messages).map(|one| one.uid).collect();
            let taken = self.changing(INBOX)?.0.take(&all, modseq);
            let (folder, _) = self.changing(&to)?;
            for one in taken {
                folder.push(one, modseq);
            }
            self.modseq = modseq;
            return Ok(());
        }
        let moved: Vec<String> =
            self.folders.keys().filter(|name| **name == from || name.starts_with(&inside)).cloned().collect();
        let renamed = |name: &str| format!("{to}{}", name.get(from.len()..).unwrap_or_default());
        let names: Vec<String> = moved.iter().map(|name| renamed(name)).collect();
        if names.iter().any(|name| self.folders.contains_key(name)) {
            return Err(MailError::Exists);
        }
        if names.iter().any(|name| name.len() > NAME) {
            return Err(MailError::Name);
        }
        self.make_above(&to, 0)?;
        for (old, new) in moved.iter().zip(names) {
            if let Some(folder) = self.folders.remove(old) {
                self.folders.insert(new, folder);
            }
        }
        self.modseq += 1;
        Ok(())
    }

    pub(super) fn subscribe(&mut self, name: &str, wanted: bool) -> Result<(), MailError> {
        if !wanted {
            self.subscribed.remove(&spelled(name));
            return Ok(());
        }
        let name = new_name(name)?;
        if self.subscribed.len() >= FOLDERS && !self.subscribed.contains(&name) {
            return Err(MailError::Full);
        }
        self.subscribed.insert(name);
        Ok(())
    }
}

fn size(messages: &[Message]) -> usize {
    messages.iter().map(|one| one.data.len()).sum()
}
