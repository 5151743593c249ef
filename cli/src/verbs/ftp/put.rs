//! `netkit ftp put`

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use netkit_ftp::{Error, Session, Target, Upload};
use netkit_wire::{Fault, Phase};

use super::change::first;
use super::crew::{Broken, open, together};
use super::session::{self, Opener};
use super::transfer::{optional, tell};
use crate::args::{FtpPut, Global};
use crate::failure::{Failure, Kind, Result};
use crate::progress::{LARGE, Progress};
use crate::run::Run;

/// Up to here, one connection is as good as several.
const FEW: usize = 16;

/// A file, and its place there.
struct Task {
    file: String,
    path: String,
}

pub fn put(args: &FtpPut, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, files) = run.target_and_words(&args.words);
    if files.is_empty() {
        return Err(Failure::new(Kind::Usage, "which files? or - for stdin"));
    }
    let target = session::aim(&mut run, target)?;
    // What cannot be read is found out before anybody is bothered.
    for file in files.iter().filter(|file| *file != "-") {
        File::open(file).map_err(|e| Failure::read(file, &e))?;
    }
    let opener = Opener::new(&run, target, &args.ways)?;
    let failures = Mutex::new(Vec::new());
    let fail = |failure| failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    let session = open(&opener)?;
    let most = u16::try_from(files.len()).unwrap_or(u16::MAX);
    let workers = match args.parallel {
        None if files.len() < FEW => 1,
        asked => opener.connections(asked).min(most),
    };
    let said = Mutex::new(run.output()?);
    let progress = opener.progress();
    let hand = || {
        |session: &mut Session, task: &Task| {
            session.ahead = files.len() > 1;
            let bytes = send(session, &opener, task, args, &progress)?;
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(progress.aside(|| tell(&mut said, &run, &task.file, &task.path, bytes))?)
        }
    };
    together(&opener, workers, Some(session), &fail, hand, |queue| {
        for file in files {
            let Some(path) = place(&opener.target, args, file, files.len()) else {
                fail(Failure::new(Kind::Usage, "stdin has no name").hint("--name NAME"));
                continue;
            };
            if !queue.push(Task { file: file.clone(), path }) {
                break;
            }
        }
    });
    said.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
    first(&run, failures.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Where a file goes.
pub fn place(target: &Target, args: &FtpPut, file: &str, count: usize) -> Option<String> {
    let base = target.path.as_str();
    let own = Path::new(file).file_name().and_then(OsStr::to_str).unwrap_or(file);
    match &args.name {
        Some(name) => Some(session::below(base, name)),
        // One file may be given a name by the URL.
        None if count == 1 && !base.is_empty() && !base.ends_with('/') => Some(base.to_owned()),
        None if file == "-" => None,
        None => Some(session::below(base, own)),
    }
}

fn send(
    session: &mut Session,
    opener: &Opener<'_>,
    task: &Task,
    args: &FtpPut,
    progress: &Progress,
) -> std::result::Result<u64, Broken> {
    // Stdin is read once, and what was put behind a file may be there in part.
    let once = args.append || task.file == "-";
    let about = |e: Error| {
        // What the server does not take now, it is not sent a second time; it may take it over another connection.
        let refused = matches!(e, Error::Refused(_)) && e.connection_is_usable() && !e.wants_older_tls();
        let broken = Broken::of(opener, e, &task.path);
        Broken { again: broken.again && !once && !refused, ..broken }
    };
    if task.file == "-" {
        let upload = if args.append { session.appe(&task.path) } else { session.stor(&task.path, 0) };
        let (upload, sent) = pour(&mut io::stdin().lock(), upload.map_err(about)?, &task.file, about)?;
        upload.finish().map_err(about)?;
        return Ok(sent);
    }
    let failed = |e: io::Error| Failure::read(&task.file, &e);
    let mut file = File::open(&task.file).map_err(failed)?;
    let known = file.metadata().map_err(failed)?;
    let mut from = 0;
    if args.resume {
        let there = optional(session.size(&task.path)).map_err(about)?.unwrap_or_default();
        from = there.min(known.len());
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
    }
    let upload = match from {
        _ if args.append => session.appe(&task.path),
        // A pipe has no size of its own.
        0 if known.is_file() => session.stor_sized(&task.path, known.len()),
        from => session.stor(&task.path, from),
    };
    let upload = upload.map_err(about)?;
    let (upload, sent) = pour_file(&mut file, known.len(), upload, &task.file, progress, about)?;
    upload.finish().map_err(about)?;
    Ok(from + sent)
}

/// As [`pour`], for a file of so many bytes, and shows how far it is where it is large.
pub fn pour_file<'s, F: From<Failure>>(
    file: &mut File,
    size: u64,
    upload: Upload<'s>,
    name: &str,
    progress: &Progress,
    about: impl Fn(Error) -> F,
) -> std::result::Result<(Upload<'s>, u64), F> {
    if size < LARGE {
        return pour(file, upload, name, about);
    }
    let watched = file.try_clone().map_err(|e| Failure::read(name, &e))?;
    let at = || (&watched).stream_position().unwrap_or_default();
    progress.during(Path::new(name), Some(size), at, None, || pour(file, upload, name, about))
}

/// All of a source into an upload; `about` is what becomes of its errors.
pub fn pour<'s, F: From<Failure>>(
    source: &mut dyn Read,
    mut upload: Upload<'s>,
    name: &str,
    about: impl Fn(Error) -> F,
) -> std::result::Result<(Upload<'s>, u64), F> {
    let sending = |why: io::Error| Fault::from_io(why, Phase::Sending);
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let n = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(Failure::read(name, &why).into()),
        };
        if let Err(why) = upload.write_all(buffer.get(..n).unwrap_or_default()) {
            return Err(about(upload.broken(sending(why))));
        }
        total += n as u64;
    }
    match upload.flush() {
        Ok(()) => Ok((upload, total)),
        Err(why) => Err(about(upload.broken(sending(why)))),
    }
}
