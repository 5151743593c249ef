//! yEnc both ways, and senders that lie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_nntp::yenc::{Slice, YencError, decode, encode};
use proptest::prelude::*;

fn article(name: &str, data: &[u8], slice: Option<Slice>) -> Vec<u8> {
    let mut out = b"From: a@b\r\nSubject: x =ybegin y\r\n\r\n".to_vec();
    encode(name, data, 128, slice, &mut out);
    out
}

fn altered(from: &str, to: &str) -> Result<(), YencError> {
    let slice = Slice { number: 2, total: 3, offset: 4, size: 12 };
    let text = article("a b.bin", b"data", Some(slice));
    let at = text.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    let text = [&text[..at], to.as_bytes(), &text[at + from.len()..]].concat();
    decode(&text, &mut Vec::new()).map(|_| ())
}

#[test]
fn a_part_says_where_it_belongs() {
    let slice = Slice { number: 2, total: 3, offset: 4, size: 12 };
    let mut out = Vec::new();
    let part = decode(&article("a b.bin", b"data", Some(slice)), &mut out).unwrap();
    assert_eq!(out, b"data");
    assert_eq!((part.number, part.total, part.offset, part.size, part.len), (Some(2), Some(3), 4, 12, 4));
    assert_eq!((part.name.as_slice(), part.crc), (&b"a b.bin"[..], Some(crc32fast::hash(b"data"))));
}

#[test]
fn senders_that_lie() {
    assert_eq!(altered("size=4 ", "size=5 "), Err(YencError::Size { said: 4, got: 4 }));
    assert_eq!(altered("end=8", "end=9"), Err(YencError::Size { said: 5, got: 4 }));
    assert!(matches!(altered("pcrc32=", "pcrc32=1"), Err(YencError::Crc { .. }) | Ok(())));
    assert!(matches!(altered("pcrc32=a", "pcrc32=b"), Err(YencError::Crc { .. })));
    assert_eq!(altered("=yend", "=yfin"), Err(YencError::NoEnd));
    assert_eq!(altered("=ybegin part", "=ybegun part"), Err(YencError::NoBegin));
    for (from, to) in [
        ("begin=5", "begin=0"),
        ("begin=5", "begin=9"),
        ("end=8", "end=13"),
        ("end=8", "end=x"),
        ("part=2", "part=0"),
        ("part=2", "part=-1"),
        ("=ypart", "=ypars"),
        ("size=12", "size=a"),
        ("name=", "nome="),
    ] {
        assert!(
            matches!(altered(from, to), Err(YencError::Header(_))),
            "{from} {to}: {:?}",
            altered(from, to)
        );
    }
}

/// A size that no disk has asks for no memory.
#[test]
fn a_size_of_a_tebibyte_reserves_nothing() {
    let text = b"=ybegin line=128 size=1099511627776 name=x\r\n\x52\r\n=yend size=1\r\n";
    let mut out = Vec::new();
    assert_eq!(decode(text, &mut out), Err(YencError::Size { said: 1 << 40, got: 1 }));
    assert!(out.capacity() < 1 << 20);
}

#[test]
fn a_cut_article_is_no_file() {
    let whole = article("x", &[7; 1000], None);
    for end in 0..whole.len() - 2 {
        let cut = &whole[..end];
        // Only the digits of the CRC may go unseen: fewer digits are another CRC, none is none.
        match decode(cut, &mut Vec::new()) {
            Err(_) => {}
            Ok(part) => assert!(part.len == 1000 && part.crc.is_none(), "{end}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_encoded_comes_out(data in proptest::collection::vec(any::<u8>(), 0..3000), line in 1usize..400, lf in any::<bool>()) {
        let mut text = Vec::new();
        encode("n", &data, line, None, &mut text);
        prop_assert!(!text.windows(3).any(|w| w == b"\n.." ) && !text.starts_with(b"."));
        for row in text.split(|b| *b == b'\n') {
            prop_assert!(!row.starts_with(b"."));
        }
        if lf {
            text = text.iter().copied().filter(|b| *b != b'\r').collect();
        }
        let mut out = b"before".to_vec();
        decode(&text, &mut out).unwrap();
        prop_assert_eq!(&out[6..], data.as_slice());
    }

    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(=y(begin|part|end)|[ =a-z0-9\r\n]){0,40}") {
        let _ = (decode(&bytes, &mut Vec::new()), decode(text.as_bytes(), &mut Vec::new()));
    }
}
