//! One side of a conversation, without a socket: bytes in, data and events and bytes out.

mod answers;
mod scan;

use netkit_wire::Malformed;

use crate::codes::{Command, IAC, Opt, Verb};
use crate::escape;
use crate::options::{Flow, Sub, Window};
use crate::qmethod::{self, Complaint, Input, Send, State};
use crate::settings::Settings;

/// How many answers one option of one side gets before nothing more is said about it. Nobody who means it needs more; two
/// programs that disagree would go on for ever.
const ANSWERS: u8 = 32;
/// The most bytes of answers that wait to be sent. What a peer asks beyond is not answered.
const WAITING: usize = 64 << 10;

/// Whose option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// This side does it: WILL and DO of ours.
    Us,
    /// The other side does it.
    Him,
}

/// What came, beside data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An option is in force from here on, or no longer.
    Switched {
        /// Whose.
        side: Side,
        /// Which.
        option: Opt,
        /// Whether it is on.
        on: bool,
    },
    /// The other side asked for an option, and got no for an answer.
    Denied {
        /// Whose it would have been.
        side: Side,
        /// Which.
        option: Opt,
    },
    /// The other side does not want what this side asked for.
    Refused {
        /// Whose it would have been.
        side: Side,
        /// Which.
        option: Opt,
    },
    /// The other side broke the rules of RFC 1143; the state is sound all the same.
    Wrong {
        /// Whose option.
        side: Side,
        /// Which.
        option: Opt,
        /// What it did.
        complaint: Complaint,
    },
    /// A command.
    Command(Command),
    /// A subnegotiation. Questions that the settings answer were answered.
    Sub(Sub),
    /// The timing mark (RFC 860) that this side asked for came; `false`: the other side has none, which says the same.
    Mark(bool),
    /// The next byte in is of zlib (MCCP2).
    Compressed,
    /// The next byte, in and out, is of TLS.
    StartTls,
}

/// How far [`Engine::feed`] got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fed {
    /// How many bytes it took. The rest is to be fed next, unless the event is [`Event::StartTls`]
    /// or [`Event::Compressed`]: then it is of the layer below.
    pub used: usize,
    /// What stood there; the data that came before it is in the sink.
    pub event: Option<Event>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Agreed {
    state: State,
    answers: u8,
}

/// One side of a Telnet conversation (RFC 854, 855, 1143).
#[derive(Clone, Debug)]
pub struct Engine {
    /// What this side agrees to and says.
    pub settings: Settings,
    us: Vec<Agreed>,
    him: Vec<Agreed>,
    scan: scan::Scan,
    out: Vec<u8>,
    /// The number of the terminal's name that is said next.
    terminal: usize,
    /// The terminal's flow control, as the other side set it.
    flow: Flow,
    /// A timing mark was asked for and did not come yet.
    marks: u32,
    /// What this side decided to have.
    wanted: Vec<(Side, Opt)>,
    /// FOLLOWS was said: not one byte more in clear text.
    silent: bool,
    /// Data that waits for that to be over.
    held: Vec<u8>,
}

impl Engine {
    /// A conversation in which nothing was said.
    #[must_use]
    pub fn new(settings: Settings) -> Engine {
        let all = || vec![Agreed::default(); 256];
        Engine {
            settings,
            us: all(),
            him: all(),
            scan: scan::Scan::default(),
            out: Vec::new(),
            terminal: 0,
            flow: Settings::FLOW,
            marks: 0,
            wanted: Vec::new(),
            silent: false,
            held: Vec::new(),
        }
    }

