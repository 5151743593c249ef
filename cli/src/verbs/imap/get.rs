//! `netkit imap get`

use std::io::{Read, Write};

use netkit_imap::response::{Body, Fetch, Item, Section};
use netkit_imap::types::Set;
use netkit_imap::{Access, FetchItem, PartNumber, Receive, Selected};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, ImapGet, NetArgs};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::output::Output;
use crate::run::Run;

/// What is to be printed of a message.
enum What<'a> {
    Message,
    Header,
    Part(&'a str),
    Structure,
}

pub fn get(args: &ImapGet, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let word = match words {
        [] => None,
        [word] => Some(word.as_str()),
        _ => return Err(Failure::new(Kind::Usage, "one message at a time")),
    };
    let what = match (&args.part, args.header, args.structure) {
        (Some(part), ..) => What::Part(part),
        (None, true, _) => What::Header,
        (None, false, true) => What::Structure,
        (None, false, false) => What::Message,
    };
    show(&mut run, target, word, args.mailbox.as_deref(), &what, args.seen)
}

/// The message that a URL names.
pub fn get_url(url: &str, net: &NetArgs, global: &Global) -> Result<()> {
    show(&mut Run::new(net, global)?, Some(url), None, None, &What::Message, false)
}

fn show(
    run: &mut Run<'_>,
    target: Option<&str>,
    word: Option<&str>,
    mailbox: Option<&str>,
    what: &What<'_>,
    seen: bool,
) -> Result<()> {
    let target = session::aim(run, target)?;
    let uid = match word {
        Some(word) => word.parse().ok().filter(|uid| *uid > 0),
        None => target.uid,
    };
    let uid: u32 = uid.ok_or_else(|| Failure::new(Kind::Usage, "which message? a UID"))?;
    let opener = Opener::new(run, target)?;
    let access = if seen { Access::Change } else { Access::Read };
    let mut selected = opener.select(access, mailbox)?;
    let uids: Set = [uid].into_iter().collect();
    let mut output = run.output()?;
    match what {
        What::Structure => structure(&mut selected, &opener, &uids, &mut output)?,
        What::Part(number) => part(&mut selected, &opener, &uids, number, &mut output)?,
        What::Header => print(&mut selected, &opener, &uids, &FetchItem::Header, &mut output)?,
        What::Message => {
            let item = if seen { FetchItem::Read } else { FetchItem::Message };
            print(&mut selected, &opener, &uids, &item, &mut output)?;
        }
    }
    output.finish()?;
    opener.leave(selected.into_session())
}

/// Writes what comes.
struct Printer<'o> {
    output: &'o mut Output,
    uid: Option<u32>,
    came: bool,
    /// Whether it was more than nothing: so some servers answer for a part that there is not.
    is_empty: bool,
    /// The numbers of the message's parts, where they were asked for.
    parts: Option<Vec<String>>,
}

impl Printer<'_> {
    fn is_wanted(&self, uid: Option<u32>) -> bool {
        !self.came && (uid.is_none() || uid == self.uid)
    }
}

impl Receive for Printer<'_> {
    type Error = Failure;

    fn literal(&mut self, so_far: &Fetch<'_>, _: &Section<'_>, body: &mut dyn Read) -> Result<()> {
        if !self.is_wanted(so_far.uid()) {
            return Ok(());
        }
        self.came = true;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = body.read(&mut buffer).map_err(|e| Failure::copy("the message", e))?;
            if n == 0 {
                return Ok(());
            }
            let name = self.output.name();
            self.output
                .write_all(buffer.get(..n).unwrap_or_default())
                .map_err(|e| Failure::write(name, &e))?;
        }
    }

    fn answer(&mut self, fetch: &Fetch<'_>) -> Result<()> {
        for item in &fetch.items {
            if let Item::Structure(body) = item {
                self.parts = Some(body.numbered().into_iter().map(|(number, _)| number).collect());
            }
            if let (true, Item::Section(_, Some(text))) = (self.is_wanted(fetch.uid()), item) {
                self.came = true;
                self.is_empty = text.is_empty();
                let name = self.output.name();
                self.output.write_all(text).map_err(|e| Failure::write(name, &e))?;
            }
        }
        Ok(())
    }
}

