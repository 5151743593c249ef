//! The text form of a transcript.

use super::leg::{End, Leg};

/// A transcript with its source, the call that a client makes, and what that returns.
#[derive(Clone, Debug, Default)]
pub struct Fixture {
    /// The first line: which RFC section, which reported bug.
    pub source: String,
    /// The client call in words; empty when only the grammar is tested.
    pub call: Vec<String>,
    /// One per connection, in the order in which they are made.
    pub legs: Vec<Leg>,
    /// What the call returns.
    pub outcome: String,
}

/// What is wrong with a fixture, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixtureError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: &'static str,
}

impl std::fmt::Display for FixtureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for FixtureError {}

impl Fixture {
    /// Reads a fixture.
    ///
    /// # Errors
    /// [`FixtureError`] names the line.
    pub fn parse(text: &str) -> Result<Fixture, FixtureError> {
        let mut fixture = Fixture::default();
        let mut leg = Leg::default();
        for (i, raw) in text.lines().enumerate() {
            let fail = |what| FixtureError { line: i + 1, what };
            let line = raw.trim_start();
            if i == 0 {
                let source = line.strip_prefix('#').map(str::trim).filter(|source| !source.is_empty());
                fixture.source = source.ok_or(fail("the first line names the source: # RFC ..."))?.to_owned();
            } else if let Some(call) = line.strip_prefix("> ") {
                fixture.call = words(call).ok_or(fail("a quote is not closed, or an escape is unknown"))?;
            } else if let Some(bytes) = ["S:", "Server:"].iter().find_map(|p| line.strip_prefix(p)) {
                leg.server_says(&unescape(bytes).ok_or(fail("an escape is unknown"))?);
            } else if let Some(bytes) = ["C:", "Client:"].iter().find_map(|p| line.strip_prefix(p)) {
                leg.client_says(&unescape(bytes).ok_or(fail("an escape is unknown"))?);
            } else if let Some(outcome) = line.strip_prefix("= ") {
                fixture.outcome = outcome.trim_end().to_owned();
            } else if let Some(what) = line.strip_prefix("! ") {
                match what.trim() {
                    "starttls" => leg.starttls(),
                    "sync" => leg.sync(),
                    "close" => leg.end = End::Close,
                    "hang" => leg.end = End::Hang,
                    "connect" => fixture.legs.push(std::mem::take(&mut leg)),
                    _ => return Err(fail("unknown directive")),
                }
            } else if !(line.is_empty() || line.starts_with('#')) {
                return Err(fail("a line starts with #, >, S:, C:, ! or ="));
            }
        }
        fixture.legs.push(leg);
        Ok(fixture)
    }
}

/// What stands behind `S:`: one space is layout, the rest are bytes; a lone backslash at the end suppresses CRLF.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    match text.strip_suffix('\\').filter(|_| backslashes % 2 == 1) {
        Some(open) => decode(open),
        None => decode(text).map(|mut line| {
            line.extend_from_slice(b"\r\n");
            line
        }),
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        bytes.push(match chars.next()? {
            'r' => b'\r',
            'n' => b'\n',
            't' => b'\t',
            '\\' => b'\\',
            '"' => b'"',
            'x' => u8::from_str_radix(&String::from_iter([chars.next()?, chars.next()?]), 16).ok()?,
            _ => return None,
        });
    }
    Some(bytes)
}

/// Splits at spaces; a word may hold quoted parts with the same escapes.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => {
                let mut escape = String::from('\\');
                escape.push(chars.next()?);
                if escape == "\\x" {
                    escape.extend([chars.next()?, chars.next()?]);
                }
                word.get_or_insert_default().push_str(&String::from_utf8_lossy(&decode(&escape)?));
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word.take());
    (!quoted).then_some(words)
}
