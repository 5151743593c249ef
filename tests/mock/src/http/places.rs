//! The places that are no files: each answers in one way a client must cope with.

use std::fmt::Write as _;
use std::time::Duration;

use netkit_auth::http::{Authorization, Challenge};

use crate::http::answer::{Answer, Body};
use crate::http::{Asked, codings, cookies, decoded, digest, events, multipart, rpc};
use crate::world::World;

/// What the codings are put on.
const TEXT: &str =
    "The same text, whatever it is wrapped in: gzip, deflate, br, zstd, chunks or nothing at all.\n";
/// How many redirects in a row, at most.
const REDIRECTS: u32 = 100;
/// The largest body that is made up.
const LARGEST: u64 = 1 << 40;
/// The longest wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer of a place; `None` where the path is none.
pub(super) fn answer(world: &World, asked: &Asked) -> Option<Answer> {
    let mut parts = asked.path.trim_start_matches('/').splitn(2, '/');
    let (place, rest) = (parts.next().unwrap_or_default(), parts.next());
    Some(match (place, rest) {
        ("echo", _) => echo(asked),
        ("rpc", None) => rpc::answer(asked),
        ("events", None) => events::answer(asked),
        ("status", Some(code)) => status(code),
        ("redirect", Some(left)) => redirect(left),
        ("redirect-to", None) => redirect_to(&asked.query),
        ("gzip", None) => coded("gzip", codings::gzip(TEXT.as_bytes())),
        ("deflate", None) => coded("deflate", codings::deflate(TEXT.as_bytes())),
        ("br", None) => coded("br", codings::brotli(TEXT.as_bytes())),
        ("zstd", None) => coded("zstd", codings::zstd(TEXT.as_bytes())),
        ("chunked", None) => {
            let words = TEXT.split_inclusive(' ').map(|word| word.as_bytes().to_vec());
            plain(Answer::new(200, Body::Chunks(words.collect())).with("Trailer", "X-Trailer"))
        }
        ("stream", None) => plain(Answer::new(200, Body::UntilClose(TEXT.into()))),
        ("truncated", None) => plain(Answer::new(200, Body::Short(TEXT.into(), 1000))),
        ("bytes", Some(n)) => match n.parse() {
            Ok(n) if n <= LARGEST => {
                Answer::new(200, Body::Pattern(n)).with("Content-Type", "application/octet-stream")
            }
            _ => Answer::text(400, "that is no number of bytes"),
        },
        ("delay", Some(seconds)) => delay(seconds),
        ("auth", Some("basic")) => auth(world, asked, Challenge::basic("netkit mock")),
        ("auth", Some("bearer")) => auth(world, asked, Challenge::bearer("netkit mock")),
        ("auth", Some("digest")) => digest::answer(world, asked),
        ("cookies", None) => cookies::show(asked),
        ("cookies", Some("set")) => cookies::set(asked),
        ("hsts", None) => cookies::hsts(),
        _ => return None,
    })
}

fn plain(answer: Answer) -> Answer {
    answer.with("Content-Type", "text/plain; charset=utf-8")
}

fn coded(name: &str, bytes: Vec<u8>) -> Answer {
    plain(Answer::new(200, Body::Whole(bytes.into())).with("Content-Encoding", name))
        .with("Vary", "Accept-Encoding")
}

fn status(code: &str) -> Answer {
    match code.parse() {
        Ok(code @ (204 | 304)) => Answer::new(code, Body::None),
        Ok(code @ 200..=999) => Answer::text(code, &format!("status {code}")),
        _ => Answer::text(400, "a status is a number from 200 to 999"),
    }
}

fn redirect(left: &str) -> Answer {
    match left.parse::<u32>() {
        Ok(0) => Answer::text(200, "arrived"),
        Ok(left @ 1..=REDIRECTS) => {
            Answer::text(302, "further").with("Location", &format!("/redirect/{}", left - 1))
        }
        _ => Answer::text(400, "that is no number of redirects"),
    }
}

/// `?url=U&status=NNN`.
fn redirect_to(query: &str) -> Answer {
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        decoded(pair, true)
    };
    let status = value("status").and_then(|code| code.parse().ok()).filter(|code| (300..400).contains(code));
    match value("url") {
        Some(url) if !url.contains(['\r', '\n']) => {
            Answer::text(status.unwrap_or(302), "there").with("Location", &url)
        }
        _ => Answer::text(400, "?url= says where to"),
    }
}

fn delay(seconds: &str) -> Answer {
    let wait = seconds.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
    match wait {
        Some(wait) => {
            std::thread::sleep(wait.min(PATIENCE));
            Answer::text(200, "at last")
        }
        None => Answer::text(400, "that is no number of seconds"),
    }
}

/// For the accounts of the world, and only by the scheme that is asked for.
fn auth(world: &World, asked: &Asked, challenge: Challenge) -> Answer {
    let given = asked.head.fields().get("authorization").and_then(|value| Authorization::parse(value).ok());
    let user = match given {
        Some(Authorization::Basic { user, password }) if challenge.is("Basic") => {
            (world.password(&user) == Some(password)).then_some(user)
        }
        Some(Authorization::Bearer(token)) if challenge.is("Bearer") => {
            world.token_owner(token.expose()).map(str::to_owned)
        }
        _ => None,
    };
    match user {
        Some(user) => Answer::text(200, &format!("hello, {user}")),
        None => Answer::text(401, "who are you?")
            .with("WWW-Authenticate", &challenge.to_value().unwrap_or_default()),
    }
}

/// The request as it was understood.
fn echo(asked: &Asked) -> Answer {
    let fields: Vec<String> = (asked.head.fields().iter())
        .map(|field| format!("[{}, {}]", json(field.name().as_bytes()), json(field.value())))
        .collect();
    let parts = multipart::parts(asked).map(|parts| {
        let shown = |part: &multipart::Part<'_>| {
            let content = json(part.content);
            let (disposition, media_type) =
                (json(part.disposition.as_bytes()), json(part.media_type.as_bytes()));
            format!("{{\"disposition\": {disposition}, \"type\": {media_type}, \"content\": {content}}}")
        };
        format!(", \"parts\": [{}]", parts.iter().map(shown).collect::<Vec<_>>().join(", "))
    });
    let text = format!(
        "{{\"method\": {}, \"target\": {}, \"version\": {}, \"fields\": [{}], \"body\": {}{}}}",
        json(asked.head.method().as_str().as_bytes()),
        json(asked.head.target().as_bytes()),
        json(asked.head.version().as_str().as_bytes()),
        fields.join(", "),
        json(&asked.body),
        parts.unwrap_or_default(),
    );
    Answer::new(200, Body::Whole((text + "\n").into_bytes().into())).with("Content-Type", "application/json")
}

/// A JSON string (RFC 8259 7); bytes that are not UTF-8 become U+FFFD.
fn json(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for c in String::from_utf8_lossy(bytes).chars() {
        // Writing to a String cannot fail.
        let _ = match c {
            '"' | '\\' => write!(text, "\\{c}"),
            c if c.is_control() => write!(text, "\\u{:04x}", c as u32),
            c => text.write_char(c),
        };
    }
    text + "\""
}
