//! What is in a folder there: in memory where it is little, else in a file without a name, so that a folder of millions takes no
//! more of it, and the server need not wait until all of it has been moved.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_ftp::Entry;
use netkit_ftp::list::Kind as What;

use crate::verbs::ftp::when::{Accuracy, time};

/// How many are kept in memory.
const FEW: usize = 10_000;

/// What a mirror wants to know of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: Vec<u8>,
    pub kind: Sort,
    pub size: Option<u64>,
    pub modified: Option<SystemTime>,
    pub accuracy: Accuracy,
    pub mode: Option<u32>,
    /// Where a symbolic link leads.
    pub target: Option<Vec<u8>>,
}

/// As much of its kind as counts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    File,
    Folder,
    Link,
    Other,
}

impl From<Entry> for Known {
    fn from(entry: Entry) -> Known {
        let accuracy = Accuracy::of(&entry);
        let (kind, target) = match entry.kind {
            What::File => (Sort::File, None),
            What::Folder => (Sort::Folder, None),
            What::Link(target) => (Sort::Link, target),
            _ => (Sort::Other, None),
        };
        let modified = entry.modified.and_then(time);
        Known { name: entry.name, kind, size: entry.size, modified, accuracy, mode: entry.mode, target }
    }
}

/// The entries of one folder.
#[derive(Default)]
pub struct Spool {
    few: Vec<Known>,
    rest: Option<BufWriter<File>>,
    /// Why not all of them are here.
    failed: Option<io::Error>,
}

impl Spool {
    /// Adds one. The listing is read to its end, whatever becomes of it here: [`Spool::iter`] tells.
    pub fn push(&mut self, known: Known) {
        if self.few.len() < FEW {
            self.few.push(known);
        } else if self.failed.is_none() {
            self.failed = self.write(&known).err();
        }
    }

    fn write(&mut self, known: &Known) -> io::Result<()> {
        let rest = match &mut self.rest {
            Some(rest) => rest,
            None => self.rest.insert(BufWriter::new(tempfile::tempfile()?)),
        };
        known.write(rest)
    }

    /// All of them, from the first on.
    ///
    /// # Errors
    /// Some of them could not be kept.
    pub fn iter(&mut self) -> io::Result<impl Iterator<Item = io::Result<Known>>> {
        if let Some(why) = self.failed.take() {
            return Err(why);
        }
        let rest = match &mut self.rest {
            None => None,
            Some(rest) => {
                rest.flush()?;
                let mut file = rest.get_ref();
                file.rewind()?;
                Some(BufReader::new(file))
            }
        };
        let mut rest = rest;
        let few = self.few.iter().cloned().map(Ok);
        Ok(few.chain(std::iter::from_fn(move || Known::read(rest.as_mut()?).transpose())))
    }
}

/// Kind, accuracy, what is there of size, time and mode, name, target: numbers of eight bytes, of which the highest value is none.
impl Known {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let since = self.modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        to.write_all(&[self.kind as u8, self.accuracy as u8])?;
        for number in [self.size, since.map(|since| since.as_secs()), self.mode.map(u64::from)] {
            to.write_all(&number.unwrap_or(u64::MAX).to_le_bytes())?;
        }
        for text in [Some(&self.name), self.target.as_ref()] {
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            to.write_all(&length.to_le_bytes())?;
            to.write_all(text.map_or(&[][..], Vec::as_slice))?;
        }
        Ok(())
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Known>> {
        let mut kinds = [0; 2];
        match from.read_exact(&mut kinds) {
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let [kind, accuracy] = kinds;
        let (size, since, mode) = (number(from)?, number(from)?, number(from)?);
        let (name, target) = (text(from)?.unwrap_or_default(), text(from)?);
        let kinds = [Sort::File, Sort::Folder, Sort::Link, Sort::Other];
        Ok(Some(Known {
            name,
            target,
            kind: kinds.into_iter().find(|one| *one as u8 == kind).unwrap_or(Sort::Other),
            size,
            mode: mode.and_then(|mode| u32::try_from(mode).ok()),
            modified: since.and_then(|since| UNIX_EPOCH.checked_add(Duration::from_secs(since))),
            accuracy: Accuracy::ALL.into_iter().find(|one| *one as u8 == accuracy).unwrap_or(Accuracy::Day),
        }))
    }
}

fn number(from: &mut impl Read) -> io::Result<Option<u64>> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(Some(u64::from_le_bytes(bytes)).filter(|number| *number != u64::MAX))
}

fn text(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = number(from)? else { return Ok(None) };
    let mut text = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    from.read_exact(&mut text)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_come_back_as_they_went() {
        let one = |n: u64| Known {
            name: format!("name {n}\n").into_bytes(),
            kind: if n.is_multiple_of(3) { Sort::Folder } else { Sort::File },
            size: (!n.is_multiple_of(5)).then_some(n),
            modified: (!n.is_multiple_of(7)).then(|| UNIX_EPOCH + Duration::from_secs(n)),
            accuracy: if n.is_multiple_of(2) { Accuracy::Second } else { Accuracy::Day },
            mode: (!n.is_multiple_of(11)).then_some(0o640),
            target: n.is_multiple_of(13).then(|| b"where".to_vec()),
        };
        let mut spool = Spool::default();
        for n in 0..25_000 {
            spool.push(one(n));
        }
        // Twice: what is to be deleted is found out first.
        for _ in 0..2 {
            let all: Vec<Known> = spool.iter().unwrap().map(Result::unwrap).collect();
            assert_eq!(all.len(), 25_000);
            assert!(all.iter().enumerate().all(|(n, known)| *known == one(n as u64)));
        }
        assert!(spool.rest.is_some() && spool.few.len() == FEW);
    }
}
