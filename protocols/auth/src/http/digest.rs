//! Digest (RFC 7616): a password proved by a hash over a nonce, on both sides.
//!
//! ```text
//! response = KD( H(A1), nonce ":" nc ":" cnonce ":" qop ":" H(A2) )        RFC 7616 3.4.1
//! A1       = user ":" realm ":" password                                   3.4.2
//!          | H( user ":" realm ":" password ) ":" nonce ":" cnonce         the -sess algorithms
//! A2       = method ":" uri                                                3.4.3, auth
//!          | method ":" uri ":" H(body)                                    auth-int
//! ```
//!
//! | what a server may do | answer |
//! |---|---|
//! | offer several challenges | the strongest algorithm: SHA-512-256, SHA-256, MD5; of two equal ones the first |
//! | offer `auth` and `auth-int` | `auth`: the body needs no second reading. `auth-int` where it is alone |
//! | leave out `qop` (RFC 2069) | refused: RFC 7616 took it out, and without a cnonce the server chooses all that is hashed |
//! | an unknown algorithm or `qop` | that challenge is passed over |
//! | a nonce, realm or opaque without end | bounded by [`MAX_VALUE`](super::MAX_VALUE) |
//! | `stale=true` | the same password with the new nonce |
//! | the same nonce again | refused: the password is wrong |
//!
//! User and password are hashed in UTF-8, whether or not the server asks for that by `charset`: it is the only charset
//! there is a name for (RFC 7616 section 4). They are not normalised: what was typed is what is hashed.

mod algorithm;
mod challenge;
mod client;
mod info;
mod server;

pub use algorithm::{DigestAlgorithm, Qop};
pub use challenge::{DigestChallenge, strongest_digest};
pub use client::DigestClient;
pub use info::AuthenticationInfo;
pub use server::DigestResponse;

use challenge::quoted;

use crate::Secret;

/// What both sides hash: everything but the password.
struct Proof<'p> {
    algorithm: DigestAlgorithm,
    realm: &'p str,
    nonce: &'p str,
    cnonce: &'p str,
    count: u32,
    qop: Qop,
    uri: &'p str,
    /// H(body), for `auth-int`.
    body: Option<&'p str>,
}

impl Proof<'_> {
    /// H(A1): it stands for the password, so it is a secret.
    fn key(&self, user: &str, password: &Secret) -> Secret {
        let plain = [user.as_bytes(), b":", self.realm.as_bytes(), b":", password.expose()];
        let key = self.algorithm.hash(&plain);
        let key = if self.algorithm.is_session() {
            let (nonce, cnonce) = (self.nonce.as_bytes(), self.cnonce.as_bytes());
            self.algorithm.hash(&[key.as_bytes(), b":", nonce, b":", cnonce])
        } else {
            key
        };
        Secret::from(key)
    }

    /// The response to a challenge; with an empty method the `rspauth` of the answer (RFC 7616 section 3.5).
    fn response(&self, key: &Secret, method: &str) -> String {
        let request = [method.as_bytes(), b":", self.uri.as_bytes()];
        let second = match (self.qop, self.body) {
            (Qop::AuthInt, Some(body)) => self.algorithm.hash(&[&request.concat(), b":", body.as_bytes()]),
            _ => self.algorithm.hash(&request),
        };
        let count = format!("{:08x}", self.count);
        self.algorithm.hash(&[
            key.expose(),
            b":",
            self.nonce.as_bytes(),
            b":",
            count.as_bytes(),
            b":",
            self.cnonce.as_bytes(),
            b":",
            self.qop.as_str().as_bytes(),
            b":",
            second.as_bytes(),
        ])
    }
}
