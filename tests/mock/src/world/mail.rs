//! Mailboxes: one per recipient address, made when the first mail for it comes.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The most messages a mailbox holds; the oldest go first.
const MESSAGES: usize = 10_000;
/// The most mailboxes.
const MAILBOXES: usize = 10_000;

/// A message with the envelope it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// MAIL FROM; empty for the null sender.
    pub from: String,
    /// RCPT TO that put it into this mailbox.
    pub to: String,
    /// The message as it was sent, with CRLF line ends and without dot stuffing.
    pub data: Arc<[u8]>,
}

/// All mailboxes by address.
#[derive(Debug, Default)]
pub struct Mail {
    boxes: BTreeMap<String, Vec<Message>>,
}

impl Mail {
    /// Puts a message into the mailbox of its recipient; `false` when there is no room for another mailbox.
    pub fn deliver(&mut self, message: Message) -> bool {
        let key = message.to.to_ascii_lowercase();
        if !self.boxes.contains_key(&key) && self.boxes.len() >= MAILBOXES {
            return false;
        }
        let messages = self.boxes.entry(key).or_default();
        if messages.len() >= MESSAGES {
            messages.remove(0);
        }
        messages.push(message);
        true
    }

    /// The messages of `address`, oldest first.
    pub fn messages(&self, address: &str) -> &[Message] {
        self.boxes.get(&address.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// All addresses that have a mailbox.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.boxes.keys().map(String::as_str)
    }
}
