//! DANE: the DNS says which certificate a service shows (RFC 6698, RFC 7671).

use std::sync::Arc;

use rustls::{Error, RootCertStore};
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha512};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use super::fault::{CertFault, Refusal};
use crate::dns::Tlsa;

/// Believes the server when one record names its certificate, or an authority in its chain under which `verify` finds
/// nothing wrong.
pub(super) fn check(
    records: &[Tlsa],
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    verify: impl Fn(Arc<RootCertStore>) -> Result<(), Error>,
) -> Result<(), Error> {
    // RFC 7671 section 5.1: for the server's own certificate, neither name nor time counts; the DNS has both.
    if records.iter().any(|record| record.usage == 3 && names(record, leaf)) {
        return Ok(());
    }
    let mut reason = Refusal::Reason(CertFault::NotInDns).into();
    for record in records.iter().filter(|record| record.usage == 2) {
        let mut store = RootCertStore::empty();
        for anchor in others.iter().filter(|certificate| names(record, certificate)) {
            // One that cannot be read is no anchor.
            let _ = store.add(anchor.clone().into_owned());
        }
        if (record.selector, record.matching) == (0, 0) {
            let _ = store.add(CertificateDer::from(record.data.clone()));
        }
        if !store.is_empty() {
            match verify(Arc::new(store)) {
                Ok(()) => return Ok(()),
                Err(why) => reason = why,
            }
        }
    }
    Err(reason)
}

/// Whether the record's data is that of the certificate (RFC 6698 section 2.1).
fn names(record: &Tlsa, certificate: &CertificateDer<'_>) -> bool {
    let selected = match record.selector {
        0 => Some(certificate.to_vec()),
        1 => Certificate::from_der(certificate)
            .ok()
            .and_then(|parsed| parsed.tbs_certificate().subject_public_key_info().to_der().ok()),
        _ => None,
    };
    let Some(selected) = selected else { return false };
    match record.matching {
        0 => selected == record.data,
        1 => Sha256::digest(&selected).as_slice() == record.data,
        2 => Sha512::digest(&selected).as_slice() == record.data,
        _ => false,
    }
}
