//! `netkit gopher`: menus, documents, searches.

use netkit_gopher::{Client, Ending, Entry, Error, Invalid, Item, ItemType, Menu, Query, Target, connect};
use netkit_socket::DialReport;
use netkit_wire::{Limits, Text};
use serde_json::{Value, json};

use crate::args::{Global, GopherGet, GopherMenu, GopherProbe, GopherSearch, GopherVerb};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::{Protocol, Run};

pub fn run(verb: &GopherVerb, global: &Global) -> Result<()> {
    match verb {
        GopherVerb::Menu(args) => {
            let GopherMenu { target, no_end_mark, net } = &**args;
            let mut run = Run::new(net, global)?;
            let target = aim(&mut run, target.as_deref())?;
            if target.query.is_none() && !target.kind.is_menu() {
                let what = format!("type {} ({}) is not a menu", target.kind, target.kind.name());
                return Err(Failure::new(Kind::Usage, what).hint("netkit gopher get fetches documents"));
            }
            list(&run, &target, *no_end_mark)
        }
        GopherVerb::Search(args) => {
            let GopherSearch { target, words, no_end_mark, net } = &**args;
            let mut run = Run::new(net, global)?;
            let mut target = aim(&mut run, Some(target))?;
            let query = Query::new(words.join(" ").as_bytes()).map_err(Error::from)?;
            target.query = Some(query);
            list(&run, &target, *no_end_mark)
        }
        GopherVerb::Get(args) => {
            let GopherGet { target, net } = &**args;
            let mut run = Run::new(net, global)?;
            let target = aim(&mut run, Some(target))?;
            get(&run, &target)
        }
        GopherVerb::Probe(args) => {
            let GopherProbe { target, net } = &**args;
            let mut run = Run::new(net, global)?;
            let target = aim(&mut run, target.as_deref())?;
            probe(&run, &target).map_err(|failure| failure.with(&target.endpoint))
        }
    }
}

/// A menu, or what a search found.
fn list(run: &Run<'_>, target: &Target, no_end_mark: bool) -> Result<()> {
    let listed = || {
        let Some(client) = open(run, target)? else { return Ok(()) };
        let menu = match &target.query {
            Some(query) => client.search(&target.selector, query)?,
            None => client.menu(&target.selector)?,
        };
        show(run, menu.end_is_optional(no_end_mark))
    };
    listed().map_err(|failure: Failure| failure.with(&target.endpoint))
}

/// Fetches a document to the output.
pub fn get(run: &Run<'_>, target: &Target) -> Result<()> {
    if !target.kind.is_fetched() {
        return Err(Error::Unsupported(target.kind).into());
    }
    fetch(run, target).map_err(|failure| failure.with(&target.endpoint))
}

fn fetch(run: &Run<'_>, target: &Target) -> Result<()> {
    let Some(client) = open(run, target)? else { return Ok(()) };
    let mut document = client.get(target.kind, &target.selector, target.query.as_ref())?;
    let mut output = run.output()?;
    let (name, file) = (output.name(), output.file());
    document.copy_to(&mut output, file.as_ref()).map_err(|e| Failure::copy(name, e))?;
    output.finish()
}

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let parse = |text: &str| text.parse::<Target>().map_err(|e| Failure::from(Error::from(e)));
    let mut target = match text {
        Some(text) if run.is_mock() && text.starts_with('/') => parse(&format!("localhost{text}"))?,
        Some(text) => parse(text)?,
        None if run.is_mock() => parse("localhost")?,
        None => return Err(Failure::new(Kind::Usage, "no TARGET: which host?")),
    };
    let tls = &run.net.tls;
    if tls.starttls {
        let what = "Gopher has no STARTTLS";
        return Err(Failure::new(Kind::Unsupported, what).hint("--tls speaks TLS from the first byte"));
    }
    if tls.plain && target.tls {
        return Err(Failure::new(Kind::Usage, "--plain with a gophers URL"));
    }
    target.tls |= tls.tls;
    target.endpoint = match run.mock(Protocol::Gopher, target.tls)? {
        Some(endpoint) => endpoint,
        None => run.with_port(target.endpoint)?,
    };
    Ok(target)
}

/// A connection with a listener; none when the request was only to be shown.
fn open(run: &Run<'_>, target: &Target) -> Result<Option<Client>> {
    if run.net.output.offline {
        let (selector, query) = (target.selector.clone(), target.query.clone());
        let mut bytes = Vec::new();
        netkit_gopher::Request { selector, query }.encode(&mut bytes);
        let mut output = run.output()?;
        std::io::Write::write_all(&mut output, &bytes).map_err(|e| Failure::write("stdout", &e))?;
        output.finish()?;
        return Ok(None);
    }
    Ok(Some(dial(run, target)?.0))
}

