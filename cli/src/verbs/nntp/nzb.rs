//! `netkit nntp nzb`: the files that an NZB file names, over several connections.

mod file;
mod parts;
mod work;

use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, NntpNzb};
use crate::failure::{Failure, Kind, Result};
use crate::folder::Folder;
use crate::glob;
use crate::progress::Progress;
use crate::run::Run;
use crate::seen::Seen;
use parts::{Outcome, Parts};

/// How many bytes of commands may wait for their replies, on each connection: a dozen articles ahead keep a long line full, and
/// more would leave one connection with what others could fetch.
const AHEAD: usize = 1 << 10;

pub fn nzb(args: &NntpNzb, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let [name] = words else { return Err(Failure::new(Kind::Usage, "which NZB file?")) };
    let mut files = file::read(Path::new(name))?;
    if !args.include.is_empty() {
        files.retain(|file| args.include.iter().any(|pattern| glob::matches(pattern, &file.subject)));
    }
    if files.is_empty() {
        return Err(Failure::new(Kind::NotFound, format!("{name} names no file")));
    }
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?.for_binaries(AHEAD);
    let folder = Folder::open(&args.directory)?;
    let mark = file::mark(&files);
    let seen = Seen::open(&args.directory.join(format!(".netkit-nzb-{mark:016x}")))?;
    let bytes: u64 = files.iter().flat_map(|file| &file.segments).map(|segment| segment.bytes).sum();
    let bar = progress(&run, bytes);
    let parts = Arc::new(Parts::new(files, folder, seen, mark, bar)?);
    let parallel = usize::from(args.parallel).min(parts.left().max(1));
    std::thread::scope(|scope| {
        for _ in 0..parallel {
            scope.spawn(|| work::work(&opener, &parts));
        }
    });
    parts.bar().finish_and_clear();
    tell(&run, &parts)
}

fn progress(run: &Run<'_>, bytes: u64) -> ProgressBar {
    // Of several connections and many files there is one bar, and nothing that could be said in lines.
    if run.json() || !matches!(Progress::new(&run.net.output), Progress::Bars(_)) {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    // A template that is wrong leaves the usual one.
    if let Ok(style) = ProgressStyle::with_template("{bytes}/{total_bytes} {bytes_per_sec} {eta} {wide_bar}")
    {
        bar.set_style(style);
    }
    bar
}

/// A line for each file, and the first thing that went wrong.
fn tell(run: &Run<'_>, parts: &Parts) -> Result<()> {
    let mut output = run.output()?;
    let (outcomes, mut failure) = parts.finish();
    for Outcome { name, bytes, missing, whole, subject } in outcomes {
        if run.json() {
            let line = json!({ "name": name, "subject": subject, "bytes": bytes, "missing": missing, "complete": whole });
            output.line(&line.to_string())?;
        } else if whole {
            output.line(&format!("{name}\t{bytes}"))?;
        }
        if !whole {
            let why = format!("{name}: {missing} parts are missing");
            if failure.is_some() {
                run.warn(&why);
            }
            failure.get_or_insert(Failure::new(Kind::Partial, why));
        }
    }
    output.finish()?;
    failure.map_or(Ok(()), Err)
}
