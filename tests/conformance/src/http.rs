//! HTTP's calls: requests by one client, with a lone `;` between them. The first error ends the call.
//!
//! - `client follow=never|safe|always redirects=N header=N fields=N drain=N decoded=N` (first, each part optional)
//! - `pipeline N URL URL ...`: GETs of one server, N ahead of their answers
//! - `METHOD URL`, the method in any case, and any of
//!   `field=Name:value` `secret=Name:value` `login=USER:PASSWORD` `token=TOKEN` `body=TEXT` `chunks=TEXT,TEXT`
//!   `in-clear` (secrets may be) `keep-coding` `last` (`Connection: close`) `server-wide` (`OPTIONS *`)
//!   `trailer=Name:value` (behind the body)
//!   `expect=MILLISECONDS` (how long a large body, or one in chunks, waits for the server's 100; else not at all)
//!   `usual` (the fields that are sent unless told otherwise) `unread` (the body is left on the connection)
//!   `refuse` (a status of 400 and above is an error) `where` (says the URL)
//! - and what the files `fetched.rs` and `remembered.rs` have
//!
//! An outcome says, for each request, the status, how the body ended and what it was; before that, where redirects led
//! and which interim answers came; behind it, codings and trailers.

mod fetched;
mod remembered;

use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::time::Duration;

use netkit_auth::Credentials;
use netkit_http::{
    Bodiless, Client, Dial, Error, Follow, Framing, Head, Heads, Incoming, Invalid, Method, Origin, Payload,
    Redirects, Request, Response, Target,
};
use netkit_socket::DialReport;
use netkit_wire::{Conn, Fault, Fields, Limits, Stream, escape};

use crate::protocol::{Protocol, Session};

/// No fixture has more.
const MOST: u64 = 1 << 20;

pub(crate) struct Http;

impl Protocol for Http {
    fn call(&self, words: &[String], session: &mut Session) -> String {
        let (mut results, mut open_end) = (Vec::new(), false);
        let mut steps = words.split(|word| word == ";").peekable();
        let options = steps.next_if(|step| step.first().is_some_and(|word| word == "client"));
        let folder = fetched::folder(options.unwrap_or_default());
        let client = client(options.unwrap_or_default(), session);
        let mut client = fetched::client(client, folder.as_ref());
        for step in steps {
            if let Some(shown) = remembered::show(&client, step) {
                results.push(shown);
                continue;
            }
            let asked = match step.first().is_some_and(|word| word == "pipeline") {
                true => ahead(step, &mut client),
                false => ask(step, &mut client),
            };
            match asked {
                Ok((result, until_close)) => {
                    open_end |= until_close;
                    results.push(result);
                }
                Err(why) => {
                    results.insert(0, describe(&why));
                    return results.join(" | after ");
                }
            }
        }
        format!("Ok {}{}", if open_end { "until close: " } else { "" }, results.join(" | "))
    }

    fn grammar(&self, conn: &mut Conn) -> String {
        let mut lines = String::new();
        loop {
            let heads = Heads::new(conn.limits());
            let head = match conn.recv_or_end(heads) {
                Ok(Some(head)) => head,
                Ok(None) => return lines,
                Err(fault) => return lines + &broken(&fault),
            };
            lines += &format!("{} {} {}\n", head.version(), head.status(), fields(head.fields()));
            match body(conn, &head) {
                Ok(body) => lines += &format!("{body}\n"),
                Err(fault) => return lines + &broken(&fault),
            }
        }
    }
}

/// The body of an answer to GET, coded as it is.
fn body(conn: &mut Conn, head: &Head) -> Result<String, Fault> {
    let mut incoming = Incoming::new(Framing::of_response(&Method::GET, head)?);
    let (mut all, mut buffer) = (Vec::new(), [0; 512]);
    loop {
        match incoming.read(conn, &mut buffer)? {
            0 => break,
            n => all.extend_from_slice(buffer.get(..n).unwrap_or_default()),
        }
    }
    Ok(format!("\"{}\" {}", escape(&all), incoming.trailers().map(fields).unwrap_or_default()))
}

/// Streams come from the transcript, whatever the origin.
struct Scripted<'s> {
    session: &'s mut Session,
    dialed: bool,
}

