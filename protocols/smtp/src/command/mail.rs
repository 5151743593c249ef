//! Commands of a mail transaction: RFC 5321 sections 4.1.1.2 to 4.1.1.4.

use netkit_wire::Reply;

use super::exchange::{Exchange, completed, in_class, line};
use crate::error::Error;
use crate::types::{BodyKind, ForwardPath, Parameter, Parameters, ReversePath};

/// `MAIL FROM:<reverse-path> [parameters]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Where notices of failure go.
    pub from: ReversePath,
    /// `SIZE=`: how long the message is, in bytes (RFC 1870 section 6).
    pub size: Option<u64>,
    /// `BODY=` (RFC 6152 section 3, RFC 3030 section 3); none means 7BIT.
    pub body: Option<BodyKind>,
    /// `SMTPUTF8`: an address or the header has UTF-8 (RFC 6531 section 3.4).
    pub utf8: bool,
    /// All others.
    pub parameters: Parameters,
}

impl Mail {
    /// MAIL without parameters.
    pub fn new(from: ReversePath) -> Mail {
        Mail { from, size: None, body: None, utf8: false, parameters: Parameters::default() }
    }

    /// Sorts the parameters a peer sent into the fields; `None` when a value is not of its kind.
    pub(super) fn from_parts(from: ReversePath, all: &Parameters) -> Option<Mail> {
        let mut mail = Mail::new(from);
        for one in all.iter() {
            match (one.keyword(), one.value()) {
                ("SIZE", Some(value)) if value.len() <= 20 && value.bytes().all(|b| b.is_ascii_digit()) => {
                    mail.size = Some(value.parse().ok()?);
                }
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("7BIT") => {
                    mail.body = Some(BodyKind::SevenBit)
                }
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("8BITMIME") => {
                    mail.body = Some(BodyKind::EightBit);
                }
                ("BODY", Some(value)) if value.eq_ignore_ascii_case("BINARYMIME") => {
                    mail.body = Some(BodyKind::Binary);
                }
                ("SMTPUTF8", None) => mail.utf8 = true,
                ("SIZE" | "BODY" | "SMTPUTF8", _) => return None,
                _ => mail.parameters.push(one.clone()),
            }
        }
        Some(mail)
    }
}

impl Exchange for Mail {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"MAIL FROM:");
        out.extend_from_slice(self.from.to_wire(self.utf8).as_bytes());
        if let Some(size) = self.size {
            out.extend_from_slice(format!(" SIZE={size}").as_bytes());
        }
        if let Some(body) = self.body {
            out.extend_from_slice(b" BODY=");
            out.extend_from_slice(body.as_str().as_bytes());
        }
        if self.utf8 {
            out.extend_from_slice(b" SMTPUTF8");
        }
        self.parameters.encode(out);
        out.extend_from_slice(b"\r\n");
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }

    fn ends_group(&self) -> bool {
        false
    }
}

/// `RCPT TO:<forward-path> [parameters]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rcpt {
    /// Where the message goes.
    pub to: ForwardPath,
    /// Whether the transaction has SMTPUTF8, so that the domain may keep its U-labels.
    pub utf8: bool,
    /// Parameters, as DSN's (RFC 3461 section 4).
    pub parameters: Parameters,
}

impl Rcpt {
    /// RCPT without parameters.
    pub fn new(to: ForwardPath) -> Rcpt {
        Rcpt { to, utf8: false, parameters: Parameters::default() }
    }

    /// The same with one parameter more.
    pub fn with(mut self, parameter: Parameter) -> Rcpt {
        self.parameters.push(parameter);
        self
    }
}

impl Exchange for Rcpt {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"RCPT TO:");
        out.extend_from_slice(self.to.to_wire(self.utf8).as_bytes());
        self.parameters.encode(out);
        out.extend_from_slice(b"\r\n");
    }

    /// 251 ("will forward") and 252 are acceptances too: RFC 5321 section 3.4.
    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }

    fn ends_group(&self) -> bool {
        false
    }
}

/// `BDAT size [LAST]`: the next `size` bytes are part of the message (RFC 3030 section 2). The bytes follow the command at
/// once; the reply comes behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bdat {
    /// How many bytes follow.
    pub size: u64,
    /// Whether they end the message.
    pub last: bool,
}

impl Exchange for Bdat {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(
            format!("BDAT {}{}\r\n", self.size, if self.last { " LAST" } else { "" }).as_bytes(),
        );
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        completed(reply)
    }

    fn ends_group(&self) -> bool {
        false
    }
}

/// `DATA`; the answer is the leave to send (354).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data;

impl Exchange for Data {
    type Answer = Reply;

    fn encode(&self, out: &mut Vec<u8>) {
        line(out, "DATA", None);
    }

    fn answer(self, reply: Reply) -> Result<Reply, Error> {
        in_class(3, reply)
    }
}
