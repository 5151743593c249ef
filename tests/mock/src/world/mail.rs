//! Mailboxes: one per recipient address, made when the first mail for it comes.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The most messages a mailbox holds; the oldest go first.
const MESSAGES: usize = 10_000;
/// The most mailboxes.
const MAILBOXES: usize = 10_000;

/// The most bytes all messages together may have: a client that sends for ever meets a wall.
const CAPACITY: usize = 256 << 20;

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
    /// What all messages together have.
    bytes: usize,
}

impl Mail {
    /// Puts a message into the mailbox of its recipient; `false` when there is no room for it.
    pub fn deliver(&mut self, message: Message) -> bool {
        let key = message.to.to_ascii_lowercase();
        let is_new = !self.boxes.contains_key(&key);
        if is_new && self.boxes.len() >= MAILBOXES || self.bytes.saturating_add(message.data.len()) > CAPACITY
        {
            return false;
        }
        self.bytes += message.data.len();
        let messages = self.boxes.entry(key).or_default();
        if messages.len() >= MESSAGES {
            self.bytes -= messages.remove(0).data.len();
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
