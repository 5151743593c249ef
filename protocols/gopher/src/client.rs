//! The dialogue: one request, one answer.

use netkit_socket::{DialReport, Dialed, Dialer};
use netkit_wire::{Conn, Limits, Tap};

use crate::command::Request;
use crate::document::Document;
use crate::error::Error;
use crate::menu::Menu;
use crate::target::Target;
use crate::types::{ItemType, Query, Selector};

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

    /// Sends the request. The sending side stays open: servers have been seen to give up on a half-closed connection.
    fn ask(mut self, selector: &Selector, query: Option<&Query>) -> Result<Conn, Error> {
        let request = Request { selector: selector.clone(), query: query.cloned() };
        request.encode(self.conn.outbox());
        self.conn.flush()?;
        Ok(self.conn)
    }
}
