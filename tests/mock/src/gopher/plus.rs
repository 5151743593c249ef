//! Gopher+: attributes, views, a form, and errors of each kind.

use std::time::SystemTime;

use netkit_gopher::plus::{Attributes, Block, Header, Length, Plus, Question, View, Wanted, listing};
use netkit_gopher::{Item, ItemType, Mark, Query};
use netkit_wire::{Text, stuffed};

use super::{Gopher, item, kind, menu};
use crate::server::Context;

/// The item that has a form.
pub(super) const FORM: &str = "/ask";

/// What the form asks.
const QUESTIONS: [&str; 7] = [
    "Note: Nobody reads what is answered here.",
    "Ask: Who are you?\tnobody",
    "AskP: Which word lets you in?",
    "AskL: What is on your mind?",
    "Select: May we write to you?\t0",
    "Choose: How do you like it?\tplain\tfancy",
    "ChooseF: A file to look at",
];

impl Gopher {
    pub(super) fn answer_plus(
        &self,
        selector: &str,
        query: Option<&Query>,
        plus: &Plus,
        context: &Context,
    ) -> Vec<u8> {
        let named = |names: &[u8]| String::from_utf8_lossy(names).to_ascii_uppercase();
        match (&plus.ask, selector, query) {
            (_, "/busy", _) => error("2 netkit mock\r\nToo many gophers, try again later\r\n"),
            (_, "/moved", _) => {
                let mut text = b"3 netkit mock\r\n".to_vec();
                item("/about.txt", "About this place", &context.local).encode(&mut text);
                error(&String::from_utf8_lossy(&text))
            }
            (Wanted::Attributes(names), ..) => match self.attributes(selector, context) {
                Some(all) => told(&[only(all, &named(names.as_bytes()))]),
                None => nothing(selector),
            },
            (Wanted::Listing(names), ..) => {
                let names = named(names.as_bytes());
                let items = self.folder(selector, context).into_iter();
                let all = items.filter(|item| !item.kind.is_words()).map(|item| {
                    let path = item.selector.to_str_lossy().into_owned();
                    let known =
                        if item.host == host(context) { self.attributes(&path, context) } else { None };
                    let mut all = known.unwrap_or_else(|| Attributes { blocks: vec![Block::info(&item)] });
                    // The menu's name for it goes before the one it has by itself.
                    if let Some(first) = all.blocks.first_mut() {
                        *first = Block::info(&item);
                    }
                    only(all, &names)
                });
                told(&all.collect::<Vec<_>>())
            }
            (Wanted::Content(_), FORM, _) => match &plus.data {
                Some(data) => text(&answered(data)),
                None => error("1 netkit mock\r\nThis item has a form to fill in first\r\n"),
            },
            (Wanted::Content(_), "/search", Some(query)) => {
                data(Length::Dot, &menu(&self.search(&String::from_utf8_lossy(query.as_bytes()), context)))
            }
            (Wanted::Content(view), path, _) => self.content(path, view.as_bytes(), context),
        }
    }

    fn content(&self, path: &str, view: &[u8], context: &Context) -> Vec<u8> {
        if path.is_empty() || path.ends_with('/') {
            return data(Length::Dot, &menu(&self.folder(path, context)));
        }
        let Some(file) = self.file(path) else { return nothing(path) };
        let wanted = String::from_utf8_lossy(view).trim().to_ascii_lowercase();
        let words = String::from_utf8_lossy(&file.bytes);
        match (kind(path).is_text(), wanted.as_str()) {
            (true, "" | "text/plain" | "text/plain en_us") => text(&file.bytes),
            // One of each way to end: with a dot, with the connection, and after so many bytes.
            (true, "text/html") => data(Length::Close, page(&words).as_bytes()),
            (true, "text/plain de_de") => {
                let body = format!("Auf deutsch gibt es das nicht.\r\n{words}");
                data(Length::Bytes(body.len() as u64), body.as_bytes())
            }
            (false, "") => data(Length::Bytes(file.bytes.len() as u64), &file.bytes),
            (false, name) if name == mime(path).to_ascii_lowercase() => {
                data(Length::Bytes(file.bytes.len() as u64), &file.bytes)
            }
            _ => error(&format!("1 netkit mock\r\nThere is no view {wanted} of {path}\r\n")),
        }
    }

