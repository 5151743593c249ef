//! Several parts of one file at a time, into one `.part` that has its full size from the start.
//!
//! Each connection asks for its part with `If-Range`, so that all of them are of one version: without a strong validator
//! there are no segments.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use netkit_http::{ByteRange, Delivery, Error, Validator};

use super::item::{Outcome, broken, head, modified, name, same};
use super::part::{Account, Part, beside};
use super::retry::Miss;
use super::spans::{self, Span};
use super::{Hand, Job, Place, request};
use crate::failure::Failure;

/// What is too short to be worth a connection of its own.
const LEAST: u64 = 64 << 10;
/// How often the account is brought up to date.
const SAVE: Duration = Duration::from_millis(400);

type Try<T> = Result<T, Miss>;

/// A part with room for everything, if the server can serve parts; `None` where it cannot, and the file is fetched in
/// one go.
pub(super) fn begin(
    job: &Job<'_>,
    hand: &mut Hand,
    place: &Place,
    given: Option<&Path>,
) -> Try<Option<Part>> {
    // A file that may be current is asked about by GET.
    if job.args.if_changed {
        return Ok(None);
    }
    let response = head(job, hand, place)?;
    let fields = response.fields();
    let size = fields.get("content-length").and_then(|n| std::str::from_utf8(n).ok()?.parse::<u64>().ok());
    let ranges = fields.list("accept-ranges").any(|unit| unit.eq_ignore_ascii_case(b"bytes"));
    let validator = Validator::of(fields).filter(Validator::is_strong);
    let (Some(size), true, Some(validator), false, Ok(Delivery::Whole)) =
        (size, ranges, validator, fields.has("content-encoding"), Delivery::of(response.head(), None))
    else {
        job.run.note("no segments: the server does not say that it can");
        return Ok(None);
    };
    if size < 2 * LEAST {
        return Ok(None);
    }
    let name = name(job, place, given, &response)?;
    let url = place.url.to_string();
    let account = Account { url, validator: Some(validator), size: Some(size), done: Some(Vec::new()) };
    Ok(Some(Part::begin(&name, account)?))
}

/// A part of the file on its way: a second handle on its open file tells how far it is.
struct Piece {
    span: Span,
    file: File,
}

/// What is missing, by as many connections as were asked for.
pub(super) fn go_on(job: &Job<'_>, hand: &mut Hand, place: &Place, mut part: Part) -> Try<Outcome> {
    let (Some(size), Some(validator)) = (part.account.size, part.account.validator.clone()) else {
        part.forget();
        return Err(Miss::anew(place.url.as_str()));
    };
    let before = part.account.done.clone().unwrap_or_default();
    let missing = spans::missing(&before, size);
    let count = u64::from(job.args.segments);
    let queue: VecDeque<Span> = spans::cut(&missing, count, LEAST).into();
    let workers = queue.len().min(usize::from(job.args.segments));
    let (queue, pieces, misses) = (Mutex::new(queue), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let worker = |hand: &mut Hand| {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(span) = next else { return };
            if let Err(miss) = piece(job, hand, place, &part, &validator, span, &pieces) {
                // The others are no use when the version is another, and not worth starting when this one failed.
                queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
                misses.lock().unwrap_or_else(PoisonError::into_inner).push(miss);
                return;
            }
        }
    };
    let done = || {
        let pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
        spans::tidy(before.iter().copied().chain(pieces.iter().map(Piece::done)).collect())
    };
    let mut saved = Instant::now();
    let mut keep = || {
        if saved.elapsed() >= SAVE {
            saved = Instant::now();
            let account = Account { done: Some(done()), ..part.account.clone() };
            // It is written once more at the end, where a failure counts.
            let _ = account.save(&part.name);
        }
    };
    job.progress.during(
        &part.name,
        Some(size),
        || spans::total(&done()),
        Some(&mut keep),
        || {
            std::thread::scope(|scope| {
                for _ in 1..workers {
                    scope.spawn(|| worker(&mut Hand::default()));
                }
                worker(hand);
            });
        },
    );
    let done = done();
    let whole = spans::missing(&done, size).is_empty();
    part.account.done = Some(done);
    let mut misses = misses.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = misses.iter().position(|miss| miss.anew) {
        part.forget();
        return Err(misses.swap_remove(at));
    }
    part.account.save(&part.name)?;
    match misses.into_iter().next() {
        Some(miss) => Err(miss),
        None if whole => {
            let modified = modified(&validator);
            Ok(Outcome::Whole(part, modified, spans::total(&before)))
        }
        None => Err(Miss { transient: true, ..short(place, &part).into() }),
    }
}

fn short(place: &Place, part: &Part) -> Failure {
    let (have, size) = (part.have(), part.account.size.unwrap_or(0));
    Failure::new(crate::failure::Kind::Partial, format!("{}: {have} of {size} bytes came", place.url))
}

/// One span, by one request.
fn piece(
    job: &Job<'_>,
    hand: &mut Hand,
    place: &Place,
    part: &Part,
    validator: &Validator,
    (from, to): Span,
    pieces: &Mutex<Vec<Piece>>,
) -> Try<()> {
    let url = place.url.as_str();
    let range = ByteRange::Between(from, to - 1);
    let request = request(job, place)?.range(range, Some(validator));
    let request = request.map_err(|e| Failure::from(Error::from(e)))?;
    let mut response = hand.client(job, place)?.send(request).map_err(|e| Miss::error(url, e))?;
    match Delivery::of(response.head(), Some(range)).map_err(|e| Miss::error(url, e))? {
        Delivery::Part { complete, .. }
            if same(validator, &response)
                && complete.is_none_or(|complete| part.account.size == Some(complete)) => {}
        Delivery::Other => return Err(Miss::refused(url, response.head())),
        _ => return Err(Miss::anew(url)),
    }
    let mut file = part.handle(from)?;
    let failed = |e| Failure::write(beside(&part.name, ".part").display(), &e);
    let watched = Piece { span: (from, to), file: file.try_clone().map_err(failed)? };
    pieces.lock().unwrap_or_else(PoisonError::into_inner).push(watched);
    let sink = file.try_clone().map_err(failed)?;
    response.copy_to(&mut file, Some(&sink)).map_err(|why| broken(url, &part.name, why))?;
    file.flush().map_err(failed)?;
    Ok(())
}

impl Piece {
    /// From its start to where its handle stands; a handle that cannot tell has done nothing.
    fn done(&self) -> Span {
        let (from, to) = self.span;
        let at = (&self.file).stream_position().unwrap_or(from);
        (from, at.clamp(from, to))
    }
}
