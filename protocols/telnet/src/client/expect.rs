//! Waiting for text, as telnetlib had it.

use std::ops::Range;
use std::time::{Duration, Instant};

use netkit_wire::{Clock, Fault, Limit};

use super::{Came, Client, TEXT};
use crate::codes::Opt;
use crate::error::Error;

/// What text is waited for.
pub trait Pattern {
    /// Where it stands first.
    fn find(&self, text: &[u8]) -> Option<Range<usize>>;
}

/// These bytes.
impl Pattern for [u8] {
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        memchr::memmem::find(text, self).map(|at| at..at + self.len())
    }
}

/// Whatever the function finds: a regular expression, say.
impl<F: Fn(&[u8]) -> Option<Range<usize>>> Pattern for F {
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self(text)
    }
}

/// What was waited for, or as far as the text went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The pattern of this number came.
    Pattern {
        /// Which of those that were given.
        which: usize,
        /// All text up to its end.
        text: Vec<u8>,
        /// Where it stands in that.
        at: Range<usize>,
    },
    /// The time is over. What came stays unread and is repeated here.
    TimedOut(Vec<u8>),
    /// The session is over; what came.
    Ended(Vec<u8>),
}

impl Client {
    /// Waits until `pattern` has come, and takes the text up to its end.
    ///
    /// # Errors
    /// As [`Client::expect`].
    pub fn read_until(&mut self, pattern: &[u8], limit: Option<Duration>) -> Result<Found, Error> {
        self.expect(&[&pattern_of(pattern)], limit)
    }

    /// Waits until one of the patterns has come: of those that have, the one that stands first in the list. No pattern at
    /// all waits for the end.
    ///
    /// # Errors
    /// [`Error::Wire`]; too much text without a match is that, too. That the time is over is no error, unless it is the
    /// session's.
    pub fn expect(&mut self, patterns: &[&dyn Pattern], limit: Option<Duration>) -> Result<Found, Error> {
        let end = limit.map(|limit| Instant::now() + limit);
        loop {
            let found = patterns.iter().enumerate().find_map(|(i, p)| p.find(&self.text).map(|at| (i, at)));
            if let Some((which, at)) = found {
                let rest = self.text.split_off(at.end.min(self.text.len()));
                let text = std::mem::replace(&mut self.text, rest);
                return Ok(Found::Pattern { which, text, at });
            }
            if self.text.len() > TEXT {
                return Err(Fault::TooLong(Limit::Body(TEXT as u64)).into());
            }
            match self.pump_until(end)? {
                None => return Ok(Found::TimedOut(self.text.clone())),
                Some(Came::End) => return Ok(Found::Ended(self.take_text())),
                // Somebody has to do the handshake: see `Client::set_upgrader`.
                Some(Came::StartTls) => return Err(Error::Unsupported(Opt::START_TLS)),
                Some(Came::Something) => {}
            }
        }
    }

    /// Text, as soon as there is some; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn read_some(&mut self) -> Result<Option<Vec<u8>>, Error> {
        loop {
            if !self.text.is_empty() {
                return Ok(Some(self.take_text()));
            }
            if self.pump()? == Came::End && self.text.is_empty() {
                return Ok(None);
            }
        }
    }

    /// All text to the end of the session.
    ///
    /// # Errors
    /// As [`Client::expect`].
    pub fn read_all(&mut self) -> Result<Vec<u8>, Error> {
        match self.expect(&[], None)? {
            Found::Pattern { text, .. } | Found::TimedOut(text) | Found::Ended(text) => Ok(text),
        }
    }

    /// What is here already, without waiting.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn read_eager(&mut self) -> Result<Vec<u8>, Error> {
        while !self.ended && self.conn.is_ready() && self.text.len() <= TEXT {
            self.pump()?;
        }
        Ok(self.take_text())
    }

    /// One read that waits no longer than `end`; `None`: it did not come.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn pump_until(&mut self, end: Option<Instant>) -> Result<Option<Came>, Error> {
        let Some(end) = end else { return self.pump().map(Some) };
        let total = self.deadline.filter(|total| *total <= end);
        self.conn.deadline(Some(total.unwrap_or(end)))?;
        let came = self.pump();
        self.conn.deadline(self.deadline)?;
        match came {
            Err(Error::Wire(Fault::Timeout { clock: Clock::Total, .. })) if total.is_none() => Ok(None),
            came => came.map(Some),
        }
    }
}

fn pattern_of(bytes: &[u8]) -> impl Pattern + '_ {
    move |text: &[u8]| bytes.find(text)
}
