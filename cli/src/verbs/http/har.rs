//! `--har`: requests and answers as HTTP Archive 1.2.

mod redact;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use jiff::{SignedDuration, Timestamp};
use netkit_http::{Hop, Payload, Request, RequestHeads, Response, Trip, Version};
use netkit_wire::{Decode, Fields, Limits, Step, escape};
use serde_json::{Value, json};
use url::Url;

use crate::failure::{Failure, Result};
use crate::output::is_device;
use crate::run;

/// How much of a body goes into the archive.
const KEPT: usize = 16 << 20;

/// An archive in the making: all but the last body.
pub struct Har {
    path: PathBuf,
    entries: Vec<Value>,
    media_type: String,
    reading: Instant,
}

/// What of a body passes by.
#[derive(Default)]
pub struct Recorder {
    kept: Vec<u8>,
    size: u64,
}

impl Har {
    /// Notes the redirects and the head of the answer to a request that left at `start`.
    pub fn begin(path: &Path, start: Timestamp, response: &Response<'_>) -> Har {
        let (mut at, mut entries) = (start, Vec::new());
        for hop in response.hops() {
            entries.push(redirect(hop, at));
            at = at
                .saturating_add(SignedDuration::try_from(hop.trip.total()).unwrap_or_default())
                .unwrap_or(at);
        }
        let sent = response.request().map(Request::preview_head).unwrap_or_default();
        let method = response.request().map(|request| request.method().to_string()).unwrap_or_default();
        let mut asked = request(&method, response.url(), &sent);
        if let (Some(data), Some(map)) = (response.request().and_then(post_data), asked.as_object_mut()) {
            map.insert("postData".into(), data);
        }
        let answered = answer(
            response.version(),
            response.status().code(),
            &response.reason().to_string(),
            response.fields(),
        );
        entries.push(entry(at, asked, answered, response.trip()));
        let media_type = response.fields().get("content-type").map(|value| escape(value).into_owned());
        Har {
            path: path.to_owned(),
            entries,
            media_type: media_type.unwrap_or_default(),
            reading: Instant::now(),
        }
    }

    /// Adds the body and writes the file, which only its owner may read.
    pub fn finish(mut self, body: &Recorder) -> Result<()> {
        let receive = millis(self.reading.elapsed());
        if let Some(last) = self.entries.last_mut() {
            let mut content = json!({ "size": body.size, "mimeType": self.media_type });
            if let Some(map) = content.as_object_mut() {
                match std::str::from_utf8(&body.kept) {
                    Ok(text) => {
                        map.insert("text".into(), redact::body(&self.media_type, text).into());
                    }
                    Err(_) => {
                        let packed = base64::engine::general_purpose::STANDARD.encode(&body.kept);
                        map.insert("text".into(), packed.into());
                        map.insert("encoding".into(), "base64".into());
                    }
                }
                if body.size > body.kept.len() as u64 {
                    map.insert("comment".into(), format!("the first {} bytes", body.kept.len()).into());
                }
            }
            put(last, &["response", "content"], content);
            put(last, &["timings", "receive"], receive.into());
            let before = last.get("time").and_then(Value::as_f64).unwrap_or_default();
            put(last, &["time"], (before + receive).into());
        }
        let creator = json!({ "name": "netkit", "version": env!("CARGO_PKG_VERSION") });
        let archive = json!({ "log": { "version": "1.2", "creator": creator, "entries": self.entries } });
        let archive = format!("{archive:#}\n");
        let failed = |e: io::Error| Failure::write(self.path.display(), &e);
        if is_device(&self.path) {
            return std::fs::write(&self.path, archive).map_err(failed);
        }
        let mut part = self.path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let written = run::private(&part)
            .and_then(|mut file| file.write_all(archive.as_bytes()))
            .and_then(|()| std::fs::rename(&part, &self.path));
        written.map_err(failed)
    }
}

impl Recorder {
    pub fn push(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        let room = KEPT.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }
}

/// A sink that lets a recorder see what passes.
pub struct Tee<'t, W> {
    pub to: &'t mut W,
    pub recorder: &'t mut Recorder,
}

