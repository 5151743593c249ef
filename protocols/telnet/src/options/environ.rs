//! NEW-ENVIRON (RFC 1572): variables, asked for and told.

use std::fmt;

const IS: u8 = 0;
const SEND: u8 = 1;
const INFO: u8 = 2;
const VAR: u8 = 0;
const VALUE: u8 = 1;
const ESC: u8 = 2;
const USERVAR: u8 = 3;

/// Whether the RFC knows the name (section 2: USER, JOB, ACCT, PRINTER, SYSTEMTYPE, DISPLAY) or the user made it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// VAR.
    WellKnown,
    /// USERVAR.
    User,
}

impl Kind {
    fn code(self) -> u8 {
        if self == Kind::User { USERVAR } else { VAR }
    }

    fn from_code(code: u8) -> Option<Kind> {
        [Kind::WellKnown, Kind::User].into_iter().find(|kind| kind.code() == code)
    }
}

/// A name that is asked for; an empty one stands for all of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which kind.
    pub kind: Kind,
    /// Which name.
    pub name: Vec<u8>,
}

/// A variable that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Which kind.
    pub kind: Kind,
    /// Its name.
    pub name: Vec<u8>,
    /// Its value; none: there is no such variable.
    pub value: Option<Vec<u8>>,
}

/// What is said about variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environ {
    /// SEND; no names: everything.
    Send(Vec<Ask>),
    /// IS, the answer.
    Is(Vec<Variable>),
    /// INFO: one has changed.
    Info(Vec<Variable>),
}

impl Environ {
    pub(super) fn parse(content: &[u8]) -> Option<Environ> {
        let (command, rest) = content.split_first()?;
        let variables = variables(rest)?;
        match *command {
            IS => Some(Environ::Is(variables)),
            INFO => Some(Environ::Info(variables)),
            SEND => variables
                .into_iter()
                .map(|v| v.value.is_none().then_some(Ask { kind: v.kind, name: v.name }))
                .collect::<Option<_>>()
                .map(Environ::Send),
            _ => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let (command, variables) = match self {
            Environ::Send(asks) => {
                out.push(SEND);
                for ask in asks {
                    out.push(ask.kind.code());
                    escaped(&ask.name, out);
                }
                return;
            }
            Environ::Is(variables) => (IS, variables),
            Environ::Info(variables) => (INFO, variables),
        };
        out.push(command);
        for variable in variables {
            out.push(variable.kind.code());
            escaped(&variable.name, out);
            if let Some(value) = &variable.value {
                out.push(VALUE);
                escaped(value, out);
            }
        }
    }
}

/// `VAR name [VALUE value]`, any number of times; ESC takes the next byte as it is.
fn variables(mut rest: &[u8]) -> Option<Vec<Variable>> {
    let mut found = Vec::new();
    while let Some((code, after)) = rest.split_first() {
        let kind = Kind::from_code(*code)?;
        let (name, after) = text(after)?;
        let (value, after) = match after.split_first() {
            Some((&VALUE, after)) => text(after).map(|(value, after)| (Some(value), after))?,
            _ => (None, after),
        };
        found.push(Variable { kind, name, value });
        rest = after;
    }
    Some(found)
}

fn text(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut text = Vec::new();
    while let Some((byte, after)) = rest.split_first() {
        match *byte {
            VAR | VALUE | USERVAR => break,
            ESC => {
                let (byte, after) = after.split_first()?;
                text.push(*byte);
                rest = after;
                continue;
            }
            byte => text.push(byte),
        }
        rest = after;
    }
    Some((text, rest))
}

fn escaped(text: &[u8], out: &mut Vec<u8>) {
    for byte in text {
        if *byte <= USERVAR {
            out.push(ESC);
        }
        out.push(*byte);
    }
}

impl fmt::Display for Environ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |kind: Kind| if kind == Kind::User { "USERVAR" } else { "VAR" };
        let (word, variables) = match self {
            Environ::Send(asks) => {
                f.write_str("SEND")?;
                return asks
                    .iter()
                    .try_for_each(|ask| write!(f, " {} {}", kind(ask.kind), netkit_wire::escape(&ask.name)));
            }
            Environ::Is(variables) => ("IS", variables),
            Environ::Info(variables) => ("INFO", variables),
        };
        f.write_str(word)?;
        for variable in variables {
            write!(f, " {} {}", kind(variable.kind), netkit_wire::escape(&variable.name))?;
            if let Some(value) = &variable.value {
                write!(f, "={}", netkit_wire::escape(value))?;
            }
        }
        Ok(())
    }
}
