//! IDLE (RFC 2177): waiting for what happens.

use std::time::{Duration, Instant};

use netkit_wire::Text;

use super::Selected;
use crate::command::Command;
use crate::error::Error;
use crate::response::{Kind, MailboxStatus, Response, Untagged};
use crate::types::Set;

/// What IDLE tells (RFC 2177).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There are so many messages now.
    Exists(u32),
    /// The message of this number is gone.
    Expunge(u32),
    /// The flags of the message of this number changed; what the server told, escaped.
    Changed(u32),
    /// These UIDs are gone (RFC 7162).
    Vanished(Set),
    /// In another mailbox, that NOTIFY tells of (RFC 5465).
    Mailbox(MailboxStatus),
    /// Anything else, escaped.
    Other(Text),
}

impl Selected {
    /// Waits for the server to tell of changes (RFC 2177), at most so long; what it told. The wait is renewed by the caller: a
    /// server may end a connection that idles for half an hour.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`], [`Error::Wire`].
    pub fn idle(&mut self, at_most: Duration) -> Result<Vec<Event>, Error> {
        self.session.dialogue.need("IDLE")?;
        let dialogue = &mut self.session.dialogue;
        let command = Command::new("IDLE", dialogue.utf8);
        let mut events = Vec::new();
        let tag = dialogue.send(command, &mut std::io::empty(), &mut |_| false)?;
        dialogue.leave(&tag, &mut |untagged| {
            events.extend(event(untagged));
            true
        })?;
        let end = Instant::now().checked_add(at_most);
        while events.is_empty() {
            let left = end.map_or(at_most, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() || !dialogue.conn.is_ready_within(left) {
                break;
            }
            let frame = dialogue.frame()?;
            match Response::parse(&frame, dialogue.utf8) {
                Response::Untagged(untagged) => {
                    if let Some(bye) = untagged.bye() {
                        dialogue.end();
                        return Err(Error::Over(Some(bye.clone())));
                    }
                    events.extend(event(&untagged));
                    dialogue.unasked(&untagged, true, &frame);
                }
                // The server ends it by itself.
                Response::Tagged(..) => {
                    dialogue.end();
                    return Err(Error::Unexpected(netkit_wire::escape(&frame).into_owned()));
                }
                Response::Continue(_) => {}
            }
        }
        dialogue.conn.outbox().extend_from_slice(b"DONE\r\n");
        dialogue.finish(&tag, &mut |untagged| {
            events.extend(event(untagged));
            true
        })?;
        self.take_in(&events);
        Ok(events)
    }

    /// Asks what has happened: for servers without IDLE.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`].
    pub fn poll(&mut self) -> Result<Vec<Event>, Error> {
        let command = self.command("NOOP");
        let mut events = Vec::new();
        self.session.dialogue.run(command, &mut |untagged| {
            events.extend(event(untagged));
            true
        })?;
        self.take_in(&events);
        Ok(events)
    }

    fn take_in(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Exists(n) => self.exists = *n,
                Event::Expunge(_) => self.exists = self.exists.saturating_sub(1),
                _ => {}
            }
        }
    }
}

fn event(untagged: &Untagged<'_>) -> Option<Event> {
    Some(match untagged {
        Untagged::Exists(n) => Event::Exists(*n),
        Untagged::Expunge(n) => Event::Expunge(*n),
        Untagged::Fetch(fetch) => Event::Changed(fetch.number),
        Untagged::Vanished(_, uids) => Event::Vanished(uids.clone()),
        Untagged::Recent(_) => return None,
        Untagged::Status(status) if status.kind == Kind::Ok => return None,
        Untagged::Status(status) => Event::Other(Text::from(status.to_string().as_str())),
        Untagged::MailboxStatus(status) => Event::Mailbox(status.clone()),
        Untagged::Unknown(text) | Untagged::Other(text) => Event::Other(text.clone()),
        _ => return None,
    })
}
