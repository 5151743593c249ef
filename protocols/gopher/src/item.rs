//! Items: one line of a menu, borrowed or kept, and the URL that it stands for.

use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::memchr;
use netkit_socket::{Endpoint, Host};
use netkit_wire::{Text, escape};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use crate::target::Target;
use crate::types::ItemType;

/// One line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An item.
    Item(Item),
    /// A line that is no item: shown as text, never followed.
    Stray(Text),
}

/// An item as the server wrote it. Nothing in it is trusted: a host and a port are where somebody says a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemType,
    /// What a person reads.
    pub display: Text,
    /// What to ask for.
    pub selector: Text,
    /// Where to ask; empty for text.
    pub host: Text,
    /// At which port; none for text.
    pub port: Option<u16>,
    /// What the fifth column says.
    pub plus: Mark,
}

/// The fifth column of an item, which Gopher+ added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// None: an item of the old kind.
    #[default]
    None,
    /// `+`: it has attributes to tell.
    Plus,
    /// `?`: it has a form to fill in first.
    Asks,
}

impl Mark {
    /// The column.
    pub fn column(self) -> Option<&'static str> {
        match self {
            Mark::None => None,
            Mark::Plus => Some("+"),
            Mark::Asks => Some("?"),
        }
    }
}

/// An item inside the bytes that came: for menus too long to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRef<'a> {
    /// What it is.
    pub kind: ItemType,
    /// What a person reads.
    pub display: &'a [u8],
    /// What to ask for.
    pub selector: &'a [u8],
    /// Where to ask; empty for text.
    pub host: &'a [u8],
    /// At which port; none for text.
    pub port: Option<u16>,
    /// What the fifth column says.
    pub plus: Mark,
}

/// A line of a menu inside the bytes that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryRef<'a> {
    /// An item.
    Item(ItemRef<'a>),
    /// A line that is no item.
    Stray(&'a [u8]),
}

impl EntryRef<'_> {
    /// One to keep.
    pub fn to_entry(&self) -> Entry {
        match self {
            EntryRef::Item(item) => Entry::Item(item.to_item()),
            EntryRef::Stray(line) => Entry::Stray(Text::from(*line)),
        }
    }
}

/// What must be escaped in the path of a Gopher URL (RFC 4266 2.1, RFC 3986 3.3).
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

impl<'a> ItemRef<'a> {
    /// An item of one line without its end; `None` when it is none.
    pub fn parse(line: &'a [u8]) -> Option<ItemRef<'a>> {
        let (first, mut rest) = line.split_first()?;
        let kind = ItemType::new(*first)?;
        let mut more = true;
        let mut column = || {
            let at = if more { memchr(b'\t', rest) } else { return None };
            let (column, after) = rest.split_at_checked(at.unwrap_or(rest.len()))?;
            more = at.is_some();
            rest = after.get(1..).unwrap_or_default();
            Some(column)
        };
        let (display, selector, host, port, plus) = (column()?, column(), column(), column(), column());
        let port = port.and_then(number);
        // Text needs no address, and in practice has a made-up one; anything else is nowhere without it.
        if !kind.is_words() && (host.is_none() || port.is_none()) {
            return None;
        }
        let plus = match plus {
            Some(b"+") => Mark::Plus,
            Some(b"?") => Mark::Asks,
            _ => Mark::None,
        };
        let (selector, host) = (selector.unwrap_or_default(), host.unwrap_or_default());
        Some(ItemRef { kind, display, selector, host, port, plus })
    }

    /// One to keep.
    pub fn to_item(&self) -> Item {
        let ItemRef { kind, display, selector, host, port, plus } = *self;
        let text = |bytes: &[u8]| Text::from(bytes);
        Item { kind, display: text(display), selector: text(selector), host: text(host), port, plus }
    }

    fn carries_link(&self) -> bool {
        self.selector.starts_with(b"URL:") || self.selector.starts_with(b"/URL:")
    }

    /// As [`Item::link`].
    pub fn link(&self) -> Option<Cow<'a, str>> {
        let selector = self.selector;
        let link = selector.strip_prefix(b"URL:").or_else(|| selector.strip_prefix(b"/URL:"))?;
        let link = escape(link);
        let (scheme, rest) = link.split_once(':')?;
        let harmless =
            ["http", "https", "gopher", "gophers", "ftp", "ftps", "mailto", "news", "nntp", "telnet"];
        (harmless.iter().any(|s| scheme.eq_ignore_ascii_case(s)) && !rest.is_empty()).then_some(link)
    }

    fn host(&self) -> Option<Host> {
        std::str::from_utf8(self.host).ok()?.parse().ok()
    }
}

fn number(port: &[u8]) -> Option<u16> {
    std::str::from_utf8(port).ok()?.trim().parse().ok()
}

/// Writes URLs of items. Most items of a menu are on one server: what stands before the path is made once.
#[derive(Debug, Default)]
pub struct Urls {
    /// The server that was asked over TLS.
    secure: Option<Endpoint>,
    last: Option<Start>,
}

/// What the URLs of a server start with.
#[derive(Debug)]
struct Start {
    scheme: &'static str,
    host: Box<[u8]>,
    port: u16,
    /// Nothing where the host is no host.
    text: Option<String>,
}

