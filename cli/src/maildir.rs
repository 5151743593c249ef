//! Maildirs: a message is written under `tmp`, made safe on the disk, and moved to `new` or `cur`, so that nobody ever reads
//! half of one. Names are made of numbers of our own, never of what a server says.
//!
//! Moving ten thousand messages one by one costs as much as writing them. The first ones of a new Maildir may be written into a
//! folder of their own, `tmp/netkit-cur`, instead, which then becomes `cur` in one step ([`Maildir::stage`]).

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::failure::{Failure, Result};
use crate::folder::Folder;

/// What is to become `cur`, in `tmp`; and how names end there, and in `cur`, of messages without flags.
const STAGE: &str = "netkit-cur";
const PLAIN: &str = ":2,";

/// An open Maildir.
pub struct Maildir {
    home: Folder,
    tmp: Folder,
    /// The folder that is to become `cur`; or what an ended run has left of one.
    stage: Option<Folder>,
    /// Messages that are in `tmp` nevertheless: those that are still on their way when others get their places.
    apart: HashSet<String>,
    left: Option<Folder>,
    new: Folder,
    cur: Folder,
    /// What this process's names begin with, and the number of the next.
    prefix: String,
    next: u64,
}

/// Where a message is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not seen by anybody.
    New,
    /// With its flags in its name.
    Cur,
}

/// A message under `tmp` that has no place yet.
pub struct Pending {
    pub name: String,
    file: File,
}

impl Pending {
    /// When the message came, which becomes its file's time.
    pub fn date(&self, at: SystemTime) {
        // A file system that keeps no such time still has the message.
        let _ = self.file.set_modified(at);
    }

    /// The file, from its start.
    pub fn read(&self) -> std::io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

impl Maildir {
    /// Opens the Maildir, made where it is missing.
    pub fn open(folder: &Folder) -> Result<Maildir> {
        let [tmp, new, cur] = ["tmp", "new", "cur"].map(|name| folder.make(Path::new(name)));
        let now = jiff::Timestamp::now();
        let mut noise = [0; 4];
        getrandom::fill(&mut noise).map_err(|e| Failure::new(crate::failure::Kind::Unsupported, e))?;
        let noise = u32::from_ne_bytes(noise);
        let prefix = format!(
            "{}.M{:06}P{}R{noise:08x}Q",
            now.as_second(),
            now.subsec_microsecond(),
            std::process::id()
        );
        let (home, tmp) = (folder.make(Path::new(""))?, tmp?);
        let left = tmp.find(Path::new(STAGE))?;
        Ok(Maildir {
            home,
            tmp,
            stage: None,
            apart: HashSet::new(),
            left,
            new: new?,
            cur: cur?,
            prefix,
            next: 0,
        })
    }

    /// From here on messages for `cur` are put into a folder that becomes it by [`Maildir::unstage`]; only where `cur` is empty.
    pub fn stage(&mut self) -> Result<()> {
        if self.left.is_none() && self.cur.entries().is_empty() {
            self.stage = Some(self.tmp.make(Path::new(STAGE))?);
        }
        Ok(())
    }

    pub fn is_staged(&self) -> bool {
        self.stage.is_some()
    }

    /// Everything that was made safe has its place from here on; nothing else may be on its way but what was begun apart.
    pub fn unstage(&mut self) -> Result<()> {
        let Some(stage) = self.stage.take() else { return Ok(()) };
        stage.sync()?;
        let failed = |why: Errno| Failure::write(self.cur.name().display(), &why.into());
        match renameat(self.tmp.handle(), STAGE, self.home.handle(), "cur") {
            Ok(()) => self.cur = stage.renamed(self.cur.name()),
            // Somebody has put a message there meanwhile.
            Err(Errno::NOTEMPTY | Errno::EXIST) => {
                for name in stage.entries() {
                    renameat(stage.handle(), &name, self.cur.handle(), &name).map_err(failed)?;
                }
                unlinkat(self.tmp.handle(), STAGE, AtFlags::REMOVEDIR).map_err(failed)?;
            }
            Err(why) => return Err(failed(why)),
        }
        self.home.sync()
    }

