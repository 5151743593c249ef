//! `netkit http`: one request, its answer, printed.

mod answer;
mod compose;
mod curl;
mod download;
mod events;
mod fetch;
mod har;
mod mirror;
mod rpc;
mod state;

use netkit_http::{
    Client, Direct, Error, Follow, Method, RedirectFault, Redirects, Request, Response, Validator,
};
use serde_json::json;

use crate::args::{Global, HttpCall, HttpExport, HttpFetch, HttpProbe, HttpState, HttpVerb};
use download::retry::Miss;

use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::report;
use crate::run::Run;
use state::State;

pub fn run(verb: &HttpVerb, global: &Global) -> Result<()> {
    let (method, call): (Method, &HttpCall) = match verb {
        HttpVerb::Get(call) => (Method::GET, call),
        HttpVerb::Head(call) => (Method::HEAD, call),
        HttpVerb::Post(call) => (Method::POST, call),
        HttpVerb::Put(call) => (Method::PUT, call),
        HttpVerb::Patch(call) => (Method::PATCH, call),
        HttpVerb::Delete(call) => (Method::DELETE, call),
        HttpVerb::Options(call) => (Method::OPTIONS, call),
        HttpVerb::Request(request) => (Method::new(&request.method).map_err(Error::from)?, &request.call),
        HttpVerb::Download(args) => return download::run(args, global),
        HttpVerb::Mirror(args) => return mirror::run(args, global),
        HttpVerb::Rpc(args) => return rpc::run(args, global),
        HttpVerb::Events(args) => return events::run(args, global),
        HttpVerb::Probe(args) => return probe(args, global),
    };
    self::call(&mut Run::new(&call.net, global)?, &method, call)
}

/// GET with nothing but the options every verb has.
pub fn get(run: &mut Run<'_>, url: &str) -> Result<()> {
    let call = HttpCall {
        url: Some(url.to_owned()),
        items: Vec::new(),
        headers: Vec::new(),
        data: None,
        form: false,
        include: false,
        no_follow: false,
        follow: false,
        max_redirects: 10,
        raw_body: false,
        no_expect: false,
        trailers: Vec::new(),
        no_fail: false,
        fetch: HttpFetch::default(),
        export: HttpExport::default(),
        state: HttpState::default(),
        net: run.net.clone(),
    };
    self::call(run, &Method::GET, &call)
}

fn call(run: &mut Run<'_>, method: &Method, call: &HttpCall) -> Result<()> {
    let place = compose::place(run, call.url.as_deref())?;
    let mut state = State::open(run, &place, &call.state)?;
    let request = compose::request(run, &place, method, call, &mut state)?;
    if run.net.output.offline {
        let mut output = run.output()?;
        std::io::Write::write_all(&mut output, &request.preview())
            .map_err(|e| Failure::write("stdout", &e))?;
        return output.finish();
    }
    if call.export.curl {
        let mut output = Output::open(None, run.net.output.raw)?;
        output.line(&curl::command(call, &request)?)?;
        return output.finish();
    }
    let start = jiff::Timestamp::now();
    let logged_in = request.secrets().any(|name| name.eq_ignore_ascii_case("authorization"))
        || request.logs_in_when_asked();
    let of = match (call.no_follow, call.follow) {
        (true, _) => Follow::Never,
        (_, true) => Follow::Always,
        _ => Follow::Safe,
    };
    let mut client = state.equip(client(run, &place)?).redirects(Redirects { of, limit: call.max_redirects });
    if call.fetch.cache {
        client = client.cache(Some(fetch::cache()?));
    }
    let about = |failure: Failure| failure.with(&place.url);
    let asked = request.url().to_string();
    let mut tries = fetch::Tries::new(call, &request);
    let mut request = fetch::condition(call, request)?;
    let printed = loop {
        let miss = match client.send(request) {
            Ok(response) if tries.more() && response.status().is_transient() => {
                Miss::refused(place.url.as_str(), response.head())
            }
            Ok(response) if fetch::is_unchanged(call, &response) => break Ok(()),
            Ok(response) => {
                let version = Validator::of(response.fields());
                let shown = show(run, call, method, response, logged_in, start).map_err(about);
                if shown.is_ok() {
                    fetch::remember(call, &asked, version.as_ref());
                }
                break shown;
            }
            Err(error) if tries.more() => Miss::error(place.url.as_str(), error),
            Err(error) => break Err(about(error.into())),
        };
        match tries.again(run, miss) {
            Ok(()) => {
                request = fetch::condition(call, compose::request(run, &place, method, call, &mut state)?)?
            }
            Err(failure) => break Err(failure),
        }
    };
    // What was learned is kept, also from an answer that says no.
    let saved = state.save(&client);
    printed.and(saved)
}

