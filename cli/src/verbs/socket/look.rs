//! `netkit socket resolve`, `wait` and `hostname`.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{Carrier, Family, Host, NetError, Place, Port, getaddrinfo, gethostname};
use serde_json::json;

use super::{Out, dialer, mock, place};
use crate::args::{SocketResolve, SocketWait, Tune};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

pub fn resolve(run: &Run<'_>, args: &SocketResolve) -> Result<()> {
    let options = &run.net.connection;
    let family = match (options.v4, options.v6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    let (host, port) = parts(&args.host, options.port.as_deref())?;
    let found = getaddrinfo(&host, &port.clone().unwrap_or(Port::Number(0)), family)?;
    let mut seen: Vec<SocketAddr> = Vec::new();
    let mut output = run.output()?;
    for addr in found {
        if seen.contains(&addr) {
            continue;
        }
        seen.push(addr);
        let shown = if port.is_some() { addr.to_string() } else { addr.ip().to_string() };
        let family = if addr.is_ipv4() { "AF_INET" } else { "AF_INET6" };
        output.line(&match run.json() {
            true => json!({
                "host": host.to_string(), "address": addr.ip().to_string(), "family": family,
                "port": port.is_some().then(|| addr.port()),
            })
            .to_string(),
            false => shown,
        })?;
    }
    output.finish()
}

/// `host`, `host:port`, `[v6]:port` or a bare IPv6 address.
fn parts(text: &str, port: Option<&str>) -> Result<(Host, Option<Port>)> {
    let port_of = |port: &str| port.parse::<Port>();
    let (host, own) = match text.rsplit_once(':') {
        Some((host, own)) if !host.contains(':') || host.ends_with(']') => (host, Some(port_of(own)?)),
        _ => (text, None),
    };
    let port = port.map(port_of).transpose()?;
    Ok((host.parse()?, port.or(own)))
}

pub fn wait(run: &Run<'_>, args: &SocketWait) -> Result<()> {
    let text = match (&args.target, run.is_mock()) {
        (Some(text), _) => text.as_str(),
        (None, true) => "localhost:echo",
        (None, false) => return Err(Failure::new(Kind::Usage, "no TARGET: which host and port?")),
    };
    let mut place: Place = place(run, text)?;
    if matches!(place.carrier, Carrier::Udp | Carrier::Unixgram) {
        return Err(Failure::new(Kind::Unsupported, "nobody can tell whether datagrams are listened for"));
    }
    let tune = Tune::default();
    let each = run.net.connection.connect_timeout.unwrap_or(Duration::from_secs(2));
    let dialer = dialer(run, &tune, place.carrier.as_str())?.connect_timeout(each).again(None);
    let dialer = mock::instead(run, &mut place, dialer)?;
    let minute = Instant::now() + Duration::from_secs(60);
    let until = run.deadline().unwrap_or(minute);
    let (start, out) = (Instant::now(), Out::new(run, dialer, place.clone(), &tune));
    let mut tries = 0_u64;
    loop {
        tries += 1;
        let dialed = out.dial();
        let last = match (dialed, args.gone) {
            (Ok(_), false) => return told(run, &place, start, tries),
            (Ok(_), true) => "somebody listens there".to_owned(),
            (Err(failure), gone) => {
                let passing =
                    matches!(failure.kind, Kind::Connect | Kind::Timeout | Kind::Resolve | Kind::Receive);
                match (passing, gone) {
                    (true, true) if failure.kind == Kind::Connect => return told(run, &place, start, tries),
                    (true, _) => failure.message,
                    (false, _) => return Err(failure),
                }
            }
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let what = if args.gone { "still there" } else { "nobody listens" };
            let over = format!("{place}: {what} after {tries} tries: {last}");
            return Err(Failure::new(Kind::Timeout, over).hint("--max-time gives it more time"));
        }
        thread::sleep(args.interval.min(left));
    }
}

fn told(run: &Run<'_>, place: &Place, start: Instant, tries: u64) -> Result<()> {
    if !run.json() {
        return Ok(());
    }
    let millis = (start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
    let mut output = run.output()?;
    output.line(&json!({ "target": place.to_string(), "tries": tries, "ms": millis }).to_string())?;
    output.finish()
}

pub fn hostname(run: &Run<'_>) -> Result<()> {
    let name = gethostname();
    if name.is_empty() {
        return Err(NetError::Io(std::io::ErrorKind::NotFound.into()).into());
    }
    let mut output = run.output()?;
    output.line(&if run.json() { json!({ "hostname": name }).to_string() } else { name })?;
    output.finish()
}
