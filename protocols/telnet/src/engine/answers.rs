//! What is said in subnegotiations: questions that the settings answer, and what begins with an option.

use crate::codes::{Opt, Verb};
use crate::engine::{Engine, Event, Side};
use crate::options::{
    Asked, Charset, Environ, Kind, Linemode, Mode, Status, StatusItem, Sub, Triplet, Variable,
};

impl Engine {
    /// An option of ours is on: some begin with a word of ours.
    pub(super) fn began(&mut self, option: Opt) {
        match (option, self.settings.window) {
            (Opt::NAWS, Some(window)) => self.sub(&Sub::Window(window)),
            (Opt::START_TLS, _) => {
                self.sub(&Sub::TlsFollows);
                self.silent = true;
            }
            _ => {}
        }
    }

    /// Answers a question where its option is on, and where it is one.
    pub(super) fn subnegotiated(&mut self, sub: Sub) -> Option<Event> {
        let option = sub.option();
        let (ours, his) = (self.is_on(Side::Us, option), self.is_on(Side::Him, option));
        let answer = match &sub {
            Sub::TerminalType(Asked::Send) if ours => {
                Some(Sub::TerminalType(Asked::Is(self.terminal_name())))
            }
            Sub::TerminalSpeed(Asked::Send) if ours => {
                Some(Sub::TerminalSpeed(Asked::Is(self.settings.speed)))
            }
            Sub::XDisplay(Asked::Send) if ours => {
                let display = self.settings.x_display.clone().unwrap_or_default();
                Some(Sub::XDisplay(Asked::Is(display.into_bytes())))
            }
            Sub::Environ(Environ::Send(asks)) if ours => {
                let asked: Vec<_> = asks.iter().map(|ask| (ask.kind, ask.name.as_slice())).collect();
                Some(Sub::Environ(Environ::Is(self.variables(&asked))))
            }
            Sub::Status(Status::Send) if ours => Some(Sub::Status(Status::Is(self.status()))),
            Sub::Charset(Charset::Request { names, .. }) if ours || his => {
                let known = |name: &&Vec<u8>| {
                    self.settings.charsets.iter().any(|ours| ours.as_bytes().eq_ignore_ascii_case(name))
                };
                let chosen = names.iter().find(known);
                Some(Sub::Charset(chosen.map_or(Charset::Rejected, |name| Charset::Accepted(name.clone()))))
            }
            Sub::Charset(Charset::Table(_)) if ours || his => Some(Sub::Charset(Charset::TableRejected)),
            Sub::Linemode(linemode) if ours => answer(linemode).map(Sub::Linemode),
            Sub::Flow(flow) if ours => {
                self.flow = *flow;
                None
            }
            Sub::Compressed if his => return Some(Event::Compressed),
            Sub::TlsFollows if ours => return Some(Event::StartTls),
            Sub::TlsFollows if his => {
                self.sub(&Sub::TlsFollows);
                self.silent = true;
                return Some(Event::StartTls);
            }
            _ => None,
        };
        if let Some(answer) = answer {
            self.sub(&answer);
        }
        Some(Event::Sub(sub))
    }

    /// RFC 1091: one after the other; the last is said twice, so that the end is seen; then again from the first.
    fn terminal_name(&mut self) -> Vec<u8> {
        let names = &self.settings.terminal_types;
        let Some(name) = names.get(self.terminal).or_else(|| names.last()) else {
            return b"UNKNOWN".to_vec();
        };
        self.terminal = if self.terminal >= names.len() { 0 } else { self.terminal + 1 };
        name.clone().into_bytes()
    }

    /// RFC 1572: of what is asked, what may be told. A name that may not is said not to be.
    fn variables(&self, asked: &[(Kind, &[u8])]) -> Vec<Variable> {
        let allowed = &self.settings.environment;
        if asked.is_empty() {
            return allowed.clone();
        }
        let mut told: Vec<Variable> = Vec::new();
        for (kind, name) in asked {
            if name.is_empty() {
                told.extend(allowed.iter().filter(|variable| variable.kind == *kind).cloned());
                continue;
            }
            let known = allowed.iter().find(|variable| variable.kind == *kind && variable.name == *name);
            let none = || Variable { kind: *kind, name: name.to_vec(), value: None };
            told.push(known.cloned().unwrap_or_else(none));
        }
        // Asking twice makes no answer longer than the whole list and one entry for each question.
        told.truncate(allowed.len() + asked.len());
        told
    }

    fn status(&self) -> Vec<StatusItem> {
        let will = self.options(Side::Us).map(|option| StatusItem::Option(Verb::Will, option));
        let does = self.options(Side::Him).map(|option| StatusItem::Option(Verb::Do, option));
        will.chain(does).collect()
    }
}

/// RFC 1184: a mode is repeated with its ACK, special characters are agreed to, a forward mask is refused.
fn answer(linemode: &Linemode) -> Option<Linemode> {
    match linemode {
        Linemode::Mode(mode) if !mode.has(Mode::MODE_ACK) => {
            Some(Linemode::Mode(Mode(mode.0 | Mode::MODE_ACK)))
        }
        Linemode::Characters(triplets) => {
            let most = usize::from(Triplet::FUNCTIONS);
            let answers: Vec<_> = triplets.iter().take(most).filter_map(|t| t.answer()).collect();
            (!answers.is_empty()).then_some(Linemode::Characters(answers))
        }
        Linemode::ForwardMask(Verb::Do, _) => Some(Linemode::ForwardMask(Verb::Wont, Vec::new())),
        _ => None,
    }
}
