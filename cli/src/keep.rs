//! Where fetched messages go: a Maildir, a mailbox file or a folder, with the steps in the order that loses nothing.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::digest;
use crate::failure::{Failure, Result};
use crate::folder::Folder;
use crate::maildir::{Maildir, Place};
use crate::mbox::Quoted;
use crate::seen::Seen;

/// Where messages go, as the options have it: one of three, and where is remembered what was fetched.
pub struct Places<'p> {
    pub protocol: &'static str,
    pub maildir: Option<&'p Path>,
    pub mbox: Option<&'p Path>,
    pub folder: Option<&'p Path>,
    pub state: Option<&'p Path>,
}

/// A place for messages.
pub enum Keep {
    Maildir {
        store: Box<Maildir>,
        batch: Vec<(String, String)>,
    },
    Mbox {
        path: PathBuf,
        file: BufWriter<File>,
        batch: Vec<(String, String)>,
    },
    /// A file for each.
    Folder {
        folder: Folder,
        batch: Vec<(String, String)>,
    },
}

impl Places<'_> {
    /// The file that remembers what was fetched from an account or a group: beside the messages, hidden.
    pub fn state_path(&self, account: &str) -> PathBuf {
        if let Some(path) = self.state {
            return path.to_owned();
        }
        // The account's name may hold anything; a number made of it is a file's name everywhere.
        let number = digest::number(account.bytes());
        let name = format!(".netkit-{}-{number:016x}", self.protocol);
        match (self.maildir.or(self.folder), self.mbox) {
            (Some(folder), _) => folder.join(name),
            (None, Some(file)) => {
                let own = file.file_name().unwrap_or(OsStr::new("mbox")).to_string_lossy();
                file.with_file_name(format!(".{own}{name}"))
            }
            (None, None) => PathBuf::from(name),
        }
    }
}

