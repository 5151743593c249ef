//! Streaming between servers: CHECK and TAKETHIS ahead of their answers (RFC 4644).

use netkit_wire::{Reply, Stuffer};

use super::Client;
use crate::command::Command;
use crate::error::{Error, Unsupported};
use crate::reply::code;
use crate::types::MessageId;

/// What a server says to an offer (RFC 4644 section 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Send it.
    Yes,
    /// Ask later.
    Later,
    /// Do not.
    No,
}

impl Client {
    /// Tells the server that articles will be streamed (RFC 4644 section 2.3).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn stream(&mut self) -> Result<(), Error> {
        if self.offers().is_known() && !self.offers().has("STREAMING") {
            return Err(Unsupported::Capability("STREAMING").into());
        }
        self.dialogue.run(&Command::ModeStream, &[code::STREAMING]).map(|_| ())
    }

    /// Asks of many articles whether they are wanted, ahead of the answers.
    ///
    /// # Errors
    /// [`Error::Unexpected`], also when an answer is about another article than the one asked for; [`Error::Wire`].
    pub fn check(&mut self, ids: &[MessageId]) -> Result<Vec<Wanted>, Error> {
        let window = self.dialogue.conn.limits().window;
        let mut wanted = Vec::with_capacity(ids.len());
        let mut asked = ids.iter();
        let (mut ahead, mut bytes) = (std::collections::VecDeque::new(), 0);
        loop {
            while bytes < window
                && let Some(id) = asked.next()
            {
                self.dialogue.queue(&Command::Check(id.clone()))?;
                bytes += id.as_str().len() + 8;
                ahead.push_back(id);
            }
            let Some(id) = ahead.pop_front() else { return Ok(wanted) };
            bytes -= id.as_str().len() + 8;
            let reply = self.dialogue.read()?;
            let answer = match reply.code() {
                code::WANTED => Wanted::Yes,
                code::CHECK_LATER => Wanted::Later,
                code::CHECK_REFUSED => Wanted::No,
                code if code.is(4) || code.is(5) => {
                    // Answers that nobody will read are still to come.
                    self.dialogue.over |= !ahead.is_empty();
                    return Err(Error::Refused(reply));
                }
                _ => return Err(self.out_of_step(reply)),
            };
            if !names(&reply, id) {
                return Err(self.out_of_step(reply));
            }
            wanted.push(answer);
        }
    }

    /// Sends an article without asking (RFC 4644 section 2.5).
    ///
    /// # Errors
    /// [`Error::Refused`]: it was not taken, and should not be sent again; [`Error::Wire`].
    pub fn takethis(&mut self, id: &MessageId, article: &[u8]) -> Result<Reply, Error> {
        self.dialogue.queue(&Command::Takethis(id.clone()))?;
        let mut stuffer = Stuffer::default();
        for piece in article.chunks(64 << 10) {
            stuffer.push(piece, self.dialogue.conn.outbox());
            self.dialogue.conn.flush().map_err(|fault| self.dialogue.broken(fault))?;
        }
        stuffer.finish(self.dialogue.conn.outbox());
        let reply = self.dialogue.read()?;
        if [code::TAKEN, code::TAKE_REJECTED].contains(&reply.code()) && !names(&reply, id) {
            return Err(self.out_of_step(reply));
        }
        self.dialogue.expect(reply, &[code::TAKEN])
    }

    fn out_of_step(&mut self, reply: Reply) -> Error {
        self.dialogue.over = true;
        Error::Unexpected(reply)
    }
}

/// Whether a reply begins with the id that it must be about.
fn names(reply: &Reply, id: &MessageId) -> bool {
    reply.first().split(|b| *b == b' ').next() == Some(id.as_str().as_bytes())
}
