//! The options that ask with SEND and answer with IS, the window's size, and flow control.

const IS: u8 = 0;
const SEND: u8 = 1;

/// A question or its answer (RFC 1079, 1091, 1096).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked<T> {
    /// SEND: which is it?
    Send,
    /// IS: it is this.
    Is(T),
}

pub(super) fn asked<T>(content: &[u8], parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<Asked<T>> {
    match content.split_first()? {
        (&SEND, []) => Some(Asked::Send),
        (&IS, rest) => parse(rest).map(Asked::Is),
        _ => None,
    }
}

pub(super) fn encode<T>(asked: &Asked<T>, write: impl FnOnce(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    match asked {
        Asked::Send => out.push(SEND),
        Asked::Is(value) => {
            out.push(IS);
            write(value, out);
        }
    }
}

/// The terminal's speed, in bits a second (RFC 1079).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// What the terminal sends with.
    pub transmit: u32,
    /// What it receives with.
    pub receive: u32,
}

impl Speed {
    pub(super) fn parse(text: &[u8]) -> Option<Speed> {
        let (transmit, receive) = std::str::from_utf8(text).ok()?.split_once(',')?;
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
        Some(Speed { transmit: number(transmit)?, receive: number(receive)? })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{},{}", self.transmit, self.receive).as_bytes());
    }
}

/// The size of the window, in characters (RFC 1073). 0 is "not known".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// How wide.
    pub columns: u16,
    /// How high.
    pub rows: u16,
}

impl Window {
    pub(super) fn parse(content: &[u8]) -> Option<Window> {
        let &[a, b, c, d] = content else { return None };
        Some(Window { columns: u16::from_be_bytes([a, b]), rows: u16::from_be_bytes([c, d]) })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.columns.to_be_bytes());
        out.extend_from_slice(&self.rows.to_be_bytes());
    }
}

/// Whether XOFF and XON stop the output, and what starts it again (RFC 1372 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// OFF.
    Off,
    /// ON.
    On,
    /// RESTART-ANY: any key goes on.
    RestartAny,
    /// RESTART-XON: only XON does.
    RestartXon,
}

impl Flow {
    const ALL: [Flow; 4] = [Flow::Off, Flow::On, Flow::RestartAny, Flow::RestartXon];

    pub(super) fn parse(content: &[u8]) -> Option<Flow> {
        let &[code] = content else { return None };
        Flow::ALL.into_iter().find(|flow| flow.code() == code)
    }

    pub(super) fn code(self) -> u8 {
        match self {
            Flow::Off => 0,
            Flow::On => 1,
            Flow::RestartAny => 2,
            Flow::RestartXon => 3,
        }
    }

    /// The RFC's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Flow::Off => "OFF",
            Flow::On => "ON",
            Flow::RestartAny => "RESTART-ANY",
            Flow::RestartXon => "RESTART-XON",
        }
    }
}
