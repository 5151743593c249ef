//! `netkit ftp rm`, `rmdir`, `mkdir` and `mv`

use netkit_ftp::Target;

use super::session::{self, Opener};
use crate::args::{FtpPaths, Global};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// What is done to each path.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Rm,
    Rmdir,
    Mkdir,
}

pub fn each(args: &FtpPaths, global: &Global, what: What) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let paths = session::paths(&target, words);
    if paths.iter().any(String::is_empty) {
        return Err(Failure::new(Kind::Usage, "which path?"));
    }
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    let mut failures = Vec::new();
    for path in paths {
        let done = match what {
            What::Rm => session.dele(&path),
            What::Rmdir => session.rmd(&path),
            What::Mkdir => session.mkd(&path),
        };
        if let Err(why) = done {
            let usable = why.connection_is_usable();
            failures.push(opener.about_path(why, &path));
            if !usable {
                break;
            }
        }
    }
    opener.leave(session);
    first(&run, failures)
}

/// The first failure counts; the others are named.
pub fn first(run: &Run<'_>, failures: Vec<Failure>) -> Result<()> {
    let mut failures = failures.into_iter();
    let first = failures.next();
    failures.for_each(|failure| run.warn(&failure.message));
    first.map_or(Ok(()), Err)
}

/// The path there is, and the new one: both as words, or the first in the target.
pub fn ends(target: &Target, words: &[String]) -> Result<(String, String)> {
    match words {
        [from, to] => Ok((session::below(&target.path, from), session::below(&target.path, to))),
        [to] if !target.path.is_empty() => Ok((target.path.clone(), to.clone())),
        _ => Err(Failure::new(Kind::Usage, "the path there is, and the new one")),
    }
}

pub fn mv(args: &FtpPaths, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let (from, to) = ends(&target, words)?;
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    session.rename(&from, &to).map_err(|e| opener.about_path(e, &from))?;
    opener.leave(session);
    Ok(())
}
