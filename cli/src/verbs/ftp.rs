//! `netkit ftp`: files that lie on a server.

mod change;
mod copy;
mod crew;
mod fetch;
mod list;
mod mirror;
mod names;
mod offline;
mod put;
mod segments;
mod session;
mod shell;
mod transfer;
mod when;

use serde_json::json;

use crate::aim;
use crate::args::{FtpAsk, FtpPaths, FtpVerb, FtpWays, Global};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::Run;
use session::Opener;

pub use transfer::cat_url;

pub fn run(verb: &FtpVerb, global: &Global) -> Result<()> {
    if verb.net().output.offline {
        return offline::show(verb, global);
    }
    match verb {
        FtpVerb::Ls(args) => list::list(args, global),
        FtpVerb::Get(args) => transfer::get(args, global),
        FtpVerb::Put(args) => put::put(args, global),
        FtpVerb::Cat(args) => transfer::cat(args, global),
        FtpVerb::Mirror(args) => mirror::mirror(args, global),
        FtpVerb::Rm(args) => change::each(args, global, change::What::Rm),
        FtpVerb::Rmdir(args) => change::each(args, global, change::What::Rmdir),
        FtpVerb::Mkdir(args) => change::each(args, global, change::What::Mkdir),
        FtpVerb::Mv(args) => change::mv(args, global),
        FtpVerb::Stat(args) => list::stat(args, global),
        FtpVerb::Raw(args) => raw(args, global),
        FtpVerb::Shell(args) => shell::shell(args, global),
        FtpVerb::Copy(args) => copy::copy(args, global),
        FtpVerb::Probe(args) => probe(args, global),
    }
}

fn raw(args: &FtpPaths, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let lines = aim::lines(words)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target, &args.ways)?;
    let mut session = opener.open()?;
    let mut output = run.output()?;
    let mut failure = None;
    for line in lines {
        let reply = session.raw(&line).map_err(|e| opener.about(e))?;
        if run.json() {
            let lines: Vec<String> =
                reply.lines().iter().map(|line| line.to_str_lossy().into_owned()).collect();
            output.line(&json!({ "code": reply.code().get(), "lines": lines }).to_string())?;
        } else {
            for line in reply.lines() {
                output.line(&format!("{} {line}", reply.code()))?;
            }
        }
        if reply.code().is(4) || reply.code().is(5) {
            failure.get_or_insert(opener.about(netkit_ftp::Error::Refused(reply)));
        }
    }
    opener.leave(session);
    output.finish()?;
    failure.map_or(Ok(()), |mut failure: Failure| {
        // Whatever was asked, the server refused it.
        failure.kind = Kind::Refused;
        Err(failure)
    })
}

fn probe(args: &FtpAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target, &FtpWays::default())?;
    let (mut client, report) = opener.dial()?;
    let features = client.features().map_err(|e| opener.about(e))?.to_vec();
    let mut facts = json!({
        "greeting": report.greeting.to_string(),
        "before_tls": report.before_tls,
        "features": features,
        "offers_tls": client.offers_tls() || report.before_tls.is_some(),
    });
    let mut session = opener.login(client, &report)?;
    let system = match session.syst() {
        Ok(reply) => Some(reply.to_string()),
        Err(why) if why.connection_is_usable() => None,
        Err(why) => return Err(opener.about(why)),
    };
    let folder = session.pwd().map_err(|e| opener.about(e))?;
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("login".to_owned(), json!(session.welcome().to_string()));
        facts.insert("features_after_login".to_owned(), json!(session.features()));
        facts.insert("system".to_owned(), json!(system));
        facts.insert("folder".to_owned(), json!(String::from_utf8_lossy(&folder)));
        facts.insert("data_protected".to_owned(), json!(session.is_protected()));
    }
    opener.leave(session);
    report::print(&run, "ftp", &opener.target.endpoint.to_string(), &report.dial, &facts)
}
