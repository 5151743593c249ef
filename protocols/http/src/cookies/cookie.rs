//! One cookie, and `Set-Cookie` (RFC 6265 sections 5.2 and 5.3).
//!
//! ```text
//! set-cookie-string = cookie-name "=" cookie-value *( ";" SP cookie-av )      RFC 6265 4.1.1
//! ```

use std::time::{Duration, SystemTime};

use netkit_auth::Secret;

use super::date;
use super::scope::{Scope, canonical, domain_matches, is_public_suffix};

/// The longest name and value together.
const LONGEST: usize = 4096;
/// The longest attribute that is looked at.
const LONGEST_ATTRIBUTE: usize = 1024;
/// The longest lifetime.
const FOUR_HUNDRED_DAYS: Duration = Duration::from_secs(400 * 86_400);

/// A cookie as it is kept. `Debug` does not show its value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
    /// The host, in lower case and ASCII.
    pub domain: String,
    /// Whether hosts below it do not get the cookie.
    pub host_only: bool,
    /// The path below which it is sent.
    pub path: String,
    /// When it ends; `None` with the session.
    pub expires: Option<SystemTime>,
    /// Whether it goes only through TLS, or to this machine.
    pub secure: bool,
    /// Whether scripts of a page may not see it.
    pub http_only: bool,
    /// What it says of requests that other sites cause.
    pub same_site: Option<SameSite>,
}

/// Which requests of other sites a cookie goes along with (RFC 6265bis section 5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// None of them.
    Strict,
    /// Those that show a page of the cookie's own site.
    Lax,
    /// All.
    None,
}

/// Which rule a cookie broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieRefused {
    /// No name, no `=`, or a control character.
    #[error("it has no name or value, or a control character")]
    Malformed,
    /// Name and value together are longer than 4 KiB.
    #[error("it is longer than 4 KiB")]
    TooLarge,
    /// It is for another host.
    #[error("it is for another host")]
    Domain,
    /// It is for every host below a public suffix.
    #[error("it is for a public suffix")]
    PublicSuffix,
    /// It wants TLS, or would hide a cookie that does, and came in clear.
    #[error("it came in clear, and is or hides one that must not")]
    Insecure,
    /// Its name promises what its attributes do not hold.
    #[error("it does not hold what the prefix of its name promises")]
    Prefix,
    /// `SameSite=None` is for cookies that are `Secure`.
    #[error("SameSite=None without Secure")]
    SameSite,
}

impl Cookie {
    pub(super) fn parse(scope: &Scope, text: &[u8], now: SystemTime) -> Result<Cookie, CookieRefused> {
        if text.iter().any(u8::is_ascii_control) {
            return Err(CookieRefused::Malformed);
        }
        let mut parts = text.split(|byte| *byte == b';');
        let (name, value) = pair(parts.next().unwrap_or_default());
        let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty());
        let (name, value) = name.zip(value).ok_or(CookieRefused::Malformed)?;
        if name.len() + value.len() > LONGEST {
            return Err(CookieRefused::TooLarge);
        }
        let mut said = Said::default();
        for part in parts {
            let (name, value) = pair(part);
            let value = value.unwrap_or_default();
            if let (true, Ok(name), Ok(value)) =
                (value.len() <= LONGEST_ATTRIBUTE, std::str::from_utf8(name), std::str::from_utf8(value))
            {
                said.take(&name.to_ascii_lowercase(), value);
            }
        }
        let (domain, host_only) = domain(scope, said.domain)?;
        let cookie = Cookie {
            name: name.to_owned(),
            value: Secret::from(value),
            domain,
            host_only,
            path: said.path.unwrap_or_else(|| scope.default_path()).to_owned(),
            expires: expires(said.max_age, said.expires, now),
            secure: said.secure,
            http_only: said.http_only,
            same_site: said.same_site,
        };
        if cookie.secure && !scope.is_secure {
            return Err(CookieRefused::Insecure);
        }
        if cookie.same_site == Some(SameSite::None) && !cookie.secure {
            return Err(CookieRefused::SameSite);
        }
        if cookie.keeps_promise() { Ok(cookie) } else { Err(CookieRefused::Prefix) }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    /// RFC 6265bis section 4.1.3: what a name's prefix promises.
    pub(super) fn keeps_promise(&self) -> bool {
        let starts = |prefix: &str| {
            self.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        let host = !starts("__Host-") || (self.secure && self.host_only && self.path == "/");
        host && (!starts("__Secure-") || self.secure)
    }
}

/// The attributes that were said; of several of one name the last counts.
#[derive(Default)]
struct Said<'s> {
    domain: Option<&'s str>,
    path: Option<&'s str>,
    max_age: Option<i64>,
    expires: Option<i64>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
}

impl<'s> Said<'s> {
    fn take(&mut self, name: &str, value: &'s str) {
        match name {
            "domain" => self.domain = Some(value).filter(|value| !value.is_empty()),
            "path" => self.path = Some(value).filter(|path| path.starts_with('/')),
            "expires" => self.expires = date::parse(value).or(self.expires),
            "max-age" => self.max_age = seconds(value).or(self.max_age),
            "secure" => self.secure = true,
            "httponly" => self.http_only = true,
            "samesite" => {
                self.same_site = match value.to_ascii_lowercase().as_str() {
                    "strict" => Some(SameSite::Strict),
                    "lax" => Some(SameSite::Lax),
                    "none" => Some(SameSite::None),
                    _ => None,
                }
            }
            _ => {}
        }
    }
}

/// `name=value` without the spaces around both; no value where there is no `=`.
fn pair(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'=').and_then(|at| text.split_at_checked(at)) {
        Some((name, value)) => (name.trim_ascii(), Some(value.get(1..).unwrap_or_default().trim_ascii())),
        None => (text.trim_ascii(), None),
    }
}

/// `Max-Age`: digits, perhaps behind a minus; more than fit are the most that fit.
fn seconds(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(if digits.len() == text.len() { digits.parse().unwrap_or(i64::MAX) } else { -1 })
}

/// `Max-Age` goes before `Expires` (RFC 6265 section 5.3, step 3).
fn expires(max_age: Option<i64>, expires: Option<i64>, now: SystemTime) -> Option<SystemTime> {
    let end = match (max_age, expires) {
        (Some(age), _) => u64::try_from(age)
            .map_or(SystemTime::UNIX_EPOCH, |age| now + Duration::from_secs(age).min(FOUR_HUNDRED_DAYS)),
        (None, Some(at)) => {
            let since = u64::try_from(at).unwrap_or(0);
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since)).unwrap_or(SystemTime::UNIX_EPOCH)
        }
        (None, None) => return None,
    };
    Some(end.min(now + FOUR_HUNDRED_DAYS))
}

/// Whose cookie it is, and whether that host's alone (RFC 6265 section 5.3, steps 4 to 6).
fn domain(scope: &Scope, said: Option<&str>) -> Result<(String, bool), CookieRefused> {
    let own = || Ok((scope.host.clone(), true));
    let Some(said) = said else { return own() };
    let said = canonical(said.strip_prefix('.').unwrap_or(said)).ok_or(CookieRefused::Domain)?;
    if scope.is_ip {
        return if said == scope.host { own() } else { Err(CookieRefused::Domain) };
    }
    if !domain_matches(&scope.host, &said) {
        return Err(CookieRefused::Domain);
    }
    match is_public_suffix(&said) {
        true if said == scope.host => own(),
        true => Err(CookieRefused::PublicSuffix),
        false => Ok((said, false)),
    }
}
