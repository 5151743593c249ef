//! What is there already: is it the same?

use std::fs::File;
use std::io::Read;
use std::time::SystemTime;

/// Compares a file with what comes, piece by piece.
pub struct Same {
    pub file: File,
    pub is_same: bool,
}

impl Same {
    /// An empty piece is the end.
    pub fn compare(&mut self, piece: &[u8]) {
        let mut known = vec![0; piece.len().max(1)];
        let read = match piece.is_empty() {
            true => self.file.read(&mut known).is_ok_and(|n| n == 0),
            false => self.file.read_exact(&mut known).is_ok() && known == piece,
        };
        self.is_same &= read;
    }
}

pub fn is_same(file: &mut File, text: &[u8]) -> bool {
    let mut known = Vec::new();
    file.take(text.len() as u64 + 1).read_to_end(&mut known).is_ok() && known == text
}

/// `YYYYMMDDhhmmss`, which servers write in their own time or in UTC: as a mark of change either will do.
pub fn time_of(digits: &str) -> Option<SystemTime> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
    if digits.len() != 14 {
        return None;
    }
    let date =
        jiff::civil::DateTime::new(number(0, 4)?, small(4)?, small(6)?, small(8)?, small(10)?, small(12)?, 0)
            .ok()?;
    let time = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(SystemTime::from(time))
}
