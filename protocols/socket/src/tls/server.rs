//! The server's side of TLS, over any stream, so that STARTTLS and implicit TLS are one thing.

use std::fmt;
use std::sync::Arc;

use netkit_wire::Stream;
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection};

use super::config::TlsVersion;
use super::connect::{provider, versions};
use super::fault::{SetupFault, TlsFault};
use super::info::TlsInfo;
use super::pem;
use super::stream::TlsStream;
use crate::error::NetError;
use crate::host::Host;

/// What a server asks of its clients and offers them.
#[derive(Clone, Debug)]
pub struct TlsServerOptions {
    /// Certificates in PEM; a client must show one that these have signed. None: clients need no certificate.
    pub client_ca: Option<String>,
    /// The protocols to agree on by ALPN (RFC 7301), best first; empty: none is agreed on.
    pub alpn: Vec<String>,
    /// The oldest version spoken.
    pub min_version: TlsVersion,
    /// The newest version spoken.
    pub max_version: TlsVersion,
}

impl Default for TlsServerOptions {
    fn default() -> Self {
        TlsServerOptions {
            client_ca: None,
            alpn: Vec::new(),
            min_version: TlsVersion::V1_2,
            max_version: TlsVersion::V1_3,
        }
    }
}

/// A certificate, its key and the options: what it takes to be a TLS server. Cheap to clone; clones share sessions.
#[derive(Clone)]
pub struct TlsServer(Arc<ServerConfig>);

impl TlsServer {
    /// A server with this certificate chain, its own certificate first, and this key.
    ///
    /// # Errors
    /// [`NetError::Tls`] with [`TlsFault::Setup`].
    pub fn from_pem(
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
        options: TlsServerOptions,
    ) -> Result<TlsServer, NetError> {
        config(chain.as_ref(), key.as_ref(), options).map(TlsServer).map_err(fault)
    }

    /// Does the handshake as a server over `stream`, within that stream's own time limits.
    ///
    /// # Errors
    /// [`NetError::Tls`], or [`NetError::Timeout`].
    pub fn accept(&self, stream: Box<dyn Stream>) -> Result<(Box<dyn Stream>, TlsInfo), NetError> {
        let tls =
            ServerConnection::new(Arc::clone(&self.0)).map_err(|error| fault(TlsFault::of_rustls(&error)))?;
        let stream = TlsStream::handshake(tls.into(), stream).map_err(fault)?;
        let info = stream.info();
        Ok((Box::new(stream), info))
    }
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

/// A server expects no name.
fn fault(why: TlsFault) -> NetError {
    match why.elapsed() {
        Some(clock) => NetError::Timeout { clock, endpoint: None, tried: Vec::new() },
        None => NetError::Tls { name: Host::Any, why },
    }
}

fn config(chain: &[u8], key: &[u8], options: TlsServerOptions) -> Result<Arc<ServerConfig>, TlsFault> {
    let rustls = |error: rustls::Error| match TlsFault::of_rustls(&error) {
        setup @ TlsFault::Setup(_) => setup,
        other => TlsFault::Setup(SetupFault::Other(other.to_string())),
    };
    let provider = provider();
    let chain = pem::certificates(chain, None).map_err(TlsFault::Setup)?;
    let key = pem::key(key, None).map_err(TlsFault::Setup)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(options.min_version, options.max_version))
        .map_err(rustls)?;
    let builder = match &options.client_ca {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let roots = Arc::new(pem::roots(ca.as_bytes(), None).map_err(TlsFault::Setup)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
            let verifier = verifier.map_err(|error| TlsFault::Setup(SetupFault::Other(error.to_string())))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(rustls)?;
    config.alpn_protocols = options.alpn.into_iter().map(String::into_bytes).collect();
    Ok(Arc::new(config))
}
