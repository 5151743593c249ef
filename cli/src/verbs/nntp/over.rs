//! `netkit nntp over` and `hdr`.

use std::io::Write;

use netkit_nntp::thread::{self, Item};
use netkit_nntp::{Client, Error, Group, Header, Line, Range, Row, Span, overview};
use netkit_wire::escape;
use serde_json::json;

use super::groups::told;
use super::session::{self, Opener};
use crate::args::{Global, NntpHdr, NntpOver};
use crate::failure::{Failure, Kind, Result};
use crate::mime;
use crate::output::Output;
use crate::run::Run;

/// The most bytes of rows that a thread view holds.
const THREADED: usize = 1 << 29;

/// Makes the group the current one, and what numbers are meant; none where it is empty.
fn select(
    client: &mut Client,
    opener: &Opener<'_>,
    group: &Group,
    range: Option<Range>,
    last: Option<u64>,
) -> Result<Option<Range>> {
    let info = client.group(group).map_err(|e| opener.about(e))?;
    if let Some(last) = last {
        let low = info.low.max((info.high + 1).saturating_sub(last));
        return Ok((!info.is_empty()).then_some(Range { first: low, last: Some(info.high) }));
    }
    match range {
        Some(range) => Ok(Some(range)),
        None if info.is_empty() => Ok(None),
        None => Ok(Some(Range { first: info.low, last: Some(info.high) })),
    }
}

fn bad_row(run: &Run<'_>, bad: &mut usize, rule: &str, line: &[u8]) {
    *bad += 1;
    if *bad <= 10 {
        run.warn(&format!("{rule}: {}", escape(line.get(..160).unwrap_or(line))));
    }
}

pub fn over(args: &NntpOver, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = session::target_and_words(&run, &args.words);
    let target = session::aim(&mut run, target)?;
    let opener = Opener::new(&run, target)?;
    let (group, range, _) = session::scope(&opener.target.place, words)?;
    let mut client = opener.open()?;
    let range = select(&mut client, &opener, &group, range, args.last)?;
    let mut output = run.output()?;
    let mut bad = 0;
    if let Some(range) = range {
        match client.over(&Span::Range(range)) {
            Ok(mut rows) if args.thread => bad = threads(&run, &opener, &mut rows, &mut output)?,
            Ok(mut rows) => {
                let mut text = Vec::new();
                while let Some(line) = rows.next() {
                    let line = line.map_err(|e| opener.about(e))?;
                    match Row::parse(line) {
                        Ok(row) if run.json() => output.line(&object(&row))?,
                        Ok(row) => {
                            text.clear();
                            listed(&row, 0, &mut text);
                            output.write_all(&text).map_err(|e| Failure::copy(output.name(), e))?;
                        }
                        Err(rule) => bad_row(&run, &mut bad, rule, line),
                    }
                }
            }
            // No article of these numbers is a list of none, where the whole group was asked for.
            Err(why) if why.is_missing() && words.len() < 2 && args.last.is_none() => {}
            Err(why) => return Err(opener.about(why)),
        }
    }
    session::leave(client);
    output.finish()?;
    told(bad)
}

/// A row as people read it: number, date, author, subject.
fn listed(row: &Row<'_>, depth: usize, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, "{}\t{}\t{}\t", row.number, mime::date_of(row.date), mime::author(row.from));
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

fn threads(
    run: &Run<'_>,
    opener: &Opener<'_>,
    rows: &mut netkit_nntp::Lines<'_>,
    output: &mut Output,
) -> Result<usize> {
    let (mut kept, mut items, mut bad, mut size) = (Vec::new(), Vec::new(), 0, 0);
    while let Some(line) = rows.next() {
        let line = line.map_err(|e| opener.about(e))?;
        match Row::parse(line) {
            Ok(row) => {
                let date = mime::seconds(row.date).unwrap_or_else(|| i64::try_from(row.number).unwrap_or(0));
                items.push(Item { id: row.id.to_vec(), references: thread::ids(row.references), date });
                size += line.len() * 2 + 160;
                kept.push(line.to_vec());
            }
            Err(rule) => bad_row(run, &mut bad, rule, line),
        }
        if size > THREADED {
            let why = "more articles than a thread view can hold; give a range";
            return Err(Failure::new(Kind::Limit, why));
        }
    }
    let mut text = Vec::new();
    for spot in thread::threads(&items) {
        let row = spot.item.and_then(|at| kept.get(at)).and_then(|line| Row::parse(line).ok());
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
    Ok(bad)
}

pub fn hdr(args: &NntpHdr, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let (target, words) = session::target_and_words(&run, &args.words);
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
    let range = select(&mut client, &opener, &group, range, None)?;
    let mut output = run.output()?;
    let mut bad = 0;
    if let Some(range) = range {
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
