//! `netkit socket scan`: which ports take a connection.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{
    Carrier, Dialer, Endpoint, Host, NetError, Outcome, Place, Port, Type, getservbyport, well_known_ports,
};
use serde_json::json;

use super::{dialer, mock};
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
    let dialer = dialer(run, &Tune::default(), "tcp")?;
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
            let mut place = Place { carrier: Carrier::Tcp, endpoint: "127.0.0.1:7".parse()? };
            mock::instead(run, &mut place, dialer.clone())?;
            let Endpoint::Inet { host, port } = place.endpoint else {
                return Err(Failure::new(Kind::Unsupported, "the mock server has no port"));
            };
            ports = vec![port];
            host
        }
    };
    let mut found = scan(&dialer, &host, &ports, usize::from(args.parallel))?;
    found.sort_by_key(|found| found.port);
    let mut output = run.output()?;
    for one in found.iter().filter(|found| args.all || found.state == "open") {
        let service = getservbyport(one.port, Some(Type::Stream)).ok();
        let line = if run.json() {
            json!({
                "host": host.to_string(), "port": one.port, "state": one.state, "service": service,
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
        false => Err(Failure::new(Kind::Connect, format!("{host}: none of {} ports is open", ports.len()))),
    }
}

fn scan(dialer: &Dialer, host: &Host, ports: &[u16], parallel: usize) -> Result<Vec<Found>> {
    let (next, found, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..parallel.min(ports.len()) {
            scope.spawn(|| {
                while let Some(port) = ports.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match knock(dialer, host, *port) {
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
        Some(error) => Err(error.into()),
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
