//! `netkit pop3`: list, read, fetch and delete messages.

mod fetch;
mod list;
mod offline;
mod session;

use std::io::{Read, Write};

use netkit_pop3::{Answer, Error, Line, Maildrop, Number, ResponseCode, Unsupported};
use netkit_wire::Text;
use serde_json::json;

use crate::aim;
use crate::args::{Global, Pop3Ask, Pop3Delete, Pop3Get, Pop3Raw, Pop3Top, Pop3Verb};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::report;
use crate::run::Run;
use session::Opener;

pub fn run(verb: &Pop3Verb, global: &Global) -> Result<()> {
    if verb.net().output.offline {
        return offline::show(verb, global);
    }
    match verb {
        Pop3Verb::Stat(args) => stat(args, global),
        Pop3Verb::List(args) => list::list(args, global),
        Pop3Verb::Get(args) => get(args, global),
        Pop3Verb::Top(args) => top(args, global),
        Pop3Verb::Fetch(args) => fetch::fetch(args, global),
        Pop3Verb::Delete(args) => delete(args, global),
        Pop3Verb::Raw(args) => raw(args, global),
        Pop3Verb::Probe(args) => probe(args, global),
    }
}

fn stat(args: &Pop3Ask, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut maildrop = opener.open()?;
    let stat = maildrop.stat().map_err(|e| opener.about(e))?;
    session::leave(maildrop);
    let mut output = run.output()?;
    if run.json() {
        output.line(&json!({ "messages": stat.count, "octets": stat.octets }).to_string())?;
    } else {
        output.line(&format!("{}\t{}", stat.count, stat.octets))?;
    }
    output.finish()
}

/// The message that a word names: a number, or a name for good.
fn find(maildrop: &mut Maildrop, opener: &Opener<'_>, word: &str) -> Result<Number> {
    if let Ok(number) = word.parse() {
        return Ok(number);
    }
    let all = maildrop.uids().map_err(|e| opener.about(e))?;
    let mut found = all.iter().filter(|one| one.uid == word);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.number),
        (Some(_), Some(_)) => Err(Failure::new(Kind::Protocol, format!("two messages have the name {word}"))),
        _ => Err(Failure::new(Kind::NotFound, format!("there is no message {word}"))),
    }
}

/// A refusal to give a message is that there is none, unless the server says something else.
fn missing(opener: &Opener<'_>, error: Error) -> Failure {
    match &error {
        Error::Refused(answer) if answer.code().is_none() => Failure::new(Kind::NotFound, error),
        _ => opener.about(error),
    }
}

fn get(args: &Pop3Get, global: &Global) -> Result<()> {
    show(args.target.as_deref(), args.message.as_deref(), &args.net, global, None)
}

fn top(args: &Pop3Top, global: &Global) -> Result<()> {
    show(args.target.as_deref(), args.message.as_deref(), &args.net, global, Some(args.lines))
}

/// With `--mock`, one word is the message.
fn target_and_message<'w>(
    run: &Run<'_>,
    target: Option<&'w str>,
    message: Option<&'w str>,
) -> (Option<&'w str>, Option<&'w str>) {
    match (target, message) {
        (Some(word), None) if run.is_mock() && !word.contains("://") => (None, Some(word)),
        other => other,
    }
}

/// The message that a URL names.
pub fn get_url(url: &str, net: &crate::args::NetArgs, global: &Global) -> Result<()> {
    show(Some(url), None, net, global, None)
}

fn show(
    target: Option<&str>,
    message: Option<&str>,
    net: &crate::args::NetArgs,
    global: &Global,
    lines: Option<u32>,
) -> Result<()> {
    let mut run = Run::new(net, global)?;
    let (target, message) = target_and_message(&run, target, message);
    let target = session::aim(&mut run, target)?;
    let word = match (message, target.message) {
        (Some(word), _) => word.to_owned(),
        (None, Some(number)) => number.to_string(),
        (None, None) => return Err(Failure::new(Kind::Usage, "which message? a number, or a name for good")),
    };
    let opener = Opener::new(&run, target)?;
    let mut maildrop = opener.open()?;
    let number = find(&mut maildrop, &opener, &word)?;
    let asked = match lines {
        None => maildrop.retr(number),
        Some(lines) => maildrop.top(number, lines),
    };
    let mut message = asked.map_err(|e| missing(&opener, e))?;
    let mut output = run.output()?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = message.read(&mut buffer).map_err(|e| Failure::copy("the message", e))?;
        if n == 0 {
            break;
        }
        output.write_all(buffer.get(..n).unwrap_or_default()).map_err(|e| Failure::copy(place(&run), e))?;
    }
    session::leave(maildrop);
    output.finish()
}

/// Where the result goes, for a message about it.
fn place(run: &Run<'_>) -> String {
    run.net.output.output.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string())
}

