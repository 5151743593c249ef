//! Commands as a server reads them (RFC 9051 section 9, `command`).

use crate::response::{Cursor, Value};

/// One command: its tag, its name, and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'f> {
    /// The client's name for it.
    pub tag: &'f str,
    /// In upper case; `UID FETCH` is one name.
    pub name: String,
    /// Words, strings and lists. A word keeps what it has in brackets: `BODY[HEADER.FIELDS (DATE FROM)]<0.512>`.
    pub arguments: Vec<Value<'f>>,
}

/// How deep lists may be nested.
const DEPTH: usize = 32;

impl<'f> Request<'f> {
    /// Reads a frame: the command's lines with the literals between them, without the last CRLF.
    ///
    /// # Errors
    /// The tag as far as there is one, so that the server can answer BAD to it.
    pub fn parse(frame: &'f [u8]) -> Result<Request<'f>, Option<&'f str>> {
        let mut cursor = Cursor::new(frame);
        let tag = cursor.until(b' ').and_then(|tag| std::str::from_utf8(tag).ok());
        // tag = 1*<any ASTRING-CHAR except "+">
        let fits = |b: u8| {
            b.is_ascii_graphic() && !matches!(b, b'+' | b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\')
        };
        let tag =
            tag.filter(|tag| !tag.is_empty() && tag.len() <= 100 && tag.bytes().all(fits)).ok_or(None)?;
        let rest = || -> Option<Request<'f>> {
            cursor.space()?;
            let mut name = cursor.text()?.to_ascii_uppercase();
            if name == "UID" {
                cursor.space()?;
                name = format!("UID {}", cursor.text()?.to_ascii_uppercase());
            }
            let mut arguments = Vec::new();
            while cursor.space().is_some() && !cursor.is_end() {
                arguments.push(argument(&mut cursor, DEPTH)?);
            }
            cursor.is_end().then_some(Request { tag, name, arguments })
        };
        let mut rest = rest;
        rest().ok_or(Some(tag))
    }
}

fn argument<'f>(cursor: &mut Cursor<'f>, depth: usize) -> Option<Value<'f>> {
    match cursor.peek()? {
        b'(' => {
            let inner = depth.checked_sub(1)?;
            cursor.take(b'(');
            let mut all = Vec::new();
            loop {
                while cursor.take(b' ') {}
                if cursor.take(b')') {
                    return Some(Value::List(all));
                }
                all.push(argument(cursor, inner)?);
            }
        }
        b'"' | b'{' | b'~' => cursor.string().map(Value::String),
        _ => cursor.bracketed().map(Value::Atom),
    }
}
