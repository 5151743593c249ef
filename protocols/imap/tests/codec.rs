//! The grammar both ways, and what no input may do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::borrow::Cow;

use netkit_imap::framer::{Frame, Frames};
use netkit_imap::response::{
    Address, Body, Code, Envelope, Esearch, Fetch, Item, Kind, Listed, MailboxStatus, Multipart, Namespace,
    Namespaces, Part, Quota, Response, Section, Status, Thread, Untagged, Value,
};
use netkit_imap::types::{Mailbox, Set};
use netkit_imap::{Command, Request};
use netkit_wire::{Decode, Step, Text};
use proptest::prelude::*;

/// The frames of some bytes.
fn frames(input: &[u8]) -> Vec<Vec<u8>> {
    let (mut all, mut rest) = (Vec::new(), input);
    while !rest.is_empty() {
        match Frames::new(1 << 24, 1 << 20).decode(rest).unwrap() {
            Step::Done(Frame::Whole(bytes), used) => {
                all.push(bytes);
                rest = &rest[used..];
            }
            other => panic!("{other:?}"),
        }
    }
    all
}

fn word() -> impl Strategy<Value = String> {
    "[A-Z][A-Z0-9=-]{0,12}".prop_filter("a word of its own meaning", |word| word != "NIL")
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[ -~]{0,60}".prop_map(String::into_bytes),
        "\\PC{0,20}".prop_map(String::into_bytes),
    ]
}

fn blob() -> impl Strategy<Value = Text> {
    text().prop_map(|bytes| Text::from(&*bytes))
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,30}", "\\PC{0,12}", "a\r\n\"\\\\b"]
}

fn ntext() -> impl Strategy<Value = Option<Cow<'static, [u8]>>> {
    prop::option::of(text().prop_map(Cow::Owned))
}

fn mailbox() -> impl Strategy<Value = Mailbox> + Clone {
    "[^\r\n\0]{1,20}".prop_map(|name| Mailbox::new(&name).unwrap())
}

fn set() -> impl Strategy<Value = Set> {
    prop::collection::vec(1..100_000u32, 1..20).prop_map(|all| all.into_iter().collect())
}

fn flags() -> impl Strategy<Value = Vec<String>> + Clone {
    prop::collection::vec("\\\\?[A-Za-z$][A-Za-z0-9]{0,8}".prop_filter("nil", |f| f != "NIL"), 0..4)
}

fn line() -> impl Strategy<Value = Text> {
    "[A-Za-z0-9][ -Z^-~]{0,40}".prop_map(|line| Text::from(line.as_str()))
}

fn code() -> impl Strategy<Value = Code> {
    prop_oneof![
        Just(Code::Alert),
        Just(Code::ReadOnly),
        Just(Code::ReadWrite),
        Just(Code::TryCreate),
        Just(Code::NoModSeq),
        Just(Code::Closed),
        Just(Code::NonExistent),
        Just(Code::OverQuota),
        Just(Code::AuthenticationFailed),
        prop::collection::vec(word(), 1..5).prop_map(Code::Capability),
        flags().prop_map(Code::PermanentFlags),
        any::<u32>().prop_map(Code::UidNext),
        any::<u32>().prop_map(Code::UidValidity),
        any::<u32>().prop_map(Code::Unseen),
        any::<u64>().prop_map(Code::HighestModSeq),
        set().prop_map(Code::Modified),
        (any::<u32>(), set()).prop_map(|(validity, set)| Code::AppendUid(validity, set)),
        (any::<u32>(), set(), set()).prop_map(|(validity, from, to)| Code::CopyUid(validity, from, to)),
        ("X-[A-Z]{1,8}", "[a-z0-9 ]{0,10}")
            .prop_map(|(name, text)| Code::Other(name, Text::from(text.trim()))),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    let kinds =
        prop_oneof![Just(Kind::Ok), Just(Kind::No), Just(Kind::Bad), Just(Kind::Bye), Just(Kind::PreAuth)];
    (kinds, prop::option::of(code()), line()).prop_map(|(kind, code, text)| Status { kind, code, text })
}

fn addresses() -> impl Strategy<Value = Vec<Address<'static>>> {
    let one = (ntext(), ntext(), ntext(), ntext()).prop_map(|(name, route, mailbox, host)| Address {
        name,
        route,
        mailbox,
        host,
    });
    prop::collection::vec(one, 0..3)
}

