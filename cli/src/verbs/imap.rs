//! `netkit imap`: mailboxes and what is in them.

mod append;
mod backup;
mod change;
mod folders;
mod get;
mod keys;
mod list;
mod offline;
mod search;
mod session;
mod shell;
mod watch;

use netkit_imap::response::Quota;
use netkit_imap::{Error, Unsupported};
use netkit_wire::escape;
use serde_json::json;

use crate::aim;
use crate::args::{Global, ImapAsk, ImapRaw, ImapVerb};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::Run;
use session::Opener;

pub use get::get_url;

pub fn run(verb: &ImapVerb, global: &Global) -> Result<()> {
    if verb.net().output.offline {
        return offline::show(verb, global);
    }
    match verb {
        ImapVerb::Folders(args) => folders::folders(args, global),
        ImapVerb::List(args) => list::list(args, global),
        ImapVerb::Search(args) => search::search(args, global),
        ImapVerb::Get(args) => get::get(args, global),
        ImapVerb::Append(args) => append::append(args, global),
        ImapVerb::Copy(args) => change::copy(args, global, false),
        ImapVerb::Move(args) => change::copy(args, global, true),
        ImapVerb::Flag(args) => change::flag(args, global),
        ImapVerb::Delete(args) => change::delete(args, global),
        ImapVerb::Create(args) => folders::create(args, global),
        ImapVerb::Rename(args) => folders::rename(args, global),
        ImapVerb::Remove(args) => folders::remove(args, global),
        ImapVerb::Watch(args) => watch::watch(args, global),
        ImapVerb::Backup(args) => backup::backup(args, global),
        ImapVerb::Quota(args) => quota(args, global),
        ImapVerb::Raw(args) => raw(args, global),
        ImapVerb::Shell(args) => shell::shell(args, global),
        ImapVerb::Probe(args) => probe(args, global),
    }
}

fn quota(args: &ImapAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    let mailbox = opener.mailbox(None)?;
    let quotas = session.quota_root(&mailbox).map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    for quota in &quotas {
        let root = quota.root.to_string();
        for (name, usage, limit) in &quota.resources {
            // STORAGE counts units of 1024 bytes (RFC 9208 section 5.1).
            let unit = if name == "STORAGE" { 1 << 10 } else { 1 };
            let (usage, limit) = (usage.saturating_mul(unit), limit.saturating_mul(unit));
            if run.json() {
                let line =
                    json!({ "root": root, "resource": name.to_lowercase(), "usage": usage, "limit": limit });
                output.line(&line.to_string())?;
            } else {
                let percent = Quota::percent(usage, limit);
                output.line(&format!("{root}\t{}\t{usage}\t{limit}\t{percent}%", name.to_lowercase()))?;
            }
        }
    }
    output.finish()?;
    opener.leave(session)
}

fn raw(args: &ImapRaw, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let lines = aim::lines(words)?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut session = opener.open()?;
    let mut output = run.output()?;
    let mut failure = None;
    for line in lines {
        let (answers, refusal) = match session.raw(&line) {
            Ok(answers) => (answers, None),
            Err(Error::Refused(status)) => {
                let mut answers = session.take_notices();
                answers.push(netkit_wire::Text::from(status.to_string().as_str()));
                (answers, Some(Error::Refused(status)))
            }
            Err(why) => {
                output.finish()?;
                return Err(opener.about(why));
            }
        };
        for answer in answers {
            let text = escape(answer.as_bytes());
            output.line(&if run.json() { json!({ "line": text }).to_string() } else { text.into_owned() })?;
        }
        if let Some(refusal) = refusal {
            failure.get_or_insert(opener.about(refusal));
        }
    }
    output.finish()?;
    opener.leave(session)?;
    failure.map_or(Ok(()), Err)
}

fn probe(args: &ImapAsk, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let target = session::aim(&mut run, args.target.as_deref())?;
    let opener = Opener::new(&run, target)?;
    let (client, report) = opener.dial()?;
    let mut facts = json!({
        "greeting": report.greeting.to_string(),
        "before_tls": report.before_tls,
        "capabilities": client.capabilities(),
        "mechanisms": client.mechanisms(),
        "preauth": client.is_preauth(),
    });
    match opener.login(client, &report)? {
        Ok(mut session) => {
            let after = session.capabilities().to_vec();
            let about: serde_json::Map<String, serde_json::Value> = match session.id(&[]) {
                Ok(fields) => fields
                    .into_iter()
                    .map(|(name, value)| (name, json!(value.map(|v| v.to_string()))))
                    .collect(),
                Err(why) if why.connection_is_usable() => serde_json::Map::new(),
                Err(why) => return Err(opener.about(why)),
            };
            if let Some(facts) = facts.as_object_mut() {
                facts.insert("capabilities_after_login".to_owned(), json!(after));
                facts.insert("server".to_owned(), json!(about));
            }
            opener.leave(session)?;
        }
        Err(client) => drop(client.logout()),
    }
    report::print(&run, "imap", &opener.target.endpoint.to_string(), &report.dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let login = error.is_login();
        let kind = match &error {
            Error::TlsRefused(_) | Error::Unsupported(Unsupported::Capability("STARTTLS")) => {
                Kind::TlsRequired
            }
            _ if login => Kind::Login,
            _ if error.is_not_found() => Kind::NotFound,
            Error::Refused(_) => Kind::Refused,
            Error::Unexpected(_) => Kind::Protocol,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(why) if why.argument == netkit_imap::Argument::Target => Kind::Target,
            Error::Invalid(_) => Kind::Usage,
            _ => Kind::Protocol,
        };
        let hint = match &error {
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
