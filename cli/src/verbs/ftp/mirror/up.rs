//! From here to there.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use netkit_ftp::list::Kind as What;
use netkit_ftp::{Entry, Error, Session};

use super::{DEPTH, Job};
use crate::failure::{Failure, Kind, Result};
use crate::verbs::ftp::crew::{Broken, Queue, open, together};
use crate::verbs::ftp::put::pour_file;
use crate::verbs::ftp::session::below;
use crate::verbs::ftp::transfer::optional;
use crate::verbs::ftp::when::{Accuracy, stamp, time};

/// A file to be sent.
struct Task {
    from: PathBuf,
    to: String,
    modified: SystemTime,
}

pub fn up(job: &Job<'_>, dir: &str) -> Result<()> {
    let root = Path::new(dir);
    std::fs::read_dir(root).map_err(|e| Failure::read(dir, &e))?;
    let mut session = open(job.opener)?;
    let workers = job.opener.connections(job.args.parallel);
    let hand = || |session: &mut Session, task: &Task| send(job, session, task);
    let list = |queue: &Queue<Task>| walk(job, &mut session, root, queue);
    let walked = together(job.opener, workers, None, &|failure| job.fail(failure), hand, list);
    job.opener.leave(session);
    walked
}

/// Looks at every folder here and there, makes those that are missing, and queues what is to be sent.
fn walk(job: &Job<'_>, session: &mut Session, root: &Path, queue: &Queue<Task>) -> Result<()> {
    let base = place(job, Path::new(""));
    let known = optional(session.look(if base.is_empty() { "." } else { &base }));
    let is_there = base.is_empty() || known.map_err(|e| job.opener.about_path(e, &base))?.is_some();
    let mut folders = vec![(PathBuf::new(), 0, is_there)];
    while let Some((here, depth, is_there)) = folders.pop() {
        let to = place(job, &here);
        let there = if is_there {
            let list = |session: &mut Session| there(job, session, &to);
            job.opener.insist(session, |session| list(session).map_err(|e| job.opener.about_path(e, &to)))?
        } else {
            if !job.args.dry_run {
                make(job, session, &to)?;
            }
            BTreeMap::new()
        };
        let mut here_names = std::collections::BTreeSet::new();
        let place_here = root.join(&here);
        let entries = std::fs::read_dir(&place_here).map_err(|e| Failure::read(place_here.display(), &e))?;
        let mut entries: Vec<_> = entries.filter_map(std::result::Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else {
                let why = format!("{}: its name is not UTF-8; left out", entry.path().display());
                job.fail(Failure::new(Kind::Read, why));
                continue;
            };
            here_names.insert(name.clone());
            let path = here.join(&name);
            let shown = path.to_string_lossy().into_owned();
            // Links are not followed.
            let Ok(kind) = entry.file_type() else { continue };
            if !job.wants(&shown, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                if depth < DEPTH {
                    let is_there = there.get(&name).is_some_and(|there| there.kind == What::Folder);
                    folders.push((path, depth + 1, is_there));
                }
                continue;
            }
            if !kind.is_file() {
                job.opener.run.note(&format!("{shown}: neither file nor folder; left out"));
                continue;
            }
            let known = entry.metadata().map_err(|e| Failure::read(entry.path().display(), &e))?;
            let modified = known.modified().map_err(|e| Failure::read(entry.path().display(), &e))?;
            if there.get(&name).is_some_and(|there| is_same(there, known.len(), modified)) {
                job.count(|counts| counts.same += 1);
                continue;
            }
            if job.args.dry_run {
                job.say("put", &shown)?;
                job.count(|counts| counts.moved += 1);
                continue;
            }
            job.sum.more();
            if !queue.push(Task { from: entry.path(), to: place(job, &path), modified }) {
                return Ok(());
            }
        }
        if job.args.delete {
            for (name, entry) in there.iter().filter(|(name, _)| !here_names.contains(*name)) {
                let path = here.join(name);
                if job.wants(&path.to_string_lossy(), entry.kind == What::Folder) {
                    remove(job, session, &path, entry, 0)?;
                }
            }
        }
    }
    Ok(())
}

