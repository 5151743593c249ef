//! A certificate authority that lives as long as the process: what lets a mock server speak TLS without a file.

use netkit_socket::{TlsServer, TlsServerOptions};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Why no certificate could be made: the system has no randomness, or the names are none.
#[derive(Debug)]
pub struct CertificateError(String);

impl std::fmt::Display for CertificateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no throw-away certificate: {}", self.0)
    }
}

impl std::error::Error for CertificateError {}

impl From<rcgen::Error> for CertificateError {
    fn from(why: rcgen::Error) -> Self {
        CertificateError(why.to_string())
    }
}

/// A throw-away authority and a server that shows a certificate of it for `localhost`, 127.0.0.1 and `::1`.
pub struct ThrowAway {
    /// The authority's certificate, PEM: what a client must trust.
    pub ca_pem: String,
    /// The server's side.
    pub server: TlsServer,
}

impl ThrowAway {
    /// Makes both. The keys never leave the process.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn new() -> Result<ThrowAway, CertificateError> {
        ThrowAway::for_names(&["localhost", "127.0.0.1", "::1"])
    }

    /// As [`ThrowAway::new`], for other names: a certificate for another host is what some tests need.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn for_names(names: &[&str]) -> Result<ThrowAway, CertificateError> {
        let mut ca = CertificateParams::default();
        // Its own name: OpenSSL takes a CA named like its server for a self-signed server.
        ca.distinguished_name.push(DnType::CommonName, "netkit throw-away CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate()?;
        let ca_pem = ca.self_signed(&ca_key)?.pem();
        let issuer = Issuer::new(ca, ca_key);
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut leaf = CertificateParams::new(names)?;
        leaf.distinguished_name.push(DnType::CommonName, "localhost");
        let key = KeyPair::generate()?;
        let chain = leaf.signed_by(&key, &issuer)?.pem();
        let server = TlsServer::from_pem(
            chain.as_bytes(),
            key.serialize_pem().as_bytes(),
            TlsServerOptions::default(),
        )
        .map_err(|e| CertificateError(e.to_string()))?;
        Ok(ThrowAway { ca_pem, server })
    }
}
