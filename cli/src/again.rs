//! `--retry`: once more, after a while that grows.

use std::time::{Duration, Instant};

use netkit_socket::Again;

use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(600);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait that a server may ask for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Whether the same may go better later: it was the line, or the server's load, and not what was asked for.
pub fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        Kind::Connect
            | Kind::Resolve
            | Kind::Partial
            | Kind::Empty
            | Kind::Send
            | Kind::Receive
            | Kind::Timeout
    )
}

/// How many tries are left, and how long the next wait is.
pub struct Tries {
    left: u32,
    wait: Duration,
}

impl Tries {
    pub fn new(tries: u32) -> Tries {
        Tries { left: tries, wait: FIRST }
    }

    /// Waits for the next try, as long as the server says, if it does.
    ///
    /// # Errors
    /// What went wrong, when there is no further try, or it would come too late.
    pub fn pause(&mut self, run: &Run<'_>, failure: Failure, asked: Option<Duration>) -> Result<()> {
        if self.left == 0 {
            return Err(failure);
        }
        let wait = asked.unwrap_or_else(|| jittered(self.wait));
        let late = run.deadline().is_some_and(|at| Instant::now() + wait.min(PATIENCE) >= at);
        if wait > PATIENCE || late {
            return Err(failure);
        }
        run.warn(&once_more(&failure.message, wait, self.left));
        std::thread::sleep(wait);
        self.left -= 1;
        self.wait = (self.wait * 2).min(LONGEST);
        Ok(())
    }
}

impl Run<'_> {
    /// Does something that goes on where it broke off, as often as `--retry` allows.
    pub fn persist<T>(&self, mut act: impl FnMut() -> Result<T>) -> Result<T> {
        let mut tries = Tries::new(self.net.connection.retry);
        loop {
            match act() {
                Err(failure) if may_pass(&failure) && !is_connecting(&failure) => {
                    tries.pause(self, failure, None)?
                }
                other => return other,
            }
        }
    }

    /// The same for connections: whatever the verb, nothing was sent yet.
    pub fn dialing(&self) -> Option<Again> {
        let (tries, quiet) = (self.net.connection.retry, self.net.output.quiet);
        let again = move |error: &netkit_socket::NetError, before: u32| {
            let left = tries.checked_sub(before).filter(|left| *left > 0)?;
            let wait = jittered(FIRST.saturating_mul(1 << before.min(10)).min(LONGEST));
            Run::warn_unless(quiet, &once_more(&error.to_string(), wait, left));
            Some(wait)
        };
        (tries > 0).then(|| Again::new(again))
    }
}

/// What the dialer has tried again already.
fn is_connecting(failure: &Failure) -> bool {
    matches!(failure.kind, Kind::Connect | Kind::Resolve)
}

fn once_more(why: &str, wait: Duration, left: u32) -> String {
    format!("{why}; once more in {:.1} s ({left} left)", wait.as_secs_f64())
}

/// Between one half and the whole, so that clients that failed together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    wait.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX) / 2.0)
}
