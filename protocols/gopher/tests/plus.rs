//! Gopher+ and phone books: what is encoded decodes to itself; what is hostile never panics.
#![allow(clippy::unwrap_used, clippy::panic)]

use netkit_gopher::cso::{Line, Lookup};
use netkit_gopher::plus::{
    Answer, Attributes, Block, Header, Length, Name, Plus, Question, QuestionKind, View, Wanted,
    encode_answers, listing,
};
use netkit_gopher::{Client, Error, Invalid, Item, Mark, Query, Request, Selector};
use netkit_wire::{Conn, Decode, Fault, Limit, Limits, Memory, Step, Text};
use proptest::prelude::*;

fn wanted() -> impl Strategy<Value = Wanted> {
    ("[ -~]{0,20}", 0..3).prop_map(|(name, which)| {
        let name = Name::new(name.as_bytes()).unwrap();
        match which {
            0 => Wanted::Content(name),
            1 => Wanted::Attributes(name),
            _ => Wanted::Listing(name),
        }
    })
}

fn text() -> impl Strategy<Value = Text> {
    "[ -~é]{1,20}".prop_map(|text| Text::from(text.as_str()))
}

proptest! {
    #[test]
    fn a_request_survives(
        selector in "[ -~é]{0,60}",
        query in prop::option::of("[ %-*,-~][ -~]{0,20}"),
        ask in wanted(),
        data in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        piece in 1usize..20,
    ) {
        let query = query.map(|q| Query::new(q.as_bytes()).unwrap());
        let plus = Some(Plus { ask, data });
        let request = Request { plus, ..Request::new(Selector::new(selector.as_bytes()).unwrap(), query) };
        let mut line = Vec::new();
        request.encode(&mut line);
        let mut conn = Conn::new(Box::new(Memory::new(&line).in_pieces(piece)), Limits::default());
        prop_assert_eq!(conn.recv(Request::decoder(&Limits::default())).unwrap(), request);
    }

    #[test]
    fn a_header_survives(n in 0u64..1 << 50, which in 0usize..6) {
        let length = [Length::Bytes(n), Length::Dot, Length::Close][which % 3];
        let header = if which < 3 { Header::Data(length) } else { Header::Error(length) };
        let mut line = Vec::new();
        header.encode(&mut line);
        let len = line.len();
        prop_assert_eq!(Header::decoder(&Limits::default()).decode(&line), Ok(Step::Done(header, len)));
    }

    #[test]
    fn attributes_survive(blocks in prop::collection::vec(("[A-Z]{1,8}", prop::collection::vec(text(), 0..4)), 1..5)) {
        let blocks = blocks.into_iter().filter(|(name, _)| name != "INFO");
        let mut all = vec![Block::info(&Item { plus: Mark::Plus, ..Item::info("x") })];
        all.extend(blocks.map(|(name, lines)| Block { lines, ..Block::new(&name, []) }));
        let items = vec![Attributes { blocks: all.clone() }, Attributes { blocks: all }];
        prop_assert_eq!(Attributes::parse(&listing(&items)), items);
    }

    #[test]
    fn views_and_questions_survive(kind in "[a-z]{1,9}/[a-z]{1,9}", language in prop::option::of("[A-Z][a-z]_[A-Z]{2}"), size in prop::option::of("[0-9]{1,3}k"), prompt in "[!-~][ -~]{0,20}", choice in text()) {
        let view = View { kind, language, size };
        prop_assert_eq!(View::parse(&view.line()), Some(view));
        for kind in ["Ask", "AskP", "AskL", "AskF", "Select", "Choose", "ChooseF", "Note"] {
            let question = Question::parse(format!("{kind}: {prompt}\t{choice}").as_bytes()).unwrap();
            prop_assert_eq!(question.kind.word(), kind);
            prop_assert_eq!(Question::parse(&question.line()), Some(question));
        }
    }

    #[test]
    fn a_book_survives(entry in prop::option::of(1u32..100), code in 100u16..600, more: bool, field in "[ a-z]{1,12}", words in "[!-9;-~][ -9;-~]{0,30}") {
        let line = match entry {
            Some(entry) => Line { more, ..Line::field(code, entry, &field, &words) },
            None => Line { more, ..Line::new(code, &words) },
        };
        let mut bytes = Vec::new();
        line.encode(&mut bytes);
        let len = bytes.len();
        prop_assert_eq!(Line::decoder(&Limits::default()).decode(&bytes), Ok(Step::Done(line, len)));
    }

    #[test]
    fn a_lookup_survives(terms in prop::collection::vec((prop::option::of("[a-z][a-z0-9_-]{0,8}"), "[ -~é]{1,16}"), 1..4), fields in prop::collection::vec("[a-z]{1,8}", 0..3)) {
        let mut lookup = Lookup::default();
        for (field, value) in &terms {
            lookup = lookup.term(field.as_deref(), value).unwrap();
        }
        for field in &fields {
            lookup = lookup.give(field).unwrap();
        }
        let mut line = Vec::new();
        lookup.encode(&mut line);
        let line = String::from_utf8(line).unwrap();
        prop_assert_eq!(Lookup::decode(line.trim_end_matches("\r\n")), Some(lookup), "{}", line);
    }

    #[test]
    fn nothing_hostile_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for item in Attributes::parse(&bytes) {
            prop_assert!(item.views().len() + item.questions().len() <= bytes.len());
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some(lookup) = Lookup::decode(&text) {
            prop_assert!(lookup.terms().count() > 0);
        }
        let mut conn = Conn::new(Box::new(Memory::new(&bytes)), Limits::default());
        if let Ok(request) = conn.recv(Request::decoder(&Limits::default())) {
            prop_assert!(request.selector.as_bytes().len() <= 255);
        }
    }
}