fn show(
    run: &Run<'_>,
    call: &HttpCall,
    method: &Method,
    response: Response<'_>,
    logged_in: bool,
    start: jiff::Timestamp,
) -> Result<()> {
    for hop in response.hops().iter().filter(|hop| hop.downgraded) {
        run.warn(&format!("a redirect of {} leads from https to http; no login goes there", hop.url));
    }
    let har = call.export.har.as_deref().map(|path| har::Har::begin(path, start, &response));
    let mut recorder = har.is_some().then(har::Recorder::default);
    let printed = answer::print(run, call, method, response, logged_in, recorder.as_mut());
    // What came before something broke is worth reading, too.
    let written = har.map_or(Ok(()), |har| har.finish(&recorder.unwrap_or_default()));
    printed.and(written)
}

/// How origins are reached: each scheme may have its own proxy.
fn direct(run: &Run<'_>) -> Result<Direct> {
    // Requests are tried again as a whole, with what the server says of when.
    let dialer = |scheme| run.dialer_for(scheme).map(|dialer| dialer.again(None));
    Ok(Direct::new(dialer("http")?).secure(dialer("https")?))
}

fn client(run: &Run<'_>, place: &compose::Place) -> Result<Client> {
    let client = Client::over(direct(run)?.through(place.through.clone()))
        .deadline(run.deadline())
        .nonces(compose::random);
    let dialogue = run.dialogue.clone();
    Ok(match dialogue.tap() {
        None => client,
        Some(_) => client.tap(move |_| dialogue.tap().unwrap_or_else(|| Box::new(Deaf))),
    })
}

/// Stands where a listener must be and none is wanted.
struct Deaf;

impl netkit_wire::Tap for Deaf {
    fn sent(&mut self, _: &[u8]) {}
    fn received(&mut self, _: &[u8]) {}
    fn note(&mut self, _: &str) {}
}

/// HEAD and OPTIONS: neither changes anything (RFC 9110 9.2.1).
fn probe(args: &HttpProbe, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let place = compose::place(&mut run, args.url.as_deref())?;
    let mut client = client(&run, &place)?.redirects(Redirects { of: Follow::Never, limit: 0 });
    let ask = |method: Method| {
        let request = Request::new(method, &place.url).map_err(Error::from)?;
        compose::login(&run, &place, request)
    };
    let response = client.send(ask(Method::HEAD)?).map_err(|e| Failure::from(e).with(&place.url))?;
    let Some(dial) = response.trip().dialed.clone() else {
        return Err(Failure::new(Kind::Protocol, "no connection was made"));
    };
    let mut facts = json!({
        "status": response.status().code(), "reason": response.reason().to_string(),
        "version": response.version().to_string(), "headers": answer::headers(response.fields()),
        "first_byte_ms": response.trip().first_byte.as_micros() as f64 / 1e3,
    });
    drop(response);
    // Many servers refuse OPTIONS or close behind HEAD: what they said so far is the report all the same.
    if let Ok(response) = client.send(ask(Method::OPTIONS)?)
        && let Some(allow) = response.fields().get("allow")
        && let Some(facts) = facts.as_object_mut()
    {
        facts.insert("allow".into(), netkit_wire::escape(allow).into());
    }
    report::print(&run, "http", place.url.as_str(), &dial, &facts)
}

/// What HEAD is answered with, in words, and what time the server says it is.
pub fn head(run: &mut Run<'_>, url: &str) -> Result<(String, Option<std::time::SystemTime>)> {
    let place = compose::place(run, Some(url))?;
    let mut client = client(run, &place)?.redirects(Redirects { of: Follow::Never, limit: 0 });
    let request = Request::new(Method::HEAD, &place.url).map_err(Error::from)?;
    let response = client.send(request).map_err(|e| Failure::from(e).with(&place.url))?;
    let said = format!("{} {} {}", response.version(), response.status().code(), response.reason());
    Ok((said.trim_end().to_owned(), netkit_http::answered_at(response.fields())))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let kind = match &error {
            Error::Net(_) | Error::Wire(_) => {
                return match error {
                    Error::Net(net) => net.into(),
                    Error::Wire(fault) => fault.into(),
                    error => Failure::new(Kind::Protocol, error),
                };
            }
            Error::Refused(_) => Kind::Refused,
            Error::Unexpected { .. } => Kind::Protocol,
            Error::Unsupported(_) => Kind::Unsupported,
            Error::Invalid(netkit_http::Invalid::Target(_) | netkit_http::Invalid::Endpoint(_)) => {
                Kind::Target
            }
            Error::Invalid(_) => Kind::Usage,
            Error::LoginInClear => {
                return Failure::new(Kind::Login, error).hint("--insecure-auth sends it all the same");
            }
            Error::Payload(_) => Kind::Read,
            Error::Decoding { why: netkit_http::Undecodable::Cut, .. } => Kind::Partial,
            Error::Decoding { .. } => Kind::Protocol,
            Error::TooManyRedirects { .. } => Kind::Redirects,
            Error::RedirectRefused { why: RedirectFault::Scheme, .. } => Kind::Unsupported,
            Error::RedirectRefused { .. } => Kind::Protocol,
        };
        Failure::new(kind, error)
    }
}
