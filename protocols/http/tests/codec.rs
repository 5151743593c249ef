//! Heads and chunks, both ways: what was encoded is decoded, whole and byte by byte; the framing table, row by row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::Read;

use netkit_http::{
    Bodiless, ChunkHead, Framing, Head, Heads, Incoming, Method, RequestHead, RequestHeads, Status, Version,
    encode_chunk, encode_last_chunk,
};
use netkit_wire::{Conn, Decode, Fault, Field, Limit, Limits, Malformed, Memory, Step};
use proptest::prelude::*;

/// Decodes whole, byte by byte and with bytes behind it: all must agree.
fn decode<D: Decode>(make: impl Fn() -> D, input: &[u8]) -> Result<Step<D::Item>, Malformed>
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
    if let Ok(Step::Done(..)) = whole {
        let trailing = [input, b"next"].concat();
        assert_eq!(make().decode(&trailing), whole);
    }
    whole
}

fn head(text: &str) -> Result<Head, Malformed> {
    match decode(|| Heads::new(&Limits::default()), text.as_bytes())? {
        Step::Done(head, used) => {
            assert_eq!(used, text.len());
            Ok(head)
        }
        Step::More(_) => panic!("not whole: {text:?}"),
    }
}

fn request(text: &str) -> Result<RequestHead, Malformed> {
    match decode(|| RequestHeads::new(&Limits::default()), text.as_bytes())? {
        Step::Done(head, used) => {
            assert_eq!(used, text.len());
            Ok(head)
        }
        Step::More(_) => panic!("not whole: {text:?}"),
    }
}

#[test]
fn a_request_line_is_three_words() {
    let head = request("\r\nGET /a?b HTTP/1.0\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!((head.method(), head.target(), head.version()), (&Method::GET, "/a?b", Version::Http10));
    for broken in [
        "GET",
        "GET /",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "G(T / HTTP/1.1",
        "GET /\u{e9} HTTP/1.1",
        "GET / HTTP/3.0",
        "GET / http/1.1",
        "GET /\t HTTP/1.1",
        "\r\n",
    ] {
        assert!(request(&format!("{broken}\r\n\r\n")).is_err(), "{broken:?}");
    }
}

#[test]
fn a_request_has_one_host() {
    for (fields, ok) in
        [("Host: a\r\n", true), ("Host:\r\n", true), ("", false), ("Host: a\r\nhost: a\r\n", false)]
    {
        assert_eq!(
            request(&format!("GET / HTTP/1.1\r\n{fields}\r\n")).unwrap().host().is_ok(),
            ok,
            "{fields:?}"
        );
    }
    assert_eq!(request("GET / HTTP/1.0\r\n\r\n").unwrap().host(), Ok(&b""[..]));
}

#[test]
fn a_head_is_bounded() {
    let limits = Limits { line: 100, header: 200, fields: 3, ..Limits::default() };
    let cases = [
        (format!("HTTP/1.1 200 {}", "x".repeat(100)), Limit::Line(100)),
        (format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(200)), Limit::Header(200)),
        ("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n".into(), Limit::Fields(3)),
    ];
    for (text, limit) in cases {
        assert_eq!(decode(|| Heads::new(&limits), text.as_bytes()), Err(Malformed::TooLong(limit)));
    }
}

