//! Gopher URLs, and the shorter forms a person types.

use netkit_socket::{Endpoint, Host, Port, Scheme, Security};
use percent_encoding::percent_decode;

use crate::types::{Invalid, ItemType, Query, Selector};

/// The port of Gopher (RFC 1436 3.6), with and without TLS.
const PORT: u16 = 70;
/// The schemes of URLs that lead here, with their ports; the first is meant where none is written.
pub const SCHEMES: [Scheme; 2] =
    [Scheme::new("gopher", PORT, Security::Plain), Scheme::new("gophers", PORT, Security::Implicit)];

/// What to ask where.
///
/// ```text
/// gopher://<host>:<port>/<gophertype><selector>%09<search>                   RFC 4266 2.1
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where.
    pub endpoint: Endpoint,
    /// Whether TLS was asked for (`gophers`). It is never dropped silently.
    pub tls: bool,
    /// What the thing is said to be: a menu if nobody said.
    pub kind: ItemType,
    /// What to ask for.
    pub selector: Selector,
    /// What to search for.
    pub query: Option<Query>,
}

impl Target {
    /// The selector of the URL, without the type in front: what `gopherlib.path_to_selector` gave.
    pub fn selector(&self) -> &Selector {
        &self.selector
    }
}

impl std::str::FromStr for Target {
    type Err = Invalid;

    /// A `gopher:` or `gophers:` URL, `host`, `host:port`, `host:service`, `[v6]:port`, each with a path, or
    /// `unix:/path`.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        if text.starts_with("unix:") {
            return Ok(Target::root(text.parse().map_err(endpoint)?, false));
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("gopher", text));
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "gopher" => false,
            "gophers" => true,
            _ => return Err(Invalid::Target("the scheme is not gopher or gophers")),
        };
        // RFC 3986 3.2: the authority ends at the first slash, question mark or hash. A fragment is never sent.
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(Invalid::Target("Gopher has no user names"));
        }
        let target = Target::root(address(authority)?, tls);
        target.with_path(path.strip_prefix('/').unwrap_or(path))
    }
}

impl Target {
    /// The main menu of a server.
    pub fn root(endpoint: Endpoint, tls: bool) -> Target {
        Target { endpoint, tls, kind: ItemType::MENU, selector: Selector::root(), query: None }
    }

    /// Decodes first and splits then: a TAB can only be written as `%09` (RFC 4266 2.2).
    fn with_path(mut self, path: &str) -> Result<Target, Invalid> {
        let decoded: Vec<u8> = percent_decode(path.as_bytes()).collect();
        let Some((kind, rest)) = decoded.split_first() else { return Ok(self) };
        self.kind = ItemType::new(*kind).ok_or(Invalid::Target("the path starts with an item type"))?;
        let mut columns = rest.splitn(2, |b| *b == b'\t');
        self.selector = Selector::new(columns.next().unwrap_or_default())?;
        self.query = columns.next().map(Query::new).transpose()?;
        Ok(self)
    }
}

fn address(authority: &str) -> Result<Endpoint, Invalid> {
    if authority.is_empty() {
        return Err(Invalid::Target("there is no host"));
    }
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let colon = authority.get(after_bracket..).and_then(|tail| tail.rfind(':')).map(|at| at + after_bracket);
    let (host, port) = match colon.and_then(|at| authority.split_at_checked(at)) {
        Some((host, port)) => (host, port.strip_prefix(':').filter(|port| !port.is_empty())),
        None => (authority, None),
    };
    let decoded = percent_decode(host.as_bytes()).decode_utf8();
    let host: Host =
        decoded.map_err(|_| Invalid::Target("the host is not UTF-8"))?.parse().map_err(endpoint)?;
    let port = port
        .map(|port| port.parse::<Port>().and_then(|port| port.resolve()).map_err(endpoint))
        .transpose()?;
    Ok(Endpoint::new(host, port.unwrap_or(PORT)))
}

fn endpoint(why: netkit_socket::NetError) -> Invalid {
    Invalid::Endpoint(why.to_string())
}
