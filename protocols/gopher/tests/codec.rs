//! What is encoded decodes to itself, in pieces of any size; what is not a menu never panics.
#![allow(clippy::unwrap_used, clippy::panic)]

use netkit_gopher::{Ending, Entry, Item, ItemType, Mark, MenuLine, Query, Request, Selector, TextFilter};
use netkit_wire::{Conn, Decode, Limits, Memory, Step, Text, stuffed};
use proptest::prelude::*;

fn column() -> impl Strategy<Value = Text> {
    "[ -~é]{0,12}".prop_map(|text| Text::from(text.as_str()))
}

fn mark() -> impl Strategy<Value = Mark> {
    prop::sample::select(vec![Mark::None, Mark::Plus, Mark::Asks])
}

proptest! {
    #[test]
    fn an_item_survives(letter in "[0-9+TgIhisp;]", display in column(), selector in column(), host in "[a-z.]{1,9}", port: u16, plus in mark()) {
        let kind = ItemType::new(letter.as_bytes()[0]).unwrap();
        let item = Item { kind, display, selector, host: Text::from(host.as_str()), port: Some(port), plus };
        let mut line = Vec::new();
        item.encode(&mut line);
        let len = line.len();
        let decoded = MenuLine::new(&Limits::default()).decode(&line);
        prop_assert_eq!(decoded, Ok(Step::Done(Some(Entry::Item(item)), len)));
    }

    #[test]
    fn a_request_survives(selector in "[ -~é]{0,60}", query in prop::option::of("[ %-*,-~][ -~]{0,20}"), piece in 1usize..20) {
        let selector = Selector::new(selector.as_bytes()).unwrap();
        let request = Request::new(selector, query.map(|q| Query::new(q.as_bytes()).unwrap()));
        let mut line = Vec::new();
        request.encode(&mut line);
        let mut conn = Conn::new(Box::new(Memory::new(&line).in_pieces(piece)), Limits::default());
        prop_assert_eq!(conn.recv(Request::decoder(&Limits::default())).unwrap(), request);
    }

    #[test]
    fn a_stuffed_text_comes_out_whole(body in prop::collection::vec(prop::sample::select(b".\r\nab".to_vec()), 0..60), piece in 1usize..9) {
        let mut text = String::from_utf8(body).unwrap().replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        if !text.is_empty() && !text.ends_with('\n') { text += "\r\n" }
        let (mut out, mut filter) = (Vec::new(), TextFilter::default());
        stuffed(text.as_bytes()).chunks(piece).for_each(|chunk| filter.push(chunk, &mut out));
        prop_assert_eq!(filter.finish(&mut out), Ending::Dot);
        prop_assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Some(item) = Item::parse(&line) {
            prop_assert!(item.url().is_none_or(|url| !url.chars().any(char::is_control)));
        }
    }
}