/// RFC 9112 6.3 and 9.3.
#[test]
fn the_framing_table() {
    let of = |method: &str, start: &str, fields: &str| {
        let head = head(&format!("{start}\r\n{fields}\r\n")).unwrap();
        Framing::of_response(&Method::new(method).unwrap(), &head)
    };
    let ok = "HTTP/1.1 200 OK";
    assert_eq!(of("HEAD", ok, "Content-Length: 5\r\n"), Ok(Framing::Nothing(Bodiless::Head)));
    assert_eq!(
        of("GET", "HTTP/1.1 100 C", "Content-Length: 5\r\n"),
        Ok(Framing::Nothing(Bodiless::Informational))
    );
    assert_eq!(
        of("GET", "HTTP/1.1 204 N", "Content-Length: x\r\n"),
        Ok(Framing::Nothing(Bodiless::NoContent))
    );
    assert_eq!(
        of("GET", "HTTP/1.1 304 N", "Content-Length: 5\r\n"),
        Ok(Framing::Nothing(Bodiless::NotModified))
    );
    assert_eq!(of("CONNECT", ok, "Content-Length: 5\r\n"), Ok(Framing::Tunnel));
    assert_eq!(of("CONNECT", "HTTP/1.1 407 P", "Content-Length: 5\r\n"), Ok(Framing::Counted(5)));
    assert_eq!(of("GET", ok, "Transfer-Encoding: chunked\r\n"), Ok(Framing::Chunked));
    assert_eq!(of("GET", ok, "Content-Length: 18446744073709551615\r\n"), Ok(Framing::Counted(u64::MAX)));
    assert_eq!(of("GET", ok, "Content-Length: 007\r\n"), Ok(Framing::Counted(7)));
    assert_eq!(of("GET", ok, ""), Ok(Framing::UntilClose));
    for fields in [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 5;\r\n",
        "Content-Length: 5.0\r\n",
        "Content-Length: 5\r\nContent-Length: 50\r\n",
    ] {
        assert!(of("GET", ok, fields).is_err(), "{fields:?}");
    }
    let asked =
        |fields: &str| Framing::of_request(&request(&format!("PUT / HTTP/1.1\r\n{fields}\r\n")).unwrap());
    assert_eq!(asked(""), Ok(Framing::Nothing(Bodiless::Request)));
    assert_eq!(asked("Content-Length: 1\r\n"), Ok(Framing::Counted(1)));
    assert!(asked("Transfer-Encoding: gzip\r\n").is_err());
}

