//! `--offline`: what would be sent, as far as it does not depend on what the server says. A login is not rehearsed.

use std::io::Write;

use netkit_imap::types::{Mailbox, Set};
use netkit_imap::{Access, Change, FetchItem, Rehearsal, StatusItem};

use super::{keys, session};
use crate::aim;
use crate::args::{Global, ImapVerb};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn show(verb: &ImapVerb, global: &Global) -> Result<()> {
    let mut run = Run::new(verb.net(), global)?;
    let words: &[String] = match verb {
        ImapVerb::List(args) => &args.words,
        ImapVerb::Search(args) => &args.words,
        ImapVerb::Get(args) => &args.words,
        ImapVerb::Append(args) => &args.words,
        ImapVerb::Copy(args) | ImapVerb::Move(args) | ImapVerb::Flag(args) | ImapVerb::Delete(args) => {
            &args.words
        }
        ImapVerb::Create(args) => &args.words,
        ImapVerb::Rename(args) | ImapVerb::Remove(args) => &args.words,
        ImapVerb::Backup(args) => &args.words,
        ImapVerb::Raw(args) => &args.words,
        ImapVerb::Folders(_)
        | ImapVerb::Watch(_)
        | ImapVerb::Quota(_)
        | ImapVerb::Shell(_)
        | ImapVerb::Probe(_) => &[],
    };
    let (mut target, rest) = run.target_and_words(words);
    if let ImapVerb::Folders(args) = verb {
        target = args.target.as_deref();
    }
    if let ImapVerb::Watch(args) = verb {
        target = args.target.as_deref();
    }
    if let ImapVerb::Quota(args) | ImapVerb::Shell(args) | ImapVerb::Probe(args) = verb {
        target = args.target.as_deref();
    }
    let target = session::aim(&mut run, target)?;
    let named = |name: &Option<String>| -> Result<Mailbox> {
        match (name, &target.mailbox) {
            (Some(name), _) => session::mailbox(name),
            (None, Some(mailbox)) => Ok(mailbox.clone()),
            (None, None) => session::mailbox("INBOX"),
        }
    };
    let set = |at: usize| -> Result<Set> {
        match rest.get(at) {
            Some(word) => word.parse().map_err(|e| Failure::from(netkit_imap::Error::from(e))),
            None => Ok(Set::all()),
        }
    };
    let to = |at: usize| match rest.get(at) {
        Some(name) => session::mailbox(name),
        None => Err(Failure::new(Kind::Usage, "a mailbox is missing")),
    };
    let mut said = Rehearsal::new(target.security);
    match verb {
        ImapVerb::Folders(args) => said.list(&args.pattern).map_err(netkit_imap::Error::from)?,
        ImapVerb::List(args) => {
            said.open(Access::Read, &named(&args.mailbox)?);
            let items = [
                FetchItem::Uid,
                FetchItem::Flags,
                FetchItem::InternalDate,
                FetchItem::Size,
                FetchItem::Envelope,
            ];
            said.fetch(&set(0)?, &items);
        }
        ImapVerb::Search(args) => {
            said.open(Access::Read, &named(&args.mailbox)?);
            said.search(&keys::parse(rest)?);
        }
        ImapVerb::Get(args) => {
            said.open(Access::Read, &named(&args.mailbox)?);
            let uids = match (rest.first(), target.uid) {
                (None, Some(uid)) => [uid].into_iter().collect(),
                _ => set(0)?,
            };
            said.fetch(&uids, &[FetchItem::Uid, FetchItem::Message]);
        }
        ImapVerb::Copy(args) | ImapVerb::Move(args) => {
            let moves = matches!(verb, ImapVerb::Move(_));
            said.open(if moves { Access::Change } else { Access::Read }, &named(&args.mailbox)?);
            said.copy(&set(0)?, &to(1)?, moves);
        }
        ImapVerb::Flag(args) => {
            said.open(Access::Change, &named(&args.mailbox)?);
            for word in rest.get(1..).unwrap_or_default() {
                let (change, flags) = super::change::change(word)?;
                said.store(&set(0)?, change, &flags);
            }
        }
        ImapVerb::Delete(args) => {
            said.open(Access::Change, &named(&args.mailbox)?);
            let deleted = netkit_imap::types::Atom::new("\\Deleted").map_err(netkit_imap::Error::from)?;
            said.store(&set(0)?, Change::Add, &[deleted]);
            said.expunge(&set(0)?);
        }
        ImapVerb::Create(_) | ImapVerb::Remove(_) => {
            for name in rest {
                let mailbox = session::mailbox(name)?;
                if matches!(verb, ImapVerb::Create(_)) {
                    said.create(&mailbox)
                } else {
                    said.delete(&mailbox)
                }
            }
        }
        ImapVerb::Rename(_) => said.rename(&to(0)?, &to(1)?),
        ImapVerb::Raw(_) => {
            for line in aim::lines(rest)? {
                said.raw(&line).map_err(netkit_imap::Error::from)?;
            }
        }
        ImapVerb::Watch(args) => said.open(Access::Read, &named(&args.mailbox)?),
        ImapVerb::Backup(_) => {
            said.status(&[StatusItem::UidNext, StatusItem::UidValidity, StatusItem::Messages])
        }
        ImapVerb::Append(_) | ImapVerb::Quota(_) | ImapVerb::Shell(_) | ImapVerb::Probe(_) => {}
    }
    let mut output = run.output()?;
    output.write_all(&said.finish()).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}
