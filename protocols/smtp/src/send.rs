//! A message from its envelope to its delivery, in one call; and many of them, one behind the other.

use std::io::{Read, Seek, SeekFrom};

use crate::client::Client;
use crate::command::{Mail, Rcpt};
use crate::delivery::{Delivery, InFlight};
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

/// How a message is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Parameters of MAIL: those of [`Parameter`](crate::types::Parameter)'s own constructors, or any.
    pub mail: Parameters,
    /// Parameters of every RCPT.
    pub rcpt: Parameters,
    /// What happens when some recipients are refused.
    pub partial: Partial,
    /// How the message is carried.
    pub transfer: Transfer,
}

/// What happens when the server takes some recipients and not others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Partial {
    /// Those who were taken get the message.
    #[default]
    Deliver,
    /// Nobody does: the transaction is taken back, and the error is [`Error::SomeRefused`]. The answers have to be here
    /// before the message can be sent, which costs a round trip. In LMTP a server can still fail for some afterwards.
    Refuse,
}

/// How a message is carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// In chunks where the server takes them, else behind DATA.
    #[default]
    Best,
    /// Behind DATA (RFC 5321 section 4.1.1.4).
    Data,
    /// In chunks (RFC 3030).
    Chunks,
    /// In chunks, every byte as it is (BINARYMIME, RFC 3030 section 3).
    Binary,
}

impl Client {
    /// Sends a message. It is read twice: first to learn what it needs (size, 8-bit content, UTF-8 header), so that
    /// all that the server's offers rule out is refused before anything is sent; then to send it.
    ///
    /// # Errors
    /// As [`Transaction::data`](crate::Transaction::data); [`Error::Source`] before anything is sent when the message
    /// cannot be read.
    pub fn send(&mut self, envelope: &Envelope, message: &mut (impl Read + Seek)) -> Result<Delivery, Error> {
        self.send_with(envelope, &Options::default(), message)
    }

    /// As [`Client::send`], with options.
    ///
    /// # Errors
    /// As [`Client::send`]; [`Error::SomeRefused`].
    pub fn send_with(
        &mut self,
        envelope: &Envelope,
        options: &Options,
        message: &mut (impl Read + Seek),
    ) -> Result<Delivery, Error> {
        let sent = self.post(envelope, options, message)?;
        self.outcome(sent)
    }

    /// Sends a message and does not wait for what becomes of it, so that the next one can follow at once.
    /// [`Client::outcome`] tells, and is to be asked for every message in turn.
    ///
    /// Where the server takes chunks, envelope and message go in one and many messages can be under way; behind DATA, the
    /// next envelope goes with the message before it (RFC 2920 section 3.1).
    ///
    /// # Errors
    /// As [`Client::send`], for what is known before the message is sent.
    pub fn post(
        &mut self,
        envelope: &Envelope,
        options: &Options,
        message: &mut (impl Read + Seek),
    ) -> Result<InFlight, Error> {
        let start = message.stream_position().map_err(Error::Source)?;
        let survey = Survey::of(message).map_err(Error::Source)?;
        message.seek(SeekFrom::Start(start)).map_err(Error::Source)?;
        let chunks = match options.transfer {
            Transfer::Data => false,
            Transfer::Chunks | Transfer::Binary => true,
            Transfer::Best => self.capabilities().has("CHUNKING"),
        };
        // What cannot be had is said before anything is sent.
        for keyword in chunks
            .then_some("CHUNKING")
            .into_iter()
            .chain(options.rcpt.iter().filter_map(|one| one.extension()))
        {
            if !self.capabilities().has(keyword) {
                return Err(Unsupported::Extension(keyword).into());
            }
        }
        let binary = options.transfer == Transfer::Binary;
        let mut mail = self.plan(envelope, &survey, binary)?;
        mail.parameters = options.mail.clone();
        let size = if binary { survey.bytes } else { survey.size };
        let mut transaction = self.transaction(mail)?;
        for to in &envelope.to {
            transaction.rcpt(Rcpt { parameters: options.rcpt.clone(), ..Rcpt::new(to.clone()) })?;
        }
        if options.partial == Partial::Refuse {
            transaction.require_all()?;
        }
        if chunks { transaction.post_bdat(message, size) } else { transaction.post_data(message) }
    }

    /// The MAIL command for a message of this kind to this server.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unsupported`].
    pub fn plan(&self, envelope: &Envelope, survey: &Survey, binary: bool) -> Result<Mail, Error> {
        if envelope.to.is_empty() {
            return Err(Invalid::new(Argument::Address, "a message has at least one recipient").into());
        }
        if survey.too_long_line && !binary {
            return Err(Invalid::new(Argument::Message, "a line is longer than 998 bytes").into());
        }
        if survey.bare_line_end && binary {
            // What is a line end to one server and data to the next is how mail is smuggled.
            return Err(Invalid::new(
                Argument::Message,
                "a binary message's header ends its lines with CRLF",
            )
            .into());
        }
        let offers = self.capabilities();
        let utf8 = survey.eight_bit_header
            || envelope.from.needs_utf8()
            || envelope.to.iter().any(ForwardPath::needs_utf8);
        let eight_bit = survey.eight_bit && !binary;
        // RFC 6531 section 3.1: a server with SMTPUTF8 has 8BITMIME too. A server that says otherwise is asked for
        // what it does not have, and Unsupported names it.
        for (needed, keyword) in [(utf8, "SMTPUTF8"), (eight_bit, "8BITMIME")] {
            if needed && !offers.has(keyword) {
                return Err(Unsupported::Extension(keyword).into());
            }
        }
        let size = if binary { survey.bytes } else { survey.size };
        let body = if binary { Some(BodyKind::Binary) } else { eight_bit.then_some(BodyKind::EightBit) };
        Ok(Mail {
            from: envelope.from.clone(),
            size: offers.has("SIZE").then_some(size),
            body,
            utf8,
            parameters: Parameters::default(),
        })
    }
}
