//! What is written beside mailboxes: who may do what (RFC 4314), and annotations (RFC 5464).

use std::collections::BTreeMap;

use netkit_imap::response::{Code, Status, Untagged, Value};
use netkit_imap::types::Mailbox;
use netkit_wire::Text;

use super::session::{Session, bad, no, ok};

/// All rights there are.
const RIGHTS: &str = "lrswipkxtea";
/// The most notes of each kind, and the longest.
const NOTES: usize = 1000;
const NOTE: usize = 16 << 10;

/// By whose mailbox it is, its name, and the name of the note.
type Kept = BTreeMap<(String, String, String), String>;

#[derive(Debug, Default)]
pub(super) struct Notes {
    rights: Kept,
    entries: Kept,
}

fn of<'k>(kept: &'k Kept, user: &str, mailbox: &str) -> impl Iterator<Item = (&'k str, &'k str)> {
    let (user, mailbox) = (user.to_owned(), mailbox.to_owned());
    kept.iter()
        .filter(move |((owner, place, _), _)| *owner == user && *place == mailbox)
        .map(|((_, _, name), value)| (name.as_str(), value.as_str()))
}

fn keep(kept: &mut Kept, key: (String, String, String), value: Option<String>) -> bool {
    let Some(value) = value else {
        kept.remove(&key);
        return true;
    };
    let fits = kept.len() < NOTES && value.len() <= NOTE && key.2.len() <= NOTE;
    if fits {
        kept.insert(key, value);
    }
    fits
}

impl Session<'_> {
    /// ACL and METADATA; none when it is another command.
    pub(super) fn with_notes(&mut self, name: &str, arguments: &[Value<'_>]) -> Option<Status> {
        let user = self.user.clone()?;
        let known = ["GETACL", "SETACL", "DELETEACL", "LISTRIGHTS", "MYRIGHTS", "GETMETADATA", "SETMETADATA"];
        if !known.contains(&name) || !self.has(if name.ends_with("METADATA") { "METADATA" } else { "ACL" }) {
            return None;
        }
        // Options of GETMETADATA stand before the name.
        let arguments = match arguments {
            [Value::List(_), rest @ ..] if name == "GETMETADATA" => rest,
            all => all,
        };
        let Some((mailbox, rest)) = arguments.split_first() else { return Some(bad("a mailbox is missing")) };
        let mailbox = Mailbox::from_wire(mailbox.bytes().unwrap_or_default(), self.enabled.utf8);
        let place = mailbox.as_str().to_owned();
        let server_itself = place.is_empty() && name.ends_with("METADATA");
        if !server_itself && self.server.world.mail().folder(&user, &place).is_none() {
            return Some(no("there is no such mailbox").with(Code::NonExistent));
        }
        let text = |value: &Value<'_>| value.text().unwrap_or_default().into_owned();
        let all = || Text::from(RIGHTS);
        Some(match (name, rest) {
            ("MYRIGHTS", []) => {
                self.tell(&Untagged::MyRights(mailbox, all()));
                ok("rights")
            }
            ("LISTRIGHTS", [who]) => {
                let one_by_one = RIGHTS.chars().map(|right| Text::from(right.to_string().as_str())).collect();
                let who = Text::from(text(who).as_str());
                self.tell(&Untagged::ListRights(mailbox, who, [vec![Text::from("")], one_by_one].concat()));
                ok("rights")
            }
            ("GETACL", []) => {
                let mut rights = vec![(Text::from(user.as_str()), all())];
                let notes = self.server.notes();
                let others = of(&notes.rights, &user, &place);
                rights.extend(others.map(|(who, what)| (Text::from(who), Text::from(what))));
                drop(notes);
                self.tell(&Untagged::Acl(mailbox, rights));
                ok("rights")
            }
            ("SETACL", [who, what]) => {
                let key = (user, place, text(who));
                let what = text(what);
                let mut notes = self.server.notes();
                let before = notes.rights.get(&key).cloned().unwrap_or_default();
                let after: String = match (what.strip_prefix('+'), what.strip_prefix('-')) {
                    (Some(more), _) => {
                        before.chars().chain(more.chars().filter(|c| !before.contains(*c))).collect()
                    }
                    (_, Some(less)) => before.chars().filter(|c| !less.contains(*c)).collect(),
                    _ => what,
                };
                if !after.chars().all(|right| RIGHTS.contains(right)) {
                    return Some(bad("there is no such right"));
                }
                let kept = keep(&mut notes.rights, key, (!after.is_empty()).then_some(after));
                if kept { ok("set") } else { no("there is no room") }
            }
            ("DELETEACL", [who]) => {
                self.server.notes().rights.remove(&(user, place, text(who)));
                ok("deleted")
            }
            ("SETMETADATA", [Value::List(pairs)]) => {
                let mut notes = self.server.notes();
                for pair in pairs.chunks(2) {
                    let [entry, value] = pair else { return Some(bad("a value is missing")) };
                    let key = (user.clone(), place.clone(), text(entry).to_ascii_lowercase());
                    let value = value.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                    if !keep(&mut notes.entries, key, value) {
                        return Some(no("there is no room"));
                    }
                }
                ok("set")
            }
            ("GETMETADATA", [wanted]) => {
                let wanted: Vec<String> = match wanted {
                    Value::List(all) => all.iter().map(text).collect(),
                    one => vec![text(one)],
                };
                let notes = self.server.notes();
                let found: Vec<(Text, Option<Text>)> = of(&notes.entries, &user, &place)
                    .filter(|(name, _)| wanted.iter().any(|one| one.eq_ignore_ascii_case(name)))
                    .map(|(name, value)| (Text::from(name), Some(Text::from(value))))
                    .collect();
                drop(notes);
                if !found.is_empty() {
                    let wire = mailbox.to_wire(self.enabled.utf8).into_owned();
                    self.tell(&Untagged::Metadata(Text::from(wire.as_str()), found));
                }
                ok("that is all")
            }
            _ => bad("not so many words"),
        })
    }
}
