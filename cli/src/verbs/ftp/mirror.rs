//! `netkit ftp mirror`: a folder tree there and one here, and what makes the one as the other.

mod down;
mod up;

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use netkit_ftp::{Error, Session};
use serde_json::json;

use super::change::first;
use super::session::{self, Opener};
use crate::args::{FtpMirror, Global};
use crate::failure::{Failure, Kind, Result};
use crate::glob;
use crate::output::Output;
use crate::run::Run;

/// How deep folders may lie in folders: links can make rings.
const DEPTH: usize = 64;
/// How many files may wait to be moved, before the listing waits.
const WAITING: usize = 10_000;

pub fn mirror(args: &FtpMirror, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [dir] = words else { return Err(Failure::new(Kind::Usage, "the folder here")) };
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target, args.ways.active)?;
    let job = Job {
        args,
        opener: &opener,
        output: Mutex::new(run.output()?),
        failures: Mutex::default(),
        counts: Mutex::default(),
    };
    if args.reverse {
        up::up(&job, dir)?
    } else {
        down::down(&job, dir)?
    };
    let Job { output, failures, counts, .. } = job;
    let mut output = output.into_inner().unwrap_or_else(PoisonError::into_inner);
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    if run.json() {
        let line = json!({
            "moved": counts.moved, "bytes": counts.bytes, "unchanged": counts.same, "deleted": counts.deleted,
        });
        output.line(&line.to_string())?;
    } else if !run.net.output.quiet {
        let Counts { moved, bytes, same, deleted } = counts;
        output.line(&format!("{moved} files moved, {bytes} bytes, {same} unchanged, {deleted} deleted"))?;
    }
    output.finish()?;
    first(&run, failures.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What was done, or would be.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    moved: u64,
    bytes: u64,
    same: u64,
    deleted: u64,
}

/// What all who work on it share.
struct Job<'j> {
    args: &'j FtpMirror,
    opener: &'j Opener<'j>,
    output: Mutex<Output>,
    failures: Mutex<Vec<Failure>>,
    counts: Mutex<Counts>,
}

impl Job<'_> {
    /// Whether a path, seen from the folder, is wanted; folders need not be included.
    fn wants(&self, path: &str, is_folder: bool) -> bool {
        let fits = |pattern: &String| glob::matches(pattern, path);
        let included = is_folder || self.args.include.is_empty() || self.args.include.iter().any(fits);
        included && !self.args.exclude.iter().any(fits)
    }

    fn fail(&self, failure: Failure) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        add(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Says what is done to a path.
    fn say(&self, what: &str, path: &str) -> Result<()> {
        let quiet = self.opener.run.net.output.quiet;
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if self.opener.run.json() {
            let dry_run = self.args.dry_run;
            return output.line(&json!({ "action": what, "path": path, "dry_run": dry_run }).to_string());
        }
        if quiet { Ok(()) } else { output.line(&format!("{what}\t{path}")) }
    }
}

/// What is to be done, for those who do it.
struct Queue<T> {
    state: Mutex<(VecDeque<T>, bool)>,
    changed: Condvar,
}

impl<T> Queue<T> {
    fn new() -> Queue<T> {
        Queue { state: Mutex::new((VecDeque::new(), false)), changed: Condvar::new() }
    }

    /// Adds one, and waits where there are too many.
    fn push(&self, task: T) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.0.len() >= WAITING && !state.1 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.0.push_back(task);
        self.changed.notify_all();
    }

    /// Nothing more comes.
    fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_all();
    }

    /// The next; none when there is none and none comes.
    fn pop(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(task) = state.0.pop_front() {
                self.changed.notify_all();
                return Some(task);
            }
            if state.1 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Works on a queue until it is empty, over a session that is opened when there is something to do, and anew where one broke.
fn work<T>(
    job: &Job<'_>,
    queue: &Queue<T>,
    mut one: impl FnMut(&mut Session, &T) -> std::result::Result<(), Broken>,
) {
    let mut session: Option<Session> = None;
    let mut broken = 0;
    while let Some(task) = queue.pop() {
        // A connection that breaks is made anew, and the file tried again.
        for try_again in [true, true, false] {
            let open = match session.take() {
                Some(session) => Ok(session),
                None => open(job),
            };
            let mut open = match open {
                Ok(open) => open,
                Err(failure) => {
                    job.fail(failure);
                    // Others may go on; who cannot connect leaves the work to them.
                    return;
                }
            };
            let outcome = one(&mut open, &task);
            if open.is_usable() {
                session = Some(open);
            }
            match outcome {
                Ok(()) => break,
                Err(Broken { failure, again }) => {
                    if again && try_again && broken < 20 {
                        broken += 1;
                        session = None;
                        continue;
                    }
                    job.fail(failure);
                    break;
                }
            }
        }
    }
    if let Some(session) = session {
        job.opener.leave(session);
    }
}

/// A new connection. One that breaks while it is made is made again, a little later: a busy server takes some and drops others.
fn open(job: &Job<'_>) -> Result<Session> {
    for pause in [0.1, 0.4] {
        match job.opener.open().map_err(Broken::from) {
            Err(Broken { again: true, .. }) => std::thread::sleep(Duration::from_secs_f32(pause)),
            other => return other.map_err(|broken| broken.failure),
        }
    }
    job.opener.open()
}

/// What went wrong with a file, and whether it may be tried again over another connection.
struct Broken {
    failure: Failure,
    again: bool,
}

impl Broken {
    fn of(job: &Job<'_>, error: Error, path: &str) -> Broken {
        let again = matches!(error, Error::Wire(_) | Error::Net(_) | Error::Over)
            || matches!(&error, Error::Refused(reply) if reply.code().is(4));
        Broken { failure: job.opener.about_path(error, path), again }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Broken {
        let again = matches!(failure.kind, Kind::Partial | Kind::Receive | Kind::Send | Kind::Timeout);
        Broken { failure, again }
    }
}
