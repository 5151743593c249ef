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
}

/// As much of its kind as counts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    File,
    Folder,
    Other,
}

impl From<Entry> for Known {
    fn from(entry: Entry) -> Known {
        let kind = match entry.kind {
            What::File => Sort::File,
            What::Folder => Sort::Folder,
            _ => Sort::Other,
        };
        let accuracy = Accuracy::of(&entry);
        Known { name: entry.name, kind, size: entry.size, modified: entry.modified.and_then(time), accuracy }
    }
}

/// The entries of one folder.
#[derive(Default)]
pub struct Spool {
    few: Vec<Known>,
    rest: Option<BufWriter<File>>,
}

impl Spool {
    pub fn push(&mut self, known: Known) -> io::Result<()> {
        if self.few.len() < FEW {
            self.few.push(known);
            return Ok(());
        }
        let rest = match &mut self.rest {
            Some(rest) => rest,
            None => self.rest.insert(BufWriter::new(tempfile::tempfile()?)),
        };
        known.write(rest)
    }

    /// All of them, from the first on.
    pub fn iter(&mut self) -> io::Result<impl Iterator<Item = io::Result<Known>>> {
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

/// Kind, accuracy, what is there of size and time, name: numbers of eight bytes, of which the highest value is none.
impl Known {
    fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let since = self.modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let length = u32::try_from(self.name.len()).map_err(io::Error::other)?;
        to.write_all(&[self.kind as u8, self.accuracy as u8])?;
        to.write_all(&self.size.unwrap_or(u64::MAX).to_le_bytes())?;
        to.write_all(&since.map_or(u64::MAX, |since| since.as_secs()).to_le_bytes())?;
        to.write_all(&length.to_le_bytes())?;
        to.write_all(&self.name)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Known>> {
        let mut kinds = [0; 2];
        match from.read_exact(&mut kinds) {
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let [kind, accuracy] = kinds;
        let mut number = || {
            let mut bytes = [0; 8];
            from.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
        };
        let (size, since) = (number()?, number()?);
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut name = vec![0; usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?];
        from.read_exact(&mut name)?;
        let kinds = [Sort::File, Sort::Folder, Sort::Other];
        Ok(Some(Known {
            name,
            kind: kinds.into_iter().find(|one| *one as u8 == kind).unwrap_or(Sort::Other),
            size: Some(size).filter(|size| *size != u64::MAX),
            modified: Some(since)
                .filter(|since| *since != u64::MAX)
                .and_then(|since| UNIX_EPOCH.checked_add(Duration::from_secs(since))),
            accuracy: Accuracy::ALL.into_iter().find(|one| *one as u8 == accuracy).unwrap_or(Accuracy::Day),
        }))
    }
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
        };
        let mut spool = Spool::default();
        for n in 0..25_000 {
            spool.push(one(n)).unwrap();
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
