//! Addresses, commands and capabilities: what may be built, what it looks like on the wire, and that it reads back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_smtp::command::{
    Auth, Bdat, Ehlo, Exchange, Expn, Helo, Help, Lhlo, Mail, Noop, Raw, Rcpt, Vrfy, Xclient,
};
use netkit_smtp::types::{BodyKind, Parameter, Parameters, unxtext, xtext};
use netkit_smtp::{
    Capabilities, Command, CommandText, Domain, EnhancedStatus, Extension, ForwardPath, Mailbox, ReversePath,
};
use netkit_wire::{Code, Decode, Limits, Replies, Reply, Step, Text};
use proptest::prelude::*;

fn reply(wire: &str) -> Reply {
    let Ok(Step::Done(reply, _)) = Replies::numbered(&Limits::default()).decode(wire.as_bytes()) else {
        panic!("{wire}")
    };
    reply
}

fn wire(command: &impl Exchange) -> String {
    let mut out = Vec::new();
    command.encode(&mut out);
    String::from_utf8(out).unwrap()
}

fn parse(line: &str) -> Command {
    Command::parse(line.as_bytes()).unwrap_or_else(|why| panic!("{line}: {why}"))
}

/// RFC 5321 section 4.1.2; the quoted forms are those of RFC 3696 section 3.
#[test]
fn local_parts_are_quoted_where_they_must_be() {
    let written = |local: &str| Mailbox::new(local, "example.org".parse().unwrap()).unwrap().to_wire(false);
    assert_eq!(written("a.b+c"), "a.b+c@example.org");
    assert_eq!(written("a b"), r#""a b"@example.org"#);
    assert_eq!(written("a@b"), r#""a@b"@example.org"#);
    assert_eq!(written(r#"a"\"#), r#""a\"\\"@example.org"#);
    assert_eq!(written(".a"), r#"".a"@example.org"#);
    assert_eq!(written(""), r#"""@example.org"#);
    assert_eq!(written("a><b"), r#""a><b"@example.org"#);
    let read: Mailbox = r#""Fred \"Bloggs\""@example.com"#.parse().unwrap();
    assert_eq!(read.local(), r#"Fred "Bloggs""#);
}

#[test]
fn nothing_that_breaks_a_line_or_a_path_becomes_an_address() {
    for bad in [
        "",
        "a",
        "@example.org",
        "a@",
        "a@b@c",
        "a b@example.org",
        "a@exa mple.org",
        "a@example.org\r\nRCPT TO:<x@y.org>",
        "a\n@example.org",
        "a\0@example.org",
        "\"a\r\nb\"@example.org",
        "\"a@example.org",
        "a@example.org> SIZE=1",
        "a@example.org>",
        "<a@example.org",
        "a@-example.org",
        "a@example..org",
        "a@example.org.",
        "a@[1.2.3]",
        "a@[IPv6:::x]",
        "a@[::1]",
        "a@b\u{85}.org",
    ] {
        assert!(bad.parse::<Mailbox>().is_err(), "{bad:?}");
        assert!(bad.is_empty() || bad.parse::<ReversePath>().is_err(), "{bad:?}");
        assert!(bad.parse::<ForwardPath>().is_err(), "{bad:?}");
    }
    for bad in ["", "a\r\nQUIT", "a\0", "a\tb", &"x".repeat(999)] {
        assert!(CommandText::new(bad).is_err(), "{bad:?}");
    }
    for bad in ["DATA", "data ", "StartTLS", "AUTH PLAIN", "BDAT 3 LAST", "NOOP\r\nQUIT", ""] {
        assert!(Raw::new(bad).is_err(), "{bad:?}");
    }
    for (keyword, value) in [
        ("A B", None),
        ("", None),
        ("-A", None),
        ("A", Some("b c")),
        ("A", Some("")),
        ("A", Some("b=c")),
        ("A", Some("b\rc")),
    ] {
        assert!(Parameter::new(keyword, value).is_err(), "{keyword} {value:?}");
    }
}

#[test]
fn domains_have_two_faces() {
    let domain = Domain::new("Bücher.example").unwrap();
    assert_eq!((domain.ascii(), domain.unicode()), ("xn--bcher-kva.example", "bücher.example"));
    assert_eq!(Domain::new("xn--bcher-kva.example").unwrap(), domain);
    assert_eq!(Domain::new("Mixed.Example").unwrap().ascii(), "Mixed.Example");
    let mailbox: Mailbox = "a@bücher.example".parse().unwrap();
    assert!(!mailbox.needs_utf8());
    assert_eq!(mailbox.to_wire(false), "a@xn--bcher-kva.example");
    assert_eq!(mailbox.to_wire(true), "a@bücher.example");
    assert!("jörg@example.org".parse::<Mailbox>().unwrap().needs_utf8());
    let v6: std::net::IpAddr = "2001:db8::1".parse().unwrap();
    assert_eq!(Domain::from(v6).ascii(), "[IPv6:2001:db8::1]");
    for literal in ["[127.0.0.1]", "[IPv6:::1]", "[x-tag:content]"] {
        assert!(Domain::new(literal).unwrap().is_literal(), "{literal}");
    }
}

/// RFC 5321 section 4.1.1, with the parameters of RFC 1870, 6152 and 6531.
#[test]
fn commands_look_as_the_rfc_writes_them() {
    let mut mail = Mail::new("a@example.org".parse().unwrap());
    assert_eq!(wire(&mail), "MAIL FROM:<a@example.org>\r\n");
    mail.size = Some(500_000);
    mail.body = Some(BodyKind::EightBit);
    mail.utf8 = true;
    mail.parameters.push(Parameter::new("RET", Some("HDRS")).unwrap());
    assert_eq!(wire(&mail), "MAIL FROM:<a@example.org> SIZE=500000 BODY=8BITMIME SMTPUTF8 RET=HDRS\r\n");
    assert_eq!(wire(&Mail::new(ReversePath::Null)), "MAIL FROM:<>\r\n");
    let rcpt = Rcpt::new(ForwardPath::Postmaster).with(Parameter::new("notify", Some("NEVER")).unwrap());
    assert_eq!(wire(&rcpt), "RCPT TO:<Postmaster> NOTIFY=NEVER\r\n");
    assert_eq!(wire(&Ehlo(Domain::new("bücher.example").unwrap())), "EHLO xn--bcher-kva.example\r\n");
    assert_eq!(wire(&Noop(None)), "NOOP\r\n");
    assert_eq!(wire(&Raw::new("ETRN example.org").unwrap()), "ETRN example.org\r\n");
    assert_eq!(wire(&Bdat { size: 0, last: true }), "BDAT 0 LAST\r\n");
    assert_eq!(wire(&Bdat { size: 86, last: false }), "BDAT 86\r\n");
    assert_eq!(wire(&Lhlo(Domain::new("x.example").unwrap())), "LHLO x.example\r\n");
    let who = Xclient::new([("name", "[UNAVAILABLE]"), ("LOGIN", "a+b c")]).unwrap();
    assert_eq!(wire(&who), "XCLIENT NAME=[UNAVAILABLE] LOGIN=a+2Bb+20c\r\n");
    for bad in [&[][..], &[("NAME", "")], &[("NA ME", "x")], &[("", "x")]] {
        assert!(Xclient::new(bad.iter().copied()).is_err(), "{bad:?}");
    }
}

/// RFC 3030 section 2, and Postfix's XCLIENT.
#[test]
fn a_server_reads_chunks_and_whom_a_proxy_speaks_for() {
    let bdat = |line| match Command::parse(line) {
        Ok(Command::Bdat(bdat)) => Some((bdat.size, bdat.last)),
        _ => None,
    };
    assert_eq!(bdat(b"bdat 86 last"), Some((86, true)));
    assert_eq!(bdat(b"BDAT 18446744073709551615"), Some((u64::MAX, false)));
    for bad in [
        "BDAT",
        "BDAT -1",
        "BDAT +1",
        "BDAT 1 FIRST",
        "BDAT 18446744073709551616",
        "BDAT 1 LAST x",
        "BDAT 0x1",
    ] {
        assert_eq!(bdat(bad.as_bytes()), None, "{bad}");
    }
    let Command::Xclient(who) = parse("XCLIENT NAME=a+2Bb ADDR=192.0.2.1") else { panic!() };
    assert_eq!((who.get("name"), who.get("ADDR"), who.get("PORT")), (Some("a+b"), Some("192.0.2.1"), None));
    assert!(Command::parse(b"XCLIENT NAME").is_err());
    assert!(matches!(parse("LHLO x.example"), Command::Lhlo(_)));
}

#[test]
fn a_server_reads_what_clients_write() {
    let Command::Mail(mail) = parse("mail FROM:<a@example.org> size=12 BODY=8bitmime") else { panic!() };
    assert_eq!((mail.size, mail.body, mail.utf8), (Some(12), Some(BodyKind::EightBit), false));
    // RFC 5321 section 4.1.1.3, source routes.
    let Command::Rcpt(rcpt) = parse("RCPT TO:<@hosta.int,@jkl.org:userc@d.bar.org>") else { panic!() };
    assert_eq!(rcpt.to.to_string(), "userc@d.bar.org");
    let Command::Rcpt(rcpt) = parse(r#"RCPT TO:<"a>b"@example.org> NOTIFY=NEVER"#) else { panic!() };
    assert_eq!(rcpt.to.to_wire(false), r#"<"a>b"@example.org>"#);
    assert_eq!(parse("RCPT TO:<postMASTER>"), Command::Rcpt(Rcpt::new(ForwardPath::Postmaster)));
    assert_eq!(parse("noop  "), Command::Noop(Noop(None)));
    let Command::Auth(auth) = parse("AUTH plain AGEAYg==") else { panic!() };
    assert_eq!(format!("{auth:?}"), "Auth(plain ***)");
    for (bad, code) in [
        ("FOO", 500),
        ("", 500),
        ("MAIL", 501),
        ("MAIL FROM: <a@example.org>", 501),
        ("MAIL FROM:a@example.org", 501),
        ("MAIL FROM:<a@example.org>SIZE=1", 501),
        ("MAIL FROM:<a@example.org> SIZE=x", 501),
        ("MAIL FROM:<a@example.org> SIZE=1 SIZE=2", 501),
        ("MAIL FROM:<a@example.org> SIZE=99999999999999999999999", 501),
        ("RCPT TO:<>", 501),
        ("DATA now", 501),
        ("VRFY", 501),
        ("EHLO", 501),
        ("EHLO a b", 501),
        ("AUTH", 501),
        ("AUTH PLAIN a b", 501),
        ("AUTH PLAIN a\r\nQUIT", 501),
        ("AUTH PL\nAIN", 501),
    ] {
        assert_eq!(Command::parse(bad.as_bytes()).unwrap_err().reply().code().get(), code, "{bad}");
    }
    assert!(Command::parse(b"VRFY \xff").is_err());
}

/// RFC 5321 appendix D; the `AUTH=` line is what servers sent for clients that guessed.
#[test]
fn capabilities_are_typed_and_forgiving() {
    let offers = Capabilities::parse(&reply(
        "250-mail.example.org greets you\r\n250-8bitmime\r\n250-SIZE 1000\r\n250-SIZE\r\n250-AUTH PLAIN LOGIN\r\n\
         250-AUTH=LOGIN CRAM-MD5\r\n250-X-ODD a b\r\n250-???\r\n250-\r\n250-PIPELINING=1\r\n250 STARTTLS\r\n",
    ));
    assert_eq!(offers.domain().as_bytes(), b"mail.example.org");
    assert_eq!(offers.size_limit(), Some(1000));
    assert_eq!(offers.mechanisms(), ["PLAIN", "LOGIN", "CRAM-MD5"]);
    assert!(offers.has("8BITMIME") && offers.has("starttls") && offers.has("X-ODD"));
    assert!(!offers.has("PIPELINING") && !offers.has("SMTPUTF8"));
    assert_eq!(offers.extensions().len(), 7);
    let zero = Capabilities::parse(&reply("250-x\r\n250 SIZE 0\r\n"));
    assert_eq!((zero.has("SIZE"), zero.size_limit()), (true, None));
    assert_eq!(Capabilities::parse(&reply("250\r\n")), Capabilities::default());
}

/// RFC 2034 section 4, RFC 3463 section 2.
#[test]
fn enhanced_status_codes_agree_with_their_reply() {
    let of = |wire: &str| EnhancedStatus::of(&reply(wire)).map(|status| status.to_string());
    assert_eq!(of("550 5.1.1 no such user\r\n").as_deref(), Some("5.1.1"));
    assert_eq!(of("250 2.0.0\r\n").as_deref(), Some("2.0.0"));
    for none in [
        "250 5.1.1 odd\r\n",
        "550 no\r\n",
        "550 5.1\r\n",
        "550 5.1.1.1 x\r\n",
        "550 5.1.1000 x\r\n",
        "550\r\n",
        "550 5.+1.1\r\n",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
}

#[test]
fn replies_are_judged_by_their_class() {
    use netkit_smtp::Error;
    let mail = || Mail::new(ReversePath::Null);
    assert!(mail().answer(reply("250 ok\r\n")).is_ok());
    assert!(matches!(mail().answer(reply("451 later\r\n")), Err(Error::Refused(_))));
    assert!(matches!(mail().answer(reply("354 go\r\n")), Err(Error::Unexpected(_))));
    assert!(matches!(netkit_smtp::command::Data.answer(reply("250 ok\r\n")), Err(Error::Unexpected(_))));
    assert!(matches!(netkit_smtp::command::StartTls.answer(reply("250 ok\r\n")), Err(Error::Unexpected(_))));
    assert!(Rcpt::new(ForwardPath::Postmaster).answer(reply("251 will forward\r\n")).is_ok());
    assert!(Helo(Domain::new("x").unwrap()).answer(reply("250 y\r\n")).is_ok());
}

/// RFC 3461 section 4.
#[test]
fn xtext_is_strict() {
    assert_eq!(xtext("e+mc2=a b"), "e+2Bmc2+3Da+20b");
    for bad in ["+", "+2", "+2b", "a b", "a=b", "+G0", "+FF"] {
        assert_eq!(unxtext(bad), None, "{bad}");
    }
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    let domain = prop::sample::select(vec![
        "example.org",
        "a.b-c.d_e",
        "bücher.example",
        "[127.0.0.1]",
        "[IPv6:::1]",
        "X",
    ]);
    ("[^\\x00-\\x1f\\x7f-\\u{9f}]{0,12}", domain)
        .prop_map(|(local, domain)| Mailbox::new(&local, domain.parse().unwrap()).unwrap())
}

fn parameters() -> impl Strategy<Value = Parameters> {
    prop::collection::btree_map("X[A-Z0-9-]{0,6}", prop::option::of("[!-<>-~é]{1,8}"), 0..3).prop_map(|all| {
        all.iter().map(|(keyword, value)| Parameter::new(keyword, value.as_deref()).unwrap()).collect()
    })
}

fn text() -> impl Strategy<Value = CommandText> {
    "[!-~é]( ?[!-~é]){0,10}".prop_map(|text| CommandText::new(&text).unwrap())
}

fn any_command() -> impl Strategy<Value = Command> {
    let mail = (prop::option::of(mailbox()), any::<Option<u64>>(), 0..3, any::<bool>(), parameters());
    let mail = mail.prop_map(|(from, size, body, utf8, parameters)| {
        let from = from.map_or(ReversePath::Null, ReversePath::Mailbox);
        let body = [None, Some(BodyKind::SevenBit), Some(BodyKind::EightBit)][body as usize];
        Command::Mail(Mail { from, size, body, utf8, parameters })
    });
    let rcpt = (mailbox(), parameters())
        .prop_map(|(to, parameters)| Command::Rcpt(Rcpt { to: to.into(), utf8: false, parameters }));
    let auth = ("[A-Z0-9_-]{1,20}", prop::option::of("[A-Za-z0-9+/]{1,8}={0,2}"))
        .prop_map(|(mechanism, initial)| Command::Auth(Auth::new(&mechanism, initial.as_deref()).unwrap()));
    prop_oneof![
        mail,
        rcpt,
        auth,
        mailbox().prop_map(|m| Command::Ehlo(Ehlo(m.domain().clone()))),
        mailbox().prop_map(|m| Command::Helo(Helo(m.domain().clone()))),
        text().prop_map(|t| Command::Vrfy(Vrfy(t))),
        text().prop_map(|t| Command::Expn(Expn(t))),
        prop::option::of(text()).prop_map(|t| Command::Help(Help(t))),
        prop::option::of(text()).prop_map(|t| Command::Noop(Noop(t))),
        Just(Command::StartTls),
        Just(Command::Data),
        Just(Command::Rset),
        Just(Command::Quit),
    ]
}

proptest! {
    #[test]
    fn a_command_survives_its_own_encoding(command in any_command()) {
        let mut out = Vec::new();
        command.encode(&mut out);
        let line = out.strip_suffix(b"\r\n").unwrap();
        prop_assert!(!line.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)));
        prop_assert_eq!(Command::parse(line), Ok(command));
    }

    #[test]
    fn a_mailbox_survives_both_forms(mailbox in mailbox()) {
        for utf8 in [false, true] {
            prop_assert_eq!(mailbox.to_wire(utf8).parse::<Mailbox>(), Ok(mailbox.clone()));
            let path = ForwardPath::from(mailbox.clone());
            prop_assert_eq!(path.to_wire(utf8).parse::<ForwardPath>(), Ok(path));
        }
    }

    #[test]
    fn no_line_makes_the_parser_panic(line in prop::collection::vec(any::<u8>(), 0..60), words in "(MAIL FROM:|RCPT TO:|AUTH |EHLO )[<>@\"\\\\,:.a =\\[\\]-]{0,20}") {
        let _ = Command::parse(&line);
        let _ = Command::parse(words.as_bytes());
        let _ = Extension::parse(&line);
        let _ = EnhancedStatus::parse(&line);
    }

    #[test]
    fn capabilities_survive_their_own_reply(limit in prop::option::of(1u64..), mechanisms in prop::collection::vec("[A-Z0-9-]{1,12}", 1..4), other in "X[A-Z0-9]{1,8}", value in "[!-~]{0,8}") {
        let offers = Capabilities::new("mail.example.org", vec![
            Extension::Pipelining, Extension::Size(limit), Extension::Auth(mechanisms), Extension::SmtpUtf8,
            Extension::Other(other, Text::from(value.as_str())),
        ]);
        prop_assert_eq!(Capabilities::parse(&offers.to_reply()), offers);
    }

    #[test]
    fn xtext_reads_back(text in "\\PC{0,20}") {
        prop_assert_eq!(unxtext(&xtext(&text)), Some(text));
    }
}

#[test]
fn codes_by_name_are_what_they_say() {
    assert_eq!(netkit_smtp::code::START_INPUT, Code::new(354).unwrap());
}
