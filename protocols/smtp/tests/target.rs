//! Targets: what a person may type, and what no URL may smuggle in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::Secret;
use netkit_smtp::{Security, Target};
use proptest::prelude::*;

fn parse(text: &str) -> Target {
    text.parse().unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// RFC 8314 section 3 and 7.3 for the ports.
#[test]
fn schemes_have_their_ports_and_their_privacy() {
    for (text, endpoint, security) in [
        ("smtp://h.example", "h.example:25", Security::Opportunistic),
        ("SUBMISSION://h.example", "h.example:587", Security::Starttls),
        ("smtps://h.example", "h.example:465", Security::Implicit),
        ("submissions://h.example:2465/", "h.example:2465", Security::Implicit),
        ("h.example", "h.example:25", Security::Opportunistic),
        ("h.example:2525", "h.example:2525", Security::Opportunistic),
        ("h.example:587", "h.example:587", Security::Starttls),
        ("h.example:submissions", "h.example:465", Security::Implicit),
        ("smtp://h.example:465", "h.example:465", Security::Opportunistic),
        ("[::1]:2525", "[::1]:2525", Security::Opportunistic),
        ("smtp://[::1]", "[::1]:25", Security::Opportunistic),
        ("smtp://h.example:", "h.example:25", Security::Opportunistic),
        ("unix:/run/smtp.sock", "unix:/run/smtp.sock", Security::Plain),
    ] {
        let target = parse(text);
        assert_eq!((target.endpoint.to_string().as_str(), target.security), (endpoint, security), "{text}");
    }
}

#[test]
fn login_and_path_are_decoded_after_they_were_cut_out() {
    let target = parse("smtp://bob%40example.org:p%40ss%25w%2Frd%231@h.example/client.example.org");
    assert_eq!(target.user.as_deref(), Some("bob@example.org"));
    assert_eq!(target.password, Some(Secret::from("p@ss%w/rd#1")));
    assert_eq!(target.hello.as_ref().map(|hello| hello.ascii()), Some("client.example.org"));
    assert_eq!(target.endpoint.to_string(), "h.example:25");
    assert!(!format!("{target:?}").contains("p@ss"));
    // The last @ divides, so that none in a password can move the host.
    let target = parse("smtp://user:a@evil.example@h.example");
    assert_eq!(
        (target.endpoint.to_string().as_str(), target.user.as_deref()),
        ("h.example:25", Some("user"))
    );
    assert!(parse("smtp://bob@h.example").password.is_none());
}

#[test]
fn what_is_no_target_is_refused() {
    for bad in [
        "",
        "smtp://",
        "smtp://user@",
        "http://h.example",
        "smtp://h.example:99999",
        "smtp://h.example:x y",
        "smtp://h.example/a b",
        "smtp://h.example/not_a%0Adomain",
        "smtp://h.example/..",
        "smtp://h.example?x",
        "smtp://h.example#x",
        "smtp://a%0D%0A:b@h.example",
        "smtp://a:b%00@h.example",
        "smtp://a:%0d@h.example",
        "smtp://h%0Aexample",
        "smtp://h%2Fexample",
        "smtp://h\n.example",
        "smtp://h%40evil.example",
        "unix:",
    ] {
        assert!(bad.parse::<Target>().is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(smtps?://)?[a-z%0-9@:/?#\\[\\].]{0,30}") {
        let _ = text.parse::<Target>();
    }
}
