//! What is written is read again, however it is cut; hostile bytes are no harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_telnet::options::{
    Ask, Asked, Charset, ComPort, Datum, Environ, Flow, Gmcp, Kind, Linemode, Mode, Named, Serial, Speed,
    Status, StatusItem, Triplet, Variable, Window,
};
use netkit_telnet::{Engine, Event, Opt, Security, Settings, Sub, Target, Verb, escape};
use proptest::prelude::*;

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::WellKnown), Just(Kind::User)]
}

fn variables() -> impl Strategy<Value = Vec<Variable>> {
    let variable = (kind(), bytes(6), prop::option::of(bytes(6)));
    prop::collection::vec(variable.prop_map(|(kind, name, value)| Variable { kind, name, value }), 0..4)
}

/// Text of a game: without the marks between names and values.
fn words() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(0u8), 7u8..=255], 0..6)
}

fn named<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Named<T>> {
    let values = prop::collection::vec(value, 0..3);
    (words(), values).prop_map(|(name, values)| Named { name, values })
}

fn datum() -> impl Strategy<Value = Datum> {
    words().prop_map(Datum::Text).prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(named(inner.clone()), 0..3).prop_map(Datum::Table),
            prop::collection::vec(inner, 0..3).prop_map(Datum::Array),
        ]
    })
}

fn comport() -> impl Strategy<Value = ComPort> {
    let about = prop_oneof![
        bytes(8).prop_map(Serial::Signature),
        any::<u32>().prop_map(Serial::BaudRate),
        any::<u8>().prop_map(Serial::DataSize),
        any::<u8>().prop_map(Serial::Parity),
        any::<u8>().prop_map(Serial::StopSize),
        any::<u8>().prop_map(Serial::Control),
        any::<u8>().prop_map(Serial::LineState),
        any::<u8>().prop_map(Serial::ModemState),
        Just(Serial::Suspend),
        Just(Serial::Resume),
        any::<u8>().prop_map(Serial::LineStateMask),
        any::<u8>().prop_map(Serial::ModemStateMask),
        any::<u8>().prop_map(Serial::Purge),
    ];
    (any::<bool>(), about).prop_map(|(server, about)| ComPort { server, about })
}

fn sub() -> impl Strategy<Value = Sub> {
    let names = prop::collection::vec("[A-Z0-9-]{1,8}".prop_map(String::into_bytes), 1..4);
    let triplets =
        any::<[u8; 3]>().prop_map(|[function, modifiers, value]| Triplet { function, modifiers, value });
    let item = prop_oneof![
        any::<u8>().prop_map(|o| StatusItem::Option(Verb::Will, Opt(o))),
        any::<u8>().prop_map(|o| StatusItem::Option(Verb::Do, Opt(o))),
        (any::<u8>(), bytes(6)).prop_map(|(o, content)| StatusItem::Sub(Opt(o), content)),
    ];
    prop_oneof![
        bytes(8).prop_map(|name| Sub::TerminalType(Asked::Is(name))),
        Just(Sub::TerminalType(Asked::Send)),
        bytes(8).prop_map(|name| Sub::XDisplay(Asked::Is(name))),
        (any::<u16>(), any::<u16>()).prop_map(|(columns, rows)| Sub::Window(Window { columns, rows })),
        (any::<u32>(), any::<u32>())
            .prop_map(|(transmit, receive)| Sub::TerminalSpeed(Asked::Is(Speed { transmit, receive }))),
        Just(Sub::Flow(Flow::RestartXon)),
        any::<u8>().prop_map(|mask| Sub::Linemode(Linemode::Mode(Mode(mask)))),
        prop::collection::vec(triplets, 0..4).prop_map(|all| Sub::Linemode(Linemode::Characters(all))),
        bytes(6).prop_map(|mask| Sub::Linemode(Linemode::ForwardMask(Verb::Do, mask))),
        variables().prop_map(|all| Sub::Environ(Environ::Is(all))),
        variables().prop_map(|all| Sub::Environ(Environ::Info(all))),
        prop::collection::vec((kind(), bytes(6)).prop_map(|(kind, name)| Ask { kind, name }), 0..4)
            .prop_map(|asks| Sub::Environ(Environ::Send(asks))),
        prop::collection::vec(item, 0..4).prop_map(|items| Sub::Status(Status::Is(items))),
        (names, prop::option::of(any::<u8>()))
            .prop_map(|(names, table)| Sub::Charset(Charset::Request { names, table })),
        Just(Sub::Charset(Charset::Rejected)),
        comport().prop_map(Sub::ComPort),
        ("[A-Za-z.]{1,8}", prop::option::of(bytes(8)))
            .prop_map(|(name, data)| Sub::Gmcp(Gmcp { name: name.into_bytes(), data })),
        prop::collection::vec(named(datum()), 1..3).prop_map(Sub::Msdp),
        prop::collection::vec(named(words()), 1..3).prop_map(Sub::Mssp),
        Just(Sub::TlsFollows),
    ]
}

