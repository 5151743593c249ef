//! What downloads and the cache add to HTTP's calls.
//!
//! - the client: `cache` (one of its own, at first empty)
//! - a request: `at=SECONDS` (the cache's clock, since 784111777, which is Sun, 06 Nov 1994 08:49:37 GMT)
//!   `range=N-|N-N|-N` `same=VALIDATOR` (`If-Range`) `changed=VALIDATOR` (`If-None-Match`, `If-Modified-Since`);
//!   a tag without its quotes
//! - its outcome: `judge` (what came of the range) `named` (the file name it suggests) `version` (its validator)
//!   `wait` (when to come back)

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_http::{
    ByteRange, Cache, Client, Delivery, Dial, Error, Invalid, Request, Response, Validator, retry_after,
    suggested_name,
};

use super::{has, option};

/// The example date of RFC 9110 5.6.7.
const START: u64 = 784_111_777;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(START) };
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW.get())
}

/// The folder of the cache, as long as the client lives.
pub(super) fn folder(step: &[String]) -> Option<tempfile::TempDir> {
    NOW.set(START);
    has(step, "cache").then(|| tempfile::tempdir().ok()).flatten()
}

pub(super) fn client<D: Dial>(client: Client<D>, folder: Option<&tempfile::TempDir>) -> Client<D> {
    client.cache(folder.and_then(|folder| Cache::open(folder.path(), 1 << 20, now).ok()))
}

pub(super) fn request(request: Request, step: &[String]) -> Result<Request, Error> {
    if let Some(seconds) = option(step, "at").and_then(|seconds| seconds.parse::<u64>().ok()) {
        NOW.set(START + seconds);
    }
    let validator = |name: &str| option(step, name).and_then(validator);
    let request = match range(step) {
        Some(range) => request.range(range, validator("same").as_ref())?,
        None => request,
    };
    match (option(step, "changed"), validator("changed")) {
        (None, _) => Ok(request),
        (Some(_), Some(validator)) => Ok(request.if_changed(&validator)?),
        (Some(_), None) => Err(Invalid::Target("that is no validator").into()),
    }
}

/// A date, or a tag, whose quotes the words of a call have not.
fn validator(text: &str) -> Option<Validator> {
    let (weak, opaque) = text.strip_prefix("W/").map_or(("", text), |rest| ("W/", rest));
    Validator::parse(text, true).or_else(|| Validator::parse(&format!("{weak}\"{opaque}\""), true))
}

fn range(step: &[String]) -> Option<ByteRange> {
    ByteRange::parse(format!("bytes={}", option(step, "range")?).as_bytes())
}

pub(super) fn show(response: &Response<'_>, step: &[String]) -> Result<String, Error> {
    let mut shown = String::new();
    if has(step, "judge") {
        shown += &format!(" {:?}", Delivery::of(response.head(), range(step))?);
    }
    if has(step, "named") {
        let name = suggested_name(response.fields());
        shown += &name.map_or_else(|| " nameless".to_owned(), |name| format!(" named {name}"));
    }
    if has(step, "version") {
        shown += &match Validator::of(response.fields()) {
            None => " no version".to_owned(),
            Some(validator) if validator.is_strong() => format!(" strong {validator}"),
            Some(validator) => format!(" weak {validator}"),
        };
    }
    if has(step, "wait") {
        let wait = retry_after(response.fields(), now());
        shown += &wait.map_or_else(|| " no wait".to_owned(), |wait| format!(" wait {} s", wait.as_secs()));
    }
    Ok(shown)
}
