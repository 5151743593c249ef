//! `netkit imap search`

use std::collections::HashMap;

use netkit_imap::response::Thread;
use netkit_imap::types::{Atom, Set};
use netkit_imap::{Access, SearchKey, Selected};
use serde_json::json;

use super::keys;
use super::list::{self, Line};
use super::session::{self, Opener};
use crate::args::{Global, ImapSearch};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

pub fn search(args: &ImapSearch, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let program = keys::parse(words)?;
    let order = order(&args.sort)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut selected = opener.select(Access::Read, args.mailbox.as_deref())?;
    let mut output = run.output()?;
    if args.threads {
        threads(&mut selected, &opener, &program, &mut output)?;
    } else {
        let found = found(&mut selected, &opener, &order, &program)?;
        if args.count {
            let count = found.len();
            output.line(&if run.json() {
                json!({ "count": count }).to_string()
            } else {
                count.to_string()
            })?;
        } else if args.list {
            let lines = by_uid(&mut selected, &opener, found.iter().copied().collect())?;
            let lines = found.iter().filter_map(|uid| lines.get(uid));
            lines.into_iter().try_for_each(|line| line.print(&mut output, run.json(), ""))?;
        } else {
            for uid in found {
                output.line(&if run.json() { json!({ "uid": uid }).to_string() } else { uid.to_string() })?;
            }
        }
    }
    output.finish()?;
    opener.leave(selected.into_session())
}

/// The criteria of SORT.
fn order(words: &[String]) -> Result<Vec<Atom>> {
    let mut all = Vec::new();
    for word in words {
        let (reverse, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word.as_str()),
        };
        let known = ["date", "arrival", "from", "to", "cc", "subject", "size"];
        if !known.contains(&name) {
            return Err(Failure::new(Kind::Usage, format!("--sort {word}: one of {}", known.join(", "))));
        }
        let names =
            reverse.then_some("REVERSE").into_iter().map(str::to_owned).chain([name.to_ascii_uppercase()]);
        for name in names {
            all.push(Atom::new(&name).map_err(netkit_imap::Error::from)?);
        }
    }
    Ok(all)
}

fn found(
    selected: &mut Selected,
    opener: &Opener<'_>,
    order: &[Atom],
    program: &[SearchKey],
) -> Result<Vec<u32>> {
    if order.is_empty() {
        let found = selected.search(program).map_err(|e| opener.about(e))?;
        let largest = selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1));
        // A hostile set is longer than any mailbox.
        return Ok(found
            .numbers(largest)
            .take(usize::try_from(selected.exists).unwrap_or_default())
            .collect());
    }
    selected.sort(order, program).map_err(|e| opener.about(e))
}

fn by_uid(selected: &mut Selected, opener: &Opener<'_>, uids: Set) -> Result<HashMap<u32, Line>> {
    if uids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(list::lines(selected, opener, &uids)?.into_iter().map(|line| (line.uid, line)).collect())
}

/// Each answer below what it answers, two spaces further in.
fn threads(
    selected: &mut Selected,
    opener: &Opener<'_>,
    program: &[SearchKey],
    output: &mut Output,
) -> Result<()> {
    let known = ["REFERENCES", "ORDEREDSUBJECT"];
    let offered = known.into_iter().find(|name| selected.session().has(&format!("THREAD={name}")));
    let Some(algorithm) = offered else {
        return Err(Failure::new(Kind::Unsupported, "the server makes no threads"));
    };
    let algorithm = Atom::new(algorithm).map_err(netkit_imap::Error::from)?;
    let threads = selected.thread(&algorithm, program).map_err(|e| opener.about(e))?;
    let mut rows: Vec<(u32, usize)> = Vec::new();
    let mut stack: Vec<(&Thread, usize)> = threads.iter().rev().map(|one| (one, 0)).collect();
    while let Some((thread, depth)) = stack.pop() {
        rows.extend(thread.chain.iter().enumerate().map(|(at, uid)| (*uid, depth + at)));
        let below = depth + thread.chain.len();
        stack.extend(thread.below.iter().rev().map(|one| (one, below)));
    }
    let lines = by_uid(selected, opener, rows.iter().map(|(uid, _)| *uid).collect())?;
    for (uid, depth) in rows {
        if opener.run.json() {
            output.line(&json!({ "uid": uid, "depth": depth }).to_string())?;
        } else if let Some(line) = lines.get(&uid) {
            line.print(output, false, &"  ".repeat(depth.min(30)))?;
        }
    }
    Ok(())
}
