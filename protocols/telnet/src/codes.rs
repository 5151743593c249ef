//! The numbers: commands (RFC 854), options (the registry of RFC 855), and what each is called.

use std::fmt;

/// "Interpret as command" (RFC 854).
pub const IAC: u8 = 255;
pub(crate) const DONT: u8 = 254;
pub(crate) const DO: u8 = 253;
pub(crate) const WONT: u8 = 252;
pub(crate) const WILL: u8 = 251;
pub(crate) const SB: u8 = 250;
pub(crate) const SE: u8 = 240;

/// A command without an option (RFC 854, 885, 1184).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// End of file (RFC 1184 section 2.5).
    Eof,
    /// Suspend the process (RFC 1184 section 2.5).
    Suspend,
    /// Abort the process (RFC 1184 section 2.5).
    Abort,
    /// End of record (RFC 885).
    EndOfRecord,
    /// Nothing.
    Nop,
    /// The data part of a Synch.
    DataMark,
    /// Break.
    Break,
    /// Interrupt the process.
    InterruptProcess,
    /// Abort output.
    AbortOutput,
    /// Are you there?
    AreYouThere,
    /// Erase the last character.
    EraseCharacter,
    /// Erase the line.
    EraseLine,
    /// Go ahead.
    GoAhead,
    /// A number that no RFC gave out; or SE where nothing was begun.
    Other(u8),
}

/// Number, command, the short name that people type.
const COMMANDS: [(u8, Command, &str); 13] = [
    (236, Command::Eof, "EOF"),
    (237, Command::Suspend, "SUSP"),
    (238, Command::Abort, "ABORT"),
    (239, Command::EndOfRecord, "EOR"),
    (241, Command::Nop, "NOP"),
    (242, Command::DataMark, "DM"),
    (243, Command::Break, "BRK"),
    (244, Command::InterruptProcess, "IP"),
    (245, Command::AbortOutput, "AO"),
    (246, Command::AreYouThere, "AYT"),
    (247, Command::EraseCharacter, "EC"),
    (248, Command::EraseLine, "EL"),
    (249, Command::GoAhead, "GA"),
];

impl Command {
    /// The number behind IAC.
    #[must_use]
    pub fn code(self) -> u8 {
        let Command::Other(code) = self else {
            return COMMANDS.iter().find(|row| row.1 == self).map_or(241, |row| row.0);
        };
        code
    }

    /// The command with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Command {
        COMMANDS.iter().find(|row| row.0 == code).map_or(Command::Other(code), |row| row.1)
    }

    /// The command with this short name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Command> {
        COMMANDS.iter().find(|row| row.2.eq_ignore_ascii_case(name)).map(|row| row.1)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match COMMANDS.iter().find(|row| row.1 == *self) {
            Some((_, _, name)) => f.write_str(name),
            None => write!(f, "{}", self.code()),
        }
    }
}

/// WILL, WONT, DO, DONT (RFC 854).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// "I will use this option, or I begin to."
    Will,
    /// "I do not use it."
    Wont,
    /// "Please use it, or yes, do."
    Do,
    /// "Do not use it."
    Dont,
}

impl Verb {
    /// The number behind IAC.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Verb::Will => WILL,
            Verb::Wont => WONT,
            Verb::Do => DO,
            Verb::Dont => DONT,
        }
    }

    /// The verb with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Verb> {
        [Verb::Will, Verb::Wont, Verb::Do, Verb::Dont].into_iter().find(|verb| verb.code() == code)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verb::Will => "WILL",
            Verb::Wont => "WONT",
            Verb::Do => "DO",
            Verb::Dont => "DONT",
        })
    }
}

/// The number of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opt(pub u8);

impl Opt {
    /// Eight bits a byte (RFC 856).
    pub const BINARY: Opt = Opt(0);
    /// The sender of WILL repeats what it gets (RFC 857).
    pub const ECHO: Opt = Opt(1);
    /// No GA (RFC 858).
    pub const SGA: Opt = Opt(3);
    /// What is the state of all options (RFC 859)?
    pub const STATUS: Opt = Opt(5);
    /// Everything before this was worked off (RFC 860).
    pub const TM: Opt = Opt(6);
    /// What kind of terminal (RFC 1091).
    pub const TTYPE: Opt = Opt(24);
    /// Ends of records (RFC 885).
    pub const EOR: Opt = Opt(25);
    /// The size of the window (RFC 1073).
    pub const NAWS: Opt = Opt(31);
    /// The terminal's speed (RFC 1079).
    pub const TSPEED: Opt = Opt(32);
    /// Flow control from afar (RFC 1372).
    pub const LFLOW: Opt = Opt(33);
    /// Lines are edited at the client (RFC 1184).
    pub const LINEMODE: Opt = Opt(34);
    /// The X display (RFC 1096).
    pub const XDISPLOC: Opt = Opt(35);
    /// Variables of the environment (RFC 1572).
    pub const NEW_ENVIRON: Opt = Opt(39);
    /// Which character set (RFC 2066).
    pub const CHARSET: Opt = Opt(42);
    /// TLS begins in this connection (draft-altman-telnet-starttls).
    pub const START_TLS: Opt = Opt(46);
    /// A serial line behind the server (RFC 2217).
    pub const COM_PORT: Opt = Opt(44);
    /// Variables of a game (MSDP).
    pub const MSDP: Opt = Opt(69);
    /// What a game's server says of itself (MSSP).
    pub const MSSP: Opt = Opt(70);
    /// What the server says is compressed (MCCP2).
    pub const MCCP2: Opt = Opt(86);
    /// Messages of a game, in JSON (GMCP).
    pub const GMCP: Opt = Opt(201);
    /// The extended options list (RFC 861).
    pub const EXOPL: Opt = Opt(255);

    /// Its name, where it has one here.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(code, _)| *code == self.0).map(|(_, name)| *name)
    }

    /// The option of this name, in any case, or of this number.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Opt> {
        let named = NAMES.iter().find(|row| row.1.eq_ignore_ascii_case(name)).map(|row| Opt(row.0));
        named.or_else(|| name.parse().ok().map(Opt))
    }
}

/// The registry, as far as somebody meets it today.
const NAMES: [(u8, &str); 33] = [
    (0, "BINARY"),
    (1, "ECHO"),
    (2, "RCP"),
    (3, "SGA"),
    (4, "NAMS"),
    (5, "STATUS"),
    (6, "TM"),
    (17, "XASCII"),
    (18, "LOGOUT"),
    (23, "SNDLOC"),
    (24, "TTYPE"),
    (25, "EOR"),
    (31, "NAWS"),
    (32, "TSPEED"),
    (33, "LFLOW"),
    (34, "LINEMODE"),
    (35, "XDISPLOC"),
    (36, "OLD-ENVIRON"),
    (37, "AUTHENTICATION"),
    (38, "ENCRYPT"),
    (39, "NEW-ENVIRON"),
    (40, "TN3270E"),
    (42, "CHARSET"),
    (44, "COM-PORT"),
    (45, "LOCAL-ECHO"),
    (46, "START_TLS"),
    (47, "KERMIT"),
    (69, "MSDP"),
    (70, "MSSP"),
    (86, "MCCP2"),
    (90, "MSP"),
    (201, "GMCP"),
    (255, "EXOPL"),
];

impl fmt::Display for Opt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}
