//! The arithmetic of RFC 5802 section 3.
//!
//! ```text
//! SaltedPassword  = Hi(Normalize(password), salt, i)        Hi is PBKDF2 (RFC 8018) of one block
//! ClientKey       = HMAC(SaltedPassword, "Client Key")      StoredKey = H(ClientKey)
//! ClientProof     = ClientKey XOR HMAC(StoredKey, AuthMessage)
//! ServerKey       = HMAC(SaltedPassword, "Server Key")
//! ServerSignature = HMAC(ServerKey, AuthMessage)
//! ```

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::Secret;
use crate::sasl::Mechanism;

/// The hash a SCRAM mechanism is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScramHash {
    /// SHA-1: 20 bytes (RFC 5802).
    Sha1,
    /// SHA-256: 32 bytes (RFC 7677).
    Sha256,
}

impl ScramHash {
    /// The mechanism with this hash.
    #[must_use]
    pub const fn mechanism(self) -> Mechanism {
        match self {
            Self::Sha1 => Mechanism::ScramSha1,
            Self::Sha256 => Mechanism::ScramSha256,
        }
    }

    /// The mechanism with this hash that binds to the channel.
    #[must_use]
    pub const fn plus(self) -> Mechanism {
        match self {
            Self::Sha1 => Mechanism::ScramSha1Plus,
            Self::Sha256 => Mechanism::ScramSha256Plus,
        }
    }

    /// How many bytes a hash has.
    const fn size(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// `H(data)`.
    pub(in crate::sasl) fn hash(self, data: &[u8]) -> Secret {
        Secret::from(match self {
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
        })
    }

    /// `HMAC(key, data)`.
    fn hmac(self, key: &Secret, data: &[u8]) -> Secret {
        match self {
            Self::Sha1 => hmac::<Sha1>(key.expose(), data),
            Self::Sha256 => hmac::<Sha256>(key.expose(), data),
        }
    }

    /// `Hi(password, salt, iterations)`.
    fn salted(self, password: &Secret, salt: &[u8], iterations: u32) -> Secret {
        let mut out = vec![0; self.size()];
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password.expose(), salt, iterations, &mut out),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password.expose(), salt, iterations, &mut out),
        }
        Secret::from(out)
    }
}

fn hmac<D: EagerHash>(key: &[u8], data: &[u8]) -> Secret {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 section 2)")]
    let mut mac = Hmac::<D>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    Secret::from(mac.finalize().into_bytes().to_vec())
}

/// What both sides derive from the password: the two keys.
#[derive(Debug)]
pub(super) struct Keys {
    hash: ScramHash,
    client: Secret,
    server: Secret,
}

impl Keys {
    /// Derives them. `password` is prepared; the cost is `iterations` times two hash blocks.
    pub(super) fn derive(hash: ScramHash, password: &Secret, salt: &[u8], iterations: u32) -> Self {
        let salted = hash.salted(password, salt, iterations);
        Self { hash, client: hash.hmac(&salted, b"Client Key"), server: hash.hmac(&salted, b"Server Key") }
    }

    /// `ClientProof`: what the client sends.
    pub(super) fn client_proof(&self, auth_message: &[u8]) -> Secret {
        self.xor_with_client_signature(&self.client, auth_message)
    }

    /// `ServerSignature`: what the server sends.
    pub(super) fn server_signature(&self, auth_message: &[u8]) -> Secret {
        self.hash.hmac(&self.server, auth_message)
    }

    /// Whether a proof was made with the client key: what it gives back must hash to the stored key.
    pub(super) fn proves(&self, proof: &Secret, auth_message: &[u8]) -> bool {
        // A longer proof would be cut by the xor, and so one proof would have many forms.
        if proof.len() != self.hash.size() {
            return false;
        }
        let key = self.xor_with_client_signature(proof, auth_message);
        self.hash.hash(key.expose()) == self.hash.hash(self.client.expose())
    }

    fn xor_with_client_signature(&self, left: &Secret, auth_message: &[u8]) -> Secret {
        let stored_key = self.hash.hash(self.client.expose());
        let signature = self.hash.hmac(&stored_key, auth_message);
        let both = left.expose().iter().zip(signature.expose());
        Secret::from(both.map(|(a, b)| a ^ b).collect::<Vec<u8>>())
    }
}