impl Urls {
    /// Of items in a menu that came from there: an item on the server that was asked over TLS is asked for over TLS, too. A
    /// menu cannot say so itself.
    pub fn of(target: &Target) -> Urls {
        Urls { secure: target.tls.then(|| target.endpoint.clone()), last: None }
    }

    /// Appends the URL: the one the item carries (`URL:https://..`, only for schemes that cannot run anything) or its Gopher
    /// URL; `false`, and nothing, for text and for an address that is none.
    pub fn push(&mut self, item: &ItemRef<'_>, out: &mut Vec<u8>) -> bool {
        if item.carries_link() {
            let link = item.link();
            out.extend_from_slice(link.as_deref().unwrap_or_default().as_bytes());
            return link.is_some();
        }
        let scheme = match item.kind.letter() {
            'i' | '3' => return false,
            '8' => "telnet",
            'T' => "tn3270",
            '2' => "cso",
            _ => "gopher",
        };
        let Some(port) = item.port.filter(|port| *port != 0) else { return false };
        let known = |last: &Start| last.port == port && *last.host == *item.host && last.scheme == scheme;
        if !self.last.as_ref().is_some_and(known) {
            let text = self.start(item, scheme, port);
            self.last = Some(Start { scheme, host: item.host.into(), port, text });
        }
        let Some(start) = self.last.as_ref().and_then(|last| last.text.as_ref()) else { return false };
        out.extend_from_slice(start.as_bytes());
        if scheme == "gopher" {
            out.push(b'/');
            for part in [item.kind.to_byte().as_slice(), item.selector] {
                percent_encode(part, PATH).for_each(|piece| out.extend_from_slice(piece.as_bytes()));
            }
        }
        true
    }

    fn start(&self, item: &ItemRef<'_>, scheme: &str, port: u16) -> Option<String> {
        let host = item.host().filter(|host| !matches!(host, Host::Any | Host::Broadcast))?;
        let is_there = |at: &Endpoint| matches!(at, Endpoint::Inet { host: known, port: own } if *known == host && *own == port);
        let secure = scheme == "gopher" && self.secure.as_ref().is_some_and(is_there);
        let mut text = format!("{scheme}{}://{}", if secure { "s" } else { "" }, host.bracketed());
        let standard = match scheme {
            "gopher" => 70,
            "cso" => 105,
            _ => 23,
        };
        if port != standard {
            // Writing to a String cannot fail.
            let _ = write!(text, ":{port}");
        }
        Some(text)
    }
}

impl Item {
    /// A line of text.
    pub fn info(display: &str) -> Item {
        Item { kind: ItemType::INFO, port: Some(0), ..Item::error(display) }
    }

    /// An error, as servers answer when they have nothing.
    pub fn error(display: &str) -> Item {
        let host = Text::from("error.host");
        let (display, selector) = (Text::from(display), Text::default());
        Item { kind: ItemType::ERROR, display, selector, host, port: Some(1), plus: Mark::None }
    }

    /// The same item, borrowed.
    pub fn borrowed(&self) -> ItemRef<'_> {
        let Item { kind, display, selector, host, port, plus } = self;
        let (display, selector, host) = (display.as_bytes(), selector.as_bytes(), host.as_bytes());
        ItemRef { kind: *kind, display, selector, host, port: *port, plus: *plus }
    }

    /// The URL of the item: the one it carries (`URL:https://..`, only for schemes that cannot run anything) or its
    /// Gopher URL. `None` for text, and for an address that is none.
    pub fn url(&self) -> Option<String> {
        self.url_by(Urls::default())
    }

    /// As [`Item::url`], in a menu that came from there; see [`Urls::of`].
    pub fn url_from(&self, target: &Target) -> Option<String> {
        self.url_by(Urls::of(target))
    }

    fn url_by(&self, mut urls: Urls) -> Option<String> {
        let mut out = Vec::new();
        urls.push(&self.borrowed(), &mut out).then(|| String::from_utf8(out).ok())?
    }

    /// Whether the item is said to be on that server.
    pub fn is_at(&self, endpoint: &Endpoint) -> bool {
        let Endpoint::Inet { host, port } = endpoint else { return false };
        self.port == Some(*port) && self.borrowed().host().is_some_and(|own| own == *host)
    }

    /// The link of an `h` item whose selector starts with `URL:`. Other schemes than these are refused: `javascript:` and
    /// `file:` would act on the reader's own machine.
    pub fn link(&self) -> Option<Cow<'_, str>> {
        self.borrowed().link()
    }

    /// Appends the item as a server sends it.
    ///
    /// ```text
    /// DirEntity ::= Type User_Name TAB Selector TAB Host TAB Port CR-LF          RFC 1436 3.9
    /// ```
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.kind.to_string().as_bytes());
        for (i, column) in [&self.display, &self.selector, &self.host].into_iter().enumerate() {
            if i > 0 {
                out.push(b'\t');
            }
            out.extend(column.as_bytes().iter().filter(|b| !matches!(b, b'\t' | b'\r' | b'\n')));
        }
        out.extend_from_slice(format!("\t{}", self.port.unwrap_or(0)).as_bytes());
        if let Some(mark) = self.plus.column() {
            out.extend_from_slice(format!("\t{mark}").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// An item of one line without its end; `None` when it is none.
    pub fn parse(line: &[u8]) -> Option<Item> {
        ItemRef::parse(line).map(|item| item.to_item())
    }
}
