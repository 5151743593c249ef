//! A folder that the network's names stay inside of: every step is taken from a handle on the folder before it, and none
//! follows a symbolic link, so that nobody can put one in the way meanwhile.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, mkdirat, openat, readlinkat, renameat, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use crate::failure::{Failure, Kind, Result};

/// How many files are worth an order to the whole file system.
#[cfg(target_os = "linux")]
const MANY: usize = 8;
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    handle: OwnedFd,
    /// Its name, for messages.
    name: PathBuf,
    /// What the next unfinished file is called: random at first, so that no other process hits upon it.
    next: Arc<AtomicU64>,
}

impl Folder {
    /// The folder that the user named, made where it is missing; links in that name are the user's own.
    pub fn open(path: &Path) -> Result<Folder> {
        let failed = |e: io::Error| Failure::write(path.display(), &e);
        fs::create_dir_all(path).map_err(failed)?;
        let handle = rustix::fs::open(path, FOLDER, Mode::empty()).map_err(|e| failed(e.into()))?;
        let mut noise = [0; 8];
        getrandom::fill(&mut noise).map_err(|e| Failure::new(Kind::Unsupported, e))?;
        let next = Arc::new(AtomicU64::new(u64::from_ne_bytes(noise)));
        Ok(Folder { handle, name: path.to_owned(), next })
    }

    /// The folder of that relative path below, made where it is missing.
    ///
    /// # Errors
    /// When a part of it is a symbolic link, or no folder, or leads upwards.
    pub fn make(&self, below: &Path) -> Result<Folder> {
        self.walk(below, true)?.ok_or_else(|| self.refused(below.as_os_str(), "it cannot be made"))
    }

    /// As [`Folder::make`], but `None` where it is missing.
    ///
    /// # Errors
    /// As [`Folder::make`].
    pub fn find(&self, below: &Path) -> Result<Option<Folder>> {
        self.walk(below, false)
    }

