//! Where to, how private, and as whom: URLs, and the shorter forms a person types.

use std::str::FromStr;

use netkit_auth::{Secret, UserName};
use netkit_socket::{Endpoint, Host, Port};
use percent_encoding::percent_decode;

use crate::error::{Argument, Invalid};
use crate::types::Domain;

/// How a session is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// In clear text, whatever is offered.
    Plain,
    /// STARTTLS where it is offered (RFC 7435). Then it must succeed.
    Opportunistic,
    /// STARTTLS, or no session (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314 section 3.3).
    Implicit,
}

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
}

/// Scheme, port, security.
const SCHEMES: [(&str, u16, Security); 4] = [
    ("smtp", 25, Security::Opportunistic),
    ("submission", 587, Security::Starttls),
    ("smtps", 465, Security::Implicit),
    ("submissions", 465, Security::Implicit),
];

impl Target {
    /// A server without a login.
    pub fn new(endpoint: Endpoint, security: Security) -> Target {
        Target { endpoint, security, user: None, password: None, hello: None }
    }
}

impl FromStr for Target {
    type Err = Invalid;

    /// `smtp:`, `submission:`, `smtps:` or `submissions:` URL; or `host`, `host:port`, `host:service`, `[v6]:port`,
    /// which means `smtp` unless the port is that of another of these; or `unix:/path`.
    fn from_str(text: &str) -> Result<Target, Invalid> {
        if text.starts_with("unix:") {
            let endpoint = text.parse().map_err(|_| invalid("a Unix socket has a path"))?;
            return Ok(Target::new(endpoint, Security::Plain));
        }
        // The URL standard drops line ends and tabs silently; here they are an error.
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(invalid("it has a space or control character"));
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
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
        let (default_port, security) = match &scheme {
            Some(scheme) => {
                known(|known| known.0 == scheme).ok_or(invalid("the scheme is not one of SMTP's"))?
            }
            None => known(|known| Some(known.1) == port).unwrap_or((25, Security::Opportunistic)),
        };
        let mut target = Target::new(Endpoint::new(host, port.unwrap_or(default_port)), security);
        if let Some(login) = login {
            target.set_login(login)?;
        }
        target.set_hello(path)?;
        Ok(target)
    }
}

impl Target {
    /// `user[:password]`, percent-encoded.
    fn set_login(&mut self, login: &str) -> Result<(), Invalid> {
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (login, None),
        };
        let name = String::from_utf8(decoded(user)?).map_err(|_| invalid("the user name is not UTF-8"))?;
        self.user = Some(UserName::new(name).map_err(|_| invalid("the user name has a control character"))?);
        self.password = password.map(decoded).transpose()?.map(Secret::from);
        Ok(())
    }

    fn set_hello(&mut self, path: &str) -> Result<(), Invalid> {
        let name = match path.strip_prefix('/') {
            Some(name) => name,
            None if path.is_empty() => "",
            None => return Err(invalid("it has a query or fragment, which mean nothing here")),
        };
        if !name.is_empty() {
            let name = String::from_utf8(decoded(name)?).map_err(|_| invalid("the path is not UTF-8"))?;
            self.hello =
                Some(Domain::new(&name).map_err(|_| invalid("the path is not a domain to say in EHLO"))?);
        }
        Ok(())
    }
}

fn known(is: impl Fn(&(&str, u16, Security)) -> bool) -> Option<(u16, Security)> {
    SCHEMES.into_iter().find(is).map(|(_, port, security)| (port, security))
}

const fn invalid(rule: &'static str) -> Invalid {
    Invalid::new(Argument::Target, rule)
}

/// The bytes behind percent-encoding; none that would end a line or a string.
fn decoded(text: &str) -> Result<Vec<u8>, Invalid> {
    let bytes: Vec<u8> = percent_decode(text.as_bytes()).collect();
    if bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
        return Err(invalid("it has an encoded line end or NUL"));
    }
    Ok(bytes)
}

/// The host, decoded after it was cut out, so that no encoded character can move its ends; and the port.
fn split_port(address: &str) -> Result<(Host, Option<u16>), Invalid> {
    let after_bracket = address.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match address.get(after_bracket..).and_then(|tail| tail.rfind(':')) {
        Some(at) => address.split_at_checked(after_bracket + at).unwrap_or((address, "")),
        None => (address, ""),
    };
    let host = String::from_utf8(decoded(host)?).map_err(|_| invalid("the host is not UTF-8"))?;
    if host.is_empty() {
        return Err(invalid("there is no host"));
    }
    let host = host.parse().map_err(|_| invalid("the host is not well formed"))?;
    let port = match port.strip_prefix(':') {
        None | Some("") => None,
        Some(port) => Some(number(port).ok_or(invalid("the port is no number and no known service"))?),
    };
    Ok((host, port))
}

fn number(port: &str) -> Option<u16> {
    port.parse::<Port>().ok()?.resolve().ok()
}
