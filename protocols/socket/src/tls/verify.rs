//! Whether to believe a server's certificate: webpki against roots that are parsed at the first certificate, then pins.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::config::{Options, Roots};
use super::fault::{CertFault, Refusal, SetupFault};
use super::info::is_self_issued;
use super::pem;
use super::pin::Pins;
use crate::dns::Tlsa;

#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
    pins: Pins,
    /// Made of the roots when the first certificate is checked: parsing the system's takes longer than a handshake.
    checker: OnceLock<Arc<WebPkiServerVerifier>>,
}

#[derive(Debug)]
enum Trust {
    /// Believes everything, but for the pins.
    Anyone,
    /// Believes what the DNS names.
    Dane(Vec<Tlsa>),
    Given(Arc<RootCertStore>),
    Store(Roots),
}

impl Verifier {
    /// A file that was named is read at once: a wrong path is a usage error, not a handshake's.
    pub(super) fn new(options: &Options, provider: Arc<CryptoProvider>) -> Result<Self, SetupFault> {
        let trust = match &options.ca {
            _ if options.dane.is_some() => Trust::Dane(options.dane.clone().unwrap_or_default()),
            _ if options.insecure => Trust::Anyone,
            Some(authorities) => {
                let (text, path) = authorities.read()?;
                Trust::Given(Arc::new(pem::roots(&text, path)?))
            }
            None => Trust::Store(options.roots),
        };
        Ok(Verifier { provider, trust, pins: options.pins.clone(), checker: OnceLock::new() })
    }

    /// `None`: whatever the server shows is believed.
    fn checker(&self) -> Result<Option<&WebPkiServerVerifier>, Error> {
        if let Some(checker) = self.checker.get() {
            return Ok(Some(checker));
        }
        let roots = match &self.trust {
            Trust::Anyone | Trust::Dane(_) => return Ok(None),
            Trust::Given(roots) => Arc::clone(roots),
            Trust::Store(Roots::Webpki) => {
                Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
            }
            Trust::Store(Roots::System) => {
                let mut store = RootCertStore::empty();
                // Some certificates of a system's store may be unreadable to us; the others still count.
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                Arc::new(store)
            }
        };
        let checker = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|_| Refusal::NoRoots)?;
        Ok(Some(self.checker.get_or_init(|| checker)))
    }

    /// With neither a check nor a pin there is nobody the signature could be wrong for, and an old device's
    /// certificate that webpki cannot read need not stop a user who asked for no checks.
    fn checks_nothing(&self) -> bool {
        matches!(self.trust, Trust::Anyone) && self.pins.is_empty()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Trust::Dane(records) = &self.trust {
            super::dane::check(records, leaf, others, |anchor| {
                let checker = WebPkiServerVerifier::builder_with_provider(anchor, Arc::clone(&self.provider));
                let checker = checker.build().map_err(|_| Refusal::NoRoots)?;
                checker.verify_server_cert(leaf, others, name, ocsp, now).map(|_| ())
            })?;
        }
        if let Some(checker) = self.checker()? {
            checker.verify_server_cert(leaf, others, name, ocsp, now).map_err(|error| match error {
                Error::InvalidCertificate(CertificateError::UnknownIssuer) if is_self_issued(leaf) => {
                    Refusal::Reason(CertFault::SelfSigned).into()
                }
                other => other,
            })?;
        }
        self.pins.check(leaf).map_err(Refusal::Reason)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.checks_nothing() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.checks_nothing() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
