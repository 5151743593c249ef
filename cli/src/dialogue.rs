//! The dialogue as people see it: `-v` on stderr, `--trace` in the notation of the fixtures.

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use netkit_wire::{Tap, escape};

/// Where the dialogue goes. Clones share their places, so that two connections do not cut each other's lines.
#[derive(Clone, Default)]
pub struct Dialogue {
    verbose: bool,
    /// When it began and when the newest line was shown, where times are.
    times: Option<Arc<Mutex<(Instant, Instant)>>>,
    trace: Option<Arc<Mutex<Trace>>>,
    /// This side is the server.
    serving: bool,
}

struct Trace {
    file: File,
    start: Instant,
}

impl Dialogue {
    /// `verbose` writes to stderr, with `times` before each line; `trace` is a new file.
    pub fn new(verbose: bool, times: bool, trace: Option<File>) -> Dialogue {
        let start = Instant::now();
        let times = times.then(|| Arc::new(Mutex::new((start, start))));
        let trace = trace.map(|file| Arc::new(Mutex::new(Trace { file, start })));
        Dialogue { verbose, times, trace, serving: false }
    }

    /// The dialogue of a server: in the trace, what is sent is the server's.
    pub fn serving(self) -> Dialogue {
        Dialogue { serving: true, ..self }
    }

    /// A listener for one connection; none when nobody wants to hear.
    pub fn tap(&self) -> Option<Box<dyn Tap>> {
        (self.verbose || self.trace.is_some()).then(|| {
            let listener = Listener { to: self.clone(), sent: Lines::default(), received: Lines::default() };
            Box::new(listener) as Box<dyn Tap>
        })
    }

    /// A line about what happened beside the bytes.
    pub fn note(&self, what: &str) {
        self.line('*', what.as_bytes(), true);
    }

    /// The seconds since the start and since the line before, where they are wanted.
    fn time(&self) -> String {
        let Some(times) = &self.times else { return String::new() };
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (start, before) = (now - times.0, now - times.1);
        times.1 = now;
        format!("{:8.3} {:+8.3}  ", start.as_secs_f64(), before.as_secs_f64())
    }

    /// One line; `whole` when it had its line end.
    fn line(&self, side: char, line: &[u8], whole: bool) {
        if self.verbose {
            let style = match side {
                '>' => anstyle::AnsiColor::Cyan.on_default(),
                '<' => anstyle::AnsiColor::Green.on_default(),
                _ => anstyle::Style::new().dimmed(),
            };
            anstream::eprintln!("{}{style}{side} {}{style:#}", self.time(), escape(line));
        }
        if let Some(trace) = &self.trace {
            let mut trace = trace.lock().unwrap_or_else(PoisonError::into_inner);
            let (ours, theirs) = if self.serving { ("S:", "C:") } else { ("C:", "S:") };
            let (label, text) = match side {
                '>' => (ours, notation(line, whole)),
                '<' => (theirs, notation(line, whole)),
                _ => ("#", escape(line).into_owned()),
            };
            let time = trace.start.elapsed();
            // A trace that cannot be written must not end the conversation that it is about.
            let _ = writeln!(trace.file, "# +{:.6}\n{label} {text}", time.as_secs_f64());
        }
    }
}

/// As fixtures write a line: backslashes doubled, bytes that are not text escaped, a backslash for a missing CRLF.
fn notation(line: &[u8], whole: bool) -> String {
    let mut text = String::new();
    for byte in line {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b' '..=b'~' => text.push(char::from(*byte)),
            byte => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    if whole { text } else { text + "\\" }
}

struct Listener {
    to: Dialogue,
    sent: Lines,
    received: Lines,
}

/// Cuts a stream into lines; a piece without an end waits for the rest, up to a limit.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
}

/// A longer piece is shown without waiting for its end: a body may have no lines at all.
const LONGEST: usize = 4096;

impl Lines {
    fn push(&mut self, bytes: &[u8], mut show: impl FnMut(&[u8], bool)) {
        for piece in bytes.split_inclusive(|b| *b == b'\n') {
            self.open.extend_from_slice(piece);
            match self.open.strip_suffix(b"\r\n") {
                Some(line) => show(line, true),
                None if self.open.ends_with(b"\n") || self.open.len() >= LONGEST => show(&self.open, false),
                None => continue,
            }
            self.open.clear();
        }
    }

    fn flush(&mut self, mut show: impl FnMut(&[u8], bool)) {
        if !self.open.is_empty() {
            show(&std::mem::take(&mut self.open), false);
        }
    }
}

impl Listener {
    fn turn(&mut self, sending: bool) {
        // What the other side left open ends where this side begins.
        if sending {
            self.received.flush(|line, whole| self.to.line('<', line, whole));
        } else {
            self.sent.flush(|line, whole| self.to.line('>', line, whole));
        }
    }
}

impl Tap for Listener {
    fn sent(&mut self, bytes: &[u8]) {
        self.turn(true);
        self.sent.push(bytes, |line, whole| self.to.line('>', line, whole));
    }

    fn received(&mut self, bytes: &[u8]) {
        self.turn(false);
        self.received.push(bytes, |line, whole| self.to.line('<', line, whole));
    }

    fn note(&mut self, what: &str) {
        self.turn(true);
        self.turn(false);
        self.to.note(what);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.turn(true);
        self.turn(false);
    }
}
