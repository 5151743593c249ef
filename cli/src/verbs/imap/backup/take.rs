//! Messages on their way from the server to the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_imap::response::{Fetch, Item, Section};
use netkit_imap::types::{Atom, DateTime, Set};
use netkit_imap::{FetchItem, Receive, Selected};
use sha2::{Digest, Sha256};

use super::seconds;
use super::state::Entry;
use super::store::{Incoming, Store, split};
use crate::failure::{Failure, Kind, Result};
use crate::maildir::Pending;
use crate::verbs::imap::session::Opener;

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
struct Early {
    number: u32,
    pending: Pending,
    size: u64,
    id: u64,
}

struct Taker<'s> {
    store: &'s mut Store,
    /// Which are still to come; none where all are wanted.
    wanted: Option<BTreeSet<u32>>,
    early: Option<Early>,
    batch: Vec<Incoming>,
    taken: Taken,
}

/// Fetches these messages, or all there are.
pub fn take(
    selected: &mut Selected,
    opener: &Opener<'_>,
    store: &mut Store,
    wanted: Option<Vec<u32>>,
) -> Result<Taken> {
    let items = [FetchItem::Uid, FetchItem::Flags, FetchItem::InternalDate, FetchItem::Message];
    let uids = wanted.as_ref().map_or_else(Set::all, |wanted| wanted.iter().copied().collect());
    let wanted = wanted.map(|wanted| wanted.into_iter().collect());
    let mut taker = Taker { store, wanted, early: None, batch: Vec::new(), taken: Taken::default() };
    let outcome = selected.download(&uids, &items, None, &mut taker);
    // What has come is kept, however it ended.
    let Taker { store, mut batch, taken, wanted, early, .. } = taker;
    if let Some(early) = early {
        store.maildir.discard(&early.pending.name);
    }
    let settled = store.settle(&mut batch);
    outcome.map_err(|e| opener.about(e))??;
    settled?;
    // Some may be gone meanwhile, which is no failure; kept back by the server is one.
    let missing: Option<Vec<u32>> = match wanted {
        Some(wanted) => Some(wanted.into_iter().collect()),
        None if taken.count < usize::try_from(selected.exists).unwrap_or_default() => {
            let all = selected.search(&[netkit_imap::SearchKey::All]).map_err(|e| opener.about(e))?;
            let largest = selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1));
            let most = usize::try_from(selected.exists).unwrap_or_default();
            Some(all.numbers(largest).take(most).filter(|uid| !store.has(*uid)).collect())
        }
        None => None,
    };
    if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
        let there = selected.search(&[netkit_imap::SearchKey::Uid(missing.into_iter().collect())]);
        let there = there.map_err(|e| opener.about(e))?;
        if !there.is_empty() {
            let why = format!("{}: the server did not send {there}", selected.mailbox());
            return Err(Failure::new(Kind::Partial, why));
        }
    }
    Ok(taken)
}

impl Taker<'_> {
    /// Whether a message is still to come: one that comes twice is taken once.
    fn wants(&self, uid: u32) -> bool {
        match &self.wanted {
            Some(wanted) => wanted.contains(&uid),
            None => !self.store.has(uid) && self.batch.iter().all(|one| one.uid != uid),
        }
    }
}

impl Receive for Taker<'_> {
    type Error = Failure;

    fn literal(&mut self, so_far: &Fetch<'_>, _: &Section<'_>, body: &mut dyn Read) -> Result<()> {
        if so_far.uid().is_some_and(|uid| !self.wants(uid)) {
            return Ok(());
        }
        let (mut size, mut id, mut head) = (0, 0, Vec::new());
        let pending = self.store.maildir.write(|file| {
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
        if let Some(earlier) = self.early.replace(Early { number: so_far.number, pending, size, id }) {
            self.store.maildir.discard(&earlier.pending.name);
        }
        Ok(())
    }

    fn answer(&mut self, fetch: &Fetch<'_>) -> Result<()> {
        let Some(uid) = fetch.uid() else { return Ok(()) };
        let flags: Vec<String> = fetch.flags().unwrap_or_default().iter().map(ToString::to_string).collect();
        let mut received = 0;
        let mut text = None;
        for item in &fetch.items {
            match item {
                Item::InternalDate(date) => received = DateTime::read(date).map_or(0, seconds),
                Item::Section(section, bytes) if section.name.is_empty() => text = bytes.as_deref(),
                _ => {}
            }
        }
        let Some(text) = text.filter(|_| self.wants(uid)) else {
            if fetch.flags().is_some() {
                self.taken.flags.insert(uid, flags);
            }
            return Ok(());
        };
        let (pending, size, id) = match self.early.take() {
            Some(early) if early.number == fetch.number && text.is_empty() => {
                (early.pending, early.size, early.id)
            }
            earlier => {
                if let Some(earlier) = earlier {
                    self.store.maildir.discard(&earlier.pending.name);
                }
                let write =
                    |file: &mut dyn Write| file.write_all(text).map_err(|e| Failure::write("the backup", &e));
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
}

fn time(seconds: i64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?))
}

/// A number made of the Message-ID in a header; 0 where there is none.
pub fn identity(header: &[u8]) -> u64 {
    let mut lines = header.split(|b| *b == b'\n');
    let name = b"message-id:";
    let found = loop {
        match lines.next().map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            None | Some([]) => return 0,
            Some(line) if line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) => {
                break line;
            }
            Some(_) => {}
        }
    };
    let mut value = found.get(name.len()..).unwrap_or_default().trim_ascii().to_vec();
    // A long one stands on the next line.
    if value.is_empty() {
        let next = lines.next().filter(|line| line.starts_with(b" ") || line.starts_with(b"\t"));
        value = next.unwrap_or_default().trim_ascii().to_vec();
    }
    if value.is_empty() {
        return 0;
    }
    let hash = Sha256::digest(&value);
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)).max(1)
}

/// What tells a message on the server from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub size: u64,
    pub received: i64,
    pub id: u64,
}

/// Those of all messages.
pub fn identities(selected: &mut Selected, opener: &Opener<'_>) -> Result<Vec<Identity>> {
    let mut all = Vec::new();
    if selected.exists == 0 {
        return Ok(all);
    }
    let field = Atom::new("Message-ID").map_err(netkit_imap::Error::from)?;
    let items = [FetchItem::Uid, FetchItem::Size, FetchItem::InternalDate, FetchItem::Field(field)];
    let told = selected.fetch(&Set::all(), &items, |fetch: &Fetch<'_>| {
        let (mut size, mut received, mut id) = (None, 0, 0);
        for item in &fetch.items {
            match item {
                Item::Size(octets) => size = Some(*octets),
                Item::InternalDate(date) => received = DateTime::read(date).map_or(0, seconds),
                Item::Section(_, Some(text)) => id = identity(text),
                _ => {}
            }
        }
        if let (Some(uid), Some(size)) = (fetch.uid(), size) {
            all.push(Identity { uid, size, received, id });
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn who_a_message_is() {
        let one = identity(b"Subject: x\r\nMESSAGE-ID: <a@b>\r\n\r\nbody");
        assert!(one != 0);
        assert_eq!(identity(b"Message-Id:\r\n <a@b>\r\n\r\n"), one);
        assert_eq!(identity(b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n"), 0);
        assert_eq!(identity(b""), 0);
    }
}
