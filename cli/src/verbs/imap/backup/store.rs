//! The Maildir of one mailbox, with what is known of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use super::identity::Identity;
use super::state::{Entry, Mark, State};
use crate::failure::Result;
use crate::folder::Folder;
use crate::maildir::{Maildir, Pending, Place};

/// How long the first messages of a mailbox may wait for their places.
const STAGED: Duration = Duration::from_secs(5);

/// A message that is whole under `tmp`.
pub struct Incoming {
    pub uid: u32,
    pub entry: Entry,
    pub letters: String,
}

pub struct Store {
    pub maildir: Maildir,
    state: State,
    /// The messages' whole names in `cur`, by name without flags; read when somebody asks.
    places: Option<HashMap<String, String>>,
    /// Messages without Message-ID that a renumbering found no new number for: what comes is compared with them.
    unplaced: HashMap<(u64, i64), Vec<Entry>>,
    begun: Instant,
}

impl Store {
    pub fn open(root: &Folder, path: &Path, name: &str) -> Result<Store> {
        let folder = root.make(path)?;
        let mut maildir = Maildir::open(&folder)?;
        let mut state = State::open(&folder, name)?;
        if !state.unfinished.is_empty() {
            // Brought to its end, or forgotten and fetched again.
            for (uid, letters) in std::mem::take(&mut state.unfinished) {
                let Some(entry) = state.entries.get(&uid) else { continue };
                if !maildir.place(&entry.name, Place::Cur, &suffix(&letters))? {
                    state.entries.remove(&uid);
                }
            }
            maildir.sync()?;
            state.rewrite()?;
        }
        maildir.clear()?;
        Ok(Store { maildir, state, places: None, unplaced: HashMap::new(), begun: Instant::now() })
    }

    pub fn validity(&self) -> u32 {
        self.state.validity
    }

    pub fn mark(&self) -> Option<Mark> {
        self.state.mark
    }

    pub fn name(&self) -> &str {
        &self.state.name
    }

    /// Whether there was a run before.
    pub fn is_known(&self) -> bool {
        self.state.validity != 0
    }

    pub fn has(&self, uid: u32) -> bool {
        self.state.entries.contains_key(&uid)
    }

    /// The UIDs of messages that the server had at the last run.
    pub fn alive(&self) -> impl Iterator<Item = u32> {
        self.state.entries.iter().filter(|(_, entry)| !entry.gone).map(|(uid, _)| *uid)
    }

    pub fn begin(&mut self, validity: u32, dry_run: bool) -> Result<()> {
        if dry_run { Ok(()) } else { self.state.begin(validity) }
    }

    /// The mailbox has other numbers: each message that the server has, and that is here, is known under its new one. What
    /// the server no longer has stays where it is.
    pub fn renumber(&mut self, validity: u32, server: &[Identity], dry_run: bool) -> Result<()> {
        let mut here: HashMap<(u64, u64, i64), Vec<Entry>> = HashMap::new();
        for entry in std::mem::take(&mut self.state.entries).into_values() {
            here.entry((entry.id, entry.size, entry.received)).or_default().push(entry);
        }
        let mut entries = BTreeMap::new();
        for one in server.iter().filter(|one| one.id != 0) {
            let found = here.get_mut(&(one.id, one.size, one.received)).and_then(Vec::pop);
            if let Some(entry) = found {
                entries.insert(one.uid, Entry { gone: false, ..entry });
            }
        }
        // Without a Message-ID, only the bytes themselves say whether it is the same message.
        for ((_, size, received), left) in here.into_iter().filter(|((id, ..), _)| *id == 0) {
            self.unplaced.entry((size, received)).or_default().extend(left);
        }
        self.state.entries = entries;
        (self.state.validity, self.state.mark) = (validity, None);
        if dry_run { Ok(()) } else { self.state.rewrite() }
    }

    fn places(&mut self) -> &mut HashMap<String, String> {
        let maildir = &self.maildir;
        self.places.get_or_insert_with(|| {
            let names = maildir.names(Place::Cur).into_iter();
            names.map(|full| (full.split(':').next().unwrap_or_default().to_owned(), full)).collect()
        })
    }

