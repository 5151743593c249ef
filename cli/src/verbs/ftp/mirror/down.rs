//! From there to here.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use netkit_ftp::{Error, Session};
use netkit_wire::{Fault, escape};

use super::spool::{Known, Sort, Spool};
use super::{DEPTH, Job};
use crate::digest::number;
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::progress::LARGE;
use crate::verbs::ftp::crew::{Broken, Queue, open, together};
use crate::verbs::ftp::names;
use crate::verbs::ftp::session::below;
use crate::verbs::ftp::transfer::optional;
use crate::verbs::ftp::when::{Accuracy, time};

/// A file to be fetched.
struct Task {
    from: String,
    /// Its folder, seen from the root of the copy, and its name there.
    folder: PathBuf,
    name: String,
    size: Option<u64>,
    modified: Option<SystemTime>,
    /// Whether that is to the second.
    exact: bool,
    /// The permissions that it gets.
    mode: Option<u32>,
}

pub fn down(job: &Job<'_>, dir: &str) -> Result<()> {
    let root = Folder::open(Path::new(dir))?;
    let mut session = open(job.opener)?;
    let hand = || {
        let (mut folder, root) = (None, &root);
        move |session: &mut Session, task: &Task| {
            let fetched = fetch(job, session, root, &mut folder, task);
            if fetched.is_ok() {
                job.sum.done();
            }
            fetched
        }
    };
    let workers = job.opener.connections(job.args.parallel);
    let list = |queue: &Queue<Task>| walk(job, &mut session, &root, queue);
    let listed = together(job.opener, workers, None, &|failure| job.fail(failure), hand, list);
    job.opener.leave(session);
    listed
}

/// Lists every folder, and queues what is to be fetched.
fn walk(job: &Job<'_>, session: &mut Session, root: &Folder, queue: &Queue<Task>) -> Result<()> {
    let mut folders = vec![(job.opener.target.path.clone(), PathBuf::new(), 0)];
    let (mut may_reopen, mut untold) = (true, false);
    while let Some((from, here, depth)) = folders.pop() {
        let shown = if from.is_empty() { "." } else { from.as_str() };
        let mut entries = match entries(job, session, &from) {
            Ok(entries) => entries,
            Err(why) if may_reopen && job.opener.wants_older(&why) => {
                may_reopen = false;
                *session = job.opener.open()?;
                folders.push((from, here, depth));
                continue;
            }
            // The folder that was named has to be there; one below may not be for everybody.
            Err(why) if depth > 0 && why.connection_is_usable() => {
                job.fail(job.opener.about_path(why, shown));
                continue;
            }
            Err(why) => return Err(job.opener.about_path(why, shown)),
        };
        let folder = if job.args.dry_run { root.find(&here)? } else { Some(root.make(&here)?) };
        let failed = |e: io::Error| Failure::write("what is in a folder", &e);
        if let (true, Some(folder)) = (job.args.delete, &folder) {
            // Before anybody writes here: what is on its way has a name of its own, which is not there either.
            let mut known = BTreeSet::new();
            for entry in entries.iter().map_err(failed)? {
                known.extend(names::local(&entry.map_err(failed)?.name).map(str::to_owned));
            }
            prune(job, folder, &here, &known)?;
        }
        for entry in entries.iter().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Some(name) = names::local(&entry.name) else {
                let why = format!("{}: no name for a file here; left out", escape(&entry.name));
                job.fail(Failure::new(Kind::Write, why));
                continue;
            };
            let path = here.join(name);
            let path_text = path.to_string_lossy().into_owned();
            if !job.wants(&path_text, entry.kind == Sort::Folder) {
                continue;
            }
            match entry.kind {
                Sort::Folder if depth < DEPTH => folders.push((below_folder(&from, name), path, depth + 1)),
                Sort::Folder => job.fail(Failure::new(Kind::Limit, format!("{path_text}: too deep"))),
                Sort::File => {
                    let local = folder.as_ref().and_then(|folder| folder.file(OsStr::new(name)));
                    untold |= entry.mode.is_none();
                    if let Some((file, _)) = local.filter(|(_, known)| is_same(known, &entry)) {
                        permit(job, &file, entry.mode, &path_text);
                        job.count(|counts| counts.same += 1);
                        continue;
                    }
                    if job.args.dry_run {
                        job.say("get", &path_text)?;
                        job.count(|counts| counts.moved += 1);
                        continue;
                    }
                    let task = Task {
                        from: below_folder(&from, name),
                        folder: here.clone(),
                        name: name.to_owned(),
                        size: entry.size,
                        exact: entry.accuracy == Accuracy::Second,
                        modified: entry.modified,
                        mode: entry.mode.filter(|_| job.args.permissions),
                    };
                    job.sum.more();
                    if !queue.push(task) {
                        return Ok(());
                    }
                }
                Sort::Link if job.args.links => link(job, folder.as_ref(), &path, &entry)?,
                // A link may lead anywhere, a device is no file.
                Sort::Link | Sort::Other => {
                    job.opener.run.note(&format!("{path_text}: neither file nor folder; left out"))
                }
            }
        }
    }
    if untold && job.args.permissions {
        let why = "the server does not tell the permissions of every file; those stay as they came";
        job.fail(Failure::new(Kind::Unsupported, why));
    }
    Ok(())
}