fn delete(args: &Pop3Delete, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    if words.is_empty() {
        return Err(Failure::new(Kind::Usage, "which messages? numbers, ranges, or names for good"));
    }
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut maildrop = opener.open()?;
    let mut numbers = Vec::new();
    for word in words {
        let range =
            word.split_once('-').map(|(first, last)| (first.parse::<Number>(), last.parse::<Number>()));
        match range {
            Some((Ok(first), Ok(last))) => numbers.extend((first.get()..=last.get()).filter_map(Number::new)),
            _ => numbers.push(find(&mut maildrop, &opener, word)?),
        }
        if numbers.len() > 1_000_000 {
            return Err(Failure::new(Kind::Usage, "a range of over a million messages"));
        }
    }
    let refused = maildrop.delete(&numbers).map_err(|e| opener.about(e))?;
    maildrop.quit().map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    let is_refused = |number: &Number| refused.iter().find(|(known, _)| known == number);
    for number in &numbers {
        let outcome = is_refused(number);
        if run.json() {
            let line = json!({ "number": number.get(), "deleted": outcome.is_none(),
                "answer": outcome.map(|(_, answer)| answer.to_string()) });
            output.line(&line.to_string())?;
        } else if outcome.is_none() && !run.net.output.quiet {
            output.line(&format!("{number}\tdeleted"))?;
        }
    }
    output.finish()?;
    match refused.first() {
        None => Ok(()),
        Some((number, answer)) => {
            let why = format!(
                "{} of {} were not deleted; the first: {number}: {answer}",
                refused.len(),
                numbers.len()
            );
            Err(Failure::new(Kind::NotFound, why))
        }
    }
}

/// Command lines as they were given, or from stdin.
fn lines(words: &[String]) -> Result<Vec<Line>> {
    let given = |text: &String| Line::new(text).map_err(|e| Failure::from(Error::from(e)));
    aim::lines(words)?.iter().map(given).collect()
}

fn raw(args: &Pop3Raw, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let lines = lines(words)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut maildrop = opener.open()?;
    let mut output = run.output()?;
    let mut failure = None;
    for line in lines {
        let mut more = Vec::new();
        match maildrop.raw(line, |line| more.push(Text::from(line))) {
            Ok(answer) => say(&run, &mut output, &answer, more)?,
            Err(Error::Refused(answer)) => {
                say(&run, &mut output, &answer, more)?;
                failure.get_or_insert(opener.about(Error::Refused(answer)));
            }
            Err(why) => {
                output.finish()?;
                return Err(opener.about(why));
            }
        }
    }
    session::leave(maildrop);
    output.finish()?;
    failure.map_or(Ok(()), Err)
}

/// An answer, and the lines behind it as they came.
fn say(run: &Run<'_>, output: &mut Output, answer: &Answer, more: Vec<Text>) -> Result<()> {
    if run.json() {
        let code = answer.code().map(ResponseCode::as_str);
        let more: Vec<_> = more.iter().map(Text::to_str_lossy).collect();
        let line =
            json!({ "ok": answer.is_ok(), "code": code, "text": answer.text().to_string(), "lines": more });
        return output.line(&line.to_string());
    }
    output.line(&answer.to_string())?;
    for line in more {
        output.write_all(line.as_bytes()).map_err(|e| Failure::copy(place(run), e))?;
        output.line("")?;
    }
    Ok(())
}

fn probe(args: &Pop3Ask, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let (client, report) = opener.dial()?;
    let list = |offers: &netkit_pop3::Capabilities| -> Vec<String> {
        offers.iter().map(ToString::to_string).collect()
    };
    let before_login = list(client.capabilities());
    let mechanisms: Vec<String> =
        client.capabilities().mechanisms().iter().map(ToString::to_string).collect();
    let stamp = report.greeting.text().as_bytes();
    let has_stamp = stamp.split(|b| *b == b' ').any(netkit_pop3::is_timestamp);
    let mut facts = json!({
        "greeting": report.greeting.to_string(),
        "before_tls": report.before_tls.as_ref().map(list),
        "capabilities": before_login,
        "mechanisms": mechanisms,
        "apop": has_stamp,
    });
    match opener.login(client, &report)? {
        Ok(mut maildrop) => {
            let after = list(maildrop.capa().map_err(|e| opener.about(e))?);
            let stat = maildrop.stat().map_err(|e| opener.about(e))?;
            if let Some(facts) = facts.as_object_mut() {
                facts.insert("capabilities_after_login".to_owned(), json!(after));
                facts.insert("messages".to_owned(), json!(stat.count));
                facts.insert("octets".to_owned(), json!(stat.octets));
            }
            session::leave(maildrop);
        }
        Err(client) => drop(client.quit()),
    }
    report::print(&run, "pop3", &opener.target.endpoint.to_string(), &report.dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let login = error.is_login();
        let kind = match &error {
            Error::TlsRefused(_) | Error::Unsupported(Unsupported::Capability("STLS")) => Kind::TlsRequired,
            _ if login => Kind::Login,
            Error::Refused(_) => Kind::Refused,
            Error::Unexpected(_) => Kind::Protocol,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(why) if why.argument == netkit_pop3::Argument::Target => Kind::Target,
            Error::Invalid(_) => Kind::Usage,
            _ => Kind::Protocol,
        };
        let hint = match &error {
            Error::Refused(answer) if answer.code() == Some(ResponseCode::InUse) => {
                Some("another session has the maildrop; try again later")
            }
            Error::Refused(answer) if answer.code() == Some(ResponseCode::LoginDelay) => {
                Some("the server wants more time between two logins")
            }
            Error::Unsupported(Unsupported::ClearPassword) => Some("--starttls or --tls; or --insecure-auth"),
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
