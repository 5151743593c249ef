//! `netkit gopher menu` and `search`: entries, for people, for programs, as JSON.

use std::io::Write;

use netkit_gopher::{Entry, EntryRef, Item, Mark, Menu, Target, Urls};
use netkit_wire::Text;
use serde_json::{Value, json};

use crate::args::GopherReading;
use crate::charset::Charset;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::run::Run;

/// How much is written at a time.
const PIECE: usize = 64 << 10;

/// A menu, or what a search found.
pub fn list(run: &Run<'_>, target: &Target, reading: &GopherReading) -> Result<()> {
    let listed = || {
        let Some(client) = super::open(run, target)? else { return Ok(()) };
        let menu = match &target.query {
            Some(query) => client.search(&target.selector, query)?,
            None => client.menu(&target.selector)?,
        };
        let view = View { target, charset: reading.charset.unwrap_or_default() };
        view.show(run, menu.end_is_optional(reading.no_end_mark))
    };
    listed().map_err(|failure: Failure| failure.with(&target.endpoint))
}

/// How entries are shown.
pub struct View<'t> {
    /// Where they came from.
    pub target: &'t Target,
    pub charset: Charset,
}

impl View<'_> {
    fn show(&self, run: &Run<'_>, menu: Menu) -> Result<()> {
        let mut output = run.output()?;
        let terminal = output.is_terminal();
        if !terminal && !run.json() {
            return self.columns(output, menu);
        }
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
                true => output.line(&self.as_json(&entry).to_string())?,
                false => output.line(&self.numbered(&entry, &mut number))?,
            }
        }
        close(output, end)
    }

    /// For a program: type, text, URL. Nothing is copied but to where it goes: menus can be long.
    fn columns(&self, mut output: Output, mut menu: Menu) -> Result<()> {
        let (mut urls, mut lines) = (Urls::of(self.target), Vec::with_capacity(2 * PIECE));
        let end = loop {
            match menu.read() {
                Ok(None) => break Ok(()),
                Err(error) => break Err(Failure::from(error)),
                Ok(Some(EntryRef::Stray(line))) => {
                    lines.push(b'\t');
                    lines.extend_from_slice(self.charset.decode(line).as_bytes());
                    lines.extend_from_slice(b"\t\n");
                }
                Ok(Some(EntryRef::Item(item))) => {
                    lines.extend_from_slice(item.kind.letter().encode_utf8(&mut [0; 4]).as_bytes());
                    lines.push(b'\t');
                    lines.extend_from_slice(self.charset.decode(item.display).as_bytes());
                    lines.push(b'\t');
                    urls.push(&item, &mut lines);
                    lines.push(b'\n');
                }
            }
            if lines.len() >= PIECE {
                output.write_all(&lines).map_err(|e| Failure::write(output.name(), &e))?;
                lines.clear();
            }
        };
        output.write_all(&lines).map_err(|e| Failure::write(output.name(), &e))?;
        close(output, end)
    }

    /// For a person: text in place, items with a number and what they are.
    fn numbered(&self, entry: &Entry, number: &mut u32) -> String {
        match entry {
            Entry::Stray(line) => format!("{:18}{}", "", self.charset.decode(line.as_bytes())),
            Entry::Item(item) if item.kind.is_words() => {
                format!("{:18}{}", "", self.charset.decode(item.display.as_bytes()))
            }
            Entry::Item(item) => {
                *number += 1;
                format!(
                    "{number:4}  {:10}  {}",
                    item.kind.name(),
                    self.charset.decode(item.display.as_bytes())
                )
            }
        }
    }

    pub fn as_json(&self, entry: &Entry) -> Value {
        match entry {
            Entry::Stray(line) => {
                json!({ "type": null, "kind": "stray", "display": self.charset.decode(line.as_bytes()) })
            }
            Entry::Item(item) => self.item_as_json(item),
        }
    }

    pub fn item_as_json(&self, item: &Item) -> Value {
        let Item { kind, display, selector, host, port, plus } = item;
        let mut value = json!({
            "type": kind.to_string(), "kind": kind.name(), "display": self.charset.decode(display.as_bytes()),
            "selector": selector.to_str_lossy(), "host": host.to_str_lossy(), "port": port,
            "gopher_plus": *plus != Mark::None,
            "url": item.url_from(self.target),
        });
        if let Some(object) = value.as_object_mut() {
            if *plus == Mark::Asks {
                object.insert("has_form".to_owned(), Value::Bool(true));
            }
            if let Some(exact) = not_utf8(selector) {
                object.insert("selector_base64".to_owned(), Value::String(exact));
            }
        }
        value
    }
}

/// The file gets its name when all came; what came before something broke is shown all the same.
fn close(mut output: Output, end: Result<()>) -> Result<()> {
    match end {
        Ok(()) => output.finish(),
        Err(failure) => {
            output.flush().map_err(|e| Failure::write("stdout", &e))?;
            Err(failure)
        }
    }
}

fn not_utf8(text: &Text) -> Option<String> {
    use base64::Engine;
    let bytes = text.as_bytes();
    std::str::from_utf8(bytes).is_err().then(|| base64::engine::general_purpose::STANDARD.encode(bytes))
}
