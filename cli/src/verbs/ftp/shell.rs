//! `netkit ftp shell`: one session, and what comes to mind; transfers may go on behind it, over sessions of their own.

mod complete;
mod jobs;
mod moving;

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netkit_ftp::{Error, Session};

use super::session::{self, Opener};
use super::{list, transfer};
use crate::args::{FtpShell, Global};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;
use crate::shell::{Lines, words};
use complete::Completer;
use jobs::Jobs;
use moving::Moving;

const HELP: &str = "\
ls [PATH], cd PATH, pwd         look around there
lls [PATH], lcd PATH, lpwd      look around here
get PATH [NAME], put FILE [PATH], cat PATH
get ... &, put ... &            the same, and go on meanwhile
jobs, wait [N]                  what goes on, and until it is done
rm PATH, mv PATH PATH, mkdir PATH, rmdir PATH, stat PATH
raw LINE                        a command of FTP's own
help, quit";

/// How often NOOP is said while nobody types, unless told otherwise: most servers hang up after some minutes.
const IDLE: Duration = Duration::from_secs(60);

/// The session at the prompt: commands, completion and NOOP take turns.
pub struct Line {
    pub session: Session,
    /// Where names are looked up there.
    pub folder: String,
}

pub fn turn(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn shell(args: &FtpShell, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    if !opener.target.path.is_empty() {
        let path = opener.target.path.as_str();
        session.cwd(path).map_err(|e| opener.about_path(e, path))?;
    }
    let here = session.pwd().map_err(|e| opener.about(e))?;
    let folder = String::from_utf8_lossy(&here).into_owned();
    let line = Arc::new(Mutex::new(Line { session, folder }));
    let every = args.ways.keep_alive.unwrap_or(IDLE);
    let output = run.output()?;
    let ended = std::thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        scope.spawn({
            let line = Arc::clone(&line);
            move || {
                while stopped.recv_timeout(every) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    // While a command runs, it is not idle. What the server says to this changes nothing.
                    if let Ok(mut line) = line.try_lock() {
                        let _ = line.session.noop();
                    }
                }
            }
        });
        let mut shell = Shell { opener: &opener, output, line: Arc::clone(&line), jobs: Jobs::new(scope) };
        let ended = shell.obey_all();
        drop(stop);
        let Shell { output, .. } = shell;
        ended.and_then(|ended| output.finish().map(|()| ended))
    });
    if let Some(line) = Arc::into_inner(line) {
        opener.leave(line.into_inner().unwrap_or_else(PoisonError::into_inner).session);
    }
    // A person has seen them; for a script, the first counts.
    match ended? {
        Some((kind, count)) => Err(Failure::new(kind, format!("{count} commands failed"))),
        None => Ok(()),
    }
}

struct Shell<'scope, 'env> {
    opener: &'env Opener<'env>,
    output: Output,
    line: Arc<Mutex<Line>>,
    jobs: Jobs<'scope, 'env>,
}