/// A name in a folder there.
fn below_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { below(folder, name) }
}

/// What is in a folder; a line that cannot be read is a failure of its own.
fn entries(job: &Job<'_>, session: &mut Session, from: &str) -> std::result::Result<Spool, Error> {
    let mut all = Spool::default();
    for entry in session.list(Some(from).filter(|from| !from.is_empty()))? {
        match entry {
            Ok(entry) => all.push(entry.into()),
            Err(why @ Error::Unreadable(_)) => job.fail(job.opener.about(why)),
            Err(why) => return Err(why),
        }
    }
    Ok(all)
}

/// Whether what is here is what is there: the same size and the same time.
fn is_same(known: &Metadata, entry: &Known) -> bool {
    let Some(there) = entry.modified else { return false };
    Some(known.len()) == entry.size && known.modified().is_ok_and(|here| entry.accuracy.fits(there, here))
}

/// Gives a file that is here already the permissions that it has there.
fn permit(job: &Job<'_>, file: &File, mode: Option<u32>, path: &str) {
    let Some(mode) = mode.filter(|_| job.args.permissions) else { return };
    if file.metadata().is_ok_and(|known| known.permissions().mode() & 0o777 == mode) {
        return;
    }
    let set = if job.args.dry_run { Ok(()) } else { file.set_permissions(Permissions::from_mode(mode)) };
    let said = set.map_err(|e| Failure::write(path, &e)).and_then(|()| job.say("chmod", path));
    said.unwrap_or_else(|failure| job.fail(failure));
}

/// Makes a symbolic link, where it stays within the copy.
fn link(job: &Job<'_>, folder: Option<&Folder>, path: &Path, entry: &Known) -> Result<()> {
    let shown = path.to_string_lossy();
    let Some(target) = entry.target.as_deref().filter(|target| stays(path, target)) else {
        // They were asked for.
        let why = format!("{shown}: a link that leads out of the folder, or nobody knows where; left out");
        job.fail(Failure::new(Kind::Write, why));
        return Ok(());
    };
    let (name, target) = (path.file_name().unwrap_or_default(), OsStr::from_bytes(target));
    if folder.is_some_and(|folder| folder.leads(name, target)) {
        job.count(|counts| counts.same += 1);
        return Ok(());
    }
    let made = folder.filter(|_| !job.args.dry_run).map_or(Ok(()), |folder| folder.link(name, target));
    match made {
        Ok(()) => job.say("link", &shown),
        Err(failure) => {
            job.fail(failure);
            Ok(())
        }
    }
}

/// Whether a link at that path, seen from the root of the copy, leads nowhere above it. What goes up behind a name may go up from
/// wherever another link leads.
fn stays(path: &Path, target: &[u8]) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    let mut goes_down = false;
    if target.is_empty() || target.contains(&0) {
        return false;
    }
    for part in Path::new(OsStr::from_bytes(target)).components() {
        match part {
            Component::Normal(_) => goes_down = true,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 && !goes_down => depth -= 1,
            _ => return false,
        }
    }
    true
}

/// What a large file is called while it is not whole: another name for each size and time that it has there. None where the time
/// is not known: what is here may be of another file then.
fn part_of(task: &Task, told: Option<SystemTime>) -> Option<String> {
    let since = told.or(task.modified)?.duration_since(UNIX_EPOCH).ok()?;
    let version = format!("{}\0{:?}\0{}", task.name, task.size, since.as_secs());
    Some(format!(".netkit-{:016x}.part", number(version.bytes())))
}

