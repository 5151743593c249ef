//! The Gopher server: the world's files as a gopherhole (RFC 1436), with Gopher+ for those who ask that way.

mod plus;

use std::sync::Arc;

use netkit_gopher::{Item, ItemType, Mark, Request};
use netkit_socket::Endpoint;
use netkit_wire::{Conn, Fault, Text, stuffed};

use crate::server::{Context, Service};
use crate::world::{File, World};

/// What the server says about itself to whoever asks for it.
const CAPS: &str = "CAPS\r\n\r\nCapsVersion=1\r\nExpireCapsAfter=3600\r\nPathDelimeter=/\r\nPathIdentity=.\r\n\
    PathParent=..\r\nServerSoftware=netkit mock\r\nDefaultEncoding=utf-8\r\n";

/// Serves menus, documents and a search over file names.
pub struct Gopher {
    world: Arc<World>,
}

impl Gopher {
    /// A server over `world`.
    pub fn new(world: Arc<World>) -> Gopher {
        Gopher { world }
    }

    fn answer(&self, request: &Request, context: &Context) -> Vec<u8> {
        let Ok(selector) = std::str::from_utf8(request.selector.as_bytes()) else {
            return menu(&[Item::error("a selector here is UTF-8")]);
        };
        if let Some(plus) = &request.plus {
            return self.answer_plus(selector, request.query.as_ref(), plus, context);
        }
        match (selector, &request.query) {
            ("/search", Some(query)) => {
                menu(&self.search(&String::from_utf8_lossy(query.as_bytes()), context))
            }
            (path, _) if path.is_empty() || path.ends_with('/') => menu(&self.folder(path, context)),
            (plus::FORM, _) => menu(&[Item::error("this item has a form, which only Gopher+ can fill in")]),
            (path, _) => match self.file(path) {
                Some(file) if kind(path).is_text() => stuffed(&file.bytes),
                Some(file) => file.bytes.to_vec(),
                None => menu(&[Item::error(&format!("there is nothing at {path}"))]),
            },
        }
    }

    /// A file of the world; a `caps.txt` is made up where it has none.
    fn file(&self, path: &str) -> Option<File> {
        let file = self.world.site().file(path);
        file.or_else(|| {
            let made_up = path == "/caps.txt" || path == "caps.txt";
            made_up.then(|| File { bytes: CAPS.as_bytes().into(), modified: std::time::UNIX_EPOCH })
        })
    }

    /// A folder's `gophermap` if it has one, else its names.
    fn folder(&self, path: &str, context: &Context) -> Vec<Item> {
        let path = if path.is_empty() { "/" } else { path };
        let site = self.world.site();
        if let Some(map) = site.file(&format!("{path}gophermap")) {
            let text = String::from_utf8_lossy(&map.bytes).into_owned();
            return text.lines().filter_map(|line| mapped(line, &context.local)).collect();
        }
        let names = site.list(path);
        if names.is_empty() {
            return vec![Item::error(&format!("there is nothing at {path}"))];
        }
        names.iter().map(|name| item(&format!("{path}{name}"), name, &context.local)).collect()
    }

    fn search(&self, words: &str, context: &Context) -> Vec<Item> {
        let mut found = Vec::new();
        let mut folders = vec!["/".to_owned()];
        let site = self.world.site();
        while let Some(folder) = folders.pop() {
            for name in site.list(&folder) {
                let path = format!("{folder}{name}");
                if name.ends_with('/') {
                    folders.push(path.clone());
                }
                if words.split_whitespace().all(|word| path.to_lowercase().contains(&word.to_lowercase())) {
                    found.push(item(&path, &path, &context.local));
                }
            }
        }
        match found.is_empty() {
            true => vec![Item::info("nothing was found")],
            false => found,
        }
    }
}

impl Service for Gopher {
    fn protocol(&self) -> &'static str {
        "gopher"
    }

    fn serve(&self, mut conn: Conn, context: &Context) -> Result<(), Fault> {
        let decoder = Request::decoder(conn.limits());
        let answer = match conn.recv(decoder) {
            Ok(request) => self.answer(&request, context),
            Err(Fault::Malformed { .. } | Fault::TooLong(_)) => menu(&[Item::error("that is not a request")]),
            Err(fault) => return Err(fault),
        };
        conn.send(&answer)?;
        conn.shutdown_write()
    }
}

/// The item type that a file's name stands for.
fn kind(path: &str) -> ItemType {
    let letter = match path.rsplit('.').next() {
        _ if path.ends_with('/') => return ItemType::MENU,
        Some("txt" | "md" | "gophermap") => return ItemType::TEXT,
        Some("html") => b'h',
        Some("png" | "jpg") => b'I',
        Some("gif") => b'g',
        _ => b'9',
    };
    ItemType::new(letter).unwrap_or(ItemType::BINARY)
}

fn item(path: &str, display: &str, local: &Endpoint) -> Item {
    let (host, port) = match local {
        Endpoint::Inet { host, port } => (host.to_string(), *port),
        Endpoint::Unix(_) => ("localhost".to_owned(), 70),
    };
    let (display, selector, host) = (Text::from(display), Text::from(path), Text::from(host.as_str()));
    Item { kind: kind(path), display, selector, host, port: Some(port), plus: Mark::Plus }
}

/// A line of a gophermap: a type, a name, a selector; where it is served is added.
fn mapped(line: &str, local: &Endpoint) -> Option<Item> {
    let kind = ItemType::new(*line.as_bytes().first()?)?;
    let (display, selector) = line.get(1..)?.split_once('\t').unwrap_or((line.get(1..)?, ""));
    match kind {
        ItemType::INFO => Some(Item::info(display)),
        kind => {
            let plus = match selector {
                plus::FORM => Mark::Asks,
                link if link.starts_with("URL:") => Mark::None,
                _ => Mark::Plus,
            };
            Some(Item { kind, plus, ..item(selector, display, local) })
        }
    }
}

fn menu(items: &[Item]) -> Vec<u8> {
    let mut answer = Vec::new();
    items.iter().for_each(|item| item.encode(&mut answer));
    answer.extend_from_slice(b".\r\n");
    answer
}
