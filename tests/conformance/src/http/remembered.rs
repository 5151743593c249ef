//! What an HTTP client remembers between requests, in the words of the fixtures.
//!
//! - client: `jar` (cookies are kept), `hsts` and `hsts=HOST` (hosts that want TLS are kept; that one with those below
//!   it), `nonce=TEXT` (the client's nonce for Digest)
//! - request: `digest=USER:PASSWORD`, `any=USER:PASSWORD` (logs in when asked), `part=NAME:VALUE` (a field of a
//!   multipart form, whose boundary is `boundary`)
//! - steps of their own: `cookies`, `hosts` show what is remembered

use std::time::{Duration, SystemTime};

use netkit_auth::Credentials;
use netkit_http::{Client, CookieJar, Dial, Error, Hsts, Invalid, Multipart, Request, Schemes};

/// 2021-01-01: fixtures have a time of their own.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_609_459_200)
}

pub(super) fn client<D: Dial>(mut client: Client<D>, step: &[String]) -> Client<D> {
    client = client.wall_clock(now);
    let (mut hosts, mut kept) = (Hsts::new(), false);
    for word in step {
        match word.split_once('=').unwrap_or((word, "")) {
            ("jar", _) => client = client.cookies(CookieJar::new()),
            ("nonce", nonce) => {
                let nonce = nonce.to_owned();
                client = client.nonces(move || nonce.clone());
            }
            ("hsts", host) => {
                hosts.read(&format!(".{host} \"unlimited\""), now());
                kept = true;
            }
            _ => {}
        }
    }
    if kept { client.hsts(hosts, true) } else { client }
}

/// A step that asks the client, not a server.
pub(super) fn show<D: Dial>(client: &Client<D>, step: &[String]) -> Option<String> {
    match step.first()?.as_str() {
        "cookies" => {
            let all = client.cookie_jar().into_iter().flat_map(CookieJar::iter);
            let shown: Vec<String> = all
                .map(|cookie| {
                    let mut shown = format!("{} for {}{}", cookie.name, cookie.domain, cookie.path);
                    for (word, said) in [
                        ("alone", cookie.host_only),
                        ("secure", cookie.secure),
                        ("lasting", cookie.expires.is_some()),
                    ] {
                        if said {
                            shown = shown + " " + word;
                        }
                    }
                    format!("[{shown}]")
                })
                .collect();
            Some(format!("cookies {}", shown.join(" ")).trim_end().to_owned())
        }
        "hosts" => {
            let all = client.hsts_hosts().into_iter().flat_map(Hsts::iter);
            let shown: Vec<String> =
                all.map(|(host, below)| format!("[{}{host}]", if below { "." } else { "" })).collect();
            Some(format!("hosts {}", shown.join(" ")).trim_end().to_owned())
        }
        _ => None,
    }
}

pub(super) fn request(mut request: Request, step: &[String]) -> Result<Request, Error> {
    let mut form = None;
    for word in step {
        let Some((name, value)) = word.split_once('=') else { continue };
        let (left, right) = value.split_once(':').unwrap_or((value, ""));
        let card =
            || Credentials::password(left, right).map_err(|_| Invalid::Target("the user name breaks a line"));
        match name {
            "digest" => request = request.login_when_asked(&card()?, Schemes::Digest),
            "any" => request = request.login_when_asked(&card()?, Schemes::Any),
            "part" => {
                let begun = form.take().map_or_else(|| Multipart::new("boundary"), Ok)?;
                form = Some(begun.text(left, right));
            }
            _ => {}
        }
    }
    match form {
        None => Ok(request),
        Some(form) => {
            let request = request.field("Content-Type", form.content_type())?;
            Ok(request.body(form.into_payload())?)
        }
    }
}
