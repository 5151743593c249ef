//! What is known of a mailbox: a journal of lines, to which each step is added before it is done.
//!
//! ```text
//! n NAME                                     the mailbox's name, as JSON
//! v VALIDITY                                 under which number the UIDs hold
//! + UID SIZE RECEIVED ID NAME FLAGS          the message is whole under NAME, and about to get its place
//! .                                          everything above has its place
//! k UID WORD ...                             its keywords: those flags that no letter stands for
//! - UID                                      the server no longer has it
//! m MODSEQ UIDNEXT MESSAGES                  everything up to here was taken in
//! ```

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags, openat, renameat};

use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;

/// The file's name, in the Maildir's own folder.
pub const FILE: &str = ".netkit-imap";

/// A message of the backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its file's name without flags.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// When it came, in seconds since 1970.
    pub received: i64,
    /// A number made of its Message-ID; 0 for none.
    pub id: u64,
    /// Flags that no letter stands for.
    pub keywords: Vec<String>,
    /// The server no longer has it.
    pub gone: bool,
}

/// How far the backup has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub modseq: u64,
    pub uid_next: u64,
    pub messages: u64,
}

/// The journal, read and open.
pub struct State {
    path: PathBuf,
    file: File,
    pub name: String,
    pub validity: u32,
    pub mark: Option<Mark>,
    pub entries: BTreeMap<u32, Entry>,
    /// Messages an earlier run had begun: UID and flags.
    pub unfinished: Vec<(u32, String)>,
    /// Lines that no longer say anything.
    stale: usize,
}

impl State {
    /// Opens the journal in `folder`, made where it is missing, and keeps other runs out of it.
    pub fn open(folder: &Folder, name: &str) -> Result<State> {
        let path = folder.name().join(FILE);
        let failed = |e: std::io::Error| Failure::write(path.display(), &e);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(folder.handle(), FILE, flags, Mode::from_raw_mode(0o600));
        let mut file = File::from(opened.map_err(|e| failed(e.into()))?);
        if file.try_lock().is_err() {
            return Err(Failure::new(Kind::Write, format!("{}: another run is using it", path.display())));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // A line without its end was cut when the power went: it was never acted upon.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut state = State {
            path,
            file,
            name: name.to_owned(),
            validity: 0,
            mark: None,
            entries: BTreeMap::new(),
            unfinished: Vec::new(),
            stale: 0,
        };
        text.get(..whole).unwrap_or_default().lines().for_each(|line| state.read(line));
        if whole == 0 {
            state.add(&format!("n {}\n", serde_json::Value::from(name)))?;
        }
        Ok(state)
    }

    fn read(&mut self, line: &str) {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split(' ').collect();
        match (kind, words.as_slice()) {
            ("n", _) => self.name = serde_json::from_str(rest).unwrap_or_default(),
            ("v", [validity]) => self.validity = validity.parse().unwrap_or_default(),
            ("+", [uid, size, received, id, name, flags @ ..]) => {
                let Ok(uid) = uid.parse() else { return };
                let entry = Entry {
                    name: (*name).to_owned(),
                    size: size.parse().unwrap_or_default(),
                    received: received.parse().unwrap_or_default(),
                    id: id.parse().unwrap_or_default(),
                    ..Entry::default()
                };
                self.entries.insert(uid, entry);
                self.unfinished.push((uid, flags.concat()));
            }
            (".", _) => self.unfinished.clear(),
            ("k", [uid, keywords @ ..]) => {
                let entry = uid.parse().ok().and_then(|uid: u32| self.entries.get_mut(&uid));
                if let Some(entry) = entry {
                    entry.keywords =
                        keywords.iter().filter(|word| !word.is_empty()).map(ToString::to_string).collect();
                    self.stale += 1;
                }
            }
            ("-", [uid]) => {
                if let Some(entry) = uid.parse().ok().and_then(|uid: u32| self.entries.get_mut(&uid)) {
                    entry.gone = true;
                }
            }
            ("m", [modseq, next, messages]) => {
                let number = |text: &str| text.parse().unwrap_or_default();
                let mark =
                    Mark { modseq: number(modseq), uid_next: number(next), messages: number(messages) };
                self.mark = Some(mark);
                self.stale += 1;
            }
            _ => {}
        }
    }

