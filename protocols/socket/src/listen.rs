//! Waiting for peers: a listener for TCP and Unix sockets that can be stopped.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use netkit_wire::{Clock, Stream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::dial::{Family, addresses_of};
use crate::endpoint::{Address, Endpoint, Peer};
use crate::error::NetError;
use crate::host::Host;
use crate::stream::SocketStream;

/// A bound socket that peers can connect to.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    local: Address,
    stop: OwnedFd,
    stopper: Arc<OwnedFd>,
    idle: Option<Duration>,
    accept: Option<Duration>,
}

/// Ends a [`Listener`]'s `accept` from another thread. Clones are the same handle.
#[derive(Clone, Debug)]
pub struct Closer(Arc<OwnedFd>);

impl Closer {
    /// Makes the accept that waits, and every later one, fail with [`NetError::Closed`].
    pub fn close(&self) {
        // The pipe is never read: a full one (somebody called this 65,536 times) says the same.
        let _ = rustix::io::write(&*self.0, &[0]);
    }
}

impl Listener {
    /// Listens at an endpoint; `backlog` is how many connections may wait to be accepted.
    ///
    /// Port 0 takes a free port, see [`local`](Listener::local). The empty host ([`Host::Any`]) listens on every
    /// address of both families through one socket. A Unix path where nobody answers any more is taken over; one
    /// that is answered, or that is no socket, is left alone.
    ///
    /// # Errors
    /// [`NetError::Io`] (`AddrInUse`, `PermissionDenied`, ...), [`NetError::Resolve`], [`NetError::Invalid`].
    pub fn bind(at: &Endpoint, backlog: i32) -> Result<Listener, NetError> {
        let socket = match at {
            Endpoint::Unix(path) => bind_unix(path, Type::STREAM)?,
            Endpoint::Inet { host: Host::Any, port } => bind_any(*port)?,
            Endpoint::Inet { host, port } => {
                let addrs = addresses_of(host, *port, Family::Any, true)?;
                let mut last = io::ErrorKind::AddrNotAvailable.into();
                let bound = addrs.into_iter().find_map(|addr| bind_inet(addr).map_err(|e| last = e).ok());
                bound.ok_or(last)?
            }
        };
        socket.listen(backlog)?;
        // Several threads may wait on one listener; the one that finds the queue empty goes back to waiting.
        socket.set_nonblocking(true)?;
        let local = Address::of(&socket.local_addr()?);
        let (stop, stopper) = rustix::pipe::pipe().map_err(io::Error::from)?;
        for end in [&stop, &stopper] {
            rustix::io::fcntl_setfd(end, rustix::io::FdFlags::CLOEXEC).map_err(io::Error::from)?;
        }
        let idle = Some(Duration::from_secs(60));
        Ok(Listener { socket, local, stop, stopper: Arc::new(stopper), idle, accept: None })
    }

