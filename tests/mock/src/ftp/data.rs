//! Data connections: waited for, or dialed, always on loopback.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use netkit_socket::{Address, Dialer, Endpoint, Host, Listener, Settings};
use netkit_wire::Stream;

/// How long the client may take to dial, or to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the next data connection comes from.
pub(super) enum Way {
    Passive(Listener),
    Active(SocketAddr),
}

impl Way {
    /// A port that is waited at.
    pub(super) fn passive() -> Option<(Way, u16)> {
        let at = Endpoint::new(Host::Ipv4([127, 0, 0, 1].into()), 0);
        let listener =
            Listener::bind(&at, 1).ok()?.accept_timeout(Some(PATIENCE)).idle_timeout(Some(PATIENCE));
        let port = match listener.local() {
            Address::Inet(address) => address.port(),
            _ => return None,
        };
        Some((Way::Passive(listener), port))
    }

    /// The client's address, where a server may dial at all: nobody else's, and no service's (RFC 2577 section 3).
    pub(super) fn active(ip: IpAddr, port: u16) -> Option<Way> {
        (ip.is_loopback() && port >= 1024).then_some(Way::Active(SocketAddr::new(ip, port)))
    }

    /// The connection; where this end dials, from the port that is named.
    pub(super) fn open(self, from: Option<u16>) -> Option<Box<dyn Stream>> {
        match self {
            Way::Passive(listener) => loop {
                let (stream, peer) = listener.accept().ok()?;
                if matches!(peer, Address::Inet(from) if from.ip().is_loopback()) {
                    return Some(stream);
                }
            },
            Way::Active(address) => {
                let to = address.to_string().parse().ok()?;
                let settings = Settings { source_port: from, ..Settings::default() };
                let dialer = Dialer::default().settings(settings);
                let dialer = dialer.connect_timeout(PATIENCE).idle_timeout(Some(PATIENCE));
                dialer.dial(&to).ok().map(|dialed| dialed.stream)
            }
        }
    }
}
