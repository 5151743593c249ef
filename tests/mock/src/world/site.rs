//! Files: a tree of paths, shared by HTTP, Gopher and whatever else moves files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The most bytes all files together may have: a client that uploads for ever meets a wall.
const CAPACITY: usize = 256 << 20;

/// One file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// When it was changed last.
    pub modified: SystemTime,
}

/// All files by absolute path: `/about.txt`. A folder is a path that others continue, or one that was made as such.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, File>,
    /// Folders that were made, each with a slash at its end: they stay when nothing is in them.
    folders: BTreeSet<String>,
}

/// Whether an absolute path leads nowhere else, and is not too long.
fn is_plain(path: &str) -> bool {
    path.starts_with('/') && path.len() <= 1024 && !path.split('/').any(|part| matches!(part, "." | ".."))
}

impl Site {
    /// Files that were all changed at the same, fixed time.
    pub(crate) fn of(files: &[(&str, &[u8])]) -> Site {
        // 1991-03-01, the year of Gopher: the mock world looks the same in every run.
        let modified = UNIX_EPOCH + Duration::from_secs(667_785_600);
        let entry =
            |(path, bytes): &(&str, &[u8])| ((*path).to_owned(), File { bytes: (*bytes).into(), modified });
        Site { files: files.iter().map(entry).collect(), folders: BTreeSet::new() }
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<File> {
        self.files.get(path).cloned()
    }

    /// Puts a file; `false` when there is no room or the path is no absolute, plain path.
    pub fn put(&mut self, path: &str, bytes: Arc<[u8]>, modified: SystemTime) -> bool {
        let plain = is_plain(path) && !path.ends_with('/') && !self.is_folder(path);
        let used: usize = self.files.values().map(|file| file.bytes.len()).sum();
        let fits = used.saturating_add(bytes.len()) <= CAPACITY && self.files.len() < 100_000;
        let ok = plain && fits;
        if ok {
            self.files.insert(path.to_owned(), File { bytes, modified });
        }
        ok
    }

    /// Removes a file; whether it was there.
    pub fn delete(&mut self, path: &str) -> bool {
        self.files.remove(path).is_some()
    }

    /// The names directly in the folder `path` (which ends with a slash): files by name, folders with a slash behind.
    pub fn list(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let files = self.files.range(path.to_owned()..).map(|(full, _)| full);
        let below = files.take_while(|full| full.starts_with(path));
        let made = self.folders.range(path.to_owned()..).take_while(|full| full.starts_with(path));
        for full in below.chain(made) {
            let rest = full.strip_prefix(path).unwrap_or_default();
            let name = rest.split_inclusive('/').next().unwrap_or_default();
            if !name.is_empty() && names.last().is_none_or(|last| last != name) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// Whether there is a folder at `path`, with a slash at its end or not.
    pub fn is_folder(&self, path: &str) -> bool {
        let path = format!("{}/", path.trim_end_matches('/'));
        let first = self.files.range(path.clone()..).next();
        path == "/" || self.folders.contains(&path) || first.is_some_and(|(full, _)| full.starts_with(&path))
    }

    /// Makes a folder; `false` when there is something of that name, or no room.
    pub fn make_folder(&mut self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let ok = is_plain(path)
            && !self.is_folder(path)
            && self.file(path).is_none()
            && self.folders.len() < 10_000;
        ok && self.folders.insert(format!("{path}/"))
    }

    /// Removes a folder that is empty; whether it was there, and was.
    pub fn remove_folder(&mut self, path: &str) -> bool {
        let path = format!("{}/", path.trim_end_matches('/'));
        self.list(&path).is_empty() && self.folders.remove(&path)
    }

    /// Gives a file or a folder another name; `false` when it is not there, or something has that name.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        if !is_plain(to) || to.ends_with('/') || self.file(to).is_some() || self.is_folder(to) {
            return false;
        }
        if let Some(file) = self.files.remove(from) {
            self.files.insert(to.to_owned(), file);
            return true;
        }
        let (from, to) = (format!("{}/", from.trim_end_matches('/')), format!("{to}/"));
        if !self.is_folder(&from) || from == "/" || to.starts_with(&from) {
            return false;
        }
        let moved = |path: &String| path.strip_prefix(&from).map(|rest| format!("{to}{rest}"));
        let files = std::mem::take(&mut self.files);
        self.files = files.into_iter().map(|(path, file)| (moved(&path).unwrap_or(path), file)).collect();
        let folders = std::mem::take(&mut self.folders);
        self.folders = folders.into_iter().map(|path| moved(&path).unwrap_or(path)).collect();
        true
    }

    /// Says when a file was changed; whether it is there.
    pub fn set_modified(&mut self, path: &str, modified: SystemTime) -> bool {
        let file = self.files.get_mut(path);
        file.map(|file| file.modified = modified).is_some()
    }
}