    /// The time that one read or write on an accepted stream may wait; 60 s unless said, `None` for ever.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Option<Duration>) -> Self {
        self.idle = limit;
        self
    }

    /// The time that [`accept`](Listener::accept) waits for a peer; for ever unless said.
    #[must_use]
    pub fn accept_timeout(mut self, limit: Option<Duration>) -> Self {
        self.accept = limit;
        self
    }

    /// As [`accept_timeout`](Listener::accept_timeout), between two peers.
    pub fn set_accept_timeout(&mut self, limit: Option<Duration>) {
        self.accept = limit;
    }

    /// The bound address, with the port the system chose.
    pub fn local(&self) -> &Address {
        &self.local
    }

    /// A handle that stops this listener from another thread.
    pub fn closer(&self) -> Closer {
        Closer(Arc::clone(&self.stopper))
    }

    /// Waits for the next peer.
    ///
    /// # Errors
    /// [`NetError::Closed`] after [`Closer::close`], [`NetError::Timeout`] with the idle clock after the accept time
    /// limit, [`NetError::Io`] when the system is out of descriptors or memory.
    pub fn accept(&self) -> Result<(Box<dyn Stream>, Peer), NetError> {
        let until = self.accept.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            self.wait(until)?;
            match self.socket.accept() {
                Ok((socket, peer)) => {
                    let peer = Address::of(&peer);
                    if matches!(peer, Address::Inet(_)) {
                        // Some systems refuse this where the peer has gone again; reading will tell.
                        let _ = socket.set_tcp_nodelay(true);
                    }
                    return Ok((Box::new(SocketStream::new(socket, self.idle, None)?), peer));
                }
                // Gone again before we came (accept(2)), or taken by another thread.
                Err(error) if is_passing(error.kind()) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn wait(&self, until: Option<Instant>) -> Result<(), NetError> {
        let mut fds = [PollFd::new(&self.stop, PollFlags::IN), PollFd::new(&self.socket, PollFlags::IN)];
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let timeout = left.map(Timespec::try_from).transpose().map_err(|_| io::ErrorKind::InvalidInput);
            match poll(&mut fds, timeout.map_err(io::Error::from)?.as_ref()) {
                Ok(0) => {
                    let at = self
                        .local
                        .port()
                        .zip(self.local_ip())
                        .map(|(port, ip)| Endpoint::new(ip.into(), port));
                    return Err(NetError::Timeout { clock: Clock::Idle, endpoint: at, tried: Vec::new() });
                }
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(io::Error::from(error).into()),
            }
        }
        let [stop, _] = &fds;
        if stop.revents().is_empty() { Ok(()) } else { Err(NetError::Closed) }
    }

    fn local_ip(&self) -> Option<IpAddr> {
        match &self.local {
            Address::Inet(addr) => Some(addr.ip()),
            Address::Unix(_) | Address::Unnamed => None,
        }
    }

    /// Stops listening and removes a Unix socket's path. Dropping the listener only stops listening.
    ///
    /// # Errors
    /// [`NetError::Io`] if the path could not be removed.
    pub fn close(self) -> Result<(), NetError> {
        match &self.local {
            // An abstract name goes with its socket.
            Address::Unix(path) if path.as_os_str().as_encoded_bytes().starts_with(&[0]) => Ok(()),
            Address::Unix(path) => Ok(fs::remove_file(path)?),
            Address::Inet(_) | Address::Unnamed => Ok(()),
        }
    }
}

fn is_passing(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{ConnectionAborted, Interrupted, WouldBlock};
    matches!(kind, ConnectionAborted | Interrupted | WouldBlock)
}

/// Both families through one IPv6 socket (RFC 3493 section 5.3), or IPv4 alone where the host has no IPv6.
fn bind_any(port: u16) -> io::Result<Socket> {
    let both = || -> io::Result<Socket> {
        let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;
        socket.set_only_v6(false)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
        Ok(socket)
    };
    match both() {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            bind_inet((Ipv4Addr::UNSPECIFIED, port).into())
        }
        other => other,
    }
}

fn bind_inet(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    // A server that restarts takes its port back although old connections linger in TIME-WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    Ok(socket)
}

fn bind_unix(path: &Path, kind: Type) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, kind, None)?;
    bind_path(&socket, path, kind)?;
    Ok(socket)
}

/// Binds to a path, taking over a socket that was left behind there.
pub(crate) fn bind_path(socket: &Socket, path: &Path, kind: Type) -> io::Result<()> {
    let addr = SockAddr::unix(path)?;
    match socket.bind(&addr) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path, kind) => {
            fs::remove_file(path)?;
            socket.bind(&addr)
        }
        other => other,
    }
}

/// Whether this is a Unix socket that was left behind: nobody answers there.
fn is_stale(path: &Path, kind: Type) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    let refused = || -> io::Result<bool> {
        let socket = Socket::new(Domain::UNIX, kind, None)?;
        // A full queue means somebody is there; do not wait for room.
        socket.set_nonblocking(true)?;
        let answer = socket.connect(&SockAddr::unix(PathBuf::from(path))?);
        Ok(answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused))
    };
    is_socket && refused().unwrap_or(false)
}
