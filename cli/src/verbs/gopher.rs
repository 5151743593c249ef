//! `netkit gopher`: menus, documents, searches.

#[cfg(feature = "browse")]
mod browse;
mod get;
mod list;
mod mirror;
mod ph;
mod plus;

use netkit_gopher::{Client, Ending, Entry, Error, Invalid, Query, Target, connect};
use netkit_socket::DialReport;
use netkit_wire::Limits;
use serde_json::json;

pub use get::get;

use crate::args::{Global, GopherGet, GopherMenu, GopherSearch, GopherVerb};
use crate::failure::{Failure, Kind, Result};
use crate::report;
use crate::run::{Protocol, Run};

pub fn run(verb: &GopherVerb, global: &Global) -> Result<()> {
    match verb {
        GopherVerb::Mirror(args) => return mirror::run(args, global),
        #[cfg(feature = "browse")]
        GopherVerb::Browse(args) => return browse::run(args, global),
        _ => {}
    }
    let mut run = Run::new(verb.net(), global)?;
    match verb {
        GopherVerb::Menu(args) => {
            let GopherMenu { target, reading, .. } = &**args;
            let target = aim(&mut run, target.as_deref())?;
            if target.query.is_none() && !target.kind.is_menu() {
                let what = format!("type {} ({}) is not a menu", target.kind, target.kind.name());
                return Err(Failure::new(Kind::Usage, what).hint("netkit gopher get fetches documents"));
            }
            list::list(&run, &target, reading)
        }
        GopherVerb::Search(args) => {
            let GopherSearch { target, words, reading, .. } = &**args;
            let mut target = aim(&mut run, Some(target))?;
            let query = Query::new(words.join(" ").as_bytes()).map_err(Error::from)?;
            target.query = Some(query);
            list::list(&run, &target, reading)
        }
        GopherVerb::Get(args) => {
            let GopherGet { target, view, ask, answers, charset, .. } = &**args;
            let target = aim(&mut run, Some(target))?;
            if view.is_none() && !ask && answers.is_empty() {
                return get(&run, &target, *charset);
            }
            let wanted = plus::Wanted { view: view.as_deref(), ask: *ask || !answers.is_empty(), answers };
            plus::get(&run, &target, &wanted, *charset).map_err(|failure| failure.with(&target.endpoint))
        }
        GopherVerb::Attributes(args) => {
            let target = aim(&mut run, args.target.as_deref())?;
            plus::attributes(&run, &target, args).map_err(|failure| failure.with(&target.endpoint))
        }
        GopherVerb::Ph(args) => ph::run(&mut run, args),
        // They have a run of their own, or are not built in.
        GopherVerb::Mirror(_) | GopherVerb::Browse(_) => {
            Err(Failure::new(Kind::Unsupported, "this netkit was built without its browser"))
        }
        GopherVerb::Probe(args) => {
            let target = aim(&mut run, args.target.as_deref())?;
            probe(&run, &target).map_err(|failure| failure.with(&target.endpoint))
        }
    }
}

/// The target, or the mock server in its place.
pub fn aim(run: &mut Run<'_>, text: Option<&str>) -> Result<Target> {
    let parse = |text: &str| text.parse::<Target>().map_err(|e| Failure::from(Error::from(e)));
    let mut target = match text {
        Some(text) if run.is_mock() && text.starts_with('/') => parse(&format!("localhost{text}"))?,
        Some(text) => parse(text)?,
        None if run.is_mock() => parse("localhost")?,
        None => return Err(Failure::new(Kind::Usage, "no TARGET: which host?")),
    };
    refuse_starttls(run)?;
    let tls = &run.net.tls;
    if tls.plain && target.tls {
        return Err(Failure::new(Kind::Usage, "--plain with a gophers URL"));
    }
    target.tls |= tls.tls;
    target.endpoint = match run.mock(Protocol::Gopher, target.tls)? {
        Some(endpoint) => endpoint,
        None => run.with_port(target.endpoint)?,
    };
    Ok(target)
}

fn refuse_starttls(run: &Run<'_>) -> Result<()> {
    let what = "Gopher has no STARTTLS";
    let refused = || Failure::new(Kind::Unsupported, what).hint("--tls speaks TLS from the first byte");
    if run.net.tls.starttls { Err(refused()) } else { Ok(()) }
}

/// A connection with a listener; none when the request was only to be shown.
fn open(run: &Run<'_>, target: &Target) -> Result<Option<Client>> {
    if run.net.output.offline {
        let (selector, query) = (target.selector.clone(), target.query.clone());
        return offline(run, &netkit_gopher::Request::new(selector, query)).map(|()| None);
    }
    Ok(Some(dial(run, target)?.0))
}

/// `--offline`.
fn offline(run: &Run<'_>, request: &netkit_gopher::Request) -> Result<()> {
    let mut bytes = Vec::new();
    request.encode(&mut bytes);
    let mut output = run.output()?;
    std::io::Write::write_all(&mut output, &bytes).map_err(|e| Failure::write("stdout", &e))?;
    output.finish()
}

fn dial(run: &Run<'_>, target: &Target) -> Result<(Client, DialReport)> {
    Ok(connect(target, &run.dialer_for("gopher")?, Limits::default(), run.dialogue.tap())?)
}

fn probe(run: &Run<'_>, target: &Target) -> Result<()> {
    let (client, dial) = dial(run, target)?;
    let mut menu = client.menu(&target.selector)?.end_is_optional(true);
    let (mut entries, mut strays) = (0_u64, 0_u64);
    for entry in menu.by_ref() {
        entries += 1;
        strays += u64::from(matches!(entry?, Entry::Stray(_)));
    }
    let ended = if menu.ending() == Some(Ending::Dot) { "dot" } else { "close" };
    let facts = json!({
        "menu_entries": entries, "stray_lines": strays, "menu_ended_by": ended, "gopher_plus": plus::is_spoken(run, target),
    });
    report::print(run, "gopher", &target.endpoint.to_string(), &dial, &facts)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error {
            Error::Net(net) => net.into(),
            Error::Wire(fault) => {
                let cut = matches!(fault, netkit_wire::Fault::Closed(netkit_wire::Ended::Inside));
                let failure = Failure::from(fault);
                let hint = "--no-end-mark accepts servers that never send the final dot of a menu";
                if cut { failure.hint(hint) } else { failure }
            }
            Error::NotPlus(_) => {
                let hint = "without --view, --ask or --answer it is asked in the old way";
                Failure::new(Kind::Unsupported, error).hint(hint)
            }
            Error::Refused(refusal) => {
                let again = Error::Refused(refusal.clone()).is_transient();
                let hint = match refusal.moved.as_ref().and_then(|item| item.url()) {
                    Some(url) => Some(format!("netkit get '{url}' asks there")),
                    None => again.then(|| "the server says: later".to_owned()),
                };
                let failure = Failure::new(Kind::Refused, Error::Refused(refusal));
                match hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            error => {
                let kind = match &error {
                    Error::Declined(_) => Kind::Refused,
                    Error::Unexpected(..) => Kind::Protocol,
                    Error::Unsupported(_) => Kind::Unsupported,
                    Error::Invalid(Invalid::Target(_) | Invalid::Endpoint(_)) => Kind::Target,
                    _ => Kind::Usage,
                };
                Failure::new(kind, error)
            }
        }
    }
}
