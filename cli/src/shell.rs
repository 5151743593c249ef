//! What the shells of all protocols share: lines from a person or a script, and the words in them.

use std::io::{BufRead, IsTerminal};

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::failure::{Failure, Kind, Result};

/// Where the commands come from.
pub enum Lines {
    /// A person, who may edit them.
    Typed(Box<DefaultEditor>),
    /// A file or a pipe.
    Read(std::io::Lines<std::io::StdinLock<'static>>),
}

impl Lines {
    pub fn new() -> Result<Lines> {
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            let editor = DefaultEditor::new().map_err(|e| Failure::new(Kind::Unsupported, e))?;
            return Ok(Lines::Typed(Box::new(editor)));
        }
        Ok(Lines::Read(stdin.lock().lines()))
    }

    pub fn is_typed(&self) -> bool {
        matches!(self, Lines::Typed(_))
    }

    /// The next command; none at the end.
    pub fn next(&mut self, place: &str) -> Result<Option<String>> {
        let editor = match self {
            Lines::Read(lines) => return lines.next().transpose().map_err(|e| Failure::read("stdin", &e)),
            Lines::Typed(editor) => editor,
        };
        loop {
            match editor.readline(&format!("{}> ", netkit_wire::escape(place.as_bytes()))) {
                Ok(line) => {
                    // What was typed may be wanted again; that it cannot be kept is no matter.
                    let _ = editor.add_history_entry(line.as_str());
                    return Ok(Some(line));
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(None),
                Err(why) => return Err(Failure::new(Kind::Read, format!("stdin: {why}"))),
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
