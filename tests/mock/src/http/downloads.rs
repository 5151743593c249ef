//! Files that are hard to fetch: servers that are busy, that break off, that are slow, whose content changes meanwhile.
//!
//! | path | answer |
//! |---|---|
//! | `/flaky/N` | 503 with `Retry-After: 0` the first N times; `?after=S` says another time |
//! | `/drop-after/BYTES` | a file whose first GET is cut behind that many bytes; then with ranges; `?size=N` |
//! | `/changing/BYTES` | the same, but after the cut it is another version |
//! | `/slow/BYTES` | a file at 256 KiB/s, with ranges; `?rate=N` bytes a second |
//! | `/named?disposition=V` | a text with that `Content-Disposition` |
//!
//! What each place has answered is counted by its whole target, so that tests of one server stay apart by their query.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use netkit_http::{ByteRange, ContentRange};

use crate::http::answer::{Answer, Body};
use crate::http::{Asked, decoded};

/// How many targets are counted; later ones are taken for new each time.
const COUNTED: usize = 10_000;
/// The largest file.
const LARGEST: u64 = 1 << 32;

/// How often each target was asked for.
#[derive(Debug, Default)]
pub(super) struct Downloads(Mutex<HashMap<String, u64>>);

/// A file that is made up as it is sent.
struct Made {
    size: u64,
    version: u64,
    /// Where its first answer breaks off.
    cut: Option<u64>,
    bytes_per_second: Option<u64>,
}

/// The byte at a position of a version: no shift of the content is like the content.
pub(super) fn byte(at: u64, version: u64) -> u8 {
    let mixed = (at ^ version << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as u8
}

impl Downloads {
    /// The answer of a place; `None` where the path is none of these.
    pub(super) fn answer(&self, asked: &Asked) -> Option<Answer> {
        let (place, rest) = asked.path.trim_start_matches('/').split_once('/').unwrap_or(("named", ""));
        let number = || rest.parse::<u64>().ok().filter(|n| *n <= LARGEST);
        let value =
            |name: &str| asked.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let size = value("size").and_then(|n| n.parse().ok()).unwrap_or(1 << 20).min(LARGEST);
        let gets = asked.head.method().as_str() == "GET";
        Some(match place {
            "flaky" if self.earlier(asked) < number()? => {
                Answer::text(503, "busy").with("Retry-After", value("after").unwrap_or("0"))
            }
            "flaky" => Answer::text(200, "at last"),
            "drop-after" | "changing" => {
                let earlier = if gets { self.earlier(asked) } else { 0 };
                let cut = number().filter(|_| gets && earlier == 0);
                let version = if place == "changing" && earlier > 0 { 2 } else { 1 };
                number()?;
                Made { size, version, cut, bytes_per_second: None }.answer(asked)
            }
            "slow" => {
                let rate = value("rate").and_then(|n| n.parse().ok()).unwrap_or(256 << 10);
                Made { size: number()?, version: 1, cut: None, bytes_per_second: Some(rate) }.answer(asked)
            }
            "named" if asked.path == "/named" => {
                let disposition = value("disposition").and_then(|text| decoded(text, true));
                Answer::text(200, "named").with("Content-Disposition", &disposition.unwrap_or_default())
            }
            _ => return None,
        })
    }

    /// How often the target was asked for before.
    fn earlier(&self, asked: &Asked) -> u64 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTED {
            counts.clear();
        }
        let count = counts.entry(asked.head.target().to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

impl Made {
    fn answer(self, asked: &Asked) -> Answer {
        let etag = format!("\"made-{}-{}\"", self.size, self.version);
        let fields = asked.head.fields();
        let described = |answer: Answer| {
            answer
                .with("ETag", &etag)
                .with("Accept-Ranges", "bytes")
                .with("Content-Type", "application/octet-stream")
        };
        if fields.get("if-none-match") == Some(etag.as_bytes()) {
            return described(Answer::new(304, Body::None));
        }
        let same = fields.get("if-range").is_none_or(|validator| validator == etag.as_bytes());
        let range = fields.get("range").filter(|_| same).and_then(ByteRange::parse);
        let (status, first, last) = match range.map(|range| range.within(self.size)) {
            Some(None) => {
                let unsatisfied = ContentRange::Unsatisfied(self.size).to_string();
                return described(Answer::text(416, "outside")).with("Content-Range", &unsatisfied);
            }
            Some(Some((first, last))) => (206, first, Some(last)),
            None => (200, 0, self.size.checked_sub(1)),
        };
        let length = last.map_or(0, |last| last + 1 - first);
        let sent = self.cut.unwrap_or(length).min(length);
        let (version, bytes_per_second) = (self.version, self.bytes_per_second);
        let answer =
            described(Answer::new(status, Body::Made { first, length, sent, version, bytes_per_second }));
        match last.filter(|_| status == 206) {
            Some(last) => {
                let part = ContentRange::Part { first, last, complete: Some(self.size) };
                answer.with("Content-Range", &part.to_string())
            }
            None => answer,
        }
    }
}
