//! Search keys (RFC 9051 section 6.4.4).

use crate::command::Command;
use crate::types::{Atom, Date, Set, Text8};

/// What a message must be to be found. Several in a row must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchKey {
    /// Every message.
    All,
    /// A flag or keyword, as `\Seen` or `$Junk`.
    Flag(Atom),
    /// Text in the From field; in To, Cc, Bcc and Subject alike.
    From(Text8),
    /// Text in the To field.
    To(Text8),
    /// Text in the Cc field.
    Cc(Text8),
    /// Text in the Bcc field.
    Bcc(Text8),
    /// Text in the subject.
    Subject(Text8),
    /// Text in a field of this name; an empty one for any.
    Header(Text8, Text8),
    /// Text in the body.
    Body(Text8),
    /// Text anywhere.
    Text(Text8),
    /// It came before this day.
    Before(Date),
    /// It came on this day.
    On(Date),
    /// It came on this day or later.
    Since(Date),
    /// Its Date field is before this day.
    SentBefore(Date),
    /// Its Date field is on this day.
    SentOn(Date),
    /// Its Date field is on this day or later.
    SentSince(Date),
    /// It has more bytes.
    Larger(u64),
    /// It has fewer bytes.
    Smaller(u64),
    /// It came in the last so many seconds (RFC 5032).
    Younger(u32),
    /// It came earlier (RFC 5032).
    Older(u32),
    /// Its UID is in the set.
    Uid(Set),
    /// It was found by the last search that was saved (RFC 9051 section 6.4.4.1).
    Saved,
    /// It was changed after this (RFC 7162).
    ModSeq(u64),
    /// Not that.
    Not(Box<SearchKey>),
    /// One of the two.
    Or(Box<SearchKey>, Box<SearchKey>),
    /// All of these.
    And(Vec<SearchKey>),
}

impl SearchKey {
    pub(super) fn is_ascii(&self) -> bool {
        match self {
            SearchKey::From(text)
            | SearchKey::To(text)
            | SearchKey::Cc(text)
            | SearchKey::Bcc(text)
            | SearchKey::Subject(text)
            | SearchKey::Body(text)
            | SearchKey::Text(text) => text.as_bytes().is_ascii(),
            SearchKey::Header(name, text) => name.as_bytes().is_ascii() && text.as_bytes().is_ascii(),
            SearchKey::Not(key) => key.is_ascii(),
            SearchKey::Or(first, second) => first.is_ascii() && second.is_ascii(),
            SearchKey::And(keys) => keys.iter().all(SearchKey::is_ascii),
            _ => true,
        }
    }

    /// Puts the key behind what the command has.
    pub(crate) fn encode(&self, command: Command) -> Command {
        match self {
            SearchKey::All => command.word("ALL"),
            SearchKey::Flag(flag) => match flag.as_str().strip_prefix('\\') {
                Some(system) => command.word(&system.to_ascii_uppercase()),
                None => command.word("KEYWORD").atom(flag),
            },
            SearchKey::From(text) => command.word("FROM").string(text),
            SearchKey::To(text) => command.word("TO").string(text),
            SearchKey::Cc(text) => command.word("CC").string(text),
            SearchKey::Bcc(text) => command.word("BCC").string(text),
            SearchKey::Subject(text) => command.word("SUBJECT").string(text),
            SearchKey::Header(name, text) => command.word("HEADER").string(name).string(text),
            SearchKey::Body(text) => command.word("BODY").string(text),
            SearchKey::Text(text) => command.word("TEXT").string(text),
            SearchKey::Before(date) => command.word(&format!("BEFORE {date}")),
            SearchKey::On(date) => command.word(&format!("ON {date}")),
            SearchKey::Since(date) => command.word(&format!("SINCE {date}")),
            SearchKey::SentBefore(date) => command.word(&format!("SENTBEFORE {date}")),
            SearchKey::SentOn(date) => command.word(&format!("SENTON {date}")),
            SearchKey::SentSince(date) => command.word(&format!("SENTSINCE {date}")),
            SearchKey::Larger(size) => command.word(&format!("LARGER {size}")),
            SearchKey::Smaller(size) => command.word(&format!("SMALLER {size}")),
            SearchKey::Younger(seconds) => command.word(&format!("YOUNGER {seconds}")),
            SearchKey::Older(seconds) => command.word(&format!("OLDER {seconds}")),
            SearchKey::Uid(set) => command.word("UID").set(set),
            SearchKey::Saved => command.word("$"),
            SearchKey::ModSeq(n) => command.word(&format!("MODSEQ {n}")),
            SearchKey::Not(key) => key.encode(command.word("NOT")),
            SearchKey::Or(first, second) => second.encode(first.encode(command.word("OR"))),
            SearchKey::And(keys) => match keys.as_slice() {
                [] => command.word("ALL"),
                [only] => only.encode(command),
                many => many.iter().fold(command.open(), |command, key| key.encode(command)).close(),
            },
        }
    }
}
