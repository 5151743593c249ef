//! Messages changed and added: STORE, COPY, MOVE, EXPUNGE, APPEND, REPLACE (RFC 9051 section 6.4).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mail_parser::DateTime;
use netkit_imap::response::{Code, Status, Untagged, Value};
use netkit_imap::types::Set;

use super::fetch::{MONTHS, view_folder};
use super::mailboxes::refused;
use super::session::{Outcome, Session, bad, no, ok};
use super::view::flags;
use crate::world::{Copied, Flagging, MailError, Message};

/// The most flags of one message.
const FLAGS: usize = 100;

fn flag_set(value: &[Value<'_>]) -> BTreeSet<String> {
    let words = value.iter().filter_map(Value::text).filter(|flag| !flag.eq_ignore_ascii_case("\\Recent"));
    words.take(FLAGS).map(std::borrow::Cow::into_owned).collect()
}

impl Session<'_> {
    pub(super) fn with_messages(&mut self, name: &str, arguments: &[Value<'_>]) -> Outcome {
        if name == "APPEND" {
            return Ok(self.append(arguments));
        }
        let Some(view) = &self.view else {
            return Ok(bad("there is no such command, or no mailbox is open"));
        };
        let read_only = view.read_only;
        let (plain, by_uid) = match name.strip_prefix("UID ") {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let changes = matches!(plain, "STORE" | "MOVE" | "EXPUNGE" | "REPLACE");
        if changes && read_only {
            return Ok(no("it was opened to be read only"));
        }
        Ok(match plain {
            "FETCH" => return self.fetch(by_uid, arguments),
            "SEARCH" => self.search(by_uid, arguments),
            "SORT" if self.has("SORT") => self.sort(by_uid, arguments),
            "THREAD" => self.thread(by_uid, arguments),
            "STORE" => self.store(by_uid, arguments),
            "COPY" => self.copy(by_uid, arguments, false),
            "MOVE" if self.has("MOVE") => self.copy(by_uid, arguments, true),
            "EXPUNGE" => self.expunge(by_uid, arguments),
            "REPLACE" if self.has("REPLACE") => self.replace(by_uid, arguments),
            "CLOSE" if !by_uid => {
                if !read_only {
                    let status = self.expunge(false, &[]);
                    if status.code.is_some() {
                        return Ok(status);
                    }
                }
                self.view = None;
                ok("closed")
            }
            _ => bad("there is no such command"),
        })
    }

    /// UIDs that a set names.
    fn picked(&self, set: &Value<'_>, by_uid: bool) -> Option<Vec<(u32, u32)>> {
        self.view.as_ref()?.pick(set, by_uid)
    }

    fn store(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let (set, modifiers, rest) = match arguments {
            [set, Value::List(modifiers), rest @ ..] => (set, modifiers.as_slice(), rest),
            [set, rest @ ..] => (set, &[][..], rest),
            [] => return bad("STORE set item flags"),
        };
        let unchanged_since = match modifiers {
            [word, value] if word.text().is_some_and(|w| w.eq_ignore_ascii_case("UNCHANGEDSINCE")) => {
                value.number()
            }
            _ => None,
        };
        let [item, words @ ..] = rest else { return bad("STORE set item flags") };
        let item = item.text().unwrap_or_default().to_ascii_uppercase();
        let silent = item.ends_with(".SILENT");
        let how = match item.trim_end_matches(".SILENT") {
            "FLAGS" => Flagging::Replace,
            "+FLAGS" => Flagging::Add,
            "-FLAGS" => Flagging::Remove,
            _ => return bad("FLAGS, +FLAGS or -FLAGS"),
        };
        let wanted = match words {
            [Value::List(list)] => flag_set(list),
            words => flag_set(words),
        };
        let (Some(picked), Some(user)) = (self.picked(set, by_uid), self.user.clone()) else {
            return bad("that is no set");
        };
        self.enabled.condstore |= unchanged_since.is_some();
        let (folder, enabled) = (view_folder(self), self.enabled);
        let mut modified = Vec::new();
        for (number, uid) in picked {
            let changed = self.server.world.mail().flag(&user, &folder, uid, (how, &wanted), unchanged_since);
            match changed {
                Ok(Some(message)) => {
                    if let Some(view) = &mut self.view {
                        view.heard(uid, message.modseq);
                    }
                    if !silent || enabled.condstore {
                        self.tell(&Untagged::Fetch(flags(number, &message, enabled.condstore, by_uid)));
                    }
                }
                Ok(None) if unchanged_since.is_some() => modified.push(if by_uid { uid } else { number }),
                Ok(None) => {}
                Err(why) => return refused(why),
            }
        }
        if modified.is_empty() {
            return ok("stored");
        }
        ok("some were changed by others").with(Code::Modified(modified.into_iter().collect()))
    }

    fn copy(&mut self, by_uid: bool, arguments: &[Value<'_>], and_expunge: bool) -> Status {
        let [set, to] = arguments else { return bad("a set and a mailbox") };
        let (Some(picked), Some(user)) = (self.picked(set, by_uid), self.user.clone()) else {
            return bad("that is no set");
        };
        let (from, to) = (view_folder(self), self.mailbox(to));
        let uids: Vec<u32> = picked.into_iter().map(|(_, uid)| uid).collect();
        let done = {
            let mut mail = self.server.world.mail();
            if mail.folder(&user, to.as_str()).is_none() {
                return no("there is no such mailbox").with(Code::TryCreate);
            }
            if and_expunge {
                mail.shift(&user, &from, &uids, to.as_str())
            } else {
                mail.copy(&user, &from, &uids, to.as_str())
            }
        };
        match done {
            Ok(copied) if copied.uids.is_empty() => ok("nothing to do"),
            Ok(copied) if and_expunge => {
                self.tell(&Untagged::Status(ok("moved").with(code(&copied))));
                ok("done")
            }
            Ok(copied) => ok("copied").with(code(&copied)),
            Err(why) => refused(why),
        }
    }

    fn expunge(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let Some(user) = self.user.clone() else { return bad("log in first") };
        let only: Option<Vec<u32>> = match (by_uid, arguments) {
            (true, [set]) => match self.picked(set, true) {
                Some(picked) => Some(picked.into_iter().map(|(_, uid)| uid).collect()),
                None => return bad("that is no set"),
            },
            (false, []) => None,
            _ => return bad("not so many words"),
        };
        let name = view_folder(self);
        let mut mail = self.server.world.mail();
        let Some(folder) = mail.folder(&user, &name) else { return refused(MailError::Missing) };
        let marked =
            folder.messages().iter().filter(|one| one.flags.contains("\\Deleted")).map(|one| one.uid);
        let gone: Vec<u32> =
            marked.filter(|uid| only.as_ref().is_none_or(|only| only.contains(uid))).collect();
        match mail.expunge(&user, &name, &gone) {
            Ok(_) => ok("expunged"),
            Err(why) => refused(why),
        }
    }

    /// One message or several (RFC 3502), all or none.
    fn append(&mut self, arguments: &[Value<'_>]) -> Status {
        let Some(user) = self.user.clone() else { return bad("log in first") };
        let Some((to, mut rest)) = arguments.split_first() else { return bad("APPEND mailbox message") };
        let to = self.mailbox(to);
        if self.server.world.mail().folder(&user, to.as_str()).is_none() {
            return no("there is no such mailbox").with(Code::TryCreate);
        }
        let mut messages = Vec::new();
        while !rest.is_empty() {
            let Some((message, behind)) = message(rest) else { return bad("a message is missing") };
            messages.push(message);
            rest = behind;
        }
        if messages.is_empty() {
            return bad("a message is missing");
        }
        let mut mail = self.server.world.mail();
        let (mut validity, mut uids) = (0, Vec::new());
        for message in messages {
            match mail.append(&user, to.as_str(), message) {
                Ok((of, uid)) => {
                    validity = of;
                    uids.push(uid);
                }
                Err(why) => {
                    // None of them is there then.
                    let undone = mail.expunge(&user, to.as_str(), &uids);
                    return refused(undone.err().unwrap_or(why));
                }
            }
        }
        ok("appended").with(Code::AppendUid(validity, uids.into_iter().collect()))
    }

    /// RFC 8508: the new one comes, the old one goes.
    fn replace(&mut self, by_uid: bool, arguments: &[Value<'_>]) -> Status {
        let Some((set, rest)) = arguments.split_first() else { return bad("REPLACE number mailbox message") };
        let Some([(_, uid)]) = self
            .picked(set, by_uid)
            .as_deref()
            .map(<[_]>::to_vec)
            .and_then(|all| <[_; 1]>::try_from(all).ok())
        else {
            return no("there is no such message").with(Code::NonExistent);
        };
        let status = self.append(rest);
        let Some(Code::AppendUid(..)) = &status.code else { return status };
        let (user, folder) = (self.user.clone().unwrap_or_default(), view_folder(self));
        match self.server.world.mail().expunge(&user, &folder, &[uid]) {
            Ok(_) => status,
            Err(why) => refused(why),
        }
    }
}

fn code(copied: &Copied) -> Code {
    let from: Set = copied.uids.iter().map(|(old, _)| *old).collect();
    let to: Set = copied.uids.iter().map(|(_, new)| *new).collect();
    Code::CopyUid(copied.validity, from, to)
}

/// `[flags] [date] literal`, and what stands behind it.
fn message<'r, 'f>(rest: &'r [Value<'f>]) -> Option<(Message, &'r [Value<'f>])> {
    let (flags, rest) = match rest {
        [Value::List(flags), rest @ ..] => (flag_set(flags), rest),
        rest => (BTreeSet::new(), rest),
    };
    let (date, rest) = match rest {
        [Value::String(date), rest @ ..] if date.len() < 40 && read_date(date).is_some() => {
            (read_date(date), rest)
        }
        rest => (None, rest),
    };
    // UTF8 (~{n}...) has the literal in brackets (RFC 6855 section 4).
    let (data, rest) = match rest {
        [Value::String(data), rest @ ..] => (data.as_ref(), rest),
        [Value::Atom(word), Value::List(inner), rest @ ..] if word.eq_ignore_ascii_case(b"UTF8") => {
            (inner.first()?.bytes()?, rest)
        }
        _ => return None,
    };
    let mut message = Message::new("", "", Arc::from(data));
    message.flags = flags;
    message.received = date.unwrap_or(message.received);
    Some((message, rest))
}

/// `17-Jul-1996 02:44:25 -0700`
fn read_date(text: &[u8]) -> Option<SystemTime> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let mut words = text.split(' ');
    let (day, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut day = day.split('-');
    let (date, month, year) = (day.next()?, day.next()?, day.next()?);
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))? + 1;
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_at_checked(2)?;
    let sign = if sign == "-" { "-" } else { "+" };
    let text = format!("{year}-{month:02}-{date:0>2}T{time}{sign}{hours}:{minutes}");
    let stamp = DateTime::parse_rfc3339(&text).filter(DateTime::is_valid)?.to_timestamp();
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(stamp).ok()?))
}
