//! Faults on demand: each comes at its step, as often as was said, and the answers around it are whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netkit_mock::{Fault, Faults, Server, Smtp, ThrowAway, World};

fn server(faults: &[&str]) -> Server {
    let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect();
    start(Faults::new(faults))
}

fn start(faults: Faults) -> Server {
    let service = Arc::new(Smtp::new(World::seeded()));
    Server::start_with(service, 0, ThrowAway::new().unwrap().server, false, faults).unwrap()
}

/// All that the server says to these bytes.
fn said(server: &Server, bytes: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.endpoint().to_string()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // A server that hung up takes nothing more.
    let _ = stream.write_all(bytes.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    said
}

fn codes(said: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(said).into_owned();
    text.lines()
        .filter(|line| line.as_bytes().get(3) == Some(&b' '))
        .filter_map(|line| line.get(..3).map(str::to_owned))
        .collect()
}

const DIALOGUE: &str = "HELO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nRSET\r\nQUIT\r\n";

#[test]
fn a_reply_in_the_middle_of_a_pipelined_group_is_replaced_once() {
    let server = server(&["smtp:rcpt:1:reply=450 4.7.1 greylisted"]);
    assert_eq!(codes(&said(&server, DIALOGUE)), ["220", "250", "250", "450", "250", "250", "221"]);
    assert_eq!(codes(&said(&server, DIALOGUE)), ["220", "250", "250", "250", "250", "250", "221"]);
}

#[test]
fn a_fault_without_a_count_comes_every_time() {
    let server = server(&["smtp:RCPT TO:<c@x>:reply=550 no"]);
    for _ in 0..2 {
        assert_eq!(codes(&said(&server, DIALOGUE)), ["220", "250", "250", "250", "550", "250", "221"]);
    }
}

#[test]
fn connections_end_where_they_were_told_to() {
    assert_eq!(said(&server(&["smtp:connect:drop"]), DIALOGUE), b"");
    assert_eq!(codes(&said(&server(&["smtp:mail:drop"]), DIALOGUE)), ["220", "250"]);
    let half = said(&server(&["smtp:mail:half"]), DIALOGUE);
    assert!(half.len() < said(&server(&[]), "HELO x\r\nMAIL FROM:<a@x>\r\n").len());
    assert!(!half.ends_with(b"\r\n"), "{half:?}");
}

#[test]
fn bytes_are_not_what_they_should_be() {
    let bare = said(&server(&["smtp:mail:bare-lf"]), DIALOGUE);
    assert_eq!(
        bare.iter().filter(|b| **b == b'\n').count(),
        bare.iter().filter(|b| **b == b'\r').count() + 1
    );
    let long = said(&server(&["smtp:mail:oversize=100000"]), DIALOGUE);
    assert!(long.len() > 100_000 && codes(&long).last().unwrap() == "221");
    let noise = said(&server(&["smtp:mail:garbage=1000"]), DIALOGUE);
    assert!(noise.len() > 1000);
    assert_eq!(noise, said(&server(&["smtp:mail:garbage=1000"]), DIALOGUE));
    assert_eq!(
        said(&server(&["smtp:mail:bytewise"]), DIALOGUE),
        said(&server(&["smtp:mail:9:slow=100000"]), DIALOGUE)
    );
}

#[test]
fn silence_is_all_that_follows() {
    let server = server(&["smtp:mail:silence"]);
    let mut stream = BufReader::new(TcpStream::connect(server.endpoint().to_string()).unwrap());
    stream.get_mut().write_all(b"HELO x\r\nMAIL FROM:<a@x>\r\nNOOP\r\n").unwrap();
    stream.get_mut().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let lines: Vec<String> = stream.lines().map_while(Result::ok).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

/// RFC 2920 section 1: pipelining is what makes a long line bearable. So it must show here.
#[test]
fn latency_is_paid_for_each_round_trip_and_not_for_each_command() {
    let latency = Duration::from_millis(40);
    let server = start(Faults::default().latency(latency));
    let many = format!("HELO x\r\n{}QUIT\r\n", "NOOP\r\n".repeat(50));
    let begun = Instant::now();
    assert_eq!(codes(&said(&server, &many)).len(), 53);
    let took = begun.elapsed();
    assert!(took >= latency, "{took:?}");
    // Fifty round trips would be two seconds.
    assert!(took < latency * 50, "{took:?}");
}

#[test]
fn what_is_no_fault_is_said_to_be_none() {
    for text in [
        "",
        "smtp",
        "smtp:rcpt",
        "smtp:rcpt:explode",
        "smtp:rcpt:delay",
        "smtp:rcpt:99999999999:drop",
        "smtp::drop",
    ] {
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
    let fault: Fault = "imap:A1 LOGIN:3:delay=20".parse().unwrap();
    assert_eq!(fault.times, Some(3));
}
