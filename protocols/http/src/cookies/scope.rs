//! Where a cookie belongs: hosts, paths, and what counts as secret (RFC 6265 sections 5.1.2 to 5.1.4).

use url::{Host, Url};

use super::Cookie;
use crate::origin::Origin;

/// A place that sets cookies, or to which they go.
pub(super) struct Scope {
    /// As DNS has it: lower case, ASCII, no dot at its end.
    pub(super) host: String,
    pub(super) is_ip: bool,
    /// TLS, or this machine itself.
    pub(super) is_secure: bool,
    pub(super) path: String,
}

impl Scope {
    pub(super) fn of(url: &Url) -> Option<Scope> {
        let origin = Origin::of(url).ok()?;
        let (host, is_ip) = match url.host()? {
            Host::Domain(name) => (canonical(name)?, false),
            other => (other.to_string(), true),
        };
        Some(Scope { host, is_ip, is_secure: origin.is_confidential(), path: url.path().to_owned() })
    }

    /// The path of a cookie that says none: up to the last slash, without it (RFC 6265 section 5.1.4).
    pub(super) fn default_path(&self) -> &str {
        match self.path.rfind('/') {
            None | Some(0) => "/",
            Some(at) => self.path.get(..at).unwrap_or("/"),
        }
    }

    /// Whether a cookie goes there.
    pub(super) fn takes(&self, cookie: &Cookie) -> bool {
        let host = match cookie.host_only || self.is_ip {
            true => self.host == cookie.domain,
            false => domain_matches(&self.host, &cookie.domain),
        };
        host && path_matches(&self.path, &cookie.path) && (!cookie.secure || self.is_secure)
    }
}

/// The one form of a host name: IDNA in ASCII, lower case, without the dot of the root.
pub(super) fn canonical(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    match Host::parse(name).ok()? {
        Host::Domain(name) if !name.is_empty() && !name.ends_with('.') => Some(name),
        Host::Domain(_) => None,
        address => Some(address.to_string()),
    }
}

/// Whether `host` is `domain` or lies below it. For names only: an address has nothing below it.
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether `path` is `prefix` or lies below it.
pub(super) fn path_matches(path: &str, prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

/// Whether everybody may register names below it. Of a list we do not know, the last label is one.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    psl::suffix_str(domain).is_none_or(|suffix| suffix == domain)
}
