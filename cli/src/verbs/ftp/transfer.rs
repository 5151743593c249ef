//! `netkit ftp get` and `cat`

use std::io::{self, Read, Write};
use std::path::Path;

use netkit_ftp::{Error, Session};
use netkit_wire::{Fault, Phase};
use serde_json::json;

use super::change::first;
use super::fetch::{How, fetch};
use super::names;
use super::session::{self, Opener};
use crate::args::{FtpGet, FtpPaths, FtpWays, Global, NetArgs};
use crate::failure::{Failure, Kind, Result};
use crate::glob;
use crate::output::Output;
use crate::progress::Progress;
use crate::run::Run;

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
        let mut how = How { resume: args.resume, segments: args.segments, verify: args.verify };
        let mut version = None;
        let fetched = run.persist(|| {
            if !session.is_usable() {
                // What came before broke it.
                session = opener.open()?;
            }
            let one =
                |session: &mut Session| fetch(session, &opener, path, &place, how, &mut version, &progress);
            let fetched = opener.insist(&mut session, one);
            how.resume = true;
            fetched
        });
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
