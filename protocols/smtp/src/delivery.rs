//! What became of a message: the answers to its envelope, its chunks and its end, in the order they come.

use netkit_wire::{Ended, Fault, Reply, Ticket};

use crate::client::{Client, Pending};
use crate::command::{Mail, Rcpt, completed};
use crate::error::Error;
use crate::types::ForwardPath;

/// A recipient and what the server said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Who.
    pub path: ForwardPath,
    /// The reply to its RCPT.
    pub reply: Reply,
    /// LMTP's reply for this recipient to the message itself (RFC 2033 section 4.2); none in SMTP, and for one that was
    /// refused before.
    pub outcome: Option<Reply>,
}

impl Recipient {
    /// Whether the server took it (2yz).
    pub fn is_accepted(&self) -> bool {
        self.reply.code().is(2)
    }

    /// Whether the message reached it, once the server has taken the message.
    pub fn is_delivered(&self) -> bool {
        self.is_accepted() && self.outcome.as_ref().is_none_or(|reply| reply.code().is(2))
    }

    /// What decided over it: the reply to the message where there is one of its own, else that to its RCPT.
    pub fn verdict(&self) -> &Reply {
        self.outcome.as_ref().unwrap_or(&self.reply)
    }
}

/// A message that the server took responsibility for (RFC 5321 section 4.2.5), at least for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Every recipient in the order given, accepted or not.
    pub recipients: Vec<Recipient>,
    /// What the server said to the message; in LMTP to the first recipient that got it.
    pub reply: Reply,
}

impl Delivery {
    /// The recipients who will not get the message.
    pub fn refused(&self) -> impl Iterator<Item = &Recipient> {
        self.recipients.iter().filter(|one| !one.is_delivered())
    }
}

/// A message that was sent and whose answers were not asked for: [`Client::outcome`] does.
#[derive(Debug)]
#[must_use = "what became of the message is told by `Client::outcome`"]
pub struct InFlight {
    pub(crate) mail: Option<Pending<Mail>>,
    pub(crate) waiting: Vec<(ForwardPath, Pending<Rcpt>)>,
    pub(crate) recipients: Vec<Recipient>,
    /// Whether it went in chunks.
    pub(crate) chunked: bool,
    /// Of the chunks before the last.
    pub(crate) chunks: Vec<Ticket>,
    /// Of the end of the message: one, or one for each accepted recipient. None when it was stopped before its end.
    pub(crate) last: Vec<Ticket>,
}

/// The answers to an envelope. A refused recipient is no error.
pub(crate) fn collect(
    client: &mut Client,
    mail: Option<Pending<Mail>>,
    waiting: Vec<(ForwardPath, Pending<Rcpt>)>,
    recipients: &mut Vec<Recipient>,
) -> Result<(), Error> {
    let refused = match mail.map(|mail| client.wait(mail)) {
        Some(Err(why)) => {
            // Not accepted, so there is nothing to take back.
            client.transaction_ended();
            Some(why)
        }
        _ => None,
    };
    for (path, pending) in waiting {
        if refused.as_ref().is_some_and(|why| !why.connection_is_usable()) {
            break;
        }
        match client.wait(pending) {
            Ok(reply) | Err(Error::Refused(reply)) => {
                recipients.push(Recipient { path, reply, outcome: None })
            }
            Err(why) => return Err(why),
        }
    }
    refused.map_or(Ok(()), Err)
}

impl Client {
    /// Waits for what became of a message that [`Client::post`] sent. Messages are asked for in the order in which they
    /// were sent.
    ///
    /// # Errors
    /// [`Error::NoRecipient`], [`Error::Refused`]; [`Error::OutcomeUnknown`] when the connection was lost before the
    /// server's word on the end of the message.
    pub fn outcome(&mut self, sent: InFlight) -> Result<Delivery, Error> {
        self.count_in_flight(false);
        let InFlight { mail, waiting, mut recipients, chunked, chunks, last } = sent;
        let stopped = last.is_empty();
        let known = |why| if stopped { why } else { lost(why) };
        let envelope = match collect(self, mail, waiting, &mut recipients) {
            Err(why @ (Error::Wire(_) | Error::Over)) => return Err(known(why)),
            // Out of step: what was said later belongs to nobody.
            Err(why @ Error::Unexpected(_)) => return Err(why),
            other => other,
        };
        let mut refusal = None;
        for ticket in chunks {
            let reply = self.reply_to(ticket).map_err(known)?;
            // A refused chunk is kept as the reason; a taken one decides nothing.
            let _ = self.judge(reply, &mut refusal)?;
        }
        let mut taken = None;
        let mut heirs = recipients.iter_mut().filter(|one| one.is_accepted());
        let one_for_all = last.len() == 1 && self.dialect() == crate::client::Dialect::Smtp;
        for ticket in last {
            let reply = self.reply_to(ticket).map_err(known)?;
            let reply = match self.judge(reply, &mut refusal)? {
                Ok(reply) => {
                    taken.get_or_insert_with(|| reply.clone());
                    reply
                }
                Err(reply) => reply,
            };
            if !one_for_all && let Some(heir) = heirs.next() {
                heir.outcome = Some(reply);
            }
        }
        // A refused chunk, even of a refused sender, has to be forgotten before the next MAIL (RFC 3030 section 2).
        self.transaction_open |= chunked && refusal.is_some();
        envelope?;
        if !recipients.iter().any(Recipient::is_accepted) {
            return Err(Error::NoRecipient(recipients));
        }
        match (taken, refusal) {
            (Some(reply), refusal) if refusal.is_none() || !one_for_all => {
                // Taken, so that the server waits for the next MAIL.
                self.transaction_ended();
                Ok(Delivery { recipients, reply })
            }
            (_, Some(reply)) if one_for_all || stopped => Err(Error::Refused(reply)),
            (_, Some(_)) => Err(Error::NoRecipient(recipients)),
            _ => Err(Error::Over),
        }
    }

    /// A reply to a chunk or to the end: a refusal is kept, the first of them; one that cannot be ends the session.
    fn judge(&mut self, reply: Reply, refusal: &mut Option<Reply>) -> Result<Result<Reply, Reply>, Error> {
        match completed(reply) {
            Ok(reply) => Ok(Ok(reply)),
            Err(Error::Refused(reply)) => {
                refusal.get_or_insert_with(|| reply.clone());
                Ok(Err(reply))
            }
            Err(why) => {
                self.end();
                Err(why)
            }
        }
    }
}

/// What a lost connection means once the message's end was sent.
fn lost(why: Error) -> Error {
    match why {
        Error::Wire(fault) => Error::OutcomeUnknown(fault),
        Error::Over => Error::OutcomeUnknown(Fault::Closed(Ended::Before)),
        other => other,
    }
}