    fn walk(&self, below: &Path, make: bool) -> Result<Option<Folder>> {
        let handle = self.handle.try_clone().map_err(|e| Failure::write(self.name.display(), &e))?;
        let mut at = Folder { handle, name: self.name.clone(), next: Arc::clone(&self.next) };
        for part in below.components() {
            let Component::Normal(part) = part else {
                return Err(at.refused(below.as_os_str(), "it leads out of the folder"));
            };
            match at.step(part, make)? {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// One folder further down.
    fn step(&self, part: &OsStr, make: bool) -> Result<Option<Folder>> {
        let enter = || openat(&self.handle, part, FOLDER | OFlags::NOFOLLOW, Mode::empty());
        let entered = match enter() {
            Err(Errno::NOENT) if !make => return Ok(None),
            Err(Errno::NOENT) => match mkdirat(&self.handle, part, Mode::from_raw_mode(0o777)) {
                // Somebody else may have been quicker.
                Ok(()) | Err(Errno::EXIST) => enter(),
                Err(why) => Err(why),
            },
            other => other,
        };
        match entered {
            Ok(handle) => {
                let (name, next) = (self.name.join(part), Arc::clone(&self.next));
                Ok(Some(Folder { handle, name, next }))
            }
            Err(Errno::LOOP | Errno::NOTDIR) if self.is_link(part) => {
                Err(self.refused(part, "it is a symbolic link"))
            }
            Err(Errno::NOTDIR) => Err(self.refused(part, "it is no folder")),
            Err(why) => Err(Failure::write(self.name.join(part).display(), &why.into())),
        }
    }

    /// The open folder, for calls of the system that take one.
    pub fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// Its name, for messages.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// The same, which has another name now.
    #[must_use]
    pub fn renamed(self, name: &Path) -> Folder {
        Folder { name: name.to_owned(), ..self }
    }

    /// The names of what is in it, but for hidden ones and those that are no text; in no order.
    pub fn entries(&self) -> Vec<String> {
        let Ok(mut folder) = rustix::fs::Dir::read_from(&self.handle) else { return Vec::new() };
        let mut all = Vec::new();
        while let Some(Ok(entry)) = folder.read() {
            if let Ok(name) = entry.file_name().to_str()
                && !name.starts_with('.')
            {
                all.push(name.to_owned());
            }
        }
        all
    }

    /// What has got a name in it keeps it when the power goes.
    pub fn sync(&self) -> Result<()> {
        let flushed = rustix::fs::fsync(&self.handle);
        flushed.map_err(|e| Failure::write(self.name.display(), &e.into()))
    }

    /// Makes files in it safe on the disk. For many of them one order to the whole file system costs far less than one for each:
    /// it is made to write its own journal once.
    pub fn secure<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>) -> Result<()> {
        // Linux tells of what could not be written since 5.8.
        #[cfg(target_os = "linux")]
        if names.len() >= MANY {
            return rustix::fs::syncfs(&self.handle)
                .map_err(|e| Failure::write(self.name.display(), &e.into()));
        }
        for name in names {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let synced = openat(&self.handle, name, flags, Mode::empty()).and_then(rustix::fs::fdatasync);
            synced.map_err(|e| Failure::write(self.name.join(name).display(), &e.into()))?;
        }
        Ok(())
    }

    fn is_link(&self, name: &OsStr) -> bool {
        let known = statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
        known.is_ok_and(|known| FileType::from_raw_mode(known.st_mode) == FileType::Symlink)
    }

    fn refused(&self, name: &OsStr, why: &str) -> Failure {
        Failure::new(Kind::Write, format!("{}: {why}; nothing was written", self.name.join(name).display()))
    }

    /// The file of that name as it is now; `None` where there is none, or something that is no file.
    pub fn file(&self, name: &OsStr) -> Option<(File, Metadata)> {
        // Opening a pipe would wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat(&self.handle, name, flags, Mode::empty()).ok()?);
        let known = file.metadata().ok().filter(Metadata::is_file)?;
        Some((file, known))
    }

    /// Writes a file under a name of its own, and gives it its name when it is whole; what had the name is replaced, if it
    /// was a file. `modified` is the time it gets.
    ///
    /// # Errors
    /// What `write` fails with, or the folder; nothing is left then.
    pub fn save<T>(
        &self,
        name: &OsStr,
        modified: Option<SystemTime>,
        write: impl FnOnce(&mut File) -> Result<T>,
    ) -> Result<T> {
        let failed = |e: io::Error| Failure::write(self.name.join(name).display(), &e);
        self.check(name)?;
        let part = format!("netkit-{:016x}.part", self.next.fetch_add(1, Ordering::Relaxed));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&self.handle, &part, flags, Mode::from_raw_mode(0o666));
        let mut sink = File::from(opened.map_err(|e| failed(e.into()))?);
        let written = write(&mut sink).and_then(|result| {
            sink.flush().map_err(failed)?;
            if let Some(modified) = modified {
                sink.set_modified(modified).map_err(failed)?;
            }
            renameat(&self.handle, &part, &self.handle, name).map_err(|e| failed(e.into()))?;
            Ok(result)
        });
        if written.is_err() {
            // What is left of something broken is of no use, and why it broke is the news.
            let _ = unlinkat(&self.handle, &part, AtFlags::empty());
        }
        written
    }

    /// As [`Folder::save`], but under a name that is the same in every run: `write` is told how much is there of an earlier one, and
    /// what it leaves on failing stays for the next. One process at a time.
    ///
    /// # Errors
    /// As [`Folder::save`]; also when somebody else is at it.
    pub fn save_on<T>(
        &self,
        name: &OsStr,
        part: &str,
        write: impl FnOnce(&mut File, u64) -> Result<T>,
    ) -> Result<T> {
        let failed = |e: io::Error| Failure::write(self.name.join(name).display(), &e);
        self.check(name)?;
        self.check(OsStr::new(part))?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = openat(&self.handle, part, flags, Mode::from_raw_mode(0o666));
        let mut sink = File::from(opened.map_err(|e| failed(e.into()))?);
        // Where others may write, somebody could have put a beginning there, and change it later.
        let is_ours = sink.metadata().map_err(failed)?.uid() == rustix::process::geteuid().as_raw();
        if !is_ours || sink.try_lock().is_err() {
            return Err(self.refused(OsStr::new(part), "it is somebody else's, or somebody else is at it"));
        }
        let there = sink.seek(SeekFrom::End(0)).map_err(failed)?;
        let result = write(&mut sink, there);
        if result.is_err() && sink.metadata().is_ok_and(|known| known.len() == 0) {
            // There is nothing to go on with.
            let _ = unlinkat(&self.handle, part, AtFlags::empty());
        }
        let result = result?;
        renameat(&self.handle, part, &self.handle, name).map_err(|e| failed(e.into()))?;
        Ok(result)
    }

    /// Whether a symbolic link of that name leads there.
    pub fn leads(&self, name: &OsStr, target: &OsStr) -> bool {
        readlinkat(&self.handle, name, Vec::new()).is_ok_and(|known| known.as_bytes() == target.as_bytes())
    }

    /// Makes a symbolic link of that name, or lets one lead elsewhere. Anything else that has the name stays.
    ///
    /// # Errors
    /// The name is taken, or the system's own.
    pub fn link(&self, name: &OsStr, target: &OsStr) -> Result<()> {
        let failed = |e: Errno| Failure::write(self.name.join(name).display(), &e.into());
        if statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() && !self.is_link(name) {
            return Err(self.refused(name, "it is no symbolic link"));
        }
        let part = format!("netkit-{:016x}.part", self.next.fetch_add(1, Ordering::Relaxed));
        symlinkat(target, &self.handle, &part).map_err(failed)?;
        renameat(&self.handle, &part, &self.handle, name).map_err(failed)
    }

    /// Removes what has that name: a file, a link, or a folder with all that is in it. Nothing is followed.
    ///
    /// # Errors
    /// The file system's.
    pub fn remove(&self, name: &OsStr) -> Result<()> {
        let failed = |e: Errno| Failure::write(self.name.join(name).display(), &e.into());
        match unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(why) => return Err(failed(why)),
        }
        let Some(inner) = self.find(Path::new(name))? else { return Ok(()) };
        let all = rustix::fs::Dir::read_from(&inner.handle).map_err(failed)?;
        for entry in all {
            let entry = entry.map_err(failed)?;
            let inside = OsStr::from_bytes(entry.file_name().to_bytes());
            if inside != "." && inside != ".." {
                inner.remove(inside)?;
            }
        }
        unlinkat(&self.handle, name, AtFlags::REMOVEDIR).map_err(failed)
    }

