//! The key: RSA (RFC 6376 section 3.3.1) or Ed25519 (RFC 8463), from PEM. The arithmetic is ring's.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use crate::error::{Argument, Invalid};

/// A private key to sign with. `Debug` does not show it.
pub struct DkimKey(Kind);

enum Kind {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

const fn invalid(rule: &'static str) -> Invalid {
    Invalid::new(Argument::Key, rule)
}

impl DkimKey {
    /// Reads `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1) in PEM. RSA has 2048 bits or more (RFC 8301).
    ///
    /// # Errors
    /// [`Invalid`] when it is no such key.
    pub fn from_pem(pem: &[u8]) -> Result<DkimKey, Invalid> {
        let der =
            PrivateKeyDer::from_pem_slice(pem).map_err(|_| invalid("there is no private key in PEM"))?;
        let rsa = |pair: RsaKeyPair| DkimKey(Kind::Rsa(Box::new(pair)));
        match &der {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()).ok().map(rsa),
            PrivateKeyDer::Pkcs8(key) => {
                let bytes = key.secret_pkcs8_der();
                let edwards = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok();
                edwards
                    .map(|pair| DkimKey(Kind::Ed25519(pair)))
                    .or_else(|| RsaKeyPair::from_pkcs8(bytes).ok().map(rsa))
            }
            _ => None,
        }
        .ok_or(invalid("it is neither Ed25519 nor RSA of 2048 bits or more"))
    }

    /// The value of the tag `a=`.
    pub(super) fn algorithm(&self) -> &'static str {
        match self.0 {
            Kind::Rsa(_) => "rsa-sha256",
            Kind::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The signature over `data`.
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, Invalid> {
        match &self.0 {
            // The randomness blinds the arithmetic; the signature is the same each time.
            Kind::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .map_err(|_| invalid("it cannot sign"))?;
                Ok(signature)
            }
            // RFC 8463 section 3: the hash is what is signed.
            Kind::Ed25519(pair) => Ok(pair.sign(&Sha256::digest(data)).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DkimKey({})", self.algorithm())
    }
}
