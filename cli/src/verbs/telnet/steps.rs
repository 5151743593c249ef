//! The steps of a script: read, and made ready.

use std::ops::Range;
use std::time::Duration;

use netkit_auth::Secret;
use netkit_telnet::{Command, Opt, Pattern, Sub};
use regex::bytes::Regex;

use crate::args::{TelnetRun, TelnetStep, duration};
use crate::failure::{Failure, Kind, Result};

/// What is done.
pub enum Step {
    Expect(Expected),
    Send(Vec<u8>),
    Secret(Secret),
    Command(Command),
    Sub(Sub),
    Sleep(Duration),
}

/// What is waited for.
pub struct Expected {
    pub text: String,
    regex: Regex,
}

impl Expected {
    pub fn new(text: &str) -> Result<Expected> {
        let regex = Regex::new(text).map_err(|e| {
            let why = e.to_string();
            let last = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Failure::new(Kind::Usage, format!("--expect {text}: {last}"))
        })?;
        Ok(Expected { text: text.to_owned(), regex })
    }

    /// The groups of the match.
    pub fn groups(&self, text: &[u8]) -> Vec<String> {
        let Some(found) = self.regex.captures(text) else { return Vec::new() };
        let group = |group: Option<regex::bytes::Match<'_>>| {
            group.map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned()).unwrap_or_default()
        };
        found.iter().map(group).collect()
    }
}

impl Pattern for Expected {
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.regex.find(text).map(|found| found.range())
    }
}

/// All steps: of the script and then of the command line. Nothing is sent before each of them is understood.
pub fn all(args: &TelnetRun) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    if let Some(path) = &args.script {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::read(path.display(), &e))?;
        for (i, line) in text.lines().enumerate() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let none =
                || Failure::new(Kind::Usage, format!("{}, line {}: no such step", path.display(), i + 1));
            steps.push(TelnetStep::of_line(line).ok_or_else(none)?);
        }
    }
    steps.extend(args.steps.0.iter().cloned());
    steps.iter().map(ready).collect()
}

fn ready(step: &TelnetStep) -> Result<Step> {
    Ok(match step {
        TelnetStep::Expect(text) => Step::Expect(Expected::new(text)?),
        TelnetStep::Send(text) => Step::Send(format!("{text}\n").into_bytes()),
        TelnetStep::SendRaw(text) => {
            Step::Send(unescaped(text).ok_or_else(|| {
                Failure::new(Kind::Usage, format!("--send-raw {text}: an escape is unknown"))
            })?)
        }
        TelnetStep::SendSecret(name) => {
            let value = std::env::var(name).map_err(|_| {
                Failure::new(Kind::Usage, format!("--send-secret {name}: there is no such variable"))
            })?;
            Step::Secret(Secret::from(value + "\n"))
        }
        TelnetStep::Command(name) => Step::Command(Command::from_name(name).ok_or_else(|| {
            Failure::new(Kind::Usage, format!("--command {name}: there is no such command"))
        })?),
        TelnetStep::Sub(text) => {
            let (name, content) = text.split_once(' ').unwrap_or((text, ""));
            let usage = |what: &str| Failure::new(Kind::Usage, format!("--sub {text}: {what}"));
            let option = Opt::from_name(name).ok_or_else(|| usage("there is no such option"))?;
            let content = unescaped(content).ok_or_else(|| usage("an escape is unknown"))?;
            Step::Sub(Sub::parse(option, &content))
        }
        TelnetStep::Sleep(time) => Step::Sleep(
            duration(time).map_err(|why| Failure::new(Kind::Usage, format!("--sleep {time}: {why}")))?,
        ),
    })
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        out.push(match chars.next()? {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'e' => 27,
            '\\' => b'\\',
            'x' => u8::from_str_radix(&String::from_iter([chars.next()?, chars.next()?]), 16).ok()?,
            _ => return None,
        });
    }
    Some(out)
}
