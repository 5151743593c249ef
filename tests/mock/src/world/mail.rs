//! Mailboxes: one per recipient address, made when the first mail for it comes or its owner looks; each a tree of folders.
//!
//! Mail is delivered to INBOX, which is what POP3 gives out; IMAP has the other folders, too. Every change has a number in the
//! account's own count, which is what CONDSTORE and those who wait for news go by.

mod account;
mod folder;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Condvar};

use account::Account;
pub use account::MailError;
pub use folder::{Flagging, Folder, Message};

/// Between the names of a folder and one inside it.
pub const DELIMITER: char = '/';
/// The most mailboxes.
const MAILBOXES: usize = 10_000;
/// The most bytes all messages together may have: a client that sends for ever meets a wall.
const CAPACITY: usize = 256 << 20;

/// All mailboxes by address. A name of a folder is as people read it, in UTF-8; INBOX is the same in any case.
#[derive(Debug, Default)]
pub struct Mail {
    boxes: BTreeMap<String, Account>,
    /// Who has the usual folders.
    furnished: BTreeSet<String>,
    /// What all messages together have.
    bytes: usize,
    /// Told of every change.
    pub(super) news: Arc<Condvar>,
}

/// Where a message went: the folder's UIDVALIDITY and the UIDs, old and new (RFC 4315 section 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// The UIDVALIDITY of the folder they went to.
    pub validity: u32,
    /// Each UID there was, and what it is there; lowest first.
    pub uids: Vec<(u32, u32)>,
}

impl Mail {
    /// Makes a mailbox for who has none yet; `false` when there is no room for one more.
    pub fn open(&mut self, address: &str) -> bool {
        let key = key(address);
        if !self.boxes.contains_key(&key) {
            if self.boxes.len() >= MAILBOXES {
                return false;
            }
            self.boxes.insert(key, Account::new());
        }
        true
    }

    /// Whether somebody has been given the usual folders; from now on.
    pub(super) fn furnished(&mut self, address: &str) -> bool {
        !self.furnished.insert(key(address))
    }

    /// Puts a message into the INBOX of its recipient, where the oldest makes room; `false` when there is no room for it.
    pub fn deliver(&mut self, message: Message) -> bool {
        let to = message.to.clone();
        let fits = self.bytes.saturating_add(message.data.len()) <= CAPACITY;
        fits && self.open(&to) && self.change(&to, |account| account.deliver(message)).is_ok()
    }

