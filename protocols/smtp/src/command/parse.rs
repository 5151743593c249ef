//! Reading commands: the server's side of the grammar.

use netkit_wire::{Reply, Text};

use super::{Auth, Bdat, Command, Ehlo, Expn, Helo, Help, Lhlo, Mail, Noop, Rcpt, Vrfy, Xclient};
use crate::code;
use crate::error::Invalid;
use crate::types::{CommandText, Domain, Parameters, forward_path, reverse_path};

/// Why a line is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// No command of this name.
    #[error("command unrecognized")]
    Unrecognized,
    /// The command is known, its argument is not right.
    #[error("{0}")]
    Argument(Invalid),
    /// An argument is missing, or there is one where none belongs.
    #[error("syntax: {0}")]
    Syntax(&'static str),
}

impl CommandError {
    /// The reply for it: RFC 5321 section 4.2.2 with the enhanced codes of RFC 3463 section 3.6.
    pub fn reply(&self) -> Reply {
        let (code, status) = match self {
            CommandError::Unrecognized => (code::SYNTAX, "5.5.2"),
            CommandError::Argument(_) | CommandError::Syntax(_) => (code::ARGUMENT, "5.5.4"),
        };
        let text = Text::from(format!("{status} {self}").as_str());
        Reply::new(code, vec![text])
    }
}

impl From<Invalid> for CommandError {
    fn from(why: Invalid) -> Self {
        CommandError::Argument(why)
    }
}

/// Reads one command line, without its CRLF. Words are taken in any case (RFC 5321 section 2.4); the path follows the
/// colon at once, as section 3.3 says ("spaces are not permitted").
///
/// # Errors
/// [`CommandError`].
pub fn parse(line: &[u8]) -> Result<Command, CommandError> {
    let line = std::str::from_utf8(line).map_err(|_| CommandError::Syntax("a command is ASCII or UTF-8"))?;
    // Trailing spaces are let pass: RFC 5321 section 4.1.1 asks receivers to tolerate them.
    let line = line.trim_end_matches(' ');
    let (word, rest) = match line.find(' ') {
        Some(at) => line.split_at_checked(at).unwrap_or((line, "")),
        None => (line, ""),
    };
    let argument = rest.trim_start_matches(' ');
    let text = || CommandText::new(argument).map_err(CommandError::from);
    let optional = || if argument.is_empty() { Ok(None) } else { text().map(Some) };
    let alone = |command| {
        if argument.is_empty() {
            Ok(command)
        } else {
            Err(CommandError::Syntax("this command has no argument"))
        }
    };
    match word.to_ascii_uppercase().as_str() {
        "EHLO" => Ok(Command::Ehlo(Ehlo(Domain::new(argument)?))),
        "HELO" => Ok(Command::Helo(Helo(Domain::new(argument)?))),
        "LHLO" => Ok(Command::Lhlo(Lhlo(Domain::new(argument)?))),
        "STARTTLS" => alone(Command::StartTls),
        "AUTH" => auth(argument),
        "MAIL" => {
            let (from, rest) =
                reverse_path(after("FROM:", rest).ok_or(CommandError::Syntax("MAIL FROM:<address>"))?)?;
            let mail = Mail::from_parts(from, &Parameters::parse(rest)?);
            mail.map(Command::Mail)
                .ok_or(CommandError::Syntax("a parameter has a value that is not its kind"))
        }
        "RCPT" => {
            let (to, rest) =
                forward_path(after("TO:", rest).ok_or(CommandError::Syntax("RCPT TO:<address>"))?)?;
            Ok(Command::Rcpt(Rcpt { to, utf8: false, parameters: Parameters::parse(rest)? }))
        }
        "DATA" => alone(Command::Data),
        "BDAT" => bdat(argument),
        "XCLIENT" => Xclient::parse(argument)
            .map(Command::Xclient)
            .ok_or(CommandError::Syntax("XCLIENT NAME=value...")),
        "RSET" => alone(Command::Rset),
        "NOOP" => Ok(Command::Noop(Noop(optional()?))),
        "HELP" => Ok(Command::Help(Help(optional()?))),
        "VRFY" => Ok(Command::Vrfy(Vrfy(text()?))),
        "EXPN" => Ok(Command::Expn(Expn(text()?))),
        "QUIT" => alone(Command::Quit),
        _ => Err(CommandError::Unrecognized),
    }
}

/// `BDAT chunk-size [LAST]`; chunk-size = 1*DIGIT (RFC 3030 section 2).
fn bdat(argument: &str) -> Result<Command, CommandError> {
    let (size, end) = argument.split_once(' ').unwrap_or((argument, ""));
    let digits = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
    match (size.parse(), end.trim()) {
        (Ok(size), "") if digits => Ok(Command::Bdat(Bdat { size, last: false })),
        (Ok(size), last) if digits && last.eq_ignore_ascii_case("LAST") => {
            Ok(Command::Bdat(Bdat { size, last: true }))
        }
        _ => Err(CommandError::Syntax("BDAT size [LAST]")),
    }
}

/// What follows ` label` in any case.
fn after<'l>(label: &str, rest: &'l str) -> Option<&'l str> {
    let rest = rest.strip_prefix(' ')?;
    let (head, tail) = rest.split_at_checked(label.len())?;
    head.eq_ignore_ascii_case(label).then_some(tail)
}

/// `AUTH mechanism [initial-response]` (RFC 4954 section 4).
fn auth(argument: &str) -> Result<Command, CommandError> {
    let (mechanism, initial) = match argument.split_once(' ') {
        Some((mechanism, initial)) => (mechanism, Some(initial)),
        None => (argument, None),
    };
    Ok(Command::Auth(Auth::new(mechanism, initial)?))
}
