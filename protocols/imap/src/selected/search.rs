//! SEARCH, SORT and THREAD (RFC 9051 section 6.4.4, RFC 4731, RFC 5256).

use super::{SearchKey, Selected};
use crate::command::Command;
use crate::error::Error;
use crate::response::{Esearch, Thread, Untagged};
use crate::types::{Atom, Set};

impl Selected {
    /// The UIDs of the messages that fit, as the search program says: `UNSEEN`, `SINCE 1-Feb-1994`, `TEXT "x"`, one after the
    /// other. Asked for in a short form where the server has one (RFC 4731).
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`].
    pub fn search(&mut self, program: &[SearchKey]) -> Result<Set, Error> {
        let short = self.has_esearch();
        let mut command = self.command("UID SEARCH");
        if short {
            command = command.word("RETURN (ALL)");
        }
        let command = self.program(command, program);
        let (mut numbers, mut set) = (Vec::new(), None);
        let exists = &mut self.exists;
        self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Search(all, _) => {
                numbers.extend_from_slice(all);
                true
            }
            Untagged::Esearch(found) => {
                set.clone_from(&found.all);
                true
            }
            other => Selected::note(exists, other),
        })?;
        Ok(set.unwrap_or_else(|| numbers.into_iter().collect()))
    }

    fn has_esearch(&self) -> bool {
        self.session.has("ESEARCH") || self.session.has("IMAP4REV2")
    }

    /// The charset where one is needed, and the keys.
    fn program(&self, mut command: Command, program: &[SearchKey]) -> Command {
        let is_ascii = program.iter().all(SearchKey::is_ascii);
        if !is_ascii && !self.session.dialogue.utf8 {
            command = command.word("CHARSET UTF-8");
        }
        Selected::keys(command, program)
    }

    fn keys(command: Command, program: &[SearchKey]) -> Command {
        program.iter().fold(command, |command, key| key.encode(command))
    }

    /// What an extended search finds (RFC 4731): `options` are `MIN`, `MAX`, `COUNT`, `ALL`, `SAVE` (RFC 9051 section 6.4.4.1:
    /// the set `$` then means what was found).
    ///
    /// # Errors
    /// [`Error::Unsupported`] without ESEARCH; [`Error::Refused`].
    pub fn search_for(&mut self, options: &[Atom], program: &[SearchKey]) -> Result<Esearch, Error> {
        if !self.has_esearch() {
            self.session.dialogue.need("ESEARCH")?;
        }
        let options: Vec<&str> = options.iter().map(Atom::as_str).collect();
        let command = self.command("UID SEARCH").word(&format!("RETURN ({})", options.join(" ")));
        let command = self.program(command, program);
        self.extended(command)
    }

    /// A part of what a search finds, by place: `1:100` for the first hundred, `-1:-100` for the last (RFC 9394).
    ///
    /// # Errors
    /// [`Error::Unsupported`] without PARTIAL; [`Error::Refused`].
    pub fn search_part(&mut self, (from, to): (i64, i64), program: &[SearchKey]) -> Result<Esearch, Error> {
        self.session.dialogue.need("PARTIAL")?;
        let command = self.command("UID SEARCH").word(&format!("RETURN (PARTIAL {from}:{to})"));
        let command = self.program(command, program);
        self.extended(command)
    }

    fn extended(&mut self, command: Command) -> Result<Esearch, Error> {
        let mut found = Esearch::default();
        let exists = &mut self.exists;
        self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Esearch(all) => {
                found.clone_from(all);
                true
            }
            other => Selected::note(exists, other),
        })?;
        Ok(found)
    }

    /// The UIDs of what is found, in order (RFC 5256): `criteria` are `DATE`, `ARRIVAL`, `FROM`, `SUBJECT`, `SIZE`..., each
    /// perhaps behind `REVERSE`.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn sort(&mut self, criteria: &[Atom], program: &[SearchKey]) -> Result<Vec<u32>, Error> {
        self.session.dialogue.need("SORT")?;
        let command = self.command("UID SORT").flags(criteria).word("UTF-8");
        let command = Selected::keys(command, program);
        let mut all = Vec::new();
        let exists = &mut self.exists;
        self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Sort(numbers) => {
                all.extend_from_slice(numbers);
                true
            }
            other => Selected::note(exists, other),
        })?;
        Ok(all)
    }

    /// The threads of what is found (RFC 5256), by `REFERENCES` or `ORDEREDSUBJECT`.
    ///
    /// # Errors
    /// [`Error::Refused`], where the server does not know the algorithm, too.
    pub fn thread(&mut self, algorithm: &Atom, program: &[SearchKey]) -> Result<Vec<Thread>, Error> {
        let command = self.command("UID THREAD").atom(algorithm).word("UTF-8");
        let command = Selected::keys(command, program);
        let mut all = Vec::new();
        let exists = &mut self.exists;
        self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Thread(threads) => {
                all.extend_from_slice(threads);
                true
            }
            other => Selected::note(exists, other),
        })?;
        Ok(all)
    }
}
