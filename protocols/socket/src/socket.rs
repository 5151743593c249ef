//! The notes' socket, call by call: `socket`, `bind`, `listen`, `accept`, `connect`, `send`, `recv`, `sendto`,
//! `recvfrom`, `close`.

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use netkit_wire::{Clock, Stream};
use rustix::net::{RecvFlags, SendFlags, SocketAddrAny, SocketAddrUnix, recvfrom};
use socket2::{InterfaceIndexOrAddress, SockAddr};

use crate::dial::{Family, addresses_of};
use crate::domain::{Domain, Protocol, Type};
use crate::endpoint::{Address, Endpoint, ToEndpoint};
use crate::error::{NetError, What};
use crate::host::Zone;
use crate::listen::bind_path;
use crate::settings::Settings;
use crate::stream::SocketStream;

pub use std::net::Shutdown;

/// A socket in the plain sense: one address family, one type, one call per verb.
///
/// For a conversation use [`Dialer`](crate::Dialer) and [`Listener`](crate::Listener), which know about several
/// addresses, time limits and TLS. This is for datagrams, and for those who think in socket calls.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    domain: Domain,
    kind: Type,
}

impl Socket {
    /// `socket(domain, type, protocol)`.
    ///
    /// # Errors
    /// [`NetError::Unsupported`] for a family that this host lacks, with the host's reason, or that has no address form
    /// here; [`NetError::Io`] if the system refuses.
    pub fn new(domain: Domain, kind: Type, protocol: Protocol) -> Result<Socket, NetError> {
        let made = socket2::Socket::new(domain.system(), kind.system(), protocol.system());
        if let Domain::Other(other) = domain {
            // The host is asked first: its reason is better than ours.
            return Err(NetError::Unsupported { what: other.name(), host: made.err() });
        }
        Ok(Socket { inner: made?, domain, kind })
    }

    /// Takes a local address: the empty host is every address of the family, port 0 a free one. A Unix path where nobody
    /// answers any more is taken over.
    ///
    /// # Errors
    /// [`NetError::Io`] if the address is taken, foreign or forbidden; [`NetError::Invalid`]; [`NetError::Resolve`].
    pub fn bind(&self, at: impl ToEndpoint) -> Result<(), NetError> {
        if self.kind == Type::Stream && self.domain != Domain::Unix {
            self.inner.set_reuse_address(true)?;
        }
        match at.to_endpoint()? {
            Endpoint::Unix(path) => Ok(bind_path(&self.inner, &path, self.kind.system())?),
            Endpoint::Inet { host, port } => {
                let addrs = addresses_of(&host, port, self.family(), true)?;
                self.first(&addrs, |addr| self.inner.bind(addr))
            }
        }
    }

    /// Lets peers connect; `backlog` is how many may wait to be accepted.
    ///
    /// # Errors
    /// [`NetError::Io`] if this is not a bound stream socket.
    pub fn listen(&self, backlog: i32) -> Result<(), NetError> {
        Ok(self.inner.listen(backlog)?)
    }

    /// Waits for the next peer: a socket for its conversation, and its address.
    ///
    /// # Errors
    /// [`NetError::Timeout`] after [`settimeout`](Socket::settimeout), [`NetError::Io`].
    pub fn accept(&self) -> Result<(Socket, Address), NetError> {
        let (inner, peer) = timed(again(|| self.inner.accept()))?;
        Ok((Socket { inner, domain: self.domain, kind: self.kind }, Address::of(&peer)))
    }

    /// Connects a stream to a peer, or fixes the peer of a datagram socket. Addresses of the socket's family are tried
    /// one after another.
    ///
    /// # Errors
    /// [`NetError::Io`] with the last address's reason, [`NetError::Timeout`], [`NetError::Resolve`], [`NetError::Invalid`].
    pub fn connect(&self, to: impl ToEndpoint) -> Result<(), NetError> {
        match to.to_endpoint()? {
            Endpoint::Unix(path) => timed(self.inner.connect(&SockAddr::unix(path)?)),
            Endpoint::Inet { host, port } => {
                let addrs = addresses_of(&host, port, self.family(), false)?;
                self.first(&addrs, |addr| self.inner.connect(addr))
            }
        }
    }

    /// Sends to the connected peer: the number of bytes that the system took, for a datagram all of them.
    ///
    /// # Errors
    /// [`NetError::Io`]; [`NetError::Timeout`].
    pub fn send(&self, bytes: &[u8]) -> Result<usize, NetError> {
        let flags = SendFlags::NOSIGNAL;
        timed(again(|| Ok(rustix::net::send(&self.inner, bytes, flags)?)))
    }

