//! How a Gopher call fails.

use netkit_socket::NetError;
use netkit_wire::{Fault, Text};

use crate::cso;
use crate::item::Item;
use crate::plus::ErrorCode;
use crate::types::{Invalid, ItemType};

/// The same six names as in every protocol crate of the family, and one of its own.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No conversation: the name, the connection or TLS failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The conversation broke.
    #[error(transparent)]
    Wire(#[from] Fault),
    /// The server answered with an error: an item of type 3, or an error of Gopher+.
    #[error("the server refused: {}", .0.display)]
    Refused(Box<Refusal>),
    /// Something else came than what was asked for, which is named first; its first line.
    #[error("the answer is not {0}; it starts with \"{1}\"")]
    Unexpected(&'static str, Text),
    /// An item of this type is not fetched over Gopher. Nothing was sent.
    #[error("an item of type {0} ({name}) is not fetched over Gopher", name = .0.name())]
    Unsupported(ItemType),
    /// The argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The server answered as one that does not know Gopher+; the first line of what it sent.
    #[error("the server does not speak Gopher+; its answer starts with \"{0}\"")]
    NotPlus(Text),
    /// A phone book said no.
    #[error("the phone book refused: {}", .0.text)]
    Declined(Box<cso::Line>),
}

/// What a server said instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For a person.
    pub display: Text,
    /// What Gopher+ calls it.
    pub code: Option<ErrorCode>,
    /// Where the item went, if it has moved. Nothing follows it by itself: it may lead to any host.
    pub moved: Option<Box<Item>>,
}

impl From<Item> for Box<Refusal> {
    fn from(item: Item) -> Box<Refusal> {
        Box::new(Refusal { display: item.display, code: None, moved: None })
    }
}

impl Refusal {
    /// The text of an error of Gopher+: a number with who to ask, then words for a person, or the item's new place.
    ///
    /// ```text
    /// --1 CR-LF
    /// 1 Fred Bloggs <fred@example.com> CR-LF
    /// Sorry, that item is not here CR-LF                                              Gopher+ 2.2
    /// ```
    pub(crate) fn parse(bytes: &[u8]) -> Refusal {
        let mut lines = bytes.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let first = lines.next().unwrap_or_default();
        let digits = first.iter().take_while(|b| b.is_ascii_digit()).count();
        let number = first.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let code = number.map(ErrorCode::new);
        let rest: Vec<&[u8]> = lines.filter(|line| !line.is_empty() && *line != b".").collect();
        let moved = rest.iter().filter(|_| code == Some(ErrorCode::Moved)).find_map(|line| {
            let line = line.strip_prefix(b"+INFO: ").unwrap_or(line);
            Item::parse(line).filter(|item| item.port.is_some())
        });
        let display = match (moved.as_ref().and_then(Item::url), rest.as_slice()) {
            (Some(url), _) => Text::from(format!("the item has moved to {url}").as_str()),
            (None, []) => Text::from(first.get(digits..).unwrap_or_default().trim_ascii()),
            (None, lines) => Text::from(lines.join(&b' ').as_slice()),
        };
        Refusal { display, code, moved: moved.map(Box::new) }
    }
}

impl Error {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(net) => net.is_transient(),
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(refusal) => refusal.code == Some(ErrorCode::TryLater),
            Error::Declined(line) => (400..500).contains(&line.code),
            _ => false,
        }
    }

    /// Whether the connection can be used for another call: never in Gopher, where it carries one; a phone book that said no
    /// waits for the next command.
    pub fn connection_is_usable(&self) -> bool {
        matches!(self, Error::Declined(_))
    }
}
