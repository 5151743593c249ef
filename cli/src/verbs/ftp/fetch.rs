//! One file from there to here: in one piece or in parts, from its start or where an earlier try ended.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use netkit_ftp::{Error, Session, Stamp};

use super::segments;
use super::session::Opener;
use super::transfer::optional;
use super::when::time;
use crate::digest::{hex, sha256};
use crate::failure::{Failure, Kind, Result};
use crate::progress::Progress;

/// Behind a file's name while it is not whole.
const PART: &str = ".part";
/// The same while several parts of it come: it has holes then, and what is at its end says nothing of what came.
const PARTS: &str = ".parts";
/// The hash that both ends know.
const ALGORITHM: &str = "SHA-256";

/// How a file is fetched.
#[derive(Clone, Copy, Debug)]
pub struct How {
    pub resume: bool,
    pub segments: u64,
    /// Whether it is compared with the server's hash of it.
    pub verify: bool,
}

/// What tells one version of a file from another, where the server says it.
#[derive(Debug, PartialEq)]
pub struct Version {
    size: Option<u64>,
    modified: Option<Stamp>,
}

/// One file, under its name when it is whole; how many bytes it has. What was interrupted stays beside it. `version` is that
/// of an earlier try, if there was one: what came of another is of no use.
pub fn fetch(
    session: &mut Session,
    opener: &Opener<'_>,
    path: &str,
    place: &Path,
    mut how: How,
    version: &mut Option<Version>,
    progress: &Progress,
) -> Result<u64> {
    let about = |e: Error| opener.about_path(e, path);
    let part = beside(place, PART);
    let failed = |e: io::Error| Failure::write(part.display(), &e);
    // What cannot be written is found out before anything is asked.
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&part).map_err(failed)?;
    let now = Version {
        size: optional(session.size(path)).map_err(about)?,
        modified: optional(session.mdtm(path)).map_err(about)?,
    };
    how.resume &= version.as_ref().is_none_or(|before| *before == now);
    let Version { size, modified } = version.insert(now);
    let (size, modified) = (*size, modified.and_then(time));
    let there = file.seek(SeekFrom::End(0)).map_err(failed)?;
    let is_of_it = how.resume && size.is_none_or(|size| there <= size);
    let from = if is_of_it { there } else { 0 };
    file.set_len(from).and_then(|()| file.seek(SeekFrom::Start(from))).map_err(failed)?;
    if let Some(size) = size.filter(|_| how.segments > 1) {
        let holes = beside(place, PARTS);
        std::fs::rename(&part, &holes).and_then(|()| file.set_len(size)).map_err(failed)?;
        let (whole, outcome) = segments::fetch(opener, path, &file, from..size, how.segments, progress);
        file.set_len(whole).and_then(|()| std::fs::rename(&holes, &part)).map_err(failed)?;
        outcome?;
    } else if size != Some(from) || from == 0 {
        receive(session, opener, path, (&mut file, &part), (from, size), progress, place)?;
    }
    if how.verify {
        verify(session, opener, path, &file, &part)?;
    }
    let total = file.metadata().map_err(failed)?.len();
    if let Some(at) = modified {
        file.set_modified(at).map_err(failed)?;
    }
    drop(file);
    std::fs::rename(&part, place).map_err(|e| Failure::write(place.display(), &e))?;
    Ok(total)
}

fn beside(place: &Path, ending: &str) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What is still missing, in one piece.
fn receive(
    session: &mut Session,
    opener: &Opener<'_>,
    path: &str,
    (file, part): (&mut File, &Path),
    (from, size): (u64, Option<u64>),
    progress: &Progress,
    place: &Path,
) -> Result<()> {
    let about = |e: Error| opener.about_path(e, path);
    let mut download = session.retr(path, from).map_err(about)?;
    download.limit(size.map_or(u64::MAX, |size| size.saturating_sub(from)));
    let watched = file.try_clone().map_err(|e| Failure::write(part.display(), &e))?;
    let at = || (&watched).stream_position().unwrap_or_default();
    let copied = progress.during(place, size, at, None, || download.copy_to(file, size, &mut |_| {}));
    let came = match copied {
        Ok(came) => came,
        Err(why) => return Err(opener.lost(download, why, path, part.display())),
    };
    download.finish().map_err(about)?;
    let total = from + came;
    match size.filter(|size| *size != total) {
        None => Ok(()),
        Some(size) => {
            let why = format!("{path}: {total} bytes came of a file of {size}");
            Err(Failure::new(Kind::Partial, why).with(&opener.target.endpoint))
        }
    }
}

/// Compares what came with the server's hash of it. What differs stays beside the place.
fn verify(session: &mut Session, opener: &Opener<'_>, path: &str, file: &File, part: &Path) -> Result<()> {
    let about = |e: Error| opener.about_path(e, path);
    session.hash_by(ALGORITHM).map_err(about)?;
    let (name, theirs) = session.hash(path).map_err(about)?;
    let ours = hex(&sha256(file).map_err(|e| Failure::read(part.display(), &e))?);
    if name.eq_ignore_ascii_case(ALGORITHM) && theirs == ours {
        return Ok(());
    }
    let why = format!("{path}: its {ALGORITHM} here is {ours}; the server says {name} {theirs}");
    Err(Failure::new(Kind::Checksum, why).hint(format!("the bytes are in {}", part.display())))
}
