//! Gopher's calls:
//!
//! - `menu SELECTOR`, `menu-without-end SELECTOR` (the final dot is optional), `search SELECTOR QUERY`
//! - `get TYPE SELECTOR [QUERY]`
//!
//! An outcome lists the entries of a menu, or the document between quotes.

use std::io::Read;

use netkit_gopher::{Client, Ending, Entry, Error, ItemType, Menu, MenuLine, Query, Selector};
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
    let client = Client::new(session.connect()?);
    let selector = |text: &str| Selector::new(text.as_bytes());
    let query = |text: &str| Query::new(text.as_bytes());
    match *words {
        ["menu", path] => entries(client.menu(&selector(path)?)?),
        ["menu-without-end", path] => entries(client.menu(&selector(path)?)?.end_is_optional(true)),
        ["search", path, words] => entries(client.search(&selector(path)?, &query(words)?)?),
        ["get", kind, path] => document(client, kind, &selector(path)?, None),
        ["get", kind, path, words] => document(client, kind, &selector(path)?, Some(&query(words)?)),
        _ => Ok(format!("no such call: {words:?}")),
    }
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
            let plus = if item.plus { " +" } else { "" };
            format!("{} {:?}{url}{plus}", item.kind, item.display)
        }
    }
}

fn document(client: Client, kind: &str, selector: &Selector, query: Option<&Query>) -> Result<String, Error> {
    let kind = kind.bytes().next().and_then(ItemType::new).unwrap_or(ItemType::BINARY);
    let mut document = client.get(kind, selector, query)?;
    let mut bytes = Vec::new();
    document.read_to_end(&mut bytes).map_err(|e| Fault::from_io(e, Phase::Receiving))?;
    Ok(format!("{}: \"{}\"", ending(document.ending()), escape(&bytes)))
}

fn ending(ending: Option<Ending>) -> &'static str {
    if ending == Some(Ending::Dot) { "Ok until dot" } else { "Ok until close" }
}

fn describe(error: &Error) -> String {
    let name = match error {
        Error::Net(_) => "Net",
        Error::Wire(_) => "Wire",
        Error::Refused(_) => "Refused",
        Error::Unexpected(_) => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
    };
    format!("Err {name}: {error}")
}
