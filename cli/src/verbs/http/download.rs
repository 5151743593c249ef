//! `netkit http download`: many URLs to files, each resumed where it was interrupted.
//!
//! `item` fetches one file, `part` keeps what is there of it, `segments` fetches several parts of it at a time.

mod item;
pub(super) mod known;
mod part;
pub(super) mod retry;
mod segments;
mod spans;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use netkit_http::{Client, Follow, Method, Redirects, Request};
use serde_json::json;

use super::compose::{self, Place};
use super::state::State;
use crate::args::{Global, HttpDownload};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::progress::Progress;
use crate::run::Run;
use item::{Fetched, Held};

/// How many small bodies may wait for their files to be written.
const HELD: usize = 16;

/// The longest list of URLs that is read.
const LIST: u64 = 64 << 20;

/// What all files of one command share.
struct Job<'a> {
    run: &'a Run<'a>,
    args: &'a HttpDownload,
    progress: Progress,
    /// The names that files of this command have, and of which URL.
    claimed: Mutex<HashMap<PathBuf, String>>,
    /// What earlier runs left in the folder, by URL.
    left: OnceLock<Vec<(String, PathBuf)>>,
    /// Whether a small file may have no name until it is whole: not where its bytes are to be checked, because those that
    /// are wrong stay where they can be looked at.
    nameless: bool,
    /// Cookies and the session, for all connections.
    state: Mutex<State>,
}

impl Job<'_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that is in place.
struct Done {
    name: PathBuf,
    size: u64,
    /// How many bytes were there before.
    resumed_from: u64,
    /// `false`: the server has nothing newer.
    changed: bool,
    sha256: Option<String>,
}

pub fn run(args: &HttpDownload, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let urls = urls(args)?;
    if urls.len() > 1 && (args.net.output.output.is_some() || args.sha256.is_some()) {
        return Err(Failure::new(Kind::Usage, "-o and --sha256 are for one URL"));
    }
    if args.net.output.output.as_deref() == Some(Path::new("-")) {
        return Err(Failure::new(Kind::Usage, "a download goes to a file").hint("http get prints"));
    }
    let places: Vec<Result<Place>> = urls.iter().map(|url| compose::place(&mut run, Some(url))).collect();
    if args.net.output.offline {
        let mut output = Output::open(None, args.net.output.raw)?;
        let mut state = state(&run, args, &places)?;
        for place in places {
            let shown = ask(&run, args, &mut state, &place?, Method::GET)?.preview();
            output.write_all(&shown).map_err(|e| Failure::write("stdout", &e))?;
        }
        return output.finish();
    }
    if let Some(dir) = &args.dir {
        std::fs::create_dir_all(dir).map_err(|e| Failure::write(dir.display(), &e))?;
    }
    let progress = Progress::new(&args.net.output);
    let state = Mutex::new(state(&run, args, &places)?);
    let nameless = args.sha256.is_none() && part::can_be_nameless();
    let (claimed, left) = (Mutex::default(), OnceLock::new());
    let job = Job { run: &run, args, progress, claimed, left, nameless, state };
    let done = all(&job, urls.iter().zip(places).collect());
    done.and(job.state().write())
}

/// What the options name. A session is for one origin: its fields must go nowhere else.
fn state(run: &Run<'_>, args: &HttpDownload, places: &[Result<Place>]) -> Result<State> {
    let mut sound = places.iter().filter_map(|place| place.as_ref().ok());
    let Some(first) = sound.next() else { return Ok(State::none()) };
    if args.state.session.is_some() && sound.any(|place| place.url.origin() != first.url.origin()) {
        return Err(Failure::new(Kind::Usage, "a session is for one origin, and these URLs have several"));
    }
    State::open(run, first, &args.state)
}

