//! Logging in when asked: what a request adds to itself for one origin, and forgets at another.
//!
//! | `login` | what goes out |
//! |---|---|
//! | [`Request::login`] | Bearer or Basic, at once |
//! | [`Request::login_when_asked`], [`Schemes::Digest`] | nothing; then Digest (RFC 7616) where the server asks for it |
//! | the same, [`Schemes::Any`] | Digest where it is offered, else Basic |
//!
//! Digest tells nobody the password, so it may go in clear; Basic only as [`Request::allow_login_in_clear`] says.

use netkit_auth::{Credentials, Secret};

use crate::request::Request;

/// Which schemes may answer a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemes {
    /// Digest alone.
    Digest,
    /// Digest, or Basic where the server offers no Digest that can be answered.
    Any,
}

/// What the client adds to a request of its own.
#[derive(Debug, Default)]
pub(crate) struct Added {
    /// Who answers a challenge, and how.
    pub(crate) login: Option<(Credentials, Schemes)>,
    /// The value of `Authorization`, for this very request.
    pub(crate) proof: Option<Secret>,
    /// The value of `Cookie`, for this very URL.
    pub(crate) cookies: Option<Secret>,
}

impl Added {
    /// Whether the request is nobody's in particular.
    pub(crate) fn is_empty(&self) -> bool {
        self.login.is_none() && self.proof.is_none() && self.cookies.is_none()
    }

    /// Leaves everything behind that belongs to the origin. Says whether there was anything.
    pub(crate) fn forget(&mut self) -> bool {
        let Added { login, proof, cookies } = std::mem::take(self);
        login.is_some() || proof.is_some() || cookies.is_some()
    }

    /// The fields as they are sent.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        let named = [("Authorization", &self.proof), ("Cookie", &self.cookies)];
        named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }
}

impl Request {
    /// Logs in when the server asks for it, and not before: a 401 is answered once, and the client's next requests to
    /// the same origin with the same credentials log in at once. A body that can be sent only once is not sent again:
    /// the 401 is then the answer. For Digest the client needs [`Client::nonces`](crate::Client::nonces).
    #[must_use]
    pub fn login_when_asked(mut self, credentials: &Credentials, schemes: Schemes) -> Request {
        self.added.login = Some((credentials.clone(), schemes));
        self
    }

    /// Whether it answers a challenge.
    pub fn logs_in_when_asked(&self) -> bool {
        self.added.login.is_some()
    }
}
