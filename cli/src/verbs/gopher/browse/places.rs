//! Bookmarks: a file of lines, each a URL and a title.

use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use netkit_gopher::Target;

/// Where the user wants to come back to.
pub struct Bookmarks {
    file: Option<PathBuf>,
    pub all: Vec<(String, String)>,
}

impl Bookmarks {
    /// Those in the file, or in the user's own; none where there is no such file.
    pub fn open(file: Option<&Path>) -> Bookmarks {
        let own = || Some(etcetera::choose_base_strategy().ok()?.data_dir().join("netkit/gopher-bookmarks"));
        let file = file.map(Path::to_owned).or_else(own);
        let text = file.as_ref().and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let line = |line: &str| {
            let (url, title) = line.split_once('\t').unwrap_or((line, line));
            // What is no address is not followed.
            url.parse::<Target>().is_ok().then(|| (url.to_owned(), title.to_owned()))
        };
        Bookmarks { file, all: text.lines().filter_map(line).collect() }
    }

    /// Adds one, or takes it away if it is there; what was done.
    pub fn toggle(&mut self, url: &str, title: &str) -> String {
        let before = self.all.len();
        self.all.retain(|(known, _)| known != url);
        let added = self.all.len() == before;
        if added {
            let clean = |text: &str| text.replace(|c: char| c.is_control(), " ");
            self.all.push((url.to_owned(), clean(title)));
        }
        match self.save() {
            Ok(()) if added => format!("bookmarked: {url}"),
            Ok(()) => format!("no longer a bookmark: {url}"),
            Err(why) => format!("the bookmarks cannot be written: {why}"),
        }
    }

    /// A file of another name first: half of the bookmarks would be worse than the old ones.
    fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Err(io::Error::other("there is no place for them")) };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut part = tempfile::NamedTempFile::new_in(folder)?;
        for (url, title) in &self.all {
            io::Write::write_all(&mut part, format!("{url}\t{title}\n").as_bytes())?;
        }
        part.persist(file).map(drop).map_err(|e| e.error)
    }
}
