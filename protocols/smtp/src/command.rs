//! Commands: one value each, which knows its bytes and what its answer means.

mod exchange;
mod mail;
mod parse;
mod query;
mod session;
mod xclient;

pub use exchange::Exchange;
pub(crate) use exchange::completed;
pub use mail::{Bdat, Data, Mail, Rcpt};
pub use parse::{CommandError, parse};
pub use query::{Expn, Help, Noop, Raw, Vrfy};
pub use session::{Auth, Ehlo, Helo, Lhlo, Quit, Rset, StartTls};
pub use xclient::Xclient;

/// Any command, as a server reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// EHLO.
    Ehlo(Ehlo),
    /// HELO.
    Helo(Helo),
    /// LHLO, of LMTP.
    Lhlo(Lhlo),
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth(Auth),
    /// MAIL FROM.
    Mail(Mail),
    /// RCPT TO.
    Rcpt(Rcpt),
    /// DATA.
    Data,
    /// BDAT.
    Bdat(Bdat),
    /// RSET.
    Rset,
    /// NOOP.
    Noop(Noop),
    /// VRFY.
    Vrfy(Vrfy),
    /// EXPN.
    Expn(Expn),
    /// HELP.
    Help(Help),
    /// XCLIENT.
    Xclient(Xclient),
    /// QUIT.
    Quit,
}

impl Command {
    /// Reads one command line, without its CRLF.
    ///
    /// # Errors
    /// [`CommandError`], which knows the reply a server gives.
    pub fn parse(line: &[u8]) -> Result<Command, CommandError> {
        parse(line)
    }

    /// Appends the command line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::Ehlo(command) => command.encode(out),
            Command::Helo(command) => command.encode(out),
            Command::Lhlo(command) => command.encode(out),
            Command::StartTls => StartTls.encode(out),
            Command::Auth(command) => command.encode(out),
            Command::Mail(command) => command.encode(out),
            Command::Rcpt(command) => command.encode(out),
            Command::Data => Data.encode(out),
            Command::Bdat(command) => command.encode(out),
            Command::Rset => Rset.encode(out),
            Command::Noop(command) => command.encode(out),
            Command::Vrfy(command) => command.encode(out),
            Command::Expn(command) => command.encode(out),
            Command::Help(command) => command.encode(out),
            Command::Xclient(command) => command.encode(out),
            Command::Quit => Quit.encode(out),
        }
    }
}
