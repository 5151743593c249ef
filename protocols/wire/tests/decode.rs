//! Every decoder, whole, byte by byte and with bytes behind it, gives the same answer; broken input is named.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use netkit_wire::{
    Code, Conn, Decode, Ended, Eol, Fault, FieldBlock, Limit, Limits, Line, Malformed, Memory, Replies, Step,
};
use proptest::prelude::*;

/// Decodes `input` in one go and byte by byte; both must agree.
fn both_ways<D: Decode>(make: impl Fn() -> D, input: &[u8]) -> Result<Step<D::Item>, Malformed>
where
    D::Item: PartialEq + std::fmt::Debug,
{
    let whole = make().decode(input);
    let mut decoder = make();
    let mut bytewise = Ok(Step::More(1));
    for end in 0..=input.len() {
        bytewise = decoder.decode(&input[..end]);
        if !matches!(bytewise, Ok(Step::More(_))) {
            break;
        }
    }
    match (&whole, &bytewise) {
        (Ok(Step::More(_)), Ok(Step::More(_))) => {}
        _ => assert_eq!(whole, bytewise, "{}", input.escape_ascii()),
    }
    whole
}

fn numbered() -> Replies {
    Replies::numbered(&Limits::default())
}

fn texts(reply: &netkit_wire::Reply) -> Vec<String> {
    reply.lines().iter().map(ToString::to_string).collect()
}

#[test]
fn a_reply_of_three_lines_leaves_what_follows() {
    let input = b"250-first\r\n250-\r\n250 last\r\n220 next\r\n";
    let Ok(Step::Done(reply, used)) = both_ways(numbered, input) else { panic!() };
    assert_eq!((reply.code().get(), used), (250, 27));
    assert_eq!(texts(&reply), ["first", "", "last"]);
    let Ok(Step::Done(alone, 5)) = both_ways(numbered, b"354\r\n") else { panic!() };
    assert_eq!(texts(&alone), [""]);
}

#[test]
fn ftp_text_lines_are_free_and_may_look_like_the_end() {
    let input = b"150-Here it comes\r\n226 not the end\r\n 150 nor this\r\n150 done\r\n";
    let Ok(Step::Done(reply, used)) = both_ways(|| Replies::free(&Limits::default()), input) else {
        panic!()
    };
    assert_eq!(used, input.len());
    assert_eq!(texts(&reply), ["Here it comes", "226 not the end", " 150 nor this", "done"]);
}