    /// Refuses a name that is taken by something else than a file.
    pub fn check(&self, name: &OsStr) -> Result<()> {
        let mut parts = Path::new(name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(self.refused(name, "it is no plain name"));
        }
        match statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(known) => match FileType::from_raw_mode(known.st_mode) {
                FileType::RegularFile => Ok(()),
                FileType::Symlink => Err(self.refused(name, "it is a symbolic link")),
                _ => Err(self.refused(name, "it is no file")),
            },
            Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_leaves_the_folder() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::open(inside.path()).unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.path().join("way")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("f"), inside.path().join("file")).unwrap();
        for path in ["way", "way/x", "../x", "a/../../x", "/etc"] {
            assert_eq!(folder.make(Path::new(path)).unwrap_err().kind, Kind::Write, "{path}");
        }
        for name in ["file", "..", ".", "a/b", "", "/etc/passwd"] {
            let failure = folder.save(OsStr::new(name), None, |_| Ok(())).unwrap_err();
            assert_eq!(failure.kind, Kind::Write, "{name}");
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_moved_away_takes_its_files_along() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::open(inside.path()).unwrap().make(Path::new("a/b")).unwrap();
        let saved = folder.save(OsStr::new("f"), None, |sink| {
            // In the middle of it somebody puts a link where the folder was.
            fs::rename(inside.path().join("a/b"), inside.path().join("c")).unwrap();
            std::os::unix::fs::symlink(outside.path(), inside.path().join("a/b")).unwrap();
            sink.write_all(b"x").map_err(|e| Failure::write("f", &e))
        });
        saved.unwrap();
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        assert_eq!(fs::read(inside.path().join("c/f")).unwrap(), b"x");
    }

    #[test]
    fn what_is_there_is_found_and_a_pipe_is_no_file() {
        let inside = tempfile::tempdir().unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        fs::create_dir(inside.path().join("a")).unwrap();
        fs::write(inside.path().join("a/f"), "x").unwrap();
        let below = folder.find(Path::new("a")).unwrap().unwrap();
        assert_eq!(below.file(OsStr::new("f")).unwrap().1.len(), 1);
        assert!(below.file(OsStr::new("g")).is_none() && folder.file(OsStr::new("a")).is_none());
        assert!(folder.find(Path::new("b/c")).unwrap().is_none());
        assert_eq!(folder.find(Path::new("a/f")).unwrap_err().kind, Kind::Write);
    }
}
