//! Server-sent events: the examples of WHATWG HTML 9.2, and streams cut at every place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::Read;
use std::time::Duration;

use netkit_http::events::{DATA, Event, Events, LINE};

/// Delivers so many bytes a read.
struct Pieces<'b>(&'b [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(self.0.len()).min(to.len());
        to[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

fn event(kind: &str, data: &str, id: &str) -> Event {
    Event { kind: kind.to_owned(), data: data.to_owned(), id: id.to_owned() }
}

/// The events, the last id, and the time to wait; the same however the bytes come.
fn all(stream: &[u8]) -> (Vec<Event>, String, Option<Duration>) {
    let read = |n| {
        let mut events = Events::new(Pieces(stream, n), "");
        let list: Vec<Event> = std::iter::from_fn(|| events.next_event().unwrap()).collect();
        (list, events.last_id().to_owned(), events.retry())
    };
    let whole = read(usize::MAX);
    for n in 1..4 {
        assert_eq!(read(n), whole, "{n} bytes a read");
    }
    whole
}

/// 9.2.6, the stock ticker and the three that follow it.
#[test]
fn the_specs_examples() {
    assert_eq!(all(b"data: YHOO\ndata: +2\ndata: 10\n\n").0, [event("message", "YHOO\n+2\n10", "")]);
    let (events, last, _) =
        all(b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n");
    assert_eq!(events, [event("message", "first event", "1"), event("message", "second event", "")]);
    assert_eq!(last, "", "the second event takes the id away");
    assert_eq!(all(b"data\n\ndata\ndata\n\ndata:").0, [event("message", "", ""), event("message", "\n", "")]);
    assert_eq!(
        all(b"data:test\n\ndata: test\n\n").0,
        [event("message", "test", ""), event("message", "test", "")]
    );
    assert_eq!(
        all(b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n").0,
        [event("add", "73857293", ""), event("remove", "2153", "")]
    );
}

/// 9.2.5.
#[test]
fn line_ends_marks_and_fields() {
    let expected = [event("message", "a\nb", "7")];
    for stream in
        ["data: a\ndata: b\nid: 7\n\n", "data: a\r\ndata: b\r\nid: 7\r\n\r\n", "data: a\rdata: b\rid: 7\r\r"]
    {
        assert_eq!(all(stream.as_bytes()).0, expected);
        assert_eq!(all(format!("\u{feff}{stream}").as_bytes()).0, expected);
    }
    assert_eq!(all(b"event: x\n\ndata: y\n\n").0, [event("message", "y", "")], "no data, no event");
    assert_eq!(
        all(b"Data: x\nfoo: y\n\xef\xbb\xbfdata: z\n\n").0,
        [],
        "names are exact; a mark stands at the start only"
    );
    assert_eq!(all(b"data: \xff\n\n").0, [event("message", "\u{fffd}", "")]);
    assert_eq!(all(b"id: a\0b\ndata: x\n\n").1, "");
    assert_eq!(all(b"id: 5\n\nid: 6\n").1, "5", "an id counts with its empty line");
}

#[test]
fn retry_is_digits() {
    let retry = |line: &str| all(line.as_bytes()).2;
    assert_eq!(retry("retry: 1500\n"), Some(Duration::from_millis(1500)));
    for line in ["retry: -1\n", "retry: 1s\n", "retry:\n", "retry: 99999999999999999999\n"] {
        assert_eq!(retry(line), None, "{line}");
    }
}

#[test]
fn a_server_has_its_bounds() {
    let line = std::io::repeat(b'x').take(LINE as u64 + 1);
    assert!(Events::new(line, "").next_event().is_err());
    let full = [b"data: ".to_vec(), vec![b'x'; LINE - 100], b"\n".to_vec()].concat();
    let many = full.repeat(DATA / LINE + 2);
    assert!(Events::new(&many[..], "").next_event().is_err());
}

/// An id that is known goes on to hold until the server says another.
#[test]
fn the_last_id_is_kept_over_connections() {
    let mut events = Events::new(&b"data: x\n\n"[..], "41");
    assert_eq!(events.next_event().unwrap(), Some(event("message", "x", "41")));
    assert_eq!(events.next_event().unwrap(), None);
    assert_eq!(events.last_id(), "41");
}
