//! `netkit ftp get` and `cat`

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use netkit_ftp::{Error, Session};
use netkit_wire::{Fault, Phase};
use serde_json::json;

use super::change::first;
use super::session::{self, Opener};
use super::when::time;
use super::{names, segments};
use crate::args::{FtpGet, FtpPaths, FtpWays, Global, NetArgs};
use crate::digest::{hex, sha256};
use crate::failure::{Failure, Kind, Result};
use crate::glob;
use crate::output::Output;
use crate::progress::Progress;
use crate::run::Run;

/// Behind a file's name while it is not whole.
const PART: &str = ".part";

pub fn get(args: &FtpGet, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let paths = session::paths(&target, words);
    if paths.iter().any(|path| path.is_empty() || path.ends_with('/')) {
        return Err(Failure::new(Kind::Usage, "which file?").hint("mirror takes a whole folder"));
    }
    let named = args.net.output.output.as_deref();
    if named.is_some() && paths.len() > 1 {
        return Err(Failure::new(Kind::Usage, "-o names one file; -d a folder for several"));
    }
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    let paths = opener.insist(&mut session, |session| expanded(session, &opener, &paths))?;
    if named.is_some() && paths.len() > 1 {
        return Err(Failure::new(Kind::Usage, "-o names one file; -d a folder for several"));
    }
    if named == Some(Path::new("-")) {
        let mut output = run.output()?;
        for path in &paths {
            opener.insist(&mut session, |session| print(session, &opener, path, &mut output))?;
        }
        opener.leave(session);
        return output.finish();
    }
    std::fs::create_dir_all(&args.dir).map_err(|e| Failure::write(args.dir.display(), &e))?;
    let mut said = Output::open(None, run.net.output.raw)?;
    let mut failures = Vec::new();
    let progress = Progress::new(&run.net.output);
    for path in &paths {
        let last = path.rsplit('/').next().unwrap_or(path);
        let place = match named {
            Some(name) => name.to_owned(),
            None => match names::local(last.as_bytes()) {
                Some(name) => args.dir.join(name),
                None => {
                    failures.push(
                        Failure::new(Kind::Usage, format!("{last}: no name for a file here")).hint("-o NAME"),
                    );
                    continue;
                }
            },
        };
        let how = How { resume: args.resume, segments: args.segments, verify: args.verify };
        if !session.is_usable() {
            // The one before broke it.
            match opener.open() {
                Ok(open) => session = open,
                Err(why) => {
                    failures.push(why);
                    break;
                }
            }
        }
        let fetched =
            opener.insist(&mut session, |session| fetch(session, &opener, path, &place, how, &progress));
        match fetched {
            Ok(bytes) => {
                progress.aside(|| tell(&mut said, &run, path, &place.display().to_string(), bytes))?
            }
            Err(why) => failures.push(why),
        }
    }
    opener.leave(session);
    said.finish()?;
    first(&run, failures)
}

