//! Where to, how private, as whom, and which path: URLs (RFC 1738 section 3.2), and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
pub use netkit_socket::Security;
use netkit_socket::{Endpoint, Location, Scheme};

use crate::error::Invalid;

/// A server, how to come in, and a path there.
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
    /// The path, seen from the folder that a login leads to; empty for that folder. One from the root begins with a slash,
    /// which a URL writes as `/%2F`.
    pub path: String,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 2] =
    [Scheme::new("ftp", 21, Security::Opportunistic), Scheme::new("ftps", 990, Security::Implicit)];

impl FromStr for Target {
    type Err = Invalid;

    /// `ftp:` or `ftps:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`, with or without a path; or `unix:/path`. A
    /// `;type=` behind the path is passed over.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let location = Location::parse(text, &SCHEMES).map_err(|why| Invalid(why.0))?;
        let user = location.user.map(UserName::new).transpose();
        let user = user.map_err(|_| Invalid("the user name has a control character"))?;
        let password = location.password.map(|password| Secret::from(password.to_vec()));
        let path = location.path.strip_prefix('/').unwrap_or(&location.path);
        let lower = path.to_ascii_lowercase();
        let end = lower.rfind(";type=").unwrap_or(path.len());
        let path = Location::decode(path.get(..end).unwrap_or_default()).map_err(|why| Invalid(why.0))?;
        let path = String::from_utf8(path).map_err(|_| Invalid("the path is not UTF-8"))?;
        if path.contains(['\r', '\n', '\0']) {
            return Err(Invalid("the path has a line end or a NUL"));
        }
        let (endpoint, security) = (location.endpoint, location.security);
        Ok(Target { endpoint, security, user, password, path })
    }
}
