//! Facts about a file (RFC 3659 section 7).

use crate::reply::digits;
use crate::stamp::Stamp;

/// One entry of MLSD or MLST.
///
/// ```text
/// entry = [ facts ] SP pathname     facts = 1*( factname "=" value ";" )        RFC 3659 section 7.2
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Names, in lower case, and values.
    pub facts: Vec<(String, String)>,
    /// The name, which may hold anything, a space in front and `;` too.
    pub name: Vec<u8>,
}

impl Facts {
    /// One line without its end.
    pub fn parse(line: &[u8]) -> Option<Facts> {
        let space = line.iter().position(|b| *b == b' ')?;
        let (facts, name) = line.split_at_checked(space)?;
        let name = name.get(1..).filter(|name| !name.is_empty())?.to_vec();
        let facts = std::str::from_utf8(facts).ok()?;
        let mut found = Vec::new();
        if !facts.is_empty() {
            for fact in facts.strip_suffix(';')?.split(';') {
                let (key, value) = fact.split_once('=').filter(|(key, _)| !key.is_empty())?;
                found.push((key.to_ascii_lowercase(), value.to_owned()));
            }
        }
        Some(Facts { facts: found, name })
    }

    /// Appends the line, without its end.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for (key, value) in &self.facts {
            out.extend_from_slice(format!("{key}={value};").as_bytes());
        }
        out.push(b' ');
        out.extend_from_slice(&self.name);
    }

    /// The value of a fact; `key` in lower case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.facts.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// In bytes.
    pub fn size(&self) -> Option<u64> {
        digits(self.get("size")?.as_bytes())
    }

    /// When it was changed, in UTC.
    pub fn modified(&self) -> Option<Stamp> {
        Stamp::parse(self.get("modify")?.as_bytes())
    }

    /// Who may read, write and execute it: the nine bits of chmod(2), which a fact of no RFC tells in octal digits.
    pub fn mode(&self) -> Option<u32> {
        u32::from_str_radix(self.get("unix.mode")?, 8).ok().map(|mode| mode & 0o777)
    }

    /// Whether it is the listed folder itself or the one above: no entry to visit (RFC 3659 section 7.5.1).
    pub fn is_self_or_parent(&self) -> bool {
        self.get("type").is_some_and(|t| t.eq_ignore_ascii_case("cdir") || t.eq_ignore_ascii_case("pdir"))
    }

    /// Whether it is a folder below.
    pub fn is_folder(&self) -> bool {
        self.get("type").is_some_and(|t| t.eq_ignore_ascii_case("dir"))
    }
}
