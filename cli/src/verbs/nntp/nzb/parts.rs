//! What is to be fetched, by whoever is free, and where it goes.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use netkit_nntp::MessageId;
use netkit_nntp::yenc::Part;
use netkit_wire::safe_name;
use rustix::fs::{Mode, OFlags, openat, renameat};

use super::file::Named;
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::seen::Seen;

/// How many parts, or bytes, are made safe on the disk together.
const BATCH: usize = 1 << 9;
const BATCH_BYTES: u64 = 256 << 20;
/// The largest file that is believed: an article may say anything.
const LARGEST: u64 = 1 << 42;

/// One article to be fetched.
#[derive(Clone, Debug)]
pub struct Task {
    pub file: usize,
    pub id: MessageId,
    pub bytes: u64,
    /// How often it was tried.
    pub tries: u8,
}

/// What became of a file.
pub struct Outcome {
    pub name: String,
    pub subject: String,
    pub bytes: u64,
    pub missing: usize,
    pub whole: bool,
}

struct Entry {
    subject: String,
    /// What its articles call it.
    name: Option<Vec<u8>>,
    size: u64,
    /// The open file, once there is something in it.
    sink: Option<std::sync::Arc<File>>,
    left: usize,
    /// How many bytes of it are there; those of earlier runs count by the file's journal.
    done: u64,
}

struct State {
    queue: VecDeque<Task>,
    entries: Vec<Entry>,
    seen: Seen,
    batch: Vec<(String, String)>,
    batch_bytes: u64,
    failure: Option<Failure>,
}

/// Shared by all connections.
pub struct Parts {
    state: Mutex<State>,
    folder: Folder,
    mark: u64,
    bar: ProgressBar,
}

