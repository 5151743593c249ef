//! A file that is not whole yet: `NAME.part` with its bytes, and `NAME.part.json`, which says what they are.
//!
//! Bytes that come in order need no account of their own: the length of `NAME.part` is how far they go, also after the
//! process was killed. Segments are noted in the account while they come.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use netkit_http::Validator;
use serde_json::{Value, json};

use super::spans::{self, Span};
use crate::failure::{Failure, Kind, Result};

/// The longest account that is read.
const LONGEST: u64 = 1 << 20;
/// How many accounts of a folder are looked at.
const ACCOUNTS: usize = 10_000;

/// Up to this size a body is held until it is whole, and a file has an account only once something went wrong: it would
/// cost more than the bytes do.
pub const SMALL: u64 = 64 << 10;

/// What is known about the bytes in a `.part`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    pub url: String,
    /// Of the version that the bytes are of; `None` where they cannot be gone on with.
    pub validator: Option<Validator>,
    /// Of the whole.
    pub size: Option<u64>,
    /// The spans that are there; `None` where bytes come in order.
    pub done: Option<Vec<Span>>,
}

/// An unfinished file, held by this process alone.
#[derive(Debug)]
pub struct Part {
    /// What the file will be called.
    pub name: PathBuf,
    pub file: File,
    pub account: Account,
    /// Whether an account may lie beside it.
    noted: bool,
    /// How many bytes are there, where nobody else has the file.
    whole: Option<u64>,
    /// It is in no folder yet.
    nameless: bool,
}

impl Account {
    fn to_json(&self) -> Value {
        let strong = self.validator.as_ref().is_some_and(Validator::is_strong);
        json!({
            "url": self.url, "validator": self.validator.as_ref().map(ToString::to_string), "strong": strong,
            "size": self.size, "done": self.done,
        })
    }

    /// Writes it beside the file of that name, so that whoever reads it sees the old one or the new one.
    pub fn save(&self, name: &Path) -> Result<()> {
        let (new, path) = (beside(name, ".part.json.new"), beside(name, ".part.json"));
        let text = self.to_json().to_string() + "\n";
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // The URL may be nobody else's business.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&new).and_then(|mut file| file.write_all(text.as_bytes()));
        written.and_then(|()| fs::rename(&new, &path)).map_err(|e| Failure::write(path.display(), &e))
    }

    fn read(path: &Path) -> Option<Account> {
        let mut text = String::new();
        File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        let json: Value = serde_json::from_str(&text).ok()?;
        let strong = json.get("strong").and_then(Value::as_bool).unwrap_or(false);
        let span = |pair: &Value| Some((pair.get(0)?.as_u64()?, pair.get(1)?.as_u64()?));
        let spans = |list: &Vec<Value>| list.iter().map(span).collect::<Option<Vec<Span>>>();
        let done = match json.get("done") {
            None | Some(Value::Null) => None,
            Some(list) => Some(spans::tidy(spans(list.as_array()?)?)),
        };
        Some(Account {
            url: json.get("url")?.as_str()?.to_owned(),
            validator: json
                .get("validator")
                .and_then(Value::as_str)
                .and_then(|v| Validator::parse(v, strong)),
            size: json.get("size").and_then(Value::as_u64),
            done,
        })
    }
}

impl Part {
    /// What an earlier run left of that URL under that name.
    ///
    /// # Errors
    /// When another process is at it.
    pub fn left(name: &Path, url: &str) -> Result<Option<Part>> {
        let Some(account) = Account::read(&beside(name, ".part.json")).filter(|found| found.url == url)
        else {
            return Ok(None);
        };
        let path = beside(name, ".part");
        if !is_plain(&path) {
            return Ok(None);
        }
        let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { return Ok(None) };
        lock(&file, &path)?;
        let length = file.metadata().map_err(|e| Failure::read(path.display(), &e))?.len();
        let fits = match (&account.done, account.size) {
            (Some(done), Some(size)) => length == size && done.iter().all(|(_, to)| *to <= size),
            (Some(_), None) => false,
            (None, size) => size.is_none_or(|size| length <= size),
        };
        let usable = fits && account.validator.as_ref().is_some_and(Validator::is_strong);
        Ok(usable.then(|| Part {
            name: name.to_owned(),
            file,
            account,
            noted: true,
            whole: None,
            nameless: false,
        }))
    }

