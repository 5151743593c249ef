//! The client's side of the handshake, with either library.

use std::sync::Arc;

use netkit_wire::Stream;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ClientConnection, SupportedProtocolVersion};
use rustls_pki_types::ServerName;

use super::config::{Options, TlsBackend, TlsVersion};
use super::fault::{SetupFault, TlsFault};
use super::info::TlsInfo;
use super::pem;
use super::stream::TlsStream;
use super::verify::Verifier;
use crate::error::NetError;
use crate::host::Host;

/// A library with all options applied.
pub(super) enum Client {
    Rustls(Arc<ClientConfig>),
    #[cfg(feature = "native-tls")]
    Native(Box<super::native::Native>),
}

impl Client {
    /// `name` is only for the error.
    pub(super) fn build(options: &Options, name: &Host) -> Result<Client, NetError> {
        let fault = |why| NetError::Tls { name: name.clone(), why };
        match options.backend {
            TlsBackend::Rustls => config(options).map(Client::Rustls).map_err(fault),
            #[cfg(feature = "native-tls")]
            TlsBackend::Native => {
                super::native::Native::build(options, name).map(|native| Client::Native(Box::new(native)))
            }
            #[cfg(not(feature = "native-tls"))]
            TlsBackend::Native => Err(fault(TlsFault::BackendMissing)),
        }
    }

    pub(super) fn handshake(
        &self,
        stream: Box<dyn Stream>,
        name: ServerName<'static>,
        alpn: &[&str],
    ) -> Result<(Box<dyn Stream>, TlsInfo), TlsFault> {
        match self {
            Client::Rustls(config) => {
                let offered = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
                let tls = ClientConnection::new_with_alpn(Arc::clone(config), name, offered)
                    .map_err(|error| TlsFault::of_rustls(&error))?;
                let stream = TlsStream::handshake(tls.into(), stream)?;
                let info = stream.info();
                Ok((Box::new(stream), info))
            }
            #[cfg(feature = "native-tls")]
            Client::Native(native) => native.handshake(stream, &name, alpn),
        }
    }
}

/// The versions from `min` to `max`.
pub(super) fn versions(min: TlsVersion, max: TlsVersion) -> Vec<&'static SupportedProtocolVersion> {
    let all = [(TlsVersion::V1_3, &rustls::version::TLS13), (TlsVersion::V1_2, &rustls::version::TLS12)];
    all.into_iter().filter(|(version, _)| (min..=max).contains(version)).map(|(_, version)| version).collect()
}

/// Named, never the process's default: that panics when two providers are compiled in.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn config(options: &Options) -> Result<Arc<ClientConfig>, TlsFault> {
    let provider = provider();
    let verifier = Verifier::new(options, Arc::clone(&provider)).map_err(TlsFault::Setup)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(
            options.min_version,
            options.max_version.unwrap_or(TlsVersion::V1_3),
        ))
        .map_err(|error| TlsFault::of_rustls(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let config = match &options.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let text = pem::read(certificate).map_err(TlsFault::Setup)?;
            let chain = pem::certificates(&text, Some(certificate)).map_err(TlsFault::Setup)?;
            let text = pem::read(key).map_err(TlsFault::Setup)?;
            let secret = pem::key(&text, Some(key)).map_err(TlsFault::Setup)?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| {
                match TlsFault::of_rustls(&error) {
                    mismatch @ TlsFault::Setup(SetupFault::KeyMismatch) => mismatch,
                    _ => TlsFault::Setup(SetupFault::NoKey { path: Some(key.clone()) }),
                }
            })?
        }
    };
    Ok(Arc::new(config))
}
