//! BODYSTRUCTURE: the parts of a message (RFC 9051 section 7.5.2).

use super::cursor::Cursor;
use super::value::{DEPTH, Value};

/// A message's structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// One part.
    Part(Box<Part>),
    /// Parts together.
    Multipart(Multipart),
}

/// Parts together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipart {
    /// Its parts.
    pub parts: Vec<Body>,
    /// `mixed`, `alternative`...
    pub subtype: String,
    /// The parameters of Content-Type.
    pub parameters: Vec<(String, String)>,
}

/// One part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// `text/plain`, in small letters.
    pub media_type: String,
    /// The parameters of Content-Type.
    pub parameters: Vec<(String, String)>,
    /// Content-ID.
    pub id: Option<String>,
    /// Content-Description.
    pub description: Option<String>,
    /// Content-Transfer-Encoding, in small letters.
    pub encoding: String,
    /// Bytes, encoded.
    pub octets: u64,
    /// Lines, of text and of messages.
    pub lines: Option<u64>,
    /// The structure of a message within.
    pub message: Option<Box<Body>>,
    /// `attachment` or `inline`, and its parameters.
    pub disposition: Option<(String, Vec<(String, String)>)>,
}

impl Body {
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Option<Body> {
        Body::of(&Value::parse(cursor, DEPTH)?, DEPTH)
    }

    fn of(value: &Value<'_>, depth: usize) -> Option<Body> {
        let all = value.list();
        if depth == 0 {
            return None;
        }
        if matches!(all.first(), Some(Value::List(_))) {
            let count = all.iter().take_while(|one| matches!(one, Value::List(_))).count();
            let parts =
                all.get(..count)?.iter().map(|one| Body::of(one, depth - 1)).collect::<Option<Vec<_>>>()?;
            let subtype = all.get(count)?.text()?.to_ascii_lowercase();
            let parameters = all.get(count + 1).map(pairs).unwrap_or_default();
            return Some(Body::Multipart(Multipart { parts, subtype, parameters }));
        }
        // A multipart with no parts, as some servers have it.
        if let [Value::Nil, Value::String(subtype)] = all {
            let subtype = String::from_utf8_lossy(subtype).to_ascii_lowercase();
            return Some(Body::Multipart(Multipart { subtype, ..Multipart::default() }));
        }
        let text = |at: usize| all.get(at).and_then(Value::text).map(std::borrow::Cow::into_owned);
        let media_type = format!("{}/{}", text(0)?, text(1)?).to_ascii_lowercase();
        let mut part = Part {
            parameters: pairs(all.get(2)?),
            id: text(3),
            description: text(4),
            encoding: text(5).unwrap_or_default().to_ascii_lowercase(),
            // Some servers write -1 where they do not know.
            octets: all.get(6).and_then(Value::number).unwrap_or_default(),
            ..Part::default()
        };
        // What is behind the octets depends on the type (body-type-msg, body-type-text).
        let mut next = 7;
        if media_type == "message/rfc822" || media_type == "message/global" {
            part.message = all.get(8).and_then(|one| Body::of(one, depth - 1)).map(Box::new);
            part.lines = all.get(9).and_then(Value::number);
            next = 10;
        } else if media_type.starts_with("text/") {
            part.lines = all.get(7).and_then(Value::number);
            next = 8;
        }
        // The extension data: MD5, disposition, language, location.
        let disposition = all.get(next + 1).map(Value::list).unwrap_or_default();
        if let [kind, parameters, ..] = disposition {
            part.disposition = Some((kind.text()?.to_ascii_lowercase(), pairs(parameters)));
        }
        part.media_type = media_type;
        Some(Body::Part(Box::new(part)))
    }

    /// Every part with its number: `1`, `2.1` (RFC 9051 section 6.4.5.1).
    pub fn numbered(&self) -> Vec<(String, &Part)> {
        let mut all = Vec::new();
        self.number("", &mut all);
        all
    }

    fn number<'b>(&'b self, prefix: &str, all: &mut Vec<(String, &'b Part)>) {
        match self {
            Body::Multipart(multipart) => {
                for (at, part) in multipart.parts.iter().enumerate() {
                    let number = if prefix.is_empty() {
                        format!("{}", at + 1)
                    } else {
                        format!("{prefix}.{}", at + 1)
                    };
                    part.number(&number, all);
                }
            }
            Body::Part(part) => {
                let number = if prefix.is_empty() { "1" } else { prefix };
                all.push((number.to_owned(), part));
                if let Some(inner) = &part.message {
                    inner.number(number, all);
                }
            }
        }
    }
}

fn pairs(value: &Value<'_>) -> Vec<(String, String)> {
    let text = |value: &Value<'_>| value.text().unwrap_or_default().into_owned();
    value
        .list()
        .chunks(2)
        .filter_map(|pair| match pair {
            [name, value] => Some((text(name).to_ascii_lowercase(), text(value))),
            _ => None,
        })
        .collect()
}
