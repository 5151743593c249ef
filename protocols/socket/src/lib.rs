//! Sockets in the words people know: hosts, ports, dialing, listening, datagrams, Unix sockets, TLS, time limits.

mod dial;
mod domain;
mod endpoint;
mod error;
mod host;
mod listen;
mod port;
mod services;
mod stream;
mod tls;

pub use dial::{Attempt, DialReport, Dialed, Dialer, Family, Outcome};
pub use domain::{Domain, OtherDomain, Protocol, Type};
pub use endpoint::{Address, Endpoint, Peer, ToEndpoint};
pub use error::{NetError, ResolveFault, What};
pub use host::{Host, Name, Zone};
pub use listen::{Closer, Listener};
pub use port::{Port, Service};
pub use tls::{
    CertFault, CertInfo, Roots, SetupFault, Tls, TlsBackend, TlsFault, TlsInfo, TlsServer, TlsServerOptions, TlsVersion,
};