/// Feeds `wire` in pieces; the data and the events.
fn fed(settings: Settings, wire: &[u8], piece: usize) -> (Vec<u8>, Vec<Event>) {
    let mut engine = Engine::new(settings);
    let (mut text, mut events) = (Vec::new(), Vec::new());
    for part in wire.chunks(piece.max(1)) {
        let mut rest = part;
        while !rest.is_empty() {
            let Ok(fed) = engine.feed(rest, &mut text) else { return (text, events) };
            rest = &rest[fed.used..];
            events.extend(fed.event);
        }
    }
    (text, events)
}

proptest! {
    #[test]
    fn subnegotiations_are_read_as_they_were_written(sub in sub(), piece in 1usize..9) {
        prop_assert_eq!(Sub::parse(sub.option(), &sub.content()), sub.clone());
        let mut wire = b"before".to_vec();
        sub.encode(&mut wire);
        wire.extend_from_slice(b"behind");
        let (text, events) = fed(Settings::none(), &wire, piece);
        prop_assert_eq!(text, b"beforebehind".to_vec());
        prop_assert_eq!(events, vec![Event::Sub(sub)]);
    }

    /// RFC 854: whatever a program says in BINARY arrives.
    #[test]
    fn binary_data_arrives(data in bytes(200), piece in 1usize..9) {
        let mut wire = Vec::new();
        escape::binary(&data, &mut wire);
        // NUL behind CR is what the NVT takes away.
        prop_assume!(!data.windows(2).any(|pair| pair == b"\r\0"));
        prop_assert_eq!(fed(Settings::none(), &wire, piece).0, data);
    }

    /// RFC 854: text arrives with the line ends of the network.
    #[test]
    fn text_arrives(data in "[a-z\n\u{e9}\u{ff}]{0,80}", piece in 1usize..9) {
        let mut wire = Vec::new();
        escape::nvt(data.as_bytes(), &mut wire);
        prop_assert_eq!(fed(Settings::none(), &wire, piece).0, data.replace('\n', "\r\n").into_bytes());
    }

    /// However hostile bytes are cut, they mean the same.
    #[test]
    fn cuts_change_nothing(wire in prop::collection::vec(prop_oneof![any::<u8>(), 240u8..=255, Just(255)], 0..200),
        piece in 1usize..9) {
        prop_assert_eq!(fed(Settings::terminal("x"), &wire, piece), fed(Settings::terminal("x"), &wire, 200));
    }

    /// What a peer makes this side say is in proportion to what it said.
    #[test]
    fn answers_are_bounded(verbs in prop::collection::vec((251u8..=254, 0u8..4), 0..400)) {
        let mut engine = Engine::new(Settings::terminal("x"));
        let wire: Vec<u8> = verbs.iter().flat_map(|(verb, option)| [255, *verb, *option]).collect();
        let (mut text, mut out, mut rest) = (Vec::new(), Vec::new(), wire.as_slice());
        while !rest.is_empty() {
            let fed = engine.feed(rest, &mut text).unwrap();
            rest = &rest[fed.used..];
        }
        engine.take_output(&mut out);
        prop_assert!(out.len() <= wire.len());
        prop_assert!(out.len() <= 4 * 2 * 32 * 3, "{}", out.len());
    }
}

/// Answers to questions stop when nobody takes them.
#[test]
fn what_waits_to_be_sent_is_bounded() {
    let mut settings = Settings::terminal("x");
    settings.terminal_types = vec!["t".repeat(1000)];
    let mut engine = Engine::new(settings);
    let mut wire = vec![255, 253, 24];
    for _ in 0..10_000 {
        Sub::TerminalType(Asked::Send).encode(&mut wire);
    }
    let (mut text, mut out, mut rest) = (Vec::new(), Vec::new(), wire.as_slice());
    while !rest.is_empty() {
        let fed = engine.feed(rest, &mut text).unwrap();
        rest = &rest[fed.used..];
    }
    engine.take_output(&mut out);
    assert!(out.len() < 70_000, "{}", out.len());
}

/// RFC 4248: URLs, and what a person types.
#[test]
fn targets() {
    let target = |text: &str| text.parse::<Target>();
    let plain = target("telnet://me@host.example/").unwrap();
    assert_eq!(
        (plain.endpoint.to_string().as_str(), plain.security),
        ("host.example:23", Security::Opportunistic)
    );
    assert_eq!(plain.user.as_deref(), Some("me"));
    let secure = target("telnets://host.example").unwrap();
    assert_eq!(
        (secure.endpoint.to_string().as_str(), secure.security),
        ("host.example:992", Security::Implicit)
    );
    assert_eq!(target("[::1]:2323").unwrap().endpoint.to_string(), "[::1]:2323");
    for bad in ["http://host/", "telnet://host/path", "telnet://", "telnet://a%0ab@host/"] {
        assert!(target(bad).is_err(), "{bad}");
    }
}
