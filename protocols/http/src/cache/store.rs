//! The files of a cache: each written beside its name and renamed, for its owner only, the oldest removed first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use netkit_wire::Field;
use url::Url;

use super::entry::{Entry, key, varying};
use crate::head::Head;
use crate::request::Request;

/// What an interrupted process left is removed after this.
const ABANDONED: Duration = Duration::from_secs(60 * 60);
/// Fields of a 304 that say nothing about the stored content (RFC 9111 3.2).
const NOT_UPDATED: [&str; 9] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
];

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    limit: u64,
    /// Tells the unfinished files of this process apart.
    count: AtomicU64,
}

impl Store {
    pub(super) fn open(folder: &Path, limit: u64) -> io::Result<Store> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        Ok(Store { folder: folder.to_owned(), limit, count: AtomicU64::new(0) })
    }

    /// The file of a URL, by FNV-1a; the URL inside tells two of one hash apart.
    fn path(&self, url: &str) -> PathBuf {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.folder.join(format!("{:016x}", url.bytes().fold(0xcbf2_9ce4_8422_2325, mix)))
    }

    pub(super) fn find(&self, url: &Url) -> Option<Entry> {
        let key = key(url);
        let file = File::open(self.path(&key)).ok()?;
        Entry::read(file).filter(|entry| entry.url == key)
    }

    pub(super) fn remove(&self, url: &Url) {
        // One that is not there is as good as one that was removed.
        let _ = fs::remove_file(self.path(&key(url)));
    }

    /// A file for an answer whose body is still to come.
    pub(super) fn begin(
        &self,
        request: &Request,
        head: &Head,
        asked: SystemTime,
        received: SystemTime,
    ) -> Option<Tee> {
        let with = varying(head, request.fields());
        let preface = Entry::preface(request.url(), (asked, received), 0, &with, head)?;
        let at = preface.windows(8).position(|window| window == b"Length: ")? as u64 + 8;
        let (mut file, new) = self.create().ok()?;
        file.write_all(&preface).ok()?;
        let name = self.path(&key(request.url()));
        let room = (self.limit / 8).checked_sub(preface.len() as u64)?;
        Some(Tee {
            file,
            new,
            name,
            length_at: at,
            length: 0,
            room,
            folder: self.folder.clone(),
            limit: self.limit,
        })
    }

    /// The same answer with the fields of a 304 (RFC 9111 3.2, 4.3.4). `None` when the 304 has another strong tag, or it
    /// cannot be written.
    pub(super) fn freshen(
        &self,
        mut entry: Entry,
        head: &Head,
        asked: SystemTime,
        received: SystemTime,
    ) -> Option<Entry> {
        let (old, new) = (entry.head.fields().get("etag"), head.fields().get("etag"));
        if old.is_some() && new.is_some() && old != new {
            return None;
        }
        let kept = |name: &str| NOT_UPDATED.iter().any(|n| n.eq_ignore_ascii_case(name));
        let replaced = |name: &str| !kept(name) && head.fields().has(name);
        let mut fresh = Head::new(entry.head.status());
        let before =
            entry.head.fields().iter().filter(|field| !replaced(field.name()) && field.name() != "Age");
        let updates = head.fields().iter().filter(|field| !kept(field.name()));
        for field in before.chain(updates) {
            fresh = fresh.with(Field::clone(field));
        }
        let url = Url::parse(&entry.url).ok()?;
        let preface = Entry::preface(&url, (asked, received), entry.length, &entry.with, &fresh)?;
        let (mut file, new) = self.create().ok()?;
        let copied = file
            .write_all(&preface)
            .and_then(|()| io::copy(&mut Read::by_ref(&mut entry.body).take(entry.length), &mut file))
            .and_then(|_| fs::rename(&new, self.path(&entry.url)));
        if copied.is_err() {
            let _ = fs::remove_file(&new);
            return None;
        }
        file.seek(SeekFrom::Start(0)).ok()?;
        Entry::read(file)
    }

    fn create(&self) -> io::Result<(File, PathBuf)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        loop {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            let new = self.folder.join(format!("new-{}-{count}", std::process::id()));
            match options.open(&new) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|file| (file, new)),
            }
        }
    }
}

/// Takes down a body while somebody reads it. Until [`Tee::finish`] nothing has a name that anybody looks for.
pub(crate) struct Tee {
    file: File,
    new: PathBuf,
    name: PathBuf,
    /// Where the length stands in the file.
    length_at: u64,
    length: u64,
    /// How many bytes may still come.
    room: u64,
    folder: PathBuf,
    limit: u64,
}

impl Tee {
    /// Takes a piece; `None` when there is no room for it, and the file is gone.
    pub(crate) fn take(mut self, piece: &[u8]) -> Option<Tee> {
        self.length += piece.len() as u64;
        if self.length > self.room || self.file.write_all(piece).is_err() {
            let _ = fs::remove_file(&self.new);
            return None;
        }
        Some(self)
    }

    /// The body came to its end: the answer is stored.
    pub(crate) fn finish(mut self) {
        let length = format!("{:020}", self.length);
        let written = (self.file.seek(SeekFrom::Start(self.length_at)))
            .and_then(|_| self.file.write_all(length.as_bytes()))
            .and_then(|()| fs::rename(&self.new, &self.name));
        if written.is_err() {
            let _ = fs::remove_file(&self.new);
        }
        prune(&self.folder, self.limit);
    }
}

/// Removes the oldest files until the rest keeps the limit. What another process removes meanwhile is gone as well.
fn prune(folder: &Path, limit: u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some((data.modified().ok()?, data.len(), entry.path()))
        })
        .collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.0));
    let newest = files.first().map(|file| file.0);
    let mut total = 0_u64;
    for (modified, size, path) in files {
        let unfinished = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"new-"));
        let old =
            newest.and_then(|newest| newest.duration_since(modified).ok()).is_some_and(|age| age > ABANDONED);
        total = total.saturating_add(size);
        if if unfinished { old } else { total > limit } {
            let _ = fs::remove_file(path);
        }
    }
}
