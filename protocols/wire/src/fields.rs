//! Header fields: `name: value` lines up to an empty line, as HTTP has them (RFC 9110 5, RFC 9112 5).
//!
//! The grammar is strict, because every leniency here has been a way to smuggle a request: no obs-fold, no
//! space before the colon, no bare CR or LF, no NUL.

use std::fmt;

use memchr::memchr;

use crate::decode::{Decode, Malformed, Step};
use crate::limits::{Limit, Limits};
use crate::line::Line;
use crate::text::Text;

/// Whether `name` is a token (RFC 9110 5.6.2): the only bytes a field name or a method may have.
pub fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b))
}

/// One field, as it came or as it will be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    name: Box<str>,
    value: Text,
}

impl Field {
    /// A field that can be sent: `None` when the name is no token or the value holds a CR, LF or NUL.
    pub fn new(name: &str, value: &[u8]) -> Option<Field> {
        let breaks = |b: &u8| matches!(b, b'\r' | b'\n' | 0);
        let value = value.trim_ascii();
        (is_token(name.as_bytes()) && !value.iter().any(breaks))
            .then(|| Field { name: name.into(), value: Text::from(value) })
    }

    /// The name as it was written; compare without case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value without the white space around it.
    pub fn value(&self) -> &[u8] {
        self.value.as_bytes()
    }

    /// The value for people.
    pub fn text(&self) -> &Text {
        &self.value
    }
}

/// Only the name: a value may be a secret (`Authorization`, `Cookie`).
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ..", self.name)
    }
}

/// The fields of one message, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// The first value of that name (case does not count).
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// Every value of that name, in order.
    pub fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f [u8]> {
        self.0.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(Field::value)
    }

    /// The elements of a list field over all its lines (RFC 9110 5.6.1), empty ones left out. Not for fields
    /// whose elements may hold commas in quotes.
    pub fn list<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f [u8]> {
        self.all(name).flat_map(|v| v.split(|b| *b == b',')).map(<[u8]>::trim_ascii).filter(|v| !v.is_empty())
    }

    /// Whether there is a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a field behind the others.
    pub fn push(&mut self, field: Field) {
        self.0.push(field);
    }

    /// Takes every field of that name away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|field| !field.name.eq_ignore_ascii_case(name));
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the fields and the empty line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for Field { name, value } in &self.0 {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = &'f Field;
    type IntoIter = std::slice::Iter<'f, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Decodes a header block with the empty line that ends it.
///
/// ```text
/// field-line   = field-name ":" OWS field-value OWS                RFC 9112 5
/// ```
#[derive(Clone, Debug)]
pub struct FieldBlock {
    limits: Limits,
    line: Line,
    at: usize,
    fields: Fields,
}

impl FieldBlock {
    /// A block within [`Limits::header`] and [`Limits::fields`].
    pub fn new(limits: &Limits) -> FieldBlock {
        let line = Line::new(&Limits { line: limits.header, ..*limits });
        FieldBlock { limits: *limits, line, at: 0, fields: Fields::default() }
    }
}

impl Decode for FieldBlock {
    type Item = Fields;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Fields>, Malformed> {
        let too_long = Malformed::TooLong(Limit::Header(self.limits.header));
        loop {
            let rest = input.get(self.at..).unwrap_or_default();
            let scanned = match self.line.scan(rest) {
                Err(Malformed::TooLong(_)) => return Err(too_long),
                other => other.map_err(|why| why.offset(self.at))?,
            };
            let used = scanned.map_or(rest.len(), |(_, used)| used);
            if self.at + used > self.limits.header {
                return Err(too_long);
            }
            let Some((line, used)) = scanned else { return Ok(Step::More(1)) };
            let start = self.at;
            self.at += used;
            self.line = Line::new(&Limits { line: self.limits.header, ..self.limits });
            if line.is_empty() {
                return Ok(Step::Done(std::mem::take(&mut self.fields), self.at));
            }
            self.fields.push(field(line).map_err(|why| why.offset(start))?);
            if self.fields.len() > self.limits.fields {
                return Err(Malformed::TooLong(Limit::Fields(self.limits.fields)));
            }
        }
    }
}

fn field(line: &[u8]) -> Result<Field, Malformed> {
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return Err(Malformed::new("a field does not go on in the next line (obs-fold, RFC 9112 5.2)", 0));
    }
    let colon = memchr(b':', line).ok_or(Malformed::new("a field line holds a colon", 0))?;
    let (name, value) = line.split_at_checked(colon).unwrap_or_default();
    let name = std::str::from_utf8(name).ok().filter(|name| is_token(name.as_bytes()));
    let name = name.ok_or(Malformed::new("a field name is a token, with no space before the colon", 0))?;
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    Ok(Field { name: name.into(), value: Text::from(value) })
}
