//! Base64 with line ends (RFC 2045 section 6.8), over a source of any length.

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a line holds: 76 characters.
const LINE: usize = 57;
/// How many lines are made at once.
const LINES: usize = 512;

/// Reads a source as base64 in lines of 76 characters with CRLF between them; the last has none.
#[derive(Debug)]
pub struct Base64Lines<R> {
    source: R,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    begun: bool,
    ended: bool,
}

impl<R: Read> Base64Lines<R> {
    /// Over `source`, from where it stands.
    pub fn new(source: R) -> Base64Lines<R> {
        Base64Lines {
            source,
            raw: vec![0; LINE * LINES],
            text: Vec::new(),
            at: 0,
            begun: false,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut filled = 0;
        while let Some(room) = self.raw.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.source.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => filled += n,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
        self.text.clear();
        self.at = 0;
        let mut line = String::with_capacity(80);
        for raw in self.raw.get(..filled).unwrap_or_default().chunks(LINE) {
            if std::mem::replace(&mut self.begun, true) {
                self.text.extend_from_slice(b"\r\n");
            }
            line.clear();
            STANDARD.encode_string(raw, &mut line);
            self.text.extend_from_slice(line.as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Base64Lines<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.text.len() && !self.ended {
            self.fill()?;
        }
        let left = self.text.get(self.at..).unwrap_or_default();
        let n = left.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), left.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_source() {
        for length in [0, 1, 56, 57, 58, 114, 57 * 512, 57 * 512 + 1, 100_000] {
            let raw: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let mut text = String::new();
            Base64Lines::new(raw.as_slice()).read_to_string(&mut text).unwrap();
            assert!(text.split("\r\n").all(|line| line.len() <= 76));
            assert_eq!(STANDARD.decode(text.replace("\r\n", "")).unwrap(), raw, "{length}");
        }
    }
}
