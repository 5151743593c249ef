//! OK, NO, BAD, BYE and PREAUTH, with their codes: RFC 9051 section 7.1.

use netkit_wire::Text;

use super::cursor::Cursor;
use crate::types::Set;

/// How a command ended, or what a server has to say besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which of the five.
    pub kind: Kind,
    /// The code in brackets.
    pub code: Option<Code>,
    /// The words.
    pub text: Text,
}

/// Which status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Done.
    Ok,
    /// Not done.
    No,
    /// Not understood.
    Bad,
    /// The server ends the connection.
    Bye,
    /// Somebody has logged in already.
    PreAuth,
}

impl Kind {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Ok => "OK",
            Kind::No => "NO",
            Kind::Bad => "BAD",
            Kind::Bye => "BYE",
            Kind::PreAuth => "PREAUTH",
        }
    }
}

/// A code for programs: RFC 9051 section 7.1, RFC 5530, and the extensions'.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// `ALERT`: the words are to be shown to the user.
    Alert,
    /// `CAPABILITY names`.
    Capability(Vec<String>),
    /// `PERMANENTFLAGS (flags)`.
    PermanentFlags(Vec<String>),
    /// `UIDNEXT n`.
    UidNext(u32),
    /// `UIDVALIDITY n`.
    UidValidity(u32),
    /// `UNSEEN n`.
    Unseen(u32),
    /// `READ-ONLY`.
    ReadOnly,
    /// `READ-WRITE`.
    ReadWrite,
    /// `TRYCREATE`: the mailbox could be made.
    TryCreate,
    /// `APPENDUID validity uids` (RFC 4315).
    AppendUid(u32, Set),
    /// `COPYUID validity from to` (RFC 4315).
    CopyUid(u32, Set, Set),
    /// `HIGHESTMODSEQ n` (RFC 7162).
    HighestModSeq(u64),
    /// `NOMODSEQ` (RFC 7162).
    NoModSeq,
    /// `MODIFIED set` (RFC 7162).
    Modified(Set),
    /// `CLOSED` (RFC 7162): what follows is about the newly selected mailbox.
    Closed,
    /// `NONEXISTENT` (RFC 5530): there is no such mailbox.
    NonExistent,
    /// `AUTHENTICATIONFAILED` (RFC 5530).
    AuthenticationFailed,
    /// `OVERQUOTA` (RFC 9208).
    OverQuota,
    /// Any other: its name in upper case and what follows it.
    Other(String, Text),
}

impl Status {
    /// Reads what stands behind the tag or the star.
    ///
    /// ```text
    /// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text        resp-text = ["[" resp-text-code "]" SP] text
    /// ```
    pub fn parse(bytes: &[u8]) -> Option<Status> {
        let mut cursor = Cursor::new(bytes);
        let kind = [
            (&b"OK"[..], Kind::Ok),
            (b"NO", Kind::No),
            (b"BAD", Kind::Bad),
            (b"BYE", Kind::Bye),
            (b"PREAUTH", Kind::PreAuth),
        ];
        let (_, kind) = kind.into_iter().find(|(word, _)| {
            let mut ahead = cursor;
            ahead.word(word) && matches!(ahead.peek(), None | Some(b' '))
        })?;
        cursor.atom()?;
        // The words may be missing, as some servers have it.
        let _ = cursor.space();
        let mut code = None;
        if cursor.take(b'[') {
            let inner = cursor.until(b']')?;
            cursor.expect(b']')?;
            code = Some(Code::parse(inner));
            let _ = cursor.space();
        }
        Some(Status { kind, code, text: Text::from(cursor.rest()) })
    }
}

impl Code {
    fn parse(inner: &[u8]) -> Code {
        let other = || {
            let mut cursor = Cursor::new(inner);
            let name = String::from_utf8_lossy(cursor.until(b' ').unwrap_or_default()).to_ascii_uppercase();
            Code::Other(name, Text::from(cursor.rest().trim_ascii()))
        };
        Code::known(inner).unwrap_or_else(other)
    }

    fn known(inner: &[u8]) -> Option<Code> {
        let mut cursor = Cursor::new(inner);
        let name = String::from_utf8_lossy(cursor.until(b' ')?).to_ascii_uppercase();
        let _ = cursor.space();
        let words = |cursor: &Cursor<'_>| {
            let inner = cursor.rest().trim_ascii();
            let inner = inner.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")")).unwrap_or(inner);
            let words = inner.split(|b| *b == b' ').filter(|word| !word.is_empty());
            words.map(|word| String::from_utf8_lossy(word).into_owned()).collect::<Vec<_>>()
        };
        let set = |cursor: &mut Cursor<'_>| {
            let set = Set::parse(cursor.until(b' ')?)?;
            let _ = cursor.space();
            Some(set)
        };
        // What stands behind a number that is understood would change what it means.
        let alone = |cursor: Cursor<'_>| cursor.rest().trim_ascii().is_empty().then_some(());
        let number = |mut cursor: Cursor<'_>| {
            let number = cursor.number()?;
            alone(cursor).map(|()| number)
        };
        let number32 = |cursor| u32::try_from(number(cursor)?).ok();
        Some(match name.as_str() {
            "ALERT" => Code::Alert,
            "CAPABILITY" => Code::Capability(words(&cursor)),
            "PERMANENTFLAGS" => Code::PermanentFlags(words(&cursor)),
            "UIDNEXT" => Code::UidNext(number32(cursor)?),
            "UIDVALIDITY" => Code::UidValidity(number32(cursor)?),
            "UNSEEN" => Code::Unseen(number32(cursor)?),
            "READ-ONLY" => Code::ReadOnly,
            "READ-WRITE" => Code::ReadWrite,
            "TRYCREATE" => Code::TryCreate,
            "APPENDUID" => {
                let validity = cursor.number32()?;
                cursor.space()?;
                Code::AppendUid(validity, set(&mut cursor)?)
            }
            "COPYUID" => {
                let validity = cursor.number32()?;
                cursor.space()?;
                Code::CopyUid(validity, set(&mut cursor)?, set(&mut cursor)?)
            }
            "HIGHESTMODSEQ" => Code::HighestModSeq(number(cursor)?),
            "NOMODSEQ" => Code::NoModSeq,
            "MODIFIED" => Code::Modified(set(&mut cursor)?),
            "CLOSED" => Code::Closed,
            "NONEXISTENT" => Code::NonExistent,
            "AUTHENTICATIONFAILED" => Code::AuthenticationFailed,
            "OVERQUOTA" => Code::OverQuota,
            _ => return None,
        })
    }
}

/// As on the wire, with what a peer sent escaped.
impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind.as_str();
        match &self.code {
            Some(Code::Other(name, text)) if !text.as_bytes().is_empty() => {
                write!(f, "{kind} [{name} {text}] {}", self.text)
            }
            Some(Code::Other(name, _)) => write!(f, "{kind} [{name}] {}", self.text),
            Some(Code::Alert) => write!(f, "{kind} [ALERT] {}", self.text),
            Some(Code::NonExistent) => write!(f, "{kind} [NONEXISTENT] {}", self.text),
            Some(Code::TryCreate) => write!(f, "{kind} [TRYCREATE] {}", self.text),
            Some(Code::AuthenticationFailed) => write!(f, "{kind} [AUTHENTICATIONFAILED] {}", self.text),
            Some(Code::OverQuota) => write!(f, "{kind} [OVERQUOTA] {}", self.text),
            _ => write!(f, "{kind} {}", self.text),
        }
    }
}
