//! One answer: `+OK` or `-ERR`, perhaps a response code, and words (RFC 1939 section 3, RFC 2449 section 8).

use std::fmt;

use netkit_wire::{Decode, Limits, Line, Malformed, Step, Text};

/// What a server says to a command, in one line.
///
/// ```text
/// response        = "+OK" [SP text] / "-ERR" [SP ["[" resp-code "]" [SP]] text]
/// challenge       = "+" SP [base64]                                        RFC 5034 section 4
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    kind: Kind,
    text: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ok,
    Err,
    Challenge,
}

/// Why a server refused, in a form that programs read (RFC 2449 section 8, RFC 3206, RFC 6856).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseCode {
    /// `IN-USE`: another session has the maildrop.
    InUse,
    /// `LOGIN-DELAY`: the last login is not long enough ago.
    LoginDelay,
    /// `SYS/TEMP`: trouble that will pass.
    SysTemp,
    /// `SYS/PERM`: trouble that somebody has to mend.
    SysPerm,
    /// `AUTH`: the credentials are wrong.
    Auth,
    /// `UTF8`: a message that needs UTF8 mode (RFC 6856 section 5).
    Utf8,
}

impl ResponseCode {
    const ALL: [(ResponseCode, &'static str); 6] = [
        (ResponseCode::InUse, "IN-USE"),
        (ResponseCode::LoginDelay, "LOGIN-DELAY"),
        (ResponseCode::SysTemp, "SYS/TEMP"),
        (ResponseCode::SysPerm, "SYS/PERM"),
        (ResponseCode::Auth, "AUTH"),
        (ResponseCode::Utf8, "UTF8"),
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(code, _)| *code == self).map_or("", |(_, name)| name)
    }
}

impl Answer {
    /// `+OK` with words, for the server's side.
    pub fn ok(text: &str) -> Answer {
        Answer { kind: Kind::Ok, text: Text::from(text) }
    }

    /// `-ERR` with words, for the server's side.
    pub fn err(code: Option<ResponseCode>, text: &str) -> Answer {
        let code = code.map(|code| format!("[{}] ", code.as_str())).unwrap_or_default();
        Answer { kind: Kind::Err, text: Text::from(format!("{code}{text}").as_str()) }
    }

    /// `+` with a challenge, for the server's side.
    pub fn challenge(base64: &str) -> Answer {
        Answer { kind: Kind::Challenge, text: Text::from(base64) }
    }

    /// Whether it is `+OK`.
    pub fn is_ok(&self) -> bool {
        self.kind == Kind::Ok
    }

    /// Whether it is a challenge of a login.
    pub fn is_challenge(&self) -> bool {
        self.kind == Kind::Challenge
    }

    /// The words behind the status.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The response code of a refusal; none where there is none, or none that is known.
    pub fn code(&self) -> Option<ResponseCode> {
        if self.kind != Kind::Err {
            return None;
        }
        let name = self.text.as_bytes().strip_prefix(b"[")?.split(|b| *b == b']').next()?;
        let known = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        ResponseCode::ALL.iter().find(|(_, name)| known(name)).map(|(code, _)| *code)
    }

    /// Reads one line without its CRLF. The status is in upper case (RFC 1939 section 3); small letters are let pass, as
    /// servers have been seen to write them.
    ///
    /// # Errors
    /// [`Malformed`] when it begins with none of the three.
    pub fn parse(line: &[u8]) -> Result<Answer, Malformed> {
        let status = line.split(|b| *b == b' ').next().unwrap_or_default();
        let kind = if status.eq_ignore_ascii_case(b"+OK") {
            Kind::Ok
        } else if status.eq_ignore_ascii_case(b"-ERR") {
            Kind::Err
        } else if status == b"+" {
            Kind::Challenge
        } else {
            return Err(Malformed::new("an answer begins with +OK, -ERR or + and a space", 0));
        };
        let rest = line.get(status.len()..).unwrap_or_default();
        Ok(Answer { kind, text: Text::from(rest.strip_prefix(b" ").unwrap_or(rest)) })
    }

    /// Appends the line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self.kind {
            Kind::Ok => b"+OK",
            Kind::Err => b"-ERR",
            Kind::Challenge => b"+ ",
        });
        if self.kind != Kind::Challenge && !self.text.as_bytes().is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(self.text.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// As on the wire, with what a peer sent escaped.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.kind {
            Kind::Ok => "+OK",
            Kind::Err => "-ERR",
            Kind::Challenge => "+",
        };
        if self.text.as_bytes().is_empty() {
            f.write_str(status)
        } else {
            write!(f, "{status} {}", self.text)
        }
    }
}

/// Decodes one [`Answer`].
#[derive(Clone, Copy, Debug)]
pub struct Answers(Line);

impl Answers {
    /// Within the limits of a line.
    pub fn new(limits: &Limits) -> Answers {
        Answers(Line::new(limits))
    }
}

impl Decode for Answers {
    type Item = Answer;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Answer>, Malformed> {
        Ok(match self.0.scan(input)? {
            Some((line, used)) => Step::Done(Answer::parse(line)?, used),
            None => Step::More(1),
        })
    }
}
