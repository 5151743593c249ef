//! `/cookies`, `/cookies/set?NAME=VALUE`, `/hsts`: what a server wants its client to remember (RFC 6265, RFC 6797).

use crate::http::answer::Answer;
use crate::http::{Asked, decoded};

/// The cookies that came, one a line.
pub(super) fn show(asked: &Asked) -> Answer {
    let came = asked.head.fields().all("cookie").map(String::from_utf8_lossy);
    let all: Vec<String> = came
        .flat_map(|field| field.split(';').map(|pair| pair.trim().to_owned()).collect::<Vec<_>>())
        .collect();
    Answer::text(200, &all.join("\n"))
}

/// Sets each pair of the query as a cookie, and leads to `/cookies`; one without a value is taken away.
pub(super) fn set(asked: &Asked) -> Answer {
    let pairs = asked.query.split('&').filter(|pair| !pair.is_empty());
    pairs.fold(Answer::text(302, "set").with("Location", "/cookies"), |answer, pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let over = if value.is_empty() { "; Max-Age=0" } else { "" };
        match (decoded(name, true), decoded(value, true)) {
            (Some(name), Some(value)) => answer.with("Set-Cookie", &format!("{name}={value}; Path=/{over}")),
            _ => answer,
        }
    })
}

/// Wants TLS from now on; heeded only through TLS, and not for an IP address.
pub(super) fn hsts() -> Answer {
    Answer::text(200, "by TLS, please").with("Strict-Transport-Security", "max-age=3600; includeSubDomains")
}
