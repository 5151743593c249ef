//! What was fetched before, so that nothing is lost and nothing is fetched twice, whenever a run is ended.
//!
//! A journal of lines, to which each step is added before it is done:
//!
//! ```text
//! + SECONDS UID NAME     the message is whole on the disk under NAME, and is about to get its place
//! = LENGTH               the mailbox file has this length, and is about to grow
//! .                      everything above has its place
//! - UID                  the server no longer has it
//! ```

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind, Result};

/// The journal of one account and one place.
pub struct Seen {
    path: PathBuf,
    file: File,
    known: HashMap<String, i64>,
    /// Behind the last dot: where an earlier run was ended.
    unfinished: Unfinished,
    /// Names that are no longer known, which the journal has to be told.
    forgotten: Vec<String>,
    /// Lines that tell of messages which are gone.
    stale: usize,
}

/// What an earlier run had begun.
#[derive(Debug, Default)]
pub struct Unfinished {
    /// Messages that are whole under these names, and may have their place or not.
    pub messages: Vec<(String, String)>,
    /// The mailbox file's length before it grew.
    pub length: Option<u64>,
}

impl Seen {
    /// Opens the journal and keeps other runs out of it.
    pub fn open(path: &Path) -> Result<Seen> {
        let failed = |e: io::Error| Failure::write(path.display(), &e);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(Failure::new(Kind::Write, format!("{}: another run is using it", path.display())));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // A line without its end was cut when the power went: it was never acted upon.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut seen = Seen {
            path: path.to_owned(),
            file,
            known: HashMap::new(),
            unfinished: Unfinished::default(),
            forgotten: Vec::new(),
            stale: 0,
        };
        text.get(..whole).unwrap_or_default().lines().for_each(|line| seen.read(line));
        Ok(seen)
    }

    fn read(&mut self, line: &str) {
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("+"), Some(time), Some(uid), Some(name)) => {
                self.known.insert(uid.to_owned(), time.parse().unwrap_or_default());
                self.unfinished.messages.push((uid.to_owned(), name.to_owned()));
            }
            (Some("="), Some(length), None, None) => self.unfinished.length = length.parse().ok(),
            (Some("."), None, None, None) => self.unfinished = Unfinished::default(),
            (Some("-"), Some(uid), None, None) => {
                self.stale += usize::from(self.known.remove(uid).is_some()) * 2;
            }
            _ => {}
        }
    }

    /// What an earlier run had begun, to be brought to its end.
    pub fn unfinished(&mut self) -> Unfinished {
        std::mem::take(&mut self.unfinished)
    }

    /// A message that an earlier run had begun is nowhere to be found: it is fetched again, be it by a later run. The journal
    /// is told by [`Seen::done`].
    pub fn forget(&mut self, uid: &str) {
        if self.known.remove(uid).is_some() {
            self.forgotten.push(uid.to_owned());
        }
    }

    /// When the message was fetched, in seconds since 1970; none when it was not.
    pub fn time(&self, uid: &str) -> Option<i64> {
        self.known.get(uid).copied()
    }

    /// The highest number among the names, where they are numbers.
    pub fn highest(&self) -> Option<u64> {
        self.known.keys().filter_map(|uid| uid.parse().ok()).max()
    }

    /// Writes down that the mailbox file is about to grow.
    pub fn grows_from(&mut self, length: u64) -> Result<()> {
        self.add(&format!("= {length}\n"))
    }

    /// Writes down that these are whole on the disk: UID and name of each.
    pub fn whole(&mut self, messages: &[(String, String)], now: i64) -> Result<()> {
        let mut lines = String::new();
        for (uid, name) in messages {
            lines.push_str(&format!("+ {now} {uid} {name}\n"));
            self.known.insert(uid.clone(), now);
        }
        self.add(&lines)
    }

    /// Writes down that everything has its place.
    pub fn done(&mut self) -> Result<()> {
        let mut lines: String = self.forgotten.drain(..).map(|uid| format!("- {uid}\n")).collect();
        lines.push_str(".\n");
        self.add(&lines)
    }

    fn add(&mut self, lines: &str) -> Result<()> {
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|e| Failure::write(self.path.display(), &e))
    }

    /// What the server no longer has need not be known any more. A journal that is mostly about such is written anew.
    pub fn keep_only(&mut self, on_server: &dyn Fn(&str) -> bool) -> Result<()> {
        let gone: Vec<String> = self.known.keys().filter(|uid| !on_server(uid)).cloned().collect();
        for uid in &gone {
            self.known.remove(uid);
        }
        self.stale += gone.len() * 2;
        if self.stale > self.known.len() + 99 {
            return self.rewrite();
        }
        let lines: String = gone.iter().map(|uid| format!("- {uid}\n")).collect();
        if lines.is_empty() { Ok(()) } else { self.add(&(lines + ".\n")) }
    }

    fn rewrite(&mut self) -> Result<()> {
        let failed = |path: &Path, e: io::Error| Failure::write(path.display(), &e);
        let mut part = self.path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let mut file = File::create(&part).map_err(|e| failed(&part, e))?;
        let mut lines: String = self.known.iter().map(|(uid, time)| format!("+ {time} {uid} -\n")).collect();
        lines.push_str(".\n");
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| std::fs::rename(&part, &self.path)).map_err(|e| failed(&part, e))?;
        file.try_lock().map_err(|e| failed(&self.path, io::Error::other(e)))?;
        (self.file, self.stale) = (file, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_ended_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/state");
        let pair = |uid: &str, name: &str| (uid.to_owned(), name.to_owned());
        {
            let mut seen = Seen::open(&path).unwrap();
            assert_eq!(Seen::open(&path).err().unwrap().kind, Kind::Write, "one at a time");
            seen.whole(&[pair("a", "1"), pair("b", "2")], 7).unwrap();
            seen.done().unwrap();
            seen.grows_from(42).unwrap();
            seen.whole(&[pair("c", "3")], 8).unwrap();
        }
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"+ 9 d").unwrap();
        let mut seen = Seen::open(&path).unwrap();
        assert_eq!((seen.time("a"), seen.time("c"), seen.time("d")), (Some(7), Some(8), None));
        let unfinished = seen.unfinished();
        assert_eq!((unfinished.messages, unfinished.length), (vec![pair("c", "3")], Some(42)));
        seen.done().unwrap();
        seen.keep_only(&|uid| uid == "a").unwrap();
        drop(seen);
        let mut seen = Seen::open(&path).unwrap();
        assert_eq!((seen.time("a"), seen.time("b"), seen.time("c")), (Some(7), None, None));
        assert!(seen.unfinished().messages.is_empty());
    }

    /// Forgotten for good: also where the run that found it out gets no further.
    #[test]
    fn what_is_nowhere_is_not_known_to_later_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut seen = Seen::open(&path).unwrap();
        seen.whole(&[("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())], 7).unwrap();
        drop(seen);
        let mut seen = Seen::open(&path).unwrap();
        assert_eq!(seen.unfinished().messages.len(), 2);
        seen.forget("a");
        seen.done().unwrap();
        drop(seen);
        let mut seen = Seen::open(&path).unwrap();
        assert_eq!((seen.time("a"), seen.time("b")), (None, Some(7)));
        assert!(seen.unfinished().messages.is_empty());
    }

    #[test]
    fn what_is_gone_does_not_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut seen = Seen::open(&path).unwrap();
        let many: Vec<_> = (0..200).map(|n| (format!("u{n}"), format!("n{n}"))).collect();
        seen.whole(&many, 1).unwrap();
        seen.done().unwrap();
        seen.keep_only(&|uid| uid == "u7").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "+ 1 u7 -\n.\n");
        seen.whole(&[("v".to_owned(), "x".to_owned())], 2).unwrap();
        drop(seen);
        assert_eq!(Seen::open(&path).unwrap().time("v"), Some(2));
    }
}
