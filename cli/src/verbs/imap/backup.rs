//! `netkit imap backup`: each mailbox a Maildir, what is new and what has changed since the last time.

mod desk;
mod identity;
mod names;
mod restore;
mod state;
mod store;
mod take;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use netkit_imap::response::{Fetch, Listed, MailboxStatus};
use netkit_imap::types::{Atom, DateTime, Mailbox, Set, matches};
use netkit_imap::{Access, FetchItem, Known, SearchKey, Selected, Session, StatusItem};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, ImapBackup};
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::output::Output;
use crate::run::Run;
use desk::Desk;
use state::Mark;
use store::Store;

/// What was done, or would be, for one mailbox.
#[derive(Debug, Default)]
struct Done {
    new: usize,
    flags: usize,
    gone: usize,
    bytes: u64,
}

pub fn backup(args: &ImapBackup, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [dir] = words else { return Err(Failure::new(Kind::Usage, "the folder to keep the backup in")) };
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let root = Folder::open(Path::new(dir))?;
    let open = || -> Result<Session> {
        let mut session = opener.open()?;
        if args.compress {
            session.compress().map_err(|e| opener.about(e))?;
        }
        Ok(session)
    };
    let mut output = run.output()?;
    let session = if args.restore {
        restore::restore(open()?, &opener, args, &root, &mut output)?
    } else {
        run.persist(|| fetch(open()?, &opener, args, &root, &mut output))?
    };
    output.finish()?;
    opener.leave(session)
}

/// Whether a mailbox is wanted.
fn wanted(args: &ImapBackup, name: &str, delimiter: Option<char>) -> bool {
    let fits = |pattern: &String| matches(pattern, name, delimiter.unwrap_or('\0'));
    (args.folder.is_empty() || args.folder.iter().any(fits)) && !args.exclude.iter().any(fits)
}

fn fetch(
    mut session: Session,
    opener: &Opener<'_>,
    args: &ImapBackup,
    root: &Folder,
    output: &mut Output,
) -> Result<Session> {
    // There is an INBOX, whatever its case (RFC 9051 section 5.1): where it alone is wanted, and all of it, nothing is asked first.
    let alone = matches!(&args.folder[..], [name] if name.eq_ignore_ascii_case("INBOX"));
    if alone && args.exclude.is_empty() && !args.dry_run {
        let inbox = session::mailbox("INBOX")?;
        let store = Store::open(root, &names::path("INBOX", None), "INBOX")?;
        if !store.is_known() {
            let (session, done) = whole(session, opener, store, &inbox)?;
            tell(output, opener.run, &inbox, &done?)?;
            return Ok(session);
        }
    }
    let name = Atom::new("QRESYNC").map_err(netkit_imap::Error::from)?;
    let names: &[Atom] = if session.has("QRESYNC") && session.has("ENABLE") { &[name] } else { &[] };
    let mut items = vec![StatusItem::UidNext, StatusItem::UidValidity, StatusItem::Messages];
    if session.has("CONDSTORE") || session.has("QRESYNC") {
        items.push(StatusItem::HighestModSeq);
    }
    let (on, all) = session
        .list_status_enabling(names, if alone { "INBOX" } else { "*" }, &items)
        .map_err(|e| opener.about(e))?;
    let quick = on.iter().any(|name| name == "QRESYNC");
    let mut failure = None;
    for (listed, status) in all {
        let closed = listed.has("\\Noselect") || listed.has("\\NonExistent");
        if closed || !wanted(args, listed.mailbox.as_str(), listed.delimiter) {
            continue;
        }
        let (back, done) = one(session, opener, args, root, (&listed, status.as_ref()), quick)?;
        session = back;
        match done {
            Ok(done) => tell(output, opener.run, &listed.mailbox, &done)?,
            // One mailbox that cannot be opened is no reason to leave the others out.
            Err(why) => {
                opener.run.warn(&why.message);
                failure.get_or_insert(why);
            }
        }
    }
    match failure {
        None => Ok(session),
        Some(failure) => Err(failure),
    }
}

