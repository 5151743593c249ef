//! Files: a tree of paths, shared by HTTP, Gopher and whatever else moves files.

use std::collections::BTreeMap;
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

/// All files by absolute path: `/about.txt`. A folder is a path that others continue.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, File>,
}

impl Site {
    /// Files that were all changed at the same, fixed time.
    pub(crate) fn of(files: &[(&str, &[u8])]) -> Site {
        // 1991-03-01, the year of Gopher: the mock world looks the same in every run.
        let modified = UNIX_EPOCH + Duration::from_secs(667_785_600);
        let entry =
            |(path, bytes): &(&str, &[u8])| ((*path).to_owned(), File { bytes: (*bytes).into(), modified });
        Site { files: files.iter().map(entry).collect() }
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<File> {
        self.files.get(path).cloned()
    }

    /// Puts a file; `false` when there is no room or the path is no absolute, plain path.
    pub fn put(&mut self, path: &str, bytes: Arc<[u8]>, modified: SystemTime) -> bool {
        let plain = path.starts_with('/') && !path.ends_with('/') && path.len() <= 1024;
        let used: usize = self.files.values().map(|file| file.bytes.len()).sum();
        let fits = used.saturating_add(bytes.len()) <= CAPACITY && self.files.len() < 100_000;
        let ok = plain && fits && !path.split('/').any(|part| matches!(part, "." | ".."));
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
        for full in self.files.range(path.to_owned()..).map(|(full, _)| full) {
            let Some(rest) = full.strip_prefix(path) else { break };
            let name = rest.split_inclusive('/').next().unwrap_or_default();
            if !name.is_empty() && names.last().is_none_or(|last| last != name) {
                names.push(name.to_owned());
            }
        }
        names
    }
}
