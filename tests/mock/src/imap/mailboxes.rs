//! The mailboxes themselves: LIST and STATUS, CREATE and its like, SELECT (RFC 9051 section 6.3).

use netkit_imap::response::{
    Code, Listed, MailboxStatus, Namespace, Namespaces, Quota, Status, Untagged, Value,
};
use netkit_imap::types::{Mailbox, Set, matches};
use netkit_wire::Text;

use super::session::{Session, bad, no, ok};
use super::view::{Picked, View, flags, small};
use crate::world::{DELIMITER, Folder, MailError};

/// What a mailbox may hold, in bytes, as QUOTA tells it.
const ROOM: u64 = 256 << 20;

pub(super) fn refused(why: MailError) -> Status {
    let status = no(&why.to_string());
    match why {
        MailError::Missing => status.with(Code::NonExistent),
        MailError::Exists => status.with(Code::Other("ALREADYEXISTS".to_owned(), Text::from(""))),
        MailError::Full => status.with(Code::OverQuota),
        _ => status.with(Code::Other("CANNOT".to_owned(), Text::from(""))),
    }
}

impl Session<'_> {
    pub(super) fn mailbox(&self, value: &Value<'_>) -> Mailbox {
        Mailbox::from_wire(value.bytes().unwrap_or_default(), self.enabled.utf8)
    }

    /// None when it is a command about messages.
    pub(super) fn with_mailboxes(&mut self, name: &str, arguments: &[Value<'_>]) -> Option<Status> {
        let user = self.user.clone()?;
        let folder = |at: usize| arguments.get(at).map(|value| self.mailbox(value).as_str().to_owned());
        let change = |done: Result<(), MailError>| match done {
            Ok(()) => ok("done"),
            Err(why) => refused(why),
        };
        let mail = || self.server.world.mail();
        Some(match (name, arguments) {
            ("CREATE", [_, rest @ ..]) => {
                let uses = match rest {
                    [Value::List(list)] => match list.as_slice() {
                        [_, Value::List(uses)] => uses.first().and_then(Value::text),
                        _ => None,
                    },
                    _ => None,
                };
                change(mail().create(&user, &folder(0)?, uses.as_deref()))
            }
            ("DELETE", [_]) => {
                let name = folder(0)?;
                let done = mail().delete(&user, &name);
                if done.is_ok() && self.view.as_ref().is_some_and(|view| view.folder == name) {
                    self.view = None;
                }
                change(done)
            }
            ("RENAME", [_, _]) => change(mail().rename(&user, &folder(0)?, &folder(1)?)),
            ("SUBSCRIBE", [_]) => change(mail().subscribe(&user, &folder(0)?, true)),
            ("UNSUBSCRIBE", [_]) => change(mail().subscribe(&user, &folder(0)?, false)),
            ("CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE", _) => bad("not so many words"),
            ("LIST", _) => self.list(arguments),
            ("LSUB", [reference, pattern]) => {
                let pattern = format!("{}{}", self.mailbox(reference), self.mailbox(pattern));
                let subscribed: Vec<String> = mail()
                    .subscribed(&user)
                    .into_iter()
                    .filter(|name| matches(&pattern, name, DELIMITER))
                    .map(str::to_owned)
                    .collect();
                for name in subscribed {
                    self.tell(&Untagged::Lsub(listed(&name, Vec::new())));
                }
                ok("that is all")
            }
            ("STATUS", [of, Value::List(items)]) => {
                let mailbox = self.mailbox(of);
                let status = {
                    let mail = mail();
                    mail.folder(&user, mailbox.as_str()).map(|folder| numbers(mailbox, folder, items))
                };
                match status {
                    Some(Some(status)) => {
                        self.enabled.condstore |=
                            status.items.iter().any(|(name, _)| name == "HIGHESTMODSEQ");
                        self.tell(&Untagged::MailboxStatus(status));
                        ok("that is all")
                    }
                    Some(None) => bad("there is no such number"),
                    None => refused(MailError::Missing),
                }
            }
            ("NAMESPACE", []) => {
                let own = Namespace { prefix: String::new(), delimiter: Some(DELIMITER) };
                self.tell(&Untagged::Namespace(Namespaces { personal: vec![own], ..Namespaces::default() }));
                ok("that is all")
            }
            ("GETQUOTA", [root]) if self.has("QUOTA") => {
                if root.bytes() != Some(b"") {
                    return Some(no("there is no such root").with(Code::NonExistent));
                }
                self.quota(&user);
                ok("that is all")
            }
            ("GETQUOTAROOT", [of]) if self.has("QUOTA") => {
                let mailbox = self.mailbox(of);
                if mail().folder(&user, mailbox.as_str()).is_none() {
                    return Some(refused(MailError::Missing));
                }
                self.tell(&Untagged::QuotaRoot(mailbox, vec![Text::from("")]));
                self.quota(&user);
                ok("that is all")
            }
            ("SETQUOTA", _) if self.has("QUOTA") => no("that is for others to set"),
            ("SELECT" | "EXAMINE", [_, ..]) => self.select(arguments, name == "EXAMINE"),
            ("UNSELECT", []) => {
                self.view = None;
                ok("closed")
            }
            _ => return self.with_notes(name, arguments),
        })
    }

    fn quota(&mut self, user: &str) {
        let used: usize = {
            let mail = self.server.world.mail();
            let folders = mail.folders(user);
            folders.iter().flat_map(|(_, folder)| folder.messages()).map(|one| one.data.len()).sum()
        };
        let resources = vec![("STORAGE".to_owned(), used as u64 >> 10, ROOM >> 10)];
        self.tell(&Untagged::Quota(Quota { root: Text::from(""), resources }));
    }

    /// `LIST [(options)] reference pattern / (patterns) [RETURN (options)]` (RFC 5258 section 6).
    fn list(&mut self, arguments: &[Value<'_>]) -> Status {
        let (selection, arguments) = match arguments {
            [Value::List(options), rest @ ..] => (options.as_slice(), rest),
            all => (&[][..], all),
        };
        let (reference, patterns, wanted) = match arguments {
            [reference, patterns] => (reference, patterns, &[][..]),
            [reference, patterns, word, Value::List(wanted)]
                if word.text().is_some_and(|word| word.eq_ignore_ascii_case("RETURN")) =>
            {
                (reference, patterns, wanted.as_slice())
            }
            _ => return bad("LIST reference pattern"),
        };
        let has = |options: &[Value<'_>], name: &str| {
            options.iter().filter_map(Value::text).any(|option| option.eq_ignore_ascii_case(name))
        };
        let reference = self.mailbox(reference);
        let patterns: Vec<String> = match patterns {
            Value::List(all) => all.iter().map(|one| format!("{reference}{}", self.mailbox(one))).collect(),
            one => vec![format!("{reference}{}", self.mailbox(one))],
        };
        if patterns.iter().all(String::is_empty) {
            // Who asks for nothing is told the delimiter (RFC 9051 section 6.3.9).
            self.tell(&Untagged::List(listed("", vec!["\\Noselect".to_owned()])));
            return ok("that is all");
        }
        let status_of =
            wanted.iter().skip_while(|one| !one.text().is_some_and(|w| w.eq_ignore_ascii_case("STATUS")));
        let status_of = status_of.skip(1).find_map(|one| match one {
            Value::List(items) => Some(items.as_slice()),
            _ => None,
        });
        let Some(user) = self.user.clone() else { return bad("log in first") };
        let mut told = Vec::new();
        {
            let mail = self.server.world.mail();
            let subscribed = mail.subscribed(&user);
            let folders = mail.folders(&user);
            for (name, folder) in &folders {
                let is_wanted = patterns.iter().any(|pattern| matches(pattern, name, DELIMITER))
                    && (!has(selection, "SUBSCRIBED") || subscribed.contains(name))
                    && (!has(selection, "SPECIAL-USE") || folder.special_use().is_some());
                if !is_wanted {
                    continue;
                }
                let inside = format!("{name}{DELIMITER}");
                let has_children = folders.iter().any(|(other, _)| other.starts_with(&inside));
                let mut attributes =
                    vec![if has_children { "\\HasChildren" } else { "\\HasNoChildren" }.to_owned()];
                if (has(wanted, "SUBSCRIBED") || has(selection, "SUBSCRIBED")) && subscribed.contains(name) {
                    attributes.push("\\Subscribed".to_owned());
                }
                attributes.extend(folder.special_use().map(str::to_owned));
                told.push(Untagged::List(listed(name, attributes)));
                if let Some(items) = status_of
                    && let Some(status) = numbers(Mailbox::from_wire(name.as_bytes(), true), folder, items)
                {
                    told.push(Untagged::MailboxStatus(status));
                }
            }
            if has(selection, "SUBSCRIBED") {
                let missing =
                    subscribed.iter().filter(|name| !folders.iter().any(|(known, _)| known == *name));
                let missing = missing.filter(|name| patterns.iter().any(|p| matches(p, name, DELIMITER)));
                let attributes = || vec!["\\Subscribed".to_owned(), "\\NonExistent".to_owned()];
                told.extend(missing.map(|name| Untagged::List(listed(name, attributes()))));
            }
        }
        told.iter().for_each(|one| self.tell(one));
        ok("that is all")
    }

    /// SELECT and EXAMINE, with CONDSTORE and QRESYNC (RFC 7162 section 3).
    fn select(&mut self, arguments: &[Value<'_>], read_only: bool) -> Status {
        let Some(user) = self.user.clone() else { return bad("log in first") };
        let (name, options) = match arguments {
            [name] => (self.mailbox(name), &[][..]),
            [name, Value::List(options)] => (self.mailbox(name), options.as_slice()),
            _ => return bad("SELECT mailbox"),
        };
        let option = |name: &str| {
            options.iter().position(|one| one.text().is_some_and(|word| word.eq_ignore_ascii_case(name)))
        };
        self.enabled.condstore |= option("CONDSTORE").is_some();
        let known = option("QRESYNC").and_then(|at| options.get(at + 1)).map(Value::list);
        if known.is_some() && !self.enabled.qresync {
            return bad("ENABLE QRESYNC first");
        }
        let closed = self.view.take().is_some();
        let mut told = Vec::new();
        {
            let mail = self.server.world.mail();
            let Some(folder) = mail.folder(&user, name.as_str()) else { return refused(MailError::Missing) };
            if closed {
                told.push(Untagged::Status(ok("the one before").with(Code::Closed)));
            }
            let code = |text: &str, code: Code| Untagged::Status(ok(text).with(code));
            let view = View::new(name.as_str(), folder, read_only);
            let system = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"].map(str::to_owned);
            told.push(Untagged::Exists(small(view.known.len())));
            if !self.enabled.rev2 {
                told.push(Untagged::Recent(0));
            }
            told.push(Untagged::Flags(system.to_vec()));
            let lasting = if read_only { Vec::new() } else { [&system[..], &["\\*".to_owned()]].concat() };
            told.push(code("what lasts", Code::PermanentFlags(lasting)));
            let unseen = folder.messages().iter().position(|one| !one.flags.contains("\\Seen"));
            if let Some(at) = unseen.filter(|_| !self.enabled.rev2) {
                told.push(code("the first unseen", Code::Unseen(small(at + 1))));
            }
            told.push(code("they hold", Code::UidValidity(folder.uid_validity())));
            told.push(code("the next", Code::UidNext(folder.uid_next())));
            told.push(code("the newest change", Code::HighestModSeq(folder.highest_modseq())));
            let wire = folder_listed(name.as_str(), folder);
            if self.enabled.rev2 {
                told.push(Untagged::List(wire));
            }
            if let Some([validity, modseq, rest @ ..]) = known
                && validity.number() == Some(u64::from(folder.uid_validity()))
            {
                let modseq = modseq.number().unwrap_or_default();
                let only = rest.first().and_then(Value::bytes).and_then(Set::parse);
                let only = only.map(|set| Picked::new(&set, folder.uid_next()));
                let is_known = |uid: u32| only.as_ref().is_none_or(|only| only.has(uid));
                let gone: Vec<u32> =
                    folder.vanished_since(modseq).into_iter().filter(|uid| is_known(*uid)).collect();
                if !gone.is_empty() {
                    told.push(Untagged::Vanished(true, gone.into_iter().collect()));
                }
                for (number, message) in (1..).zip(folder.messages()) {
                    if message.modseq > modseq && is_known(message.uid) {
                        told.push(Untagged::Fetch(flags(number, message, true, true)));
                    }
                }
            }
            self.view = Some(view);
        }
        told.iter().for_each(|one| self.tell(one));
        ok("open").with(if read_only { Code::ReadOnly } else { Code::ReadWrite })
    }
}

fn folder_listed(name: &str, folder: &Folder) -> Listed {
    listed(name, folder.special_use().map(str::to_owned).into_iter().collect())
}

fn listed(name: &str, attributes: Vec<String>) -> Listed {
    let mailbox = Mailbox::from_wire(name.as_bytes(), true);
    Listed { attributes, delimiter: Some(DELIMITER), mailbox, wire: Vec::new() }
}

/// What STATUS tells; none for an item that there is not.
fn numbers(mailbox: Mailbox, folder: &Folder, items: &[Value<'_>]) -> Option<MailboxStatus> {
    let messages = folder.messages();
    let with = |flag: &str| messages.iter().filter(|one| one.flags.contains(flag)).count() as u64;
    let number = |item: &Value<'_>| {
        let name = item.text()?.to_ascii_uppercase();
        let value = match name.as_str() {
            "MESSAGES" => messages.len() as u64,
            "RECENT" => 0,
            "UIDNEXT" => folder.uid_next().into(),
            "UIDVALIDITY" => folder.uid_validity().into(),
            "UNSEEN" => messages.len() as u64 - with("\\Seen"),
            "DELETED" => with("\\Deleted"),
            "SIZE" => messages.iter().map(|one| one.data.len() as u64).sum(),
            "HIGHESTMODSEQ" => folder.highest_modseq(),
            _ => return None,
        };
        Some((name, value))
    };
    Some(MailboxStatus { mailbox, items: items.iter().map(number).collect::<Option<_>>()? })
}
