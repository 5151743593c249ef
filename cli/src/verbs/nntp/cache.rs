//! Rows of overviews on the disk, so that a large group is asked for once, and later for what is new alone.
//!
//! Rows are kept in blocks: the key is the group and a block's first number, the value its last number and the lines. A block says
//! that between its numbers there are these articles and no others. One file for each server.

use std::fs::OpenOptions;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use netkit_nntp::Group;
use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableDatabase, TableDefinition};

use crate::failure::{Failure, Kind, Result};

const BLOCKS: TableDefinition<'_, (&str, u64), (u64, &[u8])> = TableDefinition::new("overview");
/// A block is written when it has so many lines, or bytes.
const LINES: usize = 2000;
const BYTES: usize = 1 << 20;
/// The most that one run adds: a server can make rows up as long as it likes.
const ADDED: usize = 1 << 30;

/// The rows that are known of one group.
pub struct Cache {
    db: Database,
    group: String,
    added: usize,
}

/// What stands in the cache, and what has to be asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// A block, by its first number; of its lines, those within the numbers.
    Kept(u64, RangeInclusive<u64>),
    Missing(RangeInclusive<u64>),
}

fn failed(e: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Write, format!("the cache of overviews: {e}"))
}

impl Cache {
    /// Where the rows of a server are kept.
    pub fn path(server: &str) -> Result<PathBuf> {
        let folders = etcetera::choose_base_strategy()
            .map_err(|_| Failure::new(Kind::Read, "no home folder to keep a cache in"))?;
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let name: String = server.chars().map(plain).collect();
        Ok(folders.cache_dir().join("netkit/news").join(format!("{name}.redb")))
    }

    /// Opens the file and keeps other runs out of it.
    pub fn open(path: &Path, group: &Group) -> Result<Cache> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        // Rows of groups that need a login are nobody else's.
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = FileBackend::new(options.open(path).map_err(failed)?).map_err(failed)?;
        let db = Database::builder().create_with_backend(file).map_err(failed)?;
        let begun = db.begin_write().map_err(failed)?;
        begun.open_table(BLOCKS).map_err(failed)?;
        begun.commit().map_err(failed)?;
        Ok(Cache { db, group: group.to_string(), added: 0 })
    }

    fn key(&self, first: u64) -> (&str, u64) {
        (&self.group, first)
    }

    /// The blocks' first and last numbers, in order.
    fn blocks(&self) -> Result<Vec<(u64, u64)>> {
        let reading = self.db.begin_read().map_err(failed)?;
        let table = reading.open_table(BLOCKS).map_err(failed)?;
        let entries = table.range(self.key(0)..=self.key(u64::MAX)).map_err(failed)?;
        entries
            .map(|entry| entry.map(|(key, value)| (key.value().1, value.value().0)).map_err(failed))
            .collect()
    }

    /// Forgets what the server no longer has: articles before `low`; and everything, if it has begun to count anew.
    pub fn prune(&self, low: u64, high: u64) -> Result<()> {
        let blocks = self.blocks()?;
        let is_other = blocks.iter().any(|(_, last)| *last > high);
        let gone = blocks.iter().filter(|(_, last)| is_other || *last < low);
        self.remove(gone.map(|(first, _)| *first))
    }

    /// Forgets the group.
    pub fn clear(&self) -> Result<()> {
        self.remove(self.blocks()?.into_iter().map(|(first, _)| first))
    }

    fn remove(&self, blocks: impl Iterator<Item = u64>) -> Result<()> {
        let writing = self.db.begin_write().map_err(failed)?;
        {
            let mut table = writing.open_table(BLOCKS).map_err(failed)?;
            for first in blocks {
                table.remove(self.key(first)).map_err(failed)?;
            }
        }
        writing.commit().map_err(failed)
    }

    /// The range in pieces, in order.
    pub fn pieces(&self, wanted: RangeInclusive<u64>) -> Result<Vec<Piece>> {
        Ok(divide(&self.blocks()?, wanted))
    }

    /// A block's lines within the numbers.
    pub fn lines(
        &self,
        block: u64,
        wanted: &RangeInclusive<u64>,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let reading = self.db.begin_read().map_err(failed)?;
        let table = reading.open_table(BLOCKS).map_err(failed)?;
        let Some(value) = table.get(self.key(block)).map_err(failed)? else { return Ok(()) };
        for line in value.value().1.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if number(line).is_some_and(|number| wanted.contains(&number)) {
                each(line)?;
            }
        }
        Ok(())
    }

    /// The last row that is known within the numbers.
    pub fn last(&self, wanted: RangeInclusive<u64>) -> Result<Option<Vec<u8>>> {
        for piece in self.pieces(wanted)?.iter().rev() {
            let Piece::Kept(block, numbers) = piece else { continue };
            let mut last = None;
            self.lines(*block, numbers, |line| {
                last = Some(line.to_vec());
                Ok(())
            })?;
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }

    /// Keeps rows that are about to come, for these numbers.
    pub fn filling(&mut self, numbers: RangeInclusive<u64>) -> Filling<'_> {
        let next = *numbers.start();
        Filling {
            cache: self,
            end: *numbers.end(),
            first: next,
            next,
            text: Vec::new(),
            lines: 0,
            is_odd: false,
        }
    }
}

/// Rows that come, until they fill a block.
pub struct Filling<'c> {
    cache: &'c mut Cache,
    end: u64,
    /// The numbers of the block: from here, up to but without there.
    first: u64,
    next: u64,
    text: Vec<u8>,
    lines: usize,
    /// A row was not where it had to be: nothing more of this answer is kept.
    is_odd: bool,
}

