//! An open mailbox as one client knows it: which number is which UID, until it is told of changes (RFC 9051 section 7.5.1).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use netkit_imap::response::{Fetch, Item, Untagged, Value};
use netkit_imap::types::Set;

use super::session::Enabled;
use crate::world::{Folder, Message};

pub(super) struct View {
    pub(super) folder: String,
    pub(super) read_only: bool,
    pub(super) validity: u32,
    /// UID and mod-sequence of each message, by number.
    pub(super) known: Vec<(u32, u64)>,
    /// What `$` means (RFC 5182).
    pub(super) saved: Vec<u32>,
}

impl View {
    pub(super) fn new(name: &str, folder: &Folder, read_only: bool) -> View {
        View {
            folder: name.to_owned(),
            read_only,
            validity: folder.uid_validity(),
            known: folder.messages().iter().map(|one| (one.uid, one.modseq)).collect(),
            saved: Vec::new(),
        }
    }

    /// What has happened since the client was told last; none when the folder is another one now.
    pub(super) fn news(
        &mut self,
        folder: &Folder,
        may_expunge: bool,
        enabled: Enabled,
    ) -> Option<Vec<Untagged<'static>>> {
        if folder.uid_validity() != self.validity {
            return None;
        }
        let mut told = Vec::new();
        let here: HashMap<u32, &Message> = folder.messages().iter().map(|one| (one.uid, one)).collect();
        if may_expunge {
            let gone: Vec<(usize, u32)> = (1..)
                .zip(&self.known)
                .filter(|(_, (uid, _))| !here.contains_key(uid))
                .map(|(number, (uid, _))| (number, *uid))
                .collect();
            if !gone.is_empty() && enabled.qresync {
                told.push(Untagged::Vanished(false, gone.iter().map(|(_, uid)| *uid).collect()));
            } else {
                // From the end: so the numbers before it hold.
                told.extend(gone.iter().rev().map(|(number, _)| Untagged::Expunge(small(*number))));
            }
            self.known.retain(|(uid, _)| here.contains_key(uid));
            let kept: HashSet<u32> = self.known.iter().map(|(uid, _)| *uid).collect();
            self.saved.retain(|uid| kept.contains(uid));
        }
        for (number, (uid, modseq)) in (1..).zip(&mut self.known) {
            if let Some(message) = here.get(uid).filter(|message| message.modseq > *modseq) {
                *modseq = message.modseq;
                told.push(Untagged::Fetch(flags(number, message, enabled.condstore, true)));
            }
        }
        let last = self.known.last().map_or(0, |(uid, _)| *uid);
        let new = folder.messages().iter().filter(|one| one.uid > last);
        let before = self.known.len();
        self.known.extend(new.map(|one| (one.uid, one.modseq)));
        if self.known.len() != before {
            told.push(Untagged::Exists(small(self.known.len())));
        }
        Some(told)
    }

    /// The messages that a set names, by number or by UID: number and UID of each, in order. None when it is no set.
    pub(super) fn pick(&self, set: &Value<'_>, by_uid: bool) -> Option<Vec<(u32, u32)>> {
        let numbered = (1..).zip(self.known.iter().map(|(uid, _)| *uid));
        let text = set.bytes()?;
        if text == b"$" {
            return Some(numbered.filter(|(_, uid)| self.saved.contains(uid)).collect());
        }
        let set = Set::parse(text)?;
        let largest =
            if by_uid { self.known.last().map_or(0, |(uid, _)| *uid) } else { small(self.known.len()) };
        let wanted = Picked::new(&set, largest);
        Some(numbered.filter(|(number, uid)| wanted.has(if by_uid { *uid } else { *number })).collect())
    }

    /// The client has heard of this change.
    pub(super) fn heard(&mut self, uid: u32, modseq: u64) {
        if let Ok(at) = self.known.binary_search_by_key(&uid, |(known, _)| *known)
            && let Some(known) = self.known.get_mut(at)
        {
            known.1 = modseq;
        }
    }
}

/// A set that many numbers are looked up in.
pub(super) struct Picked(Vec<(u32, u32)>);

impl Picked {
    pub(super) fn new(set: &Set, largest: u32) -> Picked {
        let mut ranges: Vec<(u32, u32)> = set.ranges(largest).collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (from, to) in ranges {
            match merged.last_mut() {
                Some((_, end)) if from <= *end => *end = (*end).max(to),
                _ => merged.push((from, to)),
            }
        }
        Picked(merged)
    }

    pub(super) fn has(&self, number: u32) -> bool {
        let after = self.0.partition_point(|(from, _)| *from <= number);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, to)| number <= *to)
    }
}

pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The answer that tells of flags.
pub(super) fn flags(number: u32, message: &Message, with_modseq: bool, with_uid: bool) -> Fetch<'static> {
    let mut items = Vec::new();
    if with_uid {
        items.push(Item::Uid(message.uid));
    }
    items.push(Item::Flags(message.flags.iter().cloned().map(Cow::Owned).collect()));
    if with_modseq {
        items.push(Item::ModSeq(message.modseq));
    }
    Fetch { number, items }
}