/// Every file; the first failure is returned, the others are reported.
fn all<'w>(job: &Job<'_>, work: Vec<(&'w String, Result<Place>)>) -> Result<()> {
    let single = work.len() == 1;
    let workers = usize::from(job.args.parallel).min(work.len());
    let queue = Mutex::new(work.into_iter());
    let output = Mutex::new(Output::open(None, job.args.net.output.raw)?);
    let first: Mutex<Option<Failure>> = Mutex::new(None);
    let fail = |failure: Failure| {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        match &*first {
            None => *first = Some(failure),
            Some(_) => job.progress.aside(|| {
                failure.report(job.run.json());
            }),
        }
    };
    let settle = |url: &str, done: Result<Done>| {
        let told = done.and_then(|done| {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            job.progress.aside(|| tell(job, &mut output, url, &done))
        });
        if let Err(failure) = told {
            fail(failure);
        }
    };
    let (later, held) = sync_channel::<(&String, Held)>(HELD);
    let worker = |later: SyncSender<(&'w String, Held)>| {
        let mut hand = Hand::default();
        loop {
            // A statement of its own: the queue is free while the file is fetched.
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((url, place)) = next else { break };
            match place.and_then(|place| item::fetch(job, &mut hand, &place)) {
                Ok(Fetched::Done(done)) => settle(url, Ok(done)),
                // One alone is not worth a thread.
                Ok(Fetched::Held(held)) if single => settle(url, held.put(job)),
                Ok(Fetched::Held(held)) => {
                    // It fails only when nobody puts files any more, and then their failures were told.
                    let _ = later.send((url, held));
                }
                Err(failure) => settle(url, Err(failure)),
            }
        }
        if let Some((_, client)) = &hand.client {
            job.state().absorb(client);
        }
    };
    std::thread::scope(|scope| {
        if !single {
            // While the server thinks about the next request, the files of those before are written.
            scope.spawn(|| held.into_iter().for_each(|(url, held)| settle(url, held.put(job))));
        }
        for _ in 1..workers {
            let later = later.clone();
            scope.spawn(move || worker(later));
        }
        worker(later);
    });
    output.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
    first.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// One line for each file: its name, or an object.
fn tell(job: &Job<'_>, output: &mut Output, url: &str, done: &Done) -> Result<()> {
    if job.run.json() {
        let mut object = json!({
            "url": url, "file": done.name.to_string_lossy(), "size": done.size,
            "resumed_from": done.resumed_from, "changed": done.changed,
        });
        if let (Some(sha256), Some(map)) = (&done.sha256, object.as_object_mut()) {
            map.insert("sha256".into(), sha256.as_str().into());
        }
        output.line(&object.to_string())?;
    } else if !job.args.net.output.quiet {
        output.line(&done.name.display().to_string())?;
    }
    output.flush().map_err(|e| Failure::write("stdout", &e))
}

/// The URLs of the command line, then those of the list.
fn urls(args: &HttpDownload) -> Result<Vec<String>> {
    let mut urls = args.urls.clone();
    if let Some(list) = &args.input {
        let failed = |e| Failure::read(list.display(), &e);
        let mut text = String::new();
        let mut reader: Box<dyn std::io::Read> = match list.as_path() == Path::new("-") {
            true => Box::new(std::io::stdin()),
            false => Box::new(std::fs::File::open(list).map_err(failed)?),
        };
        std::io::Read::read_to_string(&mut std::io::Read::take(&mut reader, LIST), &mut text)
            .map_err(failed)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        urls.extend(lines.map(str::to_owned));
    }
    if urls.is_empty() {
        return Err(Failure::new(Kind::Usage, "no URL: which file?"));
    }
    Ok(urls)
}

/// A client for one file after the other; it keeps a connection to each server.
#[derive(Default)]
struct Hand {
    client: Option<(Option<netkit_socket::Endpoint>, Client)>,
}

impl Hand {
    fn client(&mut self, job: &Job<'_>, place: &Place) -> Result<&mut Client> {
        if self.client.as_ref().is_none_or(|(through, _)| *through != place.through) {
            let client = super::client(job.run, place)?.redirects(Redirects { of: Follow::Safe, limit: 10 });
            let mut state = job.state();
            if let Some((_, former)) = &self.client {
                state.absorb(former);
            }
            let client = state.equip(client);
            self.client = Some((place.through.clone(), client));
        }
        match &mut self.client {
            Some((_, client)) => Ok(client),
            None => Err(Failure::new(Kind::Usage, "no client")),
        }
    }
}

/// GET of the whole. Without coding, so that parts of two answers fit together; `-H Accept-Encoding:gzip` asks for one.
fn request(job: &Job<'_>, place: &Place) -> Result<Request> {
    ask(job.run, job.args, &mut job.state(), place, Method::GET)
}

fn ask(
    run: &Run<'_>,
    args: &HttpDownload,
    state: &mut State,
    place: &Place,
    method: Method,
) -> Result<Request> {
    let request = Request::new(method, &place.url).map_err(netkit_http::Error::from)?;
    let request = request.keep_coding(args.raw_body);
    let mut request = compose::headers(request, &args.headers, state, &args.state)?;
    if !request.fields().has("accept-encoding") {
        request = request.field("Accept-Encoding", "identity").map_err(netkit_http::Error::from)?;
    }
    compose::login(run, place, request)
}