    /// Takes away what an ended run has left of such a folder, once [`Maildir::place`] was asked for all that is whole.
    pub fn clear(&mut self) -> Result<()> {
        match self.left.take() {
            Some(_) => self.tmp.remove(OsStr::new(STAGE)),
            None => Ok(()),
        }
    }

    /// Where messages are written, and under which name.
    fn desk(&self, name: &str) -> (&Folder, String) {
        match &self.stage {
            Some(stage) if !self.apart.contains(name) => (stage, format!("{name}{PLAIN}")),
            _ => (&self.tmp, name.to_owned()),
        }
    }

    /// As [`Maildir::write`], for a message whose settling is not waited for before others get their places.
    pub fn write_apart(&mut self, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Pending> {
        if self.stage.is_some() {
            self.apart.insert(format!("{}{}.netkit", self.prefix, self.next));
        }
        self.write(write)
    }

    /// Begins a message; what `write` does not get to its end leaves nothing behind.
    pub fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Pending> {
        let name = format!("{}{}.netkit", self.prefix, self.next);
        self.next += 1;
        let (folder, part) = self.desk(&name);
        let failed = |e: std::io::Error| Failure::write(folder.name().join(&part).display(), &e);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(folder.handle(), &part, flags, Mode::from_raw_mode(0o600));
        let mut file = File::from(opened.map_err(|e| failed(e.into()))?);
        match write(&mut file) {
            Ok(()) => Ok(Pending { name, file }),
            Err(failure) => {
                // What is left of something broken is of no use, and why it broke is the news.
                self.discard(&name);
                Err(failure)
            }
        }
    }

    /// Makes messages safe on the disk; they stay under `tmp`.
    pub fn secure<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>) -> Result<()> {
        let Some(stage) = &self.stage else { return self.tmp.secure(names) };
        let (apart, staged): (Vec<_>, Vec<_>) = names.partition(|name| self.apart.contains(*name));
        let staged: Vec<_> = staged.into_iter().map(|name| format!("{name}{PLAIN}")).collect();
        self.tmp.secure(apart.into_iter())?;
        stage.secure(staged.iter().map(String::as_str))
    }

    /// Takes a message out of `tmp` that nobody will ask for.
    pub fn discard(&self, name: &str) {
        // What stays there is no mail to anybody, and readers clean up after 36 hours.
        let (folder, part) = self.desk(name);
        let _ = unlinkat(folder.handle(), part, AtFlags::empty());
    }

    /// Moves a message that is whole to its place, under a name that ends with `suffix` (`:2,S` in `cur`). One that is there
    /// already, since an earlier run was ended behind this step, stays; `false` where it is nowhere.
    pub fn place(&self, name: &str, place: Place, suffix: &str) -> Result<bool> {
        let to = self.folder(place);
        let target = format!("{name}{suffix}");
        let (from, part) = self.desk(name);
        if self.stage.is_some() && part == target {
            return Ok(true);
        }
        // Where it is; or where an ended run has left it, under either name.
        let left =
            self.left.iter().flat_map(|left| [(left, format!("{name}{PLAIN}")), (left, target.clone())]);
        for (from, part) in std::iter::once((from, part)).chain(left) {
            match renameat(from.handle(), part, to.handle(), &target) {
                Ok(()) => return Ok(true),
                Err(Errno::NOENT) => {}
                Err(why) => return Err(Failure::write(to.name().join(&target).display(), &why.into())),
            }
        }
        Ok(to.file(OsStr::new(&target)).is_some() || self.has(name))
    }

    /// Whether a message of this name is in `new` or, with any flags, in `cur`.
    fn has(&self, name: &str) -> bool {
        let exact = self.new.file(&OsString::from(name)).is_some();
        exact || self.names(Place::Cur).iter().any(|known| known.split(':').next() == Some(name))
    }

    /// Gives a message in `cur` other flags: its whole name there is, and the one it gets.
    pub fn rename(&self, old: &str, new: &str) -> Result<()> {
        let renamed = renameat(self.cur.handle(), old, self.cur.handle(), new);
        renamed.map_err(|e| Failure::write(self.cur.name().join(new).display(), &e.into()))
    }

    /// Deletes a message from `cur`, by its whole name.
    pub fn delete(&self, name: &str) -> Result<()> {
        match unlinkat(self.cur.handle(), name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(why) => Err(Failure::write(self.cur.name().join(name).display(), &why.into())),
        }
    }

