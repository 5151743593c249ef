//! Names to addresses, within a time limit, in the order in which to try them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use netkit_wire::Clock;

use super::Family;
use crate::endpoint::Endpoint;
use crate::error::{NetError, ResolveFault, What};
use crate::host::{Host, is_localhost};

pub(crate) enum Fault {
    /// The limit ran out first.
    Late,
    Lookup(ResolveFault),
    Invalid(NetError),
}

/// The addresses of a host, as the system's resolver orders them (RFC 6724).
pub(crate) fn resolve(host: &Host, port: u16, limit: Instant) -> Result<Vec<SocketAddr>, Fault> {
    match host {
        Host::Ipv4(ip) => Ok(vec![SocketAddr::new((*ip).into(), port)]),
        Host::Ipv6(ip, zone) => {
            let scope = zone.as_ref().map_or(Ok(0), |zone| zone.index()).map_err(Fault::Invalid)?;
            Ok(vec![SocketAddrV6::new(*ip, port, 0, scope).into()])
        }
        Host::Any => Ok(loopback(port)),
        // RFC 6761 section 6.3: never the network's business.
        Host::Name(name) if is_localhost(name.ascii()) => Ok(loopback(port)),
        Host::Name(name) => lookup(name.ascii().to_owned(), port, limit),
        Host::Broadcast => {
            let why = "a connection has one peer; datagrams can be broadcast";
            Err(Fault::Invalid(NetError::invalid(What::Host, "<broadcast>", why)))
        }
    }
}

fn loopback(port: u16) -> Vec<SocketAddr> {
    let both: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
    both.map(|ip| SocketAddr::new(ip, port)).into()
}

/// getaddrinfo(3) has no time limit, so it runs in a thread of its own. One that comes too late is left behind: it ends
/// with the resolver's own limits and its answer has nobody to go to.
fn lookup(name: String, port: u16, limit: Instant) -> Result<Vec<SocketAddr>, Fault> {
    let (answer, answered) = mpsc::sync_channel(1);
    let ask = move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // A caller that has given up no longer listens; nothing is lost.
        let _ = answer.send(found);
    };
    let failed = |error| Fault::Lookup(ResolveFault::Lookup(error));
    thread::Builder::new().name("resolver".to_owned()).spawn(ask).map_err(failed)?;
    match answered.recv_timeout(limit.saturating_duration_since(Instant::now())) {
        Ok(found) => found.map_err(failed),
        Err(RecvTimeoutError::Timeout) => Err(Fault::Late),
        Err(RecvTimeoutError::Disconnected) => Err(failed(io::ErrorKind::Other.into())),
    }
}

/// The addresses of a host for a single socket: to bind to (`Any` is the unspecified address), or to send to (`Any` is
/// this host). In the resolver's order, those of the family only, at least one. Waits 10 s at most for the resolver.
pub(crate) fn addresses_of(
    host: &Host,
    port: u16,
    family: Family,
    to_bind: bool,
) -> Result<Vec<SocketAddr>, NetError> {
    let limit = Instant::now() + Duration::from_secs(10);
    let found = match host {
        Host::Broadcast => Ok(vec![SocketAddr::new(Ipv4Addr::BROADCAST.into(), port)]),
        Host::Any if to_bind => {
            let both: [IpAddr; 2] = [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()];
            Ok(both.map(|ip| SocketAddr::new(ip, port)).into())
        }
        other => resolve(other, port, limit),
    };
    let mut all = found.map_err(|fault| match fault {
        Fault::Late => {
            let endpoint = Some(Endpoint::new(host.clone(), port));
            NetError::Timeout { clock: Clock::Connect, endpoint, tried: Vec::new() }
        }
        Fault::Lookup(reason) => NetError::Resolve { host: host.clone(), reason },
        Fault::Invalid(error) => error,
    })?;
    all.retain(|addr| family.has(addr.ip()));
    if all.is_empty() {
        return Err(NetError::Resolve { host: host.clone(), reason: ResolveFault::NoneOfFamily(family) });
    }
    Ok(all)
}

/// RFC 8305 section 4: the families take turns, beginning with the resolver's first choice; each address once. `None`
/// if there is no address of the family.
pub(crate) fn order(all: Vec<SocketAddr>, family: Family) -> Option<Vec<SocketAddr>> {
    let mut wanted: Vec<SocketAddr> = Vec::with_capacity(all.len());
    for addr in all {
        if family.has(addr.ip()) && !wanted.contains(&addr) {
            wanted.push(addr);
        }
    }
    let first_is_v6 = wanted.first()?.is_ipv6();
    let (first, second): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|a| a.is_ipv6() == first_is_v6);
    let mut ordered = Vec::with_capacity(first.len() + second.len());
    let mut second = second.into_iter();
    for addr in first {
        ordered.push(addr);
        ordered.extend(second.next());
    }
    ordered.extend(second);
    Some(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_no_address_comes_twice() {
        let addrs =
            |list: &[&str]| list.iter().map(|a| SocketAddr::new(a.parse().unwrap(), 1)).collect::<Vec<_>>();
        let all = addrs(&["::1", "::2", "::1", "::3", "127.0.0.1", "127.0.0.2"]);
        let mixed = addrs(&["::1", "127.0.0.1", "::2", "127.0.0.2", "::3"]);
        assert_eq!(order(all.clone(), Family::Any).unwrap(), mixed);
        assert_eq!(order(all.clone(), Family::V4).unwrap(), addrs(&["127.0.0.1", "127.0.0.2"]));
        assert_eq!(
            order(addrs(&["127.0.0.1", "::1", "::2"]), Family::Any).unwrap(),
            addrs(&["127.0.0.1", "::1", "::2"])
        );
        assert_eq!(order(addrs(&["::1"]), Family::V4), None);
    }
}
