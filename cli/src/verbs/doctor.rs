//! `netkit doctor [URL]`: what makes connections fail, looked at one by one: the clock, routes, name servers, proxies, authorities;
//! with a URL each step on the way there. Nothing is changed anywhere.

use std::time::{Duration, Instant, SystemTime};

use netkit_socket::dns::Resolver;
use netkit_socket::{
    Address, Dialed, Dialer, Domain, Endpoint, Family, Host, Location, Port, Roots, Scheme, Security, Socket,
    Type, getaddrinfo,
};
use serde_json::json;

use crate::args::{Doctor, Global, RootsChoice};
use crate::failure::{Failure, Kind, Result};
use crate::output::Output;
use crate::proxies;
use crate::run::{Protocol, Run};

/// Whose a scheme is.
const SCHEMES: [(Protocol, &[Scheme]); 8] = [
    (Protocol::Http, &netkit_http::SCHEMES),
    (Protocol::Gopher, &netkit_gopher::SCHEMES),
    (Protocol::Ftp, &netkit_ftp::SCHEMES),
    (Protocol::Smtp, &netkit_smtp::SCHEMES),
    (Protocol::Pop3, &netkit_pop3::SCHEMES),
    (Protocol::Imap, &netkit_imap::SCHEMES),
    (Protocol::Nntp, &netkit_nntp::SCHEMES),
    (Protocol::Telnet, &netkit_telnet::SCHEMES),
];
/// 2026-01-01: this program is younger.
const BORN: Duration = Duration::from_secs(1_767_225_600);
/// What a clock may be wrong by.
const SKEW: Duration = Duration::from_secs(2 * 60);
/// How long before its end a certificate is worth a word.
const SOON: i64 = 14 * 86_400;
/// Addresses of nobody (RFC 5737, RFC 3849): a datagram socket that is connected to them finds the way and sends nothing.
const NOWHERE: [(&str, &str); 2] = [("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1")];

/// What was found, told as it is found.
struct Findings {
    output: Output,
    json: bool,
    first: Option<Failure>,
}

impl Findings {
    fn tell(&mut self, check: &str, outcome: &str, said: &str) -> Result<()> {
        let line = if self.json {
            json!({ "check": check, "outcome": outcome, "said": said }).to_string()
        } else {
            format!("{outcome:4}  {check:12}  {said}")
        };
        self.output.line(&line)
    }

    fn good(&mut self, check: &str, said: &str) -> Result<()> {
        self.tell(check, "ok", said)
    }

    /// Worth knowing; it may be as it should.
    fn note(&mut self, check: &str, said: &str) -> Result<()> {
        self.tell(check, "note", said)
    }

    fn bad(&mut self, check: &str, why: Failure) -> Result<()> {
        self.tell(check, "bad", &why.message)?;
        self.first.get_or_insert(why);
        Ok(())
    }
}

/// Where a URL leads.
struct Way<'a> {
    url: &'a str,
    protocol: Protocol,
    scheme: &'static str,
    endpoint: Endpoint,
    security: Security,
}

impl<'a> Way<'a> {
    fn of(run: &mut Run<'_>, url: &'a str) -> Result<Way<'a>> {
        let named = url.split_once("://").map(|(word, _)| word).unwrap_or_default();
        let mut all =
            SCHEMES.iter().flat_map(|(protocol, schemes)| schemes.iter().map(|one| (*protocol, *one)));
        let Some((protocol, scheme)) = all.find(|(_, scheme)| scheme.name.eq_ignore_ascii_case(named)) else {
            return Err(Failure::new(Kind::Target, "netkit doctor takes a whole URL, with its scheme"));
        };
        let location = Location::parse(url, &[scheme]).map_err(|why| Failure::new(Kind::Target, why))?;
        let (mut endpoint, mut security) = (location.endpoint, location.security);
        run.aim(protocol, &mut endpoint, &mut security)?;
        Ok(Way { url, protocol, scheme: scheme.name, endpoint, security })
    }
}

pub fn run(args: &Doctor, global: &Global) -> Result<()> {
    let mut run = Run::new(&args.net, global)?;
    let url = args.url.as_deref().or_else(|| run.is_mock().then_some("http://localhost/"));
    let way = url.map(|url| Way::of(&mut run, url)).transpose()?;
    let mut findings = Findings { output: run.output()?, json: run.json(), first: None };
    this_machine(&run, &mut findings)?;
    if let Some(way) = way {
        follow(&mut run, &way, &mut findings)?;
    }
    findings.output.finish()?;
    findings.first.map_or(Ok(()), Err)
}

fn this_machine(run: &Run<'_>, findings: &mut Findings) -> Result<()> {
    let now = jiff::Timestamp::now().strftime("%FT%TZ").to_string();
    if SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|now| now > BORN) {
        findings.good("clock", &now)?;
    } else {
        let why = format!("{now} is in the past; certificates seem to be of the future");
        findings.bad("clock", Failure::new(Kind::Certificate, why))?;
    }
    for (family, nowhere) in NOWHERE {
        match route(nowhere) {
            Some(from) => findings.good(family, &format!("leaves from {from}"))?,
            None => findings.note(family, "no way out of this machine")?,
        }
    }
    let servers: Vec<String> = Resolver::system().servers().iter().map(|at| at.ip().to_string()).collect();
    findings.good("name servers", &servers.join(", "))?;
    for scheme in ["http", "https"] {
        match proxies::told(scheme) {
            Ok(told) => findings.good(&format!("{scheme} proxy"), &told)?,
            Err(why) => findings.bad(&format!("{scheme} proxy"), why)?,
        }
    }
    if proxies::is_ignored_variable_set() {
        findings.note(
            "http proxy",
            "HTTP_PROXY is set and means nothing; http_proxy is the one (CVE-2016-5385)",
        )?;
    }
    let roots = if run.net.tls.roots == Some(RootsChoice::Webpki) { Roots::Webpki } else { Roots::System };
    match roots.count() {
        0 => {
            let why = Failure::new(Kind::Certificate, "this system trusts no authority");
            findings.bad("authorities", why.hint("--roots webpki uses a list of this program's own"))
        }
        count => findings.good("authorities", &count.to_string()),
    }
}

