//! The bytes, taken apart: data, commands, negotiations, subnegotiations (RFC 854, 855).

use netkit_wire::{Limit, Malformed};

use crate::codes::{Command, IAC, Opt, SB, SE, Verb};

/// Where the last byte left off.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    Data,
    Iac,
    Verb(Verb),
    SubOption,
    Sub,
    SubIac,
}

/// What stands between data.
pub(super) enum Found {
    Command(Command),
    Option(Verb, Opt),
    Sub(Opt, Vec<u8>),
}

/// Takes bytes apart, wherever they were cut.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    place: Place,
    /// The last data byte was CR: NUL behind it is no data.
    after_cr: bool,
    /// Data is thrown away until the data mark.
    discarding: bool,
    option: Opt0,
    content: Vec<u8>,
}

/// The option of an open subnegotiation.
#[derive(Clone, Copy, Debug, Default)]
struct Opt0(u8);

impl Scan {
    pub(super) fn discard(&mut self) {
        self.discarding = true;
    }

    /// Up to the next thing that is no data: how many bytes that took, and what it was.
    pub(super) fn next(
        &mut self,
        input: &[u8],
        limit: usize,
        sink: &mut Vec<u8>,
    ) -> Result<(usize, Option<Found>), Malformed> {
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            match self.place {
                Place::Data => {
                    let rest = input.get(at..).unwrap_or_default();
                    let iac = memchr::memchr(IAC, rest);
                    let run = rest.get(..iac.unwrap_or(rest.len())).unwrap_or_default();
                    self.take(run, sink);
                    at += run.len();
                    if iac.is_some() {
                        self.place = Place::Iac;
                        at += 1;
                    }
                    continue;
                }
                Place::Iac => {
                    self.place = Place::Data;
                    if let Some(verb) = Verb::from_code(byte) {
                        self.place = Place::Verb(verb);
                    } else if byte == SB {
                        self.place = Place::SubOption;
                    } else if byte == IAC {
                        self.take(&[IAC], sink);
                    } else {
                        let command = Command::from_code(byte);
                        self.discarding &= command != Command::DataMark;
                        return Ok((at + 1, Some(Found::Command(command))));
                    }
                }
                Place::Verb(verb) => {
                    self.place = Place::Data;
                    return Ok((at + 1, Some(Found::Option(verb, Opt(byte)))));
                }
                Place::SubOption => {
                    self.option = Opt0(byte);
                    self.content.clear();
                    self.place = Place::Sub;
                }
                Place::Sub => {
                    let rest = input.get(at..).unwrap_or_default();
                    let iac = memchr::memchr(IAC, rest);
                    let run = rest.get(..iac.unwrap_or(rest.len())).unwrap_or_default();
                    self.keep(run, limit)?;
                    at += run.len();
                    if iac.is_some() {
                        self.place = Place::SubIac;
                        at += 1;
                    }
                    continue;
                }
                Place::SubIac if byte == SE => {
                    self.place = Place::Data;
                    let found = Found::Sub(Opt(self.option.0), std::mem::take(&mut self.content));
                    return Ok((at + 1, Some(found)));
                }
                Place::SubIac if byte == IAC => {
                    self.keep(&[IAC], limit)?;
                    self.place = Place::Sub;
                }
                // A command inside: the subnegotiation was never ended, and what it held is worth nothing. The command
                // is what it says.
                Place::SubIac => {
                    self.place = Place::Iac;
                    continue;
                }
            }
            at += 1;
        }
        Ok((at, None))
    }

    fn keep(&mut self, run: &[u8], limit: usize) -> Result<(), Malformed> {
        if self.content.len() + run.len() > limit {
            return Err(Malformed::TooLong(Limit::Reply(limit)));
        }
        self.content.extend_from_slice(run);
        Ok(())
    }

    /// Data without IAC. NUL behind CR only says that the CR stands alone (RFC 854).
    fn take(&mut self, run: &[u8], sink: &mut Vec<u8>) {
        let Some(last) = run.last() else { return };
        if self.discarding {
            return;
        }
        let mut from = 0;
        for at in memchr::memchr_iter(0, run) {
            let after_cr = match at.checked_sub(1) {
                None => self.after_cr,
                Some(before) => run.get(before) == Some(&b'\r'),
            };
            if after_cr {
                sink.extend_from_slice(run.get(from..at).unwrap_or_default());
                from = at + 1;
            }
        }
        sink.extend_from_slice(run.get(from..).unwrap_or_default());
        self.after_cr = *last == b'\r';
    }
}