fn fetch(
    job: &Job<'_>,
    session: &mut Session,
    root: &Folder,
    last: &mut Option<(PathBuf, Folder)>,
    task: &Task,
) -> std::result::Result<(), Broken> {
    // One folder's files follow each other.
    let folder = match last.take().filter(|(path, _)| *path == task.folder) {
        Some((_, folder)) => folder,
        None => root.make(&task.folder)?,
    };
    let (_, folder) = last.insert((task.folder.clone(), folder));
    session.ahead = true;
    let is_large = task.size.is_some_and(|size| size >= LARGE);
    // For a large file the question costs nothing, and its answer says whether what is here is of that file.
    let told = match is_large && !task.exact {
        true => optional(session.mdtm(&task.from)).map_err(|e| Broken::of(job.opener, e, &task.from))?,
        false => None,
    };
    let told = told.and_then(time);
    let part = if is_large { part_of(task, told) } else { None };
    let mut broken = None;
    let name = OsStr::new(&task.name);
    let mut take = |file: &mut File, there: u64| receive(job, session, task, told, file, there, &mut broken);
    let saved = match part {
        Some(part) => folder.save_on(name, &part, take),
        None => folder.save(name, None, |file| take(file, 0)),
    };
    match (saved, broken) {
        (Ok(bytes), _) => {
            job.count(|counts| (counts.moved, counts.bytes) = (counts.moved + 1, counts.bytes + bytes));
            job.say("get", &task.folder.join(&task.name).to_string_lossy())?;
            Ok(())
        }
        (Err(_), Some(broken)) => Err(broken),
        (Err(failure), None) => Err(failure.into()),
    }
}

/// The bytes of a file from `there` on; how many came.
fn receive(
    job: &Job<'_>,
    session: &mut Session,
    task: &Task,
    told: Option<SystemTime>,
    file: &mut File,
    there: u64,
    broken: &mut Option<Broken>,
) -> Result<u64> {
    let written = |e: io::Error| Failure::write(&task.name, &e);
    let mut fail = |why: Error| {
        let why = Broken::of(job.opener, why, &task.from);
        let failure = why.failure.clone();
        *broken = Some(why);
        failure
    };
    let is_large = task.size.is_some_and(|size| size >= LARGE);
    // Not every server takes a place at the end for one.
    let there = if task.size.is_some_and(|size| there >= size) { 0 } else { there };
    let (from, mut download) = match is_large || task.exact {
        true => session.retr_on(&task.from, there).map_err(&mut fail)?,
        false => (0, session.retr_dated(&task.from).map_err(&mut fail)?),
    };
    file.set_len(from).and_then(|()| file.seek(SeekFrom::Start(from))).map_err(written)?;
    download.limit(task.size.map_or(u64::MAX, |size| size - from));
    let copied = match is_large {
        false => download.copy_to(file, task.size, &mut |_| {}),
        true => {
            let watched = file.try_clone().map_err(written)?;
            let at = || (&watched).stream_position().unwrap_or_default();
            let mut copy = || download.copy_to(file, task.size, &mut |_| {});
            job.progress.during(Path::new(&task.name), task.size, at, None, &mut copy)
        }
    };
    let came = match copied.map_err(io::Error::downcast::<Fault>) {
        Ok(came) => came,
        Err(Ok(fault)) => return Err(fail(download.broken(fault))),
        Err(Err(why)) => return Err(written(why)),
    };
    let (_, dated) = download.finish_dated().map_err(&mut fail)?;
    if let Some(size) = task.size.filter(|size| *size != from + came) {
        // Whatever this is, it is not that file.
        file.set_len(0).map_err(written)?;
        let total = from + came;
        let why = format!("{}: {total} bytes came of a file of {size}", escape(task.from.as_bytes()));
        return Err(Failure::new(Kind::Partial, why));
    }
    if let Some(at) = dated.and_then(time).or(told).or(task.modified) {
        file.set_modified(at).map_err(written)?;
    }
    if let Some(mode) = task.mode {
        file.set_permissions(Permissions::from_mode(mode)).map_err(written)?;
    }
    Ok(came)
}

/// Deletes files here that are not there; folders that are empty then, too.
fn prune(job: &Job<'_>, folder: &Folder, here: &Path, known: &BTreeSet<String>) -> Result<()> {
    for name in folder.entries() {
        let path = here.join(&name).to_string_lossy().into_owned();
        if known.contains(&name) || !job.wants(&path, false) {
            continue;
        }
        job.say("delete", &path)?;
        job.count(|counts| counts.deleted += 1);
        if !job.args.dry_run {
            folder.remove(OsStr::new(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_within_the_copy() {
        for (path, target, stay) in [
            ("a", "b", true),
            ("a", "./b/c", true),
            ("d/a", "../b", true),
            ("d/a", "..", true),
            ("a", "..", false),
            ("d/a", "../../b", false),
            ("a", "/etc/passwd", false),
            ("a", "d/l/..", false),
            ("a", "", false),
            ("a", "x\0y", false),
        ] {
            assert_eq!(stays(Path::new(path), target.as_bytes()), stay, "{path} -> {target}");
        }
    }
}