fn envelope() -> impl Strategy<Value = Envelope<'static>> {
    let lists = (addresses(), addresses(), addresses(), addresses(), addresses(), addresses());
    (ntext(), ntext(), lists, ntext(), ntext()).prop_map(|(date, subject, lists, in_reply_to, message_id)| {
        let (from, sender, reply_to, to, cc, bcc) = lists;
        Envelope { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id }
    })
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[a-z*]{1,8}", string()), 0..3)
}

fn body() -> impl Strategy<Value = Body> {
    let part = (
        pairs(),
        prop::option::of(string()),
        any::<u32>(),
        prop::option::of(("[a-z]{1,9}", pairs())),
        any::<bool>(),
    );
    let leaf = part.prop_map(|(parameters, id, octets, disposition, is_text)| {
        Body::Part(Box::new(Part {
            media_type: if is_text { "text/plain" } else { "image/png" }.to_owned(),
            parameters,
            id: id.clone(),
            description: id,
            encoding: "base64".to_owned(),
            octets: octets.into(),
            lines: is_text.then_some(7),
            message: None,
            disposition,
        }))
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = (prop::collection::vec(inner.clone(), 1..3), pairs()).prop_map(|(parts, parameters)| {
            Body::Multipart(Multipart { parts, subtype: "mixed".to_owned(), parameters })
        });
        let message = inner.prop_map(|inner| {
            Body::Part(Box::new(Part {
                media_type: "message/rfc822".to_owned(),
                encoding: "7bit".to_owned(),
                octets: 342,
                lines: Some(9),
                message: Some(Box::new(inner)),
                ..Part::default()
            }))
        });
        prop_oneof![many, message]
    })
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        (1..99_999u32).prop_map(|n| Value::Atom(n.to_string().into_bytes().leak())),
        text().prop_map(|text| Value::String(Cow::Owned(text))),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::List))
}

fn item() -> impl Strategy<Value = Item<'static>> {
    prop_oneof![
        flags().prop_map(|all| Item::Flags(all.into_iter().map(Cow::Owned).collect())),
        any::<u32>().prop_map(Item::Uid),
        text().prop_map(|date| Item::InternalDate(Cow::Owned(date))),
        any::<u64>().prop_map(Item::Size),
        envelope().prop_map(|envelope| Item::Envelope(Box::new(envelope))),
        body().prop_map(Item::Structure),
        (prop::option::of(any::<u64>()), any::<bool>(), ntext()).prop_map(|(origin, binary, text)| {
            Item::Section(Section { name: b"HEADER.FIELDS (DATE \"X Y\")", origin, binary }, text)
        }),
        any::<u64>().prop_map(|size| Item::BinarySize(b"1.2", size)),
        any::<u64>().prop_map(Item::ModSeq),
        Just(Item::EmailId(Cow::Borrowed(b"M6d99ac3275bb4e"))),
        Just(Item::ThreadId(None)),
        Just(Item::ThreadId(Some(Cow::Borrowed(b"T64b478a75b7ea9")))),
        ntext().prop_map(Item::SaveDate),
        ntext().prop_map(Item::Preview),
        value().prop_map(|value| Item::Other(b"X-GM-LABELS", value)),
    ]
}

fn thread() -> impl Strategy<Value = Thread> {
    let chain = prop::collection::vec(1..99u32, 1..4);
    let leaf = chain.clone().prop_map(|chain| Thread { chain, below: Vec::new() });
    leaf.prop_recursive(3, 10, 3, move |inner| {
        (chain.clone(), prop::collection::vec(inner, 0..3)).prop_map(|(chain, below)| Thread { chain, below })
    })
}

