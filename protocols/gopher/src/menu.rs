//! Menus: lines of items, ended by a lone dot.

use std::borrow::Cow;
use std::fmt::Write as _;

use netkit_socket::{Endpoint, Host};
use netkit_wire::{Conn, Decode, Ended, Eol, Fault, Limits, Line, Malformed, Step, Text, escape};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use crate::document::PLAIN_ERROR;
use crate::error::Error;
use crate::target::Target;
use crate::types::{Ending, ItemType};

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

/// What must be escaped in the path of a Gopher URL (RFC 4266 2.1, RFC 3986 3.3).
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

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

    /// The URL of the item: the one it carries (`URL:https://..`, only for schemes that cannot run anything) or its
    /// Gopher URL. `None` for text, and for an address that is none.
    pub fn url(&self) -> Option<String> {
        self.url_over(false)
    }

    /// As [`Item::url`], in a menu that came from there: an item on the server that was asked over TLS is asked for over
    /// TLS, too. A menu cannot say so itself.
    pub fn url_from(&self, target: &Target) -> Option<String> {
        self.url_over(target.tls && self.is_at(&target.endpoint))
    }

    /// Whether the item is said to be on that server.
    pub fn is_at(&self, endpoint: &Endpoint) -> bool {
        let Endpoint::Inet { host, port } = endpoint else { return false };
        let own = std::str::from_utf8(self.host.as_bytes()).ok().and_then(|own| own.parse::<Host>().ok());
        self.port == Some(*port) && own.is_some_and(|own| own == *host)
    }

    fn url_over(&self, tls: bool) -> Option<String> {
        if self.carries_link() {
            return self.link().map(Cow::into_owned);
        }
        let host: Host = std::str::from_utf8(self.host.as_bytes()).ok()?.parse().ok()?;
        if matches!(host, Host::Any | Host::Broadcast) {
            return None;
        }
        let port = self.port.filter(|port| *port != 0)?;
        let scheme = match self.kind.letter() {
            'i' | '3' => return None,
            '8' => "telnet",
            'T' => "tn3270",
            '2' => "cso",
            _ if tls => "gophers",
            _ => "gopher",
        };
        let mut url = format!("{scheme}://{}", host.bracketed());
        let standard = match scheme {
            "gopher" | "gophers" => 70,
            "cso" => 105,
            _ => 23,
        };
        if port != standard {
            // Writing to a String cannot fail.
            let _ = write!(url, ":{port}");
        }
        if standard == 70 {
            let _ = write!(
                url,
                "/{}{}",
                percent_encode(self.kind.to_string().as_bytes(), PATH),
                percent_encode(self.selector.as_bytes(), PATH)
            );
        }
        Some(url)
    }

    fn carries_link(&self) -> bool {
        let selector = self.selector.as_bytes();
        selector.starts_with(b"URL:") || selector.starts_with(b"/URL:")
    }

    /// The link of an `h` item whose selector starts with `URL:`. Other schemes than these are refused: `javascript:` and
    /// `file:` would act on the reader's own machine.
    pub fn link(&self) -> Option<Cow<'_, str>> {
        let selector = self.selector.as_bytes();
        let link = selector.strip_prefix(b"URL:").or_else(|| selector.strip_prefix(b"/URL:"))?;
        let link = escape(link);
        let (scheme, rest) = link.split_once(':')?;
        let harmless =
            ["http", "https", "gopher", "gophers", "ftp", "ftps", "mailto", "news", "nntp", "telnet"];
        (harmless.iter().any(|s| scheme.eq_ignore_ascii_case(s)) && !rest.is_empty()).then_some(link)
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
        let (first, rest) = line.split_first()?;
        let kind = ItemType::new(*first)?;
        let mut columns = rest.split(|b| *b == b'\t');
        let mut column = || columns.next();
        let (display, selector, host, port, plus) = (column()?, column(), column(), column(), column());
        let port = port.and_then(|p| std::str::from_utf8(p).ok()?.trim().parse().ok());
        let text_only = matches!(kind, ItemType::INFO | ItemType::ERROR);
        // Text needs no address, and in practice has a made-up one; anything else is nowhere without it.
        if !text_only && (host.is_none() || port.is_none()) {
            return None;
        }
        let text = |bytes: Option<&[u8]>| Text::from(bytes.unwrap_or_default());
        let plus = match plus {
            Some(b"+") => Mark::Plus,
            Some(b"?") => Mark::Asks,
            _ => Mark::None,
        };
        Some(Item {
            kind,
            display: Text::from(display),
            selector: text(selector),
            host: text(host),
            port,
            plus,
        })
    }
}

