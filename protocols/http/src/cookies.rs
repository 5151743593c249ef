//! Cookies (RFC 6265, and the rules that RFC 6265bis added): which are kept, and which go where.
//!
//! | a server sends | answer |
//! |---|---|
//! | `Domain` of another host | refused |
//! | `Domain` of a public suffix: `com`, `co.uk`, `github.io` | refused; for that very host a cookie of the host alone |
//! | `Domain` with a leading dot, another case, a dot at its end, letters past ASCII | compared in the one form that DNS has |
//! | `Domain` where the host is an IP address | refused, unless it is that address: a cookie of the host alone |
//! | `Secure` over http | refused; over loopback it is taken, as browsers do |
//! | a cookie over http that would hide a `Secure` one | refused |
//! | `__Secure-` without `Secure`; `__Host-` without it, with `Domain`, or with another path than `/` | refused, in any case of the prefix |
//! | `SameSite=None` without `Secure` | refused |
//! | a control character, a tab, no `=`, no name | refused |
//! | name and value past 4 KiB | refused; an attribute past 1 KiB is passed over |
//! | a lifetime past 400 days | cut to that |
//! | more than 50 cookies for a domain, 3000 in all | the oldest are forgotten, those without `Secure` first |
//!
//! `SameSite` is kept and not acted upon: every request here is the user's own, and none is made by another site's page.
//! A value is a [`Secret`]: no log shows it, and it goes only where the rules send it.

mod cookie;
mod date;
mod netscape;
mod scope;

use std::io;
use std::path::Path;
use std::time::SystemTime;

use netkit_auth::Secret;
use url::Url;

pub use cookie::{Cookie, CookieRefused, SameSite};
use scope::{Scope, domain_matches, path_matches};

use crate::private_file;

/// How many cookies one domain may have.
const OF_A_DOMAIN: usize = 50;
/// How many there may be.
const IN_ALL: usize = 3000;
/// How many go along with one request, and how long the field may be: servers refuse longer ones.
const SENT: usize = 150;
const SENT_BYTES: usize = 8190;

/// The cookies of one user, or of one session.
#[derive(Clone, Debug, Default)]
pub struct CookieJar {
    /// The oldest first.
    cookies: Vec<Cookie>,
}

impl CookieJar {
    /// An empty jar.
    #[must_use]
    pub fn new() -> CookieJar {
        CookieJar::default()
    }

    /// The jar in a file of Netscape's format; an empty one where there is no file.
    ///
    /// # Errors
    /// Why the file cannot be read, or that it is larger than 16 MiB.
    pub fn load(path: &Path, now: SystemTime) -> io::Result<CookieJar> {
        let mut jar = CookieJar::new();
        jar.read_netscape(&private_file::read(path)?, now);
        Ok(jar)
    }

    /// Writes the jar to a file that only its owner may read, which replaces the old one when it is whole.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn save(&self, path: &Path, now: SystemTime) -> io::Result<()> {
        private_file::replace(path, &self.to_netscape(now))
    }

    /// Takes in one `Set-Cookie` of an answer from `url`.
    ///
    /// # Errors
    /// [`CookieRefused`] says which rule it broke.
    pub fn store(&mut self, url: &Url, set_cookie: &[u8], now: SystemTime) -> Result<(), CookieRefused> {
        let scope = Scope::of(url).ok_or(CookieRefused::Domain)?;
        let cookie = Cookie::parse(&scope, set_cookie, now)?;
        let hidden = |old: &Cookie| {
            old.secure
                && old.name == cookie.name
                && (domain_matches(&old.domain, &cookie.domain)
                    || domain_matches(&cookie.domain, &old.domain))
                && path_matches(&cookie.path, &old.path)
        };
        if !scope.is_secure && self.cookies.iter().any(hidden) {
            return Err(CookieRefused::Insecure);
        }
        self.put(cookie, now);
        Ok(())
    }

    /// The value of `Cookie` for a request of `url`, if any cookie goes there: long paths first, then the oldest
    /// (RFC 6265 section 5.4).
    pub fn header(&self, url: &Url, now: SystemTime) -> Option<Secret> {
        let scope = Scope::of(url)?;
        let mut sent: Vec<&Cookie> =
            self.cookies.iter().filter(|cookie| !cookie.is_over(now) && scope.takes(cookie)).collect();
        // The sort is stable, and the jar is in the order of age.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut length = 0;
        for cookie in sent.into_iter().take(SENT) {
            length += cookie.name.len() + cookie.value.len() + 3;
            if length > SENT_BYTES {
                break;
            }
            let lead: &[u8] = if parts.is_empty() { b"" } else { b"; " };
            parts.extend([lead, cookie.name.as_bytes(), b"=", cookie.value.expose()]);
        }
        (!parts.is_empty()).then(|| Secret::concat(&parts))
    }

    /// The cookies, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter()
    }

    /// Forgets the cookies that have no lifetime (RFC 6265 section 5.3: "when the session is over").
    pub fn end_session(&mut self) {
        self.cookies.retain(|cookie| cookie.expires.is_some());
    }

    /// Adds a cookie in the place of the one with its name, domain and path; one whose time is over only removes that.
    fn put(&mut self, cookie: Cookie, now: SystemTime) {
        let same = |old: &Cookie| {
            (&old.name, &old.domain, old.host_only, &old.path)
                == (&cookie.name, &cookie.domain, cookie.host_only, &cookie.path)
        };
        let at = self.cookies.iter().position(same);
        match (at.and_then(|at| self.cookies.get_mut(at)), at) {
            // It keeps its place, and so its age.
            (Some(old), _) if !cookie.is_over(now) => *old = cookie,
            (Some(_), Some(at)) => drop(self.cookies.remove(at)),
            _ if !cookie.is_over(now) => {
                let domain = cookie.domain.clone();
                self.cookies.push(cookie);
                self.make_room(&domain, now);
            }
            _ => {}
        }
    }

    fn make_room(&mut self, domain: &str, now: SystemTime) {
        let of_domain = self.cookies.iter().filter(|cookie| cookie.domain == domain).count();
        if of_domain <= OF_A_DOMAIN && self.cookies.len() <= IN_ALL {
            return;
        }
        self.cookies.retain(|cookie| !cookie.is_over(now));
        self.forget(OF_A_DOMAIN, |cookie| cookie.domain == domain);
        self.forget(IN_ALL, |_| true);
    }

    /// Forgets one of those that `counts` names, if they are more than `most`.
    fn forget(&mut self, most: usize, counts: impl Fn(&Cookie) -> bool) {
        if self.cookies.iter().filter(|cookie| counts(cookie)).count() <= most {
            return;
        }
        let plain = self.cookies.iter().position(|cookie| counts(cookie) && !cookie.secure);
        if let Some(at) = plain.or_else(|| self.cookies.iter().position(&counts)) {
            self.cookies.remove(at);
        }
    }
}
