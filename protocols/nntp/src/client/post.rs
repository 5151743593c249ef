//! An article on its way to the server (RFC 3977 section 6.3).

use std::io::{self, Write};

use netkit_wire::{Reply, Stuffer};

use super::Client;
use crate::command::Command;
use crate::dialogue::Dialogue;
use crate::error::Error;
use crate::reply::code;
use crate::types::MessageId;

/// The text of an article is written to it, header and body; line ends become CRLF, dots are doubled. [`Post::finish`] sends the
/// end. Dropped without it, nothing of the article may be taken for whole: the session is over, and the server never saw an end.
#[derive(Debug)]
pub struct Post<'c> {
    dialogue: &'c mut Dialogue,
    stuffer: Stuffer,
    finished: bool,
    done: netkit_wire::Code,
}

/// How many bytes wait for company before they are sent.
const BATCH: usize = 64 << 10;

impl Client {
    /// Begins to post an article (section 6.3.1).
    ///
    /// # Errors
    /// [`Error::Refused`]: posts are not let in.
    pub fn post(&mut self) -> Result<Post<'_>, Error> {
        self.dialogue.run(&Command::Post, &[code::SEND_POST])?;
        Ok(Post::new(&mut self.dialogue, code::POSTED))
    }

    /// Offers an article to another server (section 6.3.2).
    ///
    /// # Errors
    /// [`Error::Refused`]: it has it already, or asks to be asked later ([`Error::is_transient`]).
    pub fn ihave(&mut self, id: &MessageId) -> Result<Post<'_>, Error> {
        self.dialogue.run(&Command::Ihave(id.clone()), &[code::SEND_TRANSFER])?;
        Ok(Post::new(&mut self.dialogue, code::TRANSFERRED))
    }
}

impl<'c> Post<'c> {
    fn new(dialogue: &'c mut Dialogue, done: netkit_wire::Code) -> Post<'c> {
        Post { dialogue, stuffer: Stuffer::default(), finished: false, done }
    }

    /// Sends the end, and waits for what the server says.
    ///
    /// # Errors
    /// [`Error::Refused`]: the article was not taken. [`Error::Wire`]: it may have been taken or not.
    pub fn finish(mut self) -> Result<Reply, Error> {
        self.finished = true;
        self.stuffer.finish(self.dialogue.conn.outbox());
        let reply = self.dialogue.read()?;
        let done = self.done;
        self.dialogue.expect(reply, &[done])
    }
}

impl Write for Post<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stuffer.push(bytes, self.dialogue.conn.outbox());
        if self.dialogue.conn.outbox().len() >= BATCH {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.dialogue.conn.flush().map_err(|fault| {
            self.dialogue.over = true;
            io::Error::from(fault)
        })
    }
}

impl Drop for Post<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.dialogue.over = true;
        }
    }
}
