//! An open maildrop: as it was when it was opened, whatever arrives meanwhile (RFC 1939 section 4).

use netkit_pop3::{Command, Number};
use netkit_wire::{Fault, Stuffer};

use super::session::Session;
use crate::world::{Message, World};

/// One session's view of a mailbox.
pub(super) struct Drop {
    pub(super) user: String,
    messages: Vec<Message>,
    /// By index: to be deleted at the end.
    marked: Vec<bool>,
}

impl Drop {
    pub(super) fn open(world: &World, user: &str) -> Drop {
        let messages = world.mail().messages(user).to_vec();
        let marked = vec![false; messages.len()];
        Drop { user: user.to_owned(), messages, marked }
    }

    pub(super) fn count(&self) -> usize {
        self.messages.len()
    }

    /// RFC 1939 section 6: the UPDATE state.
    pub(super) fn commit(&mut self, world: &World) {
        let marked = self.messages.iter().zip(&self.marked).filter(|(_, marked)| **marked);
        let gone: Vec<u32> = marked.map(|(message, _)| message.uid).collect();
        world.mail().remove(&self.user, &gone);
    }

    fn get(&self, number: Number) -> Option<(usize, &Message)> {
        let at = usize::try_from(number.get()).ok()?.checked_sub(1)?;
        let message = self.messages.get(at)?;
        (!self.marked.get(at)?).then_some((at, message))
    }

    /// The messages that are not marked, with their numbers.
    fn all(&self) -> impl Iterator<Item = (usize, &Message)> {
        let kept = self.messages.iter().zip(&self.marked).enumerate();
        kept.filter(|(_, (_, marked))| !**marked).map(|(at, (message, _))| (at + 1, message))
    }
}

fn uid(message: &Message) -> String {
    format!("netkit-{:08x}", message.uid)
}

impl Session<'_> {
    pub(super) fn transaction(&mut self, command: Command) -> Result<(), Fault> {
        let Some(mut maildrop) = self.maildrop.take() else { return Ok(()) };
        let done = self.on(&mut maildrop, command);
        self.maildrop = Some(maildrop);
        done
    }

    fn on(&mut self, maildrop: &mut Drop, command: Command) -> Result<(), Fault> {
        let size = |message: &Message| message.data.len();
        match command {
            Command::Stat => {
                let (count, octets) =
                    maildrop.all().fold((0, 0), |(n, sum), (_, one)| (n + 1, sum + size(one)));
                self.ok(&format!("{count} {octets}"));
            }
            Command::List(None) => {
                let lines: Vec<String> =
                    maildrop.all().map(|(n, one)| format!("{n} {}", size(one))).collect();
                self.lines("sizes", lines);
            }
            Command::Uidl(None) => {
                let lines: Vec<String> = maildrop.all().map(|(n, one)| format!("{n} {}", uid(one))).collect();
                self.lines("names", lines);
            }
            Command::List(Some(number)) => match maildrop.get(number) {
                Some((_, one)) => self.ok(&format!("{number} {}", size(one))),
                None => self.err("no such message"),
            },
            Command::Uidl(Some(number)) => match maildrop.get(number) {
                Some((_, one)) => self.ok(&format!("{number} {}", uid(one))),
                None => self.err("no such message"),
            },
            Command::Retr(number) => match maildrop.get(number) {
                Some((_, one)) => self.message(&one.data)?,
                None => self.err("no such message"),
            },
            Command::Top(number, lines) => match maildrop.get(number) {
                Some((_, one)) => self.message(top(&one.data, lines))?,
                None => self.err("no such message"),
            },
            Command::Dele(number) => match maildrop.get(number).map(|(at, _)| at) {
                Some(at) => {
                    if let Some(mark) = maildrop.marked.get_mut(at) {
                        *mark = true;
                    }
                    self.ok("marked");
                }
                None => self.err("no such message"),
            },
            Command::Noop => self.ok("nothing done"),
            Command::Rset => {
                maildrop.marked.fill(false);
                self.ok("no mark is left");
            }
            _ => self.err("not in this state"),
        }
        Ok(())
    }

    fn message(&mut self, data: &[u8]) -> Result<(), Fault> {
        self.ok(&format!("{} octets", data.len()));
        let mut stuffer = Stuffer::default();
        for piece in data.chunks(64 << 10) {
            stuffer.push(piece, self.conn.outbox());
            self.conn.flush()?;
        }
        stuffer.finish(self.conn.outbox());
        Ok(())
    }
}

/// The header, the empty line, and so many lines of the body.
fn top(data: &[u8], lines: u32) -> &[u8] {
    let Some(head) = data.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
        return data;
    };
    let body = data.get(head..).unwrap_or_default();
    let wanted = usize::try_from(lines).unwrap_or(usize::MAX);
    let length: usize = body.split_inclusive(|b| *b == b'\n').take(wanted).map(<[u8]>::len).sum();
    data.get(..head + length).unwrap_or(data)
}
