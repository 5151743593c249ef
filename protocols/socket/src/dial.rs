//! From an endpoint to a connected stream: options first, then [`Dialer::dial`].

mod again;
mod race;
mod report;
mod resolve;
mod through;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use netkit_wire::{Clock, Elapsed, Stream};
use socket2::{SockAddr, Socket};

pub use again::Again;
pub use report::{Attempt, DialReport, Dialed, Outcome, Via};
pub(crate) use resolve::addresses_of;

use crate::announce::Announcement;
use crate::endpoint::{Address, Endpoint};
use crate::error::{NetError, What};
use crate::host::Host;
use crate::proxy::{NoProxy, Proxy};
use crate::settings::Settings;
use crate::stream::SocketStream;
use crate::stream::throttle::{Throttle, Throttled};
use crate::tls::{Tls, TlsInfo, TlsVersion};

/// Which address families to dial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Both, IPv6 first where the resolver says so (RFC 6724, RFC 8305).
    #[default]
    Any,
    /// IPv4 only (`-4`).
    V4,
    /// IPv6 only (`-6`).
    V6,
}

impl Family {
    pub(crate) fn has(self, ip: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Any => "IP",
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        })
    }
}

/// How to reach a peer: the connection options that every protocol shares. Cheap to clone; clones share TLS sessions.
#[derive(Clone, Debug)]
pub struct Dialer {
    family: Family,
    source: Option<IpAddr>,
    settings: Settings,
    overrides: Vec<(Host, u16, IpAddr)>,
    unix: Option<PathBuf>,
    connect: Duration,
    idle: Option<Duration>,
    deadline: Option<Instant>,
    throttle: Option<Throttle>,
    announcement: Option<Announcement>,
    tls: Tls,
    proxy: Option<Proxy>,
    proxy_tls: Tls,
    no_proxy: NoProxy,
    again: Option<Again>,
}

impl Default for Dialer {
    fn default() -> Self {
        Dialer {
            family: Family::Any,
            source: None,
            settings: Settings::default(),
            overrides: Vec::new(),
            unix: None,
            connect: Duration::from_secs(10),
            idle: Some(Duration::from_secs(60)),
            deadline: None,
            throttle: None,
            announcement: None,
            tls: Tls::default(),
            proxy: None,
            proxy_tls: Tls::default(),
            no_proxy: NoProxy::default(),
            again: None,
        }
    }
}

impl Dialer {
    /// Dials addresses of this family only.
    #[must_use]
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// Dials from this address of this host, and so only to addresses of its family.
    #[must_use]
    pub fn bind(mut self, source: IpAddr) -> Self {
        self.source = Some(source);
        self
    }

    /// What the sockets are told before they connect.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Takes `addr` for the address of `host` at `port` instead of asking the resolver. Said again for the same host
    /// and port, it adds an address.
    #[must_use]
    pub fn resolve_override(mut self, host: Host, port: u16, addr: IpAddr) -> Self {
        self.overrides.push((host, port, addr));
        self
    }

