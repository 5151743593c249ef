//! `netkit imap watch`: waits, tells, runs a command, and comes back when the line is dead.

use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};

use netkit_imap::response::MailboxStatus;
use netkit_imap::types::Atom;
use netkit_imap::{Access, Error, Event, Selected};
use netkit_wire::escape;
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, ImapWatch};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;

/// The waits before a connection is tried again: from the first to the longest, each twice the one before.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How often a server without IDLE is asked.
const ASK: Duration = Duration::from_secs(30);

pub fn watch(args: &ImapWatch, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let output = run.output()?;
    let mut watcher = Watcher { args, opener: &opener, output, told: 0, known: None, others: HashMap::new() };
    let (mut wait, mut tries) = (FIRST, 0);
    let outcome = loop {
        let began = Instant::now();
        match watcher.session() {
            Ok(()) => break Ok(()),
            // What could not be read is a failure also of a session that told as much as was asked for.
            Err(failure) if !is_passing(&failure) || watcher.is_enough() => break Err(failure),
            Err(failure) => {
                // A session that held for a while begins the count anew.
                if began.elapsed() > LONGEST {
                    (wait, tries) = (FIRST, 0);
                }
                tries += 1;
                if args.tries.is_some_and(|most| tries > most) {
                    break Err(failure);
                }
                run.warn(&format!("{}; trying again in {} s", failure.message, wait.as_secs()));
                std::thread::sleep(wait);
                wait = (wait * 2).min(LONGEST);
            }
        }
    };
    let Watcher { output, .. } = watcher;
    output.finish()?;
    outcome
}

/// Whether it may be over in a while: the line, and not what was asked for.
fn is_passing(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        Kind::Connect
            | Kind::Resolve
            | Kind::Timeout
            | Kind::Send
            | Kind::Receive
            | Kind::Empty
            | Kind::Partial
    )
}

struct Watcher<'w> {
    args: &'w ImapWatch,
    opener: &'w Opener<'w>,
    output: Output,
    told: u64,
    /// How many messages there were, and the next UID, when it was looked last: what happened while nobody was connected is
    /// told, too.
    known: Option<(u32, Option<u32>)>,
    /// What was told of mailboxes that are not open.
    others: HashMap<String, MailboxStatus>,
}

/// How many mailboxes are known at most, besides the open one.
const MAILBOXES: usize = 100_000;
/// What is told of mailboxes.
const EVENTS: [&str; 3] = ["MessageNew", "MessageExpunge", "FlagChange"];

