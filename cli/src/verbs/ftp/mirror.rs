//! `netkit ftp mirror`: a folder tree there and one here, and what makes the one as the other.

mod down;
mod spool;
mod up;

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::change::first;
use super::session::{self, Opener};
use crate::args::{FtpMirror, Global};
use crate::failure::{Failure, Kind, Result};
use crate::glob;
use crate::output::Output;
use crate::progress::{Progress, Sum};
use crate::run::Run;

/// How deep folders may lie in folders: links can make rings.
const DEPTH: usize = 64;

pub fn mirror(args: &FtpMirror, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [dir] = words else { return Err(Failure::new(Kind::Usage, "the folder here")) };
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target, &args.ways)?;
    let progress = Progress::new(&args.net.output);
    let job = Job {
        args,
        opener: &opener,
        output: Mutex::new(run.output()?),
        failures: Mutex::default(),
        counts: Mutex::default(),
        sum: Sum::new(&progress),
        progress: &progress,
    };
    if args.reverse {
        up::up(&job, dir)?
    } else {
        down::down(&job, dir)?
    };
    let Job { output, failures, counts, sum, .. } = job;
    drop(sum);
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
    progress: &'j Progress,
    sum: Sum,
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
        if quiet { Ok(()) } else { self.progress.aside(|| output.line(&format!("{what}\t{path}"))) }
    }
}
