//! `netkit socket scan`: which ports take a connection, or answer a datagram.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{
    Carrier, Dialer, Endpoint, Host, NetError, Outcome, Place, Port, Type, getservbyport, well_known_ports,
};
use serde_json::json;

use super::{datagram, dialer, mock};
use crate::args::{SocketScan, Tune};
use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// More ports than there are is a mistake in the list.
const MOST: usize = 65_536;

struct Found {
    port: u16,
    state: &'static str,
    address: Option<String>,
    took: Duration,
}

pub fn run(run: &Run<'_>, args: &SocketScan) -> Result<()> {
    // That nobody answers is what is to be found out.
    let dialer = dialer(run, &Tune::default(), "tcp")?.again(None);
    let dialer = if run.net.connection.connect_timeout.is_none() {
        dialer.connect_timeout(Duration::from_secs(1))
    } else {
        dialer
    };
    let mut ports = match &args.ports {
        Some(list) => ports(list)?,
        None => well_known_ports(),
    };
    let host = match (&args.host, run.is_mock()) {
        (Some(host), false) => host.parse::<Host>()?,
        (None, false) => return Err(Failure::new(Kind::Usage, "no HOST")),
        (_, true) => {
            let carrier = if args.udp { Carrier::Udp } else { Carrier::Tcp };
            let mut place = Place { carrier, endpoint: "127.0.0.1:7".parse()? };
            mock::instead(run, &mut place, dialer.clone())?;
            let Endpoint::Inet { host, port } = place.endpoint else {
                return Err(Failure::new(Kind::Unsupported, "the mock server has no port"));
            };
            ports = vec![port];
            host
        }
    };
    let carrier = if args.udp { Type::Dgram } else { Type::Stream };
    let limit = run.net.connection.connect_timeout.unwrap_or(Duration::from_secs(1));
    let (by_stream, by_datagram) =
        (|port| Ok(knock(&dialer, &host, port)?), |port| ask(run, &host, port, limit));
    let knock: &Knock<'_> = if args.udp { &by_datagram } else { &by_stream };
    let mut found = scan(knock, &ports, usize::from(args.parallel))?;
    found.sort_by_key(|found| found.port);
    let protocol = if args.udp { "udp" } else { "tcp" };
    let mut output = run.output()?;
    for one in found.iter().filter(|found| args.all || found.state == "open") {
        let service = getservbyport(one.port, Some(carrier)).ok();
        let line = if run.json() {
            json!({
                "host": host.to_string(), "port": one.port, "protocol": protocol, "state": one.state, "service": service,
                "address": one.address, "ms": (one.took.as_secs_f64() * 1e6).round() / 1e3,
            })
            .to_string()
        } else {
            format!("{}\t{}\t{}", one.port, one.state, service.unwrap_or_default())
        };
        output.line(&line)?;
    }
    output.finish()?;
    match found.iter().any(|found| found.state == "open") {
        true => Ok(()),
        false => {
            let what = if args.udp { "answers" } else { "is open" };
            Err(Failure::new(Kind::Connect, format!("{host}: none of {} ports {what}", ports.len())))
        }
    }
}

/// One port.
type Knock<'k> = dyn Fn(u16) -> Result<Found> + Sync + 'k;

fn scan(knock: &Knock<'_>, ports: &[u16], parallel: usize) -> Result<Vec<Found>> {
    let (next, found, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..parallel.min(ports.len()) {
            scope.spawn(|| {
                while let Some(port) = ports.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match knock(*port) {
                        Ok(one) => found.lock().unwrap_or_else(PoisonError::into_inner).push(one),
                        Err(error) => {
                            // No name, no proxy, no time: no other port will do better.
                            next.store(ports.len(), Ordering::SeqCst);
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn knock(dialer: &Dialer, host: &Host, port: u16) -> std::result::Result<Found, NetError> {
    let start = Instant::now();
    let (state, address) = match dialer.dial(&Endpoint::new(host.clone(), port)) {
        Ok(dialed) => ("open", Some(dialed.report.peer.to_string())),
        Err(NetError::Connect { tried, .. }) => {
            let silent = tried.iter().any(|one| one.outcome == Outcome::TimedOut);
            (if silent { "silent" } else { "closed" }, None)
        }
        Err(NetError::Timeout { clock: netkit_wire::Clock::Connect, .. }) => ("silent", None),
        Err(error) => return Err(error),
    };
    Ok(Found { port, state, address, took: start.elapsed() })
}

/// Two datagrams, the first empty: hosts disown only so many ports a second, and some servers want a byte.
fn ask(run: &Run<'_>, host: &Host, port: u16, limit: Duration) -> Result<Found> {
    let start = Instant::now();
    let place = Place { carrier: Carrier::Udp, endpoint: Endpoint::new(host.clone(), port) };
    let found = |state, address| Ok(Found { port, state, address, took: start.elapsed() });
    let mut last = None;
    for (_, socket) in datagram(run, &place, &Tune::default())? {
        if let Err(error) = socket.connect(&place.endpoint) {
            last = Some(error);
            continue;
        }
        let peer = socket.getpeername()?.to_string();
        for question in [&b""[..], b"\n"] {
            let gone = socket.send(question).is_err();
            socket.settimeout(Some((limit / 2).max(Duration::from_millis(1))))?;
            match socket.recv(&mut [0; 1 << 10]) {
                Ok(_) => return found("open", Some(peer)),
                Err(NetError::Timeout { .. }) if !gone => {}
                // The host says that nobody is there.
                Err(_) => return found("closed", None),
            }
        }
        return found("silent", None);
    }
    Err(last.map_or_else(|| Failure::new(Kind::Connect, "no address"), Failure::from))
}

/// `22,80,8000-8010,http`
fn ports(text: &str) -> Result<Vec<u16>> {
    let mut all = Vec::new();
    let usage = |error: NetError| Failure::new(Kind::Usage, error);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let bounds =
            part.split_once('-').and_then(|(a, b)| Some((a.parse::<u16>().ok()?, b.parse::<u16>().ok()?)));
        match bounds {
            Some((low, high)) if low <= high => all.extend(low..=high),
            Some(_) => return Err(Failure::new(Kind::Usage, format!("{part}: the lower port goes first"))),
            None => all.push(part.parse::<Port>().and_then(|port| port.resolve()).map_err(usage)?),
        }
        if all.len() > MOST {
            return Err(Failure::new(Kind::Usage, "that many ports there are not"));
        }
    }
    all.retain(|port| *port != 0);
    all.sort_unstable();
    all.dedup();
    match all.is_empty() {
        true => Err(Failure::new(Kind::Usage, "no port to try")),
        false => Ok(all),
    }
}
