//! What stands between `IAC SB` and `IAC SE`, for each option that has such a thing: read and written.

mod charset;
mod comport;
mod environ;
mod games;
mod linemode;
mod status;
mod text;

use std::fmt;

pub use charset::Charset;
pub use comport::{ComPort, Serial};
pub use environ::{Ask, Environ, Kind, Variable};
pub use games::{Datum, Gmcp, Named};
pub use linemode::{Linemode, Mode, Triplet};
pub use status::{Status, StatusItem};
pub use text::{Asked, Flow, Speed, Window};

use crate::codes::{IAC, Opt, SB, SE};

/// A subnegotiation (RFC 855).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sub {
    /// RFC 1091: SEND, or IS with a name.
    TerminalType(Asked<Vec<u8>>),
    /// RFC 1073.
    Window(Window),
    /// RFC 1079.
    TerminalSpeed(Asked<Speed>),
    /// RFC 1372.
    Flow(Flow),
    /// RFC 1184.
    Linemode(Linemode),
    /// RFC 1096.
    XDisplay(Asked<Vec<u8>>),
    /// RFC 1572.
    Environ(Environ),
    /// RFC 859.
    Status(Status),
    /// RFC 2066.
    Charset(Charset),
    /// RFC 2217.
    ComPort(ComPort),
    /// GMCP: one message.
    Gmcp(Gmcp),
    /// MSDP: variables.
    Msdp(Vec<Named<Datum>>),
    /// MSSP: what the server says of itself.
    Mssp(Vec<Named<Vec<u8>>>),
    /// MCCP2: what comes next is compressed.
    Compressed,
    /// draft-altman-telnet-starttls: FOLLOWS, the next byte is of TLS.
    TlsFollows,
    /// An option that is not known here, or content that its RFC does not have.
    Other(Opt, Vec<u8>),
}

impl Sub {
    /// Reads what came, with IAC IAC already made one. What an option's RFC does not allow is [`Sub::Other`].
    #[must_use]
    pub fn parse(option: Opt, content: &[u8]) -> Sub {
        let parsed = match option {
            Opt::TTYPE => text::asked(content, |name| Some(name.to_vec())).map(Sub::TerminalType),
            Opt::NAWS => Window::parse(content).map(Sub::Window),
            Opt::TSPEED => text::asked(content, Speed::parse).map(Sub::TerminalSpeed),
            Opt::LFLOW => Flow::parse(content).map(Sub::Flow),
            Opt::LINEMODE => Linemode::parse(content).map(Sub::Linemode),
            Opt::XDISPLOC => text::asked(content, |name| Some(name.to_vec())).map(Sub::XDisplay),
            Opt::NEW_ENVIRON => Environ::parse(content).map(Sub::Environ),
            Opt::STATUS => Status::parse(content).map(Sub::Status),
            Opt::CHARSET => Charset::parse(content).map(Sub::Charset),
            Opt::COM_PORT => ComPort::parse(content).map(Sub::ComPort),
            Opt::GMCP => Gmcp::parse(content).map(Sub::Gmcp),
            Opt::MSDP => games::msdp(content).map(Sub::Msdp),
            Opt::MSSP => games::mssp(content).map(Sub::Mssp),
            Opt::MCCP2 => content.is_empty().then_some(Sub::Compressed),
            Opt::START_TLS => (content == [1]).then_some(Sub::TlsFollows),
            _ => None,
        };
        parsed.unwrap_or_else(|| Sub::Other(option, content.to_vec()))
    }

    /// Which option it belongs to.
    #[must_use]
    pub fn option(&self) -> Opt {
        match self {
            Sub::TerminalType(_) => Opt::TTYPE,
            Sub::Window(_) => Opt::NAWS,
            Sub::TerminalSpeed(_) => Opt::TSPEED,
            Sub::Flow(_) => Opt::LFLOW,
            Sub::Linemode(_) => Opt::LINEMODE,
            Sub::XDisplay(_) => Opt::XDISPLOC,
            Sub::Environ(_) => Opt::NEW_ENVIRON,
            Sub::Status(_) => Opt::STATUS,
            Sub::Charset(_) => Opt::CHARSET,
            Sub::ComPort(_) => Opt::COM_PORT,
            Sub::Gmcp(_) => Opt::GMCP,
            Sub::Msdp(_) => Opt::MSDP,
            Sub::Mssp(_) => Opt::MSSP,
            Sub::Compressed => Opt::MCCP2,
            Sub::TlsFollows => Opt::START_TLS,
            Sub::Other(option, _) => *option,
        }
    }

    /// What stands behind the option's number, before IAC is doubled.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Sub::TerminalType(asked) | Sub::XDisplay(asked) => {
                text::encode(asked, |name, out| out.extend_from_slice(name), &mut out);
            }
            Sub::Window(window) => window.encode(&mut out),
            Sub::TerminalSpeed(asked) => text::encode(asked, Speed::encode, &mut out),
            Sub::Flow(flow) => out.push(flow.code()),
            Sub::Linemode(linemode) => linemode.encode(&mut out),
            Sub::Environ(environ) => environ.encode(&mut out),
            Sub::Status(status) => status.encode(&mut out),
            Sub::Charset(charset) => charset.encode(&mut out),
            Sub::ComPort(comport) => comport.encode(&mut out),
            Sub::Gmcp(gmcp) => gmcp.encode(&mut out),
            Sub::Msdp(all) => games::msdp_encode(all, &mut out),
            Sub::Mssp(all) => games::mssp_encode(all, &mut out),
            Sub::Compressed => {}
            Sub::TlsFollows => out.push(1),
            Sub::Other(_, content) => out.extend_from_slice(content),
        }
        out
    }

    /// Appends it whole: `IAC SB option content IAC SE`, each IAC inside doubled.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[IAC, SB, self.option().0]);
        crate::escape::binary(&self.content(), out);
        out.extend_from_slice(&[IAC, SE]);
    }
}

impl fmt::Display for Sub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.option())?;
        let lossy = |bytes: &[u8]| netkit_wire::escape(bytes).to_string();
        match self {
            Sub::TerminalType(Asked::Send) | Sub::XDisplay(Asked::Send) | Sub::TerminalSpeed(Asked::Send) => {
                f.write_str("SEND")
            }
            Sub::TerminalType(Asked::Is(name)) | Sub::XDisplay(Asked::Is(name)) => {
                write!(f, "IS {}", lossy(name))
            }
            Sub::TerminalSpeed(Asked::Is(speed)) => write!(f, "IS {},{}", speed.transmit, speed.receive),
            Sub::Window(window) => write!(f, "{}x{}", window.columns, window.rows),
            Sub::Flow(flow) => f.write_str(flow.name()),
            Sub::Linemode(linemode) => linemode.fmt(f),
            Sub::Environ(environ) => environ.fmt(f),
            Sub::Status(status) => status.fmt(f),
            Sub::Charset(charset) => charset.fmt(f),
            Sub::ComPort(comport) => comport.fmt(f),
            Sub::Gmcp(gmcp) => gmcp.fmt(f),
            Sub::Msdp(all) => games::listed(all, f),
            Sub::Mssp(all) => games::mssp_listed(all, f),
            Sub::Compressed => f.write_str("begins"),
            Sub::TlsFollows => f.write_str("FOLLOWS"),
            Sub::Other(_, content) => write!(f, "\"{}\"", lossy(content)),
        }
    }
}
