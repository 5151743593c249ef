//! COM-PORT (RFC 2217): a serial line behind a server.

use std::fmt;

/// How much higher the server's numbers are than the client's (section 3).
const SERVER: u8 = 100;

/// What is said about the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComPort {
    /// The server says it: what it set, or what it saw.
    pub server: bool,
    /// What.
    pub about: Serial,
}

/// What COM-PORT can be about (section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Serial {
    /// SIGNATURE: who this is; empty asks the other side.
    Signature(Vec<u8>),
    /// SET-BAUDRATE; 0 asks for the current one.
    BaudRate(u32),
    /// SET-DATASIZE, 5 to 8; 0 asks.
    DataSize(u8),
    /// SET-PARITY: 1 none, 2 odd, 3 even, 4 mark, 5 space; 0 asks.
    Parity(u8),
    /// SET-STOPSIZE: 1 one, 2 two, 3 one and a half; 0 asks.
    StopSize(u8),
    /// SET-CONTROL: flow control, BREAK, DTR and RTS.
    Control(u8),
    /// NOTIFY-LINESTATE.
    LineState(u8),
    /// NOTIFY-MODEMSTATE.
    ModemState(u8),
    /// FLOWCONTROL-SUSPEND.
    Suspend,
    /// FLOWCONTROL-RESUME.
    Resume,
    /// SET-LINESTATE-MASK.
    LineStateMask(u8),
    /// SET-MODEMSTATE-MASK.
    ModemStateMask(u8),
    /// PURGE-DATA: 1 what was received, 2 what is to be sent, 3 both.
    Purge(u8),
}

const NAMES: [&str; 13] = [
    "SIGNATURE",
    "SET-BAUDRATE",
    "SET-DATASIZE",
    "SET-PARITY",
    "SET-STOPSIZE",
    "SET-CONTROL",
    "NOTIFY-LINESTATE",
    "NOTIFY-MODEMSTATE",
    "FLOWCONTROL-SUSPEND",
    "FLOWCONTROL-RESUME",
    "SET-LINESTATE-MASK",
    "SET-MODEMSTATE-MASK",
    "PURGE-DATA",
];

impl Serial {
    fn code(&self) -> u8 {
        match self {
            Serial::Signature(_) => 0,
            Serial::BaudRate(_) => 1,
            Serial::DataSize(_) => 2,
            Serial::Parity(_) => 3,
            Serial::StopSize(_) => 4,
            Serial::Control(_) => 5,
            Serial::LineState(_) => 6,
            Serial::ModemState(_) => 7,
            Serial::Suspend => 8,
            Serial::Resume => 9,
            Serial::LineStateMask(_) => 10,
            Serial::ModemStateMask(_) => 11,
            Serial::Purge(_) => 12,
        }
    }
}

impl ComPort {
    pub(super) fn parse(content: &[u8]) -> Option<ComPort> {
        let (&code, rest) = content.split_first()?;
        let (server, code) = match code.checked_sub(SERVER) {
            Some(code) => (true, code),
            None => (false, code),
        };
        let byte = |make: fn(u8) -> Serial| match *rest {
            [one] => Some(make(one)),
            _ => None,
        };
        let about = match code {
            0 => Some(Serial::Signature(rest.to_vec())),
            1 => rest.try_into().ok().map(|four| Serial::BaudRate(u32::from_be_bytes(four))),
            2 => byte(Serial::DataSize),
            3 => byte(Serial::Parity),
            4 => byte(Serial::StopSize),
            5 => byte(Serial::Control),
            6 => byte(Serial::LineState),
            7 => byte(Serial::ModemState),
            8 => rest.is_empty().then_some(Serial::Suspend),
            9 => rest.is_empty().then_some(Serial::Resume),
            10 => byte(Serial::LineStateMask),
            11 => byte(Serial::ModemStateMask),
            12 => byte(Serial::Purge),
            _ => None,
        };
        Some(ComPort { server, about: about? })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.about.code() + if self.server { SERVER } else { 0 });
        match &self.about {
            Serial::Signature(text) => out.extend_from_slice(text),
            Serial::BaudRate(rate) => out.extend_from_slice(&rate.to_be_bytes()),
            Serial::Suspend | Serial::Resume => {}
            Serial::DataSize(value)
            | Serial::Parity(value)
            | Serial::StopSize(value)
            | Serial::Control(value)
            | Serial::LineState(value)
            | Serial::ModemState(value)
            | Serial::LineStateMask(value)
            | Serial::ModemStateMask(value)
            | Serial::Purge(value) => out.push(*value),
        }
    }
}

impl fmt::Display for ComPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.get(usize::from(self.about.code())).copied().unwrap_or_default();
        write!(f, "{}{name}", if self.server { "server " } else { "" })?;
        match &self.about {
            Serial::Signature(text) => write!(f, " \"{}\"", netkit_wire::escape(text)),
            Serial::BaudRate(rate) => write!(f, " {rate}"),
            Serial::Suspend | Serial::Resume => Ok(()),
            Serial::DataSize(value)
            | Serial::Parity(value)
            | Serial::StopSize(value)
            | Serial::Control(value)
            | Serial::LineState(value)
            | Serial::ModemState(value)
            | Serial::LineStateMask(value)
            | Serial::ModemStateMask(value)
            | Serial::Purge(value) => write!(f, " {value}"),
        }
    }
}
