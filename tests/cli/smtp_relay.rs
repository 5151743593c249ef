//! `netkit smtp send --mx`: the domain's own exchangers, found by a name server of our own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};

use crate::command::netkit;

/// What the name server says: owner, type, data.
type Zone = Vec<(&'static str, u16, Vec<u8>)>;

const MX: u16 = 15;
const A: u16 = 1;

fn labels(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}

fn mx(owner: &'static str, preference: u8, host: &str) -> (&'static str, u16, Vec<u8>) {
    (owner, MX, [&[0, preference][..], &labels(host)].concat())
}

/// Answers what the zone has, nothing else.
fn name_server(zone: Zone) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((n, from)) = socket.recv_from(&mut buffer) {
            let query = &buffer[..n];
            let end = 12 + query[12..].iter().position(|b| *b == 0).unwrap() + 1;
            let kind = u16::from_be_bytes([query[end], query[end + 1]]);
            let found: Vec<_> = zone
                .iter()
                .filter(|(owner, known, _)| labels(owner) == query[12..end] && *known == kind)
                .collect();
            let mut reply =
                [&query[..2], &[0x81, 0x80, 0, 1, 0, u8::try_from(found.len()).unwrap(), 0, 0, 0, 0]]
                    .concat();
            reply.extend_from_slice(&query[12..end + 4]);
            for (_, kind, data) in found {
                reply.extend_from_slice(&[0xc0, 12]);
                reply.extend_from_slice(&kind.to_be_bytes());
                reply.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
                reply.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
                reply.extend_from_slice(data);
            }
            socket.send_to(&reply, from).unwrap();
        }
    });
    at.to_string()
}

/// An exchanger at this address of loopback that says these things, line by line, and what it was told.
fn exchanger(address: &str, port: u16, says: &'static [&'static str]) -> (SocketAddr, Arc<Mutex<String>>) {
    let listener = TcpListener::bind((address, port)).unwrap();
    let at = listener.local_addr().unwrap();
    let told = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&told);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            for line in says {
                stream.write_all(line.as_bytes()).unwrap();
                stream.write_all(b"\r\n").unwrap();
                // Behind 354 comes a whole message.
                let end = if line.starts_with("354") { ".\r\n" } else { "\n" };
                loop {
                    let mut heard = String::new();
                    if lines.read_line(&mut heard).unwrap_or(0) == 0 {
                        return;
                    }
                    log.lock().unwrap().push_str(&heard);
                    if heard.ends_with(end) && (end == "\n" || heard == end) {
                        break;
                    }
                }
            }
        }
    });
    (at, told)
}

/// Lock-step, without any extension.
const TAKES: &[&str] = &["220 x", "250 x", "250 sender", "250 recipient", "354 go", "250 taken", "221 bye"];
const REFUSES: &[&str] = &["220 x", "250 x", "550 not you"];
const DEFERS: &[&str] = &["220 x", "250 x", "451 later"];

fn send(dns: &str, port: u16, more: &[&str]) -> crate::command::Ran {
    let port = port.to_string();
    let words = [
        "smtp",
        "send",
        "--mx",
        "--dns",
        dns,
        "--port",
        &port,
        "--from",
        "a@x.example",
        "--body",
        "x",
        "--hello",
        "me.example",
    ];
    netkit(&[&words[..], more].concat())
}

#[test]
fn the_next_exchanger_when_one_fails_for_now() {
    let (at, deferred) = exchanger("127.0.0.1", 0, DEFERS);
    let (_, told) = exchanger("127.0.0.2", at.port(), TAKES);
    let zone = vec![
        mx("x.example", 10, "first.x.example"),
        mx("x.example", 20, "second.x.example"),
        mx("x.example", 5, "gone.x.example"),
        ("first.x.example", A, vec![127, 0, 0, 1]),
        ("second.x.example", A, vec![127, 0, 0, 2]),
        ("gone.x.example", A, vec![127, 0, 0, 9]),
    ];
    let ran = send(&name_server(zone), at.port(), &["--to", "b@x.example"]).code(0);
    assert_eq!(ran.stdout, "sent: 250 taken\n");
    assert!(deferred.lock().unwrap().contains("MAIL FROM:<a@x.example>"));
    assert!(told.lock().unwrap().contains("RCPT TO:<b@x.example>"), "{:?}", told.lock().unwrap());
}

#[test]
fn a_refusal_for_good_ends_it() {
    let (at, _) = exchanger("127.0.0.1", 0, REFUSES);
    let (_, told) = exchanger("127.0.0.3", at.port(), TAKES);
    let zone = vec![
        mx("x.example", 10, "first.x.example"),
        mx("x.example", 20, "second.x.example"),
        ("first.x.example", A, vec![127, 0, 0, 1]),
        ("second.x.example", A, vec![127, 0, 0, 3]),
    ];
    send(&name_server(zone), at.port(), &["--to", "b@x.example"]).code(22).says("550 not you");
    assert_eq!(*told.lock().unwrap(), "");
}

#[test]
fn domains_apart_the_implicit_one_and_those_that_take_no_mail() {
    let (at, told) = exchanger("127.0.0.1", 0, TAKES);
    let zone = vec![("own.example", A, vec![127, 0, 0, 1]), mx("nomail.example", 0, "")];
    let dns = name_server(zone);
    let ran =
        send(&dns, at.port(), &["--to", "b@own.example", "--to", "c@nomail.example", "--json"]).code(22);
    assert!(ran.stdout.contains("\"state\":\"sent\""), "{}", ran.stdout);
    ran.says("takes no mail");
    assert!(!told.lock().unwrap().contains("RCPT TO:<c@"));
    // An address in brackets needs no name server; nothing listens at this one.
    send("127.0.0.1:9", 9, &["--to", "b@[127.0.0.1]"]).code(7);
    send(&dns, at.port(), &["--to", "b@nowhere.example"]).code(6);
    netkit(&["--mock", "smtp", "send", "--mx", "--from", "a@x.example", "--to", "b@x.example"]).code(2);
}
