//! Where a mirrored URL's file stands, and how it gets there: inside of one folder, through no symbolic link.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use netkit_wire::safe_name;
use url::Url;

use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;

/// What a path that ends with a slash is saved as.
const INDEX: &str = "index.html";

/// The folder of a mirror.
pub struct Tree {
    root: Folder,
    /// The folder that was needed last, by its path below.
    last: RefCell<Option<(PathBuf, Folder)>>,
    /// Each host has a folder of its own.
    by_host: bool,
}

impl Tree {
    /// Makes the folder where it is missing.
    pub fn open(root: &Path, by_host: bool) -> Result<Tree> {
        Ok(Tree { root: Folder::open(root)?, last: RefCell::default(), by_host })
    }

    /// The file of a URL, relative to the folder: each part of the path made a safe name, the query behind an `@`. The
    /// same URL has the same file in every run; `None` for a path of which no name is left.
    pub fn file_of(&self, url: &Url) -> Option<PathBuf> {
        let mut file = PathBuf::new();
        if self.by_host {
            let port = url.port().map(|port| format!("+{port}")).unwrap_or_default();
            let host = url.host_str()?.trim_matches(['[', ']']).replace(':', "_");
            file.push(safe_name(&format!("{host}{port}"))?);
        }
        let mut parts: Vec<String> = url.path_segments()?.map(decoded).collect();
        let last = parts.pop().filter(|last| !last.is_empty()).unwrap_or_else(|| INDEX.to_owned());
        for part in parts.iter().filter(|part| !part.is_empty()) {
            file.push(one_name(part)?);
        }
        let last = match url.query() {
            Some(query) => format!("{last}@{}", decoded(query)),
            None => last,
        };
        file.push(one_name(&last)?);
        Some(file)
    }

    /// The file as it stands there now; `None` where there is none, or something that is no file.
    pub fn existing(&self, file: &Path) -> Option<(File, SystemTime)> {
        let name = file.file_name()?;
        let find = |folder: &Folder| folder.file(name);
        let (file, known) = self.within(file.parent()?, false, find).ok()???;
        Some((file, known.modified().ok()?))
    }

    /// Writes a file under a name of its own and puts it in its place when it is whole; `modified` is its time, if the
    /// server told.
    pub fn save(
        &self,
        file: &Path,
        modified: Option<SystemTime>,
        write: impl FnOnce(&mut File) -> Result<u64>,
    ) -> Result<u64> {
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
            return Err(Failure::new(Kind::Write, format!("{}: it is no file's name", file.display())));
        };
        let saved = self.within(folder, true, |folder| folder.save(name, modified, write))?;
        saved.unwrap_or_else(|| {
            Err(Failure::new(Kind::Write, format!("{}: no folder for it", file.display())))
        })
    }

    /// Does something in a folder below, which is made where it is missing and `make` is said; `None` where it is missing
    /// else. A handle on the last one is kept: most files lie beside the one before.
    fn within<T>(&self, below: &Path, make: bool, act: impl FnOnce(&Folder) -> T) -> Result<Option<T>> {
        let mut last = self.last.borrow_mut();
        if last.as_ref().is_none_or(|(path, _)| path != below) {
            let found = if make { Some(self.root.make(below)?) } else { self.root.find(below)? };
            let Some(found) = found else { return Ok(None) };
            *last = Some((below.to_owned(), found));
        }
        Ok(last.as_ref().map(|(_, folder)| act(folder)))
    }
}

/// A name for one part of a path: what was decoded to a slash is no slash.
fn one_name(part: &str) -> Option<String> {
    safe_name(&part.replace(['/', '\\'], "_"))
}

fn decoded(part: &str) -> String {
    let bytes = percent_encoding::percent_decode_str(part);
    bytes.decode_utf8().map_or_else(|_| part.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn tree(by_host: bool) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::open(folder.path(), by_host).unwrap();
        (folder, tree)
    }

    #[test]
    fn each_url_has_its_file() {
        let (_folder, tree) = tree(false);
        for (url, file) in [
            ("http://h/", Some("index.html")),
            ("http://h/a/b.html", Some("a/b.html")),
            ("http://h/a//b/", Some("a/b/index.html")),
            ("http://h/a?x=1/2", Some("a@x=1_2")),
            ("http://h/%2e%2e/%2Fetc%2Fpasswd", Some("_etc_passwd")),
            ("http://h/..%2f..%2fx", Some("_.._x")),
            ("http://h/a%5c..%5cb", Some("a_.._b")),
            ("http://h/.ssh/id", Some("ssh/id")),
            ("http://h/CON/x%00y", Some("_CON/x_y")),
            ("http://h/%C3%BC", Some("ü")),
        ] {
            let found = tree.file_of(&url.parse().unwrap());
            assert_eq!(found.as_deref(), file.map(Path::new), "{url}");
        }
        let (_folder, tree) = self::tree(true);
        let spanned = tree.file_of(&"http://h.example:8080/x".parse().unwrap());
        assert_eq!(spanned.as_deref(), Some(Path::new("h.example+8080/x")));
        let six = tree.file_of(&"http://[::1]:8080/x".parse().unwrap()).unwrap();
        assert_eq!(six.components().count(), 2, "{six:?}");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let (folder, tree) = tree(false);
        let outside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("way")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("f"), folder.path().join("file")).unwrap();
        for name in ["way/f", "file"] {
            let failure = tree.save(Path::new(name), None, |_| Ok(0)).unwrap_err();
            assert!(failure.message.contains("symbolic link"), "{}", failure.message);
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_broken_answer_leaves_nothing() {
        let (folder, tree) = tree(false);
        let failed = tree.save(Path::new("a/b"), None, |_| Err(Failure::new(Kind::Partial, "cut")));
        assert_eq!(failed.unwrap_err().kind, Kind::Partial);
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 0);
        tree.save(Path::new("a/b"), None, |sink| {
            sink.write_all(b"x").map(|()| 1).map_err(|e| Failure::write("", &e))
        })
        .unwrap();
        let under_a_file = tree.save(Path::new("a/b/c"), None, |_| Ok(0)).unwrap_err();
        assert_eq!(under_a_file.kind, Kind::Write);
    }
}
