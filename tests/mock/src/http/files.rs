//! The world's files over HTTP: conditional requests, ranges, uploads (RFC 9110 8.8, 9.3, 13, 14).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use netkit_wire::Fields;

use crate::http::Asked;
use crate::http::answer::{Answer, Body};
use crate::world::{File, World};

const ALLOWED: &str = "GET, HEAD, PUT, DELETE, OPTIONS";

pub(super) fn answer(world: &World, asked: &Asked) -> Answer {
    match asked.head.method().as_str() {
        "GET" | "HEAD" => get(world, asked),
        "PUT" => put(world, asked),
        "DELETE" => match world.site().delete(&asked.path) {
            true => Answer::new(204, Body::None),
            false => missing(&asked.path),
        },
        "OPTIONS" => Answer::new(204, Body::None).with("Allow", ALLOWED),
        _ => Answer::text(405, "files are read, put and deleted here").with("Allow", ALLOWED),
    }
}

fn get(world: &World, asked: &Asked) -> Answer {
    let path = &asked.path;
    let (file, names) = {
        let site = world.site();
        let index = if path.ends_with('/') { format!("{path}index.html") } else { path.clone() };
        let folder = if path.ends_with('/') { path.clone() } else { format!("{path}/") };
        (site.file(&index).map(|file| (index, file)), site.list(&folder))
    };
    match file {
        Some((name, file)) => content(&name, &file, asked.head.fields()),
        None if names.is_empty() => missing(path),
        None if path.ends_with('/') => Answer::text(200, &names.join("\n")),
        None => {
            let target = asked.head.target();
            let bare = target.split('?').next().unwrap_or(target);
            Answer::text(301, "a folder ends with a slash").with("Location", &format!("{bare}/"))
        }
    }
}

fn missing(path: &str) -> Answer {
    Answer::text(404, &format!("there is nothing at {path}"))
}

fn put(world: &World, asked: &Asked) -> Answer {
    let mut site = world.site();
    let new = site.file(&asked.path).is_none();
    if !site.put(&asked.path, asked.body.as_slice().into(), SystemTime::now()) {
        return Answer::text(403, "not at that path, or there is no more room");
    }
    let answer =
        Answer::new(if new { 201 } else { 204 }, if new { Body::Whole(Arc::default()) } else { Body::None });
    if new { answer.with("Location", asked.head.target()) } else { answer }
}

/// A file that the client may have already, whole or in part.
fn content(name: &str, file: &File, asked: &Fields) -> Answer {
    let etag = etag(&file.bytes);
    let described = |answer: Answer| {
        answer
            .with("ETag", &etag)
            .with("Last-Modified", &httpdate::fmt_http_date(file.modified))
            .with("Accept-Ranges", "bytes")
    };
    if is_known(asked, &etag, file.modified) {
        return described(Answer::new(304, Body::None));
    }
    let size = file.bytes.len();
    // RFC 9110 13.1.5: a part of another version is no use.
    let same = asked.get("if-range").is_none_or(|validator| validator == etag.as_bytes());
    let answer = match asked.get("range").filter(|_| same).map(|range| range_of(range, size)) {
        Some(Range::Part(first, last)) => {
            let part = file.bytes.get(first..=last).unwrap_or_default();
            Answer::new(206, Body::Whole(part.into()))
                .with("Content-Range", &format!("bytes {first}-{last}/{size}"))
        }
        Some(Range::Outside) => {
            return described(Answer::text(416, "that range is outside of the file"))
                .with("Content-Range", &format!("bytes */{size}"));
        }
        Some(Range::Other) | None => Answer::new(200, Body::Whole(Arc::clone(&file.bytes))),
    };
    described(answer.with("Content-Type", media_type(name)))
}

/// RFC 9110 13.2.2: the ETag counts, and the date only without one.
fn is_known(asked: &Fields, etag: &str, modified: SystemTime) -> bool {
    if asked.has("if-none-match") {
        let weakly = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes();
        return asked.list("if-none-match").any(|tag| tag == b"*" || weakly(tag));
    }
    let since = asked.get("if-modified-since").and_then(|date| std::str::from_utf8(date).ok());
    let since = since.and_then(|date| httpdate::parse_http_date(date).ok());
    // HTTP dates have whole seconds.
    since.is_some_and(|since| modified < since + Duration::from_secs(1))
}

/// FNV-1a of the bytes: the same content has the same tag in every run.
fn etag(bytes: &[u8]) -> String {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("\"{:016x}\"", bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix))
}

enum Range {
    /// From the first to the last byte, both included.
    Part(usize, usize),
    /// Past the end.
    Outside,
    /// Several, in other units, or malformed: the whole is the answer (RFC 9110 14.2).
    Other,
}

/// `bytes=first-last`, `bytes=first-`, `bytes=-length`.
fn range_of(value: &[u8], size: usize) -> Range {
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<usize>().ok()).flatten();
    let spec = std::str::from_utf8(value).ok().and_then(|value| value.strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else { return Range::Other };
    let end = size.saturating_sub(1);
    match (first.is_empty(), number(first), last.is_empty(), number(last)) {
        (true, _, false, Some(0)) => Range::Outside,
        (true, _, false, Some(_)) if size == 0 => Range::Outside,
        (true, _, false, Some(length)) => Range::Part(size.saturating_sub(length), end),
        (false, Some(first), true, _) if first < size => Range::Part(first, end),
        (false, Some(first), false, Some(last)) if first <= last && first < size => {
            Range::Part(first, last.min(end))
        }
        (false, Some(first), true, _) if first >= size => Range::Outside,
        (false, Some(first), false, Some(last)) if first <= last => Range::Outside,
        _ => Range::Other,
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("txt" | "gophermap" | "md") => "text/plain; charset=utf-8",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("gif") => "image/gif",
        _ => "application/octet-stream",
    }
}