fn dial(run: &Run<'_>, target: &Target) -> Result<(Client, DialReport)> {
    Ok(connect(target, &run.dialer_for("gopher")?, Limits::default(), run.dialogue.tap())?)
}

fn show(run: &Run<'_>, menu: Menu) -> Result<()> {
    let mut output = run.output()?;
    let terminal = output.is_terminal();
    let mut number = 0;
    let mut end = Ok(());
    for entry in menu {
        let entry = match entry {
            Ok(entry) => entry,
            // What came is shown all the same; the file is not given its name.
            Err(error) => {
                end = Err(Failure::from(error));
                break;
            }
        };
        match run.json() {
            true => output.line(&as_json(&entry).to_string())?,
            false if terminal => output.line(&numbered(&entry, &mut number))?,
            false => output.line(&tabbed(&entry))?,
        }
    }
    match end {
        Ok(()) => output.finish(),
        Err(failure) => {
            use std::io::Write;
            output.flush().map_err(|e| Failure::write("stdout", &e))?;
            Err(failure)
        }
    }
}

/// For a person: text in place, items with a number and what they are.
fn numbered(entry: &Entry, number: &mut u32) -> String {
    match entry {
        Entry::Stray(line) => format!("{:18}{}", "", line.to_str_lossy()),
        Entry::Item(item) if matches!(item.kind, ItemType::INFO | ItemType::ERROR) => {
            format!("{:18}{}", "", item.display.to_str_lossy())
        }
        Entry::Item(item) => {
            *number += 1;
            format!("{number:4}  {:10}  {}", item.kind.name(), item.display.to_str_lossy())
        }
    }
}

/// For a program: type, text, URL.
fn tabbed(entry: &Entry) -> String {
    match entry {
        Entry::Stray(line) => format!("\t{}\t", line.to_str_lossy()),
        Entry::Item(item) => {
            format!("{}\t{}\t{}", item.kind, item.display.to_str_lossy(), item.url().unwrap_or_default())
        }
    }
}

fn as_json(entry: &Entry) -> Value {
    match entry {
        Entry::Stray(line) => json!({ "type": null, "kind": "stray", "display": line.to_str_lossy() }),
        Entry::Item(Item { kind, display, selector, host, port, plus }) => {
            let mut value = json!({
                "type": kind.to_string(), "kind": kind.name(), "display": display.to_str_lossy(),
                "selector": selector.to_str_lossy(), "host": host.to_str_lossy(), "port": port,
                "gopher_plus": plus,
                "url": match entry { Entry::Item(item) => item.url(), Entry::Stray(_) => None },
            });
            if let (Some(exact), Some(object)) = (not_utf8(selector), value.as_object_mut()) {
                object.insert("selector_base64".to_owned(), Value::String(exact));
            }
            value
        }
    }
}

fn not_utf8(text: &Text) -> Option<String> {
    use base64::Engine;
    let bytes = text.as_bytes();
    std::str::from_utf8(bytes).is_err().then(|| base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn probe(run: &Run<'_>, target: &Target) -> Result<()> {
    let (client, dial) = dial(run, target)?;
    let mut menu = client.menu(&target.selector)?.end_is_optional(true);
    let (mut entries, mut strays) = (0_u64, 0_u64);
    for entry in menu.by_ref() {
        entries += 1;
        strays += u64::from(matches!(entry?, Entry::Stray(_)));
    }
    let ended = if menu.ending() == Some(Ending::Dot) { "dot" } else { "close" };
    let facts = json!({ "menu_entries": entries, "stray_lines": strays, "menu_ended_by": ended });
    report::print(run, "gopher", &target.endpoint.to_string(), &dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => {
                let cut = matches!(fault, netkit_wire::Fault::Closed(netkit_wire::Ended::Inside));
                let failure = Failure::from(fault);
                let hint = "--no-end-mark accepts servers that never send the final dot of a menu";
                if cut { failure.hint(hint) } else { failure }
            }
            error => {
                let kind = match &error {
                    Error::Refused(_) => Kind::Refused,
                    Error::Unexpected(_) => Kind::Protocol,
                    Error::Unsupported(_) => Kind::Unsupported,
                    Error::Invalid(Invalid::Target(_) | Invalid::Endpoint(_)) => Kind::Target,
                    _ => Kind::Usage,
                };
                Failure::new(kind, error)
            }
        }
    }
}
