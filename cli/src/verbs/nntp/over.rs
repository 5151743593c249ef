//! `netkit nntp over` and `hdr`.

use std::io::Write;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use netkit_nntp::thread::{self, Item};
use netkit_nntp::{Client, Error, GroupInfo, Header, Line, Range, Row, Span, overview};
use netkit_wire::escape;
use serde_json::json;

use super::cache::{Cache, Piece};
use super::groups::told;
use super::session::{self, Opener};
use crate::args::{Global, NntpHdr, NntpOver};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::output::Output;
use crate::run::Run;

/// The most bytes of rows that a thread view holds.
const THREADED: usize = 1 << 29;

/// What numbers of the group are meant; none where it is empty.
fn within(info: &GroupInfo, range: Option<Range>, last: Option<u64>) -> Option<Range> {
    let whole = Range { first: info.low, last: Some(info.high) };
    if let Some(last) = last {
        let first = info.low.max(info.high.saturating_add(1).saturating_sub(last));
        return (!info.is_empty()).then_some(Range { first, ..whole });
    }
    range.or_else(|| (!info.is_empty()).then_some(whole))
}

fn bad_row(run: &Run<'_>, bad: &mut usize, rule: &str, line: &[u8]) {
    *bad += 1;
    if *bad <= 10 {
        run.warn(&format!("{rule}: {}", escape(line.get(..160).unwrap_or(line))));
    }
}

pub fn over(args: &NntpOver, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (group, range, _) = session::scope(&opener.target.place, words)?;
    let mut client = opener.open()?;
    let info = client.group(&group).map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    let (mut bad, mut came) = (0, 0_usize);
    // No article of these numbers is a list of none, where the whole group was asked for.
    let is_whole = range.is_none() && args.last.is_none();
    if let Some(range) = within(&info, range, args.last) {
        let mut threads = args.thread.then(Threads::default);
        let mut text = Vec::new();
        let mut each = |line: &[u8]| {
            came += 1;
            match (Row::parse(line), &mut threads) {
                (Ok(row), Some(threads)) => threads.add(&row, line)?,
                (Ok(row), None) if run.json() => output.line(&object(&row))?,
                (Ok(row), None) => {
                    text.clear();
                    listed(&row, 0, &mut text);
                    output.write_all(&text).map_err(|e| Failure::copy(output.name(), e))?;
                }
                (Err(rule), _) => bad_row(&run, &mut bad, rule, line),
            }
            Ok(())
        };
        let mut cache = match args.cache {
            true => Some(Cache::open(&cache_path(&run, &opener)?, &group)?),
            false => None,
        };
        match &mut cache {
            Some(cache) => {
                let numbers = range.first.max(info.low)..=range.last.unwrap_or(u64::MAX).min(info.high);
                through(&mut client, &opener, cache, &info, numbers, &mut each)?;
                if came == 0 && !is_whole {
                    return Err(Failure::new(Kind::NotFound, "no articles of these numbers"));
                }
            }
            None => match client.over(&Span::Range(range)) {
                Ok(mut rows) => {
                    while let Some(line) = rows.next() {
                        each(line.map_err(|e| opener.about(e))?)?;
                    }
                }
                Err(why) if why.is_missing() && is_whole => {}
                Err(why) => return Err(opener.about(why)),
            },
        }
        if let Some(threads) = threads {
            threads.show(&run, &mut output)?;
        }
    }
    session::leave(client);
    output.finish()?;
    told(bad)
}

/// With --mock the port is another one each time, and so is the world: a cache of it is of no use, but can be tried.
fn cache_path(run: &Run<'_>, opener: &Opener<'_>) -> Result<PathBuf> {
    let server = if run.is_mock() { "mock".to_owned() } else { opener.target.endpoint.to_string() };
    Cache::path(&server)
}

/// The rows of the numbers, of which the server is asked for those that are not in the cache yet.
fn through(
    client: &mut Client,
    opener: &Opener<'_>,
    cache: &mut Cache,
    info: &GroupInfo,
    numbers: RangeInclusive<u64>,
    each: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    cache.prune(info.low, info.high)?;
    // A server that counts anew may have come to the same numbers again: one article tells.
    if let Some(known) = cache.last(numbers.clone())?
        && let Ok(known) = Row::parse(&known)
        && !is_still(client, opener, &known)?
    {
        cache.clear()?;
    }
    for piece in cache.pieces(numbers)? {
        match piece {
            Piece::Kept(block, numbers) => cache.lines(block, &numbers, &mut *each)?,
            Piece::Missing(numbers) => {
                let range = Range { first: *numbers.start(), last: Some(*numbers.end()) };
                let mut filling = cache.filling(numbers);
                match client.over(&Span::Range(range)) {
                    Ok(mut rows) => {
                        while let Some(line) = rows.next() {
                            let line = line.map_err(|e| opener.about(e))?;
                            filling.row(line)?;
                            each(line)?;
                        }
                    }
                    Err(why) if why.is_missing() => {}
                    Err(why) => return Err(opener.about(why)),
                }
                filling.finish()?;
            }
        }
    }
    Ok(())
}

