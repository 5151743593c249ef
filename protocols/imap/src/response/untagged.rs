//! Data that belongs to no command by name: everything behind a star.

use netkit_wire::Text;

use super::cursor::Cursor;
use super::fetch::{Fetch, flags};
use super::mailbox::{Listed, MailboxStatus, Namespaces, Quota};
use super::status::{Kind, Status};
use super::value::{DEPTH, Value};
use crate::types::{Mailbox, Set};

/// What a server tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Untagged<'f> {
    /// A status of its own: a greeting, a goodbye, a warning.
    Status(Status),
    /// `CAPABILITY`.
    Capability(Vec<String>),
    /// `ENABLED` (RFC 5161).
    Enabled(Vec<String>),
    /// `LIST`.
    List(Listed),
    /// `LSUB`.
    Lsub(Listed),
    /// `STATUS`.
    MailboxStatus(MailboxStatus),
    /// `FLAGS`: which there are.
    Flags(Vec<String>),
    /// `n EXISTS`.
    Exists(u32),
    /// `n RECENT`.
    Recent(u32),
    /// `n EXPUNGE`.
    Expunge(u32),
    /// `VANISHED [(EARLIER)] uids` (RFC 7162); whether earlier.
    Vanished(bool, Set),
    /// `n FETCH`.
    Fetch(Fetch<'f>),
    /// `SEARCH`, with the highest mod-sequence where it is told.
    Search(Vec<u32>, Option<u64>),
    /// `ESEARCH` (RFC 4731, RFC 9051 section 7.3.4).
    Esearch(Esearch),
    /// `SORT` (RFC 5256).
    Sort(Vec<u32>),
    /// `THREAD` (RFC 5256).
    Thread(Vec<Thread>),
    /// `NAMESPACE` (RFC 2342).
    Namespace(Namespaces),
    /// `QUOTA` (RFC 9208).
    Quota(Quota),
    /// `QUOTAROOT` (RFC 9208): the mailbox and its roots.
    QuotaRoot(Mailbox, Vec<Text>),
    /// `ACL` (RFC 4314): the mailbox, and who may do what.
    Acl(Mailbox, Vec<(Text, Text)>),
    /// `MYRIGHTS` (RFC 4314).
    MyRights(Mailbox, Text),
    /// `LISTRIGHTS` (RFC 4314): the mailbox, who, and groups of rights.
    ListRights(Mailbox, Text, Vec<Text>),
    /// `METADATA` (RFC 5464): entries and values, or entries that changed.
    Metadata(Text, Vec<(Text, Option<Text>)>),
    /// `ID` (RFC 2971): fields and values.
    Id(Vec<(String, Option<Text>)>),
    /// What is not known here: its bytes.
    Other(Text),
    /// What is known and could not be read, or is no response at all: its bytes.
    Unknown(Text),
}

/// An answer to an extended search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Esearch {
    /// The tag of the command that it answers.
    pub tag: Option<String>,
    /// Whether the numbers are UIDs.
    pub uid: bool,
    /// The lowest.
    pub min: Option<u32>,
    /// The highest.
    pub max: Option<u32>,
    /// How many.
    pub count: Option<u64>,
    /// All of them.
    pub all: Option<Set>,
    /// The highest mod-sequence (RFC 7162).
    pub modseq: Option<u64>,
    /// A part of them, with its range (RFC 9394).
    pub partial: Option<(String, Option<Set>)>,
}

/// A chain of messages, each the answer to the one before it, and the threads that part from its end; no message where only
/// the place of one is known (RFC 5256 section 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Their numbers.
    pub chain: Vec<u32>,
    /// The threads below the last of them.
    pub below: Vec<Thread>,
}