    /// A message by its whole name, and when it came.
    pub fn open_message(&self, place: Place, name: &str) -> Option<(File, std::fs::Metadata)> {
        self.folder(place).file(&OsString::from(name))
    }

    /// The names of the messages in a place.
    pub fn names(&self, place: Place) -> Vec<String> {
        self.folder(place).entries()
    }

    fn folder(&self, place: Place) -> &Folder {
        match place {
            Place::New => &self.new,
            Place::Cur => self.stage.as_ref().unwrap_or(&self.cur),
        }
    }

    /// What has been placed stays there when the power goes.
    pub fn sync(&self) -> Result<()> {
        self.new.sync().and_then(|()| self.cur.sync())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(maildir: &mut Maildir, text: &str) -> String {
        let written = maildir
            .write(|file| file.write_all(text.as_bytes()).map_err(|e| Failure::write("a message", &e)));
        written.unwrap().name
    }

    /// What `cur` holds: what is behind each name, and the message.
    fn cur(dir: &Path) -> Vec<(String, String)> {
        let all = std::fs::read_dir(dir.join("cur")).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = all
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let flags = name.split_once(PLAIN).map_or(name.clone(), |(_, flags)| flags.to_owned());
                (flags, std::fs::read_to_string(path).unwrap())
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn the_first_messages_get_their_places_together() {
        let dir = tempfile::tempdir().unwrap();
        let mut maildir = Maildir::open(&Folder::open(dir.path()).unwrap()).unwrap();
        maildir.stage().unwrap();
        let names = ["one", "two", "three"].map(|text| write(&mut maildir, text));
        maildir.discard(&names[1]);
        maildir.secure([names[0].as_str(), &names[2]].into_iter()).unwrap();
        assert!(maildir.place(&names[0], Place::Cur, ":2,").unwrap());
        assert!(maildir.place(&names[2], Place::Cur, ":2,S").unwrap());
        assert!(cur(dir.path()).is_empty(), "nobody sees them yet");
        maildir.unstage().unwrap();
        let placed = [(String::new(), "one".to_owned()), ("S".to_owned(), "three".to_owned())];
        assert_eq!(cur(dir.path()), placed);
        assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
        // From here on each by itself; and so it is where there is something already.
        let name = write(&mut maildir, "four");
        assert!(maildir.place(&name, Place::Cur, ":2,").unwrap());
        maildir.stage().unwrap();
        assert!(!maildir.is_staged() && cur(dir.path()).len() == 3);
    }

    #[test]
    fn somebody_else_may_be_quicker() {
        let dir = tempfile::tempdir().unwrap();
        let mut maildir = Maildir::open(&Folder::open(dir.path()).unwrap()).unwrap();
        maildir.stage().unwrap();
        write(&mut maildir, "ours");
        std::fs::write(dir.path().join("cur/theirs"), "theirs").unwrap();
        maildir.unstage().unwrap();
        let both = [(String::new(), "ours".to_owned()), ("theirs".to_owned(), "theirs".to_owned())];
        assert_eq!(cur(dir.path()), both);
        assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
    }

    #[test]
    fn what_an_ended_run_has_left_is_placed_or_goes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let mut ended = Maildir::open(&folder).unwrap();
        ended.stage().unwrap();
        let names = ["whole", "flagged", "half"].map(|text| write(&mut ended, text));
        assert!(ended.place(&names[1], Place::Cur, ":2,F").unwrap());
        drop(ended);
        let mut maildir = Maildir::open(&folder).unwrap();
        maildir.stage().unwrap();
        assert!(!maildir.is_staged());
        for (name, suffix) in [(&names[0], ":2,"), (&names[1], ":2,F")] {
            assert!(maildir.place(name, Place::Cur, suffix).unwrap());
            assert!(maildir.place(name, Place::Cur, suffix).unwrap(), "it is there already");
        }
        maildir.clear().unwrap();
        let placed = [(String::new(), "whole".to_owned()), ("F".to_owned(), "flagged".to_owned())];
        assert_eq!(cur(dir.path()), placed);
        assert!(!maildir.place(&names[2], Place::Cur, ":2,").unwrap());
        assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
    }
}
