//! The server's side: the response of a client, checked.

use super::{DigestAlgorithm, Proof, Qop};
use crate::Secret;
use crate::http::{HttpAuthError, parse_challenges};

/// What a client wrote behind `Authorization: Digest` (RFC 7616 section 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestResponse {
    /// The user name, or its hash where `userhash` is set.
    pub username: String,
    /// Whether the name is hashed.
    pub userhash: bool,
    /// The protection space.
    pub realm: String,
    /// The nonce that was answered: whether it is one of the server's own is the server's to know.
    pub nonce: String,
    /// The request target, as the client saw it.
    pub uri: String,
    /// The hash.
    pub algorithm: DigestAlgorithm,
    /// What it covers.
    pub qop: Qop,
    /// The client's nonce.
    pub cnonce: String,
    /// How often the client used the nonce.
    pub nc: u32,
    /// As the challenge had it.
    pub opaque: Option<String>,
    response: String,
}

impl DigestResponse {
    /// Reads the value of `Authorization`.
    ///
    /// # Errors
    /// [`HttpAuthError::UnknownScheme`], [`HttpAuthError::Malformed`], [`HttpAuthError::TooLong`];
    /// [`HttpAuthError::DigestIncomplete`], [`HttpAuthError::DigestUnknown`].
    pub fn parse(value: impl AsRef<[u8]>) -> Result<Self, HttpAuthError> {
        let all = parse_challenges(value)?;
        let [given] = all.as_slice() else { return Err(HttpAuthError::Malformed { at: 0 }) };
        if !given.is("Digest") {
            return Err(HttpAuthError::UnknownScheme);
        }
        let text = |name| given.param(name).map(str::to_owned).ok_or(HttpAuthError::DigestIncomplete);
        let username = match given.param("username*") {
            Some(extended) => extended_value(extended).ok_or(HttpAuthError::DigestIncomplete)?,
            None => text("username")?,
        };
        let count = text("nc")?;
        Ok(Self {
            username,
            userhash: given.param("userhash").is_some_and(|said| said.eq_ignore_ascii_case("true")),
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            algorithm: DigestAlgorithm::named(given.param("algorithm").unwrap_or("MD5"))
                .ok_or(HttpAuthError::DigestUnknown)?,
            qop: Qop::named(&text("qop")?).ok_or(HttpAuthError::DigestUnknown)?,
            cnonce: text("cnonce")?,
            nc: (count.len() == 8)
                .then(|| u32::from_str_radix(&count, 16).ok())
                .flatten()
                .ok_or(HttpAuthError::DigestIncomplete)?,
            opaque: given.param("opaque").map(str::to_owned),
            response: text("response")?,
        })
    }

    /// Whether this is `user`, whose name may have come hashed.
    #[must_use]
    pub fn is_user(&self, user: &str) -> bool {
        let hash = |user: &str| self.algorithm.hash(&[user.as_bytes(), b":", self.realm.as_bytes()]);
        if self.userhash { self.username == hash(user) } else { self.username == user }
    }

    /// Whether the client knows the password of `user`. `body` is the hash of the request's body, for `auth-int`.
    #[must_use]
    pub fn is_good(&self, method: &str, user: &str, password: &Secret, body: Option<&str>) -> bool {
        if self.qop == Qop::AuthInt && body.is_none() {
            return false;
        }
        let proof = self.proof(body);
        let due = proof.response(&proof.key(user, password), method);
        self.is_user(user) && Secret::from(due) == Secret::from(self.response.as_str())
    }

    /// The value of `Authentication-Info` for the answer; `body` is the hash of the answer's body.
    #[must_use]
    pub fn info(&self, user: &str, password: &Secret, body: Option<&str>, nextnonce: Option<&str>) -> String {
        let proof = self.proof(body);
        let rspauth = proof.response(&proof.key(user, password), "");
        let next = nextnonce.map(|nonce| format!(", nextnonce=\"{nonce}\"")).unwrap_or_default();
        format!(
            "rspauth=\"{rspauth}\", qop={}, cnonce=\"{}\", nc={:08x}{next}",
            self.qop.as_str(),
            self.cnonce.replace(['"', '\\'], ""),
            self.nc
        )
    }

    fn proof<'p>(&'p self, body: Option<&'p str>) -> Proof<'p> {
        Proof {
            algorithm: self.algorithm,
            realm: &self.realm,
            nonce: &self.nonce,
            cnonce: &self.cnonce,
            count: self.nc,
            qop: self.qop,
            uri: &self.uri,
            body,
        }
    }
}

/// `UTF-8''name` (RFC 8187 section 3.2.1).
fn extended_value(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_, coded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let (mut bytes, mut rest) = (Vec::new(), coded.bytes());
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        bytes.push(if byte == b'%' { u8::try_from(digit()? << 4 | digit()?).ok()? } else { byte });
    }
    String::from_utf8(bytes).ok()
}
