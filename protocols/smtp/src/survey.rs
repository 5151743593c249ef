//! What a message needs of a server, found by reading it once.

use std::io::{self, Read};

use memchr::memchr2_iter;

/// The longest line of a message, without its line end (RFC 5321 section 4.5.3.1.6, RFC 5322 section 2.1.1).
const LONGEST_LINE: u64 = 998;

/// What a message is like, as it will be on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Bytes, with every line end as CRLF and without the dots of transparency: what `SIZE=` means (RFC 1870
    /// section 5).
    pub size: u64,
    /// Whether there is a byte over 127: the message needs 8BITMIME (RFC 6152).
    pub eight_bit: bool,
    /// Whether there is such a byte in the header: the message needs SMTPUTF8 (RFC 6531, RFC 6532).
    pub eight_bit_header: bool,
    /// Whether a line is longer than 998 bytes, so that no server has to take it.
    pub too_long_line: bool,
    /// Bytes as they are: what `SIZE=` means for a binary message.
    pub bytes: u64,
    /// Whether a line of the header ends with a CR or an LF alone.
    pub bare_line_end: bool,
}

impl Survey {
    /// Reads `message` to its end.
    ///
    /// # Errors
    /// What `message` fails with.
    pub fn of(message: &mut dyn Read) -> io::Result<Survey> {
        let mut watch = Watch::default();
        let mut chunk = vec![0; 64 << 10];
        loop {
            let n = match message.read(&mut chunk) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if n == 0 {
                return Ok(watch.finish());
            }
            watch.look(chunk.get(..n).unwrap_or_default());
        }
    }
}

/// A survey under way, over pieces of any size.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    survey: Survey,
    /// Length of the current line so far.
    line: u64,
    /// The last byte was a CR, counted as a line end already.
    after_cr: bool,
    in_body: bool,
}

impl Watch {
    /// Looks at the next piece.
    pub(crate) fn look(&mut self, piece: &[u8]) {
        self.survey.bytes += piece.len() as u64;
        let mut from = 0;
        for at in memchr2_iter(b'\r', b'\n', piece) {
            self.text(piece.get(from..at).unwrap_or_default());
            self.line_end(piece.get(at) == Some(&b'\r'));
            from = at + 1;
        }
        self.text(piece.get(from..).unwrap_or_default());
    }

    fn text(&mut self, run: &[u8]) {
        if run.is_empty() {
            return;
        }
        self.end_bare_cr();
        self.line += run.len() as u64;
        self.survey.size += run.len() as u64;
        self.survey.too_long_line |= self.line > LONGEST_LINE;
        if !run.is_ascii() {
            self.survey.eight_bit = true;
            self.survey.eight_bit_header |= !self.in_body;
        }
    }

    /// CRLF, and a CR or LF alone, each end one line: as the stuffer writes it.
    fn line_end(&mut self, is_cr: bool) {
        if self.after_cr && !is_cr {
            self.after_cr = false;
            return;
        }
        self.end_bare_cr();
        self.survey.bare_line_end |= !is_cr && !self.in_body;
        self.in_body |= self.line == 0;
        self.survey.size += 2;
        self.line = 0;
        self.after_cr = is_cr;
    }

    /// No LF followed the CR.
    fn end_bare_cr(&mut self) {
        self.survey.bare_line_end |= self.after_cr && !self.in_body;
        self.after_cr = false;
    }

    pub(crate) fn too_long(&self) -> bool {
        self.survey.too_long_line
    }

    pub(crate) fn eight_bit(&self) -> bool {
        self.survey.eight_bit
    }

    fn finish(self) -> Survey {
        // A last line without its end gets one.
        Survey { size: self.survey.size + if self.line > 0 { 2 } else { 0 }, ..self.survey }
    }
}
