//! What the server asks about once an option is on, and what it learned.

use netkit_telnet::options::{
    Asked, Charset, Environ, Kind, Linemode, Mode, Status, Triplet, Variable, Window,
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
            Sub::Charset(_) | Sub::Linemode(_) | Sub::Status(_) => {}
            _ => return Ok(()),
        }
        self.say(sub.to_string());
        Ok(())
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
        (Side::Us, Opt::CHARSET) => {
            let names = vec![b"UTF-8".to_vec(), b"ISO-8859-1".to_vec()];
            Sub::Charset(Charset::Request { names, table: None })
        }
        _ => return Ok(()),
    };
    client.sub(&question)
}
