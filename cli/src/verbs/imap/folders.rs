//! `netkit imap folders`, `create`, `rename` and `remove`

use netkit_imap::StatusItem;
use netkit_imap::response::{Listed, MailboxStatus};
use netkit_imap::types::Atom;
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, ImapCreate, ImapFolders, ImapMailboxes};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn folders(args: &ImapFolders, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    let mut items =
        vec![StatusItem::Messages, StatusItem::Unseen, StatusItem::UidNext, StatusItem::UidValidity];
    if session.has("STATUS=SIZE") || session.has("IMAP4REV2") {
        items.push(StatusItem::Size);
    }
    let about = |e| opener.about(e);
    let all: Vec<(Listed, Option<MailboxStatus>)> = if args.names || args.subscribed {
        let listed = if args.subscribed {
            session.lsub("", &args.pattern).map_err(about)?
        } else {
            session.list("", &args.pattern).map_err(about)?
        };
        listed.into_iter().map(|one| (one, None)).collect()
    } else {
        session.list_status(&args.pattern, &items).map_err(about)?
    };
    let mut output = run.output()?;
    for (listed, status) in &all {
        let number = |name: &str| status.as_ref().and_then(|status| status.get(name));
        if run.json() {
            let line = json!({
                "name": listed.mailbox.as_str(),
                "delimiter": listed.delimiter,
                "attributes": listed.attributes,
                "messages": number("MESSAGES"),
                "unseen": number("UNSEEN"),
                "uid_next": number("UIDNEXT"),
                "uid_validity": number("UIDVALIDITY"),
                "size": number("SIZE"),
            });
            output.line(&line.to_string())?;
            continue;
        }
        let shown = |name: &str| number(name).map_or_else(|| "-".to_owned(), |n| n.to_string());
        let use_of =
            listed.attributes.iter().filter(|one| is_use(one)).map(|one| one.trim_start_matches('\\'));
        let use_of: Vec<&str> = use_of.collect();
        let line =
            format!("{}\t{}\t{}\t{}", shown("MESSAGES"), shown("UNSEEN"), listed.mailbox, use_of.join(","));
        output.line(line.trim_end())?;
    }
    output.finish()?;
    opener.leave(session)
}

/// Attributes that say what a mailbox is for (RFC 6154), and not how it lies among the others.
fn is_use(attribute: &str) -> bool {
    ["All", "Archive", "Drafts", "Flagged", "Important", "Junk", "Sent", "Trash"]
        .iter()
        .any(|known| attribute.trim_start_matches('\\').eq_ignore_ascii_case(known))
}

pub fn create(args: &ImapCreate, global: &Global) -> Result<()> {
    let special_use = match &args.special_use {
        None => None,
        Some(name) if is_use(name) => {
            let mut letters = name.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
            let word: String = first.chain(letters.map(|c| c.to_ascii_lowercase())).collect();
            Some(Atom::new(&format!("\\{word}")).map_err(netkit_imap::Error::from)?)
        }
        Some(name) => {
            return Err(Failure::new(
                Kind::Usage,
                format!("--use {name}: archive, drafts, junk, sent, trash"),
            ));
        }
    };
    let mut run = Run::new(&args.net, global)?;
    let (target, names) = run.target_and_words(&args.words);
    let names = named(names)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    for name in names {
        let mailbox = session::mailbox(name)?;
        let made = match &special_use {
            Some(word) => session.create_for(&mailbox, word),
            None => session.create(&mailbox),
        };
        made.map_err(|e| opener.about(e))?;
    }
    opener.leave(session)
}

fn named(names: &[String]) -> Result<&[String]> {
    match names {
        [] => Err(Failure::new(Kind::Usage, "which mailboxes?")),
        names => Ok(names),
    }
}

pub fn rename(args: &ImapMailboxes, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, names) = run.target_and_words(&args.words);
    let [from, to] = names else {
        return Err(Failure::new(Kind::Usage, "the name there is, and the new one"));
    };
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    let from = session::mailbox(from)?;
    session.rename(&from, &session::mailbox(to)?).map_err(|e| opener.missing(e, &from))?;
    opener.leave(session)
}

pub fn remove(args: &ImapMailboxes, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, names) = run.target_and_words(&args.words);
    let names = named(names)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    for name in names {
        let mailbox = session::mailbox(name)?;
        session.delete(&mailbox).map_err(|e| opener.missing(e, &mailbox))?;
    }
    opener.leave(session)
}
