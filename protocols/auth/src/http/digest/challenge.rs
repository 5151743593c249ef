//! What a server asks for (RFC 7616 section 3.3), both ways.

use super::{DigestAlgorithm, Qop};
use crate::http::{Challenge, HttpAuthError};

/// A challenge that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    /// The protection space.
    pub realm: String,
    /// What the server wants hashed.
    pub nonce: String,
    /// Sent back as it came.
    pub opaque: Option<String>,
    /// `MD5` where the server names none.
    pub algorithm: DigestAlgorithm,
    /// What the response may cover, without repetition; never empty.
    pub qop: Vec<Qop>,
    /// Whether the user name may be sent hashed.
    pub userhash: bool,
    /// Whether the nonce was too old, and the password right.
    pub stale: bool,
}

impl DigestChallenge {
    /// A challenge for `auth` by `algorithm`.
    #[must_use]
    pub fn new(realm: &str, nonce: &str, algorithm: DigestAlgorithm) -> Self {
        Self {
            realm: realm.to_owned(),
            nonce: nonce.to_owned(),
            opaque: None,
            algorithm,
            qop: vec![Qop::Auth],
            userhash: false,
            stale: false,
        }
    }

    /// Reads a challenge.
    ///
    /// # Errors
    /// [`HttpAuthError::UnknownScheme`] for another scheme; [`HttpAuthError::DigestUnknown`] when the algorithm or
    /// every `qop` is unknown, or there is no `qop` (RFC 2069); [`HttpAuthError::DigestIncomplete`] without realm or
    /// nonce.
    pub fn of(challenge: &Challenge) -> Result<Self, HttpAuthError> {
        if !challenge.is("Digest") {
            return Err(HttpAuthError::UnknownScheme);
        }
        let (realm, nonce) = challenge
            .realm()
            .zip(challenge.param("nonce").filter(|nonce| !nonce.is_empty()))
            .ok_or(HttpAuthError::DigestIncomplete)?;
        let algorithm = DigestAlgorithm::named(challenge.param("algorithm").unwrap_or("MD5"))
            .ok_or(HttpAuthError::DigestUnknown)?;
        let mut qop: Vec<Qop> = Vec::new();
        for name in challenge.param("qop").unwrap_or_default().split(',') {
            qop.extend(Qop::named(name.trim()).filter(|found| !qop.contains(found)));
        }
        if qop.is_empty() {
            return Err(HttpAuthError::DigestUnknown);
        }
        let says = |name| challenge.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Self {
            qop,
            opaque: challenge.param("opaque").map(str::to_owned),
            userhash: says("userhash"),
            stale: says("stale"),
            ..Self::new(realm, nonce, algorithm)
        })
    }

    /// The same as a server writes it.
    #[must_use]
    pub fn to_challenge(&self) -> Challenge {
        let qop: Vec<&str> = self.qop.iter().map(|qop| qop.as_str()).collect();
        let mut params = vec![
            ("realm".to_owned(), self.realm.clone()),
            ("qop".to_owned(), qop.join(", ")),
            ("algorithm".to_owned(), self.algorithm.as_str().to_owned()),
            ("nonce".to_owned(), self.nonce.clone()),
        ];
        params.extend(self.opaque.iter().map(|opaque| ("opaque".to_owned(), opaque.clone())));
        params.push(("charset".to_owned(), "UTF-8".to_owned()));
        for (name, said) in [("userhash", self.userhash), ("stale", self.stale)] {
            if said {
                params.push((name.to_owned(), "true".to_owned()));
            }
        }
        Challenge { scheme: "Digest".to_owned(), token68: None, params }
    }
}

/// The challenge to answer: the strongest hash, of equal ones the first. What cannot be answered is passed over.
#[must_use]
pub fn strongest_digest(challenges: &[Challenge]) -> Option<DigestChallenge> {
    let known = challenges.iter().filter_map(|challenge| DigestChallenge::of(challenge).ok());
    known.rev().max_by_key(|challenge| challenge.algorithm.strength())
}

/// A `quoted-string` (RFC 9110 section 5.6.4); `None` when it cannot hold the text.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return None;
    }
    Some(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