impl Filling<'_> {
    pub fn row(&mut self, line: &[u8]) -> Result<()> {
        match number(line) {
            Some(number) if number >= self.next && number <= self.end && !line.contains(&b'\n') => {
                self.next = number.saturating_add(1);
            }
            _ => self.is_odd = true,
        }
        if self.is_odd {
            return Ok(());
        }
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        self.lines += 1;
        if self.lines >= LINES || self.text.len() >= BYTES {
            self.write(self.next.saturating_sub(1), Durability::None)?;
        }
        Ok(())
    }

    fn write(&mut self, last: u64, durability: Durability) -> Result<()> {
        self.cache.added += self.text.len();
        if self.cache.added > ADDED {
            self.is_odd = true;
            return Ok(());
        }
        let mut writing = self.cache.db.begin_write().map_err(failed)?;
        writing.set_durability(durability).map_err(failed)?;
        {
            let mut table = writing.open_table(BLOCKS).map_err(failed)?;
            table.insert(self.cache.key(self.first), (last, self.text.as_slice())).map_err(failed)?;
        }
        writing.commit().map_err(failed)?;
        self.first = last.saturating_add(1);
        self.text.clear();
        self.lines = 0;
        Ok(())
    }

    /// The answer is whole: up to the end of the numbers there are no other articles.
    pub fn finish(mut self) -> Result<()> {
        if self.is_odd || self.first > self.end {
            return Ok(());
        }
        self.write(self.end, Durability::Immediate)
    }
}

/// The number at the start of a row.
fn number(line: &[u8]) -> Option<u64> {
    let end = memchr::memchr(b'\t', line)?;
    std::str::from_utf8(line.get(..end)?).ok()?.parse().ok()
}

fn divide(blocks: &[(u64, u64)], wanted: RangeInclusive<u64>) -> Vec<Piece> {
    let (mut next, end) = wanted.into_inner();
    let mut pieces = Vec::new();
    for (first, last) in blocks {
        let (from, to) = (next.max(*first), end.min(*last));
        if from > to {
            continue;
        }
        if next < from {
            pieces.push(Piece::Missing(next..=from - 1));
        }
        pieces.push(Piece::Kept(*first, from..=to));
        let Some(after) = to.checked_add(1) else { return pieces };
        next = after;
    }
    if next <= end {
        pieces.push(Piece::Missing(next..=end));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_divided_into_what_is_known_and_what_is_not() {
        use Piece::{Kept, Missing};
        assert_eq!(divide(&[], 1..=9), [Missing(1..=9)]);
        assert_eq!(divide(&[(3, 5)], 1..=9), [Missing(1..=2), Kept(3, 3..=5), Missing(6..=9)]);
        assert_eq!(divide(&[(1, 5), (6, 20)], 4..=9), [Kept(1, 4..=5), Kept(6, 6..=9)]);
        assert_eq!(
            divide(&[(1, 2), (30, u64::MAX)], 5..=u64::MAX),
            [Missing(5..=29), Kept(30, 30..=u64::MAX)]
        );
    }

    fn row(number: u64) -> Vec<u8> {
        format!("{number}\tsubject {number}\tme\tdate\t<{number}@x>\t\t1\t1").into_bytes()
    }

    fn rows(cache: &Cache, wanted: RangeInclusive<u64>) -> Vec<u64> {
        let mut all = Vec::new();
        for piece in cache.pieces(wanted).unwrap() {
            if let Piece::Kept(block, numbers) = piece {
                let mut each = |line: &[u8]| {
                    all.push(number(line).unwrap());
                    Ok(())
                };
                cache.lines(block, &numbers, &mut each).unwrap();
            }
        }
        all
    }

    #[test]
    fn rows_are_kept_by_group_and_forgotten_when_the_numbers_are_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news/a.redb");
        let group = "a.b".parse().unwrap();
        let mut cache = Cache::open(&path, &group).unwrap();
        let mut filling = cache.filling(1..=9000);
        for number in (1..=8000).filter(|number| number % 7 != 0) {
            filling.row(&row(number)).unwrap();
        }
        filling.finish().unwrap();
        drop(cache);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = Cache::open(&path, &"a.c".parse().unwrap()).unwrap();
        assert_eq!(other.pieces(1..=3).unwrap(), [Piece::Missing(1..=3)]);
        drop(other);
        let cache = Cache::open(&path, &group).unwrap();
        assert_eq!(rows(&cache, 6..=9), [6, 8, 9]);
        assert_eq!(rows(&cache, 1..=9000).len(), 8000 - 8000 / 7);
        assert!(cache.pieces(1..=9001).unwrap().ends_with(&[Piece::Missing(9001..=9001)]));
        assert_eq!(cache.last(1..=7000).unwrap(), Some(row(6999)));
        cache.prune(5000, 9000).unwrap();
        assert!(matches!(cache.pieces(1..=9000).unwrap()[..], [Piece::Missing(_), Piece::Kept(..), ..]));
        cache.prune(1, 8999).unwrap();
        assert_eq!(cache.pieces(1..=9000).unwrap(), [Piece::Missing(1..=9000)]);
    }

    #[test]
    fn rows_out_of_order_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = Cache::open(&folder.path().join("x.redb"), &"a.b".parse().unwrap()).unwrap();
        let mut filling = cache.filling(5..=9);
        for number in [5, 7, 6] {
            filling.row(&row(number)).unwrap();
        }
        filling.finish().unwrap();
        assert_eq!(cache.pieces(5..=9).unwrap(), [Piece::Missing(5..=9)]);
    }
}
