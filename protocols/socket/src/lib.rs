//! Sockets in the words people know: hosts, ports, dialing, listening, datagrams, Unix sockets, TLS, time limits.
//!
//! | to | use |
//! |---|---|
//! | name a host, a port, a place | [`Host`], [`Port`], [`Endpoint`] |
//! | take a URL or its short form apart | [`Location`], [`Security`] |
//! | reach a peer: every address (RFC 8305), time limits, TLS (RFC 8446, 5246) | [`Dialer`], [`Tls`] |
//! | upgrade a conversation to TLS (STARTTLS) | [`Dialer::upgrader`], [`TlsServer::accept`] |
//! | compress a conversation (RFC 4978, RFC 8054), one direction of it (MCCP2), or a file (MODE Z) | [`deflated`], [`inflating`], [`deflating`], [`zipped`] |
//! | go through a proxy (RFC 9110 9.3.6, RFC 1928, SOCKS4A), or not | [`Proxy`], [`NoProxy`], [`from_environment`] |
//! | wait for peers, only some of them | [`Listener`], [`TlsServer`], [`Network`] |
//! | join two conversations | [`relay`], [`copy`] |
//! | serve echo, discard, chargen, daytime (RFC 862, 863, 864, 867) | [`Small`] |
//! | name a carrier too: `udp://host:port`, `unixgram:/path` | [`Place`], [`Carrier`] |
//! | make the socket calls themselves, datagrams too | [`Socket`], [`Domain`], [`Type`], [`Protocol`] |
//! | ask about names | [`gethostname`], [`getaddrinfo`], [`getservbyname`], [`getservbyport`] |
//! | know why it failed | [`NetError`], [`TlsFault`], [`CertFault`] |
//!
//! Whatever connects is a [`netkit_wire::Stream`], so a protocol does not know what it runs over. This is the only crate
//! of the project that opens a socket.
//!
//! ```
//! use std::io::{Read, Write};
//! use netkit_socket::{Dialer, Listener};
//!
//! let listener = Listener::bind(&"127.0.0.1:0".parse()?, 8)?;
//! let server = listener.local().to_string().parse()?;
//! let echo = std::thread::spawn(move || {
//!     let (mut stream, _peer) = listener.accept().unwrap();
//!     let mut line = [0; 5];
//!     stream.read_exact(&mut line).unwrap();
//!     stream.write_all(&line).unwrap();
//! });
//!
//! let mut dialed = Dialer::default().dial(&server)?;
//! dialed.stream.write_all(b"hello")?;
//! dialed.stream.shutdown_write()?;
//! let mut answer = String::new();
//! dialed.stream.read_to_string(&mut answer)?;
//! assert_eq!(answer, "hello");
//! assert_eq!(dialed.report.tried.len(), 1);
//! # echo.join().unwrap();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Coming from Python
//!
//! | `socket.socket` | here |
//! |---|---|
//! | `socket(family, type, proto)` | [`Socket::new`] |
//! | `bind` `listen` `accept` | [`Socket::bind`] [`Socket::listen`] [`Socket::accept`], or [`Listener`] |
//! | `connect` | [`Socket::connect`], or [`Dialer::dial`] |
//! | `connect_ex` | [`Socket::connect`]: the error is the result |
//! | `send` `sendall` `sendto` | [`Socket::send`] [`Socket::sendall`] [`Socket::sendto`] |
//! | `recv` `recv_into` | [`Socket::recv`] |
//! | `recvfrom` `recvfrom_into` | [`Socket::recvfrom`] |
//! | `recvmsg` `recvmsg_into` `sendmsg` | not here: descriptors and ancillary data are no part of any protocol here |
//! | `sendfile` | `std::io::copy` into [`netkit_wire::Stream`]; the other way [`netkit_wire::Stream::transfer`] |
//! | `makefile` | [`Socket::makefile`] |
//! | `close` `shutdown` | [`Socket::close`] [`Socket::shutdown`] |
//! | `detach` `fileno` `get_inheritable` `set_inheritable` | nothing: a descriptor is owned by its socket and never inherited |
//! | `dup` | [`Socket::dup`] |
//! | `getsockname` `getpeername` | [`Socket::getsockname`] [`Socket::getpeername`] |
//! | `settimeout` | [`Socket::settimeout`]; for a conversation [`Dialer::idle_timeout`] and [`Dialer::deadline`] |
//! | `gettimeout` `getblocking` `setblocking` | nothing: a socket blocks, for as long as it was told |
//! | `setsockopt` `getsockopt` | [`Socket::set_broadcast`] [`Socket::set_nodelay`]: one method per option that has a use |
//!
//! | function of `socket` | here |
//! |---|---|
//! | `create_connection` | [`Dialer::dial`] |
//! | `create_server` `has_dualstack_ipv6` | [`Listener::bind`] with [`Host::Any`]: both families where the host has both |
//! | `getaddrinfo` `gethostbyname` `gethostbyname_ex` | [`getaddrinfo`] |
//! | `gethostname` | [`gethostname`] |
//! | `gethostbyaddr` `getfqdn` `getnameinfo` | nothing: reverse names are for a DNS tool; no protocol here trusts them |
//! | `getservbyname` `getservbyport` | [`getservbyname`] [`getservbyport`] |
//! | `getprotobyname` | [`Protocol`], parsed |
//! | `if_nametoindex` | [`Zone::index`] |
//! | `if_nameindex` `if_indextoname` | nothing: an address is written with the zone's name |
//! | `inet_aton` `inet_pton` | [`Host`], parsed |
//! | `inet_ntoa` `inet_ntop` | [`Host`], printed |
//! | `htonl` `htons` `ntohl` `ntohs` | `u32::to_be` and `u16::to_be`; [`Host`] takes an integer in host order |
//! | `setdefaulttimeout` `getdefaulttimeout` | [`Dialer`], which is passed around: there is no global state |
//! | `fromfd` `recv_fds` `send_fds` `socketpair` | nothing: they join processes, not hosts |

mod announce;
mod dial;
pub mod dns;
mod domain;
mod endpoint;
mod error;
mod host;
mod listen;
mod location;
mod names;
mod network;
mod place;
mod port;
mod proxy;
mod relay;
mod services;
mod settings;
mod small;
mod socket;
mod stream;
mod tls;

pub use announce::Announcement;
pub use dial::{Again, Attempt, DialReport, Dialed, Dialer, Family, Outcome, Via};
pub use domain::{Domain, OtherDomain, Protocol, Type};
pub use endpoint::{Address, Endpoint, Peer, ToEndpoint};
pub use error::{NetError, ResolveFault, What};
pub use host::{Host, Name, Zone};
pub use listen::{Closer, Listener};
pub use location::{BadLocation, Location, Scheme, Security};
pub use names::{getaddrinfo, gethostname, getservbyname, getservbyport, well_known_ports};
pub use network::Network;
pub use place::{Carrier, Place};
pub use port::{Port, Service};
pub use proxy::{Environment, NoProxy, Proxy, ProxyFault, ProxyKind, Refusal, SocksReply, from_environment};
pub use relay::{Relayed, copy, relay};
pub use settings::Settings;
pub use small::{Crlf, Small};
pub use socket::{Shutdown, Socket};
pub use stream::deflate::{deflated, deflating, inflating, zipped};
pub use stream::throttle::Throttle;
pub use tls::{
    CertFault, CertInfo, Roots, SetupFault, Tls, TlsBackend, TlsFault, TlsInfo, TlsServer, TlsServerOptions,
    TlsVersion,
};
