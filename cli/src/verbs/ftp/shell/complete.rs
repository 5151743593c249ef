//! What Tab does at the prompt: commands, names there, names here.

use std::sync::{Arc, Mutex};

use netkit_ftp::list::Kind as What;
use netkit_wire::escape;
use rustyline::completion::{Completer as Completes, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use super::{Line, turn};

const COMMANDS: [&str; 22] = [
    "bye", "cat", "cd", "delete", "exit", "get", "help", "jobs", "lcd", "lls", "lpwd", "ls", "mkdir", "mv",
    "put", "pwd", "quit", "raw", "rm", "rmdir", "stat", "wait",
];
/// The most names that are offered of one folder.
const MOST: usize = 10_000;

/// Names of one kind or the other.
enum Names {
    Command,
    There,
    Here,
    None,
}

/// What completes words.
pub struct Completer {
    line: Arc<Mutex<Line>>,
}

impl Completer {
    pub fn new(line: Arc<Mutex<Line>>) -> Completer {
        Completer { line }
    }

    /// The names in a folder there, with a slash behind those of folders. What the server does not tell is not offered.
    fn there(&self, folder: &str) -> Vec<String> {
        let mut line = turn(&self.line);
        let path = Some(folder).filter(|folder| !folder.is_empty());
        let Ok(entries) = line.session.list(path) else { return Vec::new() };
        let mut names = Vec::new();
        // All of it is read, so that the session goes on.
        for entry in entries.flatten() {
            let Ok(name) = String::from_utf8(entry.name) else { continue };
            if names.len() < MOST && is_plain(&name) {
                names.push(if entry.kind == What::Folder { name + "/" } else { name });
            }
        }
        names
    }
}

/// Whether a name can be shown, and typed: nothing in it moves the cursor or turns the reading direction.
fn is_plain(name: &str) -> bool {
    escape(name.as_bytes()) == name && !name.contains(['/', '"'])
}

/// The names in a folder here.
fn here(folder: &str) -> Vec<String> {
    let folder = if folder.is_empty() { "." } else { folder };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_folder = entry.path().is_dir();
        is_plain(&name).then(|| if is_folder { name + "/" } else { name })
    });
    named.collect()
}

/// The words before the one that is being typed, where that one begins, and what of it is there; an open quote is no part of it.
fn current(line: &str) -> (Vec<String>, usize, String) {
    let (mut words, mut start, mut word, mut quoted, mut open) = (Vec::new(), 0, String::new(), false, false);
    for (at, c) in line.char_indices() {
        match c {
            '"' => {
                (quoted, start) = (!quoted, if open { start } else { at });
                open = true;
            }
            c if c.is_whitespace() && !quoted => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            c => {
                start = if open { start } else { at };
                open = true;
                word.push(c);
            }
        }
    }
    (words, if open { start } else { line.len() }, word)
}

/// What may stand at that place.
fn names(words: &[String]) -> Names {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Names::Command,
        ["put"] | ["lcd" | "lls"] | ["get", _] => Names::Here,
        ["ls" | "cd" | "get" | "cat" | "rm" | "delete" | "mkdir" | "rmdir" | "stat" | "mv"] => Names::There,
        ["mv" | "put", _] => Names::There,
        _ => Names::None,
    }
}

impl Completes for Completer {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (words, start, word) = current(line.get(..at).unwrap_or(line));
        let (folder, last) = word.rsplit_once('/').map_or(("", word.as_str()), |(_, last)| {
            (word.get(..word.len() - last.len()).unwrap_or_default(), last)
        });
        let known = match names(&words) {
            Names::Command => COMMANDS.iter().map(|name| (*name).to_owned()).collect(),
            Names::There => self.there(folder),
            Names::Here => here(folder),
            Names::None => Vec::new(),
        };
        let mut found: Vec<Pair> = (known.into_iter())
            .filter(|name| name.starts_with(last))
            .map(|name| {
                let whole = format!("{folder}{name}");
                let replacement =
                    if whole.contains(char::is_whitespace) { format!("\"{whole}\"") } else { whole };
                Pair { display: name, replacement }
            })
            .collect();
        found.sort_by(|a, b| a.display.cmp(&b.display));
        Ok((start, found))
    }
}

impl Hinter for Completer {
    type Hint = String;
}

impl Highlighter for Completer {}
impl Validator for Completer {}
impl Helper for Completer {}

#[cfg(test)]
mod tests {
    use super::{current, is_plain};

    #[test]
    fn names_that_steer_the_terminal_are_not_offered() {
        for name in ["a\u{1b}[31m", "a\u{202e}b", "a/b", "a\"b", "a\nb"] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(is_plain("Z\u{fc}rich \u{65e5}\u{672c}.txt"));
    }

    #[test]
    fn the_word_that_is_typed() {
        let seen = |line: &str| {
            let (words, start, word) = current(line);
            (words.join("|"), start, word)
        };
        assert_eq!(seen("get a/b"), ("get".to_owned(), 4, "a/b".to_owned()));
        assert_eq!(seen("get "), ("get".to_owned(), 4, String::new()));
        assert_eq!(seen("put \"a b\" \"c d"), ("put|a b".to_owned(), 10, "c d".to_owned()));
        assert_eq!(seen(""), (String::new(), 0, String::new()));
    }
}
