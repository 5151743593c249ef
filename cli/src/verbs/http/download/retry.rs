//! Once more, after a while that grows.

use std::time::{Duration, SystemTime};

use netkit_http::{Error, Head, retry_after};

use crate::again::{Tries, may_pass};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

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
        let transient = may_pass(&failure);
        Miss { transient, ..failure.into() }
    }
}

impl From<Failure> for Miss {
    fn from(failure: Failure) -> Miss {
        Miss { failure, transient: false, wait: None, anew: false }
    }
}

/// Which tries are left.
pub struct Retries {
    tries: Tries,
    restarts: u32,
}

impl Retries {
    pub fn new(tries: u32) -> Retries {
        Retries { tries: Tries::new(tries), restarts: 2 }
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
        if !miss.transient {
            return Err(miss.failure);
        }
        self.tries.pause(run, miss.failure, miss.wait)
    }
}
