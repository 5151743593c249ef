//! Certificates and keys from PEM (RFC 7468), with an error that names the file.

use std::fs;
use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::fault::SetupFault;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, SetupFault> {
    fs::read(path).map_err(|error| SetupFault::Unreadable { path: path.to_owned(), error })
}

/// All certificates in `pem`, at least one. `path` is where it came from.
pub(super) fn certificates(
    pem: &[u8],
    path: Option<&Path>,
) -> Result<Vec<CertificateDer<'static>>, SetupFault> {
    let none = || SetupFault::NoCertificate { path: path.map(Path::to_owned) };
    let all = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|_| none())?;
    if all.is_empty() { Err(none()) } else { Ok(all) }
}

/// The first private key in `pem`.
pub(super) fn key(pem: &[u8], path: Option<&Path>) -> Result<PrivateKeyDer<'static>, SetupFault> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| SetupFault::NoKey { path: path.map(Path::to_owned) })
}

/// The certificates in `pem` as trusted roots.
pub(super) fn roots(pem: &[u8], path: Option<&Path>) -> Result<RootCertStore, SetupFault> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(pem, path)? {
        store.add(certificate).map_err(|error| SetupFault::Other(error.to_string()))?;
    }
    Ok(store)
}
