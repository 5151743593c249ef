//! Values on their way out of XML: a strict reader of the few elements there are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use netkit_wire::{Limit, Malformed};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::xmlrpc::Value;

/// How deep values may be nested. Nobody's data is; a stack is not endless.
pub const DEPTH: usize = 64;

/// The longest document in bytes.
pub const LONGEST: usize = 16 << 20;

/// As mail has it: some servers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The elements of a document, one after the other.
pub(super) struct Document<'d> {
    reader: Reader<&'d [u8]>,
}

/// What ends a run of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Open(String),
    Close,
    End,
}

/// A document's text, whatever its charset is called.
///
/// # Errors
/// [`Malformed`] for a document that is too long or in another charset than UTF-8, US-ASCII or ISO-8859-1.
pub(super) fn decoded(document: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    if document.len() > LONGEST {
        return Err(Malformed::TooLong(Limit::Body(LONGEST as u64)));
    }
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let start = String::from_utf8_lossy(document.get(..128).unwrap_or(document)).to_ascii_lowercase();
    let declaration = start.split("?>").next().filter(|text| text.starts_with("<?xml"));
    let charset = declaration.and_then(|text| text.split_once("encoding")).map(|(_, rest)| {
        let quoted = rest.trim_start_matches([' ', '\t', '\r', '\n', '=']);
        quoted.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default().to_owned()
    });
    match charset.as_deref() {
        None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => {
            let text = std::str::from_utf8(document)
                .map_err(|why| Malformed::new("the document is not UTF-8", why.valid_up_to()))?;
            Ok(Cow::Borrowed(text))
        }
        Some("iso-8859-1" | "latin-1" | "latin1") => {
            Ok(Cow::Owned(document.iter().map(|b| char::from(*b)).collect()))
        }
        Some(_) => Err(Malformed::new("the document's charset is none of UTF-8, US-ASCII, ISO-8859-1", 0)),
    }
}

impl<'d> Document<'d> {
    pub(super) fn new(text: &'d str) -> Document<'d> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Document { reader }
    }

