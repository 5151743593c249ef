//! The dialogue: one request, one answer.

use netkit_socket::{DialReport, Dialed, Dialer};
use netkit_wire::{Conn, Limits, Tap, Text};

use crate::command::Request;
use crate::document::Document;
use crate::error::{Error, Refusal};
use crate::item::Item;
use crate::menu::Menu;
use crate::plus::{Attributes, Header, Name, Plus, Wanted};
use crate::target::Target;
use crate::types::{Ending, ItemType, Query, Selector};

/// The most that the attributes of a menu may be.
const ATTRIBUTES: u64 = 8 << 20;

/// The most that a server may say about why not.
const REFUSAL: u64 = 16 << 10;

/// A connection on which nothing was asked yet.
#[derive(Debug)]
pub struct Client {
    conn: Conn,
}

/// Dials the target's server, with TLS if the target says so. `tap` listens to the conversation.
///
/// # Errors
/// [`Error::Net`].
pub fn connect(
    target: &Target,
    dialer: &Dialer,
    limits: Limits,
    tap: Option<Box<dyn Tap>>,
) -> Result<(Client, DialReport), Error> {
    let dialed =
        if target.tls { dialer.dial_tls(&target.endpoint, &[]) } else { dialer.dial(&target.endpoint) };
    let Dialed { stream, report } = dialed?;
    let mut conn = Conn::new(stream, limits);
    if let Some(tap) = tap {
        conn.set_tap(tap);
    }
    report.notes().iter().for_each(|line| conn.note(line));
    Ok((Client::new(conn), report))
}

impl Client {
    /// Over a connection that is open already.
    pub fn new(conn: Conn) -> Client {
        Client { conn }
    }

    /// The connection, to give it a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Asks for a menu (RFC 1436 3.6).
    ///
    /// # Errors
    /// [`Error::Wire`] when the request cannot be sent; what the answer is like comes from the iterator.
    pub fn menu(self, selector: &Selector) -> Result<Menu, Error> {
        self.ask(selector, None).map(Menu::new)
    }

    /// Searches (RFC 1436 3.7); the answer is a menu.
    ///
    /// # Errors
    /// As [`Client::menu`].
    pub fn search(self, selector: &Selector, query: &Query) -> Result<Menu, Error> {
        self.ask(selector, Some(query)).map(Menu::new)
    }

    /// Asks for a document. Its type decides whether a lone dot at its end belongs to it. A menu asked for in this way
    /// comes as its bytes.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a type that is not fetched over Gopher, [`Error::Refused`] when the answer is an error
    /// item, [`Error::Wire`].
    pub fn get(self, kind: ItemType, selector: &Selector, query: Option<&Query>) -> Result<Document, Error> {
        if !kind.is_fetched() {
            return Err(Error::Unsupported(kind));
        }
        Document::open(self.ask(selector, query)?, kind.is_text())
    }

    /// Asks for the content of an item as Gopher+ has it: in the view of that name, with the answers to its form as `data`.
    ///
    /// # Errors
    /// [`Error::NotPlus`], [`Error::Refused`], [`Error::Wire`].
    pub fn view(
        self,
        selector: &Selector,
        query: Option<&Query>,
        view: Name,
        data: Option<Vec<u8>>,
    ) -> Result<Document, Error> {
        self.ask_plus(selector, query, Plus { ask: Wanted::Content(view), data })
    }

    /// Asks what an item has to tell about itself: all its attributes, or those named, such as `+VIEWS+ABSTRACT`. How the
    /// answer ended tells whether it is whole.
    ///
    /// # Errors
    /// As [`Client::view`]; [`Error::Unexpected`] when no attributes came.
    pub fn attributes(self, selector: &Selector, names: Name) -> Result<(Attributes, Ending), Error> {
        let (items, ending) = self.many(selector, Wanted::Attributes(names))?;
        // One item, whatever else a server thinks of.
        let first = items.into_iter().next();
        Ok((first.ok_or_else(|| Error::Unexpected("attributes", Text::default()))?, ending))
    }

    /// Asks what all the items of a menu have to tell about themselves.
    ///
    /// # Errors
    /// As [`Client::view`].
    pub fn listing(self, selector: &Selector, names: Name) -> Result<(Vec<Attributes>, Ending), Error> {
        self.many(selector, Wanted::Listing(names))
    }

    fn many(self, selector: &Selector, wanted: Wanted) -> Result<(Vec<Attributes>, Ending), Error> {
        let mut answer = self.ask_plus(selector, None, Plus::new(wanted))?;
        let bytes = answer.read_small(ATTRIBUTES)?;
        let items = Attributes::parse(&bytes);
        if items.is_empty() && !bytes.trim_ascii().is_empty() {
            let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            return Err(Error::Unexpected("attributes", Text::from(line.trim_ascii_end())));
        }
        Ok((items, answer.ending().unwrap_or(Ending::Close)))
    }

    fn ask_plus(mut self, selector: &Selector, query: Option<&Query>, plus: Plus) -> Result<Document, Error> {
        Request { plus: Some(plus), ..Request::new(selector.clone(), query.cloned()) }.queue(&mut self.conn);
        self.conn.flush()?;
        let header = Header::decoder(self.conn.limits());
        match self.conn.recv(header)? {
            Header::Data(length) => Ok(Document::of_length(self.conn, length)),
            Header::Error(length) => {
                let said = Document::of_length(self.conn, length).read_small(REFUSAL)?;
                Err(Error::Refused(Box::new(Refusal::parse(&said))))
            }
            Header::Foreign(line) => Err(match Item::parse(line.as_bytes()) {
                Some(item) if item.kind == ItemType::ERROR && line.as_bytes().contains(&b'\t') => {
                    Error::Refused(item.into())
                }
                _ => Error::NotPlus(line),
            }),
        }
    }

    /// Sends the request. The sending side stays open: servers have been seen to give up on a half-closed connection.
    fn ask(mut self, selector: &Selector, query: Option<&Query>) -> Result<Conn, Error> {
        Request::new(selector.clone(), query.cloned()).queue(&mut self.conn);
        self.conn.flush()?;
        Ok(self.conn)
    }
}
