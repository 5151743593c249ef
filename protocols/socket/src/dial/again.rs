//! Dialing once more after a failure that may pass.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Dialed, Dialer};
use crate::error::NetError;

type Patience = dyn Fn(&NetError, u32) -> Option<Duration> + Send + Sync;

/// Whether, and after how long, a connection that did not come about is tried again. Only failures that may pass are asked
/// about ([`NetError::is_transient`]): nothing of a conversation was sent then, so whatever the conversation is, it is safe.
#[derive(Clone)]
pub struct Again(Arc<Patience>);

impl Again {
    /// `patience` is asked with each failure, and how many there were before it; none gives up.
    pub fn new(patience: impl Fn(&NetError, u32) -> Option<Duration> + Send + Sync + 'static) -> Again {
        Again(Arc::new(patience))
    }
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Again(..)")
    }
}

impl Dialer {
    /// Tries again what may go better later; never unless said. Each try has the whole connect time limit. The report of the
    /// one that worked is about that one alone.
    #[must_use]
    pub fn again(mut self, again: Option<Again>) -> Self {
        self.again = again;
        self
    }

    /// Dials as often as it takes and is allowed, but not past the deadline.
    pub(super) fn persist(
        &self,
        mut dial: impl FnMut() -> Result<Dialed, NetError>,
    ) -> Result<Dialed, NetError> {
        let mut before = 0;
        loop {
            let error = match dial() {
                Err(error) if error.is_transient() => error,
                other => return other,
            };
            let is_late = |wait| {
                self.deadline.is_some_and(|at| Instant::now().checked_add(wait).is_none_or(|then| then >= at))
            };
            match self.again.as_ref().and_then(|again| again.0(&error, before)) {
                Some(wait) if !is_late(wait) => thread::sleep(wait),
                _ => return Err(error),
            }
            before += 1;
        }
    }
}
