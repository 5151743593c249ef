//! One stored answer, as a file: a block of fields about it, the head, the body.
//!
//! ```text
//! URL: http://example.org/               whose answer it is
//! Asked: 784111777                       when the request was sent, in seconds since 1970
//! Received: 784111777                    when the head was here
//! Length: 6                              of the body below; another length is a broken file
//! With-accept-language: de               the request field that `Vary` names; left out where the request had none
//!
//! HTTP/1.1 200 OK ...
//! ```

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_wire::{Decode, Field, FieldBlock, Fields, Limits, Step};
use url::Url;

use crate::head::{Head, Heads};

/// Both blocks of fields, at most.
const LONGEST: u64 = 512 << 10;
/// In front of the names of request fields.
const WITH: &str = "With-";

/// A stored answer.
pub(crate) struct Entry {
    pub(super) url: String,
    pub(super) asked: SystemTime,
    pub(super) received: SystemTime,
    pub(super) head: Head,
    /// What the request said where it matters.
    pub(super) with: Vec<(String, Vec<u8>)>,
    /// Of the body.
    pub(super) length: u64,
    /// Stands at the body.
    pub(super) body: File,
}

impl Entry {
    /// Reads a file; `None` when it is broken, which is as good as none.
    pub(super) fn read(mut file: File) -> Option<Entry> {
        let mut bytes = Vec::new();
        (&mut file).take(LONGEST).read_to_end(&mut bytes).ok()?;
        let limits = Limits::default();
        let Ok(Step::Done(about, used)) = FieldBlock::new(&limits).decode(&bytes) else { return None };
        let Ok(Step::Done(head, more)) = Heads::new(&limits).decode(bytes.get(used..)?) else { return None };
        let text = |name: &str| std::str::from_utf8(about.get(name)?).ok().map(str::to_owned);
        let time = |name: &str| UNIX_EPOCH.checked_add(Duration::from_secs(text(name)?.parse().ok()?));
        let length = text("length")?.parse().ok()?;
        let start = (used + more) as u64;
        if file.metadata().ok()?.len() != start + length {
            return None;
        }
        file.seek(SeekFrom::Start(start)).ok()?;
        let with = about
            .iter()
            .filter_map(|field| Some((field.name().strip_prefix(WITH)?.to_owned(), field.value().to_vec())));
        let with = with.collect();
        Some(Entry {
            url: text("url")?,
            asked: time("asked")?,
            received: time("received")?,
            head,
            with,
            length,
            body: file,
        })
    }

    /// What stands in front of the body.
    pub(super) fn preface(
        url: &Url,
        (asked, received): (SystemTime, SystemTime),
        length: u64,
        with: &[(String, Vec<u8>)],
        head: &Head,
    ) -> Option<Vec<u8>> {
        let seconds =
            |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        let mut about = Fields::default();
        about.push(Field::new("URL", key(url).as_bytes())?);
        about.push(Field::new("Asked", seconds(asked).as_bytes())?);
        about.push(Field::new("Received", seconds(received).as_bytes())?);
        // Of fixed width, so that it can be written when it is known.
        about.push(Field::new("Length", format!("{length:020}").as_bytes())?);
        for (name, value) in with {
            about.push(Field::new(&format!("{WITH}{name}"), value)?);
        }
        let mut bytes = Vec::new();
        about.encode(&mut bytes);
        head.encode(&mut bytes);
        (bytes.len() as u64 <= LONGEST).then_some(bytes)
    }

    /// Whether a request with these fields would get this answer (RFC 9111 4.1).
    pub(super) fn suits(&self, asked: &Fields) -> bool {
        varying(&self.head, asked) == self.with
    }
}

/// The request fields that `Vary` names, as this request has them.
pub(super) fn varying(head: &Head, asked: &Fields) -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<String> =
        head.fields().list("vary").map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    let value = |name: String| {
        let all: Vec<&[u8]> = asked.all(&name).collect();
        (!all.is_empty()).then(|| (name, all.join(&b", "[..])))
    };
    names.into_iter().filter_map(value).collect()
}

/// Under which an answer is stored (RFC 9111 2): the URL without its fragment.
pub(super) fn key(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}
