//! Where data connections come from (RFC 959 section 3.2): dialed to the control connection's peer, or waited for from it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use netkit_socket::{Address, DialReport, Dialer, Endpoint, Host, Listener, NetError};
use netkit_wire::Stream;

/// Makes data connections.
pub trait Data: Send {
    /// Dials the port that the server waits at. Where that is, is the control connection's peer, whatever the server says.
    ///
    /// # Errors
    /// [`NetError`].
    fn dial(&mut self, port: u16) -> Result<Box<dyn Stream>, NetError>;

    /// Begins to wait for the server.
    ///
    /// # Errors
    /// [`NetError`].
    fn listen(&mut self) -> Result<Box<dyn Waiting>, NetError>;

    /// TLS over a data connection, in the session of the control connection where the server can (RFC 4217 section 10.2).
    ///
    /// # Errors
    /// [`NetError`].
    fn secure(&mut self, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, NetError>;

    /// The control connection's peer, where it has an address.
    fn peer(&self) -> Option<IpAddr> {
        None
    }
}

/// A place where the server is waited for.
pub trait Waiting {
    /// The address to tell the server.
    fn address(&self) -> SocketAddr;

    /// The server's connection: others are turned away, and the wait goes on.
    ///
    /// # Errors
    /// [`NetError::Timeout`] and others.
    fn accept(self: Box<Self>) -> Result<Box<dyn Stream>, NetError>;
}

/// Data connections over the network.
#[derive(Debug)]
pub struct Network {
    dialer: Dialer,
    /// Who the control connection is with.
    peer: Host,
    /// The name that TLS asks for.
    name: Host,
    local: Option<IpAddr>,
    /// The ports that the server may dial from; any where there are none.
    ports: Vec<u16>,
}

/// The data ports of FTP and of FTP over TLS.
const DATA: u16 = 20;
const SECURE_DATA: u16 = 989;

impl Network {
    /// Beside a control connection to `to` that came about as `report` says.
    pub fn new(dialer: &Dialer, to: &Endpoint, report: &DialReport) -> Network {
        let name = to.host().cloned().unwrap_or(Host::Any);
        let address = |address: &Address| match address {
            Address::Inet(address) => Some(address.ip().to_canonical()),
            _ => None,
        };
        // Behind a proxy, the address is the proxy's: the name is asked for again.
        let known = address(&report.peer).filter(|_| report.via.is_none());
        let peer = known.map_or_else(|| name.clone(), Host::from);
        Network { dialer: dialer.clone(), peer, name, local: address(&report.local), ports: Vec::new() }
    }

    /// The server has to dial from its data port: the one below its control port (RFC 959 section 5.2), or one of the two that
    /// are registered.
    pub fn verify_port(&mut self, control: u16) {
        self.ports = vec![control.wrapping_sub(1), DATA, SECURE_DATA];
    }
}

impl Data for Network {
    fn dial(&mut self, port: u16) -> Result<Box<dyn Stream>, NetError> {
        Ok(self.dialer.dial(&Endpoint::new(self.peer.clone(), port))?.stream)
    }

    fn listen(&mut self) -> Result<Box<dyn Waiting>, NetError> {
        let local = self.local.ok_or(NetError::Closed)?;
        let listener =
            Listener::bind(&Endpoint::new(Host::from(local), 0), 4)?.accept_timeout(Some(PATIENCE));
        let port = match listener.local() {
            Address::Inet(address) => address.port(),
            _ => return Err(NetError::Closed),
        };
        let address = SocketAddr::new(local, port);
        Ok(Box::new(Listening { listener, address, peer: self.peer.clone(), ports: self.ports.clone() }))
    }

    fn secure(&mut self, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, NetError> {
        self.dialer.secure(stream, &self.name, &[]).map(|(stream, _)| stream)
    }

    fn peer(&self) -> Option<IpAddr> {
        match &self.peer {
            Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
            _ => None,
        }
    }
}

/// How long the server may take to dial back.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many strangers are turned away before the wait is given up.
const STRANGERS: usize = 100;

/// The server, or somebody at its address, dialed from a port that may be anybody's there.
const OTHER_PORT: NetError =
    NetError::Unsupported { what: "a data connection from a port other than the data port", host: None };

struct Listening {
    listener: Listener,
    address: SocketAddr,
    peer: Host,
    ports: Vec<u16>,
}

impl Waiting for Listening {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn accept(self: Box<Self>) -> Result<Box<dyn Stream>, NetError> {
        for _ in 0..STRANGERS {
            let (stream, peer) = self.listener.accept()?;
            let Address::Inet(from) = peer else { continue };
            if Host::from(from.ip().to_canonical()) != self.peer {
                continue;
            }
            // The server itself would try once only: there is nothing to go on waiting for.
            let is_right = self.ports.is_empty() || self.ports.contains(&from.port());
            return if is_right { Ok(stream) } else { Err(OTHER_PORT) };
        }
        Err(NetError::Closed)
    }
}
