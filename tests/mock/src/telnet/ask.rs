//! What the server asks about once an option is on, and what it learned.

use netkit_telnet::options::{
    Asked, Charset, ComPort, Environ, Gmcp, Kind, Linemode, Mode, Named, Serial, Status, Triplet, Variable,
    Window,
};
use netkit_telnet::{Client, Error, Event, Opt, Side, Sub};

/// What the client told.
#[derive(Default)]
pub(super) struct Learned {
    /// The names of its terminal.
    pub(super) terminals: Vec<String>,
    pub(super) window: Option<Window>,
    pub(super) speed: Option<String>,
    pub(super) display: Option<String>,
    pub(super) variables: Vec<Variable>,
    pub(super) charset: Option<String>,
    /// The last answers, in words.
    pub(super) said: Vec<String>,
}

/// How many names a terminal may have, how many variables a client may tell.
const MOST: usize = 32;

impl Learned {
    /// The login name that the client's environment has.
    pub(super) fn user(&self) -> Option<String> {
        let user = self.variables.iter().find(|v| v.kind == Kind::WellKnown && v.name == b"USER")?;
        String::from_utf8(user.value.clone()?).ok().filter(|name| !name.is_empty())
    }

    /// Takes one event, and asks the next question.
    pub(super) fn heard(&mut self, event: &Event, client: &mut Client) -> Result<(), Error> {
        match event {
            Event::Switched { side, option, on: true } => began(*side, *option, client),
            Event::Sub(sub) => self.told(sub, client),
            Event::Mark(true) => {
                self.say("the timing mark came".to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn say(&mut self, words: String) {
        if self.said.len() == MOST {
            self.said.remove(0);
        }
        self.said.push(words);
    }

    fn told(&mut self, sub: &Sub, client: &mut Client) -> Result<(), Error> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match sub {
            Sub::TerminalType(Asked::Is(name)) => {
                let name = text(name);
                // RFC 1091: the same name twice is the end of the list.
                if self.terminals.last() != Some(&name) && self.terminals.len() < MOST {
                    self.terminals.push(name);
                    return client.sub(&Sub::TerminalType(Asked::Send));
                }
            }
            Sub::Window(window) => self.window = Some(*window),
            Sub::TerminalSpeed(Asked::Is(speed)) => {
                self.speed = Some(format!("{},{}", speed.transmit, speed.receive));
            }
            Sub::XDisplay(Asked::Is(name)) => self.display = Some(text(name)),
            Sub::Environ(Environ::Is(variables) | Environ::Info(variables)) => {
                for variable in variables.iter().take(MOST) {
                    self.variables.retain(|known| known.name != variable.name);
                    self.variables.push(variable.clone());
                }
                self.variables.truncate(MOST);
            }
            Sub::Charset(Charset::Accepted(name)) => self.charset = Some(text(name)),
            Sub::ComPort(ComPort { server: false, about }) => {
                client.sub(&Sub::ComPort(ComPort { server: true, about: set(about) }))?;
            }
            // A client that wants to know whether the line is alive.
            Sub::Gmcp(Gmcp { name, .. }) if name == b"Core.Ping" => {
                client.sub(&Sub::Gmcp(Gmcp { name: name.clone(), data: None }))?;
            }
            Sub::Charset(_) | Sub::Gmcp(_) | Sub::Msdp(_) | Sub::Linemode(_) | Sub::Status(_) => {}
            _ => return Ok(()),
        }
        self.say(sub.to_string());
        Ok(())
    }
}

/// RFC 2217: what was set, or what is so where that was asked: 9600 bits a second, 8 of them a byte, no parity, one stop bit.
fn set(about: &Serial) -> Serial {
    match about {
        Serial::Signature(text) if text.is_empty() => Serial::Signature(super::NAME.as_bytes().to_vec()),
        Serial::BaudRate(0) => Serial::BaudRate(9600),
        Serial::DataSize(0) => Serial::DataSize(8),
        Serial::Parity(0) => Serial::Parity(1),
        Serial::StopSize(0) => Serial::StopSize(1),
        about => about.clone(),
    }
}

/// The question that an option begins with.
fn began(side: Side, option: Opt, client: &mut Client) -> Result<(), Error> {
    let question = match (side, option) {
        (Side::Him, Opt::TTYPE) => Sub::TerminalType(Asked::Send),
        (Side::Him, Opt::TSPEED) => Sub::TerminalSpeed(Asked::Send),
        (Side::Him, Opt::XDISPLOC) => Sub::XDisplay(Asked::Send),
        (Side::Him, Opt::NEW_ENVIRON) => Sub::Environ(Environ::Send(Vec::new())),
        (Side::Him, Opt::STATUS) => Sub::Status(Status::Send),
        (Side::Him, Opt::LINEMODE) => {
            let characters = [(3, 2, 3), (10, 2, 127), (11, 2, 21)];
            let triplet = |(function, modifiers, value)| Triplet { function, modifiers, value };
            client.sub(&Sub::Linemode(Linemode::Mode(Mode(Mode::EDIT | Mode::TRAPSIG))))?;
            Sub::Linemode(Linemode::Characters(characters.map(triplet).to_vec()))
        }
        (Side::Us, Opt::MSSP) => {
            let fact = |name: &str, value: &str| Named {
                name: name.into(),
                values: vec![value.as_bytes().to_vec()],
            };
            Sub::Mssp(vec![fact("NAME", super::NAME), fact("PLAYERS", "1"), fact("UPTIME", "0")])
        }
        (Side::Us, Opt::CHARSET) => {
            let names = vec![b"UTF-8".to_vec(), b"ISO-8859-1".to_vec()];
            Sub::Charset(Charset::Request { names, table: None })
        }
        _ => return Ok(()),
    };
    client.sub(&question)
}