/// Whether the server has no other article under the number.
fn is_still(client: &mut Client, opener: &Opener<'_>, known: &Row<'_>) -> Result<bool> {
    match client.over(&Span::Range(Range { first: known.number, last: Some(known.number) })) {
        Ok(mut rows) => {
            let mut is_same = true;
            while let Some(line) = rows.next() {
                let line = line.map_err(|e| opener.about(e))?;
                is_same &= Row::parse(line).is_ok_and(|row| row.id == known.id);
            }
            Ok(is_same)
        }
        Err(why) if why.is_missing() => Ok(true),
        Err(why) => Err(opener.about(why)),
    }
}

/// A row as people read it: number, date, author, subject.
fn listed(row: &Row<'_>, depth: usize, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{}\t", row.number);
    mime::push_date(row.date, out);
    out.push(b'\t');
    out.extend_from_slice(mime::author(row.from).as_bytes());
    out.push(b'\t');
    for _ in 0..depth.min(40) {
        out.extend_from_slice(b"  ");
    }
    out.extend_from_slice(mime::words(row.subject).as_bytes());
    out.push(b'\n');
}

fn object(row: &Row<'_>) -> String {
    let references: Vec<String> =
        thread::ids(row.references).iter().map(|id| String::from_utf8_lossy(id).into_owned()).collect();
    let extra: Vec<_> = row.extra().map(mime::words).collect();
    json!({
        "number": row.number,
        "subject": mime::words(row.subject),
        "from": mime::words(row.from),
        "date": mime::date_of(row.date),
        "message_id": String::from_utf8_lossy(row.id),
        "references": references,
        "bytes": row.bytes,
        "lines": row.lines,
        "extra": extra,
    })
    .to_string()
}

/// Rows that wait for all others, to stand below what they answer.
#[derive(Default)]
struct Threads {
    kept: Vec<Vec<u8>>,
    items: Vec<Item>,
    size: usize,
}

impl Threads {
    fn add(&mut self, row: &Row<'_>, line: &[u8]) -> Result<()> {
        let date = mime::seconds(row.date).unwrap_or_else(|| i64::try_from(row.number).unwrap_or(0));
        self.items.push(Item { id: row.id.to_vec(), references: thread::ids(row.references), date });
        self.size += line.len() * 2 + 160;
        self.kept.push(line.to_vec());
        if self.size > THREADED {
            let why = "more articles than a thread view can hold; give a range";
            return Err(Failure::new(Kind::Limit, why));
        }
        Ok(())
    }

    fn show(&self, run: &Run<'_>, output: &mut Output) -> Result<()> {
        let mut text = Vec::new();
        for spot in thread::threads(&self.items) {
            let row = spot.item.and_then(|at| self.kept.get(at)).and_then(|line| Row::parse(line).ok());
            match row {
                Some(row) if run.json() => {
                    let mut line: serde_json::Value = serde_json::from_str(&object(&row)).unwrap_or_default();
                    if let Some(line) = line.as_object_mut() {
                        line.insert("depth".to_owned(), json!(spot.depth));
                    }
                    output.line(&line.to_string())?;
                }
                Some(row) => {
                    text.clear();
                    listed(&row, spot.depth, &mut text);
                    output.write_all(&text).map_err(|e| Failure::copy(output.name(), e))?;
                }
                None if run.json() => {}
                None => output.line("-\t\t\t(not here)")?,
            }
        }
        Ok(())
    }
}

pub fn hdr(args: &NntpHdr, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = run.target_and_words(&args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (group, range, rest) = session::scope(&opener.target.place, words)?;
    let (field, range) = match rest {
        [field] => (field, range),
        [field, numbers] if range.is_none() => (field, Some(numbers.parse().map_err(Error::from)?)),
        _ => return Err(Failure::new(Kind::Usage, "which field?")),
    };
    let field = Header::new(field).map_err(Error::from)?;
    let pattern = args.pattern.as_deref().map(Line::new).transpose().map_err(Error::from)?;
    let mut client = opener.open()?;
    let info = client.group(&group).map_err(|e| opener.about(e))?;
    let mut output = run.output()?;
    let mut bad = 0;
    if let Some(range) = within(&info, range, None) {
        let span = Span::Range(range);
        let asked = match &pattern {
            Some(pattern) => client.xpat(&field, &span, pattern),
            None => client.hdr(&field, &span),
        };
        let mut rows = asked.map_err(|e| opener.about(e))?;
        while let Some(line) = rows.next() {
            let line = line.map_err(|e| opener.about(e))?;
            match overview::field(line) {
                Ok((number, value)) if run.json() => {
                    output.line(&json!({ "number": number, "value": mime::words(value) }).to_string())?;
                }
                Ok((number, value)) => output.line(&format!("{number}\t{}", mime::words(value)))?,
                Err(rule) => bad_row(&run, &mut bad, rule, line),
            }
        }
    }
    session::leave(client);
    output.finish()?;
    told(bad)
}
