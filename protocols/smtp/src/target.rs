//! Where to, how private, and as whom: URLs, and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
pub use netkit_socket::Security;
use netkit_socket::{BadLocation, Endpoint, Location, Scheme};

use crate::client::Dialect;
use crate::error::{Argument, Invalid};
use crate::types::Domain;

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
    /// What to say in EHLO: the URL's path, as curl has it.
    pub hello: Option<Domain>,
    /// SMTP, or LMTP for the scheme `lmtp`.
    pub dialect: Dialect,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 6] = [
    Scheme::new("smtp", 25, Security::Opportunistic),
    Scheme::new("submission", 587, Security::Starttls),
    Scheme::new("smtps", 465, Security::Implicit),
    Scheme::new("submissions", 465, Security::Implicit),
    Scheme::new("lmtp", 24, Security::Opportunistic),
    Scheme::new("lmtps", 24, Security::Implicit),
];

impl Target {
    /// A server without a login.
    pub fn new(endpoint: Endpoint, security: Security) -> Target {
        Target { endpoint, security, user: None, password: None, hello: None, dialect: Dialect::Smtp }
    }
}

impl FromStr for Target {
    type Err = Invalid;

    /// `smtp:`, `submission:`, `smtps:`, `submissions:`, `lmtp:` or `lmtps:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`,
    /// which means `smtp` unless the port is that of another of these; or `unix:/path`.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let location = Location::parse(text, &SCHEMES).map_err(invalid)?;
        let user = location.user.map(UserName::new).transpose();
        let user = user.map_err(|_| invalid(BadLocation("the user name has a control character")))?;
        let password = location.password.map(|password| Secret::from(password.to_vec()));
        let hello = hello(&location.path)?;
        let dialect = if location.scheme.is_some_and(|scheme| scheme.starts_with("lmtp")) {
            Dialect::Lmtp
        } else {
            Dialect::Smtp
        };
        Ok(Target {
            endpoint: location.endpoint,
            security: location.security,
            user,
            password,
            hello,
            dialect,
        })
    }
}

fn hello(path: &str) -> Result<Option<Domain>, Invalid> {
    let name = match path.strip_prefix('/') {
        Some(name) => name,
        None if path.is_empty() => "",
        None => return Err(invalid(BadLocation("it has a query or fragment, which mean nothing here"))),
    };
    if name.is_empty() {
        return Ok(None);
    }
    let bad = |_| invalid(BadLocation("the path is not a domain to say in EHLO"));
    let name = String::from_utf8(Location::decode(name).map_err(invalid)?);
    let name = name.map_err(|_| invalid(BadLocation("the path is not UTF-8")))?;
    Domain::new(&name).map(Some).map_err(bad)
}

const fn invalid(why: BadLocation) -> Invalid {
    Invalid::new(Argument::Target, why.0)
}
