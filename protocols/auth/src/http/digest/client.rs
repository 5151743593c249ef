//! The client's side: answers to challenges, counted, and the check that the server knew the password too.

use super::{AuthenticationInfo, DigestChallenge, Proof, Qop, quoted};
use crate::http::HttpAuthError;
use crate::{Secret, UserName};

/// A login by Digest at one server: a challenge, and who answers it.
///
/// It belongs to the origin that sent the challenge. `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct DigestClient {
    challenge: DigestChallenge,
    user: UserName,
    password: Secret,
    cnonce: String,
    /// H(A1): made once, for the `-sess` algorithms are bound to the first nonce (RFC 7616 section 3.4.2).
    key: Secret,
    /// How many requests bore this nonce.
    count: u32,
}

impl DigestClient {
    /// Answers `challenge` as `user`. `cnonce` is fresh and random, of visible ASCII: 16 bytes in hexadecimal do.
    ///
    /// # Errors
    /// [`HttpAuthError::ControlCharacter`] when the cnonce is none, or the user name has a control character.
    pub fn new(
        challenge: DigestChallenge,
        user: UserName,
        password: Secret,
        cnonce: &str,
    ) -> Result<Self, HttpAuthError> {
        let plain =
            !cnonce.is_empty() && cnonce.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
        if !plain || user.bytes().any(|b| b.is_ascii_control()) {
            return Err(HttpAuthError::ControlCharacter);
        }
        let mut client =
            Self { challenge, user, password, cnonce: cnonce.to_owned(), key: Secret::default(), count: 0 };
        client.key = client.proof(Qop::Auth, "", None).key(&client.user, &client.password);
        Ok(client)
    }

    /// What is answered.
    #[must_use]
    pub fn challenge(&self) -> &DigestChallenge {
        &self.challenge
    }

    /// What the next response covers: `auth` where the server takes that.
    #[must_use]
    pub fn qop(&self) -> Qop {
        if self.challenge.qop.contains(&Qop::Auth) { Qop::Auth } else { Qop::AuthInt }
    }

    /// The value of `Authorization` for one request: `uri` is the request target as it stands on the wire, `body` the
    /// hash of the body ([`DigestAlgorithm::hash_body`](super::DigestAlgorithm::hash_body)) for [`Qop::AuthInt`].
    ///
    /// # Errors
    /// [`HttpAuthError::ControlCharacter`] when realm, nonce or target cannot be quoted;
    /// [`HttpAuthError::DigestIncomplete`] when `auth-int` is due and `body` missing.
    pub fn authorize(
        &mut self,
        method: &str,
        uri: &str,
        body: Option<&str>,
    ) -> Result<Secret, HttpAuthError> {
        let qop = self.qop();
        if qop == Qop::AuthInt && body.is_none() {
            return Err(HttpAuthError::DigestIncomplete);
        }
        self.count = self.count.saturating_add(1);
        let proof = self.proof(qop, uri, body);
        let response = proof.response(&self.key, method);
        let quoted = |text: &str| quoted(text).ok_or(HttpAuthError::ControlCharacter);
        let DigestChallenge { realm, nonce, opaque, algorithm, userhash, .. } = &self.challenge;
        let mut value = format!(
            "Digest {}, realm={}, nonce={}, uri={}, response=\"{response}\", algorithm={}, cnonce=\"{}\", qop={}, \
             nc={:08x}",
            self.username()?,
            quoted(realm)?,
            quoted(nonce)?,
            quoted(uri)?,
            algorithm.as_str(),
            self.cnonce,
            qop.as_str(),
            self.count,
        );
        if let Some(opaque) = opaque {
            value += &format!(", opaque={}", quoted(opaque)?);
        }
        if *userhash {
            value += ", userhash=true";
        }
        Ok(Secret::from(value))
    }

    /// Checks the `rspauth` of an answer to the last request, if there is one, and takes the `nextnonce` (RFC 7616
    /// section 3.5). `body` is the hash of the answer's body; without it the proof of an `auth-int` answer, which
    /// covers that body, is not looked at.
    ///
    /// # Errors
    /// [`HttpAuthError::DigestMismatch`]: whoever answered does not know the password. [`HttpAuthError::Malformed`],
    /// [`HttpAuthError::TooLong`].
    pub fn check(&mut self, info: &[u8], uri: &str, body: Option<&str>) -> Result<(), HttpAuthError> {
        let info = AuthenticationInfo::parse(info)?;
        let foreign =
            |theirs: &Option<String>, ours: &str| theirs.as_ref().is_some_and(|theirs| theirs != ours);
        if let Some(proof) = &info.rspauth {
            let qop = info.qop.unwrap_or(self.qop());
            if foreign(&info.cnonce, &self.cnonce) || info.nc.is_some_and(|nc| nc != self.count) {
                return Err(HttpAuthError::DigestMismatch);
            }
            if qop == Qop::Auth || body.is_some() {
                let due = self.proof(qop, uri, body).response(&self.key, "");
                if Secret::from(due) != Secret::from(proof.as_str()) {
                    return Err(HttpAuthError::DigestMismatch);
                }
            }
        }
        if let Some(next) = info.nextnonce.filter(|next| *next != self.challenge.nonce) {
            self.challenge.nonce = next;
            self.count = 0;
        }
        Ok(())
    }

    fn proof<'p>(&'p self, qop: Qop, uri: &'p str, body: Option<&'p str>) -> Proof<'p> {
        let DigestChallenge { realm, nonce, algorithm, .. } = &self.challenge;
        let (cnonce, count) = (&self.cnonce, self.count);
        Proof { algorithm: *algorithm, realm, nonce, cnonce, count, qop, uri, body }
    }

    /// The user name: hashed where the server takes that, else as it is, or percent-encoded where quotes cannot hold it
    /// (RFC 7616 section 3.4.4, RFC 8187).
    fn username(&self) -> Result<String, HttpAuthError> {
        let DigestChallenge { realm, algorithm, userhash, .. } = &self.challenge;
        if *userhash {
            let hash = algorithm.hash(&[self.user.as_bytes(), b":", realm.as_bytes()]);
            return Ok(format!("username=\"{hash}\""));
        }
        if self.user.is_ascii() {
            return Ok(format!("username={}", quoted(&self.user).ok_or(HttpAuthError::ControlCharacter)?));
        }
        let encoded: String = self
            .user
            .bytes()
            .map(|byte| match byte {
                b if b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect();
        Ok(format!("username*=UTF-8''{encoded}"))
    }
}