impl Dial for Scripted<'_> {
    fn dial(&mut self, _: &Origin) -> Result<(Box<dyn Stream>, Option<DialReport>), Error> {
        self.dialed = true;
        Ok((self.session.stream()?, None))
    }
}

/// A transcript has a connection, also when the call fails before it dials: nothing may arrive on it.
impl Drop for Scripted<'_> {
    fn drop(&mut self) {
        if !self.dialed {
            let _ = self.session.stream();
        }
    }
}

fn client<'s>(step: &[String], session: &'s mut Session) -> Client<Scripted<'s>> {
    let number = |name: &str| option(step, name).and_then(|n| n.parse().ok());
    let usual = Limits::default();
    let limits = Limits {
        header: number("header").unwrap_or(usual.header),
        fields: number("fields").unwrap_or(usual.fields),
        drain: number("drain").map_or(usual.drain, |n| n as u64),
        ..usual
    };
    let of = match option(step, "follow") {
        Some("never") => Follow::Never,
        Some("always") => Follow::Always,
        _ => Follow::Safe,
    };
    let limit = number("redirects").and_then(|n| u32::try_from(n).ok()).unwrap_or(Redirects::default().limit);
    let client =
        Client::over(Scripted { session, dialed: false }).limits(limits).redirects(Redirects { of, limit });
    let client = remembered::client(client, step);
    match number("decoded") {
        Some(most) => client.decoded_limit(most as u64),
        None => client,
    }
}

