//! The TRANSACTION state: a maildrop that is open (RFC 1939 section 5).

use netkit_wire::{Conn, Fault};

use crate::answer::Answer;
use crate::capabilities::Capabilities;
use crate::client::{Client, Dialogue};
use crate::command::Command;
use crate::error::Error;
use crate::listing::{Size, Uid, digits_of};
use crate::retrieval::{Message, Retrieval};
use crate::types::{Line, Number};

/// An open maildrop. Messages are marked by [`Maildrop::dele`] and deleted by [`Maildrop::quit`]; dropped without it, nothing
/// is deleted (RFC 1939 section 6).
#[derive(Debug)]
pub struct Maildrop {
    pub(crate) dialogue: Dialogue,
    capabilities: Capabilities,
}

/// How full a maildrop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// How many messages there are that are not marked.
    pub count: u32,
    /// How many bytes they have, as the server counts.
    pub octets: u64,
}

impl Maildrop {
    pub(crate) fn new(client: Client) -> Maildrop {
        Maildrop { dialogue: client.dialogue, capabilities: client.capabilities }
    }

    /// The connection, to give it a tap or a deadline.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.dialogue.conn
    }

    /// Asks what the server offers, which may be other things now that somebody has logged in (RFC 2449 section 5).
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn capa(&mut self) -> Result<&Capabilities, Error> {
        self.capabilities = self.dialogue.capa()?;
        Ok(&self.capabilities)
    }

    /// What the server offered when it was last asked.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// How full it is.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Unexpected`] when the answer is not two numbers.
    pub fn stat(&mut self) -> Result<Stat, Error> {
        let answer = self.dialogue.run(&Command::Stat)?;
        let mut words = answer.text().as_bytes().split(|b| *b == b' ');
        let mut number = || words.next().and_then(digits_of);
        match (number().and_then(|n| u32::try_from(n).ok()), number()) {
            (Some(count), Some(octets)) => Ok(Stat { count, octets }),
            _ => Err(Error::Unexpected(answer)),
        }
    }

    /// Every message and its size.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Wire`] for a line that is no listing: the session is over then, since no number after it
    /// could be trusted.
    pub fn list(&mut self) -> Result<Vec<Size>, Error> {
        let mut all = Vec::new();
        self.dialogue.lines(&Command::List(None), |line| {
            all.push(Size::parse(line).map_err(|why| Fault::malformed(why, line))?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The size of one message.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none of this number; [`Error::Unexpected`].
    pub fn size(&mut self, number: Number) -> Result<u64, Error> {
        let answer = self.dialogue.run(&Command::List(Some(number)))?;
        match Size::parse(answer.text().as_bytes()) {
            Ok(size) if size.number == number => Ok(size.octets),
            _ => Err(Error::Unexpected(answer)),
        }
    }

    /// Every message and the name it has for good. A name that two messages have is told for both.
    ///
    /// # Errors
    /// As [`Maildrop::list`].
    pub fn uids(&mut self) -> Result<Vec<Uid>, Error> {
        let mut all = Vec::new();
        self.dialogue.lines(&Command::Uidl(None), |line| {
            all.push(Uid::parse(line).map_err(|why| Fault::malformed(why, line))?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The name of one message.
    ///
    /// # Errors
    /// As [`Maildrop::size`].
    pub fn uid(&mut self, number: Number) -> Result<String, Error> {
        let answer = self.dialogue.run(&Command::Uidl(Some(number)))?;
        match Uid::parse(answer.text().as_bytes()) {
            Ok(uid) if uid.number == number => Ok(uid.uid),
            _ => Err(Error::Unexpected(answer)),
        }
    }

    /// One message.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none of this number.
    pub fn retr(&mut self, number: Number) -> Result<Message<'_>, Error> {
        let answer = self.dialogue.run(&Command::Retr(number))?;
        Ok(Message::new(number, answer, &mut self.dialogue))
    }

    /// The header of a message and so many lines of its body.
    ///
    /// # Errors
    /// As [`Maildrop::retr`].
    pub fn top(&mut self, number: Number, lines: u32) -> Result<Message<'_>, Error> {
        let answer = self.dialogue.run(&Command::Top(number, lines))?;
        Ok(Message::new(number, answer, &mut self.dialogue))
    }

    /// Messages one after the other. Where the server pipelines, they are asked for ahead, as many as the window of
    /// [`Limits`](netkit_wire::Limits) has room for.
    pub fn retrieve<N: TryInto<u32>>(&mut self, numbers: impl IntoIterator<Item = N>) -> Retrieval<'_> {
        self.ask(numbers, Command::Retr)
    }

    /// As [`Maildrop::retrieve`], of each the header and so many lines of the body.
    pub fn tops<N: TryInto<u32>>(
        &mut self,
        numbers: impl IntoIterator<Item = N>,
        lines: u32,
    ) -> Retrieval<'_> {
        self.ask(numbers, move |number| Command::Top(number, lines))
    }

    fn ask<N: TryInto<u32>>(
        &mut self,
        numbers: impl IntoIterator<Item = N>,
        command: impl Fn(Number) -> Command + 'static,
    ) -> Retrieval<'_> {
        let numbers = numbers.into_iter().filter_map(|n| n.try_into().ok().and_then(Number::new)).collect();
        let pipelines = self.capabilities.has("PIPELINING");
        Retrieval::new(&mut self.dialogue, numbers, Box::new(command), pipelines)
    }

    /// Marks a message: [`Maildrop::quit`] deletes it.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Invalid`] for the number 0.
    pub fn dele(&mut self, number: impl TryInto<u32>) -> Result<Answer, Error> {
        let number = number.try_into().ok().and_then(Number::new);
        let bad =
            crate::error::Invalid::new(crate::error::Argument::Number, "a message has a number from 1 on");
        self.dialogue.run(&Command::Dele(number.ok_or(bad)?))
    }

    /// Marks many, asked for ahead where the server pipelines; what it said of each that it refused.
    ///
    /// # Errors
    /// [`Error::Wire`], [`Error::Unexpected`].
    pub fn delete(&mut self, numbers: &[Number]) -> Result<Vec<(Number, Answer)>, Error> {
        let pipelines = self.capabilities.has("PIPELINING");
        let mut refused = Vec::new();
        // Answers are short: two windows of them fit where one window of commands does.
        for batch in numbers.chunks(if pipelines { 256 } else { 1 }) {
            for number in batch {
                Command::Dele(*number).encode(self.dialogue.conn.outbox());
            }
            for number in batch {
                let answer = self.dialogue.read()?;
                match self.dialogue.positive(answer) {
                    Ok(_) => {}
                    Err(Error::Refused(answer)) => refused.push((*number, answer)),
                    Err(why) => return Err(why),
                }
            }
        }
        Ok(refused)
    }

    /// Takes every mark back.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn rset(&mut self) -> Result<Answer, Error> {
        self.dialogue.run(&Command::Rset)
    }

    /// Asks for nothing.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn noop(&mut self) -> Result<Answer, Error> {
        self.dialogue.run(&Command::Noop)
    }

    /// Sends a line of one's own and waits for its answer. Where this is a command whose answer has lines behind it, they are
    /// given to `take` one by one, without line ends and the dots of transparency.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Wire`].
    pub fn raw(&mut self, line: Line, mut take: impl FnMut(&[u8])) -> Result<Answer, Error> {
        let command = Command::Raw(line);
        if !command.has_lines() {
            return self.dialogue.run(&command);
        }
        self.dialogue.lines(&command, |line| {
            take(line);
            Ok(())
        })
    }

    /// Ends the session, and deletes what is marked.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server could not delete all of it; [`Error::Wire`] when it hangs up without a word: what
    /// was marked may be deleted or not.
    pub fn quit(self) -> Result<Answer, Error> {
        self.dialogue.quit()
    }

    /// Whether another command may be tried.
    pub fn is_usable(&self) -> bool {
        !self.dialogue.over
    }
}
