//! Commands: one value each, its bytes, and the server's side of the grammar (RFC 1939 section 3: a keyword and arguments,
//! parted by one space).

use crate::error::{Argument, Invalid};
use crate::types::{Line, Number};

/// Any command.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// `USER name`.
    User(Line),
    /// `PASS string`: everything behind the space, spaces too.
    Pass(Line),
    /// `APOP name digest`.
    Apop(Line, Line),
    /// `AUTH mechanism [initial-response]`, or alone: which are there?
    Auth(Option<(Line, Option<Line>)>),
    /// `CAPA`.
    Capa,
    /// `STLS`.
    Stls,
    /// `UTF8`.
    Utf8,
    /// `LANG [tag]`.
    Lang(Option<Line>),
    /// `STAT`.
    Stat,
    /// `LIST [msg]`.
    List(Option<Number>),
    /// `UIDL [msg]`.
    Uidl(Option<Number>),
    /// `RETR msg`.
    Retr(Number),
    /// `TOP msg n`.
    Top(Number, u32),
    /// `DELE msg`.
    Dele(Number),
    /// `NOOP`.
    Noop,
    /// `RSET`.
    Rset,
    /// `QUIT`.
    Quit,
    /// A line of one's own.
    Raw(Line),
}

/// Never a password.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::new();
        self.encode(&mut out);
        let word = out.split(|b| matches!(b, b' ' | b'\r')).next().unwrap_or_default();
        f.write_str(&String::from_utf8_lossy(word))
    }
}

impl Command {
    /// Appends the command line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let line = match self {
            Command::User(name) => format!("USER {name}"),
            Command::Pass(password) => format!("PASS {password}"),
            Command::Apop(name, digest) => format!("APOP {name} {digest}"),
            Command::Auth(None) => "AUTH".to_owned(),
            Command::Auth(Some((mechanism, None))) => format!("AUTH {mechanism}"),
            Command::Auth(Some((mechanism, Some(initial)))) => format!("AUTH {mechanism} {initial}"),
            Command::Capa => "CAPA".to_owned(),
            Command::Stls => "STLS".to_owned(),
            Command::Utf8 => "UTF8".to_owned(),
            Command::Lang(None) => "LANG".to_owned(),
            Command::Lang(Some(tag)) => format!("LANG {tag}"),
            Command::Stat => "STAT".to_owned(),
            Command::List(None) => "LIST".to_owned(),
            Command::List(Some(number)) => format!("LIST {number}"),
            Command::Uidl(None) => "UIDL".to_owned(),
            Command::Uidl(Some(number)) => format!("UIDL {number}"),
            Command::Retr(number) => format!("RETR {number}"),
            Command::Top(number, lines) => format!("TOP {number} {lines}"),
            Command::Dele(number) => format!("DELE {number}"),
            Command::Noop => "NOOP".to_owned(),
            Command::Rset => "RSET".to_owned(),
            Command::Quit => "QUIT".to_owned(),
            Command::Raw(line) => line.to_string(),
        };
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// Whether behind its `+OK` lines come, up to a lone dot; of a line of one's own, whether it is such a command.
    pub fn has_lines(&self) -> bool {
        match self {
            Command::Capa
            | Command::Auth(None)
            | Command::Lang(None)
            | Command::List(None)
            | Command::Uidl(None)
            | Command::Retr(_)
            | Command::Top(..) => true,
            Command::Raw(line) => {
                Command::parse(line.as_str().as_bytes()).is_ok_and(|known| known.has_lines())
            }
            _ => false,
        }
    }

    /// Reads a command line without its CRLF, as a server does.
    ///
    /// # Errors
    /// [`Invalid`] for a keyword that is not known, or arguments that are not its.
    pub fn parse(line: &[u8]) -> Result<Command, Invalid> {
        let wrong = || Invalid::new(Argument::Text, "not a command with its arguments");
        let line = std::str::from_utf8(line).map_err(|_| wrong())?;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let line = |text: &str| Line::new(text).map_err(|_| wrong());
        let text = || line(rest);
        let mut words = rest.split(' ').filter(|word| !word.is_empty());
        let number = |word: Option<&str>| {
            let digits = word.filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
            digits.and_then(|digits| digits.parse::<u32>().ok())
        };
        let command = match word.to_ascii_uppercase().as_str() {
            "USER" => return text().map(Command::User),
            "PASS" => return text().map(Command::Pass),
            "APOP" => {
                let (name, digest) = rest.trim_end().rsplit_once(' ').ok_or_else(wrong)?;
                return Ok(Command::Apop(line(name)?, line(digest)?));
            }
            "AUTH" => match words.next() {
                None => Command::Auth(None),
                Some(mechanism) => {
                    Command::Auth(Some((line(mechanism)?, words.next().map(line).transpose()?)))
                }
            },
            "CAPA" => Command::Capa,
            "STLS" => Command::Stls,
            "UTF8" => Command::Utf8,
            "LANG" => match words.next() {
                None => Command::Lang(None),
                Some(tag) => Command::Lang(Some(line(tag)?)),
            },
            "STAT" => Command::Stat,
            "LIST" | "UIDL" => {
                let one = match words.next() {
                    None => None,
                    some => Some(number(some).and_then(Number::new).ok_or_else(wrong)?),
                };
                if word.eq_ignore_ascii_case("LIST") { Command::List(one) } else { Command::Uidl(one) }
            }
            "RETR" => Command::Retr(number(words.next()).and_then(Number::new).ok_or_else(wrong)?),
            "TOP" => {
                let one = number(words.next()).and_then(Number::new).ok_or_else(wrong)?;
                Command::Top(one, number(words.next()).ok_or_else(wrong)?)
            }
            "DELE" => Command::Dele(number(words.next()).and_then(Number::new).ok_or_else(wrong)?),
            "NOOP" => Command::Noop,
            "RSET" => Command::Rset,
            "QUIT" => Command::Quit,
            _ => return Err(wrong()),
        };
        if words.next().is_some() { Err(wrong()) } else { Ok(command) }
    }
}