#[test]
fn a_connection_lives_as_both_sides_say() {
    for (start, fields, lives) in [
        ("HTTP/1.1 200 OK", "", true),
        ("HTTP/1.1 200 OK", "Connection: a\r\nConnection: b, CLOSE\r\n", false),
        ("HTTP/1.1 200 OK", "Connection: closed\r\n", true),
        ("HTTP/1.0 200 OK", "", false),
        ("HTTP/1.0 200 OK", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0 200 OK", "Connection: keep-alive, close\r\n", false),
    ] {
        assert_eq!(
            head(&format!("{start}\r\n{fields}\r\n")).unwrap().keeps_alive(),
            lives,
            "{start} {fields}"
        );
    }
}

/// RFC 9112 7.1.
#[test]
fn chunk_sizes() {
    let size = |text: &str| decode(ChunkHead::first, text.as_bytes());
    for (text, n) in [
        ("0", 0),
        ("1", 1),
        ("fF", 255),
        ("00000000000000000001", 1),
        ("ffffffffffffffff", u64::MAX),
        ("5;a=b", 5),
        ("5 ;a", 5),
        ("5\t", 5),
        ("5;", 5),
    ] {
        assert_eq!(size(&format!("{text}\r\n")), Ok(Step::Done(n, text.len() + 2)), "{text}");
    }
    for text in ["", " 5", "-5", "+5", "0x5", "g", "5 5", "10000000000000000", "5\r", "5\n", "5\0", "5_0"] {
        assert!(size(&format!("{text}\r\n")).is_err(), "{text:?}");
    }
    assert_eq!(decode(ChunkHead::next, b"\r\n5\r\n"), Ok(Step::Done(5, 5)));
    assert!(decode(ChunkHead::next, b"5\r\n").is_err());
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let value = prop::collection::vec(any::<u8>().prop_filter("breaks", |b| !b"\r\n\0".contains(b)), 0..12);
    prop::collection::vec(("[!-'*+.0-9A-Z^-z|~-]{1,8}", value), 0..6)
        .prop_map(|all| all.iter().filter_map(|(name, value)| Field::new(name, value)).collect())
}

/// Reads a chunked body that comes in pieces, with a buffer of `room`.
fn chunked(wire: &[u8], piece: usize, room: usize) -> Result<(Vec<u8>, Incoming), Fault> {
    let mut conn = Conn::new(Box::new(Memory::new(wire).in_pieces(piece)), Limits::default());
    let (mut incoming, mut body, mut buffer) = (Incoming::new(Framing::Chunked), Vec::new(), vec![0; room]);
    loop {
        match incoming.read(&mut conn, &mut buffer)? {
            0 => return Ok((body, incoming)),
            n => body.extend_from_slice(&buffer[..n]),
        }
    }
}

proptest! {
    #[test]
    fn a_response_head_comes_back(code in 100u16..1000, old in any::<bool>(), reason in "[ -~\u{e9}]{0,10}", fields in fields()) {
        let version = if old { Version::Http10 } else { Version::Http11 };
        let head = Head::new(Status::new(code).unwrap()).with_version(version).with_reason(reason.as_bytes()).unwrap();
        let head = fields.into_iter().fold(head, Head::with);
        let mut wire = Vec::new();
        head.encode(&mut wire);
        prop_assert_eq!(decode(|| Heads::new(&Limits::default()), &wire), Ok(Step::Done(head, wire.len())));
    }

    #[test]
    fn a_request_head_comes_back(method in "[A-Z!#-]{1,8}", target in "[!-~]{1,20}", fields in fields()) {
        let head = RequestHead::new(Method::new(&method).unwrap(), &target).unwrap();
        let head = fields.into_iter().fold(head, RequestHead::with);
        let mut wire = Vec::new();
        head.encode(&mut wire);
        prop_assert_eq!(decode(|| RequestHeads::new(&Limits::default()), &wire), Ok(Step::Done(head, wire.len())));
    }

    #[test]
    fn chunks_come_back(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
                        piece in 1usize..9, room in 1usize..9) {
        let mut wire = Vec::new();
        chunks.iter().for_each(|chunk| encode_chunk(chunk, &mut wire));
        encode_last_chunk(&netkit_wire::Fields::default(), &mut wire);
        let (body, incoming) = chunked(&wire, piece, room).unwrap();
        prop_assert_eq!(body, chunks.concat());
        prop_assert!(incoming.is_over() && incoming.trailers().unwrap().is_empty());
        for cut in 0..wire.len() {
            prop_assert!(chunked(&wire[..cut], piece, room).is_err(), "cut after {}", cut);
        }
    }

    #[test]
    fn no_bytes_break_a_decoder(bytes in prop::collection::vec(any::<u8>(), 0..80), start in "(HTTP/1.1 200 OK\r\n|GET / HTTP/1.1\r\n|5\r\n)?") {
        let input = [start.as_bytes(), &bytes].concat();
        let _ = decode(|| Heads::new(&Limits::default()), &input);
        let _ = decode(|| RequestHeads::new(&Limits::default()), &input);
        let _ = decode(ChunkHead::next, &input);
        let _ = chunked(&input, 3, 100);
    }

    #[test]
    fn no_bytes_break_a_coding(bytes in prop::collection::vec(any::<u8>(), 0..200), coding in "gzip|deflate|br|zstd") {
        let start = match coding.as_str() { "gzip" => &b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], "zstd" => b"\x28\xb5\x2f\xfd", _ => b"" };
        let content = [start, &bytes].concat();
        let mut wire = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", content.len()).into_bytes();
        wire.extend_from_slice(&content);
        let mut connection = netkit_http::Connection::new(Conn::new(Box::new(Memory::new(&wire)), Limits::default()));
        let mut request = netkit_http::Request::get("example.org").unwrap();
        let mut answer = connection.exchange(&mut request).unwrap();
        answer.body().decoded_limit(1 << 20);
        let mut all = Vec::new();
        if answer.read_to_end(&mut all).is_err() {
            prop_assert!(answer.read(&mut [0; 8]).is_err(), "an error is no end");
        }
    }
}
