//! `netkit imap backup --restore`: what the backup has and the server has not goes into the server's mailboxes.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use netkit_imap::types::{Atom, Mailbox};
use netkit_imap::{Access, Append, Error, Selected, Session};
use netkit_wire::escape;

use super::identity::{identities, identity};
use super::store::{Store, join};
use super::{Done, seconds, state, tell, wanted};
use crate::args::ImapBackup;
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::maildir::Place;
use crate::output::Output;
use crate::verbs::imap::append::from_timestamp;
use crate::verbs::imap::session::{self, Opener};

/// How many bytes go in one step; a longer message goes alone, from its file.
const STEP: usize = 1 << 20;

pub fn restore(
    mut session: Session,
    opener: &Opener<'_>,
    args: &ImapBackup,
    root: &Folder,
    output: &mut Output,
) -> Result<Session> {
    let mut places = Vec::new();
    find(root, Path::new(""), &mut places)?;
    places.sort();
    let delimiter = session.delimiter().map_err(|e| opener.about(e))?;
    for path in places {
        let mut store = Store::open(root, &path, "")?;
        let name = store.name().to_owned();
        if name.is_empty() || !wanted(args, &name, delimiter) {
            continue;
        }
        let mailbox = session::mailbox(&name)?;
        let (back, done) = one(session, opener, args, &mut store, &mailbox)?;
        session = back;
        tell(output, opener.run, &mailbox, &done)?;
    }
    Ok(session)
}

/// Every folder below that has a state file.
fn find(root: &Folder, path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.components().count() > 50 {
        return Ok(());
    }
    let folder = if path.as_os_str().is_empty() { None } else { root.find(path)? };
    let folder = folder.as_ref().unwrap_or(root);
    if folder.file(std::ffi::OsStr::new(state::FILE)).is_some() {
        found.push(path.to_owned());
    }
    for name in folder.entries() {
        let below = path.join(&name);
        if !["cur", "new", "tmp"].contains(&name.as_str()) && folder.name().join(&name).is_dir() {
            find(root, &below, found)?;
        }
    }
    Ok(())
}

/// A mailbox to put messages into.
enum Opened {
    There(Box<Selected>),
    /// There is none, and none is to be made.
    Missing(Box<Session>),
}

/// Opens a mailbox, which is made first where it is missing.
fn open(session: Session, opener: &Opener<'_>, mailbox: &Mailbox, dry_run: bool) -> Result<Opened> {
    let failed = match session.examine(mailbox) {
        Ok(selected) => return Ok(Opened::There(Box::new(selected))),
        Err(failed) => *failed,
    };
    let (mut session, why) = failed;
    if !matches!(why, Error::Refused(_)) {
        return Err(opener.about(why));
    }
    if dry_run {
        return Ok(Opened::Missing(Box::new(session)));
    }
    session.create(mailbox).map_err(|e| opener.missing(e, mailbox))?;
    let opened = session.open(mailbox, Access::Read, None);
    let (selected, _) = opened.map_err(|failed| opener.missing(failed.1, mailbox))?;
    Ok(Opened::There(Box::new(selected)))
}

fn one(
    session: Session,
    opener: &Opener<'_>,
    args: &ImapBackup,
    store: &mut Store,
    mailbox: &Mailbox,
) -> Result<(Session, Done)> {
    let mut there: HashMap<(u64, u64, i64), usize> = HashMap::new();
    let mut session = match open(session, opener, mailbox, args.dry_run)? {
        Opened::There(mut selected) => {
            for one in identities(&mut selected, opener)? {
                *there.entry(key(one.id, one.size, one.received)).or_default() += 1;
            }
            selected.into_session()
        }
        Opened::Missing(session) => *session,
    };
    let mut done = Done::default();
    let mut step: Vec<Append> = Vec::new();
    let mut bytes = 0;
    for (name, keywords) in store.messages() {
        let Some((mut file, known)) = store.maildir.open_message(Place::Cur, &name) else { continue };
        let failed = |e: std::io::Error| Failure::read(&name, &e);
        let received = known.modified().map_err(failed)?;
        let received = received.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let date = jiff::Timestamp::from_second(i64::try_from(received).unwrap_or_default())
            .ok()
            .and_then(from_timestamp);
        let mut head = Vec::new();
        file.by_ref().take(64 << 10).read_to_end(&mut head).map_err(failed)?;
        let key = key(identity(&head), known.len(), date.map_or(0, seconds));
        if let Some(count) = there.get_mut(&key).filter(|count| **count > 0) {
            *count -= 1;
            continue;
        }
        done.new += 1;
        done.bytes += known.len();
        if args.dry_run {
            continue;
        }
        let letters = name.split_once(":2,").map_or("", |(_, letters)| letters);
        let flags = join(letters).into_iter().map(str::to_owned).chain(keywords);
        let flags: Vec<Atom> = flags.filter_map(|flag| Atom::new(&flag).ok()).collect();
        if known.len() > STEP as u64 {
            let mut source = head.as_slice().chain(file);
            let put = session.append(mailbox, &flags, date, &mut source, known.len());
            put.map_err(|e| opener.missing(e, mailbox))?;
            continue;
        }
        let mut data = head;
        file.read_to_end(&mut data).map_err(failed)?;
        bytes += data.len();
        step.push(Append { flags, date, data });
        if bytes >= STEP || step.len() >= 99 {
            put(&mut session, opener, mailbox, std::mem::take(&mut step))?;
            bytes = 0;
        }
    }
    if !step.is_empty() {
        put(&mut session, opener, mailbox, step)?;
    }
    Ok((session, done))
}

/// With a Message-ID, the size need not be the same: some servers add lines.
fn key(id: u64, size: u64, received: i64) -> (u64, u64, i64) {
    (id, if id == 0 { size } else { 0 }, received)
}

fn put(session: &mut Session, opener: &Opener<'_>, mailbox: &Mailbox, step: Vec<Append>) -> Result<()> {
    let outcomes = session.append_all(mailbox, step).map_err(|e| opener.about(e))?;
    match outcomes.into_iter().find_map(std::result::Result::err) {
        None => Ok(()),
        Some(status) => {
            let name = escape(mailbox.as_str().as_bytes()).into_owned();
            Err(Failure::new(Kind::Refused, format!("{name}: {status}")).with(&opener.target.endpoint))
        }
    }
}