    /// Dials the Unix socket at `path`, whatever the endpoint; the endpoint's host is still the name for TLS.
    #[must_use]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.unix = Some(path.into());
        self
    }

    /// The time for resolving, connecting and the TLS handshake together; 10 s unless said.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// The time that one read or write may wait; 60 s unless said, `None` for ever.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Option<Duration>) -> Self {
        self.idle = limit;
        self
    }

    /// The moment at which everything must be over, dialing included.
    #[must_use]
    pub fn deadline(mut self, at: Option<Instant>) -> Self {
        self.deadline = at;
        self
    }

    /// Bounds the bytes per second of every stream that is dialed, all of them together.
    #[must_use]
    pub fn throttle(mut self, throttle: Option<Throttle>) -> Self {
        self.throttle = throttle;
        self
    }

    /// Says whose connection each is, as a proxy before the server would, before anything else is sent (the PROXY protocol).
    #[must_use]
    pub fn announce(mut self, announcement: Option<Announcement>) -> Self {
        self.announcement = announcement;
        self
    }

    /// The same, with TLS sessions of its own: for a peer that wants one connection's session resumed by the next, and no
    /// other's (FTP, RFC 4217 section 10.2).
    #[must_use]
    pub fn with_own_sessions(&self) -> Self {
        let tls = self.tls.with_own_sessions();
        Dialer { tls, ..self.clone() }
    }

    /// The same, with TLS of no newer version than this, and sessions of its own.
    #[must_use]
    pub fn with_tls_at_most(&self, version: TlsVersion) -> Self {
        let tls = self.tls.clone().max_version(version);
        Dialer { tls, ..self.clone() }
    }

    /// How [`dial_tls`](Dialer::dial_tls) and [`secure`](Dialer::secure) speak TLS.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Reaches everything through this proxy, or nothing through any; none unless said. Unix sockets never have one, and
    /// this host's loopback has one only on loopback: elsewhere it would be another host's.
    #[must_use]
    pub fn proxy(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Where the proxy is not used.
    #[must_use]
    pub fn no_proxy(mut self, list: NoProxy) -> Self {
        self.no_proxy = list;
        self
    }

    /// How TLS is spoken with an `https` proxy itself: pins, names and certificates for servers are not its own.
    #[must_use]
    pub fn proxy_tls(mut self, tls: Tls) -> Self {
        self.proxy_tls = tls;
        self
    }

    /// Connects to `to`: all its addresses by RFC 8305, each named in the report or in the error.
    ///
    /// # Errors
    /// [`NetError::Resolve`], [`NetError::Connect`], [`NetError::Timeout`], or [`NetError::Invalid`] for a host that
    /// no stream can be made to.
    pub fn dial(&self, to: &Endpoint) -> Result<Dialed, NetError> {
        self.persist(|| self.dial_until(to, self.limit()))
    }

    /// Connects to `to` and speaks TLS from the first byte, offering these ALPN protocols (RFC 7301).
    ///
    /// # Errors
    /// As [`dial`](Dialer::dial), and [`NetError::Tls`]; never falls back to plain text. A fault in the TLS options is
    /// found before anything is sent.
    pub fn dial_tls(&self, to: &Endpoint, alpn: &[&str]) -> Result<Dialed, NetError> {
        let name = to.host().unwrap_or(&Host::Any);
        self.tls.ready(name)?;
        self.persist(|| self.dial_tls_once(to, name, alpn))
    }

    fn dial_tls_once(&self, to: &Endpoint, name: &Host, alpn: &[&str]) -> Result<Dialed, NetError> {
        let limit = self.limit();
        let Dialed { stream, mut report } = self.dial_until(to, limit)?;
        let start = Instant::now();
        let (stream, info) = (self.secure_until(&self.tls, stream, name, alpn, limit))
            .map_err(|error| named(error, to, &report.tried))?;
        report.tls = Some(info);
        report.tls_time = start.elapsed();
        Ok(Dialed { stream, report })
    }

    /// Speaks TLS over a stream from here on, as STARTTLS does. `name` is who the peer must prove to be. The handshake
    /// has the connect time limit to itself; afterwards the stream has this dialer's deadline.
    ///
    /// # Errors
    /// [`NetError::Tls`], or [`NetError::Timeout`] without an endpoint. The stream is gone then: what it was is no
    /// longer plain text.
    pub fn secure(
        &self,
        stream: Box<dyn Stream>,
        name: &Host,
        alpn: &[&str],
    ) -> Result<(Box<dyn Stream>, TlsInfo), NetError> {
        self.secure_until(&self.tls, stream, name, alpn, self.limit())
    }

    /// What a protocol's own change to TLS (STARTTLS) does to its stream, by [`secure`](Dialer::secure): the handshake
    /// with `name`, written down in `report`. An error holds its [`NetError`], which [`NetError::of_upgrade`] takes out again.
    pub fn upgrader<'a>(
        &'a self,
        name: &'a Host,
        report: &'a mut DialReport,
    ) -> impl FnOnce(Box<dyn Stream>) -> io::Result<Box<dyn Stream>> + 'a {
        move |stream| {
            let start = Instant::now();
            let (stream, info) = self.secure(stream, name, &[]).map_err(io::Error::other)?;
            report.tls = Some(info);
            report.tls_time = start.elapsed();
            Ok(stream)
        }
    }

    fn secure_until(
        &self,
        tls: &Tls,
        mut stream: Box<dyn Stream>,
        name: &Host,
        alpn: &[&str],
        limit: Limit,
    ) -> Result<(Box<dyn Stream>, TlsInfo), NetError> {
        stream.deadline(Some(limit.at))?;
        let (mut stream, info) = tls.connect(stream, name, alpn).map_err(|error| match error {
            NetError::Tls { name, why } => match why.elapsed() {
                // The handshake's stream knows one deadline; which limit that was is known here.
                Some(Clock::Total) => limit.over(None, Vec::new()),
                Some(clock) => NetError::Timeout { clock, endpoint: None, tried: Vec::new() },
                None => NetError::Tls { name, why },
            },
            other => other,
        })?;
        stream.deadline(self.deadline)?;
        Ok((stream, info))
    }

    fn limit(&self) -> Limit {
        let now = Instant::now();
        // A limit past the end of the clock is none; a year stands for it.
        let at = now.checked_add(self.connect).unwrap_or(now + Duration::from_secs(365 * 86_400));
        match self.deadline {
            Some(deadline) if deadline <= at => Limit { at: deadline, clock: Clock::Total },
            _ => Limit { at, clock: Clock::Connect },
        }
    }

    fn dial_until(&self, to: &Endpoint, limit: Limit) -> Result<Dialed, NetError> {
        let mut dialed = self.connect_until(to, limit)?;
        if let Some(announcement) = &self.announcement {
            let server = match &dialed.report.peer {
                Address::Inet(server) => Some(*server),
                _ => None,
            };
            dialed.stream.write_all(&announcement.encode(server))?;
        }
        Ok(dialed)
    }

    fn connect_until(&self, to: &Endpoint, limit: Limit) -> Result<Dialed, NetError> {
        match (&self.unix, to) {
            (Some(path), _) | (None, Endpoint::Unix(path)) => self.dial_unix(path, to, limit),
            (None, Endpoint::Inet { host, port }) => match self.proxy_for(to) {
                Some(proxy) => self.dial_through(proxy, to, (host, *port), limit),
                None => self.dial_inet(host, *port, to, limit),
            },
        }
    }

    fn dial_inet(&self, host: &Host, port: u16, to: &Endpoint, limit: Limit) -> Result<Dialed, NetError> {
        let start = Instant::now();
        let addrs = self.addresses(host, port, to, limit)?;
        let resolve = start.elapsed();
        let connecting = Instant::now();
        let race = race::race(&addrs, self.source, &self.settings, limit.at)?;
        let Some(socket) = race.won else {
            return Err(if race.late {
                limit.over(Some(to.clone()), race.tried)
            } else {
                NetError::Connect { endpoint: to.clone(), tried: race.tried }
            });
        };
        let connect = connecting.elapsed();
        // A request is written whole, so waiting for more of it (RFC 896) only costs a round trip.
        socket.set_tcp_nodelay(!self.settings.delay)?;
        self.finish(socket, DialReport::new(resolve, connect, race.tried))
    }

    /// The addresses to try, in order, of the families that are wanted.
    fn addresses(
        &self,
        host: &Host,
        port: u16,
        to: &Endpoint,
        limit: Limit,
    ) -> Result<Vec<SocketAddr>, NetError> {
        let given: Vec<_> = (self.overrides.iter())
            .filter(|(h, p, _)| h == host && *p == port)
            .map(|(_, _, ip)| SocketAddr::new(*ip, port))
            .collect();
        let all = if given.is_empty() {
            resolve::resolve(host, port, limit.at).map_err(|fault| match fault {
                resolve::Fault::Late => limit.over(Some(to.clone()), Vec::new()),
                resolve::Fault::Lookup(reason) => NetError::Resolve { host: host.clone(), reason },
                resolve::Fault::Invalid(error) => error,
            })?
        } else {
            given
        };
        let family = match self.source {
            Some(IpAddr::V4(_)) if self.family == Family::Any => Family::V4,
            Some(IpAddr::V6(_)) if self.family == Family::Any => Family::V6,
            Some(ip) if !self.family.has(ip) => {
                let why = "it is not of the address family that was asked for";
                return Err(NetError::invalid(What::Source, &ip.to_string(), why));
            }
            _ => self.family,
        };
        resolve::order(all, family).ok_or_else(|| NetError::Resolve {
            host: host.clone(),
            reason: crate::ResolveFault::NoneOfFamily(family),
        })
    }

    fn dial_unix(&self, path: &Path, to: &Endpoint, limit: Limit) -> Result<Dialed, NetError> {
        let start = Instant::now();
        let socket = Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
        self.settings.buffers(&socket)?;
        let addr = SockAddr::unix(path)?;
        // connect(2) waits for room in the listener's queue as long as SO_SNDTIMEO allows.
        let left = limit.at.saturating_duration_since(start).max(Duration::from_millis(1));
        socket.set_write_timeout(Some(left))?;
        let connected = socket.connect(&addr);
        socket.set_write_timeout(None)?;
        let outcome = Outcome::of(&connected);
        let late = connected.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock);
        let tried = vec![Attempt {
            addr: Address::Unix(path.to_owned()),
            outcome: if late { Outcome::TimedOut } else { outcome },
            took: start.elapsed(),
        }];
        match connected {
            Ok(()) => self.finish(socket, DialReport::new(Duration::ZERO, start.elapsed(), tried)),
            Err(_) if late => Err(limit.over(Some(to.clone()), tried)),
            Err(_) => Err(NetError::Connect { endpoint: to.clone(), tried }),
        }
    }

    fn finish(&self, socket: Socket, mut report: DialReport) -> Result<Dialed, NetError> {
        report.local = Address::of(&socket.local_addr()?);
        // Not asked of the system, which no longer knows once the peer has hung up.
        if let Some(won) = report.tried.iter().find(|attempt| attempt.outcome == Outcome::Connected) {
            report.peer = won.addr.clone();
        }
        let stream: Box<dyn Stream> = Box::new(SocketStream::new(socket, self.idle, self.deadline)?);
        let stream = match &self.throttle {
            Some(throttle) => Box::new(Throttled::new(stream, throttle.clone(), self.deadline)),
            None => stream,
        };
        Ok(Dialed { stream, report })
    }
}

/// The nearer of the connect limit and the deadline, and which of them it is.
#[derive(Clone, Copy)]
struct Limit {
    at: Instant,
    clock: Clock,
}

impl Limit {
    fn over(self, endpoint: Option<Endpoint>, tried: Vec<Attempt>) -> NetError {
        NetError::Timeout { clock: self.clock, endpoint, tried }
    }
}

/// A time limit that ran out says where to.
fn named(error: NetError, to: &Endpoint, tried: &[Attempt]) -> NetError {
    match error {
        NetError::Timeout { clock, .. } => {
            NetError::Timeout { clock, endpoint: Some(to.clone()), tried: tried.to_vec() }
        }
        other => other,
    }
}

/// The clock inside an I/O error, if it is a time limit's.
pub(crate) fn elapsed(error: &io::Error) -> Option<Clock> {
    error.get_ref()?.downcast_ref().map(|Elapsed(clock)| *clock)
}