    /// Every part that earlier runs left in this folder: its URL, and the name under which it lies there, whatever the
    /// server called it.
    pub fn all(dir: &Path) -> Vec<(String, PathBuf)> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        let accounts = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((dir.join(name.strip_suffix(".part.json")?), entry.path()))
        });
        let of = |(name, path): (PathBuf, PathBuf)| Some((Account::read(&path)?.url, name));
        accounts.take(ACCOUNTS).filter_map(of).collect()
    }

    /// A new one; whatever was in a `.part` of that name is gone.
    pub fn begin(name: &Path, account: Account) -> Result<Part> {
        let path = beside(name, ".part");
        if path.symlink_metadata().is_ok() && !is_plain(&path) {
            let why = format!("{} is in the way: it is no file", path.display());
            return Err(Failure::new(Kind::Write, why));
        }
        let failed = |e| Failure::write(path.display(), &e);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        // Before it is emptied: it may be the one of another process.
        lock(&file, &path)?;
        file.set_len(0).map_err(failed)?;
        if account.done.is_some() {
            file.set_len(account.size.unwrap_or(0)).map_err(failed)?;
        }
        let is_small = account.size.is_some_and(|size| size <= SMALL);
        let noted = account.validator.is_some() && (account.done.is_some() || !is_small);
        if noted {
            account.save(name)?;
        } else if beside(name, ".part.json").symlink_metadata().is_ok() {
            remove_account(name);
        }
        Ok(Part { name: name.to_owned(), file, account, noted, whole: None, nameless: false })
    }

    /// A small one of which everything is here. Where the system can, it has no name at all until it gets its own
    /// (`nameless`): nothing is left of it if the process is killed, and nobody else can be at it.
    pub fn of(name: &Path, account: Account, bytes: &[u8], nameless: bool) -> Result<Part> {
        let path = beside(name, ".part");
        if let Some(mut file) = nameless.then(|| unnamed(name)).flatten() {
            file.write_all(bytes).map_err(|e| Failure::write(name.display(), &e))?;
            let whole = Some(bytes.len() as u64);
            return Ok(Part { name: name.to_owned(), file, account, noted: false, whole, nameless: true });
        }
        let created = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let mut part = match created {
            Ok(file) => {
                lock(&file, &path)?;
                Part { name: name.to_owned(), file, account, noted: false, whole: None, nameless: false }
            }
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Part::begin(name, account)?,
            Err(why) => return Err(Failure::write(path.display(), &why)),
        };
        part.file.write_all(bytes).map_err(|e| Failure::write(path.display(), &e))?;
        part.whole = Some(bytes.len() as u64);
        Ok(part)
    }

    /// How many bytes the file has.
    pub fn length(&self) -> io::Result<u64> {
        self.whole.map_or_else(|| Ok(self.file.metadata()?.len()), Ok)
    }

    /// How many bytes are there: the length, or the spans.
    pub fn have(&self) -> u64 {
        match &self.account.done {
            Some(done) => spans::total(done),
            None => self.file.metadata().map_or(0, |data| data.len()),
        }
    }

    /// Writes the account of a small file after all: it did not come whole.
    pub fn note(&self) -> Result<()> {
        if self.noted || self.account.validator.is_none() { Ok(()) } else { self.account.save(&self.name) }
    }

    /// Drops the account: the next run starts anew.
    pub fn forget(&self) {
        if self.noted {
            remove_account(&self.name);
        }
    }

    /// Another handle on the same bytes with a position of its own.
    pub fn handle(&self, at: u64) -> Result<File> {
        let path = beside(&self.name, ".part");
        let opened = OpenOptions::new().write(true).open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(at))?;
            Ok(file)
        });
        opened.map_err(|e| Failure::write(path.display(), &e))
    }

    /// The SHA-256 of what is there.
    pub fn sha256(&self) -> Result<[u8; 32]> {
        let failed = |e: io::Error| Failure::read(beside(&self.name, ".part").display(), &e);
        crate::digest::sha256(&self.file).map_err(failed)
    }

    /// Gives it its name. Unless `replace`, a file that has the name stays, and that is a failure.
    pub fn finish(self, replace: bool, modified: Option<SystemTime>) -> Result<()> {
        if let Some(modified) = modified {
            // Some file systems keep no times.
            let _ = self.file.set_modified(modified);
        }
        let part = beside(&self.name, ".part");
        if self.nameless {
            let named = match replace {
                false => link(&self.file, &self.name),
                true => {
                    let _ = fs::remove_file(&part);
                    link(&self.file, &part).and_then(|()| fs::rename(&part, &self.name))
                }
            };
            return named.map_err(|e| named_not(&self.name, &e));
        }
        let named = if replace { fs::rename(&part, &self.name) } else { rename_to_free(&part, &self.name) };
        named.map_err(|e| named_not(&self.name, &e))?;
        self.forget();
        Ok(())
    }
}