    /// An error at the place that was reached.
    pub(super) fn malformed(&self, what: &'static str) -> Malformed {
        Malformed::new(what, usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX))
    }

    /// The text up to the next tag, and that tag.
    pub(super) fn text(&mut self) -> Result<(String, Tag), Malformed> {
        let mut text = String::new();
        loop {
            let event = self.reader.read_event().map_err(|_| self.malformed("the XML is not well formed"))?;
            let tag = match event {
                Event::Text(piece) => {
                    text.push_str(&piece.xml10_content());
                    continue;
                }
                Event::CData(piece) => {
                    text.push_str(&piece.xml10_content());
                    continue;
                }
                Event::GeneralRef(name) => {
                    text.push(self.character(&name)?);
                    continue;
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
                Event::DocType(_) => {
                    return Err(
                        self.malformed("XML-RPC has no document type: what it declares is not expanded")
                    );
                }
                Event::Start(start) | Event::Empty(start) => Tag::Open(start.name().as_ref().to_owned()),
                Event::End(_) => Tag::Close,
                Event::Eof => Tag::End,
            };
            return Ok((text, tag));
        }
    }

    /// One of the five entities, or a character by its number (XML 1.0 4.1, 4.6).
    fn character(&self, name: &quick_xml::events::BytesRef<'_>) -> Result<char, Malformed> {
        let named = match &**name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => name.resolve_char_ref().ok().flatten(),
        };
        let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        named
            .filter(allowed)
            .ok_or_else(|| self.malformed("XML-RPC has five entities and the characters of XML"))
    }

    /// The next tag, with nothing but white space before it.
    pub(super) fn tag(&mut self) -> Result<Tag, Malformed> {
        match self.text()? {
            (text, tag) if text.trim_ascii().is_empty() => Ok(tag),
            _ => Err(self.malformed("text stands between elements")),
        }
    }

    pub(super) fn open(&mut self, name: &str, what: &'static str) -> Result<(), Malformed> {
        match self.tag()? {
            Tag::Open(found) if found == name => Ok(()),
            _ => Err(self.malformed(what)),
        }
    }

    pub(super) fn close(&mut self) -> Result<(), Malformed> {
        match self.tag()? {
            Tag::Close => Ok(()),
            _ => Err(self.malformed("an element holds more than it may")),
        }
    }

    /// The rest of an element that holds only text.
    pub(super) fn only_text(&mut self) -> Result<String, Malformed> {
        match self.text()? {
            (text, Tag::Close) => Ok(text),
            _ => Err(self.malformed("an element that holds text holds elements")),
        }
    }

    /// Behind the last element.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        match self.tag()? {
            Tag::End => Ok(()),
            _ => Err(self.malformed("a document has one element at its top")),
        }
    }

    /// The rest of `<value>`, behind its opening.
    pub(super) fn value(&mut self, depth: usize) -> Result<Value, Malformed> {
        if depth > DEPTH {
            return Err(self.malformed("values are nested too deeply"));
        }
        match self.text()? {
            (text, Tag::Close) => Ok(Value::Text(text)),
            (text, Tag::Open(kind)) if text.trim_ascii().is_empty() => {
                let value = self.typed(&kind, depth)?;
                self.close()?;
                Ok(value)
            }
            (_, Tag::Open(_)) => Err(self.malformed("text stands beside a typed value")),
            (_, Tag::End) => Err(self.malformed("the document is cut short")),
        }
    }

    fn typed(&mut self, kind: &str, depth: usize) -> Result<Value, Malformed> {
        match kind {
            "array" => return self.array(depth),
            "struct" => return self.members(depth),
            _ => {}
        }
        let text = self.only_text()?;
        let word = text.trim_ascii();
        let (value, what) = match kind {
            "string" => (Some(Value::Text(text)), ""),
            "int" | "i4" => (word.parse().ok().map(Value::Int), "an int has 32 bits"),
            "i8" | "ex:i8" => (word.parse().ok().map(Value::Long), "an i8 has 64 bits"),
            "boolean" => {
                let bit = (word == "1" || word == "0").then_some(Value::Bool(word == "1"));
                (bit, "a boolean is 0 or 1")
            }
            "double" => (double(word).map(Value::Double), "a double is a decimal number"),
            "dateTime.iso8601" => (word.parse().ok().map(Value::Date), "a date is 19980717T14:08:55"),
            "base64" => {
                let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
                (BASE64.decode(packed).ok().map(Value::Bytes), "base64 has 64 letters")
            }
            "nil" | "ex:nil" => (word.is_empty().then_some(Value::Nil), "nil is empty"),
            _ => (None, "a value has a type that XML-RPC does not know"),
        };
        value.ok_or_else(|| self.malformed(what))
    }

    fn array(&mut self, depth: usize) -> Result<Value, Malformed> {
        self.open("data", "an array holds data")?;
        let mut elements = Vec::new();
        loop {
            match self.tag()? {
                Tag::Open(name) if name == "value" => elements.push(self.value(depth + 1)?),
                Tag::Close => break,
                _ => return Err(self.malformed("an array holds values")),
            }
        }
        self.close()?;
        Ok(Value::Array(elements))
    }

    fn members(&mut self, depth: usize) -> Result<Value, Malformed> {
        let (mut members, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            match self.tag()? {
                Tag::Open(name) if name == "member" => {}
                Tag::Close => return Ok(Value::Struct(members)),
                _ => return Err(self.malformed("a struct holds members")),
            }
            self.open("name", "a member starts with its name")?;
            let name = self.only_text()?;
            self.open("value", "a member has a value")?;
            let value = self.value(depth + 1)?;
            self.close()?;
            if !seen.insert(name.clone()) {
                return Err(self.malformed("a struct has one member of a name"));
            }
            members.push((name, value));
        }
    }
}

/// Digits, a sign, a point; also an exponent, which some servers write.
fn double(word: &str) -> Option<f64> {
    let plain = word.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    plain.then(|| word.parse().ok())?.filter(|n: &f64| n.is_finite())
}
