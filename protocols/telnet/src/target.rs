//! Where to, how private, as whom: URLs (RFC 4248), and the shorter forms a person types.

use std::str::FromStr;

pub use netkit_socket::Security;
use netkit_socket::{Endpoint, Location, Scheme};

use crate::error::Invalid;

/// A server and how to come in. The password of a URL is passed over: Telnet has no place for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub endpoint: Endpoint,
    /// How private.
    pub security: Security,
    /// Who would log in.
    pub user: Option<String>,
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 2] =
    [Scheme::new("telnet", 23, Security::Opportunistic), Scheme::new("telnets", 992, Security::Implicit)];

impl FromStr for Target {
    type Err = Invalid;

    /// `telnet:` or `telnets:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`; or `unix:/path`.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let location = Location::parse(text, &SCHEMES).map_err(|why| Invalid(why.0))?;
        if !matches!(location.path.as_str(), "" | "/") {
            return Err(Invalid("a telnet URL has no path"));
        }
        let user = location.user.filter(|user| !user.is_empty());
        if user.as_ref().is_some_and(|user| user.chars().any(char::is_control)) {
            return Err(Invalid("the user name has a control character"));
        }
        Ok(Target { endpoint: location.endpoint, security: location.security, user })
    }
}
