//! A folder of a mailbox, with all that IMAP numbers in it (RFC 9051 section 2.3, RFC 7162 section 3.1).

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

/// The most messages a folder holds.
pub(super) const MESSAGES: usize = 10_000;
/// Of how many messages that are gone it is known when they went.
const REMEMBERED: usize = 10_000;

/// A message with the envelope it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// MAIL FROM; empty for the null sender.
    pub from: String,
    /// RCPT TO that put it into this mailbox; empty for one that was appended.
    pub to: String,
    /// The message as it was sent, with CRLF line ends and without dot stuffing.
    pub data: Arc<[u8]>,
    /// Its number in the folder for good, from 1 on; given when it gets there.
    pub uid: u32,
    /// Its flags as they are written: `\Seen`, `$Forwarded`.
    pub flags: BTreeSet<String>,
    /// When it came (RFC 9051 section 2.3.3).
    pub received: SystemTime,
    /// When it was changed last, in the account's count of changes (RFC 7162).
    pub modseq: u64,
}

impl Message {
    /// A message that is not in a folder yet.
    pub fn new(from: &str, to: &str, data: Arc<[u8]>) -> Message {
        let (from, to) = (from.to_owned(), to.to_owned());
        let received = SystemTime::now();
        Message { from, to, data, uid: 0, flags: BTreeSet::new(), received, modseq: 0 }
    }
}

/// What is done to the flags of a message (RFC 9051 section 6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flagging {
    /// `FLAGS`: these and no others.
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

/// One folder.
#[derive(Clone, Debug)]
pub struct Folder {
    pub(super) validity: u32,
    pub(super) next: u32,
    pub(super) modseq: u64,
    pub(super) messages: Vec<Message>,
    /// Numbers of messages that are gone, each with the change that took it, oldest first.
    gone: VecDeque<(u64, u32)>,
    /// Of changes up to this one, it is no longer known which messages they took.
    forgotten: u64,
    pub(super) special_use: Option<String>,
}

impl Folder {
    pub(super) fn new(validity: u32, modseq: u64, special_use: Option<&str>) -> Folder {
        let (messages, gone) = (Vec::new(), VecDeque::new());
        let special_use = special_use.map(str::to_owned);
        Folder { validity, next: 1, modseq, messages, gone, forgotten: 0, special_use }
    }

    /// UIDVALIDITY: another one than that of any folder of this name before.
    pub fn uid_validity(&self) -> u32 {
        self.validity
    }

    /// UIDNEXT: above the number of every message there was.
    pub fn uid_next(&self) -> u32 {
        self.next
    }

    /// HIGHESTMODSEQ: the count of the last change here.
    pub fn highest_modseq(&self) -> u64 {
        self.modseq
    }

    /// The messages, lowest UID first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What it is for, such as `\Sent` (RFC 6154).
    pub fn special_use(&self) -> Option<&str> {
        self.special_use.as_deref()
    }

    /// The message of this UID, and its place counted from 1.
    pub fn get(&self, uid: u32) -> Option<(usize, &Message)> {
        let at = self.at(uid)?;
        Some((at + 1, self.messages.get(at)?))
    }

    /// The UIDs of messages that went after the change `modseq` (RFC 7162 section 3.2.6), lowest first. Where that is no
    /// longer known, all that are not here: what never was cannot be missed.
    pub fn vanished_since(&self, modseq: u64) -> Vec<u32> {
        if modseq < self.forgotten {
            let here: HashSet<u32> = self.messages.iter().map(|one| one.uid).collect();
            return (1..self.next).filter(|uid| !here.contains(uid)).collect();
        }
        let mut all: Vec<u32> =
            self.gone.iter().filter(|(when, _)| *when > modseq).map(|(_, uid)| *uid).collect();
        all.sort_unstable();
        all
    }

    fn at(&self, uid: u32) -> Option<usize> {
        self.messages.binary_search_by_key(&uid, |one| one.uid).ok()
    }

    /// Puts a message at the end: its UID.
    pub(super) fn push(&mut self, mut message: Message, modseq: u64) -> u32 {
        message.uid = self.next;
        message.modseq = modseq;
        self.next = self.next.saturating_add(1);
        self.modseq = modseq;
        let uid = message.uid;
        self.messages.push(message);
        uid
    }

    /// Takes messages out; those that were there, with lowest UID first.
    pub(super) fn take(&mut self, uids: &HashSet<u32>, modseq: u64) -> Vec<Message> {
        let all = std::mem::take(&mut self.messages);
        let (taken, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| uids.contains(&one.uid));
        self.messages = kept;
        if !taken.is_empty() {
            self.modseq = modseq;
        }
        for one in &taken {
            self.gone.push_back((modseq, one.uid));
        }
        while self.gone.len() > REMEMBERED {
            self.forgotten = self.gone.pop_front().map_or(self.forgotten, |(when, _)| when);
        }
        taken
    }

    /// Changes flags; `None` when there is no such message, or it was changed after `unchanged_since`.
    pub(super) fn flag(
        &mut self,
        uid: u32,
        how: Flagging,
        flags: &BTreeSet<String>,
        unchanged_since: Option<u64>,
        modseq: u64,
    ) -> Option<&Message> {
        let at = self.at(uid)?;
        let message = self.messages.get_mut(at)?;
        if unchanged_since.is_some_and(|since| message.modseq > since) {
            return None;
        }
        // Flags are the same in any case (RFC 9051 section 2.3.2), and stay as they were written first.
        let has = |set: &BTreeSet<String>, flag: &str| set.iter().any(|one| one.eq_ignore_ascii_case(flag));
        let before = message.flags.clone();
        match how {
            Flagging::Replace => message.flags.clone_from(flags),
            Flagging::Add => {
                let new = flags.iter().filter(|flag| !has(&before, flag));
                message.flags.extend(new.cloned());
            }
            Flagging::Remove => message.flags.retain(|flag| !has(flags, flag)),
        }
        if message.flags != before {
            (message.modseq, self.modseq) = (modseq, modseq);
        }
        self.messages.get(at)
    }
}
