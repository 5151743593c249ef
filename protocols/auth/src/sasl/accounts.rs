//! The server's view of who exists.

use crate::{Credentials, Secret};

/// The users a server knows. Passwords are readable: CRAM-MD5 needs them so, and these servers are for tests.
pub trait Accounts {
    /// The password of `user`, or `None` when there is no such user.
    fn password(&self, user: &str) -> Option<Secret>;

    /// Whether `token` is good for `user`. The name is empty where the client gave none (HTTP Bearer).
    fn token_ok(&self, user: &str, token: &Secret) -> bool;

    /// Whether `user` may act as `authzid`; as nobody else unless this says so.
    fn may_act_as(&self, user: &str, authzid: &str) -> bool {
        user == authzid
    }
}

/// One account: these credentials and no others. Its `authzid`, when set, is one more identity it may act as.
impl Accounts for Credentials {
    fn password(&self, user: &str) -> Option<Secret> {
        if self.user == *user { self.password.clone() } else { None }
    }

    fn token_ok(&self, user: &str, token: &Secret) -> bool {
        (user.is_empty() || self.user == *user) && self.token.as_ref() == Some(token)
    }

    fn may_act_as(&self, user: &str, authzid: &str) -> bool {
        user == authzid || (self.user == *user && self.authzid.as_deref() == Some(authzid))
    }
}