impl<W: Write> Write for Tee<'_, W> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let n = self.to.write(from)?;
        self.recorder.push(from.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn redirect(hop: &Hop, at: Timestamp) -> Value {
    let asked = request(hop.method.as_str(), &hop.url, &hop.sent);
    let head = &hop.head;
    let answered = answer(head.version(), hop.status.code(), &head.reason().to_string(), head.fields());
    entry(at, asked, answered, &hop.trip)
}

fn entry(at: Timestamp, request: Value, response: Value, trip: &Trip) -> Value {
    let dialed = trip.dialed.as_ref();
    let time = |part: Option<Duration>| part.map_or(-1.0, millis);
    // The archive counts TLS as a part of connecting, too.
    let tls = dialed.filter(|dial| dial.tls.is_some()).map(|dial| dial.tls_time);
    json!({
        "startedDateTime": at.to_string(), "time": millis(trip.total()), "request": request, "response": response,
        "cache": {},
        "timings": {
            "blocked": -1, "dns": time(dialed.map(|dial| dial.resolve)),
            "connect": time(dialed.map(|dial| dial.connect + tls.unwrap_or_default())), "ssl": time(tls),
            "send": 0, "wait": millis(trip.first_byte), "receive": 0,
        },
    })
}

fn request(method: &str, url: &Url, sent: &[u8]) -> Value {
    let head = match RequestHeads::new(&Limits::default()).decode(sent) {
        Ok(Step::Done(head, _)) => headers(head.fields(), false),
        _ => json!([]),
    };
    let url = redact::url(url);
    let query: Vec<Value> =
        url.query_pairs().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "method": method, "url": url.as_str(), "httpVersion": Version::Http11.to_string(), "cookies": [],
        "headers": head, "queryString": query, "headersSize": sent.len(), "bodySize": -1,
    })
}

fn answer(version: Version, status: u16, reason: &str, fields: &Fields) -> Value {
    let to = fields.get("location").map(|to| location(&escape(to))).unwrap_or_default();
    let media_type = fields.get("content-type").map(|value| escape(value).into_owned()).unwrap_or_default();
    json!({
        "status": status, "statusText": reason, "httpVersion": version.to_string(), "cookies": [],
        "headers": headers(fields, true), "content": { "size": 0, "mimeType": media_type }, "redirectURL": to,
        "headersSize": -1, "bodySize": -1,
    })
}

/// What a request carried, where it was held in memory and is text.
fn post_data(request: &Request) -> Option<Value> {
    let Payload::Bytes(bytes) = request.payload() else { return None };
    let text = std::str::from_utf8(bytes.get(..KEPT).unwrap_or(bytes)).ok()?;
    let media_type = request.fields().get("content-type").map(|value| escape(value).into_owned());
    let media_type = media_type.unwrap_or_default();
    Some(json!({ "mimeType": media_type, "text": redact::body(&media_type, text) }))
}

/// Every field; of those that came, the secrets as `***`.
fn headers(fields: &Fields, came: bool) -> Value {
    let value = |name: &str, value: &[u8]| match () {
        () if came && redact::is_secret(name) => redact::HIDDEN.to_owned(),
        () if name.eq_ignore_ascii_case("location") => location(&escape(value)),
        () => escape(value).into_owned(),
    };
    fields.iter().map(|f| json!({ "name": f.name(), "value": value(f.name(), f.value()) })).collect()
}

/// Where an answer leads, absolute or not, with the secrets of its query hidden.
fn location(to: &str) -> String {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let hidden = Url::parse(&format!("http://x/?{query}")).map(|url| redact::url(&url)).ok();
    match hidden.as_ref().and_then(Url::query) {
        Some(hidden) if !query.is_empty() && hidden != query => format!("{path}?{hidden}"),
        _ => to.to_owned(),
    }
}

fn put(entry: &mut Value, path: &[&str], value: Value) {
    let mut at = Some(entry);
    for name in path {
        at = at.and_then(|map| map.get_mut(*name));
    }
    if let Some(place) = at {
        *place = value;
    }
}

fn millis(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}
