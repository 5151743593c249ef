//! URLs and the shorter forms: what they mean, and what they cannot smuggle in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use netkit_socket::{Location, Scheme, Security};

const SCHEMES: [Scheme; 2] =
    [Scheme::new("pop3", 110, Security::Opportunistic), Scheme::new("pop3s", 995, Security::Implicit)];

fn parse(text: &str) -> Location {
    Location::parse(text, &SCHEMES).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn a_scheme_or_a_known_port_says_how_private() {
    for (text, endpoint, security, path) in [
        ("pop3://h.example", "h.example:110", Security::Opportunistic, ""),
        ("POP3S://h.example/a?b#c", "h.example:995", Security::Implicit, "/a?b#c"),
        ("h.example:995/x", "h.example:995", Security::Implicit, "/x"),
        ("pop3://h.example:995", "h.example:995", Security::Opportunistic, ""),
        ("[::1]:2110", "[::1]:2110", Security::Opportunistic, ""),
        ("unix:/run/pop3", "unix:/run/pop3", Security::Plain, ""),
    ] {
        let location = parse(text);
        let seen = (location.endpoint.to_string(), location.security, location.path.as_str());
        assert_eq!(seen, (endpoint.to_owned(), security, path), "{text}");
    }
}

#[test]
fn a_login_is_cut_out_before_it_is_decoded_and_never_shown() {
    let location = parse("pop3://b%40b:p%40ss%2F%23@h.example");
    assert_eq!(location.user.as_deref(), Some("b@b"));
    assert_eq!(location.password.as_deref().map(Vec::as_slice), Some(&b"p@ss/#"[..]));
    assert!(!format!("{location:?}").contains("p@ss"), "{location:?}");
}

#[test]
fn nothing_breaks_a_line_or_changes_the_host() {
    for text in [
        "",
        "smtp://h.example",
        "pop3://",
        "pop3://u%0d%0aDELE:p@h.example",
        "pop3://u:p%00@h.example",
        "pop3://h%0a.example",
        "pop3://h.example\r\nDELE 1",
        "pop3://h.example:http5",
    ] {
        assert!(Location::parse(text, &SCHEMES).is_err(), "{text}");
    }
    // The authority ends at the first of these, whatever an `@` behind it says.
    assert_eq!(parse("pop3://good.example#@bad.example").endpoint.to_string(), "good.example:110");
    assert_eq!(parse("pop3://good.example/x@bad.example").endpoint.to_string(), "good.example:110");
}
