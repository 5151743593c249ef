//! Where messages go that have come: the disk's side of a fetch.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::identity::identity;
use super::state::Entry;
use super::store::{Incoming, Store, split};
use crate::failure::{Failure, Result};
use crate::maildir::Pending;

/// How many messages are made safe together.
const BATCH: usize = 256;
/// How much of a message is looked at for its Message-ID.
const HEADER: usize = 64 << 10;

/// What was taken.
#[derive(Debug, Default)]
pub struct Taken {
    pub count: usize,
    pub bytes: u64,
    /// Flags that changed meanwhile.
    pub flags: BTreeMap<u32, Vec<String>>,
}

/// A long message that came before its answer was whole.
pub struct Early {
    pub number: u32,
    pending: Pending,
    size: u64,
    id: u64,
}

/// What an answer brought.
pub struct Job {
    pub uid: u32,
    /// None where the answer says nothing of them.
    pub flags: Option<Vec<String>>,
    /// Seconds since 1970; 0 where it is not told.
    pub received: i64,
    /// The message, where the answer has it; empty where it came early.
    pub text: Option<Vec<u8>>,
    pub early: Option<Early>,
}

pub struct Desk<'s> {
    store: &'s mut Store,
    /// Which are still to come; none where all are wanted.
    wanted: Option<BTreeSet<u32>>,
    batch: Vec<Incoming>,
    taken: Taken,
}

impl<'s> Desk<'s> {
    pub fn new(store: &'s mut Store, wanted: Option<BTreeSet<u32>>) -> Desk<'s> {
        Desk { store, wanted, batch: Vec::new(), taken: Taken::default() }
    }

    /// The mailbox is open, and these are its numbers.
    pub fn begin(&mut self, validity: u32) -> Result<()> {
        self.store.begin(validity, false)
    }

    /// Whether a message is still to come: one that comes twice is taken once.
    pub fn wants(&self, uid: u32) -> bool {
        match &self.wanted {
            Some(wanted) => wanted.contains(&uid),
            None => !self.store.has(uid) && self.batch.iter().all(|one| one.uid != uid),
        }
    }

    /// A long message, while it comes.
    pub fn long(&mut self, number: u32, body: &mut dyn Read) -> Result<Early> {
        let (mut size, mut id, mut head) = (0, 0, Vec::new());
        let pending = self.store.maildir.write_apart(|file| {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let n = body.read(&mut buffer).map_err(|e| Failure::copy("the message", e))?;
                let piece = buffer.get(..n).unwrap_or_default();
                if head.len() < HEADER {
                    head.extend_from_slice(piece.get(..n.min(HEADER - head.len())).unwrap_or_default());
                }
                if n == 0 {
                    id = identity(&head);
                    return Ok(());
                }
                size += n as u64;
                file.write_all(piece).map_err(|e| Failure::write("the backup", &e))?;
            }
        })?;
        Ok(Early { number, pending, size, id })
    }

    /// A long message that no answer is about.
    pub fn discard(&self, early: Option<Early>) {
        if let Some(early) = early {
            self.store.maildir.discard(&early.pending.name);
        }
    }

    /// Takes in what an answer brought.
    pub fn put(&mut self, job: Job) -> Result<()> {
        let Job { uid, flags, received, text, early } = job;
        let Some(text) = text.filter(|_| self.wants(uid)) else {
            self.discard(early);
            if let Some(flags) = flags {
                self.taken.flags.insert(uid, flags);
            }
            return Ok(());
        };
        let flags = flags.unwrap_or_default();
        let (pending, size, id) = match early {
            Some(early) if text.is_empty() => (early.pending, early.size, early.id),
            early => {
                self.discard(early);
                let write = |file: &mut dyn Write| {
                    file.write_all(&text).map_err(|e| Failure::write("the backup", &e))
                };
                let head = text.get(..text.len().min(HEADER)).unwrap_or_default();
                (self.store.maildir.write(write)?, text.len() as u64, identity(head))
            }
        };
        if let Some(at) = time(received) {
            pending.date(at);
        }
        let (letters, keywords) = split(&flags);
        let name = pending.name.clone();
        let entry = Entry { name, size, received, id, keywords, gone: false };
        let incoming = Incoming { uid, entry, letters };
        if let Some(wanted) = &mut self.wanted {
            wanted.remove(&uid);
        }
        self.taken.bytes += size;
        if self.store.adopt(&incoming, &pending) {
            self.store.maildir.discard(&pending.name);
            self.taken.flags.insert(uid, flags);
            return Ok(());
        }
        self.taken.count += 1;
        self.batch.push(incoming);
        if self.batch.len() >= BATCH { self.store.settle(&mut self.batch) } else { Ok(()) }
    }

    /// Makes safe what has come: what was taken, and which are still missing where some were named.
    pub fn close(mut self) -> (Result<()>, Taken, Option<BTreeSet<u32>>) {
        let settled = self.store.settle(&mut self.batch);
        // What has come has its place, however it ended.
        let placed = if self.store.maildir.is_staged() { self.store.unstage() } else { Ok(()) };
        (settled.and(placed), self.taken, self.wanted)
    }
}

fn time(seconds: i64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?))
}
