//! The hashes of Digest (RFC 7616 section 6.1) and what they cover.

use std::io::{self, Read};

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

/// A hash, and whether its key is made anew for each session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// `MD5`: for servers that know nothing better.
    Md5,
    /// `MD5-sess`.
    Md5Sess,
    /// `SHA-256`.
    Sha256,
    /// `SHA-256-sess`.
    Sha256Sess,
    /// `SHA-512-256`.
    Sha512_256,
    /// `SHA-512-256-sess`.
    Sha512_256Sess,
}

/// What a response covers: the request line, or also the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qop {
    /// `auth`: method and target.
    Auth,
    /// `auth-int`: method, target and body.
    AuthInt,
}

impl Qop {
    /// As it stands in a header field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }

    /// The one of that name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Auth, Self::AuthInt].into_iter().find(|qop| qop.as_str().eq_ignore_ascii_case(name))
    }
}

impl DigestAlgorithm {
    /// All of them, the strongest first.
    pub const ALL: [Self; 6] =
        [Self::Sha512_256, Self::Sha512_256Sess, Self::Sha256, Self::Sha256Sess, Self::Md5, Self::Md5Sess];

    /// As it stands in a header field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
            Self::Sha512_256 => "SHA-512-256",
            Self::Sha512_256Sess => "SHA-512-256-sess",
        }
    }

    /// The one of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether the key is bound to the first nonce of a session.
    #[must_use]
    pub const fn is_session(self) -> bool {
        matches!(self, Self::Md5Sess | Self::Sha256Sess | Self::Sha512_256Sess)
    }

    /// How strong the hash is; the `-sess` forms are as strong as the others.
    pub(super) const fn strength(self) -> u8 {
        match self {
            Self::Md5 | Self::Md5Sess => 1,
            Self::Sha256 | Self::Sha256Sess => 2,
            Self::Sha512_256 | Self::Sha512_256Sess => 3,
        }
    }

    /// The hash of a body, in the hexadecimal form that `auth-int` covers.
    ///
    /// # Errors
    /// What reading `body` fails with.
    pub fn hash_body(self, body: &mut dyn Read) -> io::Result<String> {
        let (mut hasher, mut piece) = (Hasher::new(self), vec![0; 64 << 10]);
        loop {
            match body.read(&mut piece) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(n) => hasher.update(piece.get(..n).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// H of the parts, one behind the other, in lower-case hexadecimal (RFC 7616 section 3.4).
    pub(super) fn hash(self, parts: &[&[u8]]) -> String {
        let mut hasher = Hasher::new(self);
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }
}

/// One of the three hashes at work.
pub(super) enum Hasher {
    Md5(Md5),
    Sha256(Sha256),
    Sha512_256(Sha512_256),
}

impl Hasher {
    pub(super) fn new(algorithm: DigestAlgorithm) -> Self {
        match algorithm.strength() {
            1 => Self::Md5(Md5::new()),
            2 => Self::Sha256(Sha256::new()),
            _ => Self::Sha512_256(Sha512_256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha512_256(hash) => hash.update(bytes),
        }
    }

    pub(super) fn finish(self) -> String {
        match self {
            Self::Md5(hash) => hex(&hash.finalize()),
            Self::Sha256(hash) => hex(&hash.finalize()),
            Self::Sha512_256(hash) => hex(&hash.finalize()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
