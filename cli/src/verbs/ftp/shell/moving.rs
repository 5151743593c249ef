//! `get` and `put`, as they are typed.

use std::fs::File;
use std::path::{Path, PathBuf};

use netkit_ftp::{Error, Session};

use crate::failure::{Failure, Kind, Result};
use crate::progress::Progress;
use crate::verbs::ftp::session::{Opener, below};
use crate::verbs::ftp::{fetch, names, put};

const HOW: fetch::How = fetch::How { resume: false, segments: 1, verify: false };

/// One transfer.
pub struct Moving {
    /// As it was typed.
    pub text: String,
    /// Whether the prompt comes back meanwhile.
    pub is_behind: bool,
    way: Way,
}

enum Way {
    Get { path: String, name: PathBuf },
    Put { file: PathBuf, path: String },
}

impl Moving {
    /// What the words say; none where they say something else. Names here mean what they mean now, whatever is said later.
    pub fn parse(words: &[&str]) -> Option<Result<Moving>> {
        let (is_behind, words) = match words {
            [words @ .., "&"] => (true, words),
            words => (false, words),
        };
        let way = match *words {
            ["get", path] => {
                let last = path.rsplit('/').next().unwrap_or(path);
                match names::local(last.as_bytes()) {
                    Some(name) => here(name).map(|name| Way::Get { path: path.to_owned(), name }),
                    None => Err(Failure::new(Kind::Usage, format!("{last}: no name for a file here"))),
                }
            }
            ["get", path, name] => here(name).map(|name| Way::Get { path: path.to_owned(), name }),
            ["put", file] => here(file).map(|full| Way::Put { path: own(&full, file), file: full }),
            ["put", file, path] => here(file).map(|full| {
                let path = if path.ends_with('/') { below(path, &own(&full, file)) } else { path.to_owned() };
                Way::Put { file: full, path }
            }),
            _ if is_behind => {
                let what = words.first().copied().unwrap_or_default();
                Err(Failure::new(
                    Kind::Usage,
                    format!("{what}: only get and put can go on behind the prompt"),
                ))
            }
            _ => return None,
        };
        Some(way.map(|way| Moving { text: words.join(" "), is_behind, way }))
    }

    /// Does it; what there is to say of it.
    pub fn run(&self, opener: &Opener<'_>, session: &mut Session) -> Result<String> {
        match &self.way {
            Way::Get { path, name } => {
                let progress = if self.is_behind { Progress::Nowhere } else { opener.progress() };
                let bytes = fetch::fetch(session, opener, path, name, HOW, &mut None, &progress)?;
                Ok(format!("{}: {bytes} bytes", shown(name)))
            }
            Way::Put { file, path } => {
                let about = |e: Error| opener.about_path(e, path);
                let mut source = File::open(file).map_err(|e| Failure::read(file.display(), &e))?;
                let upload = session.stor(path, 0).map_err(about)?;
                let (upload, bytes) = put::pour(&mut source, upload, &file.display().to_string(), about)?;
                upload.finish().map_err(about)?;
                Ok(format!("{path}: {bytes} bytes"))
            }
        }
    }
}

/// Where a name lies now.
fn here(name: &str) -> Result<PathBuf> {
    let folder = std::env::current_dir().map_err(|e| Failure::read(".", &e))?;
    Ok(folder.join(name))
}

fn own(full: &Path, file: &str) -> String {
    full.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or(file).to_owned()
}

/// A name as it is seen from here.
fn shown(name: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.and_then(|here| name.strip_prefix(here).ok());
    short.unwrap_or(name).display().to_string()
}