impl Keep {
    /// Opens the place, and brings to its end what an earlier run had begun.
    pub fn open(places: &Places<'_>, seen: &mut Seen) -> Result<Keep> {
        let unfinished = seen.unfinished();
        let was_ended = unfinished.length.is_some() || !unfinished.messages.is_empty();
        let keep = match (places.maildir, places.mbox) {
            (Some(folder), _) => {
                let store = Maildir::open(&Folder::open(folder)?)?;
                for (uid, name) in &unfinished.messages {
                    if !store.place(name, Place::New, "")? {
                        seen.forget(uid);
                    }
                }
                store.sync()?;
                Keep::Maildir { store: Box::new(store), batch: Vec::new() }
            }
            (None, None) => {
                let folder = Folder::open(places.folder.unwrap_or(Path::new(".")))?;
                // A file has its name before it is written down: what was begun is there, or is fetched again.
                unfinished.messages.iter().for_each(|(uid, _)| seen.forget(uid));
                Keep::Folder { folder, batch: Vec::new() }
            }
            (None, Some(path)) => {
                let path = path.to_owned();
                let failed = |e: std::io::Error| Failure::write(path.display(), &e);
                let mut file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(&path)
                    .map_err(failed)?;
                file.try_lock().map_err(|e| failed(std::io::Error::other(e)))?;
                if let Some(length) = unfinished.length {
                    // What was added behind it was not whole. Where somebody else has added mail since, it all stays: half a
                    // message too much is better than one too few.
                    let longer = file.metadata().map_err(failed)?.len() > length;
                    if longer && is_ours(&mut file, length).map_err(failed)? {
                        file.set_len(length).map_err(failed)?;
                    } else if longer {
                        file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(b"\n\n")).map_err(failed)?;
                    }
                    unfinished.messages.iter().for_each(|(uid, _)| seen.forget(uid));
                }
                let mut file = BufWriter::with_capacity(256 << 10, file);
                file.seek(SeekFrom::End(0)).map_err(failed)?;
                Keep::Mbox { path, file, batch: Vec::new() }
            }
        };
        if was_ended {
            seen.done()?;
        }
        Ok(keep)
    }

    /// Takes a message in. It is not safe before [`Keep::settle`].
    pub fn message(
        &mut self,
        uid: &str,
        seen: &mut Seen,
        read: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        match self {
            Keep::Maildir { store, batch } => {
                let pending = store.write(|to| read(to))?;
                batch.push((uid.to_owned(), pending.name));
            }
            Keep::Mbox { path, file, batch } => {
                let failed = |e: std::io::Error| Failure::write(path.display(), &e);
                if batch.is_empty() {
                    let length = file.stream_position().map_err(failed)?;
                    seen.grows_from(length)?;
                }
                let start = file.stream_position().map_err(failed)?;
                let written = (|| {
                    writeln!(file, "{SENDER}{}", date()).map_err(failed)?;
                    let mut quoted = Quoted::new(&mut *file);
                    read(&mut quoted)?;
                    quoted.finish().map_err(failed)
                })();
                if let Err(failure) = written {
                    // Half a message is taken out again; if even that fails, nothing more is said to be whole, and the next
                    // run takes the batch out.
                    let undone = file.flush().and_then(|()| file.get_ref().set_len(start));
                    if undone.and_then(|()| file.seek(SeekFrom::Start(start))).is_err() {
                        batch.clear();
                    }
                    return Err(failure);
                }
                batch.push((uid.to_owned(), "-".to_owned()));
            }
            Keep::Folder { folder, batch } => {
                let name = format!("{uid}.eml");
                folder.save(OsStr::new(&name), None, |file| {
                    let mut file = BufWriter::with_capacity(64 << 10, file);
                    read(&mut file)?;
                    let flushed = file.flush();
                    flushed.map_err(|e| Failure::write(&name, &e))
                })?;
                batch.push((uid.to_owned(), name));
            }
        }
        Ok(())
    }

    /// How many messages are not safe yet.
    pub fn unsettled(&self) -> usize {
        match self {
            Keep::Maildir { batch, .. } | Keep::Mbox { batch, .. } | Keep::Folder { batch, .. } => {
                batch.len()
            }
        }
    }

    /// Makes everything safe on the disk and writes it down: first the bytes, then the journal, then the places.
    pub fn settle(&mut self, seen: &mut Seen, now: i64) -> Result<()> {
        if self.unsettled() == 0 {
            return Ok(());
        }
        match self {
            Keep::Maildir { store, batch } => {
                let names = std::mem::take(batch);
                let secured = store.secure(names.iter().map(|(_, name)| name.as_str()));
                if let Err(failure) = secured.and_then(|()| seen.whole(&names, now)) {
                    // A disk that is full is not to be kept full. Of what the journal has all the same, the next run finds
                    // nothing, and fetches it.
                    names.iter().for_each(|(_, name)| store.discard(name));
                    return Err(failure);
                }
                for (_, name) in &names {
                    store.place(name, Place::New, "")?;
                }
                store.sync()?;
            }
            Keep::Mbox { path, file, batch } => {
                let synced = file.flush().and_then(|()| file.get_ref().sync_data());
                synced.map_err(|e| Failure::write(path.display(), &e))?;
                seen.whole(batch, now)?;
                batch.clear();
            }
            Keep::Folder { folder, batch } => {
                folder.secure(batch.iter().map(|(_, name)| name.as_str()))?;
                folder.sync()?;
                seen.whole(batch, now)?;
                batch.clear();
            }
        }
        seen.done()
    }
}

/// How each message begins that was put into a mailbox file here.
const SENDER: &str = "From MAILER-DAEMON ";

/// Whether everything from `start` on was written here: no other program's message begins there.
fn is_ours(file: &mut File, start: u64) -> std::io::Result<bool> {
    file.seek(SeekFrom::Start(start))?;
    let mut lines = BufReader::new(file);
    let mut head = Vec::new();
    loop {
        head.clear();
        // A line that begins so has a `>` in front within a message.
        let length = SENDER.len() as u64;
        if lines.by_ref().take(length).read_until(b'\n', &mut head)? == 0 {
            return Ok(true);
        }
        if head.starts_with(b"From ") && !SENDER.as_bytes().starts_with(&head) {
            return Ok(false);
        }
        if !head.ends_with(b"\n") {
            lines.skip_until(b'\n')?;
        }
    }
}

/// The date in a `From ` line (RFC 4155): as asctime(3) has it.
fn date() -> String {
    jiff::Timestamp::now().strftime("%a %b %e %H:%M:%S %Y").to_string()
}