    fn add(&mut self, lines: &str) -> Result<()> {
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|e| Failure::write(self.path.display(), &e))
    }

    /// Writes down that these are whole on the disk, and under which flags they get their place.
    pub fn whole(&mut self, messages: &[(u32, Entry, String)]) -> Result<()> {
        let mut lines = String::new();
        for (uid, entry, flags) in messages {
            lines.push_str(&line(*uid, entry, flags));
            if !entry.keywords.is_empty() {
                lines.push_str(&format!("k {uid} {}\n", entry.keywords.join(" ")));
            }
            self.entries.insert(*uid, entry.clone());
        }
        self.add(&lines)
    }

    /// Writes down that everything has its place.
    pub fn done(&mut self) -> Result<()> {
        self.unfinished.clear();
        self.add(".\n")
    }

    /// Writes down under which number the UIDs hold, where none held before.
    pub fn begin(&mut self, validity: u32) -> Result<()> {
        self.validity = validity;
        self.add(&format!("v {validity}\n"))
    }

    pub fn keywords(&mut self, uid: u32, keywords: Vec<String>) -> Result<()> {
        self.add(&format!("k {uid} {}\n", keywords.join(" ")))?;
        if let Some(entry) = self.entries.get_mut(&uid) {
            entry.keywords = keywords;
        }
        Ok(())
    }

    /// Writes down that the server no longer has these.
    pub fn lose(&mut self, uids: &[u32]) -> Result<()> {
        let lines: String = uids.iter().map(|uid| format!("- {uid}\n")).collect();
        for uid in uids {
            if let Some(entry) = self.entries.get_mut(uid) {
                entry.gone = true;
            }
        }
        if lines.is_empty() { Ok(()) } else { self.add(&lines) }
    }

    /// Writes down how far the backup has come. A journal that is mostly about what was is written anew.
    pub fn finish(&mut self, mark: Mark) -> Result<()> {
        if self.mark == Some(mark) {
            return Ok(());
        }
        self.mark = Some(mark);
        self.stale += 1;
        self.add(&format!("m {} {} {}\n", mark.modseq, mark.uid_next, mark.messages))?;
        if self.stale > self.entries.len() + 99 { self.rewrite() } else { Ok(()) }
    }

    /// Writes the journal anew, in one step: as after a renumbering.
    pub fn rewrite(&mut self) -> Result<()> {
        let folder = self.path.parent().unwrap_or(std::path::Path::new(".")).to_owned();
        let folder = Folder::open(&folder)?;
        let failed = |e: std::io::Error| Failure::write(self.path.display(), &e);
        let part = format!("{FILE}.part");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(folder.handle(), &part, flags, Mode::from_raw_mode(0o600));
        let mut file = File::from(opened.map_err(|e| failed(e.into()))?);
        let mut lines = format!("n {}\nv {}\n", serde_json::Value::from(self.name.as_str()), self.validity);
        for (uid, entry) in &self.entries {
            lines.push_str(&line(*uid, entry, ""));
            if !entry.keywords.is_empty() {
                lines.push_str(&format!("k {uid} {}\n", entry.keywords.join(" ")));
            }
            if entry.gone {
                lines.push_str(&format!("- {uid}\n"));
            }
        }
        lines.push_str(".\n");
        if let Some(mark) = self.mark {
            lines.push_str(&format!("m {} {} {}\n", mark.modseq, mark.uid_next, mark.messages));
        }
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(failed)?;
        file.try_lock().map_err(|e| failed(std::io::Error::other(e)))?;
        renameat(folder.handle(), &part, folder.handle(), FILE).map_err(|e| failed(e.into()))?;
        folder.sync()?;
        (self.file, self.stale) = (file, 0);
        Ok(())
    }
}

fn line(uid: u32, entry: &Entry, flags: &str) -> String {
    let Entry { name, size, received, id, .. } = entry;
    format!("+ {uid} {size} {received} {id} {name} {flags}\n").replace(" \n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        Entry { name: name.to_owned(), size: 5, received: 7, id: 9, ..Entry::default() }
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let mark = Mark { modseq: 3, uid_next: 4, messages: 2 };
        {
            let mut state = State::open(&folder, "a \"b\"\u{e9}").unwrap();
            assert_eq!(State::open(&folder, "x").err().unwrap().kind, Kind::Write, "one at a time");
            state.begin(77).unwrap();
            let keyed = Entry { keywords: vec!["$Junk".to_owned()], ..entry("two") };
            state.whole(&[(1, entry("one"), "S".to_owned()), (2, keyed, String::new())]).unwrap();
            state.done().unwrap();
            state.lose(&[1]).unwrap();
            state.finish(mark).unwrap();
            state.whole(&[(3, entry("three"), "FS".to_owned())]).unwrap();
        }
        let mut state = State::open(&folder, "ignored").unwrap();
        assert_eq!((state.name.as_str(), state.validity, state.mark), ("a \"b\"\u{e9}", 77, Some(mark)));
        assert_eq!(state.unfinished, [(3, "FS".to_owned())]);
        assert!(state.entries[&1].gone && state.entries[&2].keywords == ["$Junk"]);
        let before = state.entries.clone();
        state.done().unwrap();
        state.rewrite().unwrap();
        state.lose(&[2]).unwrap();
        drop(state);
        let state = State::open(&folder, "ignored").unwrap();
        assert!(state.unfinished.is_empty() && state.entries[&2].gone);
        assert_eq!(state.entries[&3], before[&3]);
    }
}
