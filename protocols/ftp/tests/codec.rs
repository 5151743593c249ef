//! Commands, replies, facts and times: both ways where both are ours, and what is refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::Ipv4Addr;

use netkit_ftp::{Argument, Command, Error, Facts, Invalid, Stamp, Unsupported, Verb, reply};
use netkit_wire::{Code, Decode, Ended, Fault, Limits, Replies, Reply, Step};
use proptest::prelude::*;

fn decoded(text: &str) -> Reply {
    match Replies::free(&Limits::default()).decode(text.as_bytes()) {
        Ok(Step::Done(reply, used)) if used == text.len() => reply,
        other => panic!("{text:?}: {other:?}"),
    }
}

/// RFC 959 section 4.1.2, and the texts without parentheses of RFC 1123 section 4.1.2.6.
#[test]
fn passive_addresses() {
    let at = |text: &str| reply::passive(&decoded(&format!("227 {text}\r\n")));
    let expected = Some((Ipv4Addr::new(10, 1, 2, 3), 4 * 256 + 5));
    assert_eq!(at("Entering Passive Mode (10,1,2,3,4,5)."), expected);
    assert_eq!(at("=10,1,2,3,4,5"), expected);
    assert_eq!(at("10,1,2,3,4,5"), expected);
    for wrong in
        ["(10,1,2,3,4)", "(10,1,2,3,4,256)", "(10,1,2,3,4,5,6)", "(10,1,2,3,0,0)", "(10,1,,3,4,5)", "none"]
    {
        assert_eq!(at(wrong), None, "{wrong}");
    }
}

/// RFC 2428 section 3.
#[test]
fn extended_passive_ports() {
    let at = |text: &str| reply::extended_passive(&decoded(&format!("229 {text}\r\n")));
    assert_eq!(at("Entering Extended Passive Mode (|||6446|)"), Some(6446));
    assert_eq!(at("ok (!!!21!)"), Some(21));
    assert_eq!(at("(a) (|||1|)."), Some(1));
    for wrong in
        ["(|||65536|)", "(|||0|)", "(||6446|)", "(|||6446)", "(||!6446|)", "(|||+1|)", "(1112221)", "(", ""]
    {
        assert_eq!(at(wrong), None, "{wrong}");
    }
}

/// RFC 959 appendix II: a quote in the path is doubled.
#[test]
fn quoted_paths() {
    let of = |text: &str| reply::quoted_path(&decoded(&format!("257 {text}\r\n")));
    assert_eq!(of("\"/usr/dm\" created").unwrap(), b"/usr/dm");
    assert_eq!(of("\"/foo\"\"bar\" directory created").unwrap(), b"/foo\"bar");
    assert_eq!([of("/bare"), of("\"open"), of("\"\" empty")], [None, None, None]);
}

/// RFC 2389 section 3.2.
#[test]
fn features_are_indented() {
    let reply = decoded("211-Extensions supported:\r\n MLST size*;create;\r\n SIZE\r\nMDTM\r\n211 END\r\n");
    assert_eq!(reply::features(&reply), [b"MLST size*;create;".as_slice(), b"SIZE"]);
}

