//! Messages put into mailboxes: APPEND (RFC 9051 section 6.3.12), many at once (RFC 3502).

use std::io::Read;

use super::Session;
use crate::command::Command;
use crate::error::Error;
use crate::response::{Code, Status};
use crate::types::{Atom, DateTime, Mailbox, Set};

/// A message to be put into a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Append {
    /// Its flags.
    pub flags: Vec<Atom>,
    /// When it came.
    pub date: Option<DateTime>,
    /// The message.
    pub data: Vec<u8>,
}

fn described(mut command: Command, flags: &[Atom], date: Option<DateTime>) -> Command {
    if !flags.is_empty() {
        command = command.flags(flags);
    }
    if let Some(date) = date {
        command = command.word(&format!("\"{date}\""));
    }
    command
}

/// Where messages were put: UIDVALIDITY and UIDs (RFC 4315).
pub type Placed = (u32, Set);

fn place(status: Status) -> Option<Placed> {
    match status.code {
        Some(Code::AppendUid(validity, uids)) => Some((validity, uids)),
        _ => None,
    }
}

impl Session {
    /// Puts a message into a mailbox: `length` bytes of `source`, with flags and, if it is given, the date it came. The mailbox's UIDVALIDITY and the message's UID, where the server tells (RFC 4315).
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Error::is_not_found`] tells whether the mailbox could be made; [`Error::Wire`] when the source
    /// ends early: the connection is given up then, so that no half message is stored.
    pub fn append(
        &mut self,
        mailbox: &Mailbox,
        flags: &[Atom],
        date: Option<DateTime>,
        source: &mut dyn Read,
        length: u64,
    ) -> Result<Option<Placed>, Error> {
        let command = described(self.command("APPEND").mailbox(mailbox), flags, date);
        let tag = self.dialogue.send(command.announced(length), source, &mut |_| false)?;
        let status = self.dialogue.finish(&tag, &mut |_| false)?;
        Ok(place(status))
    }

    /// Puts messages into a mailbox: in one command where the server has MULTIAPPEND, all or none; else one after the other,
    /// with as many on their way as the server lets come at once. How it went for each, or for all together.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn append_all(
        &mut self,
        mailbox: &Mailbox,
        messages: Vec<Append>,
    ) -> Result<Vec<Result<Option<Placed>, Status>>, Error> {
        let outcome = |outcome: Result<Status, Status>| outcome.map(place);
        if messages.len() > 1 && self.has("MULTIAPPEND") {
            let mut command = self.command("APPEND").mailbox(mailbox);
            for message in messages {
                command = described(command, &message.flags, message.date).literal(message.data);
            }
            return match self.simple(command) {
                Ok(status) => Ok(vec![outcome(Ok(status))]),
                Err(Error::Refused(status)) => Ok(vec![Err(status)]),
                Err(why) => Err(why),
            };
        }
        let commands = messages.into_iter().map(|message| {
            let command = described(self.command("APPEND").mailbox(mailbox), &message.flags, message.date);
            command.literal(message.data)
        });
        let commands: Vec<Command> = commands.collect();
        if self.has("LITERAL+") {
            let outcomes = self.dialogue.run_all(commands, &mut |_, _| false)?;
            return Ok(outcomes.into_iter().map(outcome).collect());
        }
        let mut outcomes = Vec::new();
        for command in commands {
            outcomes.push(match self.simple(command) {
                Ok(status) => outcome(Ok(status)),
                Err(Error::Refused(status)) => Err(status),
                Err(why) => return Err(why),
            });
        }
        Ok(outcomes)
    }
}
