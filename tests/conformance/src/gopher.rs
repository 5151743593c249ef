//! Gopher's calls:
//!
//! - `menu SELECTOR`, `menu-without-end SELECTOR` (the final dot is optional), `search SELECTOR QUERY`
//! - `get TYPE SELECTOR [QUERY]`
//! - of Gopher+: `view SELECTOR VIEW [ANSWER...]` (the answers are given to an ASK form, lines within one parted by `|`),
//!   `attributes SELECTOR NAMES`, `listing SELECTOR NAMES`
//! - of phone books: `ph query WORD...`, `ph siteinfo`, `ph fields`, `ph status`, each followed by `quit` with `+quit`
//!
//! An outcome lists the entries of a menu, or the document between quotes.

use std::io::Read;

use netkit_gopher::cso::{Lookup, PhoneBook};
use netkit_gopher::plus::{Answer, Attributes, Name, encode_answers};
use netkit_gopher::{Client, Ending, Entry, Error, ItemType, Mark, Menu, MenuLine, Query, Selector};
use netkit_wire::{Conn, Fault, Phase, escape};

use crate::protocol::{Protocol, Session};

pub(crate) struct Gopher;

impl Protocol for Gopher {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        call(words, session).unwrap_or_else(|error| describe(&error))
    }

    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let line = MenuLine::new(conn.limits());
            match conn.recv_or_end(line) {
                Ok(Some(Some(entry))) => lines += &format!("{}\n", show(&entry)),
                Ok(Some(None)) => lines += "end\n",
                Ok(None) => return lines,
                Err(fault) => return format!("{lines}{fault}"),
            }
        }
    }
}

fn call(words: &[String], session: &mut Session) -> Result<String, Error> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let ["ph", command, rest @ ..] = words.as_slice() {
        return phone_book(PhoneBook::new(session.connect()?), command, rest);
    }
    let client = Client::new(session.connect()?);
    let selector = |text: &str| Selector::new(text.as_bytes());
    let query = |text: &str| Query::new(text.as_bytes());
    match *words {
        ["menu", path] => entries(client.menu(&selector(path)?)?),
        ["menu-without-end", path] => entries(client.menu(&selector(path)?)?.end_is_optional(true)),
        ["search", path, words] => entries(client.search(&selector(path)?, &query(words)?)?),
        ["get", kind, path] => document(client, kind, &selector(path)?, None),
        ["get", kind, path, words] => document(client, kind, &selector(path)?, Some(&query(words)?)),
        ["view", path, view, ref answers @ ..] => {
            let answer = |words: &&str| match words.split_once('|') {
                Some(_) => Answer::Lines(words.split('|').map(|line| line.as_bytes().to_vec()).collect()),
                None => Answer::Line(words.as_bytes().to_vec()),
            };
            let answers: Vec<Answer> = answers.iter().map(answer).collect();
            let data = (!answers.is_empty()).then(|| encode_answers(&answers));
            shown(client.view(&selector(path)?, None, Name::new(view.as_bytes())?, data)?)
        }
        ["attributes", path, names] => {
            let (item, end) = client.attributes(&selector(path)?, Name::new(names.as_bytes())?)?;
            Ok(format!("{}: {}", ending(Some(end)), told(&item)))
        }
        ["listing", path, names] => {
            let (items, end) = client.listing(&selector(path)?, Name::new(names.as_bytes())?)?;
            let items: Vec<String> = items.iter().map(told).collect();
            Ok(format!("{}: {} items: [{}]", ending(Some(end)), items.len(), items.join(" | ")))
        }
        _ => Ok(format!("no such call: {words:?}")),
    }
}

/// What the attributes of an item say, taken apart.
fn told(item: &Attributes) -> String {
    let names: Vec<String> = item.blocks.iter().map(|block| block.name.to_string()).collect();
    let mut said = vec![names.join("+")];
    said.extend(item.info().map(|item| show(&Entry::Item(item))));
    said.extend(item.admin().map(|admin| format!("admin {admin:?}")));
    said.extend(item.modified().map(|date| format!("modified {date:?}")));
    for view in item.views() {
        let bytes = view.bytes().map(|n| format!(" = {n}")).unwrap_or_default();
        said.push(format!("view {:?} {:?}{bytes}", view.name(), view.size.unwrap_or_default()));
    }
    said.extend(item.abstract_text().map(|text| format!("abstract {text:?}")));
    for question in item.questions() {
        let choices: Vec<String> = question.choices.iter().map(|choice| format!(" {choice:?}")).collect();
        said.push(format!("{} {:?}{}", question.kind.word(), question.prompt, choices.concat()));
    }
    said.join("; ")
}

fn phone_book(mut book: PhoneBook, command: &str, rest: &[&str]) -> Result<String, Error> {
    let words: Vec<&str> = rest.iter().copied().filter(|word| *word != "+quit").collect();
    let said = match command {
        "query" => {
            let found = book.query(&Lookup::from_words(words)?)?;
            let record = |record: &netkit_gopher::cso::Record| {
                let fields = record.fields.iter().map(|(name, value)| format!("{name}={value:?}"));
                fields.collect::<Vec<_>>().join(" ")
            };
            format!("{} found: [{}]", found.len(), found.iter().map(record).collect::<Vec<_>>().join(" | "))
        }
        "siteinfo" => format!("{:?}", book.site_info()?),
        "fields" => format!("{:?}", book.fields()?),
        "status" => format!("{:?}", book.status()?),
        _ => return Ok(format!("no such command: {command}")),
    };
    if rest.contains(&"+quit") {
        book.quit()?;
    }
    Ok(format!("Ok {said}"))
}

fn entries(mut menu: Menu) -> Result<String, Error> {
    let shown: Vec<String> =
        menu.by_ref().map(|entry| entry.map(|entry| show(&entry))).collect::<Result<_, _>>()?;
    let end = ending(menu.ending());
    Ok(format!("{end}: {} entries: [{}]", shown.len(), shown.join(" | ")))
}

fn show(entry: &Entry) -> String {
    match entry {
        Entry::Stray(line) => format!("stray {line:?}"),
        Entry::Item(item) => {
            let url = item.url().map(|url| format!(" <{url}>")).unwrap_or_default();
            let plus = match item.plus {
                Mark::None => "",
                Mark::Plus => " +",
                Mark::Asks => " ?",
            };
            format!("{} {:?}{url}{plus}", item.kind, item.display)
        }
    }
}

fn document(client: Client, kind: &str, selector: &Selector, query: Option<&Query>) -> Result<String, Error> {
    let kind = kind.bytes().next().and_then(ItemType::new).unwrap_or(ItemType::BINARY);
    shown(client.get(kind, selector, query)?)
}

fn shown(mut document: netkit_gopher::Document) -> Result<String, Error> {
    let mut bytes = Vec::new();
    document.read_to_end(&mut bytes).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
    Ok(format!("{}: \"{}\"", ending(document.ending()), escape(&bytes)))
}

fn ending(ending: Option<Ending>) -> &'static str {
    match ending {
        Some(Ending::Dot) => "Ok until dot",
        Some(Ending::Length) => "Ok until length",
        Some(Ending::Close) | None => "Ok until close",
    }
}

fn describe(error: &Error) -> String {
    let name = match error {
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(..) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::NotPlus(_) => "NotPlus",
        Error::Declined(_) => "Declined",
    };
    format!("Err {name}: {error}")
}
