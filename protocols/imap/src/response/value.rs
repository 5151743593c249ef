//! Anything at all: what an extension sends that is not known here.

use std::borrow::Cow;

use super::cursor::Cursor;

/// A value of no particular meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'f> {
    /// `NIL`.
    Nil,
    /// A word or a number.
    Atom(&'f [u8]),
    /// A quoted string or a literal.
    String(Cow<'f, [u8]>),
    /// Values in brackets.
    List(Vec<Value<'f>>),
}

/// How deep brackets may be nested: a megabyte of them must not fill the stack.
pub(crate) const DEPTH: usize = 64;

impl<'f> Value<'f> {
    pub(crate) fn parse(cursor: &mut Cursor<'f>, depth: usize) -> Option<Value<'f>> {
        if depth == 0 {
            return None;
        }
        match cursor.peek()? {
            b'(' => {
                cursor.take(b'(');
                let mut all = Vec::new();
                loop {
                    while cursor.take(b' ') {}
                    if cursor.take(b')') {
                        return Some(Value::List(all));
                    }
                    all.push(Value::parse(cursor, depth - 1)?);
                }
            }
            b'"' | b'{' | b'~' => cursor.string().map(Value::String),
            _ if cursor.nil() => Some(Value::Nil),
            _ => cursor.atom().map(Value::Atom),
        }
    }

    /// The values of a list; none of anything else.
    pub fn list(&self) -> &[Value<'f>] {
        match self {
            Value::List(all) => all,
            _ => &[],
        }
    }

    /// The bytes of a word or a string.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Atom(word) => Some(word),
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A word or string as text.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.bytes().map(String::from_utf8_lossy)
    }

    /// The name of an item, in upper case: a word, or a string that could be one.
    pub(super) fn name(&self) -> Option<String> {
        let text = self.text()?;
        let ends = |c: char| c <= ' ' || matches!(c, '(' | ')' | '{' | '"' | '\x7f');
        (!text.is_empty() && !text.contains(ends)).then(|| text.to_ascii_uppercase())
    }

    /// A number.
    pub fn number(&self) -> Option<u64> {
        std::str::from_utf8(self.bytes()?).ok()?.parse().ok()
    }
}
