//! `netkit ftp shell`: one session, and what comes to mind.

use std::path::Path;

use netkit_ftp::{Error, Session};

use super::session::{self, Opener, below};
use super::{list, names, transfer};
use crate::args::{FtpShell, Global};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::run::Run;
use crate::shell::{Lines, words};

const HELP: &str = "\
ls [PATH], cd PATH, pwd         look around there
lls [PATH], lcd PATH, lpwd      look around here
get PATH [NAME], put FILE [PATH], cat PATH
rm PATH, mv PATH PATH, mkdir PATH, rmdir PATH, stat PATH
raw LINE                        a command of FTP's own
help, quit";

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
    let mut shell = Shell { opener: &opener, output: run.output()?, session, folder };
    let mut lines = Lines::new()?;
    let mut failed: Option<(Kind, usize)> = None;
    while let Some(line) = lines.next(&shell.folder)? {
        let words = words(&line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.is_empty() {
            continue;
        }
        if matches!(words.as_slice(), ["quit" | "exit" | "bye"]) {
            break;
        }
        if let Err(why) = shell.obey(&line, &words) {
            why.report(false);
            if !shell.session.is_usable() {
                // The line may have been silent for too long: it is made anew, and the command can be said again.
                shell.again()?;
            }
            failed = Some(failed.map_or((why.kind, 1), |(first, count)| (first, count + 1)));
        }
        std::io::Write::flush(&mut shell.output).map_err(|e| Failure::write("stdout", &e))?;
    }
    let Shell { output, session, .. } = shell;
    opener.leave(session);
    output.finish()?;
    // A person has seen them; for a script, the first counts.
    match failed {
        Some((kind, count)) if !lines.is_typed() => {
            Err(Failure::new(kind, format!("{count} commands failed")))
        }
        _ => Ok(()),
    }
}

const HOW: transfer::How = transfer::How { resume: false, segments: 1 };

struct Shell<'s> {
    opener: &'s Opener<'s>,
    output: Output,
    session: Session,
    /// Where names are looked up there.
    folder: String,
}

impl Shell<'_> {
    /// Another connection, in the same folder.
    fn again(&mut self) -> Result<()> {
        self.session = self.opener.open()?;
        self.session.cwd(&self.folder).map(|_| ()).map_err(|e| self.opener.about_path(e, &self.folder))
    }

    fn obey(&mut self, line: &str, words: &[&str]) -> Result<()> {
        let opener = self.opener;
        let about = |e: Error, path: &str| opener.about_path(e, path);
        match *words {
            ["help" | "?"] => self.output.line(HELP),
            ["pwd"] => {
                let folder = self.folder.clone();
                self.output.line(&folder)
            }
            ["cd", path] => {
                self.session.cwd(path).map_err(|e| about(e, path))?;
                let here = self.session.pwd().map_err(|e| opener.about(e))?;
                self.folder = String::from_utf8_lossy(&here).into_owned();
                Ok(())
            }
            ["ls"] => list::entries(&mut self.session, opener, None, &mut self.output),
            ["ls", path] => list::entries(&mut self.session, opener, Some(path), &mut self.output),
            ["stat", path] => {
                let entry = self.session.look(path).map_err(|e| about(e, path))?;
                list::print(&mut self.output, &entry, false)
            }
            ["lpwd"] => {
                let here = std::env::current_dir().map_err(|e| Failure::read(".", &e))?;
                self.output.line(&here.display().to_string())
            }
            ["lcd", path] => std::env::set_current_dir(path).map_err(|e| Failure::read(path, &e)),
            ["lls"] => self.local("."),
            ["lls", path] => self.local(path),
            ["cat", path] => transfer::print(&mut self.session, opener, path, &mut self.output),
            ["get", path] => {
                let last = path.rsplit('/').next().unwrap_or(path);
                let name = names::local(last.as_bytes());
                let name = name
                    .ok_or_else(|| Failure::new(Kind::Usage, format!("{last}: no name for a file here")))?;
                self.get(path, name)
            }
            ["get", path, name] => self.get(path, name),
            ["put", file] => {
                let name = Path::new(file).file_name().and_then(std::ffi::OsStr::to_str).unwrap_or(file);
                self.put(file, name)
            }
            ["put", file, path] if path.ends_with('/') => {
                let name = Path::new(file).file_name().and_then(std::ffi::OsStr::to_str).unwrap_or(file);
                self.put(file, &below(path, name))
            }
            ["put", file, path] => self.put(file, path),
            ["rm" | "delete", path] => self.session.dele(path).map(|_| ()).map_err(|e| about(e, path)),
            ["mkdir", path] => self.session.mkd(path).map(|_| ()).map_err(|e| about(e, path)),
            ["rmdir", path] => self.session.rmd(path).map(|_| ()).map_err(|e| about(e, path)),
            ["mv", from, to] => self.session.rename(from, to).map(|_| ()).map_err(|e| about(e, from)),
            ["raw", ..] => {
                let line = line.trim_start().strip_prefix("raw").unwrap_or_default().trim();
                let reply = self.session.raw(line).map_err(|e| opener.about(e))?;
                self.output.line(&reply.to_string())
            }
            [verb, ..] => {
                Err(Failure::new(Kind::Usage, format!("{verb}: no such command, or not so many words"))
                    .hint("help"))
            }
            [] => Ok(()),
        }
    }

    fn get(&mut self, path: &str, name: &str) -> Result<()> {
        let bytes = transfer::fetch(&mut self.session, self.opener, path, Path::new(name), HOW)?;
        self.output.line(&format!("{name}: {bytes} bytes"))
    }

    fn put(&mut self, file: &str, path: &str) -> Result<()> {
        let about = |e: Error| self.opener.about_path(e, path);
        let mut source = std::fs::File::open(file).map_err(|e| Failure::read(file, &e))?;
        let mut upload = self.session.stor(path, 0).map_err(about)?;
        let bytes = super::put::pour(&mut source, &mut upload, file)?;
        upload.finish().map_err(about)?;
        self.output.line(&format!("{path}: {bytes} bytes"))
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
