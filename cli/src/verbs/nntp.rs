//! `netkit nntp`: groups, articles, posts and files.

mod cache;
mod fetch;
mod groups;
mod nzb;
mod offline;
mod over;
mod post;
mod session;

use std::io::{Read, Write};

use netkit_nntp::{Argument, Capabilities, Client, Error, Line, Unsupported, Which};
use netkit_wire::{Reply, Text};
use serde_json::json;

use crate::aim;
use crate::args::{Global, NetArgs, NntpArticle, NntpAsk, NntpRaw, NntpVerb};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::report;
use crate::run::Run;
use session::Opener;

pub fn run(verb: &NntpVerb, global: &Global) -> Result<()> {
    if verb.net().output.offline {
        return offline::show(verb, global);
    }
    match verb {
        NntpVerb::Groups(args) => groups::groups(args, global),
        NntpVerb::Group(args) => groups::group(args, global),
        NntpVerb::Over(args) => over::over(args, global),
        NntpVerb::Article(args) => show(&args.words, &args.net, global, Part::Article),
        NntpVerb::Head(args) => show(&args.words, &args.net, global, Part::Head),
        NntpVerb::Body(args) => show(&args.words, &args.net, global, Part::Body),
        NntpVerb::Stat(args) => stat(args, global),
        NntpVerb::Post(args) => post::post(args, global),
        NntpVerb::New(args) => groups::new(args, global),
        NntpVerb::Hdr(args) => over::hdr(args, global),
        NntpVerb::Date(args) => date(args, global),
        NntpVerb::Fetch(args) => fetch::fetch(args, global),
        NntpVerb::Nzb(args) => nzb::nzb(args, global),
        NntpVerb::Raw(args) => raw(args, global),
        NntpVerb::Probe(args) => probe(args, global),
    }
}

#[derive(Clone, Copy)]
enum Part {
    Article,
    Head,
    Body,
}

/// The article that a URL names.
pub fn get_url(url: &str, net: &NetArgs, global: &Global) -> Result<()> {
    show(&[url.to_owned()], net, global, Part::Article)
}

/// A session in which the article's group is the current one.
fn open_at(opener: &Opener<'_>, words: &[String]) -> Result<(Client, Which)> {
    let (group, which) = session::article(&opener.target.place, words)?;
    let mut client = opener.open()?;
    if let Some(group) = group {
        client.group(&group).map_err(|e| opener.about(e))?;
    }
    Ok((client, which))
}

fn show(words: &[String], net: &NetArgs, global: &Global, part: Part) -> Result<()> {
    let mut run = Run::new(net, global)?;
    let (target, words) = run.target_and_words(words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (mut client, which) = open_at(&opener, words)?;
    let asked = match part {
        Part::Article => client.article(&which),
        Part::Head => client.head(&which),
        Part::Body => client.body(&which),
    };
    let mut article = asked.map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = article.read(&mut buffer).map_err(|e| Failure::copy("the article", e))?;
        if n == 0 {
            break;
        }
        let name = output.name();
        output.write_all(buffer.get(..n).unwrap_or_default()).map_err(|e| Failure::copy(name, e))?;
    }
    session::leave(client);
    output.finish()
}

fn stat(args: &NntpArticle, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (mut client, which) = open_at(&opener, words)?;
    let found = client.stat(&which).map_err(|e| opener.about(e))?;
    session::leave(client);
    let mut output = run.output()?;
    if run.json() {
        let line = json!({ "number": found.number, "message_id": found.id.to_str_lossy() });
        output.line(&line.to_string())?;
    } else {
        output.line(&format!("{}\t{}", found.number, found.id))?;
    }
    output.finish()
}

fn date(args: &NntpAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut client = opener.open()?;
    let at = client.date().map_err(|e| opener.about(e))?;
    session::leave(client);
    let text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    );
    let mut output = run.output()?;
    let line = if run.json() { json!({ "date": text }).to_string() } else { text };
    output.line(&line)?;
    output.finish()
}

/// Command lines as they were given, or from stdin.
fn lines(words: &[String]) -> Result<Vec<Line>> {
    let given = |text: &String| Line::new(text).map_err(|e| Failure::from(Error::from(e)));
    aim::lines(words)?.iter().map(given).collect()
}

fn raw(args: &NntpRaw, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let lines = lines(words)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut client = opener.open()?;
    let mut output = run.output()?;
    let mut failure = None;
    for line in lines {
        let mut more = Vec::new();
        let mut size = 0;
        let reply = client.raw(line, |line| {
            size += line.len() + 24;
            // What a person reads is not that long.
            if size <= RAW {
                more.push(Text::from(line));
            }
        });
        let reply = match reply {
            Ok(reply) => reply,
            Err(why) => {
                output.finish()?;
                return Err(opener.about(why));
            }
        };
        say(&run, &mut output, &reply, &more)?;
        if size > RAW {
            failure.get_or_insert(Failure::new(Kind::Limit, "an answer of over 64 MiB was cut"));
        }
        if reply.code().is(4) || reply.code().is(5) {
            failure.get_or_insert(opener.about(Error::Refused(reply)));
        }
    }
    session::leave(client);
    output.finish()?;
    failure.map_or(Ok(()), Err)
}

/// The most bytes of one answer that `raw` shows.
const RAW: usize = 64 << 20;

/// A reply, and the lines behind it as they came.
fn say(run: &Run<'_>, output: &mut Output, reply: &Reply, more: &[Text]) -> Result<()> {
    if run.json() {
        let more: Vec<_> = more.iter().map(Text::to_str_lossy).collect();
        let text = Text::from(reply.first()).to_string();
        return output.line(&json!({ "code": reply.code().get(), "text": text, "lines": more }).to_string());
    }
    output.line(&reply.to_string())?;
    for line in more {
        let name = output.name();
        output.write_all(line.as_bytes()).map_err(|e| Failure::copy(name, e))?;
        output.line("")?;
    }
    Ok(())
}

fn probe(args: &NntpAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let (mut client, report) = opener.dial()?;
    let list = |offers: &Capabilities| -> Vec<String> { offers.iter().map(ToString::to_string).collect() };
    let mut facts = json!({
        "greeting": report.greeting.to_string(),
        "posting": client.may_post().map_err(|e| opener.about(e))?,
        "before_tls": report.before_tls.as_ref().map(list),
        "capabilities": list(client.offers()),
        "mechanisms": client.offers().mechanisms(),
    });
    if opener.login(&mut client, &report)?
        && let Some(facts) = facts.as_object_mut()
    {
        facts.insert("capabilities_after_login".to_owned(), json!(list(client.offers())));
    }
    session::leave(client);
    report::print(&run, "nntp", &opener.target.endpoint.to_string(), &report.dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let kind = match &error {
            Error::TlsRefused(_) | Error::Unsupported(Unsupported::Capability("STARTTLS")) => {
                Kind::TlsRequired
            }
            _ if error.is_login() => Kind::Login,
            _ if error.is_missing() => Kind::NotFound,
            Error::Refused(_) => Kind::Refused,
            Error::Unexpected(_) => Kind::Protocol,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(why) if why.argument == Argument::Target => Kind::Target,
            Error::Invalid(_) => Kind::Usage,
            _ => Kind::Protocol,
        };
        let hint = match &error {
            Error::Unsupported(Unsupported::ClearPassword) => Some("--starttls or --tls; or --insecure-auth"),
            Error::Refused(_) if error.is_login() => {
                Some("-u NAME, --netrc, or an account of the configuration")
            }
            _ => None,
        };
        let failure = match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => fault.into(),
            error => Failure::new(kind, error),
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