#[test]
fn addresses_to_send() {
    let line = |command: Command| {
        let mut out = Vec::new();
        command.encode(&mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        line(Command::port(Ipv4Addr::new(132, 235, 1, 2), 6275).unwrap()),
        "PORT 132,235,1,2,24,131\r\n"
    );
    // RFC 2428 section 2's own examples.
    assert_eq!(
        line(Command::eprt("132.235.1.2".parse().unwrap(), 6275).unwrap()),
        "EPRT |1|132.235.1.2|6275|\r\n"
    );
    let six = "1080::8:800:200c:417a".parse().unwrap();
    assert_eq!(line(Command::eprt(six, 5282).unwrap()), "EPRT |2|1080::8:800:200c:417a|5282|\r\n");
}

/// Nothing that ends a line gets into one, 0xFF is doubled, and a password is not shown.
#[test]
fn arguments_cannot_break_the_wire() {
    for wrong in [&b""[..], b"a\r\nDELE b", b"a\nb", b"a\rb", b"a\0b"] {
        assert!(Argument::new(wrong).is_err(), "{wrong:?}");
    }
    let command = Command::with(Verb::RETR, Argument::new(b"a\xFFb".as_slice()).unwrap());
    let mut out = Vec::new();
    command.encode(&mut out);
    assert_eq!(out, b"RETR a\xFF\xFFb\r\n");
    assert_eq!(Command::parse(b"RETR a\xFFb"), None);
    assert_eq!(Command::parse(b"RETR a\xFF"), None);
    assert_eq!(Command::parse(b"noop"), Some(Command::bare(Verb::NOOP)));
    assert_eq!(Command::parse(b"XYZZY"), None);
    let secret = Command::with(Verb::PASS, Argument::new("sesame").unwrap());
    assert!(!format!("{secret:?}").contains("sesame"));
}

/// RFC 3659 section 7.2: names may hold what ends a fact.
#[test]
fn facts() {
    let entry = Facts::parse(b"Type=file;Size=1024990;modify=19970214165800.25;  x; y=z").unwrap();
    assert_eq!(entry.name, b" x; y=z");
    assert_eq!(
        (entry.size(), entry.modified().unwrap().to_string()),
        (Some(1_024_990), "19970214165800".into())
    );
    let own = Facts::parse(b"type=cdir;perm=el; /tmp").unwrap();
    assert!(own.is_self_or_parent() && !own.is_folder());
    assert!(Facts::parse(b"type=DIR; tmp").unwrap().is_folder());
    assert_eq!(Facts::parse(b" bare").unwrap().facts, []);
    for wrong in [&b""[..], b"name", b"type=file name", b"type; name", b"=x; name", b"type=file; "] {
        assert_eq!(Facts::parse(wrong), None, "{wrong:?}");
    }
    assert_eq!(Facts::parse(b"size=-1; a").unwrap().size(), None);
}

#[test]
fn times() {
    assert_eq!(Stamp::parse(b"20260102030405").unwrap().to_string(), "20260102030405");
    for wrong in [
        "2026010203040",
        "20261302030405",
        "20260132030405",
        "20260102240405",
        "20260102030405.",
        "2026010203040x",
    ] {
        assert_eq!(Stamp::parse(wrong.as_bytes()), None, "{wrong}");
    }
}

#[test]
fn errors_say_what_may_be_tried_again() {
    let refused = |code: u16| Error::Refused(Reply::new(Code::new(code).unwrap(), vec![]));
    assert!(refused(450).is_transient() && refused(450).connection_is_usable());
    assert!(!refused(550).is_transient() && refused(550).connection_is_usable());
    assert!(refused(421).is_transient() && !refused(421).connection_is_usable());
    assert!(!Error::Wire(Fault::Closed(Ended::Inside)).connection_is_usable());
    assert!(Error::from(Unsupported("MLST")).connection_is_usable());
    assert!(Error::from(Invalid("x")).connection_is_usable());
    assert!(!Error::Unexpected(Reply::new(Code::new(200).unwrap(), vec![])).connection_is_usable());
}

proptest! {
    #[test]
    fn commands_come_back(verb in prop::sample::select(Verb::ALL), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let command = match Argument::new(bytes) {
            Ok(argument) => Command::with(verb, argument),
            Err(_) => Command::bare(verb),
        };
        let mut out = Vec::new();
        command.encode(&mut out);
        prop_assert_eq!(Command::parse(out.strip_suffix(b"\r\n").unwrap()), Some(command));
    }

    #[test]
    fn facts_come_back(
        facts in prop::collection::vec(("[a-z][a-z.]{0,8}", "[A-Za-z0-9.+-]{0,9}"), 0..5),
        name in prop::collection::vec(1..=255u8, 1..30),
    ) {
        let entry = Facts { facts, name };
        let mut out = Vec::new();
        entry.encode(&mut out);
        prop_assert_eq!(Facts::parse(&out), Some(entry));
    }
}
