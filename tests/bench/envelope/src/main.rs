//! How fast lines of FETCH with an ENVELOPE are read, as a ratio to imap-codec on the same lines: the best of many turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use imap_codec::ResponseCodec;
use imap_codec::decode::Decoder;
use netkit_imap::response::{Response, Untagged};

fn lines() -> Vec<Vec<u8>> {
    (1..=2000)
        .map(|n| {
            let who = format!("((\"Ada Example {n}\" NIL \"ada.{n}\" \"example.org\"))");
            format!(
                "* {n} FETCH (UID {n} ENVELOPE (\"Thu, 26 Nov 2026 10:00:{:02} +0000\" \"message number {n} =?utf-8?q?Gr=C3=BC=C3=9Fe?=\" \
                 {who} {who} {who} ((NIL NIL \"bench\" \"example.test\")(\"Bob \\\"B\\\" Example\" NIL \"bob\" \"example.net\")) NIL NIL \
                 \"<parent.{n}@example.org>\" \"<{n}@example.org>\"))\r\n",
                n % 60
            )
            .into_bytes()
        })
        .collect()
}

fn best(mut turn: impl FnMut() -> usize, wanted: usize) -> Duration {
    (0..40)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(black_box(turn()), wanted);
            began.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let lines = lines();
    let ours = || {
        let is_fetch = |line: &&Vec<u8>| {
            let frame = line.strip_suffix(b"\r\n").unwrap_or(line);
            matches!(black_box(Response::parse(frame, false)), Response::Untagged(Untagged::Fetch(_)))
        };
        lines.iter().filter(is_fetch).count()
    };
    let codec = ResponseCodec::new();
    let peer = || lines.iter().filter(|line| black_box(codec.decode(line)).is_ok()).count();
    let (ours, peer) = (best(ours, lines.len()), best(peer, lines.len()));
    println!("imap: ENVELOPE lines, imap-codec      throughput x{:.2}", peer.as_secs_f64() / ours.as_secs_f64());
}
