//! Commands: bytes out for a client, bytes in for a server.

use std::net::{IpAddr, Ipv4Addr};

use crate::error::Invalid;
use crate::names::Names;
use crate::types::Argument;

macro_rules! verbs {
    ($($name:ident),* $(,)?) => {
        /// What can be asked: RFC 959 section 4.1 and the extensions' commands, each under its own name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(clippy::upper_case_acronyms, missing_docs)]
        #[non_exhaustive]
        pub enum Verb { $($name),* }

        impl Verb {
            /// All of them.
            pub const ALL: &[Verb] = &[$(Verb::$name),*];

            /// As it is sent.
            pub const fn name(self) -> &'static str {
                match self { $(Verb::$name => stringify!($name)),* }
            }
        }
    };
}

verbs! {
    USER, PASS, ACCT, CWD, CDUP, SMNT, REIN, QUIT, PORT, PASV, TYPE, STRU, MODE, RETR, STOR, STOU, APPE, ALLO, REST,
    RNFR, RNTO, ABOR, DELE, RMD, MKD, PWD, LIST, NLST, SITE, SYST, STAT, HELP, NOOP, FEAT, OPTS, EPRT, EPSV, SIZE,
    MDTM, MLST, MLSD, MFMT, AUTH, PBSZ, PROT, CCC, HOST, HASH, RANG, LANG, CLNT, PRET,
    CPSV, SSCN,
}

/// One command.
///
/// ```text
/// command = verb [ SP argument ] CRLF          RFC 959 section 5.3; 0xFF is doubled, as Telnet has it
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    verb: Verb,
    argument: Option<Argument>,
}

impl Command {
    /// A command without an argument.
    pub fn bare(verb: Verb) -> Command {
        Command { verb, argument: None }
    }

    /// A command with one.
    pub fn with(verb: Verb, argument: Argument) -> Command {
        Command { verb, argument: Some(argument) }
    }

    /// The same with its argument in the characters of the wire.
    pub(crate) fn named(&self, names: &Names) -> Result<Command, Invalid> {
        let Some(argument) = &self.argument else { return Ok(self.clone()) };
        let bytes = names.encode(argument.as_bytes());
        let bytes = bytes.ok_or(Invalid("it has a character that the charset lacks"))?;
        Ok(Command { verb: self.verb, argument: Some(Argument::new(bytes)?) })
    }

    /// PRET: which command the next data connection is for.
    pub fn pret(&self) -> Result<Command, Invalid> {
        let mut told = self.verb.name().as_bytes().to_vec();
        if let Some(argument) = &self.argument {
            told.push(b' ');
            told.extend_from_slice(argument.as_bytes());
        }
        Ok(Command::with(Verb::PRET, Argument::new(told)?))
    }

    /// PORT: the server is to connect to this address (RFC 959 section 4.1.2).
    pub fn port(ip: Ipv4Addr, port: u16) -> Result<Command, Invalid> {
        let [a, b, c, d] = ip.octets();
        let [high, low] = port.to_be_bytes();
        Ok(Command::with(Verb::PORT, Argument::new(format!("{a},{b},{c},{d},{high},{low}"))?))
    }

    /// EPRT: the same for both families (RFC 2428 section 2).
    pub fn eprt(ip: IpAddr, port: u16) -> Result<Command, Invalid> {
        let family = if ip.is_ipv4() { 1 } else { 2 };
        Ok(Command::with(Verb::EPRT, Argument::new(format!("|{family}|{ip}|{port}|"))?))
    }

    /// Appends a command whose argument may be empty.
    pub(crate) fn secret(verb: Verb, argument: &Argument, out: &mut Vec<u8>) {
        Command { verb, argument: Some(argument.clone()) }.encode(out);
    }

    /// What is asked.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// Of what.
    pub fn argument(&self) -> Option<&Argument> {
        self.argument.as_ref()
    }

    /// Appends the command's line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.verb.name().as_bytes());
        if let Some(argument) = &self.argument {
            out.push(b' ');
            for &byte in argument.as_bytes() {
                out.push(byte);
                if byte == 0xFF {
                    out.push(byte);
                }
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    /// One line without its end; Telnet's Interrupt Process and Synch may stand before it, as before ABOR (RFC 959 section
    /// 4.1.3). Verbs are read in either case (section 5.3). `None` for another verb, an argument that cannot be one, or a lone
    /// 0xFF.
    pub fn parse(line: &[u8]) -> Option<Command> {
        let line = line.strip_prefix(&[255, 244]).unwrap_or(line);
        let line = line.strip_prefix(&[255, 242]).unwrap_or(line);
        let end = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(end)?;
        let verb = *Verb::ALL.iter().find(|verb| verb.name().as_bytes().eq_ignore_ascii_case(name))?;
        let Some(rest) = rest.get(1..).filter(|rest| !rest.is_empty()) else {
            return Some(Command::bare(verb));
        };
        let mut argument = Vec::with_capacity(rest.len());
        let mut bytes = rest.iter();
        while let Some(&byte) = bytes.next() {
            if byte == 0xFF && bytes.next() != Some(&0xFF) {
                return None;
            }
            argument.push(byte);
        }
        Some(Command::with(verb, Argument::new(argument).ok()?))
    }
}
