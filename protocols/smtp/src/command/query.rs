//! Commands that ask or do nothing: RFC 5321 sections 3.5 and 4.1.1.6 to 4.1.1.9; and a line of one's own.

use netkit_wire::Reply;

use super::exchange::{Exchange, completed, line};
use crate::error::{Argument, Error, Invalid};
use crate::types::CommandText;

/// `VRFY string [SMTPUTF8]`: is there such a user? 250 and 251 say yes; 252 says "cannot tell, will try".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vrfy(pub CommandText);

/// `EXPN string`: who is on this list? One member a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expn(pub CommandText);

/// `HELP [string]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help(pub Option<CommandText>);

/// `NOOP [string]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noop(pub Option<CommandText>);

macro_rules! question {
    ($name:ident, $word:literal, $argument:expr) => {
        impl Exchange for $name {
            type Answer = Reply;

            fn encode(&self, out: &mut Vec<u8>) {
                let argument: fn(&$name) -> Option<&CommandText> = $argument;
                line(out, $word, argument(self).map(CommandText::as_str));
            }

            fn answer(self, reply: Reply) -> Result<Reply, Error> {
                completed(reply)
            }
        }
    };
}

question!(Vrfy, "VRFY", |command| Some(&command.0));
question!(Expn, "EXPN", |command| Some(&command.0));
question!(Help, "HELP", |command| command.0.as_ref());
question!(Noop, "NOOP", |command| command.0.as_ref());

/// A command line of one's own, for what this crate has no method for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(CommandText);

impl Raw {
    /// Takes a whole line without CRLF.
    ///
    /// # Errors
    /// [`Invalid`] for a text that is no single line, and for the commands after which the connection no longer
    /// speaks in commands and replies: those have their own methods.
    pub fn new(text: &str) -> Result<Raw, Invalid> {
        let text = CommandText::new(text)?;
        let word = text.as_str().split_whitespace().next().unwrap_or_default();
        let changes = ["DATA", "BDAT", "STARTTLS", "AUTH", "EHLO", "HELO", "LHLO", "XCLIENT", "QUIT"];
        if changes.iter().any(|one| one.eq_ignore_ascii_case(word)) {
            return Err(Invalid::new(Argument::Text, "this command has a method of its own"));
        }
        Ok(Raw(text))
    }
}

impl Exchange for Raw {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_str().as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }
}
