//! `--offline`: what would be sent over the control connection, as far as it does not depend on what the server says.

use std::io::Write;
use std::path::Path;

use netkit_ftp::{Argument, Command, Error, Security, Target, Verb};

use super::{change, put, session};
use crate::aim;
use crate::args::{FtpVerb, FtpWays, Global};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn show(verb: &FtpVerb, global: &Global) -> Result<()> {
    let mut run = Run::new(verb.net(), global)?;
    let words: &[String] = match verb {
        FtpVerb::Get(args) => &args.words,
        FtpVerb::Put(args) => &args.words,
        FtpVerb::Mirror(args) => &args.words,
        FtpVerb::Cat(args)
        | FtpVerb::Rm(args)
        | FtpVerb::Rmdir(args)
        | FtpVerb::Mkdir(args)
        | FtpVerb::Mv(args)
        | FtpVerb::Stat(args)
        | FtpVerb::Raw(args) => &args.words,
        FtpVerb::Ls(_) | FtpVerb::Shell(_) | FtpVerb::Probe(_) | FtpVerb::Copy(_) => &[],
    };
    let (mut named, words) = run.target_and_words(words);
    match verb {
        FtpVerb::Ls(args) => named = args.target.as_deref(),
        FtpVerb::Shell(args) => named = args.target.as_deref(),
        FtpVerb::Probe(args) => named = args.target.as_deref(),
        FtpVerb::Copy(_) => {
            return Err(Failure::new(Kind::Unsupported, "what goes to which server depends on both"));
        }
        _ => {}
    }
    let target = session::aim(&mut run, named)?;
    let ways = verb.ways().cloned().unwrap_or_default();
    let mut rehearsal = Rehearsal { ways, out: Vec::new() };
    rehearsal.log_in(&run, &target)?;
    rehearsal.commands(verb, &target, words)?;
    rehearsal.bare(Verb::QUIT);
    let mut output = run.output()?;
    output.write_all(&rehearsal.out).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

/// What was said so far.
struct Rehearsal {
    ways: FtpWays,
    out: Vec<u8>,
}

impl Rehearsal {
    fn bare(&mut self, verb: Verb) {
        Command::bare(verb).encode(&mut self.out);
    }

    fn say(&mut self, verb: Verb, argument: &str) -> Result<()> {
        let argument = session::written(self.ways.charset, argument)?;
        let argument = Argument::new(argument).map_err(|why| Failure::from(Error::from(why)))?;
        Command::with(verb, argument).encode(&mut self.out);
        Ok(())
    }

    /// With TLS where it was asked for; where it is only wished for, it depends on the server.
    fn log_in(&mut self, run: &Run<'_>, target: &Target) -> Result<()> {
        if target.security == Security::Starttls {
            self.bare(Verb::FEAT);
            self.say(Verb::AUTH, "TLS")?;
        }
        if let Some(name) = self.ways.host.clone() {
            self.say(Verb::HOST, &name)?;
        }
        let given = run.net.login.user.as_deref().map(|text| text.split(':').next().unwrap_or_default());
        let user = given.or(target.user.as_ref().map(netkit_auth::UserName::as_str)).unwrap_or("anonymous");
        self.say(Verb::USER, user)?;
        self.say(Verb::PASS, "***")?;
        self.bare(Verb::FEAT);
        if matches!(target.security, Security::Starttls | Security::Implicit) {
            self.say(Verb::PBSZ, "0")?;
            self.say(Verb::PROT, "P")?;
        }
        self.say(Verb::TYPE, "I")?;
        if self.ways.ccc {
            self.bare(Verb::CCC);
        }
        if self.ways.compress { self.say(Verb::MODE, "Z") } else { Ok(()) }
    }

    /// A command that needs a data connection.
    fn transfer(&mut self, verb: Verb, path: &str) -> Result<()> {
        if self.ways.active {
            let why = "the port that PORT names is known when it is open";
            return Err(Failure::new(Kind::Unsupported, why));
        }
        self.bare(Verb::EPSV);
        if path.is_empty() {
            self.bare(verb);
            return Ok(());
        }
        self.say(verb, path)
    }

    fn commands(&mut self, verb: &FtpVerb, target: &Target, words: &[String]) -> Result<()> {
        let paths = session::paths(target, words);
        let each = |this: &mut Rehearsal, verb: Verb| paths.iter().try_for_each(|path| this.say(verb, path));
        match verb {
            FtpVerb::Ls(_) | FtpVerb::Mirror(_) => self.transfer(Verb::MLSD, &target.path),
            FtpVerb::Get(args) if args.net.output.output.as_deref() != Some(Path::new("-")) => {
                paths.iter().try_for_each(|path| {
                    self.say(Verb::SIZE, path)?;
                    self.say(Verb::MDTM, path)?;
                    self.transfer(Verb::RETR, path)
                })
            }
            FtpVerb::Get(_) | FtpVerb::Cat(_) => {
                paths.iter().try_for_each(|path| self.transfer(Verb::RETR, path))
            }
            FtpVerb::Put(args) => {
                let command = if args.append { Verb::APPE } else { Verb::STOR };
                let places = words.iter().filter_map(|file| put::place(target, args, file, words.len()));
                places.into_iter().try_for_each(|path| {
                    if args.resume {
                        self.say(Verb::SIZE, &path)?;
                    }
                    self.transfer(command, &path)
                })
            }
            FtpVerb::Rm(_) => each(self, Verb::DELE),
            FtpVerb::Rmdir(_) => each(self, Verb::RMD),
            FtpVerb::Mkdir(_) => each(self, Verb::MKD),
            FtpVerb::Stat(_) => each(self, Verb::MLST),
            FtpVerb::Mv(_) => {
                let (from, to) = change::ends(target, words)?;
                self.say(Verb::RNFR, &from)?;
                self.say(Verb::RNTO, &to)
            }
            FtpVerb::Raw(_) => aim::lines(words)?.iter().try_for_each(|line| {
                let none = || Failure::new(Kind::Unsupported, format!("{line}: no command of FTP's"));
                Command::parse(line.as_bytes()).ok_or_else(none)?.encode(&mut self.out);
                Ok(())
            }),
            FtpVerb::Shell(_) | FtpVerb::Probe(_) | FtpVerb::Copy(_) => Ok(()),
        }
    }
}
