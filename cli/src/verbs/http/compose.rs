//! From the command line to a request.

use std::fs::File;
use std::io::Read;

use netkit_auth::source::UserArgument;
use netkit_auth::{Secret, UserName};
use netkit_http::{Error, Method, Multipart, Payload, Request, Schemes, Target};
use netkit_socket::Endpoint;
use url::Url;

use crate::args::{Data, HttpCall, HttpState};
use crate::failure::{Failure, Kind, Result};
use crate::run::{Protocol, Run};
use crate::verbs::http::state::State;
use crate::verbs::items::{FilePart, Items, plain};

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
pub fn request(
    run: &Run<'_>,
    place: &Place,
    method: &Method,
    call: &HttpCall,
    state: &mut State,
) -> Result<Request> {
    let items = Items::parse(&call.items)?;
    let mut url = place.url.clone();
    if !items.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&items.query);
    }
    let mut request = Request::new(method.clone(), &url).map_err(Error::from)?.keep_coding(call.raw_body);
    if call.no_expect {
        request = request.continue_timeout(std::time::Duration::ZERO);
    }
    let mut headers = Vec::new();
    for text in &call.headers {
        let (name, value) = header(text)?;
        headers.push((name.to_owned(), value.to_owned()));
    }
    headers.extend(items.headers.iter().cloned());
    for (name, value) in &headers {
        request = request.field(name, value).map_err(Error::from)?;
    }
    request = state.apply(request, &headers, &call.state)?;
    request = login(run, place, request)?;
    let Some((body, media_type)) = body(call, &items)? else {
        return match call.trailers.is_empty() {
            true => Ok(request),
            false => Err(Failure::new(Kind::Usage, "--trailer stands behind a body, and there is none")),
        };
    };
    if !request.fields().has("content-type") {
        request = request.field("Content-Type", media_type).map_err(Error::from)?;
    }
    request = request.body(body).map_err(Error::from)?;
    for text in &call.trailers {
        let (name, value) = header(text)?;
        request = request.trailer(name, value).map_err(Error::from)?;
    }
    Ok(request)
}

/// The name and value of an `-H`.
fn header(text: &str) -> Result<(&str, &str)> {
    let pair = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    pair.ok_or_else(|| Failure::new(Kind::Usage, format!("-H {text}: a header field is NAME: VALUE")))
}

/// The request with the fields of `-H`.
pub fn fields(request: Request, texts: &[String]) -> Result<Request> {
    headers(request, texts, &mut State::none(), &HttpState::default())
}

/// The request with the fields of `-H` and of the session, for verbs that have no items.
pub fn headers(
    mut request: Request,
    texts: &[String],
    state: &mut State,
    options: &HttpState,
) -> Result<Request> {
    let mut given = Vec::new();
    for text in texts {
        let (name, value) = header(text)?;
        given.push((name.to_owned(), value.to_owned()));
        request = request.field(name, value).map_err(Error::from)?;
    }
    state.apply(request, &given, options)
}

/// Who asks, by which scheme.
///
/// | `--auth` | what goes out |
/// |---|---|
/// | none | a token by Bearer, a password by Basic, at once; Digest where the server then asks for that |
/// | `basic`, `bearer` | that, at once, and nothing else |
/// | `digest` | nothing at first; Digest where the server asks for it. It may go in clear: it tells nobody the password |
/// | `any` | nothing at first; Digest where the server offers it, else Basic |
pub fn login(run: &Run<'_>, place: &Place, request: Request) -> Result<Request> {
    let host = place.url.host_str().unwrap_or_default();
    let Some(mut credentials) = run.credentials(host, place.login.clone())? else { return Ok(request) };
    let request = request.allow_login_in_clear(run.net.login.insecure_auth);
    let scheme = run.net.login.auth.as_deref().map(str::to_ascii_lowercase);
    if let Some("basic" | "digest" | "any") = scheme.as_deref() {
        credentials.token = None;
    }
    Ok(match scheme.as_deref() {
        None if credentials.token.is_none() => {
            let request = request.login(&credentials).map_err(Error::from)?;
            request.login_when_asked(&credentials, Schemes::Digest)
        }
        None | Some("basic") => request.login(&credentials).map_err(Error::from)?,
        Some("bearer") if credentials.token.is_some() => request.login(&credentials).map_err(Error::from)?,
        Some("bearer") => {
            return Err(Failure::new(Kind::Login, "--auth bearer needs a token").hint("--token TOKEN"));
        }
        Some("digest") => request.login_when_asked(&credentials, Schemes::Digest),
        Some("any") => request.login_when_asked(&credentials, Schemes::Any),
        Some(other) => {
            let what = format!("HTTP login by {other} is not built in");
            return Err(Failure::new(Kind::Unsupported, what).hint("basic, bearer, digest or any"));
        }
    })
}

/// 32 random letters and digits: a client's nonce, the boundary of a form. Without randomness there is none, which both
/// refuse.
pub fn random() -> String {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => String::new(),
    }
}

/// A form with files (RFC 7578).
fn multipart(items: &Items) -> Result<(Payload, String)> {
    let mut form = Multipart::new(random()).map_err(Error::from)?;
    for (name, value) in &items.fields {
        form = form.text(name, &plain(value));
    }
    for FilePart { name, path, media_type } in &items.files {
        let failed = |e| Failure::read(path.display(), &e);
        let file = File::open(path).map_err(failed)?;
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        form = form.file(name, &file_name, media_type.as_deref(), file).map_err(failed)?;
    }
    let media_type = form.content_type();
    Ok((form.into_payload(), media_type))
}

fn body(call: &HttpCall, items: &Items) -> Result<Option<(Payload, String)>> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let Some(data) = &call.data else {
        return Ok(match (items.fields.is_empty(), call.form) {
            _ if !items.files.is_empty() => Some(multipart(items)?),
            (true, _) => None,
            (false, true) => Some((Payload::Bytes(items.form().into_bytes()), FORM.to_owned())),
            (false, false) => {
                let json = items.json()?.to_string();
                Some((Payload::Bytes(json.into_bytes()), "application/json".to_owned()))
            }
        });
    };
    if !items.fields.is_empty() || !items.files.is_empty() {
        return Err(Failure::new(Kind::Usage, "--data and fields exclude each other"));
    }
    let (payload, media_type) = match Data::of(data) {
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
    };
    Ok(Some((payload, media_type.to_owned())))
}
