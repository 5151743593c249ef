//! What a session leaves in files: its text, and a recording for asciinema (version 2). Keys are not recorded: passwords are
//! among them.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::failure::{Failure, Result};
use crate::run::private;

/// The files of one session.
pub struct Log {
    text: Option<(String, File)>,
    cast: Option<(String, File)>,
    start: Instant,
    /// Bytes of a character that did not come whole.
    open: Vec<u8>,
}

impl Log {
    pub fn new(text: Option<&Path>, cast: Option<&Path>, size: (u16, u16)) -> Result<Log> {
        let open = |path: &Path| {
            let name = path.display().to_string();
            private(path).map(|file| (name.clone(), file)).map_err(|e| Failure::write(name, &e))
        };
        let (text, cast) = (text.map(open).transpose()?, cast.map(open).transpose()?);
        let mut log = Log { text, cast, start: Instant::now(), open: Vec::new() };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let term = std::env::var("TERM").unwrap_or_default();
        log.cast_line(&json!({
            "version": 2, "width": size.0, "height": size.1, "timestamp": now, "env": { "TERM": term },
        }))?;
        Ok(log)
    }

    /// Writes the session's text to this file from now on.
    pub fn start(&mut self, path: &Path) -> Result<()> {
        let file = private(path).map_err(|e| Failure::write(path.display(), &e))?;
        self.text = Some((path.display().to_string(), file));
        Ok(())
    }

    /// Something came.
    pub fn came(&mut self, text: &[u8]) -> Result<()> {
        if let Some((name, file)) = &mut self.text {
            file.write_all(text).map_err(|e| Failure::write(&*name, &e))?;
        }
        if self.cast.is_none() {
            return Ok(());
        }
        self.open.extend_from_slice(text);
        // A character that was cut waits for its end, unless it is none.
        let whole = match std::str::from_utf8(&self.open) {
            Err(why) if why.error_len().is_none() => why.valid_up_to(),
            _ => self.open.len(),
        };
        let rest = self.open.split_off(whole);
        let shown = String::from_utf8_lossy(&std::mem::replace(&mut self.open, rest)).into_owned();
        if shown.is_empty() {
            return Ok(());
        }
        self.event("o", &shown)
    }

    /// The window has another size.
    pub fn resized(&mut self, (columns, rows): (u16, u16)) -> Result<()> {
        self.event("r", &format!("{columns}x{rows}"))
    }

    fn event(&mut self, kind: &str, data: &str) -> Result<()> {
        let at = self.start.elapsed().as_micros();
        let seconds = f64::from(u32::try_from(at / 1000).unwrap_or(u32::MAX)) / 1e3;
        self.cast_line(&json!([seconds, kind, data]))
    }

    fn cast_line(&mut self, line: &serde_json::Value) -> Result<()> {
        let Some((name, file)) = &mut self.cast else { return Ok(()) };
        writeln!(file, "{line}").map_err(|e| Failure::write(&*name, &e))
    }
}