impl<'f> Untagged<'f> {
    /// Reads what stands behind `* `.
    pub(super) fn parse(bytes: &'f [u8], utf8: bool) -> Untagged<'f> {
        match known(bytes, utf8) {
            Some(untagged) => untagged,
            None if is_of_another_kind(bytes) => Untagged::Other(Text::from(bytes)),
            None => Untagged::Unknown(Text::from(bytes)),
        }
    }

    /// A goodbye.
    pub fn bye(&self) -> Option<&Status> {
        match self {
            Untagged::Status(status) if status.kind == Kind::Bye => Some(status),
            _ => None,
        }
    }
}

/// The names that [`known`] has, behind the number if there is one.
const NAMES: [&[u8]; 28] = [
    b"OK",
    b"NO",
    b"BAD",
    b"BYE",
    b"PREAUTH",
    b"CAPABILITY",
    b"ENABLED",
    b"LIST",
    b"LSUB",
    b"STATUS",
    b"FLAGS",
    b"VANISHED",
    b"SEARCH",
    b"SORT",
    b"ESEARCH",
    b"THREAD",
    b"NAMESPACE",
    b"QUOTA",
    b"QUOTAROOT",
    b"ACL",
    b"MYRIGHTS",
    b"LISTRIGHTS",
    b"METADATA",
    b"ID",
    b"EXISTS",
    b"RECENT",
    b"EXPUNGE",
    b"FETCH",
];

/// Whether this begins as data does, with a name that means nothing here: of an extension that nobody asked for.
fn is_of_another_kind(bytes: &[u8]) -> bool {
    let mut cursor = Cursor::new(bytes);
    if cursor.number32().is_some() && cursor.space().is_none() {
        return false;
    }
    let name = cursor.atom().unwrap_or_default().to_ascii_uppercase();
    name.first().is_some_and(u8::is_ascii_alphabetic) && !NAMES.contains(&name.as_slice())
}

fn known<'f>(bytes: &'f [u8], utf8: bool) -> Option<Untagged<'f>> {
    let mut cursor = Cursor::new(bytes);
    if cursor.peek()?.is_ascii_digit() {
        return numbered(&mut cursor);
    }
    let name = cursor.atom()?.to_ascii_uppercase();
    if matches!(name.as_slice(), b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH") {
        return Status::parse(bytes).map(Untagged::Status);
    }
    // Data may be missing altogether: `* SEARCH`.
    let _ = cursor.space();
    let words = |cursor: &Cursor<'_>| -> Vec<String> {
        let words = cursor.rest().split(|b| *b == b' ').filter(|word| !word.is_empty());
        words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
    };
    let mailbox = |cursor: &mut Cursor<'f>| Some(Mailbox::from_wire(&cursor.astring()?, utf8));
    let text = |cursor: &mut Cursor<'f>| {
        let _ = cursor.space();
        cursor.astring().map(|text| Text::from(&*text))
    };
    Some(match name.as_slice() {
        b"CAPABILITY" => Untagged::Capability(words(&cursor)),
        b"ENABLED" => Untagged::Enabled(words(&cursor)),
        b"LIST" => Untagged::List(Listed::parse(&mut cursor, utf8)?),
        b"LSUB" => Untagged::Lsub(Listed::parse(&mut cursor, utf8)?),
        b"STATUS" => Untagged::MailboxStatus(MailboxStatus::parse(&mut cursor, utf8)?),
        b"FLAGS" => {
            Untagged::Flags(flags(&mut cursor)?.into_iter().map(std::borrow::Cow::into_owned).collect())
        }
        b"VANISHED" => {
            let earlier = cursor.word(b"(EARLIER) ");
            Untagged::Vanished(earlier, Set::parse(cursor.rest().trim_ascii())?)
        }
        b"SEARCH" => {
            let (numbers, modseq) = numbers(&mut cursor)?;
            Untagged::Search(numbers, modseq)
        }
        b"SORT" => Untagged::Sort(numbers(&mut cursor)?.0),
        b"ESEARCH" => Untagged::Esearch(esearch(&mut cursor)?),
        b"THREAD" => Untagged::Thread(threads(&mut cursor)?),
        b"NAMESPACE" => Untagged::Namespace(Namespaces::parse(&mut cursor)?),
        b"QUOTA" => Untagged::Quota(Quota::parse(&mut cursor)?),
        b"QUOTAROOT" => {
            let of = mailbox(&mut cursor)?;
            Untagged::QuotaRoot(of, std::iter::from_fn(|| text(&mut cursor)).collect())
        }
        b"ACL" => {
            let of = mailbox(&mut cursor)?;
            Untagged::Acl(of, std::iter::from_fn(|| Some((text(&mut cursor)?, text(&mut cursor)?))).collect())
        }
        b"MYRIGHTS" => Untagged::MyRights(mailbox(&mut cursor)?, text(&mut cursor)?),
        b"LISTRIGHTS" => {
            let (of, who) = (mailbox(&mut cursor)?, text(&mut cursor)?);
            Untagged::ListRights(of, who, std::iter::from_fn(|| text(&mut cursor)).collect())
        }
        b"METADATA" => {
            let of = text(&mut cursor)?;
            let _ = cursor.space();
            let value = Value::parse(&mut cursor, DEPTH)?;
            let bytes = |value: &Value<'_>| value.bytes().map(Text::from);
            let entries = match &value {
                Value::List(all) => all
                    .chunks(2)
                    .filter_map(|pair| match pair {
                        [name, value] => Some((bytes(name)?, bytes(value))),
                        _ => None,
                    })
                    .collect(),
                one => vec![(bytes(one)?, None)],
            };
            Untagged::Metadata(of, entries)
        }
        b"ID" => {
            let value = if cursor.is_end() { Value::Nil } else { Value::parse(&mut cursor, DEPTH)? };
            let pair = |pair: &[Value<'_>]| match pair {
                [name, value] => Some((name.text()?.into_owned(), value.bytes().map(Text::from))),
                _ => None,
            };
            Untagged::Id(value.list().chunks(2).filter_map(pair).collect())
        }
        _ => return None,
    })
}