    fn attributes(&self, path: &str, context: &Context) -> Option<Attributes> {
        let admin = |modified: SystemTime| {
            let date = format!("Mod-Date: {}", date(modified));
            Block::new("ADMIN", ["Admin: netkit mock <gopher@example.org>", date.as_str()])
        };
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let info =
            Block::info(&item(path, if name.is_empty() { "The main menu" } else { name }, &context.local));
        if path == FORM {
            let form = item(path, "Ask me", &context.local);
            let info = Block::info(&Item { kind: ItemType::TEXT, plus: Mark::Asks, ..form });
            let ask = Block::new("ASK", QUESTIONS);
            // The first client of all takes no item without a view.
            let views = Block::new("VIEWS", ["text/plain: <1k>"]);
            return Some(Attributes { blocks: vec![info, admin(std::time::UNIX_EPOCH), views, ask] });
        }
        if path.is_empty() || path.ends_with('/') {
            let listed = !self.folder(path, context).iter().any(|item| item.kind == ItemType::ERROR);
            let views =
                Block::new("VIEWS", ["application/gopher-menu: <1k>", "application/gopher+-menu: <2k>"]);
            return listed.then(|| Attributes { blocks: vec![info, admin(std::time::UNIX_EPOCH), views] });
        }
        let file = self.file(path)?;
        let size = format!("{:.1}k", file.bytes.len() as f64 / 1024.0);
        let view = |kind: &str, language: Option<&str>| {
            let language = language.map(str::to_owned);
            View { kind: kind.to_owned(), language, size: Some(size.clone()) }.line()
        };
        let mut blocks = vec![info, admin(file.modified)];
        if kind(path).is_text() {
            let views = [
                view("text/plain", Some("En_US")),
                view("text/plain", Some("De_DE")),
                view("text/html", None),
            ];
            blocks.push(Block::new("VIEWS", views.iter().map(String::as_str)));
            let words = String::from_utf8_lossy(&file.bytes);
            blocks.push(Block::new("ABSTRACT", words.lines().take(3)));
        } else {
            blocks.push(Block::new("VIEWS", [view(mime(path), None).as_str()]));
        }
        Some(Attributes { blocks })
    }
}

fn host(context: &Context) -> Text {
    item("", "", &context.local).host
}

/// The blocks of those names; `+INFO` always stays.
fn only(mut all: Attributes, names: &str) -> Attributes {
    let names: Vec<&str> = names.split('+').map(str::trim).filter(|name| !name.is_empty()).collect();
    let wanted = |block: &Block| {
        let name = block.name.to_str_lossy();
        name == "INFO" || names.is_empty() || names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted))
    };
    all.blocks.retain(wanted);
    all
}

fn told(items: &[Attributes]) -> Vec<u8> {
    let mut body = listing(items);
    body.extend_from_slice(b".\r\n");
    data(Length::Dot, &body)
}

/// A block of that length; the end mark of one that ends with a dot is in `body` already.
fn data(length: Length, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Header::Data(length).encode(&mut out);
    out.extend_from_slice(body);
    out
}

fn text(body: &[u8]) -> Vec<u8> {
    data(Length::Dot, &stuffed(body))
}

fn error(words: &str) -> Vec<u8> {
    let mut out = Vec::new();
    Header::Error(Length::Dot).encode(&mut out);
    out.extend_from_slice(&stuffed(words.as_bytes()));
    out
}

fn nothing(path: &str) -> Vec<u8> {
    error(&format!("1 netkit mock <gopher@example.org>\r\nthere is nothing at {path}\r\n"))
}

fn page(words: &str) -> String {
    let escaped = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<pre>\r\n{escaped}</pre>\r\n")
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("html") => "text/html",
        _ => "application/octet-stream",
    }
}

/// What was answered, question by question. The word that lets in stays between us.
fn answered(data: &[u8]) -> Vec<u8> {
    let words = String::from_utf8_lossy(data);
    let mut lines = words.lines();
    let mut said = String::new();
    for question in QUESTIONS.iter().filter_map(|line| Question::parse(line.as_bytes())) {
        use netkit_gopher::plus::QuestionKind as Kind;
        if !question.kind.is_asked() {
            continue;
        }
        let prompt = question.prompt.to_str_lossy();
        let first = lines.next().unwrap_or_default();
        match question.kind {
            Kind::Password => said += &format!("{prompt} ({} letters)\r\n", first.chars().count()),
            Kind::Lines | Kind::File => {
                said += &format!("{prompt}\r\n");
                for line in lines.by_ref().take(first.parse().unwrap_or(0)) {
                    said += &format!("  {line}\r\n");
                }
            }
            _ => said += &format!("{prompt} {first}\r\n"),
        }
    }
    said.into_bytes()
}

/// `Fri, 01 Mar 1991 00:00:00 GMT <19910301000000>`
fn date(modified: SystemTime) -> String {
    let words = httpdate::fmt_http_date(modified);
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = words.split([' ', ':']).collect();
    let digits = match parts.as_slice() {
        [_, day, month, year, hour, minute, second, _] => {
            let month = months.iter().position(|name| name == month).unwrap_or(0) + 1;
            format!("{year}{month:02}{day}{hour}{minute}{second}")
        }
        _ => String::new(),
    };
    format!("{words} <{digits}>")
}
