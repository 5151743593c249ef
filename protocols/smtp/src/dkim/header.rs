//! The header of a message as a signer sees it: RFC 6376 section 5.4.2.

use super::Canonical;

/// The fields in order, each without its last CRLF.
pub(super) struct Fields<'h>(Vec<(&'h [u8], &'h [u8])>);

impl<'h> Fields<'h> {
    /// Reads a header whose lines end with CRLF; `None` when a line is neither a field nor goes on with one.
    pub(super) fn parse(head: &'h [u8]) -> Option<Fields<'h>> {
        let mut fields = Vec::new();
        let mut start = 0;
        let ends = memchr::memmem::find_iter(head, b"\r\n");
        for end in ends {
            let goes_on = matches!(head.get(end + 2), Some(b' ' | b'\t'));
            if goes_on {
                continue;
            }
            let field = head.get(start..end)?;
            let colon = field.iter().position(|b| *b == b':')?;
            let name = field.get(..colon)?.trim_ascii_end();
            if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
                return None;
            }
            fields.push((name, field));
            start = end + 2;
        }
        Some(Fields(fields))
    }

    fn named<'s>(&'s self, name: &'s str) -> impl DoubleEndedIterator<Item = &'h [u8]> + 's {
        self.0
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, field)| *field)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// What the signature is over: for each name the next field from the bottom; a name without a field left is nothing.
    pub(super) fn signed(&self, names: &[&str], form: Canonical) -> Vec<u8> {
        let mut out = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let before = names.iter().take(at).filter(|one| one.eq_ignore_ascii_case(name)).count();
            if let Some(field) = self.named(name).rev().nth(before) {
                out.extend_from_slice(&form.field(field));
                out.extend_from_slice(b"\r\n");
            }
        }
        out
    }
}

/// A tag list over lines of at most 76 characters where it can be; a long list of names breaks at its colons.
pub(super) fn fold(value: &str) -> String {
    let mut out = String::new();
    let mut line = "DKIM-Signature: ".len();
    let tags = value.split("; ").count();
    for (at, tag) in value.split("; ").enumerate() {
        let end = if at + 1 == tags { "" } else { ";" };
        if at > 0 {
            if line + tag.len() + 2 > 76 {
                out.push_str("\r\n\t");
                line = 8;
            } else {
                out.push(' ');
                line += 1;
            }
        }
        if line + tag.len() > 76 {
            for (at, part) in tag.split_inclusive(':').enumerate() {
                if at > 0 && line + part.len() > 76 {
                    out.push_str("\r\n\t ");
                    line = 9;
                }
                out.push_str(part);
                line += part.len();
            }
        } else {
            out.push_str(tag);
            line += tag.len();
        }
        out.push_str(end);
        line += end.len();
    }
    out
}
