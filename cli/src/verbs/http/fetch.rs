//! What `get` shares with downloads: the cache, retries, and asking only for another version.

use std::time::SystemTime;

use etcetera::BaseStrategy;
use netkit_http::{Cache, Delivery, Error, Request, Response, Status, Validator};

use super::download::known;
use super::download::retry::{Miss, Retries};
use crate::args::HttpCall;
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// The most that the cache keeps, in bytes.
const LIMIT: u64 = 1 << 28;

/// The cache in the user's cache folder.
pub fn cache() -> Result<Cache> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::write("the cache", &std::io::ErrorKind::NotFound.into()))?;
    let folder = strategy.cache_dir().join("netkit").join("http");
    Cache::open(&folder, LIMIT, SystemTime::now).map_err(|e| Failure::write(folder.display(), &e))
}

/// `--if-changed`: the request says which version the file is of.
pub fn condition(call: &HttpCall, request: Request) -> Result<Request> {
    let Some(file) = call.net.output.output.as_deref().filter(|_| call.fetch.if_changed) else {
        return Ok(request);
    };
    match known::validator(file, request.url().as_str()) {
        Some(validator) => Ok(request.if_changed(&validator).map_err(Error::from)?),
        None => Ok(request),
    }
}

/// Whether the file stays as it is.
pub fn is_unchanged(call: &HttpCall, response: &Response<'_>) -> bool {
    let unchanged = matches!(Delivery::of(response.head(), None), Ok(Delivery::Unchanged));
    call.fetch.if_changed && unchanged && response.status() == Status::NOT_MODIFIED
}

/// The version of what was just written by `-o`, kept for the next `--if-changed`.
pub fn remember(call: &HttpCall, url: &str, validator: Option<&Validator>) {
    if let (Some(file), true, Some(validator)) =
        (call.net.output.output.as_deref(), call.fetch.if_changed, validator)
    {
        known::keep(file, url, validator);
    }
}

/// How often a request may be sent again.
pub struct Tries {
    retries: Retries,
    left: u32,
    /// Whether it may be where the server has seen it.
    repeatable: bool,
}

impl Tries {
    /// Where the server may have done already what the request asks for, or the body is used up, only what never reached it is
    /// sent again.
    pub fn new(call: &HttpCall, request: &Request) -> Tries {
        let repeatable = request.method().is_idempotent() && request.payload().is_replayable();
        let left = if request.payload().is_replayable() { call.net.connection.retry } else { 0 };
        Tries { retries: Retries::new(left), left, repeatable }
    }

    pub fn more(&self) -> bool {
        self.left > 0
    }

    /// Waits for the next try.
    ///
    /// # Errors
    /// What went wrong, when the same will not pass.
    pub fn again(&mut self, run: &Run<'_>, miss: Miss) -> Result<()> {
        if !self.repeatable && !matches!(miss.failure.kind, Kind::Connect | Kind::Resolve) {
            return Err(miss.failure);
        }
        self.left = self.left.saturating_sub(1);
        self.retries.again(run, miss)
    }
}
