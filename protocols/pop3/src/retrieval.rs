//! Messages on their way: each a [`Read`], one after the other, asked for ahead.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};

use netkit_wire::{DotBody, Fault, Phase};

use crate::answer::Answer;
use crate::client::Dialogue;
use crate::command::Command;
use crate::error::Error;
use crate::types::Number;

/// A message, to be read: with CRLF, without the dots of transparency. What was not read is read past, within the limit of
/// [`Limits::drain`](netkit_wire::Limits::drain), before the next answer.
#[derive(Debug)]
pub struct Message<'m> {
    number: Number,
    answer: Answer,
    body: DotBody<'m>,
}

impl<'m> Message<'m> {
    pub(crate) fn new(number: Number, answer: Answer, dialogue: &'m mut Dialogue) -> Message<'m> {
        Message { number, answer, body: dialogue.conn.dot_body() }
    }

    /// Which message this is.
    pub fn number(&self) -> Number {
        self.number
    }

    /// What the server said of it.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Copies what is left to `to`, and how many bytes that were.
    ///
    /// # Errors
    /// As `read`, or what `to` fails with.
    pub fn copy_to(self, to: &mut dyn Write) -> io::Result<u64> {
        self.body.copy_to(to, None)
    }
}

impl Read for Message<'_> {
    /// # Errors
    /// A [`Fault`] inside when the connection ends before the message does.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.body.read(buf)
    }
}

/// Messages one after the other.
pub struct Retrieval<'m> {
    dialogue: &'m mut Dialogue,
    /// Not asked for yet.
    queue: VecDeque<Number>,
    /// Asked for, and the bytes of the command.
    ahead: VecDeque<(Number, usize)>,
    /// All bytes of commands that wait for an answer.
    outstanding: usize,
    command: Box<dyn Fn(Number) -> Command>,
    pipelines: bool,
}

impl fmt::Debug for Retrieval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrieval")
            .field("left", &self.queue.len())
            .field("ahead", &self.ahead.len())
            .finish_non_exhaustive()
    }
}

impl<'m> Retrieval<'m> {
    pub(crate) fn new(
        dialogue: &'m mut Dialogue,
        queue: VecDeque<Number>,
        command: Box<dyn Fn(Number) -> Command>,
        pipelines: bool,
    ) -> Retrieval<'m> {
        Retrieval { dialogue, queue, ahead: VecDeque::new(), outstanding: 0, command, pipelines }
    }

    /// The next message, or why the server does not give it; none when all were.
    ///
    /// # Errors
    /// [`Error::Refused`] for one message: the others can still be had. Any other error is the last.
    #[allow(
        clippy::should_implement_trait,
        reason = "a message borrows the connection: no Iterator can lend"
    )]
    pub fn next(&mut self) -> Option<Result<Message<'_>, Error>> {
        self.ask();
        let (number, bytes) = self.ahead.pop_front()?;
        self.outstanding -= bytes;
        let answer = self.dialogue.read().and_then(|answer| self.dialogue.positive(answer));
        match answer {
            Ok(answer) => Some(Ok(Message::new(number, answer, self.dialogue))),
            Err(why) => {
                if !why.connection_is_usable() {
                    self.queue.clear();
                    self.ahead.clear();
                }
                Some(Err(why))
            }
        }
    }

    /// Asks for as much as the window has room for, once half of it is free, so that commands leave in few packets.
    fn ask(&mut self) {
        let window = if self.pipelines { self.dialogue.conn.limits().window } else { 1 };
        if !self.ahead.is_empty() && self.outstanding > window / 2 {
            return;
        }
        while self.outstanding < window
            && let Some(number) = self.queue.pop_front()
        {
            let before = self.dialogue.conn.outbox().len();
            (self.command)(number).encode(self.dialogue.conn.outbox());
            let bytes = self.dialogue.conn.outbox().len() - before;
            self.ahead.push_back((number, bytes));
            self.outstanding += bytes;
        }
    }

    /// Asks for nothing more, and reads past what was asked for.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn cancel(mut self) -> Result<(), Error> {
        self.queue.clear();
        while let Some(message) = self.next() {
            match message {
                Ok(mut message) => {
                    io::copy(&mut message, &mut io::sink())
                        .map_err(|why| Error::Wire(Fault::from_io(why, Phase::Receiving)))?;
                }
                Err(why) if why.connection_is_usable() => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }
}

/// Answers that nobody will read are still to come: the conversation is out of step.
impl Drop for Retrieval<'_> {
    fn drop(&mut self) {
        if !self.ahead.is_empty() {
            self.dialogue.over = true;
        }
    }
}
