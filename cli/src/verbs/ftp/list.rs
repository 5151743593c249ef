//! `netkit ftp ls` and `netkit ftp stat`

use netkit_ftp::list::Kind as What;
use netkit_ftp::{Entry, Error, Session, Stamp};
use serde_json::json;

use super::change::first;
use super::session::{self, Opener};
use crate::args::{FtpList, FtpPaths, Global};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

pub fn list(args: &FtpList, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    let path = Some(opener.target.path.as_str()).filter(|path| !path.is_empty());
    let shown = path.unwrap_or(".");
    let mut output = run.output()?;
    let mut failure: Option<Failure> = None;
    if args.names {
        let names = opener
            .insist(&mut session, |session| session.nlst(path).map_err(|e| opener.about_path(e, shown)));
        for name in names? {
            let name = String::from_utf8_lossy(&name);
            output.line(&if run.json() { json!({ "name": name }).to_string() } else { name.into_owned() })?;
        }
    } else {
        let listed = opener.insist(&mut session, |session| entries(session, &opener, path, &mut output));
        failure = listed.err();
    }
    if let Some(failure) =
        failure.as_ref().filter(|failure| failure.kind != Kind::Protocol || !session.is_usable())
    {
        return Err(failure.clone());
    }
    opener.leave(session);
    output.finish()?;
    failure.map_or(Ok(()), Err)
}

/// Prints what is in a folder. A line that cannot be read is shown, and the rest goes on.
pub fn entries(
    session: &mut Session,
    opener: &Opener<'_>,
    path: Option<&str>,
    output: &mut Output,
) -> Result<()> {
    let shown = path.unwrap_or(".");
    let mut failure: Option<Failure> = None;
    for entry in session.list(path).map_err(|e| opener.about_path(e, shown))? {
        match entry {
            Ok(entry) => print(output, &entry, opener.run.json())?,
            Err(why @ Error::Unreadable(_)) => {
                opener.run.warn(&why.to_string());
                failure.get_or_insert(opener.about(why));
            }
            Err(why) => return Err(opener.about_path(why, shown)),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// RFC 3339, as far as the server told it.
pub fn rfc3339(stamp: Stamp) -> Option<String> {
    let Stamp { year, month, day, hour, minute, second } = stamp;
    let second = second.min(59);
    year.map(|year| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

fn kind(entry: &Entry) -> &'static str {
    match entry.kind {
        What::File => "file",
        What::Folder => "dir",
        What::Link(_) => "link",
        _ => "other",
    }
}

pub fn print(output: &mut Output, entry: &Entry, json: bool) -> Result<()> {
    let name = String::from_utf8_lossy(&entry.name);
    let modified = entry.modified.and_then(rfc3339);
    let to = match &entry.kind {
        What::Link(Some(to)) => Some(String::from_utf8_lossy(to).into_owned()),
        _ => None,
    };
    if json {
        let mut line = json!({ "name": name, "type": kind(entry), "size": entry.size, "modified": modified });
        if let (Some(to), Some(line)) = (to, line.as_object_mut()) {
            line.insert("target".to_owned(), json!(to));
        }
        return output.line(&line.to_string());
    }
    let size = entry.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    let arrow = to.map(|to| format!(" -> {to}")).unwrap_or_default();
    let name = name.replace(['\t', '\r', '\n'], "?");
    output.line(&format!("{}\t{size}\t{}\t{name}{arrow}", kind(entry), modified.as_deref().unwrap_or("-")))
}

pub fn stat(args: &FtpPaths, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let paths = session::paths(&target, words);
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    let mut output = run.output()?;
    let mut failures = Vec::new();
    for path in paths {
        let path = if path.is_empty() { ".".to_owned() } else { path };
        match session.look(&path) {
            Ok(entry) if run.json() => {
                let facts: serde_json::Map<String, serde_json::Value> =
                    entry.facts.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
                let line = json!({
                    "path": path, "type": kind(&entry), "size": entry.size,
                    "modified": entry.modified.and_then(rfc3339), "facts": facts,
                });
                output.line(&line.to_string())?;
            }
            Ok(entry) => print(&mut output, &Entry { name: path.into_bytes(), ..entry }, false)?,
            Err(why) if why.connection_is_usable() => failures.push(opener.about_path(why, &path)),
            Err(why) => return Err(opener.about_path(why, &path)),
        }
    }
    opener.leave(session);
    output.finish()?;
    first(&run, failures)
}
