//! One file: begun, gone on with, checked, named.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use netkit_http::{ByteRange, Delivery, Error, Response, Validator, name_in_url, suggested_name};

use super::super::answer::unknown_coding;
use super::part::{Account, Part, SMALL, beside, exists};
use super::retry::{Miss, Retries};
use super::{Done, Hand, Job, Place, ask, known, request, segments};
use crate::digest::hex;
use crate::failure::{Failure, Kind, Result};

/// What a file is called when neither the server nor the URL says.
const NAMELESS: &str = "index.html";

/// What a try came to.
pub(super) enum Outcome {
    /// Everything is in the part; when the server changed it last.
    Whole(Part, Option<SystemTime>, u64),
    /// A small one is whole, and not in the folder yet.
    Held(Held),
    /// The server has nothing newer than the file.
    Unchanged(PathBuf),
}

/// A small body that came whole, and what its file will be.
pub(super) struct Held {
    name: PathBuf,
    account: Account,
    bytes: Vec<u8>,
    modified: Option<SystemTime>,
}

impl Held {
    /// Writes the file and names it.
    pub(super) fn put(self, job: &Job<'_>) -> Result<Done> {
        let Held { name, account, bytes, modified } = self;
        let url = account.url.clone();
        finish(job, &url, Part::of(&name, account, &bytes, job.nameless)?, modified, 0)
    }
}

/// What fetching came to.
pub(super) enum Fetched {
    Done(Done),
    /// The network's part is done.
    Held(Held),
}

type Try<T> = std::result::Result<T, Miss>;

/// Fetches it, as often as it takes and is allowed.
pub(super) fn fetch(job: &Job<'_>, hand: &mut Hand, place: &Place) -> Result<Fetched> {
    let mut retries = Retries::new(job.args.net.connection.retry);
    let mut again = false;
    loop {
        match attempt(job, hand, place, std::mem::replace(&mut again, true)) {
            Ok(Outcome::Whole(part, modified, resumed_from)) => {
                return finish(job, place.url.as_str(), part, modified, resumed_from).map(Fetched::Done);
            }
            Ok(Outcome::Held(held)) => return Ok(Fetched::Held(held)),
            Ok(Outcome::Unchanged(name)) => {
                let size = std::fs::metadata(&name).map_or(0, |data| data.len());
                let done = Done { name, size, resumed_from: 0, changed: false, sha256: None };
                return Ok(Fetched::Done(done));
            }
            Err(miss) => job.progress.aside(|| retries.again(job.run, miss))?,
        }
    }
}

/// `again`: a try of this run may have left something since the folder was looked through.
fn attempt(job: &Job<'_>, hand: &mut Hand, place: &Place, again: bool) -> Try<Outcome> {
    let given = job.args.net.output.output.as_deref().map(|name| in_dir(job, name));
    let expected = given.clone().unwrap_or_else(|| in_dir(job, Path::new(&name_by_url(place))));
    if given.is_some() {
        claim(job, place, &expected)?;
        check_free(job, &expected)?;
    }
    if let Some(part) = left(job, place, &expected, given.is_some(), again)? {
        claim(job, place, &part.name)?;
        check_free(job, &part.name)?;
        return match part.account.done {
            Some(_) => segments::go_on(job, hand, place, part),
            None => go_on(job, hand, place, part),
        };
    }
    if job.args.segments > 1
        && let Some(part) = segments::begin(job, hand, place, given.as_deref())?
    {
        return segments::go_on(job, hand, place, part);
    }
    begin(job, hand, place, given, &expected)
}

/// The name that the URL gives.
pub(super) fn name_by_url(place: &Place) -> String {
    name_in_url(&place.url).map_or_else(|| NAMELESS.to_owned(), own)
}

/// A name from the network that is none of ours: no server may plant an account of another file.
fn own(name: String) -> String {
    if name.ends_with(".part") || name.contains(".part.json") { name + "_" } else { name }
}

pub(super) fn in_dir(job: &Job<'_>, name: &Path) -> PathBuf {
    job.args.dir.as_ref().map_or_else(|| name.to_owned(), |dir| dir.join(name))
}

/// Nobody else in this command has the name.
pub(super) fn claim(job: &Job<'_>, place: &Place, name: &Path) -> Result<()> {
    let mut claimed = job.claimed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match claimed.get(name) {
        Some(url) if url != place.url.as_str() => {
            let what =
                format!("{}: {} is the name of another file of this command", place.url, name.display());
            Err(Failure::new(Kind::Write, what))
        }
        _ => {
            claimed.insert(name.to_owned(), place.url.to_string());
            Ok(())
        }
    }
}

/// Found out before anything is fetched, and once more when the file gets its name.
fn check_free(job: &Job<'_>, name: &Path) -> Result<()> {
    let replaces = job.args.force || job.args.if_changed;
    if !replaces && name.symlink_metadata().is_ok() { Err(exists(name)) } else { Ok(()) }
}