impl Watcher<'_> {
    /// One connection, until as much was told as was asked for.
    fn session(&mut self) -> Result<()> {
        let mut session = self.opener.open()?;
        let now = if self.args.all {
            let groups = ["selected", "personal"].map(|filter| {
                let events =
                    EVENTS.iter().map(|event| Atom::new(event)).collect::<std::result::Result<_, _>>()?;
                Ok((Atom::new(filter)?, events))
            });
            let groups: std::result::Result<Vec<_>, netkit_imap::Invalid> = groups.into_iter().collect();
            session.notify(&groups.map_err(Error::from)?, true).map_err(|e| self.opener.about(e))?
        } else {
            Vec::new()
        };
        let mut selected = self.opener.select_in(session, Access::Read, self.args.mailbox.as_deref())?;
        // What happened in others while nobody was connected.
        if self.tell_others(&now, true)? {
            return self.opener.leave(selected.into_session());
        }
        let now = (selected.exists, selected.uid_next);
        match self.known.replace(now) {
            Some(before) if before != now => {
                let event = if before.1 != now.1 { Event::Exists(now.0) } else { Event::Expunge(0) };
                if self.tell(&selected, &[event])? {
                    return self.opener.leave(selected.into_session());
                }
            }
            _ => self.opener.run.note(&format!("watching {}", selected.mailbox())),
        }
        let can_idle = selected.session().has("IDLE") || selected.session().has("IMAP4REV2");
        loop {
            let events = if can_idle {
                selected.idle(self.args.renew)
            } else {
                std::thread::sleep(ASK.min(self.args.renew));
                selected.poll()
            };
            let events = events.map_err(|e| match e {
                // The server says goodbye to who waits long, which is no reason to give up.
                Error::Over(status) => {
                    let why =
                        status.map_or_else(|| "the session is over".to_owned(), |status| status.to_string());
                    Failure::new(Kind::Receive, why).with(&self.opener.target.endpoint)
                }
                e => self.opener.about(e),
            })?;
            self.known = Some((selected.exists, None));
            if !events.is_empty() && self.tell(&selected, &events)? {
                return self.opener.leave(selected.into_session());
            }
        }
    }

    /// Tells of events, and runs the command once for all of them in a mailbox; whether that was enough.
    fn tell(&mut self, selected: &Selected, events: &[Event]) -> Result<bool> {
        let mut here = Vec::new();
        let mut others = Vec::new();
        for event in events {
            let (kind, number, words) = match event {
                Event::Exists(n) => ("arrived", Some(u64::from(*n)), String::new()),
                Event::Expunge(n) => ("gone", Some(u64::from(*n)), String::new()),
                Event::Vanished(uids) => ("gone", None, uids.to_string()),
                Event::Changed(n) => ("changed", Some(u64::from(*n)), String::new()),
                Event::Mailbox(status) => {
                    others.push(status.clone());
                    continue;
                }
                Event::Other(text) => ("other", None, escape(text.as_bytes()).into_owned()),
            };
            here.push((kind, number, words));
        }
        if !here.is_empty() {
            self.say(selected.mailbox().as_str(), u64::from(selected.exists), &here)?;
        }
        self.tell_others(&others, false)?;
        Ok(self.is_enough())
    }

    /// Tells of mailboxes that are not open, as far as they are not as they were; whether that was enough. What is seen for
    /// the first time at the beginning is nothing new.
    fn tell_others(&mut self, all: &[MailboxStatus], begins: bool) -> Result<bool> {
        for status in all {
            let name = status.mailbox.as_str();
            // A server that makes up names would have us remember them for ever.
            if self.others.len() >= MAILBOXES && !self.others.contains_key(name) {
                continue;
            }
            let before = self.others.insert(name.to_owned(), status.clone());
            // Servers say again what they have said.
            if before.as_ref() == Some(status) || before.is_none() && begins {
                continue;
            }
            let (was, now) = (|name: &str| before.as_ref()?.get(name), |name: &str| status.get(name));
            let kind = match () {
                // The first message of a mailbox has a UID of at least 1.
                () if now("UIDNEXT") > was("UIDNEXT").or(Some(1)) => "arrived",
                () if now("MESSAGES").is_some() && now("MESSAGES") < was("MESSAGES") => "gone",
                () => "changed",
            };
            let messages = now("MESSAGES").or(was("MESSAGES")).unwrap_or_default();
            let number = (kind == "arrived").then_some(messages);
            self.say(name, messages, &[(kind, number, String::new())])?;
        }
        Ok(self.is_enough())
    }

    fn is_enough(&self) -> bool {
        self.args.count.is_some_and(|count| self.told >= count)
    }

    /// What happened in a mailbox that holds so many messages.
    fn say(&mut self, mailbox: &str, messages: u64, events: &[(&str, Option<u64>, String)]) -> Result<()> {
        let mut kinds = Vec::new();
        for (kind, number, words) in events {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
            if self.opener.run.json() {
                let line = json!({ "mailbox": mailbox, "event": kind, "number": number, "text": words });
                self.output.line(&line.to_string())?;
            } else {
                let number = number.map(|n| n.to_string()).unwrap_or_default();
                // A name with a line end in it would be two lines.
                let mailbox = escape(mailbox.as_bytes());
                self.output.line(format!("{kind}\t{mailbox}\t{number}{words}").trim_end())?;
            }
            self.told += 1;
        }
        std::io::Write::flush(&mut self.output).map_err(|e| Failure::write("stdout", &e))?;
        let Some(command) = &self.args.exec else { return Ok(()) };
        let status = Command::new("/bin/sh")
            .args(["-c", command])
            .env("NETKIT_MAILBOX", mailbox.replace('\0', "\u{fffd}"))
            .env("NETKIT_MESSAGES", messages.to_string())
            .env("NETKIT_EVENTS", kinds.join(" "))
            .status();
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => self.opener.run.warn(&format!("--exec: {status}")),
            Err(why) => return Err(Failure::new(Kind::Usage, format!("--exec: {why}"))),
        }
        Ok(())
    }
}