/// Decodes one line of a menu; `None` is the lone dot.
#[derive(Clone, Copy, Debug)]
pub struct MenuLine(Line);

impl MenuLine {
    /// A line of at most [`Limits::line`] bytes, ended by CRLF or, as many servers do, LF.
    pub fn new(limits: &Limits) -> MenuLine {
        MenuLine(Line::new(limits).eol(Eol::CrlfOrLf))
    }
}

impl Decode for MenuLine {
    type Item = Option<Entry>;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Option<Entry>>, Malformed> {
        let Some((line, used)) = self.0.scan(input)? else { return Ok(Step::More(1)) };
        let entry = match line {
            b"." => None,
            line => Some(Item::parse(line).map_or_else(|| Entry::Stray(Text::from(line)), Entry::Item)),
        };
        Ok(Step::Done(entry, used))
    }
}

/// A menu on its way: an iterator that reads as it goes, so that a menu of any length needs no memory.
#[derive(Debug)]
pub struct Menu {
    conn: Conn,
    count: u64,
    ended: bool,
    ending: Option<Ending>,
    end_is_optional: bool,
}

impl Menu {
    pub(crate) fn new(conn: Conn) -> Menu {
        Menu { conn, count: 0, ended: false, ending: None, end_is_optional: false }
    }

    /// Accepts a menu that ends with the connection instead of a lone dot: some servers never send one, but then nobody
    /// can tell a whole menu from one that was cut between two lines.
    pub fn end_is_optional(mut self, yes: bool) -> Menu {
        self.end_is_optional = yes;
        self
    }

    /// A menu inside an answer of Gopher+, whose length is known.
    ///
    /// # Errors
    /// [`Error::Unexpected`] when it does not start like a menu.
    pub fn parse(bytes: &[u8]) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|b| *b == b'\n');
        for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            if line == b"." || bytes.is_empty() {
                break;
            }
            match Item::parse(line) {
                Some(item) => entries.push(Entry::Item(item)),
                None if entries.is_empty() => return Err(not_a_menu(Text::from(line))),
                None => entries.push(Entry::Stray(Text::from(line))),
            }
        }
        Ok(entries)
    }

    /// How the menu ended, once it did without an error.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    fn step(&mut self) -> Result<Option<Entry>, Error> {
        let line = MenuLine::new(self.conn.limits());
        match self.conn.recv_or_end(line)? {
            Some(None) => {
                self.ending = Some(Ending::Dot);
                Ok(None)
            }
            Some(Some(entry)) => self.accept(entry).map(Some),
            None if self.count == 0 => Err(Fault::Closed(Ended::Before).into()),
            None if self.end_is_optional => {
                self.ending = Some(Ending::Close);
                Ok(None)
            }
            None => Err(Fault::Closed(Ended::Inside).into()),
        }
    }

    fn accept(&mut self, entry: Entry) -> Result<Entry, Error> {
        self.count += 1;
        match entry {
            Entry::Stray(line) if self.count == 1 && line.as_bytes().starts_with(PLAIN_ERROR) => {
                Err(Error::Refused(Item::error(&line.to_str_lossy()).into()))
            }
            Entry::Stray(line) if self.count == 1 => Err(not_a_menu(line)),
            Entry::Item(item) if self.count == 1 && item.kind == ItemType::ERROR => {
                Err(Error::Refused(item.into()))
            }
            entry => Ok(entry),
        }
    }
}

fn not_a_menu(line: Text) -> Error {
    Error::Unexpected("a menu", line)
}

impl Iterator for Menu {
    type Item = Result<Entry, Error>;

    /// The next entry. After an error, as after the end, there is no more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step();
        self.ended = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}