    /// Takes what came: appends data to `sink` until something else stands there.
    ///
    /// # Errors
    /// [`Malformed`] when a subnegotiation is longer than [`Settings::sub_limit`].
    pub fn feed(&mut self, input: &[u8], sink: &mut Vec<u8>) -> Result<Fed, Malformed> {
        let mut used = 0;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            let (took, found) = self.scan.next(rest, self.settings.sub_limit, sink)?;
            used += took;
            let Some(found) = found else { return Ok(Fed { used, event: None }) };
            let event = match found {
                scan::Found::Command(command) => Some(Event::Command(command)),
                scan::Found::Option(verb, option) => self.received(verb, option),
                scan::Found::Sub(option, content) => self.subnegotiated(Sub::parse(option, &content)),
            };
            if event.is_some() {
                return Ok(Fed { used, event });
            }
        }
    }

    /// What is to be sent; it is taken out.
    pub fn take_output(&mut self, to: &mut Vec<u8>) {
        to.append(&mut self.out);
    }

    /// Whether something is to be sent.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// Queues data: escaped, and with the line ends of the NVT unless this side is in BINARY. Between the agreement to
    /// START_TLS and [`Engine::restart`] it waits.
    pub fn data(&mut self, text: &[u8]) {
        if self.silent {
            return self.held.extend_from_slice(text);
        }
        match self.is_on(Side::Us, Opt::BINARY) {
            true => escape::binary(text, &mut self.out),
            false => escape::nvt(text, &mut self.out),
        }
    }

    /// Queues a command.
    pub fn command(&mut self, command: Command) {
        self.say(&[IAC, command.code()]);
    }

    /// Queues a subnegotiation, whatever is agreed.
    pub fn sub(&mut self, sub: &Sub) {
        if !self.silent && self.out.len() < WAITING {
            sub.encode(&mut self.out);
        }
    }

    /// Decides to have an option on, and asks.
    ///
    /// # Errors
    /// [`Complaint`]: nothing was to be done.
    pub fn enable(&mut self, side: Side, option: Opt) -> Result<(), Complaint> {
        if !self.wanted.contains(&(side, option)) {
            self.wanted.push((side, option));
        }
        self.decide(side, option, Input::Enable)
    }

    /// Decides to have it off.
    ///
    /// # Errors
    /// [`Complaint`]: nothing was to be done.
    pub fn disable(&mut self, side: Side, option: Opt) -> Result<(), Complaint> {
        self.wanted.retain(|wanted| *wanted != (side, option));
        self.decide(side, option, Input::Disable)
    }

    /// Asks for a timing mark (RFC 860).
    pub fn mark(&mut self) {
        self.marks = self.marks.saturating_add(1);
        self.say(&[IAC, Verb::Do.code(), Opt::TM.0]);
    }

    /// The window has another size: told where that is agreed.
    pub fn resize(&mut self, window: Window) {
        self.settings.window = Some(window);
        if self.is_on(Side::Us, Opt::NAWS) {
            self.sub(&Sub::Window(window));
        }
    }

    /// Urgent data is on its way (RFC 854, Synch): data is thrown away until the data mark.
    pub fn urgent(&mut self) {
        self.scan.discard();
    }

    /// The state of an option in the table of RFC 1143.
    #[must_use]
    pub fn state(&self, side: Side, option: Opt) -> State {
        self.side(side).get(usize::from(option.0)).map_or(State::No, |agreed| agreed.state)
    }

    /// Whether an option is in force.
    #[must_use]
    pub fn is_on(&self, side: Side, option: Opt) -> bool {
        self.state(side, option).is_on()
    }

    /// Which options are in force.
    pub fn options(&self, side: Side) -> impl Iterator<Item = Opt> {
        (0..=255).map(Opt).filter(move |option| self.is_on(side, *option))
    }

    /// About which options the other side owes an answer.
    pub fn asked(&self, side: Side) -> impl Iterator<Item = Opt> {
        (0..=255).map(Opt).filter(move |option| self.state(side, *option).is_asking())
    }

    /// Whether the other side owes an answer.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.us.iter().chain(&self.him).any(|agreed| agreed.state.is_asking())
    }

    /// The flow control that the other side set (RFC 1372).
    #[must_use]
    pub fn flow(&self) -> Flow {
        self.flow
    }

    /// Begins from nothing, as the START_TLS draft asks after the handshake. What this side decided to have, it asks for again.
    pub fn restart(&mut self) {
        let (held, wanted) = (std::mem::take(&mut self.held), std::mem::take(&mut self.wanted));
        *self = Engine::new(self.settings.clone());
        for (side, option) in wanted.into_iter().filter(|(_, option)| *option != Opt::START_TLS) {
            // Nothing was said yet: there is nothing to complain about.
            let _ = self.enable(side, option);
        }
        self.data(&held);
    }

    fn side(&self, side: Side) -> &[Agreed] {
        if side == Side::Us { &self.us } else { &self.him }
    }

    fn say(&mut self, bytes: &[u8]) {
        if !self.silent && self.out.len() < WAITING {
            self.out.extend_from_slice(bytes);
        }
    }

    fn decide(&mut self, side: Side, option: Opt, input: Input) -> Result<(), Complaint> {
        let step = self.step(side, option, input, false);
        step.complaint.map_or(Ok(()), Err)
    }

    /// One row of the table, and what it sends.
    fn step(&mut self, side: Side, option: Opt, input: Input, answers: bool) -> qmethod::Step {
        let all = if side == Side::Us { &mut self.us } else { &mut self.him };
        let Some(agreed) = all.get_mut(usize::from(option.0)) else {
            return qmethod::Step { next: State::No, send: None, complaint: None };
        };
        let mut step = qmethod::step(agreed.state, input);
        if answers && step.send.is_some() {
            if agreed.answers == ANSWERS {
                // The last answer was no.
                agreed.state = State::No;
                return qmethod::Step { next: State::No, send: None, complaint: None };
            }
            agreed.answers += 1;
            if agreed.answers == ANSWERS && step.send == Some(Send::Positive) {
                step = qmethod::Step { next: State::No, send: Some(Send::Negative), complaint: None };
            }
        }
        agreed.state = step.next;
        let verb = match (side, step.send) {
            (_, None) => return step,
            (Side::Us, Some(Send::Positive)) => Verb::Will,
            (Side::Us, Some(Send::Negative)) => Verb::Wont,
            (Side::Him, Some(Send::Positive)) => Verb::Do,
            (Side::Him, Some(Send::Negative)) => Verb::Dont,
        };
        self.say(&[IAC, verb.code(), option.0]);
        step
    }

    fn received(&mut self, verb: Verb, option: Opt) -> Option<Event> {
        if option == Opt::TM {
            return self.timing(verb);
        }
        let side = if matches!(verb, Verb::Do | Verb::Dont) { Side::Us } else { Side::Him };
        let positive = matches!(verb, Verb::Do | Verb::Will);
        let set = if side == Side::Us { &self.settings.us } else { &self.settings.him };
        let input = if positive { Input::Positive { agree: set.has(option) } } else { Input::Negative };
        let before = self.state(side, option);
        let step = self.step(side, option, input, true);
        let event = match step.complaint {
            Some(complaint) => Some(Event::Wrong { side, option, complaint }),
            None if before.is_on() != step.next.is_on() => {
                Some(Event::Switched { side, option, on: step.next.is_on() })
            }
            None if before.is_asking() && !positive => Some(Event::Refused { side, option }),
            None if positive && step.send == Some(Send::Negative) => Some(Event::Denied { side, option }),
            None => None,
        };
        if let Some(Event::Switched { side: Side::Us, option, on: true }) = event {
            self.began(option);
        }
        event
    }

    /// RFC 860: each DO is answered, and nothing is remembered.
    fn timing(&mut self, verb: Verb) -> Option<Event> {
        match verb {
            Verb::Do => {
                self.say(&[IAC, Verb::Will.code(), Opt::TM.0]);
                None
            }
            Verb::Will | Verb::Wont if self.marks > 0 => {
                self.marks -= 1;
                Some(Event::Mark(verb == Verb::Will))
            }
            _ => None,
        }
    }
}
