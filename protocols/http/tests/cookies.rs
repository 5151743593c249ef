//! Cookies by the examples of RFC 6265, by the rules of 6265bis, and against hostile servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_http::{CookieJar, CookieRefused, SameSite};
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// 2021-01-01.
const NOW: u64 = 1_609_459_200;

/// A jar that took `cookies` from `from`.
fn jar(from: &str, cookies: &[&str]) -> CookieJar {
    let mut jar = CookieJar::new();
    for cookie in cookies {
        jar.store(&url(from), cookie.as_bytes(), at(NOW)).unwrap_or_else(|why| panic!("{cookie}: {why}"));
    }
    jar
}

fn sent(jar: &CookieJar, to: &str) -> String {
    let header = jar.header(&url(to), at(NOW));
    header.map(|value| value.expose_str().unwrap().to_owned()).unwrap_or_default()
}

fn refused(from: &str, cookie: &str) -> CookieRefused {
    let why = CookieJar::new().store(&url(from), cookie.as_bytes(), at(NOW));
    why.expect_err(cookie)
}

/// RFC 6265 section 3.1, all of it in its order.
#[test]
fn section_3_1() {
    let mut jar = jar("https://www.example.com/a/b", &["SID=31d4d96e407aad42"]);
    assert_eq!(sent(&jar, "https://www.example.com/a/x"), "SID=31d4d96e407aad42");
    let mut take =
        |cookie: &str| jar.store(&url("https://www.example.com/"), cookie.as_bytes(), at(NOW)).unwrap();
    take("SID=31d4d96e407aad42; Path=/; Domain=example.com");
    take("SID=31d4d96e407aad42; Path=/; Secure; HttpOnly");
    take("lang=en-US; Path=/; Domain=example.com");
    take("lang=en-US; Expires=Wed, 09 Jun 2021 10:18:14 GMT");
    assert_eq!(sent(&jar, "https://site.example.com/"), "SID=31d4d96e407aad42; lang=en-US");
    jar.store(&url("https://www.example.com/"), b"lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT", at(NOW))
        .unwrap();
    assert_eq!(jar.iter().filter(|cookie| cookie.name == "lang").count(), 1, "only the domain's is left");
}

/// RFC 6265 section 5.1.1: what is a date, and when.
#[test]
fn dates() {
    let end = |date: &str| {
        let jar = jar("https://a.example/", &[&format!("a=1; Expires={date}")]);
        jar.iter().next().map(|cookie| cookie.expires)
    };
    let summer = Some(Some(at(1_623_233_894)));
    for date in [
        "Wed, 09 Jun 2021 10:18:14 GMT",
        "Wed, 09-Jun-21 10:18:14 GMT",
        "Jun 9 10:18:14 2021",
        "10:18:14 9 june 2021",
        "9x Junk 2021z 10:18:14zone",
    ] {
        assert_eq!(end(date), summer, "{date}");
    }
    for date in [
        "",
        "Wed, 09 Jun 2021",
        "Wed, 32 Jun 2021 10:18:14",
        "09 Jun 2021 24:18:14",
        "30 Feb 2021 1:1:1",
        "99999",
    ] {
        assert_eq!(end(date), Some(None), "{date}: a session cookie");
    }
    assert_eq!(end("Sun, 06 Nov 1994 08:49:37 GMT"), None, "over already");
    let far = end("Fri, 31 Dec 9999 23:59:59 GMT").unwrap().unwrap();
    assert_eq!(far, at(NOW + 400 * 86_400), "400 days at most");
    let age = |text: &str| {
        let jar = jar(
            "https://a.example/",
            &[&format!("a=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Max-Age={text}")],
        );
        jar.iter().next().map(|cookie| cookie.expires.unwrap())
    };
    assert_eq!(age("60"), Some(at(NOW + 60)));
    assert_eq!(age("0"), None);
    assert_eq!(age("-5"), None);
    assert_eq!(age("99999999999999999999"), Some(at(NOW + 400 * 86_400)));
    assert_eq!(age("6x"), Some(at(1_623_233_894)), "no number is no Max-Age");
}