impl<'env> Shell<'_, 'env> {
    /// Until the last line: what failed first in a script, and how many did.
    fn obey_all(&mut self) -> Result<Option<(Kind, usize)>> {
        let mut lines = Lines::new("ftp", Completer::new(Arc::clone(&self.line)))?;
        let mut failed: Option<(Kind, usize)> = None;
        let mut fail = |why: &Failure| {
            why.report(false);
            failed = Some(failed.map_or((why.kind, 1), |(first, count)| (first, count + 1)));
        };
        loop {
            for ended in self.jobs.ended() {
                ended.and_then(|said| self.output.line(&said)).unwrap_or_else(|why| fail(&why));
            }
            self.output.flush().map_err(|e| Failure::write("stdout", &e))?;
            let place = turn(&self.line).folder.clone();
            let Some(line) = lines.next(&place)? else { break };
            let words = words(&line);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.is_empty() {
                continue;
            }
            if matches!(words.as_slice(), ["quit" | "exit" | "bye"]) {
                break;
            }
            if let Err(why) = self.obey(&line, &words) {
                fail(&why);
                if !turn(&self.line).session.is_usable() {
                    // The line may have been silent for too long: it is made anew, and the command can be said again.
                    self.again()?;
                }
            }
        }
        // What goes on is not cut off.
        for ended in self.jobs.wait(None)? {
            ended.and_then(|said| self.output.line(&said)).unwrap_or_else(|why| fail(&why));
        }
        Ok(failed.filter(|_| !lines.is_typed()))
    }

    /// Another connection, in the same folder.
    fn again(&mut self) -> Result<()> {
        let mut line = turn(&self.line);
        line.session = self.opener.open()?;
        let folder = line.folder.clone();
        line.session.cwd(&folder).map(|_| ()).map_err(|e| self.opener.about_path(e, &folder))
    }

    fn obey(&mut self, text: &str, words: &[&str]) -> Result<()> {
        let opener = self.opener;
        let about = |e: Error, path: &str| opener.about_path(e, path);
        if let Some(moving) = Moving::parse(words) {
            return self.begin(moving?);
        }
        let shared = Arc::clone(&self.line);
        let mut line = turn(&shared);
        match *words {
            ["help" | "?"] => self.output.line(HELP),
            ["pwd"] => self.output.line(&line.folder),
            ["cd", path] => {
                line.session.cwd(path).map_err(|e| about(e, path))?;
                let here = line.session.pwd().map_err(|e| opener.about(e))?;
                line.folder = String::from_utf8_lossy(&here).into_owned();
                Ok(())
            }
            ["ls"] => opener
                .insist(&mut line.session, |session| list::entries(session, opener, None, &mut self.output)),
            ["ls", path] => opener.insist(&mut line.session, |session| {
                list::entries(session, opener, Some(path), &mut self.output)
            }),
            ["stat", path] => {
                let entry = line.session.look(path).map_err(|e| about(e, path))?;
                list::print(&mut self.output, &entry, false)
            }
            ["lpwd"] => {
                let here = std::env::current_dir().map_err(|e| Failure::read(".", &e))?;
                self.output.line(&here.display().to_string())
            }
            ["lcd", path] => std::env::set_current_dir(path).map_err(|e| Failure::read(path, &e)),
            ["lls"] => self.local("."),
            ["lls", path] => self.local(path),
            ["cat", path] => opener.insist(&mut line.session, |session| {
                transfer::print(session, opener, path, &mut self.output)
            }),
            ["jobs"] => self.jobs.list().iter().try_for_each(|job| self.output.line(job)),
            ["wait", ref number @ ..] => {
                drop(line);
                let number = number.first().map(|text| text.trim_start_matches('%').parse()).transpose();
                let number = number.map_err(|_| Failure::new(Kind::Usage, "wait: the number of a job"))?;
                let mut failure = None;
                for ended in self.jobs.wait(number)? {
                    match ended {
                        Ok(said) => self.output.line(&said)?,
                        Err(why) => drop(failure.get_or_insert(why)),
                    }
                }
                failure.map_or(Ok(()), Err)
            }
            ["rm" | "delete", path] => line.session.dele(path).map(|_| ()).map_err(|e| about(e, path)),
            ["mkdir", path] => line.session.mkd(path).map(|_| ()).map_err(|e| about(e, path)),
            ["rmdir", path] => line.session.rmd(path).map(|_| ()).map_err(|e| about(e, path)),
            ["mv", from, to] => line.session.rename(from, to).map(|_| ()).map_err(|e| about(e, from)),
            ["raw", ..] => {
                let raw = text.trim_start().strip_prefix("raw").unwrap_or_default().trim();
                let reply = line.session.raw(raw).map_err(|e| opener.about(e))?;
                self.output.line(&reply.to_string())
            }
            [verb, ..] => {
                Err(Failure::new(Kind::Usage, format!("{verb}: no such command, or not so many words"))
                    .hint("help"))
            }
            [] => Ok(()),
        }
    }

    /// A transfer, here or behind the prompt.
    fn begin(&mut self, moving: Moving) -> Result<()> {
        let mut line = turn(&self.line);
        if !moving.is_behind {
            let said = self.opener.insist(&mut line.session, |session| moving.run(self.opener, session))?;
            return self.output.line(&said);
        }
        let folder = line.folder.clone();
        drop(line);
        let started = self.jobs.start(self.opener, moving, folder);
        self.output.line(&started)
    }

    fn local(&mut self, path: &str) -> Result<()> {
        let failed = |e: std::io::Error| Failure::read(path, &e);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        names.iter().try_for_each(|name| self.output.line(name))
    }
}
