//! `--offline`: what would be sent, as far as it does not depend on what the server says.

use std::io::Write;

use netkit_pop3::{Command, Line, Number, rehearse};

use super::{lines, session};
use crate::args::{Global, Pop3Verb};
use crate::failure::{Failure, Result};
use crate::run::Run;

pub fn show(verb: &Pop3Verb, global: &Global) -> Result<()> {
    let mut run = Run::new(verb.net(), global)?;
    let (target, commands) = commands(verb, &run)?;
    let target = session::aim(&mut run, target)?;
    let commands = match (commands, target.message) {
        (commands, Some(number)) if commands.is_empty() => named(verb, number),
        (commands, _) => commands,
    };
    let mut output = run.output()?;
    output.write_all(&rehearse(target.security, &commands)).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

/// The target, and the commands of a verb; none where the target says which message.
fn commands<'v>(verb: &'v Pop3Verb, run: &Run<'_>) -> Result<(Option<&'v str>, Vec<Command>)> {
    let all = || vec![Command::List(None), Command::Uidl(None)];
    Ok(match verb {
        Pop3Verb::Stat(args) => (args.target.as_deref(), vec![Command::Stat]),
        Pop3Verb::Probe(args) => (args.target.as_deref(), vec![Command::Stat]),
        Pop3Verb::List(args) => (args.target.as_deref(), all()),
        Pop3Verb::Fetch(args) => (args.target.as_deref(), all()),
        Pop3Verb::Get(args) => message(verb, args.target.as_deref(), args.message.as_deref(), run),
        Pop3Verb::Top(args) => message(verb, args.target.as_deref(), args.message.as_deref(), run),
        Pop3Verb::Delete(args) => {
            let (target, words) = run.target_and_words(&args.words);
            let number = |word: &str| -> Option<Number> { word.parse().ok() };
            let mut commands = Vec::new();
            for word in words {
                let ends =
                    word.split_once('-').and_then(|(first, last)| Some((number(first)?, number(last)?)));
                match ends.or_else(|| number(word).map(|one| (one, one))) {
                    Some((first, last)) => commands.extend(
                        (first.get()..=last.get()).filter_map(Number::new).map(Command::Dele).take(1_000_000),
                    ),
                    None => commands.push(Command::Uidl(None)),
                }
            }
            (target, commands)
        }
        Pop3Verb::Raw(args) => {
            let (target, words) = run.target_and_words(&args.words);
            let lines: Vec<Line> = lines(words)?;
            (target, lines.into_iter().map(Command::Raw).collect())
        }
    })
}

/// As the verb takes its words: with `--mock`, one word is the message.
fn message<'v>(
    verb: &Pop3Verb,
    target: Option<&'v str>,
    message: Option<&'v str>,
    run: &Run<'_>,
) -> (Option<&'v str>, Vec<Command>) {
    let (target, word) = super::target_and_message(run, target, message);
    let commands = match word.map(str::parse) {
        None => Vec::new(),
        Some(Ok(number)) => named(verb, number),
        // A name for good is looked up first.
        Some(Err(_)) => vec![Command::Uidl(None)],
    };
    (target, commands)
}

fn named(verb: &Pop3Verb, number: Number) -> Vec<Command> {
    match verb {
        Pop3Verb::Top(args) => vec![Command::Top(number, args.lines)],
        Pop3Verb::Get(_) => vec![Command::Retr(number)],
        _ => Vec::new(),
    }
}
