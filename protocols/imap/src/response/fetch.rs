//! FETCH: what is told of one message (RFC 9051 section 7.5.2).

use std::borrow::Cow;

use super::body::Body;
use super::cursor::Cursor;
use super::envelope::Envelope;
use super::value::{DEPTH, Value};

/// What is told of one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fetch<'f> {
    /// Its number in the mailbox.
    pub number: u32,
    /// What is told.
    pub items: Vec<Item<'f>>,
}

/// One thing that is told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Item<'f> {
    /// `FLAGS`.
    Flags(Vec<Cow<'f, str>>),
    /// `UID`.
    Uid(u32),
    /// `INTERNALDATE`, as it was sent.
    InternalDate(Cow<'f, [u8]>),
    /// `RFC822.SIZE`, in bytes.
    Size(u64),
    /// `ENVELOPE`.
    Envelope(Box<Envelope<'f>>),
    /// `BODYSTRUCTURE`, `BODY`.
    Structure(Body),
    /// `BODY[...]`, `BINARY[...]`, `RFC822` and its parts; none where the server has nothing.
    Section(Section<'f>, Option<Cow<'f, [u8]>>),
    /// `BINARY.SIZE[...]`.
    BinarySize(&'f [u8], u64),
    /// `MODSEQ` (RFC 7162).
    ModSeq(u64),
    /// `EMAILID` (RFC 8474).
    EmailId(Cow<'f, [u8]>),
    /// `THREADID` (RFC 8474).
    ThreadId(Option<Cow<'f, [u8]>>),
    /// `SAVEDATE` (RFC 8514).
    SaveDate(Option<Cow<'f, [u8]>>),
    /// `PREVIEW` (RFC 8970).
    Preview(Option<Cow<'f, [u8]>>),
    /// Any other, by its name.
    Other(&'f [u8], Value<'f>),
}

/// Which part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'f> {
    /// What stands in the brackets; empty for the whole message.
    pub name: &'f [u8],
    /// From which byte on.
    pub origin: Option<u64>,
    /// Whether it is decoded (BINARY).
    pub binary: bool,
}

impl<'f> Fetch<'f> {
    /// The list behind `n FETCH `.
    pub(super) fn parse(number: u32, cursor: &mut Cursor<'f>) -> Option<Fetch<'f>> {
        cursor.expect(b'(')?;
        let mut items = Vec::with_capacity(4);
        loop {
            while cursor.take(b' ') {}
            if cursor.take(b')') {
                return Some(Fetch { number, items });
            }
            items.push(item(cursor)?);
        }
    }

    /// What is told before a literal that has not come yet: the items so far, and which section is to come.
    pub(crate) fn begun(head: &'f [u8]) -> Option<(Fetch<'f>, Section<'f>)> {
        let mut cursor = Cursor::new(head.strip_prefix(b"* ")?);
        let number = cursor.number32()?;
        cursor.space()?;
        if !cursor.word(b"FETCH ") {
            return None;
        }
        cursor.expect(b'(')?;
        let mut items = Vec::new();
        loop {
            while cursor.take(b' ') {}
            let mut ahead = cursor;
            match item(&mut ahead) {
                Some(item) => {
                    items.push(item);
                    cursor = ahead;
                }
                None => {
                    let named = name(&mut cursor)?;
                    return Some((Fetch { number, items }, head_of_section(named, &mut cursor)?));
                }
            }
        }
    }

    /// The UID, if it is told.
    pub fn uid(&self) -> Option<u32> {
        self.items.iter().find_map(|item| match item {
            Item::Uid(uid) => Some(*uid),
            _ => None,
        })
    }

    /// The flags, if they are told.
    pub fn flags(&self) -> Option<&[Cow<'f, str>]> {
        self.items.iter().find_map(|item| match item {
            Item::Flags(flags) => Some(flags.as_slice()),
            _ => None,
        })
    }
}

fn item<'f>(cursor: &mut Cursor<'f>) -> Option<Item<'f>> {
    let name = name(cursor)?;
    if cursor.peek() == Some(b'[')
        || name.eq_ignore_ascii_case(b"RFC822")
        || name.get(..7).is_some_and(|head| head.eq_ignore_ascii_case(b"RFC822."))
            && !name.eq_ignore_ascii_case(b"RFC822.SIZE")
    {
        return section(name, cursor);
    }
    cursor.space()?;
    let upper = name.to_ascii_uppercase();
    Some(match upper.as_slice() {
        b"FLAGS" => Item::Flags(flags(cursor)?),
        b"UID" => Item::Uid(cursor.number32()?),
        b"INTERNALDATE" => Item::InternalDate(cursor.string()?),
        b"RFC822.SIZE" => Item::Size(cursor.number()?),
        b"ENVELOPE" => Item::Envelope(Box::new(Envelope::parse(cursor)?)),
        b"BODYSTRUCTURE" | b"BODY" => Item::Structure(Body::parse(cursor)?),
        b"MODSEQ" => {
            cursor.expect(b'(')?;
            let value = cursor.number()?;
            cursor.expect(b')')?;
            Item::ModSeq(value)
        }
        b"EMAILID" => {
            cursor.expect(b'(')?;
            let id = cursor.atom()?;
            cursor.expect(b')')?;
            Item::EmailId(Cow::Borrowed(id))
        }
        b"THREADID" if cursor.nil() => Item::ThreadId(None),
        b"THREADID" => {
            cursor.expect(b'(')?;
            let id = cursor.atom()?;
            cursor.expect(b')')?;
            Item::ThreadId(Some(Cow::Borrowed(id)))
        }
        b"SAVEDATE" => Item::SaveDate(cursor.nstring()?),
        b"PREVIEW" => Item::Preview(cursor.nstring()?),
        _ => Item::Other(name, Value::parse(cursor, DEPTH)?),
    })
}

/// The name before a bracket or a space.
fn name<'f>(cursor: &mut Cursor<'f>) -> Option<&'f [u8]> {
    let rest = cursor.rest();
    let end = rest.iter().position(|b| matches!(b, b' ' | b'[' | b'(' | b')'))?;
    let name = rest.get(..end).filter(|name| !name.is_empty())?;
    *cursor = Cursor::new(rest.get(end..)?);
    Some(name)
}

/// `section = "[" [spec] "]" ["<" number ">"] SP nstring`; the list of fields in the brackets may have any character but `]`.
fn section<'f>(name: &'f [u8], cursor: &mut Cursor<'f>) -> Option<Item<'f>> {
    let section = head_of_section(name, cursor)?;
    cursor.space()?;
    if name.eq_ignore_ascii_case(b"BINARY.SIZE") {
        return Some(Item::BinarySize(section.name, cursor.number()?));
    }
    Some(Item::Section(section, cursor.nstring()?))
}

fn head_of_section<'f>(name: &'f [u8], cursor: &mut Cursor<'f>) -> Option<Section<'f>> {
    let mut section = Section {
        name: b"",
        origin: None,
        binary: name.get(..6).is_some_and(|n| n.eq_ignore_ascii_case(b"BINARY")),
    };
    if cursor.take(b'[') {
        section.name = cursor.until(b']')?;
        cursor.expect(b']')?;
    } else {
        // The old names (RFC 3501 section 6.4.5).
        section.name = match name.to_ascii_uppercase().as_slice() {
            b"RFC822.HEADER" => b"HEADER",
            b"RFC822.TEXT" => b"TEXT",
            _ => b"",
        };
    }
    if cursor.take(b'<') {
        section.origin = Some(cursor.number()?);
        cursor.expect(b'>')?;
    }
    Some(section)
}

pub(super) fn flags<'f>(cursor: &mut Cursor<'f>) -> Option<Vec<Cow<'f, str>>> {
    cursor.expect(b'(')?;
    let mut all = Vec::new();
    loop {
        while cursor.take(b' ') {}
        if cursor.take(b')') {
            return Some(all);
        }
        all.push(String::from_utf8_lossy(cursor.atom()?));
    }
}
