//! Mailbox names: modified UTF-7 on the wire (RFC 3501 section 5.1.3), or UTF-8 (RFC 9051 section 5.1, RFC 6855).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::{Argument, Invalid};

/// The name of a mailbox, as people read it. `INBOX` is one in any case (RFC 9051 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// Takes a name.
    ///
    /// # Errors
    /// [`Invalid`] when it is empty or has a CR, LF or NUL.
    pub fn new(name: &str) -> Result<Mailbox, Invalid> {
        if name.is_empty() || name.chars().any(|c| matches!(c, '\r' | '\n' | '\0')) {
            return Err(Invalid::new(Argument::Mailbox, "it has no line end and no NUL, and is not empty"));
        }
        let inbox = name.eq_ignore_ascii_case("INBOX");
        Ok(Mailbox(if inbox { "INBOX".to_owned() } else { name.to_owned() }))
    }

    /// The empty name: the root of all, or the server itself.
    pub(crate) fn root() -> Mailbox {
        Mailbox(String::new())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name on the wire.
    pub fn to_wire(&self, utf8: bool) -> Cow<'_, str> {
        if utf8 { Cow::Borrowed(&self.0) } else { encode(&self.0) }
    }

    /// Reads a name from the wire; what is no modified UTF-7 stays as it is, so that it can be named again.
    pub fn from_wire(bytes: &[u8], utf8: bool) -> Mailbox {
        let text = String::from_utf8_lossy(bytes);
        // A name that is encoded in another way than here could not be said again.
        let plain = if utf8 { None } else { decode(&text).filter(|name| encode(name) == text) };
        let name = plain.unwrap_or_else(|| text.into_owned());
        let inbox = name.eq_ignore_ascii_case("INBOX");
        Mailbox(if inbox { "INBOX".to_owned() } else { name })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Mailbox {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Mailbox, Invalid> {
        Mailbox::new(name)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// `&` begins base64 of UTF-16, with `,` for `/` and no padding; `-` ends it; `&-` is an ampersand.
fn encode(name: &str) -> Cow<'_, str> {
    let plain = |c: char| (' '..='~').contains(&c) && c != '&';
    if name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    let mut out = String::new();
    let mut units: Vec<u16> = Vec::new();
    let flush = |units: &mut Vec<u16>, out: &mut String| {
        if units.is_empty() {
            return;
        }
        out.push('&');
        let bytes: Vec<u8> = units.drain(..).flat_map(u16::to_be_bytes).collect();
        for chunk in bytes.chunks(3) {
            let word =
                chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for at in 0..=chunk.len() {
                let index = usize::try_from(word >> (18 - 6 * at) & 63).unwrap_or_default();
                out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
            }
        }
        out.push('-');
    };
    for c in name.chars() {
        if plain(c) || c == '&' {
            flush(&mut units, &mut out);
            out.push_str(if c == '&' { "&-" } else { "" });
            if c != '&' {
                out.push(c);
            }
        } else {
            let mut buffer = [0; 2];
            units.extend_from_slice(c.encode_utf16(&mut buffer));
        }
    }
    flush(&mut units, &mut out);
    Cow::Owned(out)
}

/// `None` when it is not modified UTF-7.
fn decode(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (code, after) = after.split_once('-')?;
        rest = after;
        if code.is_empty() {
            out.push('&');
            continue;
        }
        let (mut word, mut bits, mut bytes) = (0u32, 0, Vec::new());
        for byte in code.bytes() {
            let value = ALPHABET.iter().position(|known| *known == byte)?;
            word = word << 6 | u32::try_from(value).ok()?;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push((word >> bits & 0xff).to_le_bytes()[0]);
            }
        }
        // What is left over is padding, and zero.
        if bits >= 6 || word & ((1 << bits) - 1) != 0 || bytes.len() % 2 != 0 {
            return None;
        }
        let units: Vec<u16> =
            bytes.chunks(2).filter_map(|two| Some(u16::from_be_bytes(two.try_into().ok()?))).collect();
        out.push_str(&String::from_utf16(&units).ok()?);
    }
    out.push_str(rest);
    Some(out)
}

/// Whether a name fits a pattern of LIST: `*` is anything, `%` anything on one level (RFC 9051 section 6.3.9).
pub fn matches(pattern: &str, name: &str, delimiter: char) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // Where to go on if what stands here does not fit: behind the newest wildcard, with one more character in it; and where
    // that was a `%` that cannot grow, behind the newest `*`.
    let (mut at, mut from) = (0, 0);
    let (mut level, mut any) = (None, None);
    while from < name.len() || at < pattern.len() {
        match (pattern.get(at), name.get(from)) {
            (Some('*'), _) => {
                (any, level) = (Some((at, from)), None);
                at += 1;
                continue;
            }
            (Some('%'), _) => {
                level = Some((at, from));
                at += 1;
                continue;
            }
            (Some(wanted), Some(found)) if wanted == found => {
                (at, from) = (at + 1, from + 1);
                continue;
            }
            _ => {}
        }
        let grown = level.filter(|(_, start)| name.get(*start).is_some_and(|found| *found != delimiter));
        match (grown, any) {
            (Some((wildcard, start)), _) => {
                level = Some((wildcard, start + 1));
                (at, from) = (wildcard + 1, start + 1);
            }
            (None, Some((wildcard, start))) if start < name.len() => {
                (any, level) = (Some((wildcard, start + 1)), None);
                (at, from) = (wildcard + 1, start + 1);
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, name, wanted) in [
            ("*", "a/b", true),
            ("%", "a/b", false),
            ("%", "a", true),
            ("a/%", "a/b", true),
            ("a/%", "a/b/c", false),
            ("*c", "a/b/c", true),
            ("a*b*c", "aXbYbc", true),
            ("a*b", "abc", false),
            ("%/c", "b/c", true),
            ("*/%c", "a/b/xc", true),
            ("*%", "a/b", true),
            ("", "", true),
            ("INBOX", "INBOX", true),
            ("é%", "éa", true),
        ] {
            assert_eq!(matches(pattern, name, '/'), wanted, "{pattern} {name}");
        }
    }

    /// RFC 3501 section 5.1.3, and what must not be taken for a name.
    #[test]
    fn modified_utf_7() {
        for (name, wire) in [
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("a&b", "a&-b"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("\u{1f600}", "&2D3eAA-"),
            ("plain", "plain"),
        ] {
            let mailbox = Mailbox::new(name).unwrap();
            assert_eq!(mailbox.to_wire(false), wire);
            assert_eq!(Mailbox::from_wire(wire.as_bytes(), false), mailbox, "{wire}");
            assert_eq!(mailbox.to_wire(true), name);
        }
        for odd in ["&", "&Jjo", "&Jjo!-", "&U-", "&2D0-", "&AP8AAA-x&"] {
            let kept = Mailbox::from_wire(odd.as_bytes(), false);
            assert!(!kept.as_str().is_empty(), "{odd}");
        }
        assert_eq!(Mailbox::from_wire(b"&Jjo!-", false).as_str(), "&Jjo!-");
        assert_eq!(Mailbox::new("inBox").unwrap().as_str(), "INBOX");
        assert!(Mailbox::new("a\r\nb").is_err() && Mailbox::new("").is_err());
    }
}