fn named() -> impl Strategy<Value = Vec<(Text, Option<Text>)>> {
    prop::collection::vec((blob(), prop::option::of(blob())), 1..3)
}

fn untagged() -> impl Strategy<Value = Untagged<'static>> {
    let texts = || prop::collection::vec(blob(), 0..3);
    let listed =
        (flags(), prop::option::of("[./\\\\]"), mailbox()).prop_map(|(attributes, delimiter, mailbox)| {
            let wire = mailbox.to_wire(false).into_owned().into_bytes();
            let delimiter = delimiter.and_then(|text| text.chars().next());
            Listed { attributes, delimiter, mailbox, wire }
        });
    let namespaces = || {
        prop::collection::vec(
            "[ -~]{0,9}".prop_map(|prefix| Namespace { prefix, delimiter: Some('/') }),
            0..3,
        )
    };
    prop_oneof![
        status().prop_map(Untagged::Status),
        prop::collection::vec(word(), 1..5).prop_map(Untagged::Capability),
        prop::collection::vec(word(), 0..3).prop_map(Untagged::Enabled),
        listed.clone().prop_map(Untagged::List),
        listed.prop_map(Untagged::Lsub),
        (mailbox(), prop::collection::vec((word(), any::<u64>()), 0..4))
            .prop_map(|(mailbox, items)| Untagged::MailboxStatus(MailboxStatus { mailbox, items })),
        flags().prop_map(Untagged::Flags),
        any::<u32>().prop_map(Untagged::Exists),
        any::<u32>().prop_map(Untagged::Recent),
        any::<u32>().prop_map(Untagged::Expunge),
        (any::<bool>(), set()).prop_map(|(earlier, set)| Untagged::Vanished(earlier, set)),
        (any::<u32>(), prop::collection::vec(item(), 0..5))
            .prop_map(|(number, items)| Untagged::Fetch(Fetch { number, items })),
        (prop::collection::vec(any::<u32>(), 0..9), prop::option::of(any::<u64>()))
            .prop_map(|(all, modseq)| Untagged::Search(all, modseq)),
        prop::collection::vec(any::<u32>(), 0..9).prop_map(Untagged::Sort),
        prop::collection::vec(thread(), 0..3).prop_map(Untagged::Thread),
        (
            prop::option::of("[A-Z]{1,3}[0-9]{1,3}"),
            any::<bool>(),
            prop::option::of(any::<u32>()),
            prop::option::of(set())
        )
            .prop_map(|(tag, uid, max, all)| Untagged::Esearch(Esearch {
                tag,
                uid,
                min: max,
                max,
                count: max.map(u64::from),
                partial: all.clone().map(|set| ("1:100".to_owned(), Some(set))),
                all,
                modseq: None,
            })),
        (namespaces(), namespaces(), namespaces()).prop_map(
            |(personal, others, shared)| Untagged::Namespace(Namespaces { personal, others, shared })
        ),
        (text(), prop::collection::vec((word(), any::<u64>(), any::<u64>()), 0..3))
            .prop_map(|(root, resources)| Untagged::Quota(Quota { root: Text::from(&*root), resources })),
        (mailbox(), texts()).prop_map(|(name, roots)| Untagged::QuotaRoot(name, roots)),
        (mailbox(), text()).prop_map(|(name, rights)| Untagged::MyRights(name, Text::from(&*rights))),
        (mailbox(), text(), texts()).prop_map(|(name, who, groups)| Untagged::ListRights(
            name,
            Text::from(&*who),
            groups
        )),
        (mailbox(), prop::collection::vec((blob(), blob()), 0..3))
            .prop_map(|(name, all)| Untagged::Acl(name, all)),
        (text(), named()).prop_map(|(name, entries)| Untagged::Metadata(Text::from(&*name), entries)),
        (prop::collection::vec(("[ -~]{1,9}", prop::option::of(blob())), 0..3)).prop_map(Untagged::Id),
        "X[A-Z]{2,8} [ -Z]{0,20}x".prop_map(|line| Untagged::Other(Text::from(line.as_str()))),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_again(response in untagged()) {
        let mut wire = Vec::new();
        response.encode(false, &mut wire);
        let frames = frames(&wire);
        prop_assert_eq!(frames.len(), 1);
        let read = Response::parse(&frames[0], false);
        prop_assert_eq!(read, Response::Untagged(response), "{}", String::from_utf8_lossy(&wire));
    }

    #[test]
    fn a_tagged_status_too(status in status()) {
        let status = match status.kind {
            Kind::Bye | Kind::PreAuth => Status { kind: Kind::No, ..status },
            _ => status,
        };
        let mut wire = Vec::new();
        let response = Response::Tagged("A7", status);
        response.encode(false, &mut wire);
        prop_assert_eq!(Response::parse(wire.strip_suffix(b"\r\n").unwrap(), false), response);
    }

    #[test]
    fn mailbox_names_come_back(name in mailbox()) {
        prop_assert_eq!(&Mailbox::from_wire(name.to_wire(false).as_bytes(), false), &name);
        prop_assert_eq!(&Mailbox::from_wire(name.to_wire(true).as_bytes(), true), &name);
    }

    #[test]
    fn no_frame_makes_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), utf8 in any::<bool>()) {
        for prefix in [&b""[..], b"* ", b"* 1 FETCH (", b"* 1 FETCH (BODYSTRUCTURE (", b"* ESEARCH ", b"* THREAD (", b"A1 OK ["] {
            let frame = [prefix, &bytes].concat();
            let _ = Response::parse(&frame, utf8);
            let _ = Request::parse(&frame);
            let _ = Frames::new(1000, 100).decode(&frame);
        }
    }

    #[test]
    fn damage_is_no_panic(response in untagged(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut wire = Vec::new();
        response.encode(false, &mut wire);
        let at = at.index(wire.len());
        wire[at] = byte;
        let _ = Response::parse(&wire, false);
    }

    #[test]
    fn commands_are_read_as_they_were_meant(name in mailbox(), texts in prop::collection::vec(text(), 0..4)) {
        let clean: Vec<Vec<u8>> = texts.iter().map(|text| text.iter().copied().filter(|b| *b != 0).collect()).collect();
        let mut command = Command::new("UID SEARCH", false).mailbox(&name);
        for text in &clean {
            command = command.string(&netkit_imap::types::Text8::new(text.clone()).unwrap());
        }
        let wire = command.rehearse("N1");
        let frames = frames(&wire);
        prop_assert_eq!(frames.len(), 1);
        let request = Request::parse(&frames[0]).unwrap();
        prop_assert_eq!((request.tag, request.name.as_str()), ("N1", "UID SEARCH"));
        let read: Vec<&[u8]> = request.arguments.iter().filter_map(Value::bytes).collect();
        prop_assert_eq!(Mailbox::from_wire(read[0], false), name);
        prop_assert_eq!(&read[1..], &clean.iter().map(Vec::as_slice).collect::<Vec<_>>()[..]);
    }
}