/// What an earlier run, or an earlier try, left of it.
fn left(job: &Job<'_>, place: &Place, expected: &Path, given: bool, again: bool) -> Result<Option<Part>> {
    let url = place.url.as_str();
    let dir = || job.args.dir.as_deref().unwrap_or(Path::new("."));
    // Looked through once, not once for each of ten thousand files.
    let now = (again && !given).then(|| Part::all(dir()));
    let parts = now.as_ref().unwrap_or_else(|| job.left.get_or_init(|| Part::all(dir())));
    // Where there is no account at all, there is none under this name.
    if (given || again || !parts.is_empty())
        && let Some(part) = Part::left(expected, url)?
    {
        return Ok(Some(part));
    }
    match parts.iter().find(|(of, _)| of == url) {
        Some((_, name)) if !given => {
            Part::left(&name.strip_prefix("./").map(Path::to_owned).unwrap_or(name.clone()), url)
        }
        _ => Ok(None),
    }
}

/// From the first byte.
fn begin(
    job: &Job<'_>,
    hand: &mut Hand,
    place: &Place,
    given: Option<PathBuf>,
    expected: &Path,
) -> Try<Outcome> {
    let url = place.url.as_str();
    let mut request = request(job, place)?;
    if job.args.if_changed
        && let Some(validator) = known::validator(expected, url)
    {
        request = request.if_changed(&validator).map_err(|e| Failure::from(Error::from(e)))?;
    }
    let response = hand.client(job, place)?.send(request).map_err(|e| Miss::error(url, e))?;
    match Delivery::of(response.head(), None).map_err(|e| Miss::error(url, e))? {
        Delivery::Whole => {}
        Delivery::Unchanged => return Ok(Outcome::Unchanged(expected.to_owned())),
        _ => return Err(Miss::refused(url, response.head())),
    }
    let mut response = response;
    if let Some(failure) = unknown_coding(&mut response, job.args.raw_body) {
        return Err(failure.into());
    }
    let name = match given {
        Some(name) => name,
        None => suggested_name(response.fields())
            .map_or_else(|| expected.to_owned(), |name| in_dir(job, Path::new(&own(name)))),
    };
    claim(job, place, &name)?;
    let account = account(place, &response, job.args.raw_body);
    match account.size {
        // Whether the name is free comes out when it is given, which is at once.
        Some(size) if size <= SMALL => hold(job, place, &name, account, response, size),
        _ => {
            check_free(job, &name)?;
            pour(job, place, Part::begin(&name, account)?, response, 0)
        }
    }
}

/// A small body, held until it is whole: then everything about its file is done at once.
fn hold(
    job: &Job<'_>,
    place: &Place,
    name: &Path,
    account: Account,
    mut response: Response<'_>,
    size: u64,
) -> Try<Outcome> {
    let modified = netkit_http::last_modified(response.fields());
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let came = AtomicU64::new(0);
    let position = || came.load(Ordering::Relaxed);
    let copied = job.progress.during(name, Some(size), position, None, || {
        let copied = response.copy_to(&mut bytes, None);
        came.store(bytes.len() as u64, Ordering::Relaxed);
        copied
    });
    match copied {
        Ok(_) => Ok(Outcome::Held(Held { name: name.to_owned(), account, bytes, modified })),
        Err(why) => {
            // What came is gone on with.
            let mut part = Part::begin(name, account)?;
            part.file.write_all(&bytes).map_err(|e| Failure::write(beside(name, ".part").display(), &e))?;
            part.note()?;
            Err(broken(place.url.as_str(), name, why))
        }
    }
}

/// What to note about a body that begins.
fn account(place: &Place, response: &Response<'_>, as_is: bool) -> Account {
    // Decoded bytes are not what a range would count.
    let coded = !as_is && response.fields().has("content-encoding");
    let validator = Validator::of(response.fields()).filter(|validator| validator.is_strong() && !coded);
    let size = response.framing().length().filter(|_| !coded);
    Account { url: place.url.to_string(), validator, size, done: None }
}

/// Behind the last byte that is there.
fn go_on(job: &Job<'_>, hand: &mut Hand, place: &Place, part: Part) -> Try<Outcome> {
    let (url, have) = (place.url.as_str(), part.have());
    let Some(validator) = part.account.validator.clone().filter(|_| have > 0) else {
        part.forget();
        return Err(Miss::anew(url));
    };
    let range = ByteRange::From(have);
    let request = request(job, place)?.range(range, Some(&validator));
    let request = request.map_err(|e| Failure::from(Error::from(e)))?;
    let response = hand.client(job, place)?.send(request).map_err(|e| Miss::error(url, e))?;
    match Delivery::of(response.head(), Some(range)).map_err(|e| Miss::error(url, e))? {
        Delivery::Part { last, complete, .. }
            if same(&validator, &response)
                && part
                    .account
                    .size
                    .is_none_or(|size| complete.is_none_or(|complete| complete == size) && last < size) =>
        {
            job.run.note(&format!("{}: going on behind byte {have}", part.name.display()));
            pour(job, place, part, response, have)
        }
        Delivery::Whole => {
            // It has changed, or the server knows no ranges: this answer is the new whole.
            job.run.note(&format!("{}: from the start, the server sends all of it", part.name.display()));
            let (name, account) = (part.name.clone(), account(place, &response, job.args.raw_body));
            drop(part);
            let part = Part::begin(&name, account)?;
            pour(job, place, part, response, 0)
        }
        Delivery::Complete if part.account.size.is_none_or(|size| size == have) => {
            let modified = modified(&validator);
            Ok(Outcome::Whole(part, modified, have))
        }
        Delivery::Other => Err(Miss::refused(url, response.head())),
        _ => {
            part.forget();
            Err(Miss::anew(url))
        }
    }
}

