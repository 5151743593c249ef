//! From the command line to a request.

use std::fs::File;
use std::io::Read;

use netkit_auth::source::UserArgument;
use netkit_auth::{Secret, UserName};
use netkit_http::{Error, Method, Payload, Request, Target};
use netkit_socket::Endpoint;
use serde_json::Value;
use url::Url;

use crate::args::{Data, HttpCall};
use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};
use crate::verbs::items::Items;

/// Where to, over which socket, as whom.
pub struct Place {
    pub url: Url,
    pub through: Option<Endpoint>,
    login: Option<UserArgument>,
}

/// What the text names, or the mock server in its place.
pub fn place(run: &mut Run<'_>, text: Option<&str>) -> Result<Place> {
    let options = &run.net.tls;
    if options.starttls {
        let what = "HTTP has no STARTTLS";
        return Err(Failure::new(Kind::Unsupported, what)
            .hint("--tls or an https URL speaks TLS from the first byte"));
    }
    let (mut tls, plain) = (options.tls, options.plain);
    let text = match text {
        Some(text) => text,
        None if run.is_mock() => "/",
        None => return Err(Failure::new(Kind::Usage, "no URL: which host?")),
    };
    tls |= text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    if tls && plain {
        return Err(Failure::new(Kind::Usage, "--plain with TLS asked for"));
    }
    let scheme = if tls { "https" } else { "http" };
    // A scheme that is not HTTP's stays, for the target to refuse.
    let rest = match text.split_once("://") {
        Some((written, rest))
            if written.eq_ignore_ascii_case("http") || written.eq_ignore_ascii_case("https") =>
        {
            rest
        }
        Some((written, _)) if !written.contains(['/', '?', '#', ':', '@']) => {
            return Err(Failure::new(Kind::Target, format!("{written} is not http or https")));
        }
        _ => text,
    };
    let full = match run.mock(Protocol::Http, tls)? {
        Some(mock) => {
            let path = rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/");
            format!("{scheme}://{mock}{path}")
        }
        None => format!("{scheme}://{rest}"),
    };
    let target: Target = full.parse().map_err(Error::from)?;
    let mut url = target.url().clone();
    if let (Some(host), false) = (url.host_str(), run.is_mock()) {
        let endpoint = Endpoint::new(host.parse()?, url.port_or_known_default().unwrap_or(80));
        if let Endpoint::Inet { port, .. } = run.with_port(endpoint)? {
            // Only a URL without a host has no port to set.
            let _ = url.set_port(Some(port));
        }
    }
    let login = target.login().map(|(user, password)| {
        let user = UserName::new(user).map_err(|e| Failure::new(Kind::Usage, e))?;
        Ok::<_, Failure>(UserArgument { user, password: password.map(Secret::from) })
    });
    Ok(Place { url, through: target.through().cloned(), login: login.transpose()? })
}

/// The request with its fields, its login and its body.
pub fn request(run: &Run<'_>, place: &Place, method: &Method, call: &HttpCall) -> Result<Request> {
    let items = Items::parse(&call.items)?;
    let mut url = place.url.clone();
    if !items.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&items.query);
    }
    let mut request = Request::new(method.clone(), &url).map_err(Error::from)?.keep_coding(call.raw_body);
    for header in &call.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            Failure::new(Kind::Usage, format!("-H {header}: a header field is NAME: VALUE"))
        })?;
        request = request.field(name.trim(), value.trim()).map_err(Error::from)?;
    }
    for (name, value) in &items.headers {
        request = request.field(name, value).map_err(Error::from)?;
    }
    request = login(run, place, request)?;
    let Some((body, media_type)) = body(call, &items)? else { return Ok(request) };
    if !request.fields().has("content-type") {
        request = request.field("Content-Type", media_type).map_err(Error::from)?;
    }
    Ok(request.body(body).map_err(Error::from)?)
}

/// Who asks, by Basic or Bearer.
pub fn login(run: &Run<'_>, place: &Place, request: Request) -> Result<Request> {
    let host = place.url.host_str().unwrap_or_default();
    let Some(mut credentials) = run.credentials(host, place.login.clone())? else { return Ok(request) };
    match run.net.login.auth.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => {}
        Some("basic") => credentials.token = None,
        Some("bearer") if credentials.token.is_some() => {}
        Some("bearer") => {
            return Err(Failure::new(Kind::Login, "--auth bearer needs a token").hint("--token TOKEN"));
        }
        Some(other) => {
            let what = format!("HTTP login by {other} is not built in");
            return Err(Failure::new(Kind::Unsupported, what).hint("basic or bearer"));
        }
    }
    let request = request.login(&credentials).map_err(Error::from)?;
    Ok(request.allow_login_in_clear(run.net.login.insecure_auth))
}

fn body(call: &HttpCall, items: &Items) -> Result<Option<(Payload, &'static str)>> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let Some(data) = &call.data else {
        return Ok(match (items.fields.is_empty(), call.form) {
            (true, _) => None,
            (false, true) => Some((Payload::Bytes(items.form().into_bytes()), FORM)),
            (false, false) => {
                let json = Value::Object(items.fields.clone()).to_string();
                Some((Payload::Bytes(json.into_bytes()), "application/json"))
            }
        });
    };
    if !items.fields.is_empty() {
        return Err(Failure::new(Kind::Usage, "--data and fields exclude each other"));
    }
    Ok(Some(match Data::of(data) {
        Data::Text(text) => (Payload::Bytes(text.into_bytes()), FORM),
        // Its length is unknown: it goes in chunks.
        Data::Stdin => (Payload::Reader(Box::new(std::io::stdin())), "application/octet-stream"),
        Data::File(path) => {
            let failed = |e| Failure::read(path.display(), &e);
            let mut file = File::open(&path).map_err(failed)?;
            let payload = match file.metadata().map_err(failed)?.is_file() {
                true => Payload::file(file).map_err(failed)?,
                false => {
                    let mut bytes = Vec::new();
                    file.read_to_end(&mut bytes).map_err(failed)?;
                    Payload::Bytes(bytes)
                }
            };
            (payload, "application/octet-stream")
        }
    }))
}