/// Why a file did not get its name.
fn named_not(name: &Path, why: &io::Error) -> Failure {
    if why.kind() == io::ErrorKind::AlreadyExists {
        exists(name)
    } else {
        Failure::write(name.display(), why)
    }
}

/// Whether a file can be given its name later: on Linux that is done through this folder.
pub fn can_be_nameless() -> bool {
    cfg!(target_os = "linux") && Path::new("/proc/self/fd").is_dir()
}

/// A file without a name in the folder where `name` will be; `None` where the file system or the system has no such thing.
fn unnamed(name: &Path) -> Option<File> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Mode, OFlags, open};
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mode = Mode::from_raw_mode(0o666);
        open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, mode).ok().map(File::from)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = name;
        None
    }
}

/// Gives it a name that nothing has.
fn link(file: &File, name: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        // The documented way to name such a file without privileges (open(2), O_TMPFILE).
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        let (cwd, follow) = (rustix::fs::CWD, rustix::fs::AtFlags::SYMLINK_FOLLOW);
        Ok(rustix::fs::linkat(cwd, own, cwd, name, follow)?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, name);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Gives a file a name that nothing has, in one step.
fn rename_to_free(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // A file system, or a kernel, that cannot.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {}
            renamed => return Ok(renamed?),
        }
    }
    // Takes the name if it is free; the empty file is then replaced.
    File::create_new(to)?;
    fs::rename(from, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// An account that is not there is as good as one that was removed.
fn remove_account(name: &Path) {
    let _ = fs::remove_file(beside(name, ".part.json"));
}

/// The name is taken.
pub fn exists(name: &Path) -> Failure {
    Failure::new(Kind::Write, format!("{} exists", name.display()))
        .hint("--force replaces it, --if-changed does so when the server has another version")
}

/// The name with something behind it.
pub fn beside(name: &Path, suffix: &str) -> PathBuf {
    let mut text = name.as_os_str().to_owned();
    text.push(suffix);
    text.into()
}

/// A file, and no link to one elsewhere.
fn is_plain(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|data| data.is_file())
}

fn lock(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Failure::new(Kind::Write, format!("{}: another process is at it", path.display())))
        }
        // A file system without locks is no reason not to write to it.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_survives_its_own_json() {
        let dir = tempfile::tempdir().unwrap();
        for (validator, done) in
            [("\"v1\"", Some(vec![(0, 5), (7, 9)])), ("Tue, 15 Nov 1994 12:45:26 GMT", None)]
        {
            let account = Account {
                url: "http://h.example/a".into(),
                validator: Validator::parse(validator, true),
                size: Some(SMALL + 1),
                done,
            };
            let part = Part::begin(&dir.path().join("a"), account.clone()).unwrap();
            assert_eq!(Account::read(&dir.path().join("a.part.json")), Some(account));
            let url = "http://h.example/a";
            assert!(Part::left(&part.name, url).unwrap_err().message.contains("another process"));
            drop(part);
            assert_eq!(Part::all(dir.path()), [(url.to_owned(), dir.path().join("a"))]);
            assert!(Part::left(&dir.path().join("a"), url).unwrap().is_some());
            assert!(Part::left(&dir.path().join("a"), "http://other.example/a").unwrap().is_none());
        }
    }

    #[test]
    fn a_file_of_that_name_stays() {
        let dir = tempfile::tempdir().unwrap();
        let name = dir.path().join("a");
        fs::write(&name, "old").unwrap();
        let part = Part::begin(&name, Account::default()).unwrap();
        assert!(part.finish(false, None).unwrap_err().message.contains("exists"));
        assert_eq!(fs::read(&name).unwrap(), b"old");
        Part::begin(&name, Account::default()).unwrap().finish(true, None).unwrap();
        assert_eq!(fs::read(&name).unwrap(), b"");
    }
}
