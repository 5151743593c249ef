//! One message on its way: MAIL, RCPT, then DATA (RFC 5321 section 3.3) or BDAT (RFC 3030), pipelined where offered
//! (RFC 2920).

use std::io::Read;

use crate::client::{Client, Dialect, Pending};
use crate::command::{Data, Mail, Rcpt, Rset};
use crate::delivery::{Delivery, InFlight, Recipient, collect};
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::transfer;
use crate::types::{BodyKind, ForwardPath};

/// An open transaction. Dropped without [`Transaction::data`] or [`Transaction::bdat`], it leaves the session as it is:
/// the next one begins with RSET.
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
    /// [`Error::Unsupported`] for an address that needs SMTPUTF8 in a transaction without it, and for a parameter that
    /// needs what the server does not offer; [`Error::Wire`].
    pub fn rcpt(&mut self, rcpt: Rcpt) -> Result<(), Error> {
        if rcpt.to.needs_utf8() && !self.utf8 {
            return Err(Unsupported::Extension("SMTPUTF8").into());
        }
        for keyword in rcpt.parameters.iter().filter_map(|one| one.extension()) {
            need(self.client, keyword)?;
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
        let waiting = std::mem::take(&mut self.waiting);
        collect(self.client, self.mail.take(), waiting, &mut self.recipients)?;
        Ok(&self.recipients)
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

    /// Sends the message to the recipients that were accepted, behind DATA. `message` is header, empty line and body with
    /// any line ends; it is read once, in pieces, and made fit for the wire (CRLF, dots, a last line end).
    ///
    /// # Errors
    /// [`Error::NoRecipient`] when none was accepted; [`Error::Source`] when the message cannot be read, or turns out
    /// to have a line over 998 bytes, or bytes over 127 in a 7-bit transaction: the connection is then given up, since
    /// a begun message cannot be taken back; [`Error::OutcomeUnknown`] when the connection is lost behind the end of
    /// the message; [`Error::Refused`] when the server refuses the message.
    pub fn data(mut self, message: &mut dyn Read) -> Result<Delivery, Error> {
        let sent = self.post_data(message)?;
        self.client.outcome(sent)
    }

    /// As [`Transaction::data`], in counted chunks (RFC 3030), with the envelope in one go where the server pipelines.
    /// `size` is the message's length on the wire, as [`Survey`](crate::Survey) tells it: line ends count two bytes, but
    /// in a [`BodyKind::Binary`] transaction, where every byte is sent as it is.
    ///
    /// # Errors
    /// As [`Transaction::data`]; [`Error::Unsupported`] without CHUNKING; [`Error::Source`] also when the message is not
    /// `size` long.
    pub fn bdat(mut self, message: &mut dyn Read, size: u64) -> Result<Delivery, Error> {
        let sent = self.post_bdat(message, size)?;
        self.client.outcome(sent)
    }

    /// The message without waiting for what becomes of it.
    pub(crate) fn post_data(&mut self, message: &mut dyn Read) -> Result<InFlight, Error> {
        self.require_candidate()?;
        if self.body == BodyKind::Binary {
            return Err(Invalid::new(Argument::Message, "a binary message is sent by BDAT").into());
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
        if let Err(why) = transfer::stuffed(self.client, message, self.body) {
            // The server is inside the message; only the end of the connection tells it to forget that.
            self.client.end();
            return Err(why);
        }
        self.client.transaction_open = false;
        Ok(self.posted(None))
    }

    /// The message in chunks, without waiting for what becomes of it.
    pub(crate) fn post_bdat(&mut self, message: &mut dyn Read, size: u64) -> Result<InFlight, Error> {
        self.require_candidate()?;
        need(self.client, "CHUNKING")?;
        // LMTP's answers are as many as there are accepted recipients, so these have to be known.
        if !self.client.pipelines() || self.client.dialect() == Dialect::Lmtp {
            self.settle()?;
            self.require_recipient()?;
        }
        let chunks = match transfer::chunked(self.client, message, self.body, size) {
            Ok(chunks) => chunks,
            Err(why) => {
                self.client.end();
                return Err(why);
            }
        };
        // Whether it succeeded is not known yet. A failed chunk leaves a failed transaction behind (RFC 3030 section 2),
        // so the next one begins with RSET.
        self.client.transaction_open = true;
        Ok(self.posted(Some(chunks)))
    }

    /// From here on the server may have the whole message, whatever becomes of the connection; but where it was stopped.
    fn posted(&mut self, chunks: Option<transfer::Chunks>) -> InFlight {
        let stopped = chunks.as_ref().is_some_and(|chunks| chunks.stopped);
        let answers = match self.client.dialect() {
            _ if stopped => 0,
            Dialect::Smtp => 1,
            Dialect::Lmtp => self.recipients.iter().filter(|one| one.is_accepted()).count(),
        };
        self.client.count_in_flight(true);
        let last = (0..answers).map(|_| self.client.queued_bytes(3)).collect();
        InFlight {
            mail: self.mail.take(),
            waiting: std::mem::take(&mut self.waiting),
            recipients: std::mem::take(&mut self.recipients),
            chunked: chunks.is_some(),
            chunks: chunks.map(|chunks| chunks.tickets).unwrap_or_default(),
            last,
        }
    }

    fn require_candidate(&self) -> Result<(), Error> {
        if self.waiting.is_empty() && self.recipients.is_empty() {
            return Err(Invalid::new(Argument::Address, "a message has at least one recipient").into());
        }
        Ok(())
    }

    fn require_recipient(&mut self) -> Result<(), Error> {
        if self.recipients.iter().any(Recipient::is_accepted) {
            return Ok(());
        }
        Err(Error::NoRecipient(std::mem::take(&mut self.recipients)))
    }

    /// Nobody is left out: else the transaction is taken back.
    pub(crate) fn require_all(&mut self) -> Result<(), Error> {
        self.settle()?;
        self.require_recipient()?;
        if self.recipients.iter().all(Recipient::is_accepted) {
            return Ok(());
        }
        Err(Error::SomeRefused(std::mem::take(&mut self.recipients)))
    }

    /// DATA refused because nobody was accepted is told as what it is, unless the connection is gone besides.
    fn require_recipient_unless(&mut self, why: &Error) -> Result<(), Error> {
        if why.connection_is_usable() { self.require_recipient() } else { Ok(()) }
    }

    /// The end mark alone.
    fn empty_message(&mut self) -> Result<(), Error> {
        self.client.conn().outbox().extend_from_slice(b".\r\n");
        let ticket = self.client.queued_bytes(3);
        self.client.reply_to(ticket)?;
        self.client.transaction_open = false;
        Ok(())
    }
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

fn need(client: &Client, keyword: &'static str) -> Result<(), Error> {
    if client.capabilities().has(keyword) { Ok(()) } else { Err(Unsupported::Extension(keyword).into()) }
}

/// Whether the server offers what MAIL asks of it.
fn offered(client: &Client, mail: &Mail) -> Result<(), Error> {
    if mail.utf8 || mail.from.needs_utf8() {
        need(client, "SMTPUTF8")?;
    }
    if mail.from.needs_utf8() && !mail.utf8 {
        return Err(Unsupported::Extension("SMTPUTF8").into());
    }
    match mail.body {
        Some(BodyKind::Binary) => {
            need(client, "BINARYMIME")?;
            need(client, "CHUNKING")?;
        }
        Some(_) => need(client, "8BITMIME")?,
        None => {}
    }
    if let Some(size) = mail.size {
        need(client, "SIZE")?;
        if let Some(limit) = client.capabilities().size_limit().filter(|limit| size > *limit) {
            return Err(Unsupported::Size { size, limit }.into());
        }
    }
    mail.parameters.iter().filter_map(|one| one.extension()).try_for_each(|keyword| need(client, keyword))
}