/// Makes a folder there, and those above it that are missing.
fn make(job: &Job<'_>, session: &mut Session, to: &str) -> Result<()> {
    let first = match session.mkd(to) {
        Ok(_) => return Ok(()),
        Err(why @ Error::Refused(_)) => why,
        Err(why) => return Err(job.opener.about_path(why, to)),
    };
    for (at, _) in to.match_indices('/').filter(|(at, _)| *at > 0) {
        // Those that are there already are refused, which is no news.
        optional(session.mkd(to.get(..at).unwrap_or_default())).map_err(|e| job.opener.about_path(e, to))?;
    }
    match session.mkd(to) {
        Ok(_) => Ok(()),
        Err(Error::Refused(_)) => Err(job.opener.about_path(first, to)),
        Err(why) => Err(job.opener.about_path(why, to)),
    }
}

/// Where a path here lies there.
fn place(job: &Job<'_>, here: &Path) -> String {
    let base = job.opener.target.path.as_str();
    let here = here.to_string_lossy();
    match (base, here.as_ref()) {
        (base, "") => base.to_owned(),
        ("", here) => here.to_owned(),
        (base, here) => below(base, here),
    }
}

fn there(
    job: &Job<'_>,
    session: &mut Session,
    to: &str,
) -> std::result::Result<BTreeMap<String, Entry>, Error> {
    let mut all = BTreeMap::new();
    for entry in session.list(Some(to).filter(|to| !to.is_empty()))? {
        match entry {
            Ok(entry) => {
                if let Ok(name) = String::from_utf8(entry.name.clone()) {
                    all.insert(name, entry);
                }
            }
            Err(why @ Error::Unreadable(_)) => job.fail(job.opener.about(why)),
            Err(why) => return Err(why),
        }
    }
    Ok(all)
}

/// The same size, and a time there that is the file's, or later where the server sets its own.
fn is_same(there: &Entry, size: u64, modified: SystemTime) -> bool {
    let fits = |at: SystemTime| at > modified || Accuracy::of(there).fits(at, modified);
    there.kind == What::File && there.size == Some(size) && there.modified.and_then(time).is_some_and(fits)
}

fn send(job: &Job<'_>, session: &mut Session, task: &Task) -> std::result::Result<(), Broken> {
    let about = |e: Error| Broken::of(job.opener, e, &task.to);
    let shown = task.from.display().to_string();
    let mut file = File::open(&task.from).map_err(|e| Failure::read(&shown, &e))?;
    session.ahead = true;
    let size = file.metadata().map_err(|e| Failure::read(&shown, &e))?.len();
    let upload = session.stor_sized(&task.to, size).map_err(about)?;
    let (upload, bytes) = pour_file(&mut file, size, upload, &shown, job.progress, about)?;
    let (_, dated) = match stamp(task.modified) {
        Some(at) => upload.finish_dated(&task.to, at).map_err(about)?,
        None => (upload.finish().map_err(about)?, None),
    };
    if let (None, Some(at)) = (dated, stamp(task.modified)) {
        match session.set_modified(&task.to, at) {
            Ok(_) => {}
            // A server that keeps times of its own still has the file.
            Err(why) if why.connection_is_usable() => {}
            Err(why) => return Err(about(why)),
        }
    }
    if job.args.permissions {
        let known = file.metadata().map_err(|e| Failure::read(&shown, &e))?;
        match session.chmod(&task.to, known.permissions().mode() & 0o777) {
            Ok(_) => {}
            // It has the file all the same.
            Err(why) if why.connection_is_usable() => {
                job.fail(job.opener.about_path(why, &task.to).reworded(|why| format!("permissions: {why}")));
            }
            Err(why) => return Err(about(why)),
        }
    }
    job.count(|counts| (counts.moved, counts.bytes) = (counts.moved + 1, counts.bytes + bytes));
    job.say("put", &task.to)?;
    job.sum.done();
    Ok(())
}

/// Removes something there, a folder with all that is in it.
fn remove(job: &Job<'_>, session: &mut Session, path: &Path, entry: &Entry, depth: usize) -> Result<()> {
    let to = place(job, path);
    let about = |e: Error| job.opener.about_path(e, &to);
    if entry.kind == What::Folder {
        if depth >= DEPTH {
            return Err(Failure::new(Kind::Limit, format!("{to}: too deep")));
        }
        for (name, inner) in there(job, session, &to).map_err(about)? {
            remove(job, session, &path.join(name), &inner, depth + 1)?;
        }
    }
    job.say("delete", &path.to_string_lossy())?;
    job.count(|counts| counts.deleted += 1);
    if job.args.dry_run {
        return Ok(());
    }
    let done = if entry.kind == What::Folder { session.rmd(&to) } else { session.dele(&to) };
    done.map(|_| ()).map_err(about)
}
