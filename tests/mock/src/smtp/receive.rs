//! DATA, the server's side: the message into the mailboxes (RFC 5321 section 4.1.1.4).

use std::io::Read;
use std::sync::Arc;

use netkit_smtp::types::BodyKind;
use netkit_smtp::{ReversePath, code};
use netkit_wire::{Fault, Limit, Phase};

use super::MESSAGE;
use super::session::Session;
use crate::world::Message;

impl Session<'_> {
    /// Only a dot alone between two CRLF ends the message.
    pub(super) fn data(&mut self) -> Result<(), Fault> {
        let binary = self.mail.as_ref().is_some_and(|mail| mail.body == Some(BodyKind::Binary));
        if self.mail.is_none() || self.to.is_empty() || self.chunks.is_open() || binary {
            self.say(code::BAD_SEQUENCE, "5.5.1 MAIL and RCPT first, and no BDAT or BINARYMIME");
            return Ok(());
        }
        self.say(code::START_INPUT, "go on; a line of one dot ends the message");
        self.conn.flush()?;
        let message = self.message()?;
        self.deliver(message);
        Ok(())
    }

    /// Into the mailboxes; `None` is a message that was too large. LMTP answers for each recipient (RFC 2033 section 4.2).
    pub(super) fn deliver(&mut self, message: Option<Arc<[u8]>>) {
        let from = match self.mail.take().map(|mail| mail.from) {
            Some(ReversePath::Mailbox(mailbox)) => mailbox.to_string(),
            _ => String::new(),
        };
        let to = std::mem::take(&mut self.to);
        let lmtp = self.server.lmtp;
        let answers = if lmtp { to.len() } else { 1 };
        let Some(data) = message else {
            (0..answers).for_each(|_| self.say(code::TOO_LARGE, "5.3.4 too large a message"));
            return;
        };
        let mut all = true;
        for to in to {
            let full = lmtp && to.starts_with("full@");
            let message = Message::new(&from, &to, Arc::clone(&data));
            let room = !full && self.server.world.mail().deliver(message);
            all &= room;
            if lmtp {
                self.say_delivered(room);
            }
        }
        if !lmtp {
            self.say_delivered(all);
        }
    }

    fn say_delivered(&mut self, room: bool) {
        match room {
            true => self.say(code::OK, "2.0.0 delivered"),
            false => self.say(code::INSUFFICIENT_STORAGE, "4.2.2 no room in the mailbox"),
        }
    }

    /// The message without stuffed dots. None when it was larger than [`MESSAGE`]: it is then read on, so that the
    /// client hears why, but not for ever.
    fn message(&mut self) -> Result<Option<Arc<[u8]>>, Fault> {
        let mut body = self.conn.dot_body();
        let receiving = |why| Fault::from_io(why, Phase::Receiving);
        let mut data = Vec::new();
        (&mut body).take(MESSAGE).read_to_end(&mut data).map_err(receiving)?;
        let rest = std::io::copy(&mut (&mut body).take(MESSAGE), &mut std::io::sink()).map_err(receiving)?;
        match rest {
            0 => Ok(Some(data.into())),
            MESSAGE => Err(Fault::TooLong(Limit::Body(MESSAGE))),
            _ => Ok(None),
        }
    }
}
