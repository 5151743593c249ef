//! What is in a folder: MLSD where the server has it (RFC 3659 section 7), else LIST in whichever form it comes.

use std::io::{self, BufRead, BufReader};

use netkit_wire::{Fault, Limit, Phase};

use super::{Download, Session};
use crate::command::Verb;
use crate::error::Error;
use crate::list::{self, Kind};
use crate::mlsd::Facts;
use crate::names::Names;
use crate::stamp::Stamp;

/// The longest line of a listing.
const LINE: u64 = 64 << 10;

/// One thing in a folder. The name is as it came: it may hold anything, and lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// In bytes.
    pub size: Option<u64>,
    /// When it was changed: in UTC by MLSD, in the server's own zone by LIST.
    pub modified: Option<Stamp>,
    /// Who may read, write and execute it, where the server tells: the nine bits of chmod(2).
    pub mode: Option<u32>,
    /// Everything else that MLSD tells, by names in small letters.
    pub facts: Vec<(String, String)>,
}

impl Entry {
    pub(crate) fn of_facts(facts: &Facts) -> Entry {
        let kind = match facts.get("type").map(str::to_ascii_lowercase).as_deref() {
            Some("file") => Kind::File,
            Some("dir" | "cdir" | "pdir") => Kind::Folder,
            Some(other) if other.starts_with("os.unix=slink") || other.starts_with("os.unix=symlink") => {
                let to = other.split_once(':').map(|(_, to)| to.as_bytes().to_vec());
                Kind::Link(to)
            }
            _ => Kind::Other,
        };
        Entry {
            name: facts.name.clone(),
            kind,
            size: facts.size(),
            modified: facts.modified(),
            mode: facts.mode(),
            facts: facts.facts.clone(),
        }
    }
}

/// The entries of a folder, as they come.
pub struct Entries<'s> {
    lines: Option<BufReader<Download<'s>>>,
    facts: bool,
    line: Vec<u8>,
    names: Names,
}

impl std::fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Session {
    /// What is in a folder; the one that names are looked up in where none is named.
    ///
    /// # Errors
    /// As [`Session::retr`].
    pub fn list(&mut self, path: Option<&str>) -> Result<Entries<'_>, Error> {
        let facts = self.has("MLST") || self.has("MLSD");
        let verb = if facts { Verb::MLSD } else { Verb::LIST };
        let names = self.control.names.clone();
        let download = self.lines(verb, path)?;
        let lines = Some(BufReader::with_capacity(64 << 10, download));
        Ok(Entries { lines, facts, line: Vec::new(), names })
    }

    /// The names in a folder, and nothing else of them (NLST).
    ///
    /// # Errors
    /// As [`Session::retr`]; [`Error::Wire`].
    pub fn nlst(&mut self, path: Option<&str>) -> Result<Vec<Vec<u8>>, Error> {
        let names = self.control.names.clone();
        let mut lines = BufReader::new(self.lines(Verb::NLST, path)?);
        let (mut all, mut line) = (Vec::new(), Vec::new());
        loop {
            match next(&mut lines, &mut line) {
                Ok(true) => all.push(names.decode(line.clone())),
                Ok(false) => break,
                Err(fault @ Fault::TooLong(_)) => return Err(Error::Wire(fault)),
                Err(fault) => return Err(lines.into_inner().broken(fault)),
            }
        }
        lines.into_inner().finish()?;
        Ok(all)
    }
}

/// The next line without its end; `false` when there is none.
fn next(lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Fault> {
    line.clear();
    let broke = |why: io::Error| Fault::from_io(why, Phase::Receiving);
    let n = io::Read::take(&mut *lines, LINE).read_until(b'\n', line).map_err(broke)?;
    if n as u64 == LINE && !line.ends_with(b"\n") {
        return Err(Fault::TooLong(Limit::Line(usize::try_from(LINE).unwrap_or(usize::MAX))));
    }
    if line.ends_with(b"\n") {
        line.pop();
    }
    if line.ends_with(b"\r") {
        line.pop();
    }
    Ok(n > 0)
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    /// An entry, without those for the folder itself and the one above; or a line that cannot be read, behind which others
    /// may follow. Behind the last, the server's word that it was all is taken.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let lines = self.lines.as_mut()?;
            match next(lines, &mut self.line) {
                Ok(true) => {}
                Ok(false) => {
                    let download = self.lines.take()?.into_inner();
                    return download.finish().err().map(Err);
                }
                // What is too long is nobody's fault but this line's; else the server may say what was wrong.
                Err(fault @ Fault::TooLong(_)) => {
                    self.lines = None;
                    return Some(Err(Error::Wire(fault)));
                }
                Err(fault) => return Some(Err(self.lines.take()?.into_inner().broken(fault))),
            }
            let unreadable = || Error::Unreadable(list::Unreadable(self.line.clone()));
            if self.facts {
                if self.line.is_empty() {
                    continue;
                }
                match Facts::parse(&self.line) {
                    Some(facts) if facts.is_self_or_parent() => {}
                    Some(facts) => {
                        let entry = Entry::of_facts(&facts);
                        return Some(Ok(Entry { name: self.names.decode(entry.name), ..entry }));
                    }
                    None => return Some(Err(unreadable())),
                }
            } else {
                match list::parse(&self.line) {
                    Ok(None) => {}
                    Ok(Some(one)) if one.name == b"." || one.name == b".." => {}
                    Ok(Some(one)) => {
                        let list::Listed { kind, name, size, modified, mode } = one;
                        let name = self.names.decode(name);
                        return Some(Ok(Entry { name, kind, size, modified, mode, facts: Vec::new() }));
                    }
                    Err(_) => return Some(Err(unreadable())),
                }
            }
        }
    }
}
