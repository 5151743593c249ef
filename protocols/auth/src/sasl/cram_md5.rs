//! CRAM-MD5 (RFC 2195): the keyed MD5 (RFC 2104) of a challenge that is never the same twice.
//!
//! ```text
//! challenge = "<" unique "@" host ">"        in the form of a message id
//! response  = user SP 32(lower-case hex digit)
//! ```

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;

use super::{Accounts, Client, Mechanism, Rejection, SaslError, Server, ServerStep, bounded, prepare};
use crate::{Credentials, Secret};

/// CRAM-MD5, the client's side.
#[derive(Debug)]
pub struct CramMd5Client {
    user: String,
    /// Gone once the challenge is answered: a second challenge gets nothing.
    password: Option<Secret>,
    spoiled: bool,
}

impl CramMd5Client {
    /// Keeps name and password until the challenge comes.
    ///
    /// # Errors
    /// No or an empty password, or an empty name.
    pub fn new(credentials: &Credentials) -> Result<Self, SaslError> {
        let user = prepare::user(credentials)?.to_owned();
        let password = prepare::password(credentials, Mechanism::CramMd5)?.clone();
        Ok(Self { user, password: Some(password), spoiled: false })
    }

    fn answer(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        let password = self.password.take().ok_or(SaslError::UnexpectedChallenge)?;
        // An empty challenge would make an answer that is good for ever.
        if bounded(challenge)?.is_empty() {
            return Err(SaslError::Malformed("empty CRAM-MD5 challenge"));
        }
        let digest = keyed_md5(&password, challenge);
        Ok(Secret::concat(&[self.user.as_bytes(), b" ", digest.expose()]))
    }
}

impl Client for CramMd5Client {
    fn mechanism(&self) -> Mechanism {
        Mechanism::CramMd5
    }

    fn initial(&mut self) -> Option<Secret> {
        None
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, SaslError> {
        let answer = self.answer(challenge);
        self.spoiled |= answer.is_err();
        answer
    }

    fn done(&self) -> bool {
        self.password.is_none() && !self.spoiled
    }
}

/// CRAM-MD5, the server's side.
pub struct CramMd5Server<'a> {
    accounts: &'a dyn Accounts,
    challenge: Vec<u8>,
    asked: bool,
    over: bool,
}

impl<'a> CramMd5Server<'a> {
    /// A server over these accounts, whose challenge is `<unique@host>`. `unique` must be fresh for each login.
    #[must_use]
    pub fn new(accounts: &'a dyn Accounts, host: &str, unique: &str) -> Self {
        Self { accounts, challenge: format!("<{unique}@{host}>").into_bytes(), asked: false, over: false }
    }

    fn verdict(&self, response: &[u8]) -> ServerStep {
        // The name may have spaces in it, the digest none: the last one parts them.
        let response = bounded(response).ok().and_then(|bytes| str::from_utf8(bytes).ok());
        let Some((user, digest)) = response.and_then(|text| text.rsplit_once(' ')) else {
            return ServerStep::Failure(Rejection::Malformed);
        };
        let expected = self.accounts.password(user).map(|password| keyed_md5(&password, &self.challenge));
        if expected == Some(Secret::from(digest)) {
            ServerStep::Success { user: user.to_owned(), data: None }
        } else {
            ServerStep::Failure(Rejection::Credentials)
        }
    }
}

impl Server for CramMd5Server<'_> {
    fn challenge(&mut self, response: Option<&[u8]>) -> ServerStep {
        match response {
            _ if self.over => ServerStep::Failure(Rejection::Over),
            None if !self.asked => {
                self.asked = true;
                ServerStep::Challenge(self.challenge.clone())
            }
            // An initial response cannot answer a challenge that was not seen (RFC 4954 section 4).
            Some(response) if self.asked => {
                self.over = true;
                self.verdict(response)
            }
            _ => {
                self.over = true;
                ServerStep::Failure(Rejection::Malformed)
            }
        }
    }
}

/// HMAC-MD5 in lower-case hexadecimal.
fn keyed_md5(password: &Secret, challenge: &[u8]) -> Secret {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 section 2)")]
    let mut mac = Hmac::<Md5>::new_from_slice(password.expose()).expect("HMAC takes a key of any length");
    mac.update(challenge);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Secret::from(hex)
}
