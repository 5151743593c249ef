//! `netkit imap copy`, `move`, `flag` and `delete`

use netkit_imap::types::{Atom, Set};
use netkit_imap::{Access, Change};
use serde_json::json;

use super::keys;
use super::session::{self, Opener};
use crate::args::{Global, ImapMessages};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

fn set(word: &str) -> Result<Set> {
    word.parse().map_err(|e| Failure::from(netkit_imap::Error::from(e)))
}

fn usage(why: &str) -> Failure {
    Failure::new(Kind::Usage, why)
}

pub fn copy(args: &ImapMessages, global: &Global, and_gone: bool) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [uids, to] = words else { return Err(usage("UIDs, and the mailbox they go to")) };
    let (uids, to) = (set(uids)?, session::mailbox(to)?);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let access = if and_gone { Access::Change } else { Access::Read };
    let mut selected = opener.select(access, args.mailbox.as_deref())?;
    let placed = if and_gone { selected.mv(&uids, &to) } else { selected.copy(&uids, &to) };
    let placed = placed.map_err(|e| opener.missing(e, &to))?;
    let mut output = run.output()?;
    if run.json() {
        let (from, became) = placed.unzip();
        let text = |set: Option<Set>| set.map(|set| set.to_string());
        let line = json!({ "mailbox": to.as_str(), "uids": text(from), "new_uids": text(became) });
        output.line(&line.to_string())?;
    } else if let (Some((_, became)), false) = (placed, run.net.output.quiet) {
        output.line(&became.to_string())?;
    }
    output.finish()?;
    opener.leave(selected.into_session())
}

pub fn flag(args: &ImapMessages, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let Some((uids, changes)) = words.split_first().filter(|(_, changes)| !changes.is_empty()) else {
        return Err(usage("UIDs, and flags: seen, unflagged"));
    };
    let uids = set(uids)?;
    let changes = changes.iter().map(|word| change(word)).collect::<Result<Vec<_>>>()?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut selected = opener.select(Access::Change, args.mailbox.as_deref())?;
    let mut now = std::collections::BTreeMap::new();
    for (change, flags) in changes {
        now.extend(selected.store(&uids, change, &flags).map_err(|e| opener.about(e))?);
    }
    let mut output = run.output()?;
    for (uid, flags) in now {
        if run.json() {
            output.line(&json!({ "uid": uid, "flags": flags }).to_string())?;
        } else if !run.net.output.quiet {
            output.line(&format!("{uid}\t{}", flags.join(" ")))?;
        }
    }
    output.finish()?;
    opener.leave(selected.into_session())
}

/// `seen`, `unflagged`, `not:$Junk`; `+seen`, `-flagged,draft`, `=answered`, `=`.
pub fn change(word: &str) -> Result<(Change, Vec<Atom>)> {
    let system = ["unseen", "unanswered", "unflagged", "undeleted", "undraft"];
    let lower = word.to_ascii_lowercase();
    let without = lower.strip_prefix("un").filter(|_| system.contains(&lower.as_str()));
    if let Some(name) = word.strip_prefix("not:").or(without) {
        return Ok((Change::Remove, vec![keys::flag(name)?]));
    }
    let (change, names) = match word.split_at_checked(1) {
        Some(("+", names)) => (Change::Add, names),
        Some(("-", names)) => (Change::Remove, names),
        Some(("=", names)) => (Change::Set, names),
        _ => (Change::Add, word),
    };
    let flags =
        names.split(',').filter(|name| !name.is_empty()).map(keys::flag).collect::<Result<Vec<_>>>()?;
    if flags.is_empty() && change != Change::Set {
        return Err(usage("which flag?"));
    }
    Ok((change, flags))
}

pub fn delete(args: &ImapMessages, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [uids] = words else { return Err(usage("which messages? UIDs")) };
    let uids = set(uids)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut selected = opener.select(Access::Change, args.mailbox.as_deref())?;
    selected.expunge(&uids).map_err(|e| opener.about(e))?;
    opener.leave(selected.into_session())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes() {
        let text = |word: &str| {
            let (change, flags) = change(word).unwrap();
            format!("{change:?} {}", flags.iter().map(Atom::as_str).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(text("+seen"), "Add \\Seen");
        assert_eq!(text("-Flagged,$Junk"), "Remove \\Flagged $Junk");
        assert_eq!(text("=answered"), "Set \\Answered");
        assert_eq!(text("="), "Set ");
        assert_eq!(text("unSeen"), "Remove \\Seen");
        assert_eq!(text("not:$Junk"), "Remove $Junk");
        assert_eq!(text("unusual"), "Add unusual");
        assert_eq!(text("work"), "Add work");
        for bad in ["+", "-", "+a b", "x(y"] {
            assert_eq!(change(bad).unwrap_err().kind, Kind::Usage, "{bad}");
        }
    }
}
