//! Once more, after a while that grows.

use std::time::{Duration, Instant, SystemTime};

use netkit_http::{Error, Head, retry_after};

use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(600);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait that a server may ask for.
const PATIENCE: Duration = Duration::from_secs(600);

/// A try that failed.
pub struct Miss {
    pub failure: Failure,
    /// Whether the same may work later.
    pub transient: bool,
    /// How long the server wants to be left alone.
    pub wait: Option<Duration>,
    /// What was there is of no use, and gone: the next try starts anew, at once.
    pub anew: bool,
}

impl Miss {
    /// The server said no.
    pub fn refused(url: &str, head: &Head) -> Miss {
        let reason = format!("{} {}", head.status(), head.reason());
        let failure =
            Failure::new(Kind::Refused, format!("{url}: the server answered {}", reason.trim_end()));
        let login = head.status().wants_login();
        Miss {
            failure: if login { failure.hint("-u NAME logs in") } else { failure },
            transient: head.status().is_transient(),
            wait: retry_after(head.fields(), SystemTime::now()),
            anew: false,
        }
    }

    /// The version on the server is another than the one that was begun.
    pub fn anew(url: &str) -> Miss {
        let what = format!("{url}: it changes while it is fetched");
        Miss { anew: true, ..Failure::new(Kind::Partial, what).into() }
    }

    pub fn error(url: &str, error: Error) -> Miss {
        let failure = Failure::from(error).with(url);
        let transient = matches!(
            failure.kind,
            Kind::Connect
                | Kind::Resolve
                | Kind::Partial
                | Kind::Empty
                | Kind::Send
                | Kind::Receive
                | Kind::Timeout
        );
        Miss { transient, ..failure.into() }
    }
}

impl From<Failure> for Miss {
    fn from(failure: Failure) -> Miss {
        Miss { failure, transient: false, wait: None, anew: false }
    }
}

/// How many tries are left, and how long the next wait is.
pub struct Retries {
    left: u32,
    wait: Duration,
    restarts: u32,
}

impl Retries {
    pub fn new(tries: u32) -> Retries {
        Retries { left: tries, wait: FIRST, restarts: 2 }
    }

    /// Waits for the next try.
    ///
    /// # Errors
    /// What went wrong, when there is no further try, or it would come too late.
    pub fn again(&mut self, run: &Run<'_>, miss: Miss) -> Result<()> {
        if miss.anew && self.restarts > 0 {
            self.restarts -= 1;
            return Ok(());
        }
        if !miss.transient || self.left == 0 {
            return Err(miss.failure);
        }
        let wait = miss.wait.unwrap_or_else(|| jittered(self.wait));
        let late = run.deadline().is_some_and(|at| Instant::now() + wait.min(PATIENCE) >= at);
        if wait > PATIENCE || late {
            return Err(miss.failure);
        }
        run.warn(&format!(
            "{}; once more in {:.1} s ({} left)",
            miss.failure.message,
            wait.as_secs_f64(),
            self.left
        ));
        std::thread::sleep(wait);
        self.left -= 1;
        self.wait = (self.wait * 2).min(LONGEST);
        Ok(())
    }
}

/// Between one half and the whole, so that clients that failed together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX);
    wait.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX) / 2.0)
}
