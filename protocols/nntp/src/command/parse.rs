//! The server's side: a command line to its value.

use super::{Command, List};
use crate::error::{Argument, Invalid};
use crate::types::{Group, Header, Line, MessageId, Span, Stamp, Which, Wildmat};

/// What a server answers to a line that it cannot take (RFC 3977 section 3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCommand {
    /// There is no such command.
    Unknown,
    /// Its arguments are wrong.
    Arguments(Invalid),
}

impl From<Invalid> for BadCommand {
    fn from(why: Invalid) -> BadCommand {
        BadCommand::Arguments(why)
    }
}

impl Command {
    /// Reads a command line without its CRLF, as a server does. `now` is the year, for dates of two digits.
    ///
    /// # Errors
    /// [`BadCommand`]: which of the two replies is due.
    pub fn parse(line: &[u8], now: u16) -> Result<Command, BadCommand> {
        let wrong = BadCommand::Arguments(Invalid::new(Argument::Text, "not the command's arguments"));
        let line = std::str::from_utf8(line).map_err(|_| wrong)?;
        // Passwords may have spaces at either end.
        let head: Vec<&str> = line.splitn(3, ' ').collect();
        if let [auth, kind, rest] = *head
            && auth.eq_ignore_ascii_case("AUTHINFO")
        {
            match kind.to_ascii_uppercase().as_str() {
                "USER" => return Ok(Command::AuthUser(Line::new(rest)?)),
                "PASS" => return Ok(Command::AuthPass(Line::new(rest)?)),
                _ => {}
            }
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        let Some((word, arguments)) = words.split_first() else { return Err(BadCommand::Unknown) };
        let none = |command: Command| if arguments.is_empty() { Ok(command) } else { Err(wrong) };
        let which = |make: fn(Which) -> Command| match *arguments {
            [] => Ok(make(Which::Current)),
            [one] => Ok(make(one.parse()?)),
            _ => Err(wrong),
        };
        let span = |words: &[&str]| match *words {
            [] => Ok(Span::Current),
            [one] => Ok::<Span, BadCommand>(one.parse()?),
            _ => Err(wrong),
        };
        let id = |make: fn(MessageId) -> Command| match *arguments {
            [one] => Ok(make(MessageId::new(one)?)),
            _ => Err(wrong),
        };
        let since = |words: &[&str]| match *words {
            [date, time] => Stamp::of_command(date, time, now).ok_or(wrong),
            [date, time, zone] if zone.eq_ignore_ascii_case("GMT") => {
                Stamp::of_command(date, time, now).ok_or(wrong)
            }
            _ => Err(wrong),
        };
        match word.to_ascii_uppercase().as_str() {
            // A keyword asks for nothing that is not told anyway (section 5.2.2).
            "CAPABILITIES" if arguments.len() < 2 => Ok(Command::Capabilities),
            "MODE" => match *arguments {
                [mode] if mode.eq_ignore_ascii_case("READER") => Ok(Command::ModeReader),
                [mode] if mode.eq_ignore_ascii_case("STREAM") => Ok(Command::ModeStream),
                _ => Err(wrong),
            },
            "QUIT" => none(Command::Quit),
            "GROUP" => match *arguments {
                [name] => Ok(Command::Group(Group::new(name)?)),
                _ => Err(wrong),
            },
            "LISTGROUP" => Ok(Command::ListGroup(match *arguments {
                [] => None,
                [name] => Some((Group::new(name)?, None)),
                [name, range] => Some((Group::new(name)?, Some(range.parse()?))),
                _ => return Err(wrong),
            })),
            "LAST" => none(Command::Last),
            "NEXT" => none(Command::Next),
            "ARTICLE" => which(Command::Article),
            "HEAD" => which(Command::Head),
            "BODY" => which(Command::Body),
            "STAT" => which(Command::Stat),
            "POST" => none(Command::Post),
            "IHAVE" => id(Command::Ihave),
            "CHECK" => id(Command::Check),
            "TAKETHIS" => id(Command::Takethis),
            "DATE" => none(Command::Date),
            "HELP" => none(Command::Help),
            "NEWGROUPS" => since(arguments).map(Command::NewGroups),
            "NEWNEWS" => match arguments.split_first() {
                Some((groups, rest)) => Ok(Command::NewNews(Wildmat::new(groups)?, since(rest)?)),
                None => Err(wrong),
            },
            "LIST" => match *arguments {
                // Section 7.6.1: a bare LIST asks for ACTIVE.
                [] => Ok(Command::List(List::Active(None))),
                [keyword] => List::new(keyword, None).map(Command::List).ok_or(wrong),
                [keyword, argument] => List::new(keyword, Some(argument)).map(Command::List).ok_or(wrong),
                _ => Err(wrong),
            },
            "OVER" => span(arguments).map(Command::Over),
            "XOVER" => span(arguments).map(Command::Xover),
            "HDR" | "XHDR" => {
                let (field, rest) = arguments.split_first().ok_or(wrong)?;
                let (field, of) = (Header::new(field)?, span(rest)?);
                Ok(if word.eq_ignore_ascii_case("HDR") {
                    Command::Hdr(field, of)
                } else {
                    Command::Xhdr(field, of)
                })
            }
            "XPAT" => match arguments {
                [field, of, patterns @ ..] if !patterns.is_empty() => {
                    Ok(Command::Xpat(Header::new(field)?, of.parse()?, Line::new(&patterns.join(" "))?))
                }
                _ => Err(wrong),
            },
            "AUTHINFO" => match *arguments {
                [kind, mechanism] if kind.eq_ignore_ascii_case("SASL") => {
                    Ok(Command::AuthSasl(Line::new(mechanism)?, None))
                }
                [kind, mechanism, initial] if kind.eq_ignore_ascii_case("SASL") => {
                    Ok(Command::AuthSasl(Line::new(mechanism)?, Some(Line::new(initial)?)))
                }
                _ => Err(wrong),
            },
            "STARTTLS" => none(Command::StartTls),
            "COMPRESS" => match *arguments {
                [algorithm] if algorithm.eq_ignore_ascii_case("DEFLATE") => Ok(Command::Compress),
                _ => Err(wrong),
            },
            _ => Err(BadCommand::Unknown),
        }
    }
}
