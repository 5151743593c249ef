//! Mailboxes in one file: mboxrd, where a line `From ` begins a message and `>From ` inside one has lost a `>` when it is
//! read (RFC 4155 has the older form, of which this is the one that can be undone).

use std::io::{self, BufRead, Write};

/// The messages of a mailbox, one after the other.
pub struct Messages<R> {
    from: R,
    line: Vec<u8>,
    /// The next message's `From ` line was read.
    begun: bool,
}

impl<R: BufRead> Messages<R> {
    pub fn new(from: R) -> Messages<R> {
        Messages { from, line: Vec::new(), begun: false }
    }

    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        Ok(self.from.read_until(b'\n', &mut self.line)? > 0)
    }

    fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        while !self.begun {
            if !self.read_line()? {
                return Ok(None);
            }
            self.begun = self.line.starts_with(b"From ");
        }
        self.begun = false;
        let mut message = Vec::new();
        // The empty line before the next `From ` belongs to the form, not to the message.
        let mut gap: Vec<u8> = Vec::new();
        while self.read_line()? {
            let after_empty = !gap.is_empty() || message.is_empty();
            if after_empty && self.line.starts_with(b"From ") {
                self.begun = true;
                return Ok(Some(message));
            }
            message.append(&mut gap);
            let quoted = self.line.strip_prefix(b">").filter(|rest| {
                let unquoted = rest.iter().position(|b| *b != b'>').unwrap_or(rest.len());
                rest.get(unquoted..).is_some_and(|rest| rest.starts_with(b"From "))
            });
            let line = quoted.unwrap_or(&self.line);
            if line.trim_ascii().is_empty() {
                gap.extend_from_slice(line);
            } else {
                message.extend_from_slice(line);
            }
        }
        Ok(Some(message))
    }
}

impl<R: BufRead> Iterator for Messages<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.message().transpose()
    }
}

/// Writes a message with LF for CRLF, as mail lies on a disk; a CR alone stays.
pub struct UnixLines<W> {
    to: W,
    /// A CR that may be half of a line end.
    cr: bool,
    buffer: Vec<u8>,
}

impl<W: Write> UnixLines<W> {
    pub fn new(to: W) -> UnixLines<W> {
        UnixLines { to, cr: false, buffer: Vec::with_capacity(40 << 10) }
    }

    /// To be called at the end: the last bytes are written.
    pub fn finish(mut self) -> io::Result<()> {
        if self.cr {
            self.buffer.push(b'\r');
        }
        self.to.write_all(&self.buffer)?;
        self.to.flush()
    }
}

impl<W: Write> Write for UnixLines<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let mut rest = piece;
        if std::mem::take(&mut self.cr) && !rest.starts_with(b"\n") {
            self.buffer.push(b'\r');
        }
        while let Some(at) = memchr::memchr(b'\r', rest) {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
            self.buffer.extend_from_slice(before);
            rest = after.get(1..).unwrap_or_default();
            match rest.first() {
                Some(b'\n') => {}
                Some(_) => self.buffer.push(b'\r'),
                None => self.cr = true,
            }
        }
        self.buffer.extend_from_slice(rest);
        if self.buffer.len() >= 32 << 10 {
            self.to.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a message into a mailbox: a `>` before every line that could be taken for the beginning of another message, and
/// an empty line behind it.
pub struct Quoted<W> {
    to: W,
    line: Vec<u8>,
    /// The beginning of this line was written already.
    inside: bool,
}

/// A longer line is written before its end is here.
const LONG: usize = 8 << 10;

impl<W: Write> Quoted<W> {
    pub fn new(to: W) -> Quoted<W> {
        Quoted { to, line: Vec::new(), inside: false }
    }

    fn flush_line(&mut self) -> io::Result<()> {
        let quotes = self.line.iter().position(|b| *b != b'>').unwrap_or(self.line.len());
        let begins = self.line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        if begins && !self.inside {
            self.to.write_all(b">")?;
        }
        self.inside = !self.line.ends_with(b"\n");
        self.to.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    /// To be called at the end.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.line.is_empty() || self.inside {
            self.line.push(b'\n');
            self.flush_line()?;
        }
        self.to.write_all(b"\n")
    }
}

impl<W: Write> Write for Quoted<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        for part in piece.split_inclusive(|b| *b == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") || self.line.len() > LONG {
                self.flush_line()?;
            }
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let message = "Subject: x\r\n\r\nFrom here\r\n>From there\r\na\rb\r\n\r\nno end";
        for size in [1, 2, 7, 1000] {
            let mut mailbox = b"From x\n".to_vec();
            let mut quoted = Quoted::new(&mut mailbox);
            let mut lines = UnixLines::new(&mut quoted);
            message.as_bytes().chunks(size).for_each(|piece| lines.write_all(piece).unwrap());
            lines.finish().unwrap();
            quoted.finish().unwrap();
            let expected = message.replace("\r\n", "\n") + "\n";
            assert_eq!(all(&String::from_utf8(mailbox).unwrap()), [expected], "{size}");
        }
    }

    fn all(text: &str) -> Vec<String> {
        Messages::new(text.as_bytes()).map(|one| String::from_utf8(one.unwrap()).unwrap()).collect()
    }

    #[test]
    fn messages_apart() {
        let text = "From a Thu\nSubject: 1\n\n>From x\n>>From y\n\n\nend\n\nFrom b Fri\nSubject: 2\n";
        assert_eq!(all(text), ["Subject: 1\n\nFrom x\n>From y\n\n\nend\n", "Subject: 2\n"]);
        assert_eq!(all("rubbish\nFrom a\nx"), ["x"]);
        assert!(all("").is_empty());
    }
}
