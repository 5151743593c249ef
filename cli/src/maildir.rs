//! Maildirs: a message is written under `tmp`, made safe on the disk, and moved to `new` or `cur`, so that nobody ever reads
//! half of one. Names are made of numbers of our own, never of what a server says.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

use crate::failure::{Failure, Result};
use crate::folder::Folder;

/// An open Maildir.
pub struct Maildir {
    tmp: Folder,
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
        Ok(Maildir { tmp: tmp?, new: new?, cur: cur?, prefix, next: 0 })
    }

    /// Begins a message; what `write` does not get to its end leaves nothing behind.
    pub fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Pending> {
        let name = format!("{}{}.netkit", self.prefix, self.next);
        self.next += 1;
        let failed = |e: std::io::Error| Failure::write(self.tmp.name().join(&name).display(), &e);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(self.tmp.handle(), &name, flags, Mode::from_raw_mode(0o600));
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
        self.tmp.secure(names)
    }

    /// Takes a message out of `tmp` that nobody will ask for.
    pub fn discard(&self, name: &str) {
        // What stays there is no mail to anybody, and readers clean up after 36 hours.
        let _ = unlinkat(self.tmp.handle(), name, AtFlags::empty());
    }

    /// Moves a message that is whole to its place, under a name that ends with `suffix` (`:2,S` in `cur`). One that is there
    /// already, since an earlier run was ended behind this step, stays; `false` where it is nowhere.
    pub fn place(&self, name: &str, place: Place, suffix: &str) -> Result<bool> {
        let to = self.folder(place);
        let target = format!("{name}{suffix}");
        match renameat(self.tmp.handle(), name, to.handle(), &target) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(self.has(name)),
            Err(why) => Err(Failure::write(to.name().join(&target).display(), &why.into())),
        }
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
            Place::Cur => &self.cur,
        }
    }

    /// What has been placed stays there when the power goes.
    pub fn sync(&self) -> Result<()> {
        self.new.sync().and_then(|()| self.cur.sync())
    }
}