/// A server that overlooks `If-Range` is found out by the tag of its answer.
pub(super) fn same(validator: &Validator, response: &Response<'_>) -> bool {
    let name = if matches!(validator, Validator::Tag(_)) { "etag" } else { "last-modified" };
    !response.fields().has(name) || validator.matches(response.fields())
}

pub(super) fn modified(validator: &Validator) -> Option<SystemTime> {
    match validator {
        Validator::Date { modified, .. } => Some(*modified),
        Validator::Tag(_) => None,
    }
}

/// The rest of an answer behind the bytes that are there: inside the kernel, where the connection can.
fn pour(job: &Job<'_>, place: &Place, part: Part, mut response: Response<'_>, have: u64) -> Try<Outcome> {
    let failed = |e| Failure::write(beside(&part.name, ".part").display(), &e);
    let mut file = &part.file;
    file.seek(SeekFrom::Start(have)).map_err(failed)?;
    let modified = netkit_http::last_modified(response.fields());
    let (name, total) = (part.name.as_path(), part.account.size);
    let position = || part.file.metadata().map_or(0, |data| data.len());
    let copied = job
        .progress
        .during(name, total, position, None, || response.copy_to(&mut &part.file, Some(&part.file)));
    if let Err(why) = copied {
        part.note()?;
        return Err(broken(place.url.as_str(), &part.name, why));
    }
    let length = part.file.metadata().map_err(failed)?.len();
    match part.account.size {
        // A part that ends before the whole does.
        Some(size) if length < size => {
            part.note()?;
            let what = format!("{}: {length} of {size} bytes came", place.url);
            Err(Miss { transient: true, ..Failure::new(Kind::Partial, what).into() })
        }
        Some(size) if length > size => {
            part.forget();
            Err(Miss::anew(place.url.as_str()))
        }
        _ => Ok(Outcome::Whole(part, modified, have)),
    }
}

/// What a copy failed with: the peer's fault, or the file's.
pub(super) fn broken(url: &str, name: &Path, why: std::io::Error) -> Miss {
    match Error::from_io(why) {
        Ok(error) => Miss::error(url, error),
        Err(why) => Failure::write(beside(name, ".part").display(), &why).into(),
    }
}

/// Checks what came, and names it.
fn finish(
    job: &Job<'_>,
    url: &str,
    part: Part,
    modified: Option<SystemTime>,
    resumed_from: u64,
) -> Result<Done> {
    let size = part.length().map_err(|e| Failure::read(part.name.display(), &e))?;
    let sha256 = match &job.args.sha256 {
        None => None,
        Some(wanted) => {
            let found = part.sha256()?;
            if found != *wanted {
                // Going on with it would end here again.
                part.forget();
                let what =
                    format!("{}: the SHA-256 is {}, not {}", part.name.display(), hex(&found), hex(wanted));
                return Err(Failure::new(Kind::Checksum, what)
                    .hint(format!("the bytes are in {}", beside(&part.name, ".part").display())));
            }
            Some(hex(&found))
        }
    };
    let (name, validator) = (part.name.clone(), part.account.validator.clone());
    part.finish(job.args.force || job.args.if_changed, modified)?;
    if let (true, Some(validator)) = (job.args.if_changed, validator) {
        known::keep(&name, url, &validator);
    }
    Ok(Done { name, size, resumed_from, changed: true, sha256 })
}

/// HEAD, for those who have to know the size before they ask for parts.
pub(super) fn head<'h>(job: &Job<'_>, hand: &'h mut Hand, place: &Place) -> Try<Response<'h>> {
    let request = ask(job.run, job.args, &mut job.state(), place, netkit_http::Method::HEAD)?;
    hand.client(job, place)?.send(request).map_err(|e| Miss::error(place.url.as_str(), e))
}

/// The name of a file that begins, taken for this command.
pub(super) fn name(
    job: &Job<'_>,
    place: &Place,
    given: Option<&Path>,
    response: &Response<'_>,
) -> Result<PathBuf> {
    let name = match given {
        Some(name) => name.to_owned(),
        None => {
            let name = suggested_name(response.fields()).map_or_else(|| name_by_url(place), own);
            in_dir(job, Path::new(&name))
        }
    };
    claim(job, place, &name)?;
    check_free(job, &name)?;
    Ok(name)
}
