//! `--offline`: what would be sent, as far as it does not depend on what the server says.

use std::io::Write;

use netkit_nntp::{Command, Error, Group, Header, List, Range, Span, Which, Wildmat, rehearse};

use super::{lines, session};
use crate::args::{Global, NntpVerb};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn show(verb: &NntpVerb, global: &Global) -> Result<()> {
    let mut run = Run::new(verb.net(), global)?;
    let (target, words): (Option<&str>, &[String]) = match verb {
        NntpVerb::Date(args) | NntpVerb::Probe(args) => (args.target.as_deref(), &[]),
        NntpVerb::Groups(args) => run.target_and_words(&args.words),
        NntpVerb::Group(args) => run.target_and_words(&args.words),
        NntpVerb::Over(args) => run.target_and_words(&args.words),
        NntpVerb::Article(args) | NntpVerb::Head(args) | NntpVerb::Body(args) | NntpVerb::Stat(args) => {
            run.target_and_words(&args.words)
        }
        NntpVerb::Post(args) => run.target_and_words(&args.words),
        NntpVerb::New(args) => run.target_and_words(&args.words),
        NntpVerb::Hdr(args) => run.target_and_words(&args.words),
        NntpVerb::Fetch(args) => run.target_and_words(&args.words),
        NntpVerb::Nzb(args) => run.target_and_words(&args.words),
        NntpVerb::Raw(args) => run.target_and_words(&args.words),
    };
    let target = session::aim(&mut run, target)?;
    let commands = commands(verb, &target.place, words)?;
    let mut output = run.output()?;
    let bytes = rehearse(target.security, &commands);
    output.write_all(&bytes).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

fn commands(verb: &NntpVerb, place: &netkit_nntp::Place, words: &[String]) -> Result<Vec<Command>> {
    let pattern = |word: Option<&String>| -> Result<Option<Wildmat>> {
        Ok(word.map(|word| Wildmat::new(word)).transpose().map_err(Error::from)?)
    };
    let scope = || session::scope(place, words);
    let of = |group: Group, range: Option<Range>, ask: &dyn Fn(Span) -> Command| {
        // Without a range, it is the server that says which numbers there are.
        let asked = range.map(|range| ask(Span::Range(range)));
        std::iter::once(Command::Group(group)).chain(asked).collect::<Vec<_>>()
    };
    let one = |make: fn(Which) -> Command| -> Result<Vec<Command>> {
        let (group, which) = session::article(place, words)?;
        Ok(group.map(Command::Group).into_iter().chain([make(which)]).collect())
    };
    Ok(match verb {
        NntpVerb::Date(_) => vec![Command::Date],
        NntpVerb::Probe(_) => Vec::new(),
        NntpVerb::Groups(args) => {
            let about =
                args.descriptions.then(|| pattern(words.first()).map(List::Newsgroups)).transpose()?;
            let lists = about.into_iter().chain([List::Active(pattern(words.first())?)]);
            lists.map(Command::List).collect()
        }
        NntpVerb::Group(_) => vec![Command::Group(scope()?.0)],
        NntpVerb::Over(_) => {
            let (group, range, _) = scope()?;
            of(group, range, &Command::Over)
        }
        NntpVerb::Fetch(_) => {
            let (group, range, _) = scope()?;
            vec![Command::Group(group.clone()), Command::ListGroup(Some((group, range)))]
        }
        NntpVerb::Hdr(_) => {
            let (group, range, rest) = scope()?;
            let field = rest.first().ok_or_else(|| Failure::new(Kind::Usage, "which field?"))?;
            let field = Header::new(field).map_err(Error::from)?;
            of(group, range, &|span| Command::Hdr(field.clone(), span))
        }
        NntpVerb::Article(_) => one(Command::Article)?,
        NntpVerb::Head(_) => one(Command::Head)?,
        NntpVerb::Body(_) => one(Command::Body)?,
        NntpVerb::Stat(_) => one(Command::Stat)?,
        NntpVerb::Post(_) => vec![Command::Post],
        NntpVerb::New(_) | NntpVerb::Nzb(_) => {
            let why = "what is sent depends on the time and on files; --verbose shows it as it goes";
            return Err(Failure::new(Kind::Unsupported, why));
        }
        NntpVerb::Raw(_) => lines(words)?.into_iter().map(Command::Raw).collect(),
    })
}
