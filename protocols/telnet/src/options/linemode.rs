//! LINEMODE (RFC 1184): who edits a line, which keys are special, what sends a line on.

use std::fmt;

use crate::codes::Verb;

/// The mask of MODE (section 2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode(pub u8);

impl Mode {
    /// The client edits the line.
    pub const EDIT: u8 = 1;
    /// The client makes commands of the keys that interrupt and quit.
    pub const TRAPSIG: u8 = 2;
    /// This repeats a mode that was asked for.
    pub const MODE_ACK: u8 = 4;
    /// The client expands tabs.
    pub const SOFT_TAB: u8 = 8;
    /// The client echoes what is no character as it is.
    pub const LIT_ECHO: u8 = 16;

    /// Whether all of `bits` are set.
    #[must_use]
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// One special character (section 2.4): function, level and flags, value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triplet {
    /// 1 SYNCH to 30 FORW2 and what came later.
    pub function: u8,
    /// The level in the two low bits, then FLUSHOUT 32, FLUSHIN 64, ACK 128.
    pub modifiers: u8,
    /// The character.
    pub value: u8,
}

impl Triplet {
    /// The function is not supported.
    pub const NOSUPPORT: u8 = 0;
    /// SLC_LEVELBITS.
    pub const LEVEL: u8 = 3;
    /// SLC_ACK: this repeats what was proposed.
    pub const ACK: u8 = 128;
    /// How many functions there are: a longer list repeats itself and is cut here.
    pub const FUNCTIONS: u8 = 30;

    /// The client's answer (section 2.4): what it does not know it does not support, the rest is agreed to.
    #[must_use]
    pub fn answer(self) -> Option<Triplet> {
        match self {
            // "If the SLC_ACK bit is set ... no response".
            Triplet { modifiers, .. } if modifiers & Self::ACK != 0 => None,
            Triplet { modifiers, .. } if modifiers & Self::LEVEL == Self::NOSUPPORT => None,
            Triplet { function, .. } if function > Self::FUNCTIONS => {
                Some(Triplet { function, modifiers: Self::NOSUPPORT, value: 0 })
            }
            agreed => Some(Triplet { modifiers: agreed.modifiers | Self::ACK, ..agreed }),
        }
    }
}

/// What is said in LINEMODE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linemode {
    /// MODE.
    Mode(Mode),
    /// DO, DONT, WILL or WONT FORWARDMASK, with the mask behind DO.
    ForwardMask(Verb, Vec<u8>),
    /// SLC.
    Characters(Vec<Triplet>),
}

impl Linemode {
    pub(super) fn parse(content: &[u8]) -> Option<Linemode> {
        match *content {
            [1, mask] => Some(Linemode::Mode(Mode(mask))),
            [3, ref rest @ ..] => {
                let (triplets, left) = rest.as_chunks::<3>();
                let one = |&[function, modifiers, value]: &[u8; 3]| Triplet { function, modifiers, value };
                left.is_empty().then(|| Linemode::Characters(triplets.iter().map(one).collect()))
            }
            [verb, 2, ref mask @ ..] => {
                let verb = Verb::from_code(verb)?;
                (verb == Verb::Do || mask.is_empty()).then(|| Linemode::ForwardMask(verb, mask.to_vec()))
            }
            _ => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Linemode::Mode(mask) => out.extend_from_slice(&[1, mask.0]),
            Linemode::ForwardMask(verb, mask) => {
                out.extend_from_slice(&[verb.code(), 2]);
                out.extend_from_slice(mask);
            }
            Linemode::Characters(triplets) => {
                out.push(3);
                triplets.iter().for_each(|t| out.extend_from_slice(&[t.function, t.modifiers, t.value]));
            }
        }
    }
}

impl fmt::Display for Linemode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Linemode::Mode(mode) => {
                f.write_str("MODE")?;
                let names = ["EDIT", "TRAPSIG", "MODE_ACK", "SOFT_TAB", "LIT_ECHO"];
                let set = names.iter().enumerate().filter(|(bit, _)| mode.0 >> bit & 1 == 1);
                set.map(|(_, name)| name).try_for_each(|name| write!(f, " {name}"))
            }
            Linemode::ForwardMask(verb, mask) => {
                write!(f, "{verb} FORWARDMASK {}", netkit_wire::escape(mask))
            }
            Linemode::Characters(triplets) => {
                f.write_str("SLC")?;
                triplets.iter().try_for_each(|t| write!(f, " {}/{}/{}", t.function, t.modifiers, t.value))
            }
        }
    }
}