impl Parts {
    pub fn new(
        files: Vec<Named>,
        folder: Folder,
        mut seen: Seen,
        mark: u64,
        bar: ProgressBar,
    ) -> Result<Parts> {
        // What an earlier run had begun to write down was on the disk already.
        seen.unfinished();
        seen.done()?;
        let (mut queue, mut entries) = (VecDeque::new(), Vec::new());
        for (at, file) in files.into_iter().enumerate() {
            let mut left = 0;
            let part = part_name(mark, at);
            let is_begun = folder.file(OsStr::new(&part)).is_some();
            let is_done = seen.time(&format!("file-{at}")).is_some();
            for segment in file.segments {
                let known = is_done || (is_begun && seen.time(segment.id.as_str()).is_some());
                if known {
                    bar.inc(segment.bytes);
                } else {
                    left += 1;
                    queue.push_back(Task { file: at, id: segment.id, bytes: segment.bytes, tries: 0 });
                }
            }
            entries.push(Entry { subject: file.subject, name: None, size: 0, sink: None, left, done: 0 });
        }
        let state = State { queue, entries, seen, batch: Vec::new(), batch_bytes: 0, failure: None };
        Ok(Parts { state: Mutex::new(state), folder, mark, bar })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// How many articles nobody has taken.
    pub fn left(&self) -> usize {
        self.state().queue.len()
    }

    /// The next article.
    pub fn take(&self) -> Option<Task> {
        let mut state = self.state();
        if state.failure.as_ref().is_some_and(|failure| failure.kind == Kind::Write) {
            return None;
        }
        state.queue.pop_front()
    }

    /// Articles that a broken connection did not bring.
    pub fn give_back(&self, tasks: impl IntoIterator<Item = Task, IntoIter: DoubleEndedIterator>) {
        let mut state = self.state();
        for task in tasks.into_iter().rev() {
            state.queue.push_front(task);
        }
    }

    /// Something went wrong; the first such is told at the end.
    pub fn fail(&self, failure: Failure) {
        self.state().failure.get_or_insert(failure);
    }

    /// A part has come whole.
    pub fn store(&self, task: &Task, part: &Part, data: &[u8]) -> Result<()> {
        if part.size > LARGEST || part.offset.saturating_add(part.len) > LARGEST {
            let why = format!("{}: a file of {} bytes is not believed", task.id, part.size);
            return Err(Failure::new(Kind::Limit, why));
        }
        let sink = self.sink(task.file, part)?;
        // Writers meet at different places of the file: no lock is held.
        let name = || self.folder.name().join(part_name(self.mark, task.file));
        sink.write_all_at(data, part.offset).map_err(|e| Failure::write(name().display(), &e))?;
        self.bar.inc(task.bytes);
        let mut state = self.state();
        if let Some(entry) = state.entries.get_mut(task.file) {
            entry.left -= 1;
            entry.done += part.len;
        }
        state.batch.push((task.id.as_str().to_owned(), "-".to_owned()));
        state.batch_bytes += part.len;
        if state.batch.len() >= BATCH || state.batch_bytes >= BATCH_BYTES {
            return self.settle(&mut state);
        }
        Ok(())
    }

    /// The file that a part goes to, opened at its first.
    fn sink(&self, at: usize, part: &Part) -> Result<std::sync::Arc<File>> {
        let mut state = self.state();
        let entry = state.entries.get_mut(at).ok_or_else(|| Failure::new(Kind::Protocol, "no such file"))?;
        if entry.name.is_none() {
            entry.name = Some(part.name.clone());
        }
        entry.size = entry.size.max(part.size);
        if let Some(sink) = &entry.sink {
            return Ok(std::sync::Arc::clone(sink));
        }
        let name = part_name(self.mark, at);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(self.folder.handle(), &name, flags, Mode::from_raw_mode(0o666));
        let failed =
            |e: rustix::io::Errno| Failure::write(self.folder.name().join(&name).display(), &e.into());
        let sink = std::sync::Arc::new(File::from(opened.map_err(failed)?));
        entry.sink = Some(std::sync::Arc::clone(&sink));
        Ok(sink)
    }

    /// First the bytes, then the journal.
    fn settle(&self, state: &mut State) -> Result<()> {
        for entry in &state.entries {
            if let Some(sink) = &entry.sink {
                sink.sync_data().map_err(|e| Failure::write(self.folder.name().display(), &e))?;
            }
        }
        let batch = std::mem::take(&mut state.batch);
        state.batch_bytes = 0;
        if !batch.is_empty() {
            state.seen.whole(&batch, jiff::Timestamp::now().as_second())?;
            state.seen.done()?;
        }
        Ok(())
    }

    /// Gives whole files their names. What came is safe, whatever else went wrong.
    pub fn finish(&self) -> (Vec<Outcome>, Option<Failure>) {
        let mut state = self.state();
        if let Err(failure) = self.settle(&mut state) {
            state.failure.get_or_insert(failure);
        }
        let mut outcomes = Vec::new();
        let mut taken: HashMap<String, usize> = HashMap::new();
        let now = jiff::Timestamp::now().as_second();
        for at in 0..state.entries.len() {
            let State { entries, seen, failure, .. } = &mut *state;
            let Some(entry) = entries.get_mut(at) else { continue };
            let key = format!("file-{at}");
            let said = entry.name.as_deref().map(|name| String::from_utf8_lossy(name).into_owned());
            let safe = safe_name(said.as_deref().unwrap_or_else(|| quoted(&entry.subject)));
            let mut name = safe.unwrap_or_else(|| format!("file-{}", at + 1));
            let mut whole = entry.left == 0;
            if entry.left == 0 && seen.time(&key).is_none() {
                // Of two files of one name, the second has a number.
                let count = taken.entry(name.clone()).or_default();
                *count += 1;
                if *count > 1 {
                    name = format!("{count}-{name}");
                }
                match self.place(at, entry, &name) {
                    Ok(()) => {
                        let line = [(key, "-".to_owned())];
                        let written = seen.whole(&line, now).and_then(|()| seen.done());
                        if let Err(why) = written {
                            failure.get_or_insert(why);
                        }
                    }
                    Err(why) => {
                        whole = false;
                        failure.get_or_insert(why);
                    }
                }
            }
            let Entry { subject, done, left, .. } = entry;
            outcomes.push(Outcome { name, subject: subject.clone(), bytes: *done, missing: *left, whole });
        }
        (outcomes, state.failure.take())
    }

    /// Renames a file in which every part is; it must be as long as its articles said.
    fn place(&self, at: usize, entry: &Entry, name: &str) -> Result<()> {
        let part = part_name(self.mark, at);
        let failed = |e: std::io::Error| Failure::write(self.folder.name().join(name).display(), &e);
        let (_, known) = self.folder.file(OsStr::new(&part)).ok_or_else(|| {
            Failure::new(Kind::Write, format!("{name}: its parts are gone; delete the journal to begin anew"))
        })?;
        if entry.size != 0 && known.len() != entry.size {
            let why =
                format!("{name}: {} bytes where {} were said: parts are missing", known.len(), entry.size);
            return Err(Failure::new(Kind::Partial, why));
        }
        self.folder.check(OsStr::new(name))?;
        renameat(self.folder.handle(), &part, self.folder.handle(), name).map_err(|e| failed(e.into()))?;
        self.folder.sync()
    }
}

/// The name that posters put between quotes in a subject, which stands for the file before an article of it was read.
fn quoted(subject: &str) -> &str {
    let inner = subject.split_once('"').and_then(|(_, rest)| rest.split_once('"'));
    inner.map_or(subject, |(name, _)| name)
}

/// What a file is called before it is whole.
fn part_name(mark: u64, at: usize) -> String {
    format!(".netkit-nzb-{mark:016x}-{at}.part")
}
