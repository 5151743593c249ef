//! The canonical forms of header and body: RFC 6376 section 3.4.

use sha2::{Digest, Sha256};

/// How much a message may change on its way before its signature breaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Canonical {
    /// Not at all, but for empty lines at its end.
    Simple,
    /// White space may change.
    #[default]
    Relaxed,
}

impl Canonical {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Canonical::Simple => "simple",
            Canonical::Relaxed => "relaxed",
        }
    }

    /// A header field without its last CRLF (sections 3.4.1 and 3.4.2).
    pub(super) fn field(self, field: &[u8]) -> Vec<u8> {
        if self == Canonical::Simple {
            return field.to_vec();
        }
        let colon = field.iter().position(|b| *b == b':').unwrap_or(field.len());
        let (name, value) = field.split_at_checked(colon).unwrap_or((field, b""));
        let mut out = name.trim_ascii().to_ascii_lowercase();
        out.push(b':');
        let words = value.get(1..).unwrap_or_default().split(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
        for (at, word) in words.filter(|word| !word.is_empty()).enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(word);
        }
        out
    }
}

/// The hash of a body's canonical form (sections 3.4.3 and 3.4.4), over pieces of any size whose lines end with CRLF.
pub(super) struct BodyHash {
    form: Canonical,
    hash: Sha256,
    /// Line ends not yet written: those at the end of the body are dropped.
    line_ends: usize,
    /// White space not yet written, in the relaxed form.
    space: bool,
    empty: bool,
    out: Vec<u8>,
}

impl BodyHash {
    pub(super) fn new(form: Canonical) -> BodyHash {
        BodyHash { form, hash: Sha256::new(), line_ends: 0, space: false, empty: true, out: Vec::new() }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            match byte {
                b'\r' => {}
                b'\n' => {
                    self.line_ends += 1;
                    self.space = false;
                }
                b' ' | b'\t' if self.form == Canonical::Relaxed => self.space = true,
                byte => {
                    (0..std::mem::take(&mut self.line_ends))
                        .for_each(|_| self.out.extend_from_slice(b"\r\n"));
                    if std::mem::take(&mut self.space) {
                        self.out.push(b' ');
                    }
                    self.out.push(*byte);
                    self.empty = false;
                }
            }
        }
        self.hash.update(&self.out);
        self.out.clear();
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.empty || self.form == Canonical::Simple {
            self.hash.update(b"\r\n");
        }
        self.hash.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(form: Canonical, body: &[u8]) -> Vec<u8> {
        let mut hash = BodyHash::new(form);
        body.chunks(3).for_each(|piece| hash.push(piece));
        hash.finish()
    }

    /// RFC 6376 section 3.4.5.
    #[test]
    fn the_standards_examples() {
        assert_eq!(Canonical::Relaxed.field(b"A: X"), b"a:X");
        assert_eq!(Canonical::Relaxed.field(b"B : Y\t\r\n\tZ  "), b"b:Y Z");
        let body = b" C \r\nD \t E\r\n\r\n\r\n";
        assert_eq!(hash(Canonical::Relaxed, body), Sha256::digest(b" C\r\nD E\r\n").to_vec());
        assert_eq!(hash(Canonical::Simple, body), Sha256::digest(b" C \r\nD \t E\r\n").to_vec());
    }

    /// Sections 3.4.3 and 3.4.4: what an empty body is.
    #[test]
    fn empty_bodies() {
        for body in [&b""[..], b"\r\n", b"\r\n\r\n"] {
            assert_eq!(hash(Canonical::Simple, body), Sha256::digest(b"\r\n").to_vec());
            assert_eq!(hash(Canonical::Relaxed, body), Sha256::digest(b"").to_vec());
        }
    }
}
