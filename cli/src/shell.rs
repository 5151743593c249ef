//! What the shells of all protocols share: lines from a person or a script, the words in them, and what was said before.

use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::history::{History, MemHistory, SearchDirection};
use rustyline::{Config, Editor, Helper};

use crate::failure::{Failure, Kind, Result};
use crate::run::private;

/// How many lines are remembered.
const REMEMBERED: usize = 1000;

/// Where the commands come from.
pub enum Lines<H: Helper> {
    /// A person, who may edit them.
    Typed { editor: Box<Editor<H, MemHistory>>, history: Option<PathBuf> },
    /// A file or a pipe.
    Read(std::io::Lines<std::io::StdinLock<'static>>),
}

impl<H: Helper> Lines<H> {
    /// `name` is the shell's, under which lines are remembered; `helper` completes words.
    pub fn new(name: &str, helper: H) -> Result<Lines<H>> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Ok(Lines::Read(stdin.lock().lines()));
        }
        let config = Config::builder().completion_type(rustyline::CompletionType::List).build();
        let failed = |e: ReadlineError| Failure::new(Kind::Unsupported, e);
        let mut history = MemHistory::with_config(&config);
        history.set_max_len(REMEMBERED).map_err(failed)?;
        let mut editor = Editor::with_history(config, history).map_err(failed)?;
        editor.set_helper(Some(helper));
        // Without a home there is nothing to remember, and nothing is lost but that.
        let history = etcetera::choose_base_strategy().ok().map(|dirs| {
            let state = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
            state.join("netkit").join(format!("{name}-history"))
        });
        for line in history
            .iter()
            .filter_map(|path| fs::read_to_string(path).ok())
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        {
            let _ = editor.add_history_entry(line);
        }
        Ok(Lines::Typed { editor: Box::new(editor), history })
    }

    pub fn is_typed(&self) -> bool {
        matches!(self, Lines::Typed { .. })
    }

    /// The next command; none at the end.
    pub fn next(&mut self, place: &str) -> Result<Option<String>> {
        let editor = match self {
            Lines::Read(lines) => return lines.next().transpose().map_err(|e| Failure::read("stdin", &e)),
            Lines::Typed { editor, .. } => editor,
        };
        loop {
            match editor.readline(&format!("{}> ", netkit_wire::escape(place.as_bytes()))) {
                Ok(line) => {
                    // What was typed may be wanted again; that it cannot be kept is no matter. A line of the protocol's own may
                    // hold a password.
                    if line.split_whitespace().next() != Some("raw") {
                        let _ = editor.add_history_entry(line.as_str());
                    }
                    return Ok(Some(line));
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(None),
                Err(why) => return Err(Failure::new(Kind::Read, format!("stdin: {why}"))),
            }
        }
    }
}

impl<H: Helper> Drop for Lines<H> {
    /// Another shell may have ended meanwhile: the last one's lines stay. Nothing is lost where they cannot be kept.
    fn drop(&mut self) {
        let Lines::Typed { editor, history: Some(path) } = self else { return };
        let lines = editor.history();
        if lines.is_empty() || path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_err()) {
            return;
        }
        let Ok(mut file) = private(path) else { return };
        for at in 0..lines.len() {
            if let Ok(Some(line)) = lines.get(at, SearchDirection::Forward) {
                let _ = writeln!(file, "{}", line.entry);
            }
        }
    }
}

/// Words with spaces between; quotes hold spaces.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_hold_spaces() {
        assert_eq!(words("open \"Sent Mail\" x"), ["open", "Sent Mail", "x"]);
        assert_eq!(words("  search subject:\"a b\" "), ["search", "subject:a b"]);
        assert_eq!(words("x \"\""), ["x", ""]);
        assert!(words("   ").is_empty());
    }
}
