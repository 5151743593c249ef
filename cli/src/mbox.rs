//! Mailboxes in one file: mboxrd, where a line `From ` begins a message and `>From ` inside one has lost a `>` when it is
//! read (RFC 4155 has the older form, of which this is the one that can be undone).

use std::io::{self, BufRead};

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

#[cfg(test)]
mod tests {
    use super::*;

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