fn tell(output: &mut Output, run: &Run<'_>, mailbox: &Mailbox, done: &Done) -> Result<()> {
    if run.json() {
        let line = json!({
            "mailbox": mailbox.as_str(), "new": done.new, "flags_changed": done.flags, "gone": done.gone,
            "bytes": done.bytes,
        });
        return output.line(&line.to_string());
    }
    if run.net.output.quiet {
        return Ok(());
    }
    output.line(&format!("{mailbox}\t{} new\t{} changed\t{} gone", done.new, done.flags, done.gone))
}

/// One mailbox; the session back, and how it went where only this mailbox is concerned.
fn one(
    session: Session,
    opener: &Opener<'_>,
    args: &ImapBackup,
    root: &Folder,
    (listed, status): (&Listed, Option<&MailboxStatus>),
    quick: bool,
) -> Result<(Session, Result<Done>)> {
    let path = names::path(listed.mailbox.as_str(), listed.delimiter);
    let mut store = Store::open(root, &path, listed.mailbox.as_str())?;
    let number = |name: &str| status.and_then(|status| status.get(name));
    let now = Mark {
        modseq: number("HIGHESTMODSEQ").unwrap_or_default(),
        uid_next: number("UIDNEXT").unwrap_or_default(),
        messages: number("MESSAGES").unwrap_or_default(),
    };
    let holds = number("UIDVALIDITY").is_some_and(|validity| validity == u64::from(store.validity()));
    if holds && now.modseq > 0 && store.mark() == Some(now) {
        return Ok((session, Ok(Done::default())));
    }
    if !store.is_known() && !args.dry_run && now.messages > 0 {
        return whole(session, opener, store, &listed.mailbox);
    }
    let known = store.mark().filter(|mark| quick && mark.modseq > 0).map(|mark| Known {
        uid_validity: store.validity(),
        modseq: mark.modseq,
        uids: Set::default(),
    });
    let (mut selected, changes) = match session.open(&listed.mailbox, Access::Read, known.as_ref()) {
        Ok(opened) => opened,
        Err(failed) => return closed(*failed, opener, &listed.mailbox),
    };
    let Some(validity) = selected.uid_validity else {
        let why = numberless(selected.mailbox());
        return Ok((selected.into_session(), Err(why)));
    };
    let mut done = Done::default();
    let (mut flags, mut vanished) = (BTreeMap::new(), Set::default());
    let here: Set;
    if validity != store.validity() {
        // Other numbers, perhaps for the same messages: what is here already is found out, and keeps its file.
        if store.is_known() {
            rename_all(&mut selected, opener, &mut store, validity, args.dry_run)?;
        } else {
            store.begin(validity, args.dry_run)?;
        }
        here = uids(&mut selected, opener)?;
    } else if known.is_some() {
        flags.extend(changes.flags);
        vanished = changes.vanished;
        here = uids(&mut selected, opener)?;
    } else {
        let told = all_flags(&mut selected, opener)?;
        here = told.keys().copied().collect();
        flags.extend(told);
    }
    let largest = selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1));
    // A hostile set is longer than any mailbox.
    let most = usize::try_from(selected.exists).unwrap_or_default();
    let here: BTreeSet<u32> = here.numbers(largest).take(most).collect();
    let missing: Vec<u32> = here.iter().copied().filter(|uid| !store.has(*uid)).collect();
    let lost: Vec<u32> = store.alive().filter(|uid| !here.contains(uid)).collect();
    drop(vanished);
    if args.dry_run {
        (done.new, done.gone) = (missing.len(), lost.len());
        done.flags = flags.iter().filter(|(uid, flags)| store.differs(**uid, flags)).count();
        return Ok((selected.into_session(), Ok(done)));
    }
    if !missing.is_empty() {
        let taken = take::take(&mut selected, opener, &mut store, Some(missing))?;
        (done.new, done.bytes) = (taken.count, taken.bytes);
        flags.extend(taken.flags);
    }
    done.flags = store.set_flags(&flags)?;
    done.gone = lost.len();
    store.lose(&lost, args.delete)?;
    finish(&selected, &mut store)?;
    Ok((selected.into_session(), Ok(done)))
}