    /// Whether the message is here already, byte for byte, under a number that no longer holds: then it is that one.
    pub fn adopt(&mut self, incoming: &Incoming, pending: &Pending) -> bool {
        if incoming.entry.id != 0 || self.unplaced.is_empty() {
            return false;
        }
        let key = (incoming.entry.size, incoming.entry.received);
        let Some(candidates) = self.unplaced.get(&key).cloned() else { return false };
        for (at, candidate) in candidates.iter().enumerate() {
            let Some(full) = self.places().get(&candidate.name).cloned() else { continue };
            let Some((file, _)) = self.maildir.open_message(Place::Cur, &full) else { continue };
            let same = pending.read().is_ok_and(|new| is_same(file, new));
            if same
                && self.state.whole(&[(incoming.uid, candidate.clone(), incoming.letters.clone())]).is_ok()
            {
                if let Some(left) = self.unplaced.get_mut(&key) {
                    left.remove(at);
                }
                return true;
            }
        }
        false
    }

    /// Makes messages safe on the disk and writes it down: first the bytes, then the journal, then the places.
    pub fn settle(&mut self, batch: &mut Vec<Incoming>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let messages: Vec<_> = batch.drain(..).map(|one| (one.uid, one.entry, one.letters)).collect();
        let secured = self.maildir.secure(messages.iter().map(|(_, entry, _)| entry.name.as_str()));
        if let Err(failure) = secured.and_then(|()| self.state.whole(&messages)) {
            // A disk that is full is not to be kept full.
            messages.iter().for_each(|(_, entry, _)| self.maildir.discard(&entry.name));
            return Err(failure);
        }
        for (_, entry, letters) in &messages {
            self.maildir.place(&entry.name, Place::Cur, &suffix(letters))?;
            if let Some(places) = &mut self.places {
                places.insert(entry.name.clone(), format!("{}{}", entry.name, suffix(letters)));
            }
        }
        if self.maildir.is_staged() && self.begun.elapsed() < STAGED {
            return Ok(());
        }
        self.unstage()
    }

    /// The first messages come: they get their places together, or after a while.
    pub fn stage(&mut self) -> Result<()> {
        self.begun = Instant::now();
        self.maildir.stage()
    }

    /// Everything that is whole has its place from here on.
    pub fn unstage(&mut self) -> Result<()> {
        self.maildir.unstage()?;
        self.maildir.sync()?;
        self.state.done()
    }

    /// Whether a message of the backup has other flags than these.
    pub fn differs(&mut self, uid: u32, flags: &[String]) -> bool {
        let Some(entry) = self.state.entries.get(&uid).cloned() else { return false };
        let (letters, keywords) = split(flags);
        let full = self.places().get(&entry.name).cloned();
        full.is_some_and(|full| full != format!("{}{}", entry.name, suffix(&letters)))
            || keywords != entry.keywords
    }

    /// Gives messages the flags they have on the server: how many had others.
    pub fn set_flags(&mut self, all: &BTreeMap<u32, Vec<String>>) -> Result<usize> {
        let mut changed = 0;
        for (uid, flags) in all {
            if !self.differs(*uid, flags) {
                continue;
            }
            let Some(entry) = self.state.entries.get(uid).cloned() else { continue };
            let (letters, keywords) = split(flags);
            if keywords != entry.keywords {
                self.state.keywords(*uid, keywords)?;
            }
            let wanted = format!("{}{}", entry.name, suffix(&letters));
            if let Some(full) = self.places().get(&entry.name).cloned()
                && full != wanted
            {
                self.maildir.rename(&full, &wanted)?;
                self.places().insert(entry.name, wanted);
            }
            changed += 1;
        }
        Ok(changed)
    }

    /// The server no longer has these; with `delete`, neither has the backup.
    pub fn lose(&mut self, uids: &[u32], delete: bool) -> Result<()> {
        if delete {
            for uid in uids {
                let Some(name) = self.state.entries.get(uid).map(|entry| entry.name.clone()) else {
                    continue;
                };
                if let Some(full) = self.places().remove(&name) {
                    self.maildir.delete(&full)?;
                }
            }
            self.maildir.sync()?;
        }
        self.state.lose(uids)
    }

    pub fn finish(&mut self, mark: Mark) -> Result<()> {
        self.state.finish(mark)
    }

    /// The names of all messages, with the keywords that are known of each.
    pub fn messages(&mut self) -> Vec<(String, Vec<String>)> {
        let keywords: HashMap<String, Vec<String>> =
            self.state.entries.values().map(|entry| (entry.name.clone(), entry.keywords.clone())).collect();
        let mut seen = HashSet::new();
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for (base, full) in self.places().clone() {
            if seen.insert(full.clone()) {
                all.push((full, keywords.get(&base).cloned().unwrap_or_default()));
            }
        }
        all.sort();
        all
    }
}

