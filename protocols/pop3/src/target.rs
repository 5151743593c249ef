//! Where to, how private, and as whom: URLs (RFC 2384), and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
pub use netkit_socket::Security;
use netkit_socket::{BadLocation, Endpoint, Location, Scheme};

use crate::error::{Argument, Invalid};
use crate::types::Number;

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
    /// A message: the URL's path, as curl has it.
    pub message: Option<Number>,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 4] = [
    Scheme::new("pop3", 110, Security::Opportunistic),
    Scheme::new("pop", 110, Security::Opportunistic),
    Scheme::new("pop3s", 995, Security::Implicit),
    Scheme::new("pops", 995, Security::Implicit),
];

impl Target {
    /// A server without a login.
    pub fn new(endpoint: Endpoint, security: Security) -> Target {
        Target { endpoint, security, user: None, password: None, message: None }
    }
}

impl FromStr for Target {
    type Err = Invalid;

    /// `pop3:`, `pop:`, `pop3s:` or `pops:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`, which means `pop3`
    /// unless the port is that of another of these; or `unix:/path`. Of RFC 2384's `user;AUTH=mechanism` the user counts.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let location = Location::parse(text, &SCHEMES).map_err(invalid)?;
        let name = location.user.map(|user| user.split(";AUTH=").next().unwrap_or_default().to_owned());
        let user = name.map(UserName::new).transpose();
        let user = user.map_err(|_| invalid(BadLocation("the user name has a control character")))?;
        let password = location.password.map(|password| Secret::from(password.to_vec()));
        let message = match location.path.trim_start_matches('/') {
            "" => None,
            number => {
                Some(number.parse().map_err(|_| invalid(BadLocation("the path is not a message's number")))?)
            }
        };
        Ok(Target { endpoint: location.endpoint, security: location.security, user, password, message })
    }
}

const fn invalid(why: BadLocation) -> Invalid {
    Invalid::new(Argument::Target, why.0)
}
