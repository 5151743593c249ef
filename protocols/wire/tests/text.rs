//! Nothing that a peer says can steer a terminal; nothing secret reaches a tap; the pipeline keeps its count.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use netkit_wire::{Conn, Limits, Line, Memory, Pipeline, Sanitizer, Tap, escape};

#[test]
fn escapes_show_what_is_there() {
    assert_eq!(escape(b"plain \xc3\xa9"), "plain é");
    assert_eq!(escape(b"\x1b[2J\r\n\t\x9b\xff"), "\\x1b[2J\\r\\n\\t\\x9b\\xff");
    assert_eq!(escape("\u{9b}\u{202e}x".as_bytes()), "\\u{9b}\\u{202e}x");
}

#[test]
fn the_sanitizer_takes_controls_out_wherever_it_is_cut() {
    let input = "a\x1b[1mb\u{9b}c\u{202e}é\r\n\td€".as_bytes();
    for piece in 1..input.len() {
        let (mut out, mut sanitizer) = (Vec::new(), Sanitizer::default());
        input.chunks(piece).for_each(|chunk| sanitizer.push(chunk, &mut out));
        sanitizer.finish(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a[1mbcé\n\td€");
    }
    let (mut out, mut sanitizer) = (Vec::new(), Sanitizer::default());
    sanitizer.push(b"x\xff\xe2\x82", &mut out);
    sanitizer.finish(&mut out);
    assert_eq!(String::from_utf8(out).unwrap(), "x\u{fffd}\u{fffd}");
}

struct Log(Arc<Mutex<String>>);

impl Tap for Log {
    fn sent(&mut self, bytes: &[u8]) {
        *self.0.lock().unwrap() += &format!("> {}", escape(bytes));
    }
    fn received(&mut self, bytes: &[u8]) {
        *self.0.lock().unwrap() += &format!("< {}", escape(bytes));
    }
    fn note(&mut self, what: &str) {
        *self.0.lock().unwrap() += &format!("* {what}");
    }
}

#[test]
fn secrets_leave_but_are_not_shown() {
    let peer = Memory::new(b"235 ok\r\n");
    let (written, log) = (peer.written(), Arc::default());
    let mut conn = Conn::new(Box::new(peer), Limits::default());
    conn.set_tap(Box::new(Log(Arc::clone(&log))));
    conn.outbox().extend_from_slice(b"AUTH PLAIN ");
    conn.queue_secret(|out| out.extend_from_slice(b"hunter2\r\n"));
    conn.outbox().extend_from_slice(b"NOOP\r\n");
    conn.recv(Line::new(&Limits::default())).unwrap();
    assert_eq!(*written.lock().unwrap(), b"AUTH PLAIN hunter2\r\nNOOP\r\n");
    assert_eq!(*log.lock().unwrap(), "> AUTH PLAIN ***\\r\\nNOOP\\r\\n< 235 ok\\r\\n");
}

#[test]
fn the_pipeline_gives_each_command_its_own_answer() {
    let mut pipeline = Pipeline::new(10);
    let (a, b) = (pipeline.queued(6), pipeline.queued(6));
    assert!(pipeline.is_full());
    pipeline.answered("for a").unwrap();
    assert!(!pipeline.is_full() && pipeline.take(b).is_none());
    pipeline.answered("for b").unwrap();
    assert_eq!((pipeline.take(b), pipeline.take(a), pipeline.take(a)), (Some("for b"), Some("for a"), None));
    assert_eq!(pipeline.answered("unasked"), Err("unasked"));
    assert!(pipeline.is_idle());
}