    /// Sends all of `bytes` on a stream.
    ///
    /// # Errors
    /// As [`send`](Socket::send); how much had been sent by then is not known.
    pub fn sendall(&self, bytes: &[u8]) -> Result<(), NetError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let sent = self.send(rest)?;
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Receives into `buf`. 0 is the end of a stream, or an empty datagram; what of a datagram does not fit is lost.
    ///
    /// # Errors
    /// [`NetError::Io`]; [`NetError::Timeout`].
    pub fn recv(&self, buf: &mut [u8]) -> Result<usize, NetError> {
        timed(again(|| (&self.inner).read(buf)))
    }

    /// Sends one datagram to an address; `<broadcast>` after [`set_broadcast`](Socket::set_broadcast).
    ///
    /// # Errors
    /// [`NetError::Io`] (`PermissionDenied` for a broadcast that was not allowed), [`NetError::Resolve`],
    /// [`NetError::Invalid`].
    pub fn sendto(&self, bytes: &[u8], to: impl ToEndpoint) -> Result<usize, NetError> {
        let addr = match to.to_endpoint()? {
            Endpoint::Unix(path) => SockAddr::unix(path)?,
            Endpoint::Inet { host, port } => {
                let addrs = addresses_of(&host, port, self.family(), false)?;
                let first = addrs.first().copied();
                first.ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))?.into()
            }
        };
        timed(again(|| self.inner.send_to(bytes, &addr)))
    }

    /// Receives one datagram into `buf`, and its sender's address.
    ///
    /// # Errors
    /// As [`recv`](Socket::recv).
    pub fn recvfrom(&self, buf: &mut [u8]) -> Result<(usize, Address), NetError> {
        let (n, _, from) = timed(again(|| Ok(recvfrom(&self.inner, &mut *buf, RecvFlags::empty())?)))?;
        Ok((n, from.map_or(Address::Unnamed, address)))
    }

    /// Ends one direction or both, and tells the peer.
    ///
    /// # Errors
    /// [`NetError::Io`] if there is no connection.
    pub fn shutdown(&self, how: Shutdown) -> Result<(), NetError> {
        Ok(self.inner.shutdown(how)?)
    }

    /// Closes the socket. Dropping it does the same.
    pub fn close(self) {
        drop(self);
    }

    /// The local address.
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn getsockname(&self) -> Result<Address, NetError> {
        Ok(Address::of(&self.inner.local_addr()?))
    }

    /// The peer's address.
    ///
    /// # Errors
    /// [`NetError::Io`] if there is no peer.
    pub fn getpeername(&self) -> Result<Address, NetError> {
        Ok(Address::of(&self.inner.peer_addr()?))
    }

    /// How long each later call may wait; `None` for ever, which is where a socket begins.
    ///
    /// # Errors
    /// [`NetError::Io`] if the time is zero.
    pub fn settimeout(&self, limit: Option<Duration>) -> Result<(), NetError> {
        if limit.is_some_and(|limit| limit.is_zero()) {
            return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
        }
        self.inner.set_read_timeout(limit)?;
        Ok(self.inner.set_write_timeout(limit)?)
    }

    /// Allows sending to `<broadcast>` (`SO_BROADCAST`).
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn set_broadcast(&self, allowed: bool) -> Result<(), NetError> {
        Ok(self.inner.set_broadcast(allowed)?)
    }

    /// Sends each write at once instead of gathering small ones (`TCP_NODELAY`, RFC 896).
    ///
    /// # Errors
    /// [`NetError::Io`] if this is not TCP.
    pub fn set_nodelay(&self, nodelay: bool) -> Result<(), NetError> {
        Ok(self.inner.set_tcp_nodelay(nodelay)?)
    }

    /// Another handle to the same socket.
    ///
    /// # Errors
    /// [`NetError::Io`] if the system is out of descriptors.
    pub fn dup(&self) -> Result<Socket, NetError> {
        Ok(Socket { inner: self.inner.try_clone()?, domain: self.domain, kind: self.kind })
    }

    /// The connected socket as a [`Stream`], for the protocol crates. `idle` is the time one call may wait.
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn makefile(self, idle: Option<Duration>) -> Result<Box<dyn Stream>, NetError> {
        self.settimeout(None)?;
        Ok(Box::new(SocketStream::new(self.inner, idle, None)?))
    }

    /// Time to live, type of service and buffers; see [`Settings`]. `setsockopt`.
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn set(&self, settings: &Settings) -> Result<(), NetError> {
        settings.buffers(&self.inner)?;
        match self.domain {
            Domain::Inet | Domain::Inet6 => Ok(settings.hops(&self.inner, self.domain == Domain::Inet)?),
            Domain::Unix | Domain::Other(_) => Ok(()),
        }
    }

    /// Whether others may bind to the same port too, as the members of a multicast group on one host do.
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn set_reuse(&self, allowed: bool) -> Result<(), NetError> {
        Ok(self.inner.set_reuse_address(allowed)?)
    }

    /// An IPv6 socket takes IPv4 peers too (RFC 3493 section 5.3).
    ///
    /// # Errors
    /// [`NetError::Io`].
    pub fn set_dual_stack(&self, both: bool) -> Result<(), NetError> {
        Ok(self.inner.set_only_v6(!both)?)
    }

    /// Joins a multicast group (RFC 1112, RFC 3493 section 5.2) on an interface, by its name, number or IPv4 address;
    /// the system chooses one where none is given.
    ///
    /// # Errors
    /// [`NetError::Invalid`] for no such interface, [`NetError::Io`].
    pub fn join_multicast(&self, group: IpAddr, interface: Option<&str>) -> Result<(), NetError> {
        match group {
            IpAddr::V4(group) => {
                let on = match interface.map(|text| (text, text.parse())) {
                    None => InterfaceIndexOrAddress::Address(Ipv4Addr::UNSPECIFIED),
                    Some((_, Ok(ip))) => InterfaceIndexOrAddress::Address(ip),
                    Some((name, Err(_))) => InterfaceIndexOrAddress::Index(Zone::parse(name)?.index()?),
                };
                Ok(self.inner.join_multicast_v4_n(&group, &on)?)
            }
            IpAddr::V6(group) => {
                let index = interface.map(|name| Zone::parse(name)?.index()).transpose()?;
                Ok(self.inner.join_multicast_v6(&group, index.unwrap_or(0))?)
            }
        }
    }

    /// How datagrams to a multicast group leave: how many routers they pass, by which interface, and whether this
    /// host's own members hear them.
    ///
    /// # Errors
    /// [`NetError::Invalid`] for no such interface, [`NetError::Io`].
    pub fn set_multicast(&self, ttl: Option<u8>, interface: Option<&str>, own: bool) -> Result<(), NetError> {
        if self.domain == Domain::Inet6 {
            self.inner.set_multicast_loop_v6(own)?;
            ttl.map(|ttl| self.inner.set_multicast_hops_v6(ttl.into())).transpose()?;
            let index = interface.map(|name| Zone::parse(name)?.index()).transpose()?;
            index.map(|index| self.inner.set_multicast_if_v6(index)).transpose()?;
        } else {
            self.inner.set_multicast_loop_v4(own)?;
            ttl.map(|ttl| self.inner.set_multicast_ttl_v4(ttl.into())).transpose()?;
            if let Some(text) = interface {
                let why = "over IPv4 the interface to send by is one of its addresses";
                let ip: Ipv4Addr = text.parse().map_err(|_| NetError::invalid(What::Zone, text, why))?;
                self.inner.set_multicast_if_v4(&ip)?;
            }
        }
        Ok(())
    }

    fn family(&self) -> Family {
        match self.domain {
            Domain::Inet => Family::V4,
            Domain::Inet6 => Family::V6,
            Domain::Unix | Domain::Other(_) => Family::Any,
        }
    }

    fn first(
        &self,
        addrs: &[SocketAddr],
        call: impl Fn(&SockAddr) -> io::Result<()>,
    ) -> Result<(), NetError> {
        let mut last = Err(io::ErrorKind::AddrNotAvailable.into());
        for addr in addrs {
            last = call(&SockAddr::from(*addr));
            if last.is_ok() {
                break;
            }
        }
        timed(last)
    }
}

/// Once more after a signal.
fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A socket's own time limit shows as `EAGAIN`, or for connect as `EINPROGRESS` (socket(7)).
fn timed<T>(result: io::Result<T>) -> Result<T, NetError> {
    let in_progress = Some(rustix::io::Errno::INPROGRESS.raw_os_error());
    result.map_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == in_progress {
            NetError::Timeout { clock: Clock::Idle, endpoint: None, tried: Vec::new() }
        } else {
            error.into()
        }
    })
}

fn address(from: SocketAddrAny) -> Address {
    if let Ok(inet) = SocketAddr::try_from(from.clone()) {
        return Address::Inet(inet);
    }
    let unix = SocketAddrUnix::try_from(from).ok();
    if let Some(name) = unix.as_ref().and_then(SocketAddrUnix::abstract_name) {
        return Address::Unix(PathBuf::from(std::ffi::OsStr::from_bytes(&[&[0], name].concat())));
    }
    let path = unix.as_ref().and_then(SocketAddrUnix::path_bytes).filter(|path| !path.is_empty());
    path.map_or(Address::Unnamed, |path| Address::Unix(PathBuf::from(std::ffi::OsStr::from_bytes(path))))
}
