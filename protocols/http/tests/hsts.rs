//! Hosts that want TLS, by RFC 6797 and in curl's file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netkit_http::Hsts;
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn upgraded(hosts: &Hsts, to: &str) -> Option<String> {
    hosts.upgrade(&url(to), at(1000)).map(String::from)
}

/// RFC 6797 section 6.2, its examples.
#[test]
fn section_6_2() {
    for (value, below) in [
        ("max-age=31536000", false),
        ("max-age=15768000 ; includeSubDomains", true),
        ("max-age=\"31536000\"", false),
        ("MAX-AGE=1; INCLUDESUBDOMAINS; preload; x=\"y\"", true),
        ("; ;max-age=1;;", false),
    ] {
        let mut hosts = Hsts::new();
        assert!(hosts.store(&url("https://example.com/"), value.as_bytes(), at(1000)), "{value}");
        assert_eq!(hosts.iter().collect::<Vec<_>>(), [("example.com", below)], "{value}");
    }
    let mut hosts = Hsts::new();
    hosts.store(&url("https://example.com/"), b"max-age=9", at(1000));
    hosts.store(&url("https://example.com/"), b"max-age=0; includeSubDomains", at(1000));
    assert_eq!(hosts, Hsts::new(), "max-age=0 forgets");
}

#[test]
fn what_is_not_heeded() {
    let mut hosts = Hsts::new();
    for value in [
        "",
        "includeSubDomains",
        "max-age",
        "max-age=",
        "max-age=-1",
        "max-age=1x",
        "max-age=1; max-age=1",
        "max-age=1; includeSubDomains=1",
        "max-age=1; a b",
        "max-age=1; preload; preload",
        "max-age=1, max-age=1",
    ] {
        assert!(!hosts.store(&url("https://example.com/"), value.as_bytes(), at(1000)), "{value}");
    }
    for from in ["http://example.com/", "https://127.0.0.1/", "https://[::1]/"] {
        assert!(!hosts.store(&url(from), b"max-age=1", at(1000)), "{from}");
    }
    assert_eq!(hosts, Hsts::new());
}

/// RFC 6797 sections 8.2 and 8.3.
#[test]
fn upgrades() {
    let mut hosts = Hsts::new();
    hosts.store(&url("https://Example.com./"), b"max-age=100; includeSubDomains", at(1000));
    hosts.store(&url("https://alone.example/"), b"max-age=100", at(1000));
    for (from, to) in [
        ("http://example.com/a?b", Some("https://example.com/a?b")),
        ("http://EXAMPLE.com.:80/", Some("https://example.com./")),
        ("http://deep.www.example.com:8080/", Some("https://deep.www.example.com:8080/")),
        ("http://alone.example/", Some("https://alone.example/")),
        ("http://www.alone.example/", None),
        ("http://notexample.com/", None),
        ("http://com/", None),
        ("https://example.com/", None),
    ] {
        assert_eq!(upgraded(&hosts, from).as_deref(), to, "{from}");
    }
    assert_eq!(hosts.upgrade(&url("http://example.com/"), at(1100)), None, "its time is over");
}

#[test]
fn files_both_ways_and_bounds() {
    let mut hosts = Hsts::new();
    hosts.store(&url("https://example.com/"), b"max-age=31536000; includeSubDomains", at(1_577_836_800));
    let text = hosts.to_text(at(1_577_836_800));
    assert!(text.ends_with("\n.example.com \"20201231 00:00:00\"\n"), "{text}");
    let mut read = Hsts::new();
    read.read(&text, at(1_577_836_800));
    assert_eq!(read, hosts);
    let mut curls = Hsts::new();
    curls.read(
        "# comment\n.a.example \"20301231 23:59:59\"\nb.example \"unlimited\"\n127.0.0.1 \"unlimited\"\nc.example\n\
         d.example \"20301331 00:00:00\"\ne.example \"2030\u{e9}231 00:00:00\"\n",
        at(1000),
    );
    assert_eq!(curls.iter().collect::<Vec<_>>(), [("a.example", true), ("b.example", false)]);
    for i in 0..1500 {
        curls.store(&url(&format!("https://h{i}.example/")), b"max-age=5", at(1000));
    }
    assert_eq!(curls.iter().count(), 1000);
    assert!(curls.iter().any(|(host, _)| host == "a.example"), "those that end last are kept");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hsts");
    hosts.save(&path, at(1_577_836_800)).unwrap();
    assert_eq!(Hsts::load(&path, at(1_577_836_800)).unwrap(), hosts);
}

proptest::proptest! {
    /// Whatever a server sends or a file holds: no panic, and what is kept can be written and read.
    #[test]
    fn any_text(value in "(max-age=[0-9\"]{0,25}|includeSubDomains|.{0,8}|;){0,5}", file in "\\PC{0,60}") {
        let mut hosts = Hsts::new();
        hosts.store(&url("https://example.com/"), value.as_bytes(), at(1000));
        hosts.read(&file, at(1000));
        let mut again = Hsts::new();
        again.read(&hosts.to_text(at(1000)), at(1000));
        assert_eq!(again.to_text(at(1000)), hosts.to_text(at(1000)));
    }
}