/// Each in linear time, without filling the stack: a test that hangs or overflows has failed.
#[test]
fn what_is_much_too_much_is_no_answer() {
    let deep = [b"* 1 FETCH (X ".to_vec(), vec![b'('; 1 << 20]].concat();
    assert!(matches!(Response::parse(&deep, false), Response::Untagged(Untagged::Unknown(_))));
    let deep = [b"* THREAD ".to_vec(), vec![b'('; 1 << 20]].concat();
    assert!(matches!(Response::parse(&deep, false), Response::Untagged(Untagged::Unknown(_))));
    let deep = [b"A1 SEARCH ".to_vec(), vec![b'('; 1 << 20]].concat();
    assert_eq!(Request::parse(&deep), Err(Some("A1")));
    let long: String = (1..=300_000).map(|n| format!(" {n}")).collect();
    let chain = format!("* THREAD ({})", long.trim());
    let Response::Untagged(Untagged::Thread(threads)) = Response::parse(chain.as_bytes(), false) else {
        panic!()
    };
    assert_eq!(threads[0].chain.len(), 300_000);
    let many = format!("* 1 FETCH ({})", "UID 1 ".repeat(200_000));
    let Response::Untagged(Untagged::Fetch(fetch)) = Response::parse(many.as_bytes(), false) else {
        panic!()
    };
    assert_eq!(fetch.items.len(), 200_000);
    let literals = [b"* 1 FETCH (X (".to_vec(), b"{0}\r\n ".repeat(90_000), b"))\r\n".to_vec()].concat();
    assert_eq!(frames(&literals).len(), 1);
}