/// Several GETs ahead of their answers; an error is shown behind the answers that came.
fn ahead(step: &[String], client: &mut Client<Scripted<'_>>) -> Result<(String, bool), Error> {
    let window = step.get(1).and_then(|n| n.parse().ok()).unwrap_or(1);
    let get = |url: &String| request(&["get".to_owned(), url.clone()]);
    let mut requests = step.iter().skip(2).map(get).collect::<Result<Vec<_>, Error>>()?;
    let (mut shown, mut until_close, mut broken) = (Vec::new(), false, None);
    client.pipeline(&mut requests, window, &mut |_, mut response| {
        until_close |= response.framing() == Framing::UntilClose;
        match response.read_all(MOST) {
            Ok(body) => shown.push(show(&mut response, &body, false)),
            Err(error) => broken = Some(error),
        }
        if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    broken.map_or(Ok((shown.join(" | "), until_close)), Err)
}

/// One request. Also says whether only the connection's end ended the answer.
fn ask(step: &[String], client: &mut Client<Scripted<'_>>) -> Result<(String, bool), Error> {
    let mut response = client.send(request(step)?)?;
    if has(step, "refuse") {
        response = response.error_for_status()?;
    }
    let until_close = response.framing() == Framing::UntilClose;
    let fetched = fetched::show(&response, step)?;
    let unread = has(step, "unread");
    let body = if unread { Vec::new() } else { response.read_all(MOST)? };
    let place = if has(step, "where") { format!("{} ", response.url()) } else { String::new() };
    Ok((place + &show(&mut response, &body, unread) + &fetched, until_close))
}

fn request(step: &[String]) -> Result<Request, Error> {
    let method = Method::new(&step.first().map(|word| word.to_uppercase()).unwrap_or_default())?;
    let target: Target = step.get(1).map(String::as_str).unwrap_or_default().parse()?;
    let mut request = Request::new(method, target.url())?.bare(!has(step, "usual"));
    if let Some((user, password)) = target.login() {
        request = request.login(&card(user, password.unwrap_or_default())?)?;
    }
    request = request.continue_timeout(Duration::ZERO);
    for word in step {
        let Some((name, value)) = word.split_once('=') else { continue };
        let pair = || value.split_once(':').unwrap_or((value, ""));
        request = match name {
            "field" => request.field(pair().0, pair().1)?,
            "secret" => request.secret(pair().0, pair().1)?,
            "login" => request.login(&card(pair().0, pair().1)?)?,
            "token" => request.login(&Credentials::token("", value).map_err(|_| breaks())?)?,
            "body" => request.body(Payload::Bytes(value.into()))?,
            "trailer" => request.trailer(pair().0, pair().1)?,
            "chunks" => request.body(chunks(value))?,
            "expect" => request.continue_timeout(Duration::from_millis(value.parse().unwrap_or(0))),
            _ => request,
        };
    }
    request = fetched::request(remembered::request(request, step)?, step)?;
    if has(step, "server-wide") {
        request = request.of_the_server();
    }
    let (in_clear, keep, last) = (has(step, "in-clear"), has(step, "keep-coding"), has(step, "last"));
    Ok(request.allow_login_in_clear(in_clear).keep_coding(keep).last(last))
}

fn card(user: &str, password: &str) -> Result<Credentials, Invalid> {
    Credentials::password(user, password).map_err(|_| breaks())
}

fn breaks() -> Invalid {
    Invalid::Target("the user name breaks a line")
}

/// A body that comes in the pieces between the commas.
fn chunks(text: &str) -> Payload {
    let pieces: Vec<Vec<u8>> = text.split(',').map(|piece| piece.as_bytes().to_vec()).collect();
    let empty: Box<dyn Read + Send> = Box::new(std::io::empty());
    Payload::Reader(
        pieces.into_iter().rev().fold(empty, |rest, piece| Box::new(Cursor::new(piece).chain(rest))),
    )
}

fn has(step: &[String], word: &str) -> bool {
    step.iter().any(|w| w == word)
}

/// The value of `name=value` among the words of a step.
fn option<'s>(step: &'s [String], name: &str) -> Option<&'s str> {
    step.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn show(response: &mut Response<'_>, body: &[u8], unread: bool) -> String {
    let mut shown = String::new();
    for hop in response.hops() {
        let secrets = if hop.secrets_dropped { ", secrets dropped" } else { "" };
        let clear = if hop.downgraded { ", in clear from here" } else { "" };
        shown += &format!("{} {} {}{secrets}{clear} -> ", hop.method, hop.url, hop.status);
    }
    if !response.hops().is_empty() {
        shown += &format!("{} ", response.url());
    }
    for head in response.interim() {
        shown += &format!("({}{}) ", head.status(), fields(head.fields()));
    }
    shown += &format!("{} {}", response.status(), response.reason());
    shown = shown.trim_end().to_owned() + " " + framing(response.framing());
    shown += &if unread { " unread".to_owned() } else { format!(" \"{}\"", escape(body)) };
    for coding in response.body().codings() {
        shown += &format!(" {coding}");
    }
    if response.body().has_unknown_coding() {
        shown += " unknown coding";
    }
    if let Some(trailers) = response.trailers().filter(|trailers| !trailers.is_empty()) {
        shown += &format!(" trailers{}", fields(trailers));
    }
    shown
}

fn framing(framing: Framing) -> &'static str {
    match framing {
        Framing::Nothing(Bodiless::Head) => "no body (HEAD)",
        Framing::Nothing(Bodiless::NoContent) => "no body (204)",
        Framing::Nothing(Bodiless::NotModified) => "no body (304)",
        Framing::Nothing(Bodiless::Informational | Bodiless::Request) => "no body",
        Framing::Tunnel => "tunnel",
        Framing::Chunked => "chunked",
        Framing::Counted(_) => "counted",
        Framing::UntilClose => "until close",
    }
}

fn fields(fields: &Fields) -> String {
    fields.iter().map(|field| format!(" [{}: {}]", field.name(), field.text())).collect()
}

fn describe(error: &Error) -> String {
    let name = match error {
        Error::Net(_) => "Net",
        Error::Wire(fault) => return format!("Err Wire: {}", broken(fault)),
        Error::Refused(_) => "Refused",
        Error::Unexpected { .. } => "Unexpected",
        Error::Unsupported(_) => "Unsupported",
        Error::Invalid(_) => "Invalid",
        Error::LoginInClear => "LoginInClear",
        Error::Payload(_) => "Payload",
        Error::Decoding { .. } => "Decoding",
        Error::TooManyRedirects { .. } => "TooManyRedirects",
        Error::RedirectRefused { .. } => "RedirectRefused",
    };
    format!("Err {name}: {error}")
}

/// Without the bytes around a malformed place: how many have come by then is the network's affair.
fn broken(fault: &Fault) -> String {
    match fault {
        Fault::Malformed { what, at, .. } => format!("malformed at byte {at}: {what}"),
        fault => fault.to_string(),
    }
}
