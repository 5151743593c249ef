//! `netkit imap shell`: one session, and what comes to mind.

use std::borrow::Cow;

use netkit_imap::types::Set;
use netkit_imap::{Access, Error, Selected, Session};

use super::session::{self, Opener};
use super::{change, keys, list};
use crate::args::{Global, ImapAsk};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;
use crate::shell::{Lines, words};

const HELP: &str = "\
folders [PATTERN]       the mailboxes
open MAILBOX            go to a mailbox
list [UIDS]             its messages
search KEY ...          which of them fit: unseen, from:alice, since:2026-01-31
get UID                 print a message
flag UIDS +seen ...     change flags
copy UIDS MAILBOX       copy messages
move UIDS MAILBOX       move messages
delete UIDS             delete messages for good
raw LINE                a command of IMAP's own
help, quit";

pub fn shell(args: &ImapAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mailbox = opener.mailbox(None)?;
    let mut shell = Shell { opener: &opener, output: run.output()?, place: Place::Nowhere };
    shell.place = Place::Session(Box::new(opener.open()?));
    shell.go(mailbox.as_str())?;
    let mut lines = Lines::new("imap", ())?;
    let mut failed: Option<(Kind, usize)> = None;
    while let Some(line) = lines.next(&shell.name())? {
        let words = words(&line);
        if words.is_empty() {
            continue;
        }
        if matches!(words.first().map(String::as_str), Some("quit" | "exit")) {
            break;
        }
        if let Err(why) = shell.obey(&line, &words) {
            if why.kind == Kind::Write {
                return Err(why);
            }
            why.report(false);
            if !shell.place.is_usable() {
                return Err(why);
            }
            failed = Some(failed.map_or((why.kind, 1), |(first, count)| (first, count + 1)));
        }
        std::io::Write::flush(&mut shell.output).map_err(|e| Failure::write("stdout", &e))?;
    }
    let Shell { output, place, .. } = shell;
    output.finish()?;
    if let Some(session) = place.into_session() {
        opener.leave(session)?;
    }
    // A person has seen them; for a script, the first counts.
    match failed {
        Some((kind, count)) if !lines.is_typed() => {
            Err(Failure::new(kind, format!("{count} commands failed")))
        }
        _ => Ok(()),
    }
}

/// Where the session is.
enum Place {
    Session(Box<Session>),
    Mailbox(Box<Selected>),
    /// On the way from one to the other.
    Nowhere,
}

impl Place {
    fn session(&mut self) -> Option<&mut Session> {
        match self {
            Place::Session(session) => Some(session),
            Place::Mailbox(selected) => Some(selected.session()),
            Place::Nowhere => None,
        }
    }

    fn into_session(self) -> Option<Session> {
        match self {
            Place::Session(session) => Some(*session),
            Place::Mailbox(selected) => Some(selected.into_session()),
            Place::Nowhere => None,
        }
    }

    fn is_usable(&mut self) -> bool {
        self.session().is_some_and(|session| session.is_usable())
    }
}

struct Shell<'s> {
    opener: &'s Opener<'s>,
    output: Output,
    place: Place,
}

