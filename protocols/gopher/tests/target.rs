//! URLs and what people type instead (RFC 4266 2).
#![allow(clippy::unwrap_used)]

use netkit_gopher::{Invalid, ItemType, Target};

fn parsed(text: &str) -> (String, bool, char, String, Option<String>) {
    let target: Target = text.parse().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let query = target.query.as_ref().map(|query| text(query.as_bytes()));
    (target.endpoint.to_string(), target.tls, target.kind.letter(), text(target.selector.as_bytes()), query)
}

#[test]
fn every_form() {
    let root = |at: &str| (at.to_owned(), false, '1', String::new(), None);
    assert_eq!(parsed("gopher://h.example"), root("h.example:70"));
    assert_eq!(parsed("gopher://h.example/"), root("h.example:70"));
    assert_eq!(parsed("GOPHER://H.Example:7070/1"), root("h.example:7070"));
    assert_eq!(parsed("h.example"), root("h.example:70"));
    assert_eq!(parsed("h.example:gopher"), root("h.example:70"));
    assert_eq!(parsed("[::1]:7070"), root("[::1]:7070"));
    assert_eq!(parsed("[::1]"), root("[::1]:70"));
    assert_eq!(parsed("localhost:7070/1#part"), root("localhost:7070"));
    assert_eq!(parsed("unix:/run/gopher.sock"), root("unix:/run/gopher.sock"));
    assert_eq!(
        parsed("gophers://h.example/0/a%20b"),
        ("h.example:70".into(), true, '0', "/a b".into(), None)
    );
    assert_eq!(parsed("h.example/0/a"), ("h.example:70".into(), false, '0', "/a".into(), None));
    let search = ("h.example:70".into(), false, '7', "/s".into(), Some("two words".into()));
    assert_eq!(parsed("gopher://h.example/7/s%09two%20words"), search);
    assert_eq!(parsed("h.example/1a?b=c"), ("h.example:70".into(), false, '1', "a?b=c".into(), None));
}

#[test]
fn tricks_are_refused() {
    let refused = |text: &str| text.parse::<Target>().unwrap_err();
    assert_eq!(refused("http://h.example/"), Invalid::Target("the scheme is not gopher or gophers"));
    assert_eq!(refused("gopher://user@h.example/"), Invalid::Target("Gopher has no user names"));
    assert_eq!(refused("gopher:///1"), Invalid::Target("there is no host"));
    assert_eq!(refused("h.example/1a%0d%0ab"), Invalid::Control("selector"));
    assert_eq!(refused("h.example/1a%00"), Invalid::Control("selector"));
    assert_eq!(refused("h.example/7a%09b%09+"), Invalid::Control("query"));
    assert_eq!(refused("h.example/%ff"), Invalid::Target("the path starts with an item type"));
    assert_eq!(refused(&format!("h.example/1{}", "x".repeat(256))), Invalid::TooLong(256));
    assert!(matches!(refused("h.example%2fevil/1"), Invalid::Endpoint(_)));
    assert!(matches!(refused("h.example:99999/1"), Invalid::Endpoint(_)));
    assert!(matches!(refused("[::1/1"), Invalid::Endpoint(_)));
}

#[test]
fn types_know_their_names() {
    assert_eq!(ItemType::new(b'g').unwrap().name(), "GIF");
    assert_eq!(ItemType::new(b'q').unwrap().name(), "unknown");
    assert!(ItemType::new(b' ').is_none() && ItemType::new(0xff).is_none());
    assert!(!ItemType::new(b'8').unwrap().is_fetched() && ItemType::SEARCH.is_menu());
}
