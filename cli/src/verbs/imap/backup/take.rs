//! Messages on their way from the server to the disk: one thread reads the answers, another writes the files.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use netkit_imap::response::{Fetch, Item, Section};
use netkit_imap::types::{DateTime, Set};
use netkit_imap::{FetchItem, Receive, Selected};

use super::desk::{Desk, Early, Job, Taken};
use super::seconds;
use super::store::Store;
use crate::failure::{Failure, Kind, Result};
use crate::verbs::imap::session::Opener;

/// What is asked of each message.
pub const ITEMS: [FetchItem; 4] =
    [FetchItem::Uid, FetchItem::Flags, FetchItem::InternalDate, FetchItem::Message];
/// How many bytes of messages go to the other thread together, and how many such heaps may wait there.
const HEAP: usize = 256 << 10;
const HEAPS: usize = 4;

/// Gives the disk's thread what the answers bring.
pub struct Feeder<'d, 's> {
    desk: &'d Mutex<Desk<'s>>,
    /// A file could not be written.
    stopped: &'d AtomicBool,
    out: SyncSender<Vec<Job>>,
    early: Option<Early>,
    heap: Vec<Job>,
    bytes: usize,
}

/// Fetches these messages, or all there are.
pub fn take(
    selected: &mut Selected,
    opener: &Opener<'_>,
    store: &mut Store,
    wanted: Option<Vec<u32>>,
) -> Result<Taken> {
    let uids = wanted.as_ref().map_or_else(Set::all, |wanted| wanted.iter().copied().collect());
    let wanted = wanted.map(|wanted| wanted.into_iter().collect());
    let desk = Desk::new(store, wanted);
    let (outcome, written, desk) = beside(desk, |feeder| selected.download(&uids, &ITEMS, None, feeder));
    // What has come is kept, however it ended.
    let (settled, taken, wanted) = desk.close();
    written?;
    outcome.map_err(|e| opener.about(e))??;
    settled?;
    let missing = match wanted {
        Some(wanted) => wanted.into_iter().collect(),
        None => left_out(selected, opener, store, &taken)?,
    };
    is_gone(selected, opener, missing)?;
    Ok(taken)
}

/// Those of all messages that did not come.
pub fn left_out(
    selected: &mut Selected,
    opener: &Opener<'_>,
    store: &Store,
    taken: &Taken,
) -> Result<Vec<u32>> {
    if taken.count >= usize::try_from(selected.exists).unwrap_or_default() {
        return Ok(Vec::new());
    }
    let all = selected.search(&[netkit_imap::SearchKey::All]).map_err(|e| opener.about(e))?;
    let largest = selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1));
    let most = usize::try_from(selected.exists).unwrap_or_default();
    Ok(all.numbers(largest).take(most).filter(|uid| !store.has(*uid)).collect())
}

/// Some may be gone meanwhile, which is no failure; kept back by the server is one.
pub fn is_gone(selected: &mut Selected, opener: &Opener<'_>, missing: Vec<u32>) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let there = selected.search(&[netkit_imap::SearchKey::Uid(missing.into_iter().collect())]);
    let there = there.map_err(|e| opener.about(e))?;
    if there.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Kind::Partial, format!("{}: the server did not send {there}", selected.mailbox())))
}

/// Runs a download with the disk's thread beside it: the outcome, how the writing went, and the desk again.
pub fn beside<'s, T>(
    desk: Desk<'s>,
    download: impl FnOnce(&mut Feeder<'_, 's>) -> T,
) -> (T, Result<()>, Desk<'s>) {
    let (desk, stopped) = (Mutex::new(desk), AtomicBool::new(false));
    let (outcome, written) = std::thread::scope(|scope| {
        let (out, jobs) = sync_channel(HEAPS);
        let writer = scope.spawn(|| write(&desk, jobs, &stopped));
        let mut feeder =
            Feeder { desk: &desk, stopped: &stopped, out, early: None, heap: Vec::new(), bytes: 0 };
        let outcome = download(&mut feeder);
        feeder.hand_over();
        locked(&desk).discard(feeder.early.take());
        drop(feeder);
        (outcome, writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    (outcome, written, desk.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn locked<T>(desk: &Mutex<T>) -> MutexGuard<'_, T> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk's thread. After a failure it keeps nothing more, and leaves nothing behind of what is on its way.
fn write(desk: &Mutex<Desk<'_>>, jobs: Receiver<Vec<Job>>, stopped: &AtomicBool) -> Result<()> {
    let mut outcome = Ok(());
    for heap in jobs {
        let mut desk = locked(desk);
        for job in heap {
            if outcome.is_err() {
                desk.discard(job.early);
            } else {
                outcome = desk.put(job);
                stopped.store(outcome.is_err(), Ordering::Relaxed);
            }
        }
    }
    outcome
}

impl<'d, 's> Feeder<'d, 's> {
    /// The desk, for what is done before a message is on its way to it.
    pub fn desk(&self) -> MutexGuard<'d, Desk<'s>> {
        locked(self.desk)
    }

    fn hand_over(&mut self) {
        self.bytes = 0;
        // The other end is there until this one is dropped.
        let _ = self.out.send(std::mem::take(&mut self.heap));
    }
}

impl Receive for Feeder<'_, '_> {
    type Error = Failure;

    fn literal(&mut self, so_far: &Fetch<'_>, _: &Section<'_>, body: &mut dyn Read) -> Result<()> {
        let mut desk = locked(self.desk);
        if so_far.uid().is_some_and(|uid| !desk.wants(uid)) {
            return Ok(());
        }
        let early = desk.long(so_far.number, body)?;
        desk.discard(self.early.replace(early));
        Ok(())
    }

    fn answer(&mut self, fetch: &Fetch<'_>) -> Result<()> {
        let Some(uid) = fetch.uid() else { return Ok(()) };
        let (mut received, mut text) = (0, None);
        for item in &fetch.items {
            match item {
                Item::InternalDate(date) => received = DateTime::read(date).map_or(0, seconds),
                Item::Section(section, bytes) if section.name.is_empty() => text = bytes.as_deref(),
                _ => {}
            }
        }
        let early = self.early.take_if(|early| early.number == fetch.number);
        let text = text.map(<[u8]>::to_vec);
        self.bytes += text.as_ref().map_or(0, Vec::len) + size_of::<Job>();
        if early.is_some() {
            // It has a file open.
            self.bytes += HEAP;
        }
        let flags = fetch.flags().map(|flags| flags.iter().map(ToString::to_string).collect());
        self.heap.push(Job { uid, flags, received, text, early });
        if self.bytes >= HEAP {
            self.hand_over();
        }
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Failure::new(Kind::Write, "the disk's thread has stopped"));
        }
        Ok(())
    }
}
