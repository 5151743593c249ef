//! How far each file is: bars on a terminal, lines elsewhere when asked for.
//!
//! Bodies move inside the kernel, so nobody counts bytes on their way: the positions of the open files are looked at.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use netkit_wire::escape;

use crate::args::{OutputArgs, ProgressChoice};

/// Among many files, one of so many bytes has a progress of its own.
pub const LARGE: u64 = 1 << 20;
/// How often positions are looked at.
const TICK: Duration = Duration::from_millis(90);

/// Where progress is shown.
pub enum Progress {
    Nowhere,
    Bars(MultiProgress),
    Lines,
}

impl Progress {
    pub fn new(args: &OutputArgs) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        match args.progress.unwrap_or(ProgressChoice::Auto) {
            ProgressChoice::Never => Progress::Nowhere,
            // The dialogue on stderr and bars would overwrite each other.
            ProgressChoice::Auto if args.quiet || args.verbose || !terminal => Progress::Nowhere,
            _ if terminal => Progress::Bars(MultiProgress::new()),
            _ => Progress::Lines,
        }
    }

    /// Does something that prints while no bar is in its way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match self {
            Progress::Bars(bars) => bars.suspend(print),
            _ => print(),
        }
    }

    /// Shows how far `position` is while `work` goes on. `tick` is called as often.
    pub fn during<T>(
        &self,
        name: &Path,
        total: Option<u64>,
        position: impl Fn() -> u64 + Send,
        mut tick: Option<&mut (dyn FnMut() + Send)>,
        work: impl FnOnce() -> T,
    ) -> T {
        if matches!(self, Progress::Nowhere) && tick.is_none() {
            return work();
        }
        let label = escape(name.file_name().unwrap_or_default().as_encoded_bytes()).into_owned();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let over = &over;
            let ticker = scope.spawn(move || {
                let mut shown = self.shown(&label, total, position());
                while !over.load(Ordering::Acquire) {
                    thread::park_timeout(TICK);
                    shown.at(position());
                    if let Some(tick) = &mut tick {
                        tick();
                    }
                }
                shown.end();
            });
            let result = work();
            over.store(true, Ordering::Release);
            ticker.thread().unpark();
            result
        })
    }

    fn shown(&self, label: &str, total: Option<u64>, from: u64) -> Shown {
        match self {
            Progress::Nowhere => Shown::Not,
            Progress::Lines => {
                Shown::Lines { label: label.to_owned(), total, last: Instant::now(), at: from }
            }
            Progress::Bars(bars) => {
                let (bar, template) = match total {
                    Some(total) => (
                        ProgressBar::new(total),
                        "{msg:20!} {wide_bar} {binary_bytes:>10}/{binary_total_bytes:10} {binary_bytes_per_sec:>13} {eta:>4}",
                    ),
                    None => (
                        ProgressBar::new_spinner(),
                        "{msg:30!} {spinner} {binary_bytes:>11} {binary_bytes_per_sec:>13}",
                    ),
                };
                let bar = bars.add(bar);
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                bar.set_message(label.to_owned());
                bar.set_position(from);
                // What an earlier run fetched says nothing about the speed of this one.
                bar.reset_eta();
                Shown::Bar(bar)
            }
        }
    }
}

/// How many of several files are done.
pub struct Sum(Option<ProgressBar>);

impl Sum {
    /// Of none so far.
    pub fn new(progress: &Progress) -> Sum {
        let Progress::Bars(bars) = progress else { return Sum(None) };
        let bar = bars.add(ProgressBar::new(0));
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} files {wide_bar}") {
            bar.set_style(style);
        }
        Sum(Some(bar))
    }

    /// One more is to be moved.
    pub fn more(&self) {
        self.0.iter().for_each(|bar| bar.inc_length(1));
    }

    /// One is done with.
    pub fn done(&self) {
        self.0.iter().for_each(|bar| bar.inc(1));
    }
}

impl Drop for Sum {
    fn drop(&mut self) {
        self.0.iter().for_each(ProgressBar::finish_and_clear);
    }
}

/// One file's progress.
enum Shown {
    Not,
    Bar(ProgressBar),
    Lines { label: String, total: Option<u64>, last: Instant, at: u64 },
}

impl Shown {
    fn at(&mut self, position: u64) {
        match self {
            Shown::Not => {}
            Shown::Bar(bar) => bar.set_position(position),
            Shown::Lines { last, at, .. } => {
                *at = position;
                if last.elapsed() >= Duration::from_secs(1) {
                    *last = Instant::now();
                    self.print();
                }
            }
        }
    }

    fn print(&self) {
        if let Shown::Lines { label, total, at, .. } = self {
            match total {
                Some(total) => eprintln!("netkit: {label}: {at} of {total} bytes"),
                None => eprintln!("netkit: {label}: {at} bytes"),
            }
        }
    }

    fn end(&self) {
        match self {
            Shown::Bar(bar) => bar.finish_and_clear(),
            other => other.print(),
        }
    }
}
