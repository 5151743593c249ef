//! HTTP URLs, and the shorter forms a person types.
//!
//! Tools disagree about what a strange URL means, and each disagreement has let a filter see another host than the one
//! dialed. Here such a URL is refused:
//!
//! | in the text | answer |
//! |---|---|
//! | a control character, a space, a byte order mark | refused: the URL standard would drop some of them |
//! | `\` before the path | refused: `/` to browsers, a part of the host to others |
//! | two `@` before the path | refused: the first or the last may end the user name |
//! | `%2f`, `%40`, `%23` in the host | refused: decoded, they would end it |
//! | `127.1`, `0x7f000001`, `010.0.0.1` | refused: not every resolver reads them alike |
//! | `user:password@` | taken out into [`Target::login`]; never sent as a part of the URL |
//! | `#fragment` | kept in the URL, never sent |

use netkit_socket::{Endpoint, Host, Port};
use url::Url;

use crate::error::Invalid;
use crate::origin::Scheme;

/// What to ask where.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    through: Option<Endpoint>,
    user: Option<String>,
    password: Option<String>,
}

impl Target {
    /// The URL, without a user name.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The Unix socket to dial instead of the URL's host.
    pub fn through(&self) -> Option<&Endpoint> {
        self.through.as_ref()
    }

    /// The user name and password that stood in the text, decoded.
    pub fn login(&self) -> Option<(&str, Option<&str>)> {
        Some((self.user.as_deref()?, self.password.as_deref()))
    }
}

/// Without the password.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("url", &self.url.as_str())
            .field("through", &self.through)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl std::str::FromStr for Target {
    type Err = Invalid;

    /// A URL, `host`, `host:port`, `host:service`, `[v6]:port`, each with a path, or `unix:/socket:/path`. Without a
    /// scheme it is http.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\u{feff}') {
            return Err(Invalid::Target("a URL has no spaces and no control characters"));
        }
        let (scheme, rest) = split_scheme(text)?;
        if let Some(path) = rest.strip_prefix("unix:") {
            return unix(scheme, path);
        }
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if path.starts_with('\\') {
            return Err(Invalid::Target("a host is not followed by a backslash"));
        }
        let (login, place) = match authority.split_once('@') {
            Some((_, place)) if place.contains('@') => {
                return Err(Invalid::Target("a URL has one @ before its host; write others as %40"));
            }
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        let (host, port) = split_port(place)?;
        let url = build(scheme, host, port, path)?;
        let (user, password) = match login.map(|login| (login, login.split_once(':'))) {
            None => (None, None),
            Some((user, None)) => (Some(decoded(user)?), None),
            Some((_, Some((user, password)))) => (Some(decoded(user)?), Some(decoded(password)?)),
        };
        Ok(Target { url, through: None, user, password })
    }
}

/// The scheme is what stands before `://`; `localhost:8080/a://b` has none.
fn split_scheme(text: &str) -> Result<(Scheme, &str), Invalid> {
    match text.split_once("://") {
        Some((scheme, _)) if scheme.contains(['/', '?', '#', ':', '@']) => Ok((Scheme::Http, text)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok((Scheme::Http, rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok((Scheme::Https, rest)),
        Some(_) => Err(Invalid::Target("the scheme is not http or https")),
        None => Ok((Scheme::Http, text)),
    }
}

/// `host`, `host:port`, `host:service`, `[v6]`, `[v6]:port`.
fn split_port(place: &str) -> Result<(&str, Option<u16>), Invalid> {
    let after_bracket = place.rfind(']').map_or(0, |at| at + 1);
    let colon = place.get(after_bracket..).and_then(|tail| tail.rfind(':')).map(|at| at + after_bracket);
    let Some((host, port)) = colon.and_then(|at| place.split_at_checked(at)) else {
        return Ok((place, None));
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    if port.is_empty() {
        return Ok((host, None));
    }
    Ok((host, Some(port.parse::<Port>().and_then(|port| port.resolve()).map_err(endpoint)?)))
}

/// Both the socket layer and the URL standard must read the host in the same way.
fn build(scheme: Scheme, host: &str, port: Option<u16>, path: &str) -> Result<Url, Invalid> {
    if host.is_empty() {
        return Err(Invalid::Target("there is no host"));
    }
    let seen: Host = host.parse().map_err(endpoint)?;
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    // The number form is the socket layer's own (host byte order); a name goes in as it is.
    let name = match &seen {
        Host::Name(name) => name.ascii().to_owned(),
        Host::Ipv6(_, Some(_)) => return Err(Invalid::Target("a URL has no place for an IPv6 zone")),
        other => other.bracketed().to_string(),
    };
    let url = Url::parse(&format!("{}://{name}{port}{path}", scheme.as_str()))
        .map_err(|_| Invalid::Target("not a URL"))?;
    let again = url.host_str().and_then(|host| host.parse::<Host>().ok());
    if again.is_none_or(|again| again.ascii() != seen.ascii()) {
        return Err(Invalid::Target("the host is not plain"));
    }
    Ok(url)
}

/// `unix:/socket` or `unix:/socket:/path`: the host is then `localhost`.
fn unix(scheme: Scheme, rest: &str) -> Result<Target, Invalid> {
    let (socket, path) = match rest.find(":/").and_then(|at| rest.split_at_checked(at)) {
        Some((socket, path)) => (socket, path.strip_prefix(':').unwrap_or(path)),
        None => (rest, "/"),
    };
    let through: Endpoint = format!("unix:{socket}").parse().map_err(endpoint)?;
    Ok(Target {
        url: build(scheme, "localhost", None, path)?,
        through: Some(through),
        user: None,
        password: None,
    })
}

/// Percent-decodes a user name or password. CR, LF and NUL are refused where credentials are made of it.
fn decoded(text: &str) -> Result<String, Invalid> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit =
            |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        bytes.push(match byte {
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(Invalid::Target("% is followed by two hexadecimal digits")),
            },
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| Invalid::Target("a user name is UTF-8"))
}

fn endpoint(why: netkit_socket::NetError) -> Invalid {
    Invalid::Endpoint(why.to_string())
}
