//! Where to, how private, as whom, and which mailbox and message: URLs (RFC 5092), and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
pub use netkit_socket::Security;
use netkit_socket::{BadLocation, Endpoint, Location, Scheme};

use crate::error::{Argument, Invalid};
use crate::types::Mailbox;

/// A server, and how to come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub endpoint: Endpoint,
    /// How private.
    pub security: Security,
    /// Who logs in.
    pub user: Option<UserName>,
    /// The password in the URL. `Debug` does not show it.
    pub password: Option<Secret>,
    /// The mailbox: the URL's path.
    pub mailbox: Option<Mailbox>,
    /// The message's UID: `;UID=n` behind the path.
    pub uid: Option<u32>,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 2] =
    [Scheme::new("imap", 143, Security::Opportunistic), Scheme::new("imaps", 993, Security::Implicit)];

impl Target {
    /// A server without a login.
    pub fn new(endpoint: Endpoint, security: Security) -> Target {
        Target { endpoint, security, user: None, password: None, mailbox: None, uid: None }
    }
}

impl FromStr for Target {
    type Err = Invalid;

    /// `imap:` or `imaps:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`, with or without a path; or `unix:/path`.
    /// Of RFC 5092's `user;AUTH=mechanism` the user counts, and of a `;UIDVALIDITY=` nothing.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let location = Location::parse(text, &SCHEMES).map_err(invalid)?;
        let name = location.user.map(|user| user.split(";AUTH=").next().unwrap_or_default().to_owned());
        let user = name.map(UserName::new).transpose();
        let user = user.map_err(|_| invalid(BadLocation("the user name has a control character")))?;
        let password = location.password.map(|password| Secret::from(password.to_vec()));
        let path = location.path.strip_prefix('/').unwrap_or(&location.path);
        let upper = path.to_ascii_uppercase();
        let end = [upper.find(";UIDVALIDITY="), upper.find("/;UID="), upper.find(";UID=")];
        let end = end.into_iter().flatten().min().unwrap_or(path.len());
        let uid = match upper.split_once(";UID=") {
            None => None,
            Some((_, digits)) => {
                let digits = digits.split(['/', ';']).next().unwrap_or_default();
                Some(digits.parse().map_err(|_| invalid(BadLocation("the UID is no number")))?)
            }
        };
        let mailbox = path.get(..end).unwrap_or_default();
        let mailbox = match mailbox {
            "" => None,
            name => {
                let name = String::from_utf8(Location::decode(name).map_err(invalid)?);
                let name = name.map_err(|_| invalid(BadLocation("the mailbox is not UTF-8")))?;
                Some(Mailbox::new(&name).map_err(|_| invalid(BadLocation("the path is no mailbox's name")))?)
            }
        };
        let (endpoint, security) = (location.endpoint, location.security);
        Ok(Target { endpoint, security, user, password, mailbox, uid })
    }
}

const fn invalid(why: BadLocation) -> Invalid {
    Invalid::new(Argument::Target, why.0)
}
