//! One message on its way: MAIL, RCPT, DATA (RFC 5321 section 3.3), pipelined where offered (RFC 2920).

use std::io::Read;

use netkit_wire::Stuffer;

use crate::client::{Client, Pending};
use crate::command::{Data, Mail, Rcpt, Rset, completed};
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::send::{Delivery, Recipient};
use crate::survey::Watch;
use crate::types::{BodyKind, ForwardPath};

/// How much of a message is read and sent at once.
const CHUNK: usize = 64 << 10;

/// An open transaction. Dropped without [`Transaction::data`], it leaves the session as it is: the next one begins
/// with RSET.
#[derive(Debug)]
pub struct Transaction<'c> {
    client: &'c mut Client,
    mail: Option<Pending<Mail>>,
    body: BodyKind,
    utf8: bool,
    waiting: Vec<(ForwardPath, Pending<Rcpt>)>,
    recipients: Vec<Recipient>,
}

impl<'c> Transaction<'c> {
    pub(crate) fn open(client: &'c mut Client, mail: Mail) -> Result<Transaction<'c>, Error> {
        client.greeting()?;
        offered(client, &mail)?;
        if std::mem::take(&mut client.transaction_open) {
            let rset = client.queue(Rset)?;
            client.abandon(rset.ticket);
        }
        let (body, utf8) = (mail.body.unwrap_or_default(), mail.utf8);
        let mail = client.queue(mail)?;
        client.transaction_open = true;
        let recipients = Vec::new();
        let mut this = Transaction { client, mail: Some(mail), body, utf8, waiting: Vec::new(), recipients };
        if !this.client.pipelines() {
            this.settle()?;
        }
        Ok(this)
    }

    /// Adds a recipient. What the server says of it is in [`Transaction::settle`] and in the [`Delivery`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] for an address that needs SMTPUTF8 in a transaction without it; [`Error::Wire`].
    pub fn rcpt(&mut self, rcpt: Rcpt) -> Result<(), Error> {
        if rcpt.to.needs_utf8() && !self.utf8 {
            return Err(Unsupported::Extension("SMTPUTF8").into());
        }
        let to = rcpt.to.clone();
        let pending = self.client.queue(Rcpt { utf8: self.utf8, ..rcpt })?;
        self.waiting.push((to, pending));
        Ok(())
    }

    /// Waits for every answer so far: MAIL's, and each recipient's.
    ///
    /// # Errors
    /// [`Error::Refused`] when MAIL was; a refused recipient is no error here.
    pub fn settle(&mut self) -> Result<&[Recipient], Error> {
        let refused = match self.mail.take().map(|mail| self.client.wait(mail)) {
            Some(Err(why)) => {
                // Not accepted, so there is nothing to take back.
                self.client.transaction_open = false;
                Some(why)
            }
            _ => None,
        };
        for (path, pending) in std::mem::take(&mut self.waiting) {
            if refused.as_ref().is_some_and(|why| !why.connection_is_usable()) {
                break;
            }
            match self.client.wait(pending) {
                Ok(reply) | Err(Error::Refused(reply)) => self.recipients.push(Recipient { path, reply }),
                Err(why) => return Err(why),
            }
        }
        match refused {
            Some(why) => Err(why),
            None => Ok(&self.recipients),
        }
    }

    /// Gives up the transaction (RSET).
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`].
    pub fn abort(mut self) -> Result<(), Error> {
        // A refused MAIL is nothing to abort; that the server said so is no failure of this call.
        if let Err(why) = self.settle()
            && !why.connection_is_usable()
        {
            return Err(why);
        }
        self.client.rset().map(|_| ())
    }

    /// Sends the message to the recipients that were accepted. `message` is header, empty line and body with any line
    /// ends; it is read once, in pieces, and made fit for the wire (CRLF, dots, a last line end).
    ///
    /// # Errors
    /// [`Error::NoRecipient`] when none was accepted; [`Error::Source`] when the message cannot be read, or turns out
    /// to have a line over 998 bytes, or bytes over 127 in a 7-bit transaction: the connection is then given up, since
    /// a begun message cannot be taken back; [`Error::OutcomeUnknown`] when the connection is lost behind the end of
    /// the message; [`Error::Refused`] when the server refuses the message.
    pub fn data(mut self, message: &mut dyn Read) -> Result<Delivery, Error> {
        if self.waiting.is_empty() && self.recipients.is_empty() {
            return Err(Invalid::new(Argument::Address, "a message has at least one recipient").into());
        }
        // Lock-step, and answers that are here already, spare the server a DATA that cannot succeed.
        if !self.client.pipelines() {
            self.settle()?;
            self.require_recipient()?;
        }
        let data = self.client.queue(Data)?;
        let envelope = self.settle().map(|_| ());
        let leave = self.client.wait(data);
        let accepted = self.recipients.iter().any(Recipient::is_accepted);
        match (envelope, leave) {
            (Ok(()), Ok(_)) if accepted => {}
            // RFC 2920 section 3.1: a server may give leave although nobody is to get the message. Nothing but the
            // end mark is sent then, and whatever it answers, nothing was delivered.
            (envelope, Ok(_)) => {
                self.empty_message()?;
                envelope?;
                self.require_recipient()?;
            }
            (Err(why), Err(_)) => return Err(why),
            (Ok(()), Err(why)) => {
                self.require_recipient_unless(&why)?;
                return Err(why);
            }
        }
        self.stream(message)
    }

    fn require_recipient(&mut self) -> Result<(), Error> {
        if self.recipients.iter().any(Recipient::is_accepted) {
            return Ok(());
        }
        Err(Error::NoRecipient(std::mem::take(&mut self.recipients)))
    }

    /// DATA refused because nobody was accepted is told as what it is, unless the connection is gone besides.
    fn require_recipient_unless(&mut self, why: &Error) -> Result<(), Error> {
        if why.connection_is_usable() { self.require_recipient() } else { Ok(()) }
    }

    /// The end mark alone.
    fn empty_message(&mut self) -> Result<(), Error> {
        self.client.conn().outbox().extend_from_slice(b".\r\n");
        let reply = self.client.read()?;
        self.client.leave_on(&reply);
        self.client.transaction_open = false;
        Ok(())
    }

    fn stream(mut self, message: &mut dyn Read) -> Result<Delivery, Error> {
        let recipients = std::mem::take(&mut self.recipients);
        let client = &mut *self.client;
        let stuffer = match send_body(client, message, self.body) {
            Ok(stuffer) => stuffer,
            Err(why) => {
                // The server is inside the message; only the end of the connection tells it to forget that.
                client.end();
                return Err(why);
            }
        };
        stuffer.finish(client.conn().outbox());
        client.transaction_open = false;
        // From here on the server may have the whole message, whatever becomes of the connection.
        let reply = client.read().map_err(|why| match why {
            Error::Wire(fault) => Error::OutcomeUnknown(fault),
            other => other,
        })?;
        client.leave_on(&reply);
        match completed(reply) {
            Ok(reply) => Ok(Delivery { recipients, reply }),
            Err(why) => {
                if let Error::Unexpected(_) = why {
                    client.end();
                }
                Err(why)
            }
        }
    }
}

/// Everything but the end mark.
fn send_body(client: &mut Client, message: &mut dyn Read, body: BodyKind) -> Result<Stuffer, Error> {
    let mut stuffer = Stuffer::default();
    let mut watch = Watch::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = match message.read(&mut chunk) {
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other.map_err(Error::Source)?,
        };
        let piece = chunk.get(..n).unwrap_or_default();
        watch.look(piece);
        if watch.too_long() {
            return Err(unfit("a line is longer than 998 bytes"));
        }
        if watch.eight_bit() && body == BodyKind::SevenBit {
            return Err(unfit("there are bytes over 127 in a 7-bit transaction"));
        }
        if n == 0 {
            return Ok(stuffer);
        }
        stuffer.push(piece, client.conn().outbox());
        // The last piece leaves together with the end mark.
        if client.conn().outbox().len() >= CHUNK {
            client.conn().flush().map_err(|fault| client.broken(fault))?;
        }
    }
}

fn unfit(rule: &'static str) -> Error {
    Error::Source(std::io::Error::new(std::io::ErrorKind::InvalidData, Invalid::new(Argument::Message, rule)))
}

/// A dropped transaction waits for no answer; they are read, and thrown away, before the next one.
impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        let mail = self.mail.take().map(|mail| mail.ticket);
        for ticket in self.waiting.drain(..).map(|(_, rcpt)| rcpt.ticket).chain(mail) {
            self.client.abandon(ticket);
        }
    }
}

/// Whether the server offers what MAIL asks of it.
fn offered(client: &Client, mail: &Mail) -> Result<(), Error> {
    let capabilities = client.capabilities();
    let need =
        |keyword| if capabilities.has(keyword) { Ok(()) } else { Err(Unsupported::Extension(keyword)) };
    if mail.utf8 {
        need("SMTPUTF8")?;
    } else if mail.from.needs_utf8() {
        return Err(Unsupported::Extension("SMTPUTF8").into());
    }
    if mail.body.is_some() {
        need("8BITMIME")?;
    }
    if let Some(size) = mail.size {
        need("SIZE")?;
        if let Some(limit) = capabilities.size_limit().filter(|limit| size > *limit) {
            return Err(Unsupported::Size { size, limit }.into());
        }
    }
    for one in mail.parameters.iter() {
        if one.keyword() == "AUTH" {
            need("AUTH")?;
        }
    }
    Ok(())
}