/// `n EXISTS` and its like.
fn numbered<'f>(cursor: &mut Cursor<'f>) -> Option<Untagged<'f>> {
    let number = cursor.number32()?;
    cursor.space()?;
    let name = cursor.atom()?.to_ascii_uppercase();
    Some(match name.as_slice() {
        b"EXISTS" => Untagged::Exists(number),
        b"RECENT" => Untagged::Recent(number),
        b"EXPUNGE" => Untagged::Expunge(number),
        b"FETCH" => {
            cursor.space()?;
            Untagged::Fetch(Fetch::parse(number, cursor)?)
        }
        _ => return None,
    })
}

/// Numbers, and perhaps `(MODSEQ n)` behind them.
fn numbers(cursor: &mut Cursor<'_>) -> Option<(Vec<u32>, Option<u64>)> {
    let mut all = Vec::new();
    loop {
        while cursor.take(b' ') {}
        match cursor.peek() {
            None => return Some((all, None)),
            Some(b'(') => {
                let modseq = cursor.word(b"(MODSEQ ").then(|| cursor.number()).flatten()?;
                return Some((all, Some(modseq)));
            }
            Some(_) => all.push(cursor.number32()?),
        }
    }
}

fn esearch(cursor: &mut Cursor<'_>) -> Option<Esearch> {
    let mut found = Esearch::default();
    if cursor.peek() == Some(b'(') {
        let correlator = Value::parse(cursor, DEPTH)?;
        if let [name, tag] = correlator.list()
            && name.text()?.eq_ignore_ascii_case("TAG")
        {
            found.tag = Some(tag.text()?.into_owned());
        }
        let _ = cursor.space();
    }
    while !cursor.is_end() {
        let name = cursor.atom()?.to_ascii_uppercase();
        let _ = cursor.space();
        match name.as_slice() {
            b"UID" => found.uid = true,
            b"MIN" => found.min = Some(cursor.number32()?),
            b"MAX" => found.max = Some(cursor.number32()?),
            b"COUNT" => found.count = Some(cursor.number()?),
            b"ALL" => found.all = Some(Set::parse(cursor.atom()?)?),
            b"MODSEQ" => found.modseq = Some(cursor.number()?),
            b"PARTIAL" => {
                let value = Value::parse(cursor, DEPTH)?;
                let [range, set] = value.list() else { return None };
                found.partial = Some((range.text()?.into_owned(), set.bytes().and_then(Set::parse)));
            }
            _ => {
                Value::parse(cursor, DEPTH)?;
            }
        }
        let _ = cursor.space();
    }
    Some(found)
}

/// ```text
/// thread-list   = "(" (thread-members / thread-nested) ")"
/// thread-members = nz-number *(SP nz-number) [SP thread-nested]        thread-nested = 2*thread-list
/// ```
fn threads(cursor: &mut Cursor<'_>) -> Option<Vec<Thread>> {
    let mut all = Vec::new();
    while cursor.take(b' ') {}
    while !cursor.is_end() {
        all.push(thread(cursor, DEPTH * 8)?);
        while cursor.take(b' ') {}
    }
    Some(all)
}

fn thread(cursor: &mut Cursor<'_>, depth: usize) -> Option<Thread> {
    cursor.expect(b'(')?;
    let mut one = Thread::default();
    loop {
        while cursor.take(b' ') {}
        match cursor.peek()? {
            b')' => break,
            b'(' => one.below.push(thread(cursor, depth.checked_sub(1)?)?),
            _ => one.chain.push(cursor.number32()?),
        }
    }
    cursor.expect(b')')?;
    Some(one)
}