/// Where datagrams to an address would leave from.
fn route(to: &str) -> Option<String> {
    let host: Host = to.parse().ok()?;
    let domain = if matches!(host, Host::Ipv4(_)) { Domain::Inet } else { Domain::Inet6 };
    let socket = Socket::new(domain, Type::Dgram, netkit_socket::Protocol::DEFAULT).ok()?;
    socket.connect(Endpoint::new(host, 9)).ok()?;
    match socket.getsockname().ok()? {
        Address::Inet(at) => Some(at.ip().to_string()),
        _ => None,
    }
}

/// Each step on the way to a server.
fn follow(run: &mut Run<'_>, way: &Way<'_>, findings: &mut Findings) -> Result<()> {
    let dialer = run.dialer_for(way.scheme)?;
    if !resolve(&way.endpoint, findings)? {
        return Ok(());
    }
    if !connect(run, &dialer, &way.endpoint, findings)? {
        return Ok(());
    }
    if way.security == Security::Implicit {
        match dialer.dial_tls(&way.endpoint, &[]) {
            Ok(dialed) => tls(&dialed, findings)?,
            Err(why) => return findings.bad("tls", why.into()),
        }
    }
    match way.protocol {
        Protocol::Http => clock(run, way.url, findings),
        other => findings.note("more", &format!("netkit {} probe tells what the server says", other.name())),
    }
}

/// Whether there is an address.
fn resolve(endpoint: &Endpoint, findings: &mut Findings) -> Result<bool> {
    let Endpoint::Inet { host: host @ Host::Name(_), port } = endpoint else { return Ok(true) };
    let begun = Instant::now();
    match getaddrinfo(host, &Port::from(*port), Family::Any) {
        Ok(all) => {
            let all: Vec<String> = all.iter().map(|at| at.ip().to_string()).collect();
            findings.good("name", &format!("{} in {} ms", all.join(", "), begun.elapsed().as_millis()))?;
            Ok(true)
        }
        Err(why) => findings.bad("name", why.into()).map(|()| false),
    }
}

/// Whether a connection comes about; each family by itself, so that one that hangs does not hide behind the other.
fn connect(run: &Run<'_>, dialer: &Dialer, endpoint: &Endpoint, findings: &mut Findings) -> Result<bool> {
    let mut failed = Vec::new();
    let mut came = false;
    let is_name = matches!(endpoint, Endpoint::Inet { host: Host::Name(_), .. });
    let options = &run.net.connection;
    let families = match (options.v4, options.v6) {
        (true, _) => &[("ipv4", Family::V4)][..],
        (_, true) => &[("ipv6", Family::V6)],
        _ if is_name => &[("ipv4", Family::V4), ("ipv6", Family::V6)],
        _ => &[("", Family::Any)],
    };
    for (name, family) in families {
        let check = format!("connect {name}");
        match dialer.clone().family(*family).dial(endpoint) {
            Ok(dialed) => {
                came = true;
                let report = &dialed.report;
                let via = report.via.as_ref().map(|via| format!(" by {}", via.proxy)).unwrap_or_default();
                let at = report.tried.last().map(|last| last.addr.to_string()).unwrap_or_default();
                findings
                    .good(check.trim_end(), &format!("{at}{via} in {} ms", report.connect.as_millis()))?;
                // A proxy finds the way itself.
                if report.via.is_some() {
                    break;
                }
            }
            Err(why) => failed.push((check, Failure::from(why))),
        }
    }
    for (check, why) in failed {
        if came {
            findings.note(check.trim_end(), &why.message)?;
        } else {
            findings.bad(check.trim_end(), why)?;
        }
    }
    Ok(came)
}

fn tls(dialed: &Dialed, findings: &mut Findings) -> Result<()> {
    let Some(info) = &dialed.report.tls else { return Ok(()) };
    let took = dialed.report.tls_time.as_millis();
    findings.good("tls", &format!("{} {} in {took} ms", info.version, info.cipher))?;
    let Some(own) = info.chain.first() else { return Ok(()) };
    let left = own.not_after - jiff::Timestamp::now().as_second();
    let said = format!("{}, by {}, for {} more days", own.subject, own.issuer, left / 86_400);
    if left < SOON { findings.note("certificate", &said) } else { findings.good("certificate", &said) }
}

/// A web server says what time it is.
fn clock(run: &mut Run<'_>, url: &str, findings: &mut Findings) -> Result<()> {
    let (status, at) = match super::http::head(run, url) {
        Ok(answer) => answer,
        Err(why) => return findings.bad("answer", why),
    };
    findings.good("answer", &status)?;
    let Some(at) = at else { return Ok(()) };
    let now = SystemTime::now();
    let (apart, who) = match now.duration_since(at) {
        Ok(behind) => (behind, "ahead of"),
        Err(ahead) => (ahead.duration(), "behind"),
    };
    if apart > SKEW {
        return findings.note("clock", &format!("{} s {who} the server's", apart.as_secs()));
    }
    findings.good("clock", "the server's is the same")
}
