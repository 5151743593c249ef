//! `netkit nntp groups`, `group` and `new`.

use std::collections::HashMap;

use netkit_nntp::listing::{Active, Described};
use netkit_nntp::{Entry, Error, Listing, Place, Stamp, Wildmat};
use netkit_wire::{Text, escape};
use serde_json::json;

use super::session::{self, Opener};
use crate::args::{Global, NntpGroup, NntpGroups, NntpNew, since};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::run::Run;

/// The most descriptions that are remembered.
const MOST: usize = 1_000_000;

/// Each line that is as it should be; the others are told of and counted.
fn each<T>(
    run: &Run<'_>,
    opener: &Opener<'_>,
    listing: Listing<'_, T>,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<usize> {
    let mut bad = 0;
    for entry in listing {
        match entry.map_err(|e| opener.about(e))? {
            Entry::Item(item) => take(item)?,
            Entry::Bad { line, rule } => {
                bad += 1;
                if bad <= 10 {
                    run.warn(&format!("{rule}: {}", escape(line.get(..160).unwrap_or(&line))));
                }
            }
        }
    }
    Ok(bad)
}

/// Lines that could not be read are no success.
pub fn told(bad: usize) -> Result<()> {
    match bad {
        0 => Ok(()),
        1 => Err(Failure::new(Kind::Protocol, "a line of the answer could not be read")),
        bad => Err(Failure::new(Kind::Protocol, format!("{bad} lines of the answer could not be read"))),
    }
}

fn pattern(place: &Place, word: Option<&String>) -> Result<Option<Wildmat>> {
    match (place, word) {
        (_, Some(word)) => Ok(Some(Wildmat::new(word).map_err(Error::from)?)),
        (Place::Groups(pattern), None) => Ok(Some(pattern.clone())),
        (Place::Group(group), None) => Ok(Some(Wildmat::new(group.as_str()).map_err(Error::from)?)),
        _ => Ok(None),
    }
}

pub fn groups(args: &NntpGroups, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let pattern = pattern(&opener.target.place, words.first())?;
    let mut client = opener.open()?;
    let mut bad = 0;
    let mut about: HashMap<Text, Text> = HashMap::new();
    if args.descriptions {
        match client.descriptions(pattern.as_ref()) {
            Ok(listing) => {
                bad += each(&run, &opener, listing, |Described { name, text }| {
                    if about.len() < MOST {
                        about.insert(name, text);
                    }
                    Ok(())
                })?;
            }
            // A server without descriptions still has groups.
            Err(why @ Error::Refused(_)) if why.connection_is_usable() => run.warn(&why.to_string()),
            Err(why) => return Err(opener.about(why)),
        }
    }
    let counted = args.counts && client.offers().offers("LIST", "COUNTS");
    let listing = if counted { client.counts(pattern.as_ref()) } else { client.active(pattern.as_ref()) };
    let mut output = run.output()?;
    bad += each(
        &run,
        &opener,
        listing.map_err(|e| opener.about(e))?,
        |Active { name, high, low, count, status }| {
            let text = about.remove(&name).map(|text| mime::words(text.as_bytes()).into_owned());
            if run.json() {
                let line = json!({ "group": name.to_str_lossy(), "low": low, "high": high, "count": count,
                "status": status.to_string(), "description": text });
                return output.line(&line.to_string());
            }
            // Without a count, what the numbers leave room for.
            let count = count.unwrap_or_else(|| (high + 1).saturating_sub(low));
            let mut line = format!("{name}\t{count}\t{low}\t{high}\t{status}");
            if let Some(text) = text {
                line.push('\t');
                line.push_str(&text);
            }
            output.line(&line)
        },
    )?;
    session::leave(client);
    output.finish()?;
    told(bad)
}

pub fn group(args: &NntpGroup, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (group, range, _) = session::scope(&opener.target.place, words)?;
    let mut client = opener.open()?;
    let info = client.group(&group).map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    let mut bad = 0;
    if args.numbers {
        let asked = client.list_group(Some((&group, range))).map_err(|e| opener.about(e))?;
        bad = each(&run, &opener, asked.numbers, |number| {
            let line = if run.json() { json!({ "number": number }).to_string() } else { number.to_string() };
            output.line(&line)
        })?;
    } else if run.json() {
        let line = json!({ "group": info.name.to_str_lossy(), "count": info.count, "low": info.low, "high": info.high });
        output.line(&line.to_string())?;
    } else {
        output.line(&format!("{}\t{}\t{}\t{}", group, info.count, info.low, info.high))?;
    }
    session::leave(client);
    output.finish()?;
    told(bad)
}

pub fn new(args: &NntpNew, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let at = since(&args.since).map_err(|why| Failure::new(Kind::Usage, format!("--since: {why}")))?;
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let pattern = pattern(&opener.target.place, words.first())?;
    let digits = at.strftime("%Y%m%d%H%M%S").to_string();
    let stamp =
        Stamp::parse(digits.as_bytes()).ok_or_else(|| Failure::new(Kind::Usage, "--since: no such time"))?;
    let mut client = opener.open()?;
    let mut output = run.output()?;
    let bad = if args.groups {
        let listing = client.new_groups(stamp).map_err(|e| opener.about(e))?;
        each(&run, &opener, listing, |Active { name, high, low, status, .. }| {
            // The command has no pattern of its own.
            let name = name.to_str_lossy().into_owned();
            if pattern.as_ref().is_some_and(|all| !netkit_nntp::wildmat::matches(all.as_str(), &name)) {
                return Ok(());
            }
            if run.json() {
                let line = json!({ "group": name, "low": low, "high": high, "status": status.to_string() });
                return output.line(&line.to_string());
            }
            output.line(&format!("{name}\t{low}\t{high}\t{status}"))
        })?
    } else {
        let all = Wildmat::new("*").map_err(Error::from)?;
        let listing =
            client.new_news(pattern.as_ref().unwrap_or(&all), stamp).map_err(|e| opener.about(e))?;
        each(&run, &opener, listing, |id| {
            if run.json() {
                return output.line(&json!({ "message_id": id.to_str_lossy() }).to_string());
            }
            output.line(&id.to_string())
        })?
    };
    session::leave(client);
    output.finish()?;
    told(bad)
}
