//! Where to, how private, and as whom: a URL, or the shorter forms a person types, taken apart before a protocol looks at it.

use std::fmt;

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

use crate::endpoint::Endpoint;
use crate::host::Host;
use crate::port::Port;

/// How a session is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In clear text, whatever is offered.
    Plain,
    /// The protocol's own change to TLS where it is offered (RFC 7435). Then it must succeed.
    Opportunistic,
    /// The protocol's own change to TLS (STARTTLS, STLS, AUTH TLS), or no session.
    Starttls,
    /// TLS from the first byte (RFC 8314 section 3).
    Implicit,
}

/// A URL scheme of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name, in small letters.
    pub name: &'static str,
    /// The port it stands for.
    pub port: u16,
    /// How private it is.
    pub security: Security,
}

impl Scheme {
    /// A scheme by these three.
    pub const fn new(name: &'static str, port: u16, security: Security) -> Scheme {
        Scheme { name, port, security }
    }
}

/// A server, how to come in, and what stands behind it in the URL (RFC 3986 section 3).
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    /// Where.
    pub endpoint: Endpoint,
    /// How private.
    pub security: Security,
    /// The scheme that was written, or that the port stands for; none for a Unix socket.
    pub scheme: Option<&'static str>,
    /// Who logs in, decoded; no CR, LF or NUL is in it.
    pub user: Option<String>,
    /// The password, decoded. `Debug` does not show it.
    pub password: Option<Zeroizing<Vec<u8>>>,
    /// Everything behind the authority as it was written: path, query, fragment. What it means is the protocol's business;
    /// [`Location::decode`] takes the percent signs out.
    pub path: String,
}

/// Which rule a target breaks. The target itself is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLocation(pub &'static str);

impl fmt::Display for BadLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadLocation {}

impl Location {
    /// A URL of one of `schemes`; or `host`, `host:port`, `host:service`, `[v6]:port` with or without a path, which mean
    /// the first of `schemes` unless the port is that of another; or `unix:/path`.
    ///
    /// # Errors
    /// [`BadLocation`].
    pub fn parse(text: &str, schemes: &[Scheme]) -> Result<Location, BadLocation> {
        if text.starts_with("unix:") {
            let endpoint = text.parse().map_err(|_| BadLocation("a Unix socket has a path"))?;
            return Ok(Location::new(endpoint, Security::Plain));
        }
        // The URL standard drops line ends and tabs silently; here they are an error.
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(BadLocation("it has a space or control character"));
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        // RFC 3986 section 3.2: the authority ends at the first slash, question mark or hash.
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let (host, port) = split_port(address)?;
        let is = |known: &&Scheme| match scheme {
            Some(scheme) => scheme.eq_ignore_ascii_case(known.name),
            None => port == Some(known.port),
        };
        let known = schemes.iter().find(is).or_else(|| schemes.first().filter(|_| scheme.is_none()));
        let known = known.ok_or(BadLocation("the scheme is another protocol's"))?;
        let endpoint = Endpoint::new(host, port.unwrap_or(known.port));
        let plain = Location::new(endpoint, known.security);
        let mut location = Location { path: path.to_owned(), scheme: Some(known.name), ..plain };
        if let Some(login) = login {
            location.set_login(login)?;
        }
        Ok(location)
    }

    /// A server without a login and a path.
    pub fn new(endpoint: Endpoint, security: Security) -> Location {
        Location { endpoint, security, scheme: None, user: None, password: None, path: String::new() }
    }

    /// The bytes behind percent-encoding; none that would end a line or a string.
    ///
    /// # Errors
    /// [`BadLocation`] for an encoded CR, LF or NUL.
    pub fn decode(text: &str) -> Result<Vec<u8>, BadLocation> {
        let bytes: Vec<u8> = percent_decode(text.as_bytes()).collect();
        if bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(BadLocation("it has an encoded line end or NUL"));
        }
        Ok(bytes)
    }

    /// `user[:password]`, percent-encoded (RFC 3986 section 3.2.1). A `;AUTH=` of RFC 5092 and 2384 stays in the name.
    fn set_login(&mut self, login: &str) -> Result<(), BadLocation> {
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        let user = Location::decode(user)?;
        self.user = Some(String::from_utf8(user).map_err(|_| BadLocation("the user name is not UTF-8"))?);
        self.password = password.map(Location::decode).transpose()?.map(Zeroizing::new);
        Ok(())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Location")
            .field("endpoint", &self.endpoint)
            .field("security", &self.security)
            .field("scheme", &self.scheme)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("path", &self.path)
            .finish()
    }
}

/// The host, decoded after it was cut out, so that no encoded character can move its ends; and the port.
fn split_port(address: &str) -> Result<(Host, Option<u16>), BadLocation> {
    let after_bracket = address.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match address.get(after_bracket..).and_then(|tail| tail.rfind(':')) {
        Some(at) => address.split_at_checked(after_bracket + at).unwrap_or((address, "")),
        None => (address, ""),
    };
    let host =
        String::from_utf8(Location::decode(host)?).map_err(|_| BadLocation("the host is not UTF-8"))?;
    if host.is_empty() {
        return Err(BadLocation("there is no host"));
    }
    let host = host.parse().map_err(|_| BadLocation("the host is not well formed"))?;
    let port = match port.strip_prefix(':') {
        None | Some("") => None,
        Some(port) => Some(number(port).ok_or(BadLocation("the port is no number and no known service"))?),
    };
    Ok((host, port))
}

fn number(port: &str) -> Option<u16> {
    port.parse::<Port>().ok()?.resolve().ok()
}