#[test]
fn what_servers_write_otherwise() {
    let read = |line: &str| match Response::parse(line.as_bytes(), false) {
        Response::Untagged(untagged) => format!("{untagged:?}"),
        other => format!("{other:?}"),
    };
    for (line, has) in [
        ("* SEARCH", "Search([], None)"),
        ("* SEARCH ", "Search([], None)"),
        ("* SEARCH 2 84 882 ", "Search([2, 84, 882], None)"),
        ("* OK", "Ok, code: None"),
        ("* OK [ALERT]", "Alert"),
        ("* OK [UIDVALIDITY 5 ] x", "UidValidity(5)"),
        ("* OK [UIDVALIDITY 52904,5] x", "Other(\"UIDVALIDITY\""),
        ("* OK [HIGHESTMODSEQ 7 8] x", "Other(\"HIGHESTMODSEQ\""),
        ("* STATUS a (MESSAGES 1 {0}\r\n 5)", "[(\"MESSAGES\", 1)]"),
        ("* STATUS a (\"a b\" 1 MESSAGES 2)", "[(\"MESSAGES\", 2)]"),
        ("* LIST () NIL INBOX", "delimiter: None"),
        ("* LIST (\\HasNoChildren) \"\\\\\" \"a b\"", "delimiter: Some('\\\\')"),
        ("* STATUS a (MESSAGES 1 )", "[(\"MESSAGES\", 1)]"),
        ("* ID NIL", "Id([])"),
        ("* ID (\"name\" NIL)", "Id([(\"name\", None)])"),
        ("* 1 FETCH (FLAGS () )", "items: [Flags([])]"),
        ("* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL NIL 12 -1))", "lines: None"),
        ("* QUOTA \"\" ()", "resources: []"),
        ("* XGOOGLE x", "Other("),
        ("* 12", "Unknown("),
        ("* FETCH", "Unknown("),
        ("* 1 FETCH (UID x)", "Unknown("),
        ("garbage", "Unknown("),
    ] {
        assert!(read(line).contains(has), "{line}: {}", read(line));
    }
    assert!(matches!(Response::parse(b"A1 OK", false), Response::Tagged("A1", _)));
    assert!(matches!(Response::parse(b"+", false), Response::Continue(b"")));
}

/// Servers leave out what a type must have; written, it is there, so that what follows is found.
#[test]
fn a_part_without_what_its_type_has_keeps_the_rest() {
    let part = |media_type: &str| Part {
        media_type: media_type.to_owned(),
        encoding: "7bit".to_owned(),
        octets: 9,
        disposition: Some(("inline".to_owned(), Vec::new())),
        ..Part::default()
    };
    for media_type in ["text/plain", "message/rfc822", "message/global", "image/png"] {
        let item = Item::Structure(Body::Part(Box::new(part(media_type))));
        let fetch = Untagged::Fetch(Fetch { number: 1, items: vec![item] });
        let mut wire = Vec::new();
        fetch.encode(false, &mut wire);
        let frame = frames(&wire).remove(0);
        let again = format!("{:?}", Response::parse(&frame, false));
        assert!(again.contains("disposition: Some((\"inline\", []))"), "{media_type}: {again}");
    }
}
