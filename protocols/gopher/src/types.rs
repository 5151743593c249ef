//! Arguments that cannot break the wire, and the types an item can have.

use std::fmt;

/// Why an argument cannot be sent. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A CR, LF, NUL or TAB would end the selector and start something else.
    #[error("a {0} holds no CR, LF, NUL or TAB")]
    Control(&'static str),
    /// RFC 1436 appendix: a selector has at most 255 bytes.
    #[error("a selector has at most 255 bytes, not {0}")]
    TooLong(usize),
    /// Not a Gopher URL or host.
    #[error("{0}")]
    Target(&'static str),
    /// The host or the port of a target.
    #[error("{0}")]
    Endpoint(String),
    /// An answer to a Gopher+ question that it does not allow.
    #[error("the answer must be {0}")]
    Answer(&'static str),
    /// A word of a phone book's command that its grammar cannot say.
    #[error("{0}")]
    Lookup(&'static str),
}

pub(crate) fn checked(what: &'static str, bytes: &[u8]) -> Result<Box<[u8]>, Invalid> {
    let breaks = bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | b'\t' | 0));
    if breaks { Err(Invalid::Control(what)) } else { Ok(bytes.into()) }
}

/// What a client asks for: an opaque string to everybody but the server (RFC 1436 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Box<[u8]>);

impl Selector {
    /// A selector of these bytes.
    ///
    /// # Errors
    /// [`Invalid::Control`], [`Invalid::TooLong`].
    pub fn new(bytes: &[u8]) -> Result<Selector, Invalid> {
        match bytes.len() {
            0..=255 => checked("selector", bytes).map(Selector),
            n => Err(Invalid::TooLong(n)),
        }
    }

    /// The empty selector: the server's main menu.
    pub fn root() -> Selector {
        Selector::default()
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What is searched for (RFC 1436 3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Box<[u8]>);

impl Query {
    /// A query of these bytes.
    ///
    /// # Errors
    /// [`Invalid::Control`].
    pub fn new(bytes: &[u8]) -> Result<Query, Invalid> {
        checked("query", bytes).map(Query)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What kind of thing an item is: one character (RFC 1436 3.8), some of them agreed on later.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItemType(u8);

impl ItemType {
    /// `0`: a text file.
    pub const TEXT: ItemType = ItemType(b'0');
    /// `1`: a menu.
    pub const MENU: ItemType = ItemType(b'1');
    /// `2`: a CSO phone book.
    pub const CSO: ItemType = ItemType(b'2');
    /// `3`: an error.
    pub const ERROR: ItemType = ItemType(b'3');
    /// `7`: a search server.
    pub const SEARCH: ItemType = ItemType(b'7');
    /// `9`: a binary file.
    pub const BINARY: ItemType = ItemType(b'9');
    /// `i`: text to read, not an item to fetch (not in RFC 1436, in every menu).
    pub const INFO: ItemType = ItemType(b'i');

    /// The type that a server or a URL writes as `letter`: any visible ASCII character.
    pub fn new(letter: u8) -> Option<ItemType> {
        letter.is_ascii_graphic().then_some(ItemType(letter))
    }

    /// Its letter.
    pub fn letter(self) -> char {
        char::from(self.0)
    }

    pub(crate) fn to_byte(self) -> [u8; 1] {
        [self.0]
    }

    /// The name in words, as `gopherlib.type_to_name` gave it.
    pub fn name(self) -> &'static str {
        match self.0 {
            b'0' => "text",
            b'1' => "menu",
            b'2' => "phone book",
            b'3' => "error",
            b'4' => "BinHex",
            b'5' => "DOS archive",
            b'6' => "uuencoded",
            b'7' => "search",
            b'8' => "telnet",
            b'9' => "binary",
            b'+' => "mirror",
            b'T' => "tn3270",
            b'g' => "GIF",
            b'I' | b':' => "image",
            b'h' => "HTML",
            b'i' => "info",
            b's' | b'<' => "sound",
            b'd' | b'P' => "document",
            b'p' => "PNG",
            b';' | b'v' => "video",
            b'c' => "calendar",
            b'e' => "event",
            b'M' => "mail",
            b'r' => "RTF",
            b'S' => "slide show",
            b'!' => "notice",
            b'X' | b'x' => "XML",
            _ => "unknown",
        }
    }

    /// Whether an item of this type can be asked for on a Gopher connection. The others are text (`i`, `3`) or belong
    /// to another protocol (`2`, `8`, `T`).
    pub fn is_fetched(self) -> bool {
        !matches!(self.0, b'i' | b'3' | b'2' | b'8' | b'T')
    }

    /// Whether the answer is a menu.
    pub fn is_menu(self) -> bool {
        matches!(self, ItemType::MENU | ItemType::SEARCH)
    }

    /// Whether it is only text to read in a menu: information, or an error.
    pub fn is_words(self) -> bool {
        matches!(self, ItemType::INFO | ItemType::ERROR)
    }

    /// Whether it is a session on another machine (`8`, `T`), not something to fetch.
    pub fn is_session(self) -> bool {
        matches!(self.0, b'8' | b'T')
    }

    /// Whether the answer is lines of text that may end with a lone dot (RFC 1436 3.9).
    pub fn is_text(self) -> bool {
        matches!(self.0, b'0' | b'4' | b'6')
    }
}

impl fmt::Display for ItemType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

impl fmt::Debug for ItemType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.letter())
    }
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its lone dot: it is whole.
    Dot,
    /// After as many bytes as were announced (Gopher+): it is whole.
    Length,
    /// With the connection. RFC 1436 has no other sign, so a cut answer looks the same.
    Close,
}
