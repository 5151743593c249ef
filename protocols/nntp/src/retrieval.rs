//! Articles on their way: each a [`Read`], one after the other, asked for ahead.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};

use netkit_wire::{Code, DotBody, Fault, Phase};

use crate::command::Command;
use crate::dialogue::Dialogue;
use crate::error::Error;
use crate::reply::{Found, code};
use crate::types::Which;

/// How much of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Article,
    /// The header.
    Head,
    /// The body.
    Body,
    /// Only whether it is there.
    Stat,
}

impl Part {
    fn command(self, which: Which) -> Command {
        match self {
            Part::Article => Command::Article(which),
            Part::Head => Command::Head(which),
            Part::Body => Command::Body(which),
            Part::Stat => Command::Stat(which),
        }
    }

    fn code(self) -> Code {
        match self {
            Part::Article => code::ARTICLE,
            Part::Head => code::HEAD,
            Part::Body => code::BODY,
            Part::Stat => code::FOUND,
        }
    }
}

/// An article or a part of it, to be read: with CRLF, without the dots of transparency. What was not read is read past, within
/// the limit of [`Limits::drain`](netkit_wire::Limits::drain), before the next reply.
#[derive(Debug)]
pub struct Article<'m> {
    found: Found,
    /// None for [`Part::Stat`].
    body: Option<DotBody<'m>>,
}

impl<'m> Article<'m> {
    pub(crate) fn new(found: Found, dialogue: &'m mut Dialogue) -> Article<'m> {
        Article { found, body: Some(dialogue.conn.dot_body()) }
    }

    /// Which article the server says this is.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// Copies what is left to `to`, and how many bytes that were.
    ///
    /// # Errors
    /// As `read`, or what `to` fails with.
    pub fn copy_to(self, to: &mut dyn Write) -> io::Result<u64> {
        self.body.map_or(Ok(0), |body| body.copy_to(to, None))
    }
}

impl Read for Article<'_> {
    /// # Errors
    /// A [`Fault`] inside when the connection ends before the article does.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.body.as_mut().map_or(Ok(0), |body| body.read(buf))
    }
}

/// Articles one after the other.
pub struct Retrieval<'m> {
    dialogue: &'m mut Dialogue,
    part: Part,
    /// Not asked for yet.
    queue: Box<dyn Iterator<Item = Which>>,
    /// Asked for, and the bytes of the command.
    ahead: VecDeque<(Which, usize)>,
    /// All bytes of commands that wait for a reply.
    outstanding: usize,
}

impl fmt::Debug for Retrieval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrieval").field("ahead", &self.ahead.len()).finish_non_exhaustive()
    }
}

impl<'m> Retrieval<'m> {
    pub(crate) fn new(
        dialogue: &'m mut Dialogue,
        part: Part,
        queue: Box<dyn Iterator<Item = Which>>,
    ) -> Retrieval<'m> {
        Retrieval { dialogue, part, queue, ahead: VecDeque::new(), outstanding: 0 }
    }

    /// The next article, or why the server does not give it, with what was asked for; none when all were.
    ///
    /// # Errors
    /// [`Error::Refused`] for one article: the others can still be had. Any other error is the last.
    #[allow(
        clippy::should_implement_trait,
        reason = "an article borrows the connection: no Iterator can lend"
    )]
    pub fn next(&mut self) -> Option<(Which, Result<Article<'_>, Error>)> {
        if let Err(why) = self.ask() {
            return Some((Which::Current, Err(why)));
        }
        let (which, bytes) = self.ahead.pop_front()?;
        self.outstanding -= bytes;
        match self.answer(&which) {
            Ok(found) => {
                let has_body = self.part != Part::Stat;
                let body = has_body.then(|| self.dialogue.conn.dot_body());
                Some((which, Ok(Article { found, body })))
            }
            Err(why) => {
                if !why.connection_is_usable() {
                    self.give_up();
                }
                Some((which, Err(why)))
            }
        }
    }

    fn answer(&mut self, which: &Which) -> Result<Found, Error> {
        let reply = self.dialogue.read()?;
        let wanted = self.part.code();
        let mixed = self.dialogue.lenient && [code::ARTICLE, code::BODY].contains(&wanted);
        let either = [code::ARTICLE, code::BODY];
        let reply =
            self.dialogue.expect(reply, if mixed { &either } else { std::slice::from_ref(&wanted) })?;
        let found = Found::parse(reply.first());
        // An answer about another article would be filed under the wrong name.
        let fits = found.as_ref().is_some_and(|found| match which {
            Which::Current => true,
            Which::Number(number) => found.number == *number || found.number == 0,
            Which::Id(id) => found.id.as_bytes() == id.as_str().as_bytes(),
        });
        match found {
            Some(found) if fits => Ok(found),
            _ => {
                self.dialogue.over = true;
                Err(Error::Unexpected(reply))
            }
        }
    }

    /// Asks for as much as the window has room for, once half of it is free, so that commands leave in few packets.
    fn ask(&mut self) -> Result<(), Error> {
        let window = self.dialogue.conn.limits().window;
        if !self.ahead.is_empty() && self.outstanding > window / 2 {
            return Ok(());
        }
        while self.outstanding < window
            && let Some(which) = self.queue.next()
        {
            let before = self.dialogue.conn.outbox().len();
            if let Err(why) = self.dialogue.queue(&self.part.command(which.clone())) {
                self.give_up();
                return Err(why);
            }
            let bytes = self.dialogue.conn.outbox().len().saturating_sub(before);
            self.ahead.push_back((which, bytes));
            self.outstanding += bytes;
        }
        Ok(())
    }

    fn give_up(&mut self) {
        self.queue = Box::new(std::iter::empty());
        self.ahead.clear();
        self.outstanding = 0;
    }

    /// Asks for nothing more, and reads past what was asked for.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn cancel(mut self) -> Result<(), Error> {
        self.queue = Box::new(std::iter::empty());
        while let Some((_, article)) = self.next() {
            match article {
                Ok(mut article) => {
                    io::copy(&mut article, &mut io::sink())
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