impl Shell<'_> {
    fn name(&self) -> Cow<'_, str> {
        match &self.place {
            Place::Mailbox(selected) => Cow::Borrowed(selected.mailbox().as_str()),
            _ => Cow::Borrowed("netkit"),
        }
    }

    fn go(&mut self, name: &str) -> Result<()> {
        let mailbox = session::mailbox(name)?;
        let session = std::mem::replace(&mut self.place, Place::Nowhere).into_session();
        let session = session.ok_or_else(|| Failure::new(Kind::Protocol, "the session is over"))?;
        match session.open(&mailbox, Access::Change, None) {
            Ok((selected, _)) => {
                let count = selected.exists;
                self.place = Place::Mailbox(Box::new(selected));
                self.output.line(&format!("{mailbox}: {count} messages"))
            }
            Err(failed) => {
                let (session, why) = *failed;
                self.place = Place::Session(Box::new(session));
                Err(self.opener.missing(why, &mailbox))
            }
        }
    }

    fn selected(&mut self) -> Result<&mut Selected> {
        match &mut self.place {
            Place::Mailbox(selected) => Ok(selected),
            _ => Err(Failure::new(Kind::Usage, "no mailbox is open").hint("open MAILBOX")),
        }
    }

    fn obey(&mut self, line: &str, words: &[String]) -> Result<()> {
        let opener = self.opener;
        let about = |e: Error| opener.about(e);
        let set = |word: &str| word.parse::<Set>().map_err(|e| Failure::from(Error::from(e)));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match *words.as_slice() {
            ["help" | "?"] => self.output.line(HELP),
            ["folders"] => self.folders("*"),
            ["folders", pattern] => self.folders(pattern),
            ["open" | "cd", name] => self.go(name),
            ["list" | "ls"] => self.list(&Set::all()),
            ["list" | "ls", uids] => self.list(&set(uids)?),
            ["search", ref keys @ ..] => {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                let program = keys::parse(&keys)?;
                let found = self.selected()?.search(&program).map_err(about)?;
                if found.is_empty() { self.output.line("nothing is found") } else { self.list(&found) }
            }
            ["get" | "cat", uid] => {
                let uids = set(uid)?;
                let mut text = Vec::new();
                let told = self.selected()?.fetch(&uids, &[netkit_imap::FetchItem::Message], |fetch| {
                    for item in &fetch.items {
                        if let netkit_imap::response::Item::Section(_, Some(bytes)) = item {
                            text.extend_from_slice(bytes);
                        }
                    }
                    Ok::<(), std::convert::Infallible>(())
                });
                let Ok(()) = told.map_err(about)?;
                if text.is_empty() {
                    return Err(Failure::new(Kind::NotFound, format!("there is no message {uid}")));
                }
                std::io::Write::write_all(&mut self.output, &text).map_err(|e| Failure::write("stdout", &e))
            }
            ["flag", uids, ref changes @ ..] if !changes.is_empty() => {
                let uids = set(uids)?;
                for word in changes {
                    let (change, flags) = change::change(word)?;
                    self.selected()?.store(&uids, change, &flags).map_err(about)?;
                }
                Ok(())
            }
            ["copy" | "move", uids, to] => {
                let (uids, to) = (set(uids)?, session::mailbox(to)?);
                let moves = words.first() == Some(&"move");
                let selected = self.selected()?;
                let done = if moves { selected.mv(&uids, &to) } else { selected.copy(&uids, &to) };
                done.map(|_| ()).map_err(|e| opener.missing(e, &to))
            }
            ["delete" | "rm", uids] => {
                let uids = set(uids)?;
                self.selected()?.expunge(&uids).map(|_| ()).map_err(about)
            }
            ["raw", ..] => {
                let line = line.trim_start().strip_prefix("raw").unwrap_or_default().trim();
                let session = self.place.session();
                let session = session.ok_or_else(|| Failure::new(Kind::Protocol, "the session is over"))?;
                let answers = session.raw(line).map_err(about)?;
                for answer in answers {
                    self.output.line(&netkit_wire::escape(answer.as_bytes()))?;
                }
                Ok(())
            }
            [verb, ..] => Err(Failure::new(Kind::Usage, format!("{verb}: no such command")).hint("help")),
            [] => Ok(()),
        }
    }

    fn folders(&mut self, pattern: &str) -> Result<()> {
        let session =
            self.place.session().ok_or_else(|| Failure::new(Kind::Protocol, "the session is over"))?;
        let all = session.list("", pattern).map_err(|e| self.opener.about(e))?;
        for one in all {
            self.output.line(one.mailbox.as_str())?;
        }
        Ok(())
    }

    fn list(&mut self, uids: &Set) -> Result<()> {
        let opener = self.opener;
        let selected = self.selected()?;
        if selected.exists == 0 {
            return Ok(());
        }
        let mut lines = list::lines(selected, opener, uids)?;
        lines.sort_by_key(|one| one.uid);
        lines.iter().try_for_each(|one| one.print(&mut self.output, false, ""))
    }
}
