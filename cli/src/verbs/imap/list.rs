//! `netkit imap list`, and the lines that `search --list` prints, too.

use std::convert::Infallible;

use netkit_imap::response::{Address, Envelope, Fetch, Item};
use netkit_imap::types::{DateTime, Set};
use netkit_imap::{Access, FetchItem, Selected};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, ImapList};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::output::Output;
use crate::run::Run;

pub fn list(args: &ImapList, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let uids = match words {
        [] => None,
        [uids] => Some(uids.parse::<Set>().map_err(netkit_imap::Error::from)?),
        _ => return Err(Failure::new(Kind::Usage, "UIDs have commas between them: 1,3:7")),
    };
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let mut selected = opener.select(Access::Read, args.mailbox.as_deref())?;
    let mut uids = uids.unwrap_or_else(Set::all);
    if let Some(limit) = args.limit {
        let found = selected.search(&[netkit_imap::SearchKey::Uid(uids)]).map_err(|e| opener.about(e))?;
        uids = last(&found, limit, selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1)));
    }
    let mut output = run.output()?;
    if !uids.is_empty() && selected.exists > 0 {
        let mut lines = lines(&mut selected, &opener, &uids)?;
        lines.sort_by_key(|one| one.uid);
        lines.iter().try_for_each(|one| one.print(&mut output, run.json(), ""))?;
    }
    output.finish()?;
    opener.leave(selected.into_session())
}

/// The newest so many of a set.
fn last(found: &Set, limit: u32, largest: u32) -> Set {
    let mut left = limit;
    let mut newest = Vec::new();
    let mut ranges: Vec<(u32, u32)> = found.ranges(largest).collect();
    ranges.sort_unstable();
    for (from, to) in ranges.into_iter().rev() {
        if left == 0 {
            break;
        }
        let first = from.max(to.saturating_sub(left - 1));
        newest.extend(first..=to);
        left -= (to - first) + 1;
    }
    newest.into_iter().collect()
}

/// What is listed of a message.
#[derive(Debug, Default)]
pub struct Line {
    pub uid: u32,
    flags: Vec<String>,
    size: u64,
    received: String,
    date: String,
    from: String,
    to: Vec<String>,
    subject: String,
    message_id: Option<String>,
}

/// The lines of these messages, in the order in which the server tells of them.
pub fn lines(selected: &mut Selected, opener: &Opener<'_>, uids: &Set) -> Result<Vec<Line>> {
    let items =
        [FetchItem::Uid, FetchItem::Flags, FetchItem::InternalDate, FetchItem::Size, FetchItem::Envelope];
    let mut all = Vec::new();
    let told = selected.fetch(uids, &items, |fetch: &Fetch<'_>| {
        // What nobody asked for has no envelope.
        if fetch.items.iter().any(|item| matches!(item, Item::Envelope(_))) {
            all.push(Line::new(fetch));
        }
        Ok::<(), Infallible>(())
    });
    let Ok(()) = told.map_err(|e| opener.about(e))?;
    Ok(all)
}

impl Line {
    fn new(fetch: &Fetch<'_>) -> Line {
        let mut line = Line::default();
        for item in &fetch.items {
            match item {
                Item::Uid(uid) => line.uid = *uid,
                Item::Flags(flags) => line.flags = flags.iter().map(ToString::to_string).collect(),
                Item::Size(size) => line.size = *size,
                Item::InternalDate(date) => {
                    line.received = DateTime::read(date).map(rfc3339).unwrap_or_default();
                }
                Item::Envelope(envelope) => line.envelope(envelope),
                _ => {}
            }
        }
        line
    }

    fn envelope(&mut self, envelope: &Envelope<'_>) {
        let text =
            |text: &Option<std::borrow::Cow<'_, [u8]>>| mime::decoded(text.as_deref().unwrap_or_default());
        self.subject = text(&envelope.subject);
        self.date = mime::date(envelope.date.as_deref().unwrap_or_default());
        self.from = envelope
            .from
            .first()
            .map(|one| match text(&one.name) {
                name if name.is_empty() => address(one),
                name => name,
            })
            .unwrap_or_default();
        self.to = envelope.to.iter().map(address).collect();
        self.message_id = envelope.message_id.as_ref().map(|id| mime::decoded(id));
    }

    /// `indent` goes before the subject.
    pub fn print(&self, output: &mut Output, json: bool, indent: &str) -> Result<()> {
        if json {
            let line = json!({
                "uid": self.uid, "flags": self.flags, "size": self.size, "received": self.received, "date": self.date,
                "from": self.from, "to": self.to, "subject": self.subject, "message_id": self.message_id,
            });
            return output.line(&line.to_string());
        }
        let date = if self.date.is_empty() { &self.received } else { &self.date };
        let (flags, subject) = (letters(&self.flags), &self.subject);
        output
            .line(&format!("{}\t{flags}\t{}\t{date}\t{}\t{indent}{subject}", self.uid, self.size, self.from))
    }
}

fn address(one: &Address<'_>) -> String {
    let text = |text: &Option<std::borrow::Cow<'_, [u8]>>| mime::decoded(text.as_deref().unwrap_or_default());
    match &one.host {
        Some(host) => format!("{}@{}", text(&one.mailbox), mime::decoded(host)),
        None => text(&one.mailbox),
    }
}

/// One letter for each flag, as Maildirs have them; `-` for none.
fn letters(flags: &[String]) -> String {
    let letter = |flag: &String| match flag.to_ascii_lowercase().as_str() {
        "\\seen" => Some('S'),
        "\\answered" => Some('R'),
        "\\flagged" => Some('F'),
        "\\deleted" => Some('T'),
        "\\draft" => Some('D'),
        _ => None,
    };
    let mut letters: Vec<char> = flags.iter().filter_map(letter).collect();
    letters.sort_unstable();
    if letters.is_empty() { "-".to_owned() } else { letters.into_iter().collect() }
}

/// As JSON has times.
pub fn rfc3339(at: DateTime) -> String {
    let (year, month, day) = at.date.parts();
    let (sign, offset) = (if at.offset < 0 { '-' } else { '+' }, at.offset.unsigned_abs());
    let (hour, minute, second) = (at.hour, at.minute, at.second.min(59));
    let zone = format!("{sign}{:02}:{:02}", offset / 60, offset % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_set() {
        let of = |text: &str, limit| last(&text.parse().unwrap(), limit, 50).to_string();
        assert_eq!(of("1:10,20,30:40", 3), "38:40");
        assert_eq!(of("1:10,20,30:40", 13), "10,20,30:40");
        assert_eq!(of("1:4", 9), "1:4");
        assert_eq!(of("48:*", 2), "49:50");
        assert_eq!(last(&Set::default(), 5, 9), Set::default());
    }
}
