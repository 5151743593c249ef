//! Codecs both ways, and bytes that mean nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_pop3::{Answer, Capability, Command, Line, Number, ResponseCode, Size, Target, Uid};
use netkit_socket::Security;
use proptest::prelude::*;

fn wire(command: &Command) -> String {
    let mut out = Vec::new();
    command.encode(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn commands_both_ways() {
    let number = Number::new(7).unwrap();
    let line = |text| Line::new(text).unwrap();
    let all = [
        (Command::User(line("mrose")), "USER mrose"),
        (Command::Pass(line(" a  b ")), "PASS  a  b "),
        (Command::Apop(line("a b"), line("c4c9")), "APOP a b c4c9"),
        (Command::Auth(None), "AUTH"),
        (Command::Auth(Some((line("PLAIN"), Some(line("="))))), "AUTH PLAIN ="),
        (Command::Capa, "CAPA"),
        (Command::Stls, "STLS"),
        (Command::Utf8, "UTF8"),
        (Command::Lang(Some(line("es"))), "LANG es"),
        (Command::Stat, "STAT"),
        (Command::List(None), "LIST"),
        (Command::List(Some(number)), "LIST 7"),
        (Command::Uidl(Some(number)), "UIDL 7"),
        (Command::Retr(number), "RETR 7"),
        (Command::Top(number, 0), "TOP 7 0"),
        (Command::Dele(number), "DELE 7"),
        (Command::Noop, "NOOP"),
        (Command::Rset, "RSET"),
        (Command::Quit, "QUIT"),
    ];
    for (command, text) in all {
        assert_eq!(wire(&command), format!("{text}\r\n"));
        assert_eq!(Command::parse(text.as_bytes()).unwrap(), command, "{text}");
    }
    for bad in [
        "",
        "XYZZY",
        "RETR",
        "RETR 0",
        "RETR -1",
        "RETR 1 2",
        "TOP 1",
        "DELE x",
        "USER",
        "LIST 4294967296",
        "STAT 1",
        // What a value is made of cannot become a second command.
        "AUTH PLAIN a\r\nDELE 1",
        "AUTH PLAIN\nDELE",
        "APOP a c4c9\0",
    ] {
        assert!(Command::parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(!format!("{:?}", Command::Pass(line("geheim"))).contains("geheim"));
}

#[test]
fn answers_both_ways() {
    let all = [
        (Answer::ok("2 320"), "+OK 2 320", None),
        (Answer::ok(""), "+OK", None),
        (Answer::err(Some(ResponseCode::InUse), "busy"), "-ERR [IN-USE] busy", Some(ResponseCode::InUse)),
        (Answer::err(None, "no"), "-ERR no", None),
        (Answer::challenge("YQ=="), "+ YQ==", None),
        (Answer::challenge(""), "+ ", None),
    ];
    for (answer, text, code) in all {
        let mut out = Vec::new();
        answer.encode(&mut out);
        assert_eq!(out, format!("{text}\r\n").as_bytes());
        assert_eq!(Answer::parse(text.as_bytes()).unwrap(), answer);
        assert_eq!(answer.code(), code, "{text}");
    }
    assert_eq!(Answer::parse(b"+OK [IN-USE] x").unwrap().code(), None, "a code is of a refusal");
}

#[test]
fn targets() {
    let target = |text: &str| text.parse::<Target>().unwrap();
    let one = target("pop3s://mrose;AUTH=+APOP:p%40ss@mail.example.org/17");
    assert_eq!((one.security, one.message.map(Number::get)), (Security::Implicit, Some(17)));
    assert_eq!(one.user.as_deref(), Some("mrose"));
    assert_eq!(one.password.unwrap().expose(), b"p@ss");
    assert_eq!(target("pop://h").endpoint.to_string(), "h:110");
    assert_eq!(target("h:995").security, Security::Implicit);
    assert_eq!(target("h").security, Security::Opportunistic);
    for bad in ["imap://h", "pop3://h/zero", "pop3://h/0", "pop3://a%0d@h", ""] {
        assert!(bad.parse::<Target>().is_err(), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_a_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[+A-Za-z0-9 \\[\\]/-]{0,40}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = (Answer::parse(input), Command::parse(input), Capability::parse(input));
            let _ = (Size::parse(input), Uid::parse(input));
        }
    }

    #[test]
    fn capabilities_round_trip(tag in "[A-Z][A-Z0-9-]{0,12}", rest in "[a-zA-Z0-9 -]{0,20}") {
        let line = format!("{tag} {rest}");
        if let Some(one) = Capability::parse(line.as_bytes()) {
            prop_assert_eq!(Capability::parse(one.to_string().as_bytes()), Some(one));
        }
    }

    #[test]
    fn listings_round_trip(number in 1u32.., octets in any::<u64>(), uid in "[!-~]{1,70}") {
        let size = Size::parse(format!("{number} {octets}").as_bytes()).unwrap();
        prop_assert_eq!((size.number.get(), size.octets), (number, octets));
        let named = Uid::parse(format!("{number} {uid}").as_bytes()).unwrap();
        prop_assert_eq!((named.number.get(), named.uid), (number, uid));
    }
}
