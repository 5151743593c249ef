//! TLS on both sides of a stream: the client's options, the server, and what a handshake agreed on or refused.

mod config;
mod connect;
mod dane;
mod fault;
mod halves;
mod info;
#[cfg(feature = "native-tls")]
mod native;
#[cfg(feature = "native-tls")]
mod native_halves;
mod pem;
mod pin;
mod server;
mod stream;
mod verify;

pub use config::{Roots, Tls, TlsBackend, TlsVersion};
pub use fault::{CertFault, SetupFault, TlsFault};
pub use info::{CertInfo, TlsInfo};
pub use server::{TlsServer, TlsServerOptions};