/// A mailbox of which nothing is here yet: it is opened, and all of it asked for, at once.
fn whole(
    session: Session,
    opener: &Opener<'_>,
    mut store: Store,
    mailbox: &Mailbox,
) -> Result<(Session, Result<Done>)> {
    store.stage()?;
    let (outcome, written, desk) = take::beside(Desk::new(&mut store, None), |feeder| {
        let opened = |selected: &Selected, feeder: &mut take::Feeder<'_, '_>| match selected.uid_validity {
            Some(validity) => feeder.desk().begin(validity),
            None => Err(numberless(selected.mailbox())),
        };
        session.open_and_download(mailbox, &take::ITEMS, opened, feeder)
    });
    // What has come is kept, however it ended.
    let (settled, taken, _) = desk.close();
    written?;
    let (mut selected, outcome) = match outcome {
        Ok(opened) => opened,
        Err(failed) => return closed(*failed, opener, mailbox),
    };
    outcome.map_err(|e| opener.about(e))??;
    settled?;
    let missing = take::left_out(&mut selected, opener, &store, &taken)?;
    take::is_gone(&mut selected, opener, missing)?;
    let flags = store.set_flags(&taken.flags)?;
    finish(&selected, &mut store)?;
    let done = Done { new: taken.count, bytes: taken.bytes, flags, gone: 0 };
    Ok((selected.into_session(), Ok(done)))
}

/// A mailbox that did not open: where the session still is, only this mailbox is concerned.
fn closed(
    (session, why): (Session, netkit_imap::Error),
    opener: &Opener<'_>,
    mailbox: &Mailbox,
) -> Result<(Session, Result<Done>)> {
    if !why.connection_is_usable() {
        return Err(opener.about(why));
    }
    Ok((session, Err(opener.missing(why, mailbox))))
}

fn numberless(mailbox: &Mailbox) -> Failure {
    Failure::new(Kind::Unsupported, format!("{mailbox}: the server gives its messages no lasting numbers"))
}

/// Everything up to here was taken in.
fn finish(selected: &Selected, store: &mut Store) -> Result<()> {
    store.finish(Mark {
        modseq: selected.highest_modseq.unwrap_or_default(),
        uid_next: selected.uid_next.map_or(0, u64::from),
        messages: u64::from(selected.exists),
    })
}

fn uids(selected: &mut Selected, opener: &Opener<'_>) -> Result<Set> {
    if selected.exists == 0 {
        return Ok(Set::default());
    }
    selected.search(&[SearchKey::All]).map_err(|e| opener.about(e))
}

/// The flags of every message: how it is found out what has changed where the server does not tell.
fn all_flags(selected: &mut Selected, opener: &Opener<'_>) -> Result<BTreeMap<u32, Vec<String>>> {
    let mut all = BTreeMap::new();
    if selected.exists == 0 {
        return Ok(all);
    }
    let told = selected.fetch(&Set::all(), &[FetchItem::Uid, FetchItem::Flags], |fetch: &Fetch<'_>| {
        if let (Some(uid), Some(flags)) = (fetch.uid(), fetch.flags()) {
            all.insert(uid, flags.iter().map(ToString::to_string).collect());
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    Ok(all)
}

/// The mailbox has new numbers: messages that are here already are known under theirs.
fn rename_all(
    selected: &mut Selected,
    opener: &Opener<'_>,
    store: &mut Store,
    validity: u32,
    dry_run: bool,
) -> Result<()> {
    opener.run.warn(&format!(
        "{}: the server has numbered its messages anew; those that are here already are looked for",
        selected.mailbox()
    ));
    let server = identity::identities(selected, opener)?;
    store.renumber(validity, &server, dry_run)
}

/// Seconds since 1970.
fn seconds(date: DateTime) -> i64 {
    super::list::rfc3339(date).parse::<jiff::Timestamp>().map_or(0, |stamp| stamp.as_second())
}
