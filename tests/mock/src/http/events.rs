//! Server-sent events over three connections (WHATWG HTML 9.2): one that breaks in the middle of an event, one that ends
//! well, and a 204 that wants nobody to come back.
//!
//! | `Last-Event-ID` | answer |
//! |---|---|
//! | none | a time to wait, the events 1 and 2, half of 3 |
//! | 2 | the events 3 and 4 |
//! | 4 and others | 204 |

use crate::http::Asked;
use crate::http::answer::{Answer, Body};

const FIRST: &str = ": the events of the mock world\nretry: 20\n\nid: 1\ndata: one\n\n\
    event: pair\nid: 2\ndata: two\ndata: lines\n\nid: 3\ndata: thr";
const SECOND: &str = "id: 3\r\ndata: three\r\n\r\nid: 4\r\ndata: {\"four\": 4}\r\n\r\n";

pub(super) fn answer(asked: &Asked) -> Answer {
    let body = match asked.head.fields().get("last-event-id") {
        None => Body::Short(FIRST.into(), 100),
        Some(b"2") => Body::UntilClose(SECOND.into()),
        Some(_) => return Answer::new(204, Body::None),
    };
    Answer::new(200, body).with("Content-Type", "text/event-stream").with("Cache-Control", "no-store")
}
