//! Gopher+: what the University of Minnesota added in 1993, without breaking a client or server that knows nothing of it.
//!
//! ```text
//! request  ::= Selector [ TAB Query ] TAB what [ TAB flag ] CR-LF [ block ]          Gopher+ 2, appendix
//! what     ::= "+" [ view ] | "!" { "+" name } | "$" { "+" name }
//! answer   ::= block
//! block    ::= ( "+" | "-" ) ( length | "-1" | "-2" ) CR-LF bytes
//! ```
//!
//! A block of length -1 ends with a lone dot, one of length -2 with the connection; one that starts with a minus is an
//! error.

mod ask;
mod attributes;
mod header;

pub use ask::{Answer, Question, QuestionKind, encode_answers};
pub use attributes::{Attributes, Block, View, listing};
pub use header::{ErrorCode, Header, Length};

use crate::types::{Invalid, checked};

/// What stands in the last column of a Gopher+ request, and what is sent below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plus {
    /// What is wanted of the item.
    pub ask: Wanted,
    /// A block of data for the server: the answers to an ASK form.
    pub data: Option<Vec<u8>>,
}

/// What a Gopher+ client wants of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `+`: the content, as it is or in one of its views, such as `text/plain En_US`.
    Content(Name),
    /// `!`: the attributes of the item, all or those named, such as `+VIEWS+ABSTRACT`.
    Attributes(Name),
    /// `$`: the attributes of all the items in a menu, all or those named.
    Listing(Name),
}

/// The name of a view or of attributes: text without controls, perhaps none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(Box<[u8]>);

impl Name {
    /// A name of these bytes.
    ///
    /// # Errors
    /// [`Invalid::Control`].
    pub fn new(bytes: &[u8]) -> Result<Name, Invalid> {
        checked("view", bytes).map(Name)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Plus {
    /// A request without data.
    pub fn new(ask: Wanted) -> Plus {
        Plus { ask, data: None }
    }

    /// Appends the columns with the TAB before them, and the line's end with the block that follows it.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let (mark, name) = match &self.ask {
            Wanted::Content(view) => (b'+', view),
            Wanted::Attributes(names) => (b'!', names),
            Wanted::Listing(names) => (b'$', names),
        };
        out.extend_from_slice(&[b'\t', mark]);
        out.extend_from_slice(name.as_bytes());
        match &self.data {
            None => out.extend_from_slice(b"\r\n"),
            Some(data) => {
                out.extend_from_slice(b"\t1\r\n");
                Header::Data(Length::Bytes(data.len() as u64)).encode(out);
                out.extend_from_slice(data);
            }
        }
    }

    /// The column; `None` when it is none of Gopher+.
    pub(crate) fn parse(column: &[u8]) -> Option<Wanted> {
        let (mark, name) = column.split_first()?;
        let name = Name::new(name).ok()?;
        match mark {
            b'+' => Some(Wanted::Content(name)),
            b'!' => Some(Wanted::Attributes(name)),
            b'$' => Some(Wanted::Listing(name)),
            _ => None,
        }
    }
}
