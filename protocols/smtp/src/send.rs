//! A message from its envelope to its delivery, in one call.

use std::io::{Read, Seek, SeekFrom};

use netkit_wire::Reply;

use crate::client::Client;
use crate::command::{Mail, Rcpt};
use crate::error::{Argument, Error, Invalid, Unsupported};
use crate::survey::Survey;
use crate::types::{BodyKind, ForwardPath, Parameters, ReversePath};

/// Who a message is from and who gets it, which its header does not decide (RFC 5321 section 2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where notices of failure go.
    pub from: ReversePath,
    /// Who gets the message.
    pub to: Vec<ForwardPath>,
}

/// A recipient and what the server said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub path: ForwardPath,
    /// The reply to its RCPT.
    pub reply: Reply,
}

impl Recipient {
    /// Whether the server took it (2yz).
    pub fn is_accepted(&self) -> bool {
        self.reply.code().is(2)
    }
}

/// A message that the server took responsibility for (RFC 5321 section 4.2.5), at least for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Every recipient in the order given, accepted or not.
    pub recipients: Vec<Recipient>,
    /// What the server said to the message.
    pub reply: Reply,
}

impl Delivery {
    /// The recipients who will not get the message.
    pub fn refused(&self) -> impl Iterator<Item = &Recipient> {
        self.recipients.iter().filter(|one| !one.is_accepted())
    }
}

impl Client {
    /// Sends a message. It is read twice: first to learn what it needs (size, 8-bit content, UTF-8 header), so that
    /// all that the server's offers rule out is refused before anything is sent; then to send it.
    ///
    /// # Errors
    /// As [`Transaction::data`](crate::Transaction::data); [`Error::Source`] before anything is sent when the message
    /// cannot be read.
    pub fn send(&mut self, envelope: &Envelope, message: &mut (impl Read + Seek)) -> Result<Delivery, Error> {
        let start = message.stream_position().map_err(Error::Source)?;
        let survey = Survey::of(message).map_err(Error::Source)?;
        message.seek(SeekFrom::Start(start)).map_err(Error::Source)?;
        let mail = self.plan(envelope, &survey)?;
        let mut transaction = self.transaction(mail)?;
        for to in &envelope.to {
            transaction.rcpt(Rcpt::new(to.clone()))?;
        }
        transaction.data(message)
    }

    /// The MAIL command for a message of this kind to this server.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unsupported`].
    pub fn plan(&self, envelope: &Envelope, survey: &Survey) -> Result<Mail, Error> {
        if envelope.to.is_empty() {
            return Err(Invalid::new(Argument::Address, "a message has at least one recipient").into());
        }
        if survey.too_long_line {
            return Err(Invalid::new(Argument::Message, "a line is longer than 998 bytes").into());
        }
        let offers = self.capabilities();
        let utf8 = survey.eight_bit_header
            || envelope.from.needs_utf8()
            || envelope.to.iter().any(ForwardPath::needs_utf8);
        // RFC 6531 section 3.1: a server with SMTPUTF8 has 8BITMIME too. A server that says otherwise is asked for
        // what it does not have, and Unsupported names it.
        for (needed, keyword) in [(utf8, "SMTPUTF8"), (survey.eight_bit, "8BITMIME")] {
            if needed && !offers.has(keyword) {
                return Err(Unsupported::Extension(keyword).into());
            }
        }
        Ok(Mail {
            from: envelope.from.clone(),
            size: offers.has("SIZE").then_some(survey.size),
            body: survey.eight_bit.then_some(BodyKind::EightBit),
            utf8,
            parameters: Parameters::default(),
        })
    }
}
