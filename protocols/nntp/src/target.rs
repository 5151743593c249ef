//! Where to, how private, as whom, and what there: URLs (RFC 5538), and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
pub use netkit_socket::Security;
use netkit_socket::{Endpoint, Location, Scheme};

use crate::error::{Argument, Invalid};
use crate::types::{Group, MessageId, Range, Wildmat, number};

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
    /// What the path names.
    pub place: Place,
}

/// What a news URL may name (RFC 5538 sections 2 to 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The server.
    #[default]
    Server,
    /// A group.
    Group(Group),
    /// Groups, by a pattern.
    Groups(Wildmat),
    /// Articles of a group.
    Articles(Group, Range),
    /// An article, wherever it is.
    Id(MessageId),
}

/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 4] = [
    Scheme::new("nntp", 119, Security::Opportunistic),
    Scheme::new("news", 119, Security::Opportunistic),
    Scheme::new("nntps", 563, Security::Implicit),
    Scheme::new("snews", 563, Security::Implicit),
];

impl FromStr for Target {
    type Err = Invalid;

    /// `nntp:`, `news:`, `nntps:` or `snews:` URL with a host; or `host`, `host:port`, `host:service`, `[v6]:port`, each with or
    /// without a path: `/group`, `/group/number`, `/group/first-last`, `/message-id` (with or without its brackets), `/wildmat`.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        let invalid = |rule| Invalid::new(Argument::Target, rule);
        let location = Location::parse(text, &SCHEMES).map_err(|why| invalid(why.0))?;
        let user = location.user.map(UserName::new).transpose();
        let user = user.map_err(|_| invalid("the user name has a control character"))?;
        let password = location.password.map(|password| Secret::from(password.to_vec()));
        let path = Location::decode(location.path.strip_prefix('/').unwrap_or(&location.path));
        let path = path.ok().and_then(|path| String::from_utf8(path).ok());
        let path = path.ok_or(invalid("the path is not UTF-8"))?;
        let place = Place::parse(&path)?;
        Ok(Target { endpoint: location.endpoint, security: location.security, user, password, place })
    }
}

impl Place {
    fn parse(path: &str) -> Result<Place, Invalid> {
        if path.is_empty() {
            return Ok(Place::Server);
        }
        if path.contains('@') {
            let bare = path.trim_start_matches('<').trim_end_matches('>');
            return MessageId::new(&format!("<{bare}>")).map(Place::Id);
        }
        if path.contains(['*', '?', '!', ',']) {
            return Wildmat::new(path).map(Place::Groups);
        }
        let (group, rest) = path.split_once('/').unwrap_or((path, ""));
        let group = Group::new(group)?;
        Ok(match rest {
            "" => Place::Group(group),
            one => match number(one) {
                Some(one) => Place::Articles(group, Range::one(one)),
                None => Place::Articles(group, one.parse()?),
            },
        })
    }
}
