//! Dialing through a proxy: a connection to it, TLS with it where it wants that, and the request for a tunnel.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use netkit_wire::Clock;

use super::{Dialed, Dialer, Limit, Via, elapsed, named};
use crate::endpoint::Endpoint;
use crate::error::NetError;
use crate::host::Host;
use crate::proxy::{Broken, Proxy, ProxyFault, Refusal};
use crate::tls::TlsFault;

/// What is offered to an `https` proxy (RFC 7301): CONNECT is spoken in HTTP/1.1.
const ALPN: [&str; 1] = ["http/1.1"];

/// How many addresses of one target a proxy is asked for. Each costs a connection, one after another.
const ADDRESSES: usize = 4;

impl Dialer {
    /// The proxy that [`dial`](Dialer::dial) goes through to reach `to`; none where it dials straight.
    pub fn proxy_for(&self, to: &Endpoint) -> Option<&Proxy> {
        let proxy = self.proxy.as_ref().filter(|_| self.unix.is_none())?;
        let host = to.host()?;
        (proxy.reaches(host) && !self.no_proxy.covers(to)).then_some(proxy)
    }

    /// Connects to the proxy of `to`, if it has one that speaks HTTP, and asks it for nothing: the stream is a conversation
    /// with the proxy, for requests in absolute form (RFC 9112 3.2.2). All else is as by [`dial`](Dialer::dial); whether
    /// [`DialReport::via`](crate::DialReport::via) is a tunnel tells which.
    ///
    /// # Errors
    /// As [`dial`](Dialer::dial).
    pub fn dial_forward(&self, to: &Endpoint) -> Result<Dialed, NetError> {
        match self.proxy_for(to).filter(|proxy| proxy.kind().is_http()) {
            Some(proxy) => self.persist(|| self.reach(proxy, to, self.limit())),
            None => self.dial(to),
        }
    }

    pub(super) fn dial_through(
        &self,
        proxy: &Proxy,
        to: &Endpoint,
        (host, port): (&Host, u16),
        limit: Limit,
    ) -> Result<Dialed, NetError> {
        if !proxy.kind().resolves_here() || host.ip().is_some() {
            return self.tunnel(proxy, to, (host, port), limit);
        }
        let start = Instant::now();
        let addrs = self.addresses(host, port, to, limit)?;
        let resolve = start.elapsed();
        let told: Vec<SocketAddr> = addrs.into_iter().filter(|addr| proxy.takes(addr.ip())).collect();
        let mut last = None;
        for addr in told.into_iter().take(ADDRESSES) {
            match self.tunnel(proxy, to, (&addr.ip().into(), port), limit) {
                Ok(mut dialed) => {
                    dialed.report.resolve += resolve;
                    return Ok(dialed);
                }
                Err(NetError::Proxy { proxy, to, why }) => match &*why {
                    ProxyFault::Refused(Refusal::Socks(reply)) if reply.is_about_the_address() => {
                        last = Some(NetError::Proxy { proxy, to, why });
                    }
                    _ => return Err(NetError::Proxy { proxy, to, why }),
                },
                Err(error) => return Err(error),
            }
        }
        let none =
            || fault(proxy, to, ProxyFault::Unsupported("SOCKS4 has no IPv6, and the target nothing else"));
        Err(last.unwrap_or_else(none))
    }

    fn tunnel(
        &self,
        proxy: &Proxy,
        to: &Endpoint,
        (host, port): (&Host, u16),
        limit: Limit,
    ) -> Result<Dialed, NetError> {
        let Dialed { mut stream, mut report } = self.reach(proxy, to, limit)?;
        let start = Instant::now();
        stream.deadline(Some(limit.at))?;
        proxy.ask(&mut *stream, host, port).map_err(|broken| match broken {
            Broken::Fault(why) => fault(proxy, to, why),
            Broken::Io(error) => match elapsed(&error) {
                Some(Clock::Total) => limit.over(Some(to.clone()), report.tried.clone()),
                Some(clock) => {
                    NetError::Timeout { clock, endpoint: Some(to.clone()), tried: report.tried.clone() }
                }
                None => fault(proxy, to, ProxyFault::Io(error)),
            },
        })?;
        stream.deadline(self.deadline)?;
        if let Some(via) = &mut report.via {
            (via.tunnel, via.took) = (true, via.took + start.elapsed());
        }
        Ok(Dialed { stream, report })
    }

    /// A connection to the proxy itself, inside TLS if it is an `https` proxy.
    fn reach(&self, proxy: &Proxy, to: &Endpoint, limit: Limit) -> Result<Dialed, NetError> {
        let secure = proxy.kind() == crate::ProxyKind::Https;
        let own = |error: NetError| match error {
            NetError::Resolve { reason, .. } => fault(proxy, to, ProxyFault::Unresolved(reason)),
            NetError::Connect { tried, .. } => fault(proxy, to, ProxyFault::Unreachable(tried)),
            NetError::Tls { why, .. } => fault(proxy, to, ProxyFault::Tls(why)),
            other => other,
        };
        if secure {
            self.proxy_tls.ready(proxy.host()).map_err(own)?;
        }
        let at = proxy.endpoint();
        let Dialed { stream, mut report } =
            self.dial_inet(proxy.host(), proxy.port(), &at, limit).map_err(own)?;
        let start = Instant::now();
        let (stream, tls) = if secure {
            let secured = self.secure_until(&self.proxy_tls, stream, proxy.host(), &ALPN, limit);
            let (stream, info) = secured.map_err(|error| own(named(error, &at, &report.tried)))?;
            (stream, Some(info))
        } else {
            (stream, None)
        };
        let took = if secure { start.elapsed() } else { Duration::ZERO };
        report.via = Some(Via { proxy: proxy.clone(), tunnel: false, tls, took });
        Ok(Dialed { stream, report })
    }
}

fn fault(proxy: &Proxy, to: &Endpoint, why: ProxyFault) -> NetError {
    // What was never sent to anybody is a fault of the options, whoever it was for.
    if let ProxyFault::Tls(TlsFault::Setup(_) | TlsFault::BackendMissing) = &why
        && let ProxyFault::Tls(why) = why
    {
        return NetError::Tls { name: proxy.host().clone(), why };
    }
    NetError::Proxy { proxy: Box::new(proxy.clone()), to: to.clone(), why: Box::new(why) }
}
