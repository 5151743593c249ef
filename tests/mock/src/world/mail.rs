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
    /// Its number in the mailbox for good, from 1 on; given when it is delivered.
    pub uid: u32,
}

impl Message {
    /// A message that is not in a mailbox yet.
    pub fn new(from: &str, to: &str, data: Arc<[u8]>) -> Message {
        Message { from: from.to_owned(), to: to.to_owned(), data, uid: 0 }
    }
}

/// One mailbox.
#[derive(Debug, Default)]
struct Mailbox {
    messages: Vec<Message>,
    newest: u32,
}

/// All mailboxes by address.
#[derive(Debug, Default)]
pub struct Mail {
    boxes: BTreeMap<String, Mailbox>,
    /// What all messages together have.
    bytes: usize,
}

impl Mail {
    /// Puts a message into the mailbox of its recipient; `false` when there is no room for it.
    pub fn deliver(&mut self, mut message: Message) -> bool {
        let key = key(&message.to);
        let is_new = !self.boxes.contains_key(&key);
        if is_new && self.boxes.len() >= MAILBOXES || self.bytes.saturating_add(message.data.len()) > CAPACITY
        {
            return false;
        }
        self.bytes += message.data.len();
        let mailbox = self.boxes.entry(key).or_default();
        if mailbox.messages.len() >= MESSAGES {
            self.bytes -= mailbox.messages.remove(0).data.len();
        }
        mailbox.newest += 1;
        message.uid = mailbox.newest;
        mailbox.messages.push(message);
        true
    }

    /// Takes the messages with these numbers out of a mailbox.
    pub fn remove(&mut self, address: &str, uids: &[u32]) {
        let Some(mailbox) = self.boxes.get_mut(&key(address)) else { return };
        let gone: usize =
            mailbox.messages.iter().filter(|one| uids.contains(&one.uid)).map(|one| one.data.len()).sum();
        self.bytes -= gone;
        mailbox.messages.retain(|one| !uids.contains(&one.uid));
    }

    /// The messages of `address`, oldest first.
    pub fn messages(&self, address: &str) -> &[Message] {
        self.boxes.get(&key(address)).map_or(&[], |mailbox| mailbox.messages.as_slice())
    }

    /// All addresses that have a mailbox.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.boxes.keys().map(String::as_str)
    }
}

/// Which mailbox an address means: those with an account have one at every domain, so that who logs in as alice reads what
/// was sent to alice@anywhere; all others have one for each address.
fn key(address: &str) -> String {
    let address = address.to_ascii_lowercase();
    let local = address.split('@').next().unwrap_or_default();
    if super::ACCOUNTS.iter().any(|(name, _)| *name == local) { local.to_owned() } else { address }
}