fn is_same(mut one: impl Read, mut other: impl Read) -> bool {
    let (mut a, mut b) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let Ok(n) = one.read(&mut a) else { return false };
        let mut at = 0;
        while at < n {
            match b.get_mut(at..n).map(|rest| other.read(rest)) {
                Some(Ok(m)) if m > 0 => at += m,
                _ => return false,
            }
        }
        if n == 0 {
            return matches!(other.read(&mut b), Ok(0));
        }
        if a.get(..n) != b.get(..n) {
            return false;
        }
    }
}

/// What stands behind a name in `cur`.
fn suffix(letters: &str) -> String {
    format!(":2,{letters}")
}

/// The letters that Maildirs have for flags, in order, and the flags that have none.
pub fn split(flags: &[String]) -> (String, Vec<String>) {
    let mut letters = Vec::new();
    let mut keywords = Vec::new();
    for flag in flags {
        match flag.to_ascii_lowercase().as_str() {
            "\\draft" => letters.push('D'),
            "\\flagged" => letters.push('F'),
            "$forwarded" => letters.push('P'),
            "\\answered" => letters.push('R'),
            "\\seen" => letters.push('S'),
            "\\deleted" => letters.push('T'),
            "\\recent" => {}
            _ => keywords.push(flag.clone()),
        }
    }
    letters.sort_unstable();
    letters.dedup();
    keywords.sort();
    (letters.into_iter().collect(), keywords)
}

/// The flags that letters stand for.
pub fn join(letters: &str) -> Vec<&'static str> {
    let flag = |letter: char| match letter {
        'D' => Some("\\Draft"),
        'F' => Some("\\Flagged"),
        'P' => Some("$Forwarded"),
        'R' => Some("\\Answered"),
        'S' => Some("\\Seen"),
        'T' => Some("\\Deleted"),
        _ => None,
    };
    letters.chars().filter_map(flag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_letters_and_words() {
        let flags = ["\\Seen", "$Junk", "\\Flagged", "\\Recent", "$Forwarded", "\\seen"].map(str::to_owned);
        let (letters, keywords) = split(&flags);
        assert_eq!((letters.as_str(), keywords), ("FPS", vec!["$Junk".to_owned()]));
        assert_eq!(join("FPSx"), ["\\Flagged", "$Forwarded", "\\Seen"]);
    }

    #[test]
    fn a_run_that_ended_between_two_steps_is_brought_to_its_end() {
        for is_placed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let root = Folder::open(dir.path()).unwrap();
            let open = || Store::open(&root, Path::new("box"), "box").unwrap();
            let mut store = open();
            store.begin(7, false).unwrap();
            store.stage().unwrap();
            let mut batch: Vec<Incoming> = (1..=3)
                .map(|uid| {
                    let name = store.maildir.write(|_| Ok(())).unwrap().name;
                    let letters = if uid == 2 { "S" } else { "" }.to_owned();
                    Incoming { uid, entry: Entry { name, ..Entry::default() }, letters }
                })
                .collect();
            let apart = store.maildir.write_apart(|_| Ok(())).unwrap().name;
            let entry = Entry { name: apart, ..Entry::default() };
            batch.push(Incoming { uid: 4, entry, letters: "F".to_owned() });
            store.settle(&mut batch).unwrap();
            store.maildir.write_apart(|_| Ok(())).unwrap();
            if is_placed {
                store.maildir.unstage().unwrap();
            }
            drop(store);
            let mut store = open();
            assert!((1..=4).all(|uid| store.has(uid)));
            let messages = store.messages();
            let with = |flags: &str| messages.iter().filter(|(name, _)| name.ends_with(flags)).count();
            // What nobody wrote down is fetched again.
            assert_eq!((messages.len(), with(":2,"), with(":2,S"), with(":2,F")), (4, 2, 1, 1));
        }
    }

    #[test]
    fn the_same_bytes() {
        let long = vec![7; 200_000];
        assert!(is_same(&long[..], &long[..]) && is_same(&b""[..], &b""[..]));
        assert!(
            !is_same(&long[..], &long[1..])
                && !is_same(&long[1..], &long[..])
                && !is_same(&b"a"[..], &b"b"[..])
        );
    }
}
