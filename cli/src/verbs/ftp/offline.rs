//! `--offline`: what would be sent over the control connection, as far as it does not depend on what the server says.

use std::io::Write;

use netkit_ftp::{Argument, Command, Error, Invalid, Security, Target, Verb};

use super::{put, session};
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
    let mut out = Vec::new();
    log_in(&run, &target, &mut out).and_then(|()| commands(verb, &target, words, &mut out)).map_err(
        |why| match why {
            Told::Invalid(why) => Failure::from(Error::from(why)),
            Told::Failure(why) => why,
        },
    )?;
    let mut output = run.output()?;
    output.write_all(&out).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

/// Why nothing can be shown.
enum Told {
    Invalid(Invalid),
    Failure(Failure),
}

impl From<Invalid> for Told {
    fn from(why: Invalid) -> Told {
        Told::Invalid(why)
    }
}

impl From<Failure> for Told {
    fn from(why: Failure) -> Told {
        Told::Failure(why)
    }
}

type Said = std::result::Result<(), Told>;

fn say(verb: Verb, argument: &str, out: &mut Vec<u8>) -> Said {
    Command::with(verb, Argument::new(argument)?).encode(out);
    Ok(())
}

fn bare(verb: Verb, out: &mut Vec<u8>) {
    Command::bare(verb).encode(out);
}

/// With TLS where it was asked for; where it is only wished for, it depends on the server.
fn log_in(run: &Run<'_>, target: &Target, out: &mut Vec<u8>) -> Said {
    if target.security == Security::Starttls {
        bare(Verb::FEAT, out);
        say(Verb::AUTH, "TLS", out)?;
    }
    let given = run.net.login.user.as_deref().map(|text| text.split(':').next().unwrap_or_default());
    let user = given.or(target.user.as_ref().map(netkit_auth::UserName::as_str)).unwrap_or("anonymous");
    say(Verb::USER, user, out)?;
    say(Verb::PASS, "***", out)?;
    bare(Verb::FEAT, out);
    if matches!(target.security, Security::Starttls | Security::Implicit) {
        say(Verb::PBSZ, "0", out)?;
        say(Verb::PROT, "P", out)?;
    }
    say(Verb::TYPE, "I", out)
}

/// Before a transfer.
fn way(ways: &FtpWays, out: &mut Vec<u8>) -> Said {
    if ways.active {
        let why = Failure::new(Kind::Unsupported, "the port that PORT names is known when it is open");
        return Err(why.into());
    }
    bare(Verb::EPSV, out);
    Ok(())
}

fn mode(ways: &FtpWays, out: &mut Vec<u8>) -> Said {
    if ways.compress { say(Verb::MODE, "Z", out) } else { Ok(()) }
}

fn commands(verb: &FtpVerb, target: &Target, words: &[String], out: &mut Vec<u8>) -> Said {
    let paths = session::paths(target, words);
    let each = |verb: Verb, out: &mut Vec<u8>| paths.iter().try_for_each(|path| say(verb, path, out));
    match verb {
        FtpVerb::Ls(args) => {
            mode(&args.ways, out)?;
            way(&args.ways, out)?;
            list(target, out)?;
        }
        FtpVerb::Mirror(args) => {
            mode(&args.ways, out)?;
            way(&args.ways, out)?;
            list(target, out)?;
        }
        FtpVerb::Get(args) => {
            mode(&args.ways, out)?;
            for path in &paths {
                say(Verb::SIZE, path, out)?;
                say(Verb::MDTM, path, out)?;
                way(&args.ways, out)?;
                say(Verb::RETR, path, out)?;
            }
        }
        FtpVerb::Cat(args) => {
            mode(&args.ways, out)?;
            for path in &paths {
                way(&args.ways, out)?;
                say(Verb::RETR, path, out)?;
            }
        }
        FtpVerb::Put(args) => {
            mode(&args.ways, out)?;
            for file in words {
                if let Some(path) = put::place(target, args, file, words.len()) {
                    way(&args.ways, out)?;
                    say(if args.append { Verb::APPE } else { Verb::STOR }, &path, out)?;
                }
            }
        }
        FtpVerb::Rm(_) => each(Verb::DELE, out)?,
        FtpVerb::Rmdir(_) => each(Verb::RMD, out)?,
        FtpVerb::Mkdir(_) => each(Verb::MKD, out)?,
        FtpVerb::Stat(_) => each(Verb::MLST, out)?,
        FtpVerb::Mv(_) => {
            let [from, to] = paths.as_slice() else {
                return Err(Failure::new(Kind::Usage, "the path there is, and the new one").into());
            };
            say(Verb::RNFR, from, out)?;
            say(Verb::RNTO, to, out)?;
        }
        FtpVerb::Raw(_) => {
            for line in aim::lines(words)? {
                let none = || Failure::new(Kind::Unsupported, format!("{line}: no command of FTP's"));
                Command::parse(line.as_bytes()).ok_or_else(none)?.encode(out);
            }
        }
        _ => {}
    }
    bare(Verb::QUIT, out);
    Ok(())
}

fn list(target: &Target, out: &mut Vec<u8>) -> Said {
    match target.path.as_str() {
        "" => bare(Verb::MLSD, out),
        path => say(Verb::MLSD, path, out)?,
    }
    Ok(())
}
