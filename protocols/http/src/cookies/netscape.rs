//! Netscape's cookie file, as curl, wget and browsers' exports have it: a line for each cookie, seven fields between
//! tabs. There is no specification; this is what curl writes.
//!
//! ```text
//! domain  subdomains  path  secure  expires  name  value
//! .example.org  TRUE  /  TRUE  1893456000  sid  31d4
//! #HttpOnly_example.org  FALSE  /  FALSE  0  lang  en
//! ```
//!
//! `expires` is in seconds since 1970, and 0 where the cookie ends with the session. A line that cannot be is passed
//! over; so is one whose cookie no server could have set there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_auth::Secret;

use super::scope::{canonical, is_public_suffix};
use super::{Cookie, CookieJar};

const HTTP_ONLY: &str = "#HttpOnly_";

impl CookieJar {
    /// Takes in what a cookie file says; cookies whose time is over are left out. Returns how many lines were passed
    /// over because they are no cookies.
    pub fn read_netscape(&mut self, text: &[u8], now: SystemTime) -> usize {
        let mut passed = 0;
        for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let comment = line.starts_with(b"#") && !line.starts_with(HTTP_ONLY.as_bytes());
            if line.is_empty() || comment {
                continue;
            }
            match cookie(line) {
                Some(cookie) => self.put(cookie, now),
                None => passed += 1,
            }
        }
        passed
    }

    /// The jar as a cookie file, without the cookies whose time is over.
    pub fn to_netscape(&self, now: SystemTime) -> Vec<u8> {
        let mut out = b"# Netscape HTTP Cookie File\n\n".to_vec();
        for cookie in self.iter().filter(|cookie| !cookie.is_over(now)) {
            let said = |yes| if yes { "TRUE" } else { "FALSE" };
            let http_only = if cookie.http_only { HTTP_ONLY } else { "" };
            let dot = if cookie.host_only { "" } else { "." };
            let since = cookie.expires.and_then(|end| end.duration_since(UNIX_EPOCH).ok());
            let line = format!(
                "{http_only}{dot}{}\t{}\t{}\t{}\t{}\t{}\t",
                cookie.domain,
                said(!cookie.host_only),
                cookie.path,
                said(cookie.secure),
                since.map_or(0, |since| since.as_secs().max(1)),
                cookie.name,
            );
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(cookie.value.expose());
            out.push(b'\n');
        }
        out
    }
}

fn cookie(line: &[u8]) -> Option<Cookie> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
    // A cookie without a value has no seventh field in old files.
    let (head, value) = match fields.as_slice() {
        [head @ .., value] if head.len() == 6 => (head, *value),
        head if head.len() == 6 => (head, &b""[..]),
        _ => return None,
    };
    let head: Vec<&str> = head.iter().map(|field| std::str::from_utf8(field).ok()).collect::<Option<_>>()?;
    let [domain, subdomains, path, secure, expires, name] = head.as_slice() else { return None };
    let http_only = domain.strip_prefix(HTTP_ONLY);
    let domain = http_only.unwrap_or(domain);
    let canonical = canonical(domain.strip_prefix('.').unwrap_or(domain))?;
    let truth = |text: &str| match text {
        _ if text.eq_ignore_ascii_case("TRUE") => Some(true),
        _ if text.eq_ignore_ascii_case("FALSE") => Some(false),
        _ => None,
    };
    let is_ip = canonical.parse::<std::net::IpAddr>().is_ok() || canonical.starts_with('[');
    let host_only = !truth(subdomains)? || is_ip;
    let expires = match expires.parse::<u64>().ok()? {
        0 => None,
        since => Some(UNIX_EPOCH.checked_add(Duration::from_secs(since))?),
    };
    let plain = !name.is_empty()
        && path.starts_with('/')
        && !value.iter().chain(name.as_bytes()).any(|byte| byte.is_ascii_control() || *byte == b';')
        && name.len() + value.len() <= 4096;
    if !plain || (!host_only && is_public_suffix(&canonical)) {
        return None;
    }
    let cookie = Cookie {
        name: (*name).to_owned(),
        value: Secret::from(value),
        domain: canonical,
        host_only,
        path: (*path).to_owned(),
        expires,
        secure: truth(secure)?,
        http_only: http_only.is_some(),
        same_site: None,
    };
    cookie.keeps_promise().then_some(cookie)
}