/// RFC 6265 sections 5.1.3 and 5.3: whose cookie it is.
#[test]
fn domains() {
    let wide = jar("https://www.example.co.uk/", &["a=1; Domain=.Example.CO.uk"]);
    for (host, goes) in [
        ("example.co.uk", true),
        ("EXAMPLE.co.uk.", true),
        ("deep.www.example.co.uk", true),
        ("badexample.co.uk", false),
        ("example.co.uk.evil.example", false),
        ("co.uk", false),
    ] {
        assert_eq!(!sent(&wide, &format!("https://{host}/")).is_empty(), goes, "{host}");
    }
    let own = jar("https://example.org/", &["a=1"]);
    assert_eq!(sent(&own, "https://www.example.org/"), "", "a cookie of the host alone");
    for (from, domain, why) in [
        ("https://www.example.com/", "com", CookieRefused::PublicSuffix),
        ("https://www.example.com/", "com.", CookieRefused::PublicSuffix),
        ("https://www.example.co.uk/", ".CO.UK", CookieRefused::PublicSuffix),
        ("https://me.github.io/", "github.io", CookieRefused::PublicSuffix),
        ("https://www.unknown-suffix/", "unknown-suffix", CookieRefused::PublicSuffix),
        ("https://www.example.com/", "other.example.com", CookieRefused::Domain),
        ("https://www.example.com/", "ample.com", CookieRefused::Domain),
        ("https://www.example.com/", "example.com..", CookieRefused::Domain),
        ("https://www.example.com/", "a b", CookieRefused::Domain),
        ("https://127.0.0.1/", "0.0.1", CookieRefused::Domain),
        ("https://127.0.0.1/", "1", CookieRefused::Domain),
        ("https://[::1]/", "::1", CookieRefused::Domain),
    ] {
        assert_eq!(refused(from, &format!("a=1; Domain={domain}")), why, "{from} {domain}");
    }
    let suffix = jar("https://github.io/", &["a=1; Domain=github.io"]);
    assert_eq!(sent(&suffix, "https://github.io/"), "a=1");
    assert_eq!(sent(&suffix, "https://me.github.io/"), "", "the suffix speaks for itself alone");
    let ip = jar("https://127.0.0.1/", &["a=1; Domain=127.0.0.1"]);
    assert_eq!(sent(&ip, "https://127.0.0.1:8080/"), "a=1", "ports do not count (RFC 6265 8.5)");
    let idn = jar("https://www.b\u{fc}cher.example/", &["a=1; Domain=B\u{dc}CHER.example"]);
    assert_eq!(sent(&idn, "https://xn--bcher-kva.example/"), "a=1");
    // A Cyrillic a: another name, and so it stays.
    assert_eq!(refused("https://paypal.example/", "a=1; Domain=p\u{430}ypal.example"), CookieRefused::Domain);
}

#[test]
fn paths() {
    let jar =
        jar("https://a.example/dir/page?q", &["d=1", "r=2; Path=/", "l=3; Path=/dir/x", "bad=4; Path=x"]);
    assert_eq!(
        sent(&jar, "https://a.example/dir/x/y"),
        "l=3; d=1; bad=4; r=2",
        "long paths first, then by age"
    );
    assert_eq!(sent(&jar, "https://a.example/directory"), "r=2");
    assert_eq!(sent(&jar, "https://a.example/dir"), "d=1; bad=4; r=2");
}

#[test]
fn secure_and_prefixes() {
    let jar = jar(
        "https://a.example/",
        &["s=1; Secure", "p=2", "__Host-h=3; Secure; Path=/", "n=4; SameSite=None; Secure"],
    );
    assert_eq!(sent(&jar, "http://a.example/"), "p=2");
    assert_eq!(jar.iter().last().unwrap().same_site, Some(SameSite::None));
    let mut jar = jar;
    let clear = jar.store(&url("http://a.example/"), b"s=evil", at(NOW));
    assert_eq!(clear, Err(CookieRefused::Insecure), "a secure cookie is not hidden");
    assert_eq!(refused("http://a.example/", "s=1; Secure"), CookieRefused::Insecure);
    for cookie in [
        "__Secure-a=1",
        "__secure-a=1",
        "__Host-a=1; Secure; Path=/x",
        "__Host-a=1; Secure; Path=/; Domain=a.example",
        "__HOST-a=1; Path=/",
    ] {
        let host = "https://www.a.example/";
        assert_eq!(refused(host, cookie), CookieRefused::Prefix, "{cookie}");
    }
    assert_eq!(refused("https://a.example/", "a=1; SameSite=None"), CookieRefused::SameSite);
    assert!(
        CookieJar::new().store(&url("http://127.0.0.1/"), b"s=1; Secure", at(NOW)).is_ok(),
        "this machine"
    );
}

#[test]
fn malformed_and_without_end() {
    for cookie in ["", "=", "=value", "name", "a=1\r\nX: y", "a=1\0", "a=\t1", "; Path=/"] {
        assert_eq!(refused("https://a.example/", cookie), CookieRefused::Malformed, "{cookie:?}");
    }
    let long = format!("a={}", "x".repeat(4096));
    assert_eq!(refused("https://a.example/", &long), CookieRefused::TooLarge);
    let attribute = format!("a=1; Path=/{}", "x".repeat(2000));
    assert_eq!(sent(&jar("https://a.example/", &[&attribute]), "https://a.example/"), "a=1");
    let mut jar = jar("https://a.example/", &["kept=1; Secure"]);
    for i in 0..200 {
        jar.store(&url("https://a.example/"), format!("c{i}={}", "y".repeat(100)).as_bytes(), at(NOW))
            .unwrap();
    }
    assert_eq!(jar.iter().count(), 50);
    assert!(sent(&jar, "https://a.example/").starts_with("kept=1; "), "secure ones go last");
    assert!(sent(&jar, "https://a.example/").len() <= 8190);
    for i in 0..4000 {
        jar.store(&url(&format!("https://h{i}.example/")), b"a=1", at(NOW)).unwrap();
    }
    assert_eq!(jar.iter().count(), 3000);
    assert!(!format!("{jar:?}").contains("yyy"), "no value is shown");
}