    /// Puts a message at the end of a folder: UIDVALIDITY and UID.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn append(&mut self, address: &str, folder: &str, message: Message) -> Result<(u32, u32), MailError> {
        if self.bytes.saturating_add(message.data.len()) > CAPACITY {
            return Err(MailError::Full);
        }
        self.change(address, |account| account.append(folder, message))
    }

    /// Puts the messages of these UIDs into another folder, all or none; there they are new messages with the same flags and date.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn copy(&mut self, address: &str, from: &str, uids: &[u32], to: &str) -> Result<Copied, MailError> {
        let room = CAPACITY.saturating_sub(self.bytes);
        self.change(address, |account| account.copy(from, &set(uids), to, room))
    }

    /// As [`Mail::copy`], and they are gone from where they were (RFC 6851).
    ///
    /// # Errors
    /// [`MailError`].
    pub fn shift(&mut self, address: &str, from: &str, uids: &[u32], to: &str) -> Result<Copied, MailError> {
        let copied = self.copy(address, from, uids, to)?;
        self.expunge(address, from, uids)?;
        Ok(copied)
    }

    /// Takes the messages with these UIDs out of a folder: those that were there.
    ///
    /// # Errors
    /// [`MailError::Missing`].
    pub fn expunge(&mut self, address: &str, folder: &str, uids: &[u32]) -> Result<Vec<u32>, MailError> {
        self.change(address, |account| account.expunge(folder, &set(uids)))
    }

    /// Changes the flags of a message, and gives it back as it is then; none where it is gone or was changed after
    /// `unchanged_since` (RFC 7162 section 3.1.3).
    ///
    /// # Errors
    /// [`MailError::Missing`], for the folder.
    pub fn flag(
        &mut self,
        address: &str,
        folder: &str,
        uid: u32,
        (how, flags): (Flagging, &BTreeSet<String>),
        unchanged_since: Option<u64>,
    ) -> Result<Option<Message>, MailError> {
        self.change(address, |account| account.flag(folder, uid, how, flags, unchanged_since))
    }

    /// Makes a folder, and those above it that are missing.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn create(
        &mut self,
        address: &str,
        folder: &str,
        special_use: Option<&str>,
    ) -> Result<(), MailError> {
        self.change(address, |account| account.create(folder, special_use))
    }

    /// Deletes a folder with its messages; those inside it stay.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn delete(&mut self, address: &str, folder: &str) -> Result<(), MailError> {
        self.change(address, |account| account.delete(folder))
    }

    /// Gives a folder and those inside it another name. INBOX stays, and its messages go to the new one (RFC 9051 section 6.3.6).
    ///
    /// # Errors
    /// [`MailError`].
    pub fn rename(&mut self, address: &str, from: &str, to: &str) -> Result<(), MailError> {
        self.change(address, |account| account.rename(from, to))
    }

    /// Notes that somebody wants to see a folder, or not; it need not exist.
    ///
    /// # Errors
    /// [`MailError::Full`].
    pub fn subscribe(&mut self, address: &str, folder: &str, wanted: bool) -> Result<(), MailError> {
        self.change(address, |account| account.subscribe(folder, wanted))
    }

    /// The names of folders that somebody wants to see.
    pub fn subscribed(&self, address: &str) -> Vec<&str> {
        self.account(address).map(Account::subscribed).unwrap_or_default()
    }

    /// The folders by name.
    pub fn folders(&self, address: &str) -> Vec<(&str, &Folder)> {
        self.account(address).map(Account::folders).unwrap_or_default()
    }

    /// A folder.
    pub fn folder(&self, address: &str, name: &str) -> Option<&Folder> {
        self.account(address)?.folder(name)
    }

    /// The number of the last change in any folder; 0 for who has no mailbox.
    pub fn changes(&self, address: &str) -> u64 {
        self.account(address).map_or(0, |account| account.modseq)
    }

    /// Takes the messages with these numbers out of INBOX.
    pub fn remove(&mut self, address: &str, uids: &[u32]) {
        // Who has no mailbox has nothing in it.
        let _ = self.expunge(address, account::INBOX, uids);
    }

    /// The messages of `address` in INBOX, oldest first.
    pub fn messages(&self, address: &str) -> &[Message] {
        self.folder(address, account::INBOX).map_or(&[], Folder::messages)
    }

    /// All addresses that have a mailbox.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.boxes.keys().map(String::as_str)
    }

    fn account(&self, address: &str) -> Option<&Account> {
        self.boxes.get(&key(address))
    }

    /// Does something to an account, counts its bytes anew and tells those who wait.
    fn change<T>(
        &mut self,
        address: &str,
        what: impl FnOnce(&mut Account) -> Result<T, MailError>,
    ) -> Result<T, MailError> {
        let account = self.boxes.get_mut(&key(address)).ok_or(MailError::Missing)?;
        let before = account.bytes;
        let done = what(account);
        self.bytes = self.bytes + account.bytes - before;
        self.news.notify_all();
        done
    }
}

fn set(uids: &[u32]) -> HashSet<u32> {
    uids.iter().copied().collect()
}

/// Which mailbox an address means: those with an account have one at every domain, so that who logs in as alice reads what
/// was sent to alice@anywhere; all others have one for each address.
pub(super) fn key(address: &str) -> String {
    let address = address.to_ascii_lowercase();
    let local = address.split('@').next().unwrap_or_default();
    if super::ACCOUNTS.iter().any(|(name, _)| *name == local) { local.to_owned() } else { address }
}