#[test]
fn broken_replies_are_refused_by_name() {
    let grammar = |input: &[u8]| match both_ways(numbered, input) {
        Err(Malformed::Grammar { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert!(grammar(b"hello\r\n").contains("three-digit"));
    assert!(grammar(b"650 no\r\n").contains("three-digit"));
    assert!(grammar(b"2500 ok\r\n").contains("space"));
    assert!(grammar(b"250-a\r\n251 b\r\n").contains("same code"));
    assert!(grammar(b"250 a\n").contains("CRLF"));
    assert!(grammar(b"250 a\rb\r\n").contains("CR"));
    let single = Replies::single(&Limits::default()).decode(b"200-no\r\n");
    assert!(matches!(single, Err(Malformed::Grammar { .. })));
}

#[test]
fn endless_replies_and_lines_end_at_their_limit() {
    let mut endless = Vec::new();
    while endless.len() < 300 << 10 {
        endless.extend_from_slice(b"250-\r\n");
    }
    assert!(matches!(numbered().decode(&endless), Err(Malformed::TooLong(Limit::Reply(_)))));
    assert!(matches!(numbered().decode(&vec![b'2'; 20 << 10]), Err(Malformed::TooLong(Limit::Line(_)))));
    let mut conn = Conn::new(Box::new(Memory::new(&vec![b'x'; 1 << 20])), Limits::default());
    assert!(matches!(conn.recv(numbered()), Err(Fault::TooLong(Limit::Line(_)))));
}

#[test]
fn codes_match_by_their_leading_digits() {
    let code = Code::parse(b"354 go").unwrap();
    assert!(code.is(3) && code.is(35) && code.is(354));
    assert!(!code.is(2) && !code.is(25) && !code.is(355));
    assert_eq!(Code::new(99).or(Code::new(600)), None);
}

#[test]
fn header_fields_are_strict() {
    let block = || FieldBlock::new(&Limits::default());
    let Ok(Step::Done(fields, used)) = both_ways(block, b"Host: a\r\nX-A:\t b \r\nx-a:c,,d\r\n\r\nbody")
    else {
        panic!()
    };
    assert_eq!((fields.len(), used), (3, 31));
    assert_eq!(fields.list("X-a").collect::<Vec<_>>(), [b"b", b"c", b"d"]);
    for broken in [
        "A : b\r\n\r\n",
        "A: b\r\n c\r\n\r\n",
        ": b\r\n\r\n",
        "A b\r\n\r\n",
        "A: b\n\r\n",
        "A: \0\r\n\r\n",
        "A: b\rc\r\n\r\n",
    ] {
        assert!(matches!(both_ways(block, broken.as_bytes()), Err(Malformed::Grammar { .. })), "{broken:?}");
    }
    let many = "A: b\r\n".repeat(300) + "\r\n";
    assert_eq!(both_ways(block, many.as_bytes()), Err(Malformed::TooLong(Limit::Fields(256))));
    let large = format!("A: {}\r\n\r\n", "b".repeat(200_000));
    assert_eq!(block().decode(large.as_bytes()), Err(Malformed::TooLong(Limit::Header(128 << 10))));
}

#[test]
fn lines_may_be_lenient_only_when_asked() {
    let strict = || Line::new(&Limits::default());
    assert!(strict().decode(b"a\n").is_err());
    let Ok(Step::Done(line, 2)) = both_ways(|| strict().eol(Eol::CrlfOrLf), b"a\nb") else { panic!() };
    assert_eq!(line.as_bytes(), b"a");
}

#[test]
fn the_end_of_the_connection_is_named() {
    let recv = |input: &[u8]| Conn::new(Box::new(Memory::new(input)), Limits::default()).recv(numbered());
    assert!(matches!(recv(b""), Err(Fault::Closed(Ended::Before))));
    assert!(matches!(recv(b"250-a\r\n"), Err(Fault::Closed(Ended::Inside))));
}

#[test]
fn upgrade_refuses_bytes_that_came_too_early() {
    let mut conn = Conn::new(Box::new(Memory::new(b"220 go\r\n250 injected\r\n")), Limits::default());
    conn.recv(numbered()).unwrap();
    assert!(matches!(conn.upgrade(Ok), Err(Fault::Leftover(14))));
    assert!(conn.recv(numbered()).is_err(), "the connection is dead");
}

proptest! {
    #[test]
    fn no_input_makes_a_decoder_panic_or_disagree(input in prop::collection::vec(prop::sample::select(b"25 0-\r\n:a\0.\xff".to_vec()), 0..40)) {
        let _ = both_ways(numbered, &input);
        let _ = both_ways(|| Replies::free(&Limits::default()), &input);
        let _ = both_ways(|| FieldBlock::new(&Limits::default()), &input);
        let _ = both_ways(|| Line::new(&Limits::default()).eol(Eol::CrlfOrLf), &input);
    }

    #[test]
    fn a_reply_survives_its_own_encoding(code in 100u16..600, lines in prop::collection::vec("[ -~]{0,20}", 1..5)) {
        let texts = lines.iter().map(|l| netkit_wire::Text::from(l.as_str())).collect();
        let reply = netkit_wire::Reply::new(Code::new(code).unwrap(), texts);
        let mut bytes = Vec::new();
        reply.encode(&mut bytes);
        let len = bytes.len();
        prop_assert_eq!(both_ways(numbered, &bytes), Ok(Step::Done(reply, len)));
    }
}
