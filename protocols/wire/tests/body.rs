//! Bodies: what was stuffed comes out again, however the stream cuts it; a cut body is an error, never an end.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Read;

use netkit_wire::{Conn, Ended, Fault, Limit, Limits, Line, Memory, Phase, Stuffer, stuffed};
use proptest::prelude::*;

fn conn(input: &[u8], piece: usize) -> Conn {
    Conn::new(Box::new(Memory::new(input).in_pieces(piece)), Limits::default())
}

/// Reads a dot body with a buffer of `room`, and the line behind it.
fn dot(input: &[u8], piece: usize, room: usize) -> Result<Vec<u8>, Fault> {
    let mut conn = conn(input, piece);
    let mut body = conn.dot_body();
    let (mut out, mut buffer) = (Vec::new(), vec![0; room]);
    loop {
        match body.read(&mut buffer).map_err(|e| Fault::from_io(e, Phase::Receiving))? {
            0 => break,
            n => out.extend_from_slice(&buffer[..n]),
        }
    }
    assert_eq!(conn.recv(Line::new(&Limits::default()))?.as_bytes(), b"next");
    Ok(out)
}

#[test]
fn dots_of_every_kind() {
    let cases: [(&[u8], &[u8]); 7] = [
        (b".\r\n", b""),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b"a\r\n..b\r\n\r\n.\r\n", b"a\r\n.b\r\n\r\n"),
        (b".x\r\n.\r\n", b"x\r\n"),
        (b"a\n.\n.\r\nb\r\n.\r\n", b"a\n.\n.\r\nb\r\n"),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
    ];
    for (wire, body) in cases {
        let input = [wire, b"next\r\n"].concat();
        for piece in 1..=input.len() {
            for room in [1, 2, 3, 100] {
                assert_eq!(dot(&input, piece, room).unwrap(), body, "{} by {piece}", wire.escape_ascii());
            }
        }
    }
}

#[test]
fn a_body_without_its_end_is_an_error() {
    for cut in [&b""[..], b"a\r\n", b"a\r\n.", b"a\r\n.\r", b"a.\r\n"] {
        assert!(matches!(dot(cut, 100, 100), Err(Fault::Closed(Ended::Inside))));
    }
    let mut conn = conn(b"12345", 2);
    let mut out = Vec::new();
    let error = conn.counted(6).read_to_end(&mut out).unwrap_err();
    assert!(matches!(Fault::from_io(error, Phase::Receiving), Fault::Closed(Ended::Inside)));
    assert_eq!(out, b"12345");
}

#[test]
fn stuffing_normalises_every_line_end() {
    let cases: [(&[u8], &[u8]); 8] = [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\n.\r\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"\n.\r\n", b"\r\n..\r\n.\r\n"),
        (b"a\r\n\r\n", b"a\r\n\r\n.\r\n"),
        (b"\r\r\n.", b"\r\n\r\n..\r\n.\r\n"),
    ];
    for (body, wire) in cases {
        assert_eq!(stuffed(body).escape_ascii().to_string(), wire.escape_ascii().to_string());
        let (mut bytewise, mut stuffer) = (Vec::new(), Stuffer::default());
        body.iter().for_each(|b| stuffer.push(&[*b], &mut bytewise));
        stuffer.finish(&mut bytewise);
        assert_eq!(bytewise, wire);
    }
}

#[test]
fn an_unwanted_body_is_read_past_up_to_a_limit() {
    let mut few = conn(b"12345next\r\n", 4);
    few.counted(5).read_exact(&mut [0; 2]).unwrap();
    assert_eq!(few.recv(Line::new(&Limits::default())).unwrap().as_bytes(), b"next");
    let mut many = conn(&vec![b'x'; 3 << 20], usize::MAX);
    let _ = many.counted(3 << 20);
    assert!(matches!(many.recv(Line::new(&Limits::default())), Err(Fault::TooLong(Limit::Drain(_)))));
}

#[test]
fn until_close_reads_to_the_end() {
    let mut out = Vec::new();
    conn(b"abc", 1).until_close().copy_to(&mut out, None).unwrap();
    assert_eq!(out, b"abc");
}

proptest! {
    #[test]
    fn what_was_stuffed_comes_out(body in prop::collection::vec(prop::sample::select(b".\r\na".to_vec()), 0..60), piece in 1usize..9, room in 1usize..9) {
        let mut wire = stuffed(&body);
        prop_assert!(!wire[..wire.len() - 5.min(wire.len())].windows(5).any(|w| w == b"\r\n.\r\n"));
        wire.extend_from_slice(b"next\r\n");
        let got = dot(&wire, piece, room).unwrap();
        let mut normal = String::from_utf8(body).unwrap().replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        if !normal.is_empty() && !normal.ends_with("\r\n") { normal += "\r\n" }
        prop_assert_eq!(String::from_utf8(got).unwrap(), normal);
    }
}