#[test]
fn sizes_of_views() {
    let bytes = |size: &str| View::parse(&format!("text/plain: <{size}>")).unwrap().bytes();
    assert_eq!((bytes("10k"), bytes(".5k"), bytes("77")), (Some(10_240), Some(512), Some(77)));
    assert_eq!((bytes("NaN"), bytes("-4k"), bytes("1e99k"), bytes("big")), (None, None, None, None));
}

#[test]
fn answers_are_what_the_questions_allow() {
    let question = |line: &str| Question::parse(line.as_bytes()).unwrap();
    let choose = question("Choose: How?\tYes\tNot!\tNot at all");
    assert_eq!(choose.answer("y").unwrap(), Answer::Line(b"Yes".to_vec()));
    assert_eq!(choose.answer("not!").unwrap(), Answer::Line(b"Not!".to_vec()));
    for wrong in ["", "not", "maybe"] {
        assert_eq!(choose.answer(wrong), Err(Invalid::Answer("one of the choices")), "{wrong}");
    }
    let select = question("Select: Sure?\t1");
    assert_eq!(select.answer("no").unwrap(), Answer::Line(b"0".to_vec()));
    assert_eq!(select.answer("perhaps"), Err(Invalid::Answer("yes or no")));
    assert_eq!(select.default_answer(), Answer::Line(b"1".to_vec()));
    assert_eq!(question("Ask: Who?\tnobody").default_answer(), Answer::Line(b"nobody".to_vec()));
    assert_eq!(question("Ask: Who?").answer("a\r\nb"), Err(Invalid::Answer("one line")));
    let lines = question("AskL: Words?").answer("one\ntwo").unwrap();
    assert_eq!(encode_answers([&lines, &Answer::Line(b"x".to_vec())]), b"2\r\none\r\ntwo\r\nx\r\n");
    assert!(!QuestionKind::Note.is_asked() && Question::parse(b"Riddle: what?").is_none());
    // What was answered may be a password.
    assert_eq!(
        format!("{lines:?} {:?}", Answer::Line(b"secret".to_vec())),
        "Answer::Lines(2 lines) Answer::Line(..)"
    );
}

#[test]
fn a_request_with_too_much_below_it_is_refused() {
    let limits = Limits::default();
    let decode = |bytes: &[u8]| Request::decoder(&limits).decode(bytes);
    let too_long = Err(netkit_wire::Malformed::TooLong(Limit::Reply(limits.reply)));
    assert_eq!(decode(b"a\t+\t1\r\n+999999999\r\n"), too_long);
    let mut endless = b"a\t+\t1\r\n+-1\r\n".to_vec();
    endless.resize(limits.reply + 100, b'x');
    assert_eq!(decode(&endless), too_long);
    for wrong in [&b"a\t+\t1\r\n+-2\r\nx"[..], b"a\t+\t1\r\nx\r\n", b"a\tb\tc\td\te\r\n", b"a\t+\t7\r\n"] {
        assert!(matches!(decode(wrong), Err(netkit_wire::Malformed::Grammar { .. })), "{wrong:?}");
    }
    let dotted = decode(b"a\t+\t1\r\n+-1\r\none\r\n..two\r\n.\r\nrest").unwrap();
    let Step::Done(request, used) = dotted else { panic!("{dotted:?}") };
    assert_eq!((request.plus.unwrap().data.unwrap().as_slice(), used), (&b"one\r\n.two\r\n"[..], 27));
}

#[test]
fn errors_say_what_can_be_done() {
    let ask = |answer: &[u8]| {
        let client = Client::new(Conn::new(Box::new(Memory::new(answer)), Limits::default()));
        client.view(&Selector::root(), None, Name::default(), None).unwrap_err()
    };
    assert!(ask(b"--1\r\n2 admin\r\nbusy\r\n.\r\n").is_transient());
    assert!(!ask(b"--1\r\n1 admin\r\ngone\r\n.\r\n").is_transient());
    let moved = ask(b"--1\r\n3 admin\r\n0There\t/b\th.example\t70\t+\r\n.\r\n");
    let Error::Refused(refusal) = moved else { panic!("{moved:?}") };
    assert_eq!(refusal.moved.unwrap().url().unwrap(), "gopher://h.example/0/b");
    assert!(matches!(ask(b"hello\r\n"), Error::NotPlus(line) if line == Text::from("hello")));
    assert!(matches!(ask(b""), Error::Wire(Fault::Closed(_))));
    let endless = [b"--2\r\n".as_slice(), &[b'x'; 20_000]].concat();
    assert!(matches!(ask(&endless), Error::Wire(Fault::TooLong(_))));
    assert!(Name::new(b"a\tb").is_err());
}
