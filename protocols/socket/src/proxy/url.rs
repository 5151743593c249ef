//! A proxy's URL: `[scheme://][user[:password]@]host[:port][/]`.

use std::str::FromStr;

use zeroize::Zeroizing;

use super::login::Login;
use super::{Proxy, ProxyKind};
use crate::error::{NetError, What};
use crate::host::Host;
use crate::port::Port;

/// RFC 1929 has one byte for each length; no proxy needs more.
const LONGEST: usize = 255;

impl FromStr for Proxy {
    type Err = NetError;

    /// Without a scheme it is an HTTP proxy, as in curl. User and password are percent-decoded; control characters in them
    /// are refused, and so is what the scheme cannot carry. The error shows no login.
    fn from_str(text: &str) -> Result<Proxy, NetError> {
        parse(text).map_err(|why| NetError::invalid(What::Proxy, &redacted(text), why))
    }
}

fn parse(text: &str) -> Result<Proxy, &'static str> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let kind = ProxyKind::ALL
        .into_iter()
        .find(|kind| kind.as_str().eq_ignore_ascii_case(scheme))
        .ok_or("a proxy is http, https, socks4, socks4a, socks5 or socks5h")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if !matches!(path, "" | "/") {
        return Err("nothing may follow a proxy's port (in a password, / ? # are written %2F %3F %23)");
    }
    let (userinfo, place) = match authority.rsplit_once('@') {
        Some((userinfo, place)) => (Some(userinfo), place),
        None => (None, authority),
    };
    let (host, port) = place_of(place, kind)?;
    let login = userinfo.filter(|text| !text.is_empty()).map(|text| login(text, kind)).transpose()?;
    Ok(Proxy { kind, host, port, login })
}

fn place_of(place: &str, kind: ProxyKind) -> Result<(Host, u16), &'static str> {
    let (host, port) = match place.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((v6, "")) => (v6, None),
        Some((v6, rest)) => (v6, Some(rest.strip_prefix(':').ok_or("behind ] stands :PORT or nothing")?)),
        None => match place.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err("an IPv6 address stands in brackets"),
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let host = match host.parse::<Host>() {
        Ok(Host::Any | Host::Broadcast) => return Err("a proxy has a host"),
        Ok(host) => host,
        Err(_) => return Err("its host is malformed"),
    };
    let port = match port {
        None | Some("") => kind.default_port(),
        Some(port) => {
            let number = port.parse::<Port>().and_then(|port| port.resolve()).ok();
            number.filter(|port| *port != 0).ok_or("its port is malformed")?
        }
    };
    Ok((host, port))
}

fn login(userinfo: &str, kind: ProxyKind) -> Result<Login, &'static str> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let (user, password) = (decoded(user)?, decoded(password)?);
    if user.len() > LONGEST || password.len() > LONGEST {
        return Err("a user name or password has at most 255 bytes");
    }
    match kind {
        // RFC 7617 section 2: the first colon ends the name.
        ProxyKind::Http | ProxyKind::Https if user.contains(':') => {
            Err("HTTP's Basic login has no colon in the user name")
        }
        ProxyKind::Socks4 | ProxyKind::Socks4a if !password.is_empty() => {
            Err("SOCKS4 has no passwords; SOCKS5 has")
        }
        // RFC 1929 section 2: ULEN is 1 to 255.
        ProxyKind::Socks5 | ProxyKind::Socks5h if user.is_empty() => Err("a SOCKS5 login has a user name"),
        _ => Ok(Login { user, password }),
    }
}

/// RFC 3986 section 2.1, to UTF-8 without control characters.
fn decoded(text: &str) -> Result<Zeroizing<String>, &'static str> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        bytes.push(match byte {
            b'%' => digit()
                .zip(digit())
                .and_then(|(high, low)| u8::try_from(high << 4 | low).ok())
                .ok_or("% in a login is followed by two hexadecimal digits")?,
            plain => plain,
        });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "a login is UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("a login has no control characters");
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// The text without what may be a login: whatever stands before its last `@`.
fn redacted(text: &str) -> String {
    let Some((before, place)) = text.rsplit_once('@') else { return text.to_owned() };
    let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
    if scheme.is_empty() || scheme.contains('@') || scheme.contains(':') {
        format!("***@{place}")
    } else {
        format!("{scheme}://***@{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Proxy {
        text.parse().unwrap()
    }

    #[test]
    fn every_scheme_has_its_port() {
        for (text, shown) in [
            ("proxy.example", "http://proxy.example:80"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("http://proxy.example/", "http://proxy.example:80"),
            ("HTTPS://proxy.example", "https://proxy.example:443"),
            ("socks4://127.0.0.1", "socks4://127.0.0.1:1080"),
            ("socks4a://127.0.0.1:9050", "socks4a://127.0.0.1:9050"),
            ("socks5://[::1]", "socks5://[::1]:1080"),
            ("socks5h://[::1]:9", "socks5h://[::1]:9"),
            ("http://proxy.example:", "http://proxy.example:80"),
            ("http://@proxy.example:8080", "http://proxy.example:8080"),
        ] {
            assert_eq!(proxy(text).to_string(), shown, "{text}");
            assert!(!proxy(text).has_login());
        }
    }

    #[test]
    fn logins_are_decoded_and_never_shown() {
        let proxy = proxy("http://ada:p%40ss%25w%2Frd%231@proxy.example");
        let login = proxy.login.as_ref().unwrap();
        assert_eq!((&**login.user, &**login.password), ("ada", "p@ss%w/rd#1"));
        assert_eq!(proxy.authorization().unwrap(), b"Basic YWRhOnBAc3Mldy9yZCMx");
        assert_eq!(format!("{proxy} {proxy:?}"), "http://proxy.example:80 http://***@proxy.example:80");
        // An @ that was not encoded belongs to the password, as in curl.
        let odd = parse("socks5://ada:a@b:c@proxy.example").ok().unwrap();
        assert_eq!(&**odd.login.as_ref().unwrap().password, "a@b:c");
        assert!(odd.authorization().is_none(), "SOCKS has no header");
    }

    #[test]
    fn what_cannot_be_a_proxy_is_refused_without_its_login() {
        for text in [
            "",
            "http://",
            "ftp://proxy.example",
            "socks://proxy.example",
            "http://proxy.example/path",
            "http://proxy.example?x",
            "http://::1",
            "http://[::1",
            "http://[::1]x",
            "http://proxy.example:0",
            "http://proxy.example:65536",
            "http://proxy.example:no-such-service",
            "http://a b",
            "http://pro\r\nxy",
            "http://<broadcast>",
        ] {
            assert!(
                matches!(text.parse::<Proxy>(), Err(NetError::Invalid { what: What::Proxy, .. })),
                "{text:?}"
            );
        }
        for login in [
            "ada:hunter2%0d%0aX: y",
            "ada:hunter2%0A",
            "ada:hunter2%00",
            "ada:hunter2%",
            "ada:hunter2%4",
            "ada:hunter2%zz",
            "ada:hunter2%ff",
            "ad%3Aa:hunter2",
            "ada:hunter2/",
            &format!("ada:hunter2{}", "x".repeat(250)),
        ] {
            let error = format!("http://{login}@proxy.example").parse::<Proxy>().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2") && shown.contains("***@proxy.example"), "{shown}");
        }
        assert!("socks4://ada:secret@proxy.example".parse::<Proxy>().is_err());
        assert!("socks4://ada@proxy.example".parse::<Proxy>().is_ok());
        assert!("socks5://:secret@proxy.example".parse::<Proxy>().is_err());
    }
}