/// Paths in whose last part `*` or `?` stand are those of the files that match.
fn expanded(session: &mut Session, opener: &Opener<'_>, paths: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for path in paths {
        let (folder, pattern) = match path.rsplit_once('/') {
            Some((folder, pattern)) => (Some(folder), pattern),
            None => (None, path.as_str()),
        };
        if !pattern.contains(['*', '?']) {
            all.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        let shown = folder.unwrap_or(".");
        for entry in session.list(folder).map_err(|e| opener.about_path(e, shown))? {
            let entry = entry.map_err(|e| opener.about_path(e, shown))?;
            let name = String::from_utf8_lossy(&entry.name).into_owned();
            if entry.kind == netkit_ftp::list::Kind::File && glob::matches(pattern, &name) {
                found.push(folder.map_or_else(|| name.clone(), |folder| format!("{folder}/{name}")));
            }
        }
        if found.is_empty() {
            return Err(Failure::new(Kind::NotFound, format!("{path}: nothing matches")));
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

pub fn tell(said: &mut Output, run: &Run<'_>, from: &str, to: &str, bytes: u64) -> Result<()> {
    if run.json() {
        return said.line(&json!({ "from": from, "to": to, "bytes": bytes }).to_string());
    }
    if run.net.output.quiet { Ok(()) } else { said.line(to) }
}

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

/// One file, under its name when it is whole; how many bytes it has. What was interrupted stays beside it.
pub fn fetch(
    session: &mut Session,
    opener: &Opener<'_>,
    path: &str,
    place: &Path,
    how: How,
    progress: &Progress,
) -> Result<u64> {
    let about = |e: Error| opener.about_path(e, path);
    let mut part = place.as_os_str().to_owned();
    part.push(PART);
    let part = PathBuf::from(part);
    let failed = |e: io::Error| Failure::write(part.display(), &e);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(!how.resume);
    let mut file = options.open(&part).map_err(failed)?;
    let from = file.seek(SeekFrom::End(0)).map_err(failed)?;
    let size = optional(session.size(path)).map_err(about)?;
    let modified = optional(session.mdtm(path)).map_err(about)?;
    if let Some(size) = size.filter(|_| how.segments > 1) {
        file.set_len(size).map_err(failed)?;
        segments::fetch(opener, path, &file, size, how.segments, progress)?;
    } else if size != Some(from) || from == 0 {
        let from = if size.is_some_and(|size| from > size) {
            // What is here is no part of that file.
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            0
        } else {
            from
        };
        let mut download = session.retr(path, from).map_err(about)?;
        download.limit(size.map_or(u64::MAX, |size| size.saturating_sub(from)));
        let watched = file.try_clone().map_err(failed)?;
        let at = || (&watched).stream_position().unwrap_or_default();
        let copied =
            progress.during(place, size, at, None, || download.copy_to(&mut file, size, &mut |_| {}));
        let came = match copied {
            Ok(came) => came,
            Err(why) => return Err(opener.lost(download, why, path, part.display())),
        };
        download.finish().map_err(about)?;
        let total = from + came;
        if let Some(size) = size.filter(|size| *size != total) {
            let why = format!("{path}: {total} bytes came of a file of {size}");
            return Err(Failure::new(Kind::Partial, why).with(&opener.target.endpoint));
        }
    }
    if how.verify {
        verify(session, opener, path, &file, &part)?;
    }
    let total = file.metadata().map_err(failed)?.len();
    if let Some(at) = modified.and_then(time) {
        file.set_modified(at).map_err(failed)?;
    }
    drop(file);
    std::fs::rename(&part, place).map_err(|e| Failure::write(place.display(), &e))?;
    Ok(total)
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

/// What a server that does not know the question does not tell.
pub fn optional<T>(answer: std::result::Result<T, Error>) -> std::result::Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::Refused(_)) => Ok(None),
        Err(why) => Err(why),
    }
}

pub fn print(session: &mut Session, opener: &Opener<'_>, path: &str, output: &mut Output) -> Result<()> {
    let about = |e: Error| opener.about_path(e, path);
    let mut download = session.retr(path, 0).map_err(about)?;
    let name = output.name();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = match download.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(about(download.broken(Fault::from_io(why, Phase::Receiving)))),
        };
        output.write_all(buffer.get(..n).unwrap_or_default()).map_err(|e| Failure::write(&name, &e))?;
    }
    download.finish().map_err(about)?;
    Ok(())
}

pub fn cat(args: &FtpPaths, global: &Global) -> Result<()> {
    show(&args.words, &args.net, global, &args.ways)
}

/// The file that a URL names, or the folder's listing where it ends with a slash.
pub fn cat_url(url: &str, net: &NetArgs, global: &Global) -> Result<()> {
    show(&[url.to_owned()], net, global, &FtpWays::default())
}

fn show(words: &[String], net: &NetArgs, global: &Global, ways: &FtpWays) -> Result<()> {
    let mut run = Run::new(net, global)?;
    let (target, words) = run.target_and_words(words);
    let target = session::aim(&mut run, target)?;
    let paths = session::paths(&target, words);
    if paths.iter().any(String::is_empty) {
        return Err(Failure::new(Kind::Usage, "which file?"));
    }
    let opener = Opener::new(&run, target, ways)?;
    let mut session = opener.open()?;
    let mut output = run.output()?;
    for path in &paths {
        opener.insist(&mut session, |session| print(session, &opener, path, &mut output))?;
    }
    opener.leave(session);
    output.finish()
}
