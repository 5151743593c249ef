//! The questions around sockets: what is this host called, which port is a service, which addresses has a name.

use std::net::SocketAddr;

use crate::dial::{Family, addresses_of};
use crate::domain::Type;
use crate::error::{NetError, What};
use crate::host::Host;
use crate::port::Port;
use crate::services;

/// The name of this host, as it calls itself.
pub fn gethostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The port of a service. `kind` says whether it is wanted over TCP or UDP, where the host's list tells them apart.
///
/// # Errors
/// [`NetError::Invalid`] if no service has that name.
pub fn getservbyname(name: &str, kind: Option<Type>) -> Result<u16, NetError> {
    services::port_of(name, kind.map(protocol))
        .ok_or_else(|| NetError::invalid(What::Port, name, "no service has that name"))
}

/// The name of the service at a port.
///
/// # Errors
/// [`NetError::Invalid`] if the port has no service.
pub fn getservbyport(port: u16, kind: Option<Type>) -> Result<String, NetError> {
    services::name_of(port, kind.map(protocol))
        .ok_or_else(|| NetError::invalid(What::Port, &port.to_string(), "no service is registered there"))
}

/// The ports of the services that this project speaks, and of the classics around them, in order.
pub fn well_known_ports() -> Vec<u16> {
    services::well_known()
}

fn protocol(kind: Type) -> &'static str {
    match kind {
        Type::Stream | Type::Seqpacket => "tcp",
        Type::Dgram => "udp",
    }
}

/// The addresses to connect or send to for a host and port, of one family or both, best first (RFC 6724). Waits 10 s
/// at most for the resolver.
///
/// # Errors
/// [`NetError::Resolve`], [`NetError::Timeout`], or [`NetError::Invalid`] for an unknown service or zone.
pub fn getaddrinfo(host: &Host, port: &Port, family: Family) -> Result<Vec<SocketAddr>, NetError> {
    addresses_of(host, port.resolve()?, family, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_host_has_a_name() {
        assert!(!gethostname().is_empty());
    }

    #[test]
    fn services_have_ports_and_ports_services() {
        assert_eq!(getservbyname("gopher", None).unwrap(), 70);
        assert_eq!(getservbyname("domain", Some(Type::Dgram)).unwrap(), 53);
        assert_eq!(getservbyport(25, Some(Type::Stream)).unwrap(), "smtp");
        assert!(matches!(getservbyname("no-such", None), Err(NetError::Invalid { what: What::Port, .. })));
        assert!(matches!(getservbyport(0, None), Err(NetError::Invalid { what: What::Port, .. })));
    }

    #[test]
    fn localhost_has_both_addresses() {
        let ask = |family| getaddrinfo(&"localhost".parse().unwrap(), &"gopher".parse().unwrap(), family);
        let shown = |all: Vec<SocketAddr>| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown(ask(Family::Any).unwrap()), ["[::1]:70", "127.0.0.1:70"]);
        assert_eq!(shown(ask(Family::V4).unwrap()), ["127.0.0.1:70"]);
    }
}
