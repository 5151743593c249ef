//! Faults on demand: what a mock server does wrong, at which step, how often. They know no protocol: a step is a line of
//! the client, a fault changes the bytes that come back.
//!
//! ```
//! use netkit_mock::{Act, Fault};
//!
//! let fault: Fault = "smtp:RCPT:2:reply=450 4.7.1 come back later".parse()?;
//! assert_eq!(fault.protocol, "smtp");
//! assert_eq!(fault.act, Act::Reply(b"450 4.7.1 come back later\r\n".to_vec()));
//! # Ok::<(), netkit_mock::FaultError>(())
//! ```

mod stream;

use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netkit_wire::Stream;

use stream::Faulty;

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The server that does it, by its name in `netkit mock NAME`.
    pub protocol: String,
    /// When.
    pub step: Step,
    /// How often; none for every time.
    pub times: Option<u32>,
    /// What.
    pub act: Act,
}

/// When a fault comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// As soon as there is a connection.
    Connect,
    /// At a line of the client that starts so, or goes on so behind its first word (an IMAP tag). Capitals do not matter.
    Line(String),
}

/// What goes wrong with the answer to the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// These bytes come in its place.
    Reply(Vec<u8>),
    /// It comes late.
    Delay(Duration),
    /// The connection ends instead.
    Drop,
    /// Half of it comes, then the connection ends.
    Half,
    /// Nothing comes, ever again.
    Silence,
    /// It, and all that follows, comes one byte at a time.
    Bytewise,
    /// Its line ends are bare line feeds.
    BareLf,
    /// So many bytes of noise come before it, the same in every run.
    Garbage(u32),
    /// Its first line is longer by so many bytes.
    Oversize(u32),
    /// It, and all that follows, comes at so many bytes a second.
    Slow(u32),
}

/// Why a text is no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultError(&'static str);

const NO_ACT: FaultError = FaultError("no such act");

impl std::fmt::Display for FaultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; the form is PROTOCOL:STEP[:TIMES]:ACT[=VALUE]", self.0)
    }
}

impl std::error::Error for FaultError {}

impl FromStr for Fault {
    type Err = FaultError;

    /// `PROTOCOL:STEP[:TIMES]:ACT[=VALUE]`; STEP is `connect` or how a line of the client starts.
    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let (protocol, rest) = text.split_once(':').ok_or(FaultError("a part is missing"))?;
        // A line of the client may hold colons, and so may a reply: the first that an act stands behind parts them.
        let acts = rest.match_indices(':').filter_map(|(at, _)| {
            let (before, act) = rest.split_at_checked(at)?;
            Some((before, act.get(1..)?.parse::<Act>()))
        });
        let mut acts = acts.filter(|(_, act)| *act != Err(NO_ACT));
        let (before, act) = acts.next().ok_or(NO_ACT)?;
        let counted = before.rsplit_once(':').filter(|(_, times)| times.bytes().all(|b| b.is_ascii_digit()));
        let (step, times) = match counted {
            Some((step, times)) => {
                (step, Some(times.parse().map_err(|_| FaultError("TIMES is a small number"))?))
            }
            None => (before, None),
        };
        if protocol.is_empty() || step.is_empty() {
            return Err(FaultError("a part is missing"));
        }
        let step = match step {
            "connect" => Step::Connect,
            line => Step::Line(line.to_ascii_lowercase()),
        };
        Ok(Fault { protocol: protocol.to_ascii_lowercase(), step, times, act: act? })
    }
}

impl FromStr for Act {
    type Err = FaultError;

    /// `reply=TEXT`, `delay=MILLISECONDS`, `drop`, `half`, `silence`, `bytewise`, `bare-lf`, `garbage=BYTES`,
    /// `oversize=BYTES`, `slow=BYTES`. A reply may hold `\r\n`; a line end is added.
    fn from_str(text: &str) -> Result<Act, FaultError> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let number = || {
            let number = value.and_then(|value| value.parse::<u32>().ok());
            number.ok_or(FaultError("this act needs a number behind its ="))
        };
        Ok(match name {
            "reply" => {
                let text = value.ok_or(FaultError("reply needs the text behind its ="))?;
                Act::Reply(format!("{}\r\n", text.replace("\\r\\n", "\r\n")).into_bytes())
            }
            "delay" => Act::Delay(Duration::from_millis(number()?.into())),
            "drop" => Act::Drop,
            "half" => Act::Half,
            "silence" => Act::Silence,
            "bytewise" => Act::Bytewise,
            "bare-lf" => Act::BareLf,
            "garbage" => Act::Garbage(number()?),
            "oversize" => Act::Oversize(number()?),
            "slow" => Act::Slow(number()?.max(1)),
            _ => return Err(NO_ACT),
        })
    }
}

/// All faults of one server, with the count of those that are still to come. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    latency: Duration,
    left: Arc<Mutex<Vec<Fault>>>,
}

impl Faults {
    /// These faults, in the order in which they are looked for.
    pub fn new(faults: Vec<Fault>) -> Faults {
        Faults { latency: Duration::ZERO, left: Arc::new(Mutex::new(faults)) }
    }

    /// Lets every answer that the client waits for come so much later, as over a long line: what was sent ahead of its
    /// turn costs nothing more.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Faults {
        self.latency = latency;
        self
    }

    /// `inner`, with the faults; as it was when there are none.
    pub(crate) fn over(&self, inner: Box<dyn Stream>) -> Box<dyn Stream> {
        let none = self.lock().is_empty();
        if none && self.latency.is_zero() { inner } else { Box::new(Faulty::new(inner, self.clone())) }
    }

    /// What goes wrong at a new connection.
    fn at_connect(&self) -> Option<Act> {
        self.take(|fault| fault.step == Step::Connect)
    }

    /// Whether something goes wrong at this line of the client.
    fn has(&self, line: &[u8]) -> bool {
        let line = line.to_ascii_lowercase();
        self.lock().iter().any(|fault| fault.is_at(&line))
    }

    /// What goes wrong at this line of the client; that is one time less.
    fn at_line(&self, line: &[u8]) -> Option<Act> {
        let line = line.to_ascii_lowercase();
        self.take(|fault| fault.is_at(&line))
    }

    fn take(&self, is: impl Fn(&Fault) -> bool) -> Option<Act> {
        let mut left = self.lock();
        let fault = left.iter_mut().find(|fault| fault.times != Some(0) && is(fault))?;
        fault.times = fault.times.map(|times| times - 1);
        Some(fault.act.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// Whether this is its step: a line in small letters.
    fn is_at(&self, line: &[u8]) -> bool {
        let Step::Line(start) = &self.step else { return false };
        let behind_tag = line.iter().position(|b| *b == b' ').and_then(|at| line.get(at + 1..));
        let is = |text: &[u8]| text.starts_with(start.as_bytes());
        self.times != Some(0) && (is(line) || behind_tag.is_some_and(is))
    }
}
