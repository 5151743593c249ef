//! `--curl`: the curl command that does the same.

use netkit_http::{Payload, Request, RequestHeads};
use netkit_wire::{Decode, Limits, Step, escape};

use crate::args::{Data, HttpCall};
use crate::failure::{Failure, Kind, Result};
use crate::verbs::items::{FilePart, Items, plain};

/// Fields that curl writes by itself.
const OWN: [&str; 3] = ["Host", "Content-Length", "Transfer-Encoding"];

/// The command line, quoted for a shell (POSIX 2.2.2). Secrets are `***`: whoever runs it fills them in.
pub fn command(call: &HttpCall, request: &Request) -> Result<String> {
    let mut words = vec!["curl".to_owned(), "--fail-with-body".to_owned()];
    if call.no_fail {
        words.pop();
    }
    connection(call, &mut words);
    let follows = call.follow || matches!(request.method().as_str(), "GET" | "HEAD");
    if follows && !call.no_follow {
        words.extend(["--location".to_owned(), "--max-redirs".to_owned(), call.max_redirects.to_string()]);
    }
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    let body = body(call, request)?;
    match request.method().as_str() {
        "GET" if body.is_empty() => {}
        "HEAD" => option("--head", ""),
        "POST" if !body.is_empty() => {}
        method => option("--request", method),
    }
    let head = request.preview_head();
    let Ok(Step::Done(head, _)) = RequestHeads::new(&Limits::default()).decode(&head) else {
        return Err(Failure::new(Kind::Usage, "the request has a field that no command line can hold"));
    };
    for field in head.fields() {
        let (name, value) = (field.name(), escape(field.value()));
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let own = OWN.into_iter().any(is) || (is("Accept") && value == "*/*");
        // curl draws a boundary of its own.
        if own || (is("Content-Type") && matches!(body.first(), Some(("--form" | "--form-string", _)))) {
            continue;
        }
        match (is("Accept-Encoding") && !call.raw_body, value.is_empty()) {
            (true, _) => option("--compressed", ""),
            // Without a value curl would take the field away.
            (false, true) => option("--header", &format!("{name};")),
            (false, false) => option("--header", &format!("{name}: {value}")),
        }
    }
    if request.logs_in_when_asked() {
        let user = call.net.login.user.as_deref().and_then(|user| user.split(':').next()).unwrap_or("***");
        option("--anyauth", "");
        option("--user", &format!("{user}:***"));
    }
    for (name, value) in &body {
        option(name, value);
    }
    if let Some(file) = &call.net.output.output {
        option("--output", &file.to_string_lossy());
    }
    words.push(request.url().to_string());
    let shown: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| quoted(word)).collect();
    Ok(shown.join(" "))
}

fn connection(call: &HttpCall, words: &mut Vec<String>) {
    let (net, tls) = (&call.net.connection, &call.net.tls);
    let flags = [
        (call.include, "--include"),
        (net.v4, "--ipv4"),
        (net.v6, "--ipv6"),
        (tls.insecure, "--insecure"),
        (tls.tls_min.as_deref() == Some("1.3"), "--tlsv1.3"),
    ];
    words.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| (*flag).to_owned()));
    let path =
        |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    let seconds = |time: Option<std::time::Duration>| time.map(|time| time.as_secs_f64().to_string());
    let options = [
        ("--interface", net.bind.map(|bind| bind.to_string())),
        ("--unix-socket", path(&net.unix_socket)),
        ("--connect-timeout", seconds(net.connect_timeout)),
        ("--max-time", seconds(net.max_time)),
        ("--cacert", path(&tls.cacert)),
        ("--cert", path(&tls.cert)),
        ("--key", path(&tls.key)),
        ("--pinnedpubkey", tls.pin.clone()),
        ("--cookie", path(&call.state.cookie_jar)),
        ("--cookie-jar", path(&call.state.cookie_jar)),
    ];
    for (name, value) in options {
        words.extend(value.map(|value| [name.to_owned(), value]).into_iter().flatten());
    }
    for entry in &net.resolve {
        words.extend(["--resolve".to_owned(), entry.clone()]);
    }
}

/// The options that send the body, each with its value.
fn body(call: &HttpCall, request: &Request) -> Result<Vec<(&'static str, String)>> {
    match (call.data.as_deref().map(Data::of), request.payload()) {
        (_, Payload::Empty) => Ok(Vec::new()),
        (Some(Data::File(path)), _) => Ok(vec![("--data-binary", format!("@{}", path.to_string_lossy()))]),
        (Some(Data::Stdin), _) => Ok(vec![("--data-binary", "@-".to_owned())]),
        (_, Payload::Bytes(bytes)) if !bytes.contains(&0) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(vec![("--data-raw", text.to_owned())]),
            Err(_) => Err(unwritable()),
        },
        (None, Payload::Parts(_)) => form(call),
        _ => Err(unwritable()),
    }
}

/// A form with files (RFC 7578), part by part.
fn form(call: &HttpCall) -> Result<Vec<(&'static str, String)>> {
    let items = Items::parse(&call.items)?;
    let fields =
        items.fields.iter().map(|(name, value)| ("--form-string", format!("{name}={}", plain(value))));
    let files = items.files.iter().map(|FilePart { name, path, media_type }| {
        // In this option curl reads backslashes and quotes inside of quotes.
        let path = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
        let kind = media_type.as_ref().map(|kind| format!(";type={kind}")).unwrap_or_default();
        ("--form", format!("{name}=@\"{path}\"{kind}"))
    });
    Ok(fields.chain(files).collect())
}

fn unwritable() -> Failure {
    Failure::new(Kind::Unsupported, "this body cannot be written on a command line").hint("--data @FILE can")
}

/// A word as a shell reads it back: single quotes hold everything but themselves.
fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&b);
    match word.bytes().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