fn print(
    selected: &mut Selected,
    opener: &Opener<'_>,
    uids: &Set,
    item: &FetchItem,
    output: &mut Output,
) -> Result<()> {
    let uid = uids.numbers(0).next();
    let mut items = vec![FetchItem::Uid, item.clone()];
    let part = match item {
        FetchItem::Decoded(number) => Some(number.to_string()),
        _ => None,
    };
    if part.is_some() {
        items.push(FetchItem::Structure);
    }
    let mut printer = Printer { output, uid, came: false, is_empty: true, parts: None };
    selected.download(uids, &items, None, &mut printer).map_err(|e| opener.about(e))??;
    let is_known = |part: &String| {
        let parts = printer.parts.iter().flatten();
        let inside = format!("{part}.");
        parts.into_iter().any(|known| known == part || known.starts_with(&inside))
    };
    let there = printer.came && (!printer.is_empty || part.as_ref().is_none_or(is_known));
    if there { Ok(()) } else { Err(missing(uids)) }
}

fn missing(uids: &Set) -> Failure {
    Failure::new(Kind::NotFound, format!("there is no message {uids}, or no such part"))
}

/// A part without its encoding: by the server where it can, else here.
fn part(
    selected: &mut Selected,
    opener: &Opener<'_>,
    uids: &Set,
    number: &str,
    output: &mut Output,
) -> Result<()> {
    let number: PartNumber = number.parse().map_err(netkit_imap::Error::from)?;
    if selected.session().has("BINARY") || selected.session().has("IMAP4REV2") {
        match print(selected, opener, uids, &FetchItem::Decoded(number.clone()), output) {
            // An encoding that the server does not know (RFC 3516 section 4.3).
            Err(failure) if failure.kind == Kind::Refused => {}
            other => return other,
        }
    }
    let (mut head, mut body) = (None, None);
    let items = [FetchItem::Uid, FetchItem::Mime(number.clone()), FetchItem::Part(number)];
    let told = selected.fetch(uids, &items, |fetch: &Fetch<'_>| {
        for item in &fetch.items {
            if let Item::Section(section, Some(text)) = item {
                let place = if section.name.ends_with(b"MIME") { &mut head } else { &mut body };
                *place = Some(text.to_vec());
            }
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    let body = body.ok_or_else(|| missing(uids))?;
    let decoded = mime::decode_part(&head.unwrap_or_default(), &body);
    let name = output.name();
    output.write_all(&decoded).map_err(|e| Failure::write(name, &e))
}

fn structure(selected: &mut Selected, opener: &Opener<'_>, uids: &Set, output: &mut Output) -> Result<()> {
    let mut found: Option<Body> = None;
    let told = selected.fetch(uids, &[FetchItem::Uid, FetchItem::Structure], |fetch: &Fetch<'_>| {
        for item in &fetch.items {
            if let Item::Structure(body) = item {
                found = Some(body.clone());
            }
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    let body = found.ok_or_else(|| missing(uids))?;
    for (number, part) in body.numbered() {
        let named = |all: &[(String, String)], name: &str| {
            all.iter().find(|(known, _)| known == name).map(|(_, value)| mime::decoded(value.as_bytes()))
        };
        let disposition = part.disposition.as_ref();
        let name = disposition
            .and_then(|(_, parameters)| named(parameters, "filename"))
            .or_else(|| named(&part.parameters, "name"));
        if opener.run.json() {
            let line = json!({
                "part": number, "type": part.media_type, "encoding": part.encoding, "size": part.octets,
                "disposition": disposition.map(|(kind, _)| kind), "name": name,
            });
            output.line(&line.to_string())?;
        } else {
            let name = name.unwrap_or_default();
            let line = format!("{number}\t{}\t{}\t{}\t{name}", part.media_type, part.encoding, part.octets);
            output.line(line.trim_end())?;
        }
    }
    Ok(())
}