#[test]
fn netscape_files_both_ways() {
    let first = jar(
        "https://www.example.org/",
        &["sid=31d4; Domain=example.org; Path=/; Max-Age=60; Secure; HttpOnly", "lang=en"],
    );
    let text = String::from_utf8(first.to_netscape(at(NOW))).unwrap();
    assert_eq!(
        text,
        format!(
            "# Netscape HTTP Cookie File\n\n#HttpOnly_.example.org\tTRUE\t/\tTRUE\t{}\tsid\t31d4\n\
             www.example.org\tFALSE\t/\tFALSE\t0\tlang\ten\n",
            NOW + 60
        )
    );
    let mut second = CookieJar::new();
    assert_eq!(second.read_netscape(text.replace('\n', "\r\n").as_bytes(), at(NOW)), 0);
    assert_eq!(second.to_netscape(at(NOW)), text.as_bytes());
    assert!(!String::from_utf8(second.to_netscape(at(NOW + 61))).unwrap().contains("sid"));
    second.end_session();
    assert_eq!(second.iter().map(|cookie| cookie.name.as_str()).collect::<Vec<_>>(), ["sid"]);
    let broken = "x\n.com\tTRUE\t/\tFALSE\t0\ta\tb\na\tMAYBE\t/\tFALSE\t0\ta\tb\na\tFALSE\tx\tFALSE\t0\ta\tb\n\
                  a\tFALSE\t/\tFALSE\tx\ta\tb\na\tFALSE\t/\tFALSE\t0\t__Host-a\tb\na\tFALSE\t/\tFALSE\t0\t\tb\n\
                  a\tFALSE\t/\tFALSE\t0\ta\tb;c\n";
    let mut jar = CookieJar::new();
    assert_eq!(jar.read_netscape(broken.as_bytes(), at(NOW)), 8);
    assert_eq!(jar.iter().count(), 0);
}

#[test]
fn files_are_for_their_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jar");
    assert_eq!(CookieJar::load(&path, at(NOW)).unwrap().iter().count(), 0, "no file is an empty jar");
    let jar = jar("https://a.example/", &["a=1"]);
    jar.save(&path, at(NOW)).unwrap();
    jar.save(&path, at(NOW)).unwrap();
    assert_eq!(sent(&CookieJar::load(&path, at(NOW)).unwrap(), "https://a.example/"), "a=1");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    assert!(jar.save(&folder.path().join("no/such/folder"), at(NOW)).is_err());
}

proptest::proptest! {
    /// Whatever a server sends: no panic, and nothing in the field that could end it.
    #[test]
    fn any_bytes(cookies in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..60), 0..8)) {
        let mut jar = CookieJar::new();
        for cookie in &cookies {
            let _ = jar.store(&url("https://www.example.org/a/b"), cookie, at(NOW));
            let named = [b"n=", cookie.as_slice()].concat();
            let _ = jar.store(&url("https://www.example.org/a/b"), &named, at(NOW));
        }
        if let Some(field) = jar.header(&url("https://www.example.org/a/b"), at(NOW)) {
            assert!(!field.expose().iter().any(u8::is_ascii_control));
        }
        let file = jar.to_netscape(at(NOW));
        let mut again = CookieJar::new();
        assert_eq!(again.read_netscape(&file, at(NOW)), 0);
        assert_eq!(again.to_netscape(at(NOW)), file);
        again.read_netscape(&cookies.concat(), at(NOW));
    }

    /// Attributes that look like the real ones, in any mixture.
    #[test]
    fn any_attributes(text in "a=1(; ?(Domain|Path|Expires|Max-Age|Secure|SameSite|x)(=[-.:/a-zA-Z0-9 ]{0,30})?){0,6}") {
        let mut jar = CookieJar::new();
        if jar.store(&url("https://www.example.org/"), text.as_bytes(), at(NOW)).is_ok() {
            for cookie in jar.iter() {
                assert!(cookie.expires.is_none_or(|end| end <= at(NOW + 400 * 86_400)), "{text}");
                assert!(matches!(cookie.domain.as_str(), "www.example.org" | "example.org"), "{text}");
            }
        }
    }
}
