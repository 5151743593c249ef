//! Public key pins in curl's notation: `sha256//BASE64`, several with `;` between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use super::fault::CertFault;
use crate::error::{NetError, What};

/// The keys that are accepted, as SHA-256 of their SubjectPublicKeyInfo (RFC 7469 section 2.4); empty: any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pins(Vec<[u8; 32]>);

impl Pins {
    pub(super) fn parse(text: &str) -> Result<Pins, NetError> {
        let invalid = || NetError::invalid(What::Pin, text, "a pin is sha256// and the base64 of 32 bytes");
        let one = |pin: &str| {
            let hash = STANDARD.decode(pin.strip_prefix("sha256//")?).ok()?;
            hash.try_into().ok()
        };
        text.split(';').map(|pin| one(pin).ok_or_else(invalid)).collect::<Result<_, _>>().map(Pins)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a host's certificate has a pinned key.
    pub(super) fn check(&self, certificate: &[u8]) -> Result<(), CertFault> {
        if self.0.is_empty() {
            return Ok(());
        }
        match hash_of(certificate) {
            Some(hash) if self.0.contains(&hash) => Ok(()),
            Some(hash) => Err(CertFault::PinMismatch { presented: written(&hash) }),
            None => Err(CertFault::PinMismatch { presented: "a key that cannot be read".to_owned() }),
        }
    }
}

/// The pin of a certificate in DER, as it would be written.
pub(super) fn pin_of(certificate: &Certificate) -> Option<String> {
    let key = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
    Some(written(&Sha256::digest(key).into()))
}

fn hash_of(certificate: &[u8]) -> Option<[u8; 32]> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let key = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
    Some(Sha256::digest(key).into())
}

fn written(hash: &[u8; 32]) -> String {
    format!("sha256//{}", STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_written_as_for_curl() {
        let zero = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(Pins::parse(zero).unwrap(), Pins(vec![[0; 32]]));
        assert_eq!(Pins::parse(&format!("{zero};{zero}")).unwrap().0.len(), 2);
        for text in
            ["", "sha256//", "sha1//AAAA", "sha256//AAAA", ";", &format!("{zero};"), &format!(" {zero}")]
        {
            assert!(matches!(Pins::parse(text), Err(NetError::Invalid { what: What::Pin, .. })), "{text:?}");
        }
    }
}
