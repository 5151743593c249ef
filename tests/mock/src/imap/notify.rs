//! NOTIFY (RFC 5465): what happens in mailboxes that are not open. Events are not told apart: whatever happens is told.

use std::collections::HashMap;

use netkit_imap::response::{Code, MailboxStatus, Status, Untagged, Value};
use netkit_imap::types::Mailbox;
use netkit_wire::Text;

use super::session::{Session, bad, no, ok};
use crate::world::Folder;

/// What a client is told of, and what it knows: how many messages, the next UID, the last change.
#[derive(Default)]
pub(super) struct Notified {
    filters: Vec<Filter>,
    known: HashMap<String, (usize, u32, u64)>,
}

/// Which mailboxes (section 6).
enum Filter {
    /// The open one, of which everybody is told.
    Selected,
    Personal,
    Inboxes,
    Subscribed,
    These(Vec<String>),
}

impl Filter {
    fn parse(group: &Value<'_>) -> Option<Filter> {
        let (first, rest) = group.list().split_first()?;
        let names = |values: &[Value<'_>]| values.iter().filter_map(Value::text).map(String::from).collect();
        match (first.text()?.to_ascii_lowercase().as_str(), rest) {
            ("selected" | "selected-delayed", [_]) => Some(Filter::Selected),
            ("personal", [_]) => Some(Filter::Personal),
            ("inboxes", [_]) => Some(Filter::Inboxes),
            ("subscribed", [_]) => Some(Filter::Subscribed),
            ("mailboxes", [Value::List(all), _]) => Some(Filter::These(names(all))),
            ("mailboxes", [one, _]) => Some(Filter::These(names(std::slice::from_ref(one)))),
            _ => None,
        }
    }
}

fn state(folder: &Folder) -> (usize, u32, u64) {
    (folder.messages().len(), folder.uid_next(), folder.highest_modseq())
}

impl Session<'_> {
    pub(super) fn notify(&mut self, arguments: &[Value<'_>]) -> Status {
        let is =
            |value: &Value<'_>, word: &str| value.text().is_some_and(|text| text.eq_ignore_ascii_case(word));
        let groups = match arguments {
            [word] if is(word, "NONE") => {
                self.notified = None;
                return ok("silence");
            }
            [set, groups @ ..] if is(set, "SET") => groups,
            _ => return bad("NOTIFY SET or NOTIFY NONE"),
        };
        let (now, groups) = match groups {
            [word, rest @ ..] if is(word, "STATUS") => (true, rest),
            all => (false, all),
        };
        let Some(filters) = groups.iter().map(Filter::parse).collect::<Option<Vec<_>>>() else {
            return no("there is no such filter")
                .with(Code::Other("BADEVENT".to_owned(), Text::from("(MessageNew)")));
        };
        self.notified = Some(Notified { filters, known: HashMap::new() });
        let told = self.elsewhere();
        if now {
            told.into_iter().for_each(|status| self.tell(&Untagged::MailboxStatus(status)));
        }
        ok("from now on")
    }

    /// Tells of mailboxes in which something has happened.
    pub(super) fn news_of_others(&mut self) {
        self.elsewhere().into_iter().for_each(|status| self.tell(&Untagged::MailboxStatus(status)));
    }

    /// What the client does not know yet of mailboxes that are not open.
    fn elsewhere(&mut self) -> Vec<MailboxStatus> {
        let (Some(notified), Some(user)) = (&mut self.notified, &self.user) else { return Vec::new() };
        let mail = self.server.world.mail();
        let subscribed = mail.subscribed(user);
        let mut told = Vec::new();
        for (name, folder) in mail.folders(user) {
            let fits = notified.filters.iter().any(|filter| match filter {
                Filter::Selected => false,
                Filter::Personal => true,
                Filter::Inboxes => name == "INBOX",
                Filter::Subscribed => subscribed.contains(&name),
                Filter::These(names) => names.iter().any(|one| one == name),
            });
            let now = state(folder);
            let is_open = self.view.as_ref().is_some_and(|view| view.folder == name);
            if !fits || notified.known.insert(name.to_owned(), now) == Some(now) || is_open {
                continue;
            }
            let unseen = folder.messages().iter().filter(|one| !one.flags.contains("\\Seen")).count();
            let items = [
                ("MESSAGES", now.0 as u64),
                ("UIDNEXT", now.1.into()),
                ("UIDVALIDITY", folder.uid_validity().into()),
                ("UNSEEN", unseen as u64),
                ("HIGHESTMODSEQ", now.2),
            ];
            told.push(MailboxStatus {
                mailbox: Mailbox::from_wire(name.as_bytes(), true),
                items: items.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            });
        }
        told
    }
}
