//! `netkit socket`: what it shows of a conversation, what it would send, and ports that take datagrams.

use std::process::Stdio;

use serde_json::Value;

use crate::command::{netkit, netkit_with};
use crate::socket::Background;

#[test]
fn the_dialogue_is_shown_and_traced() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace").display().to_string();
    let words = ["--mock", "socket", "connect", "-v", "--trace", &trace, "--crlf"];
    let shown = netkit_with(&words, "one\ntwo\\ \u{e9}".as_bytes()).code(0);
    assert_eq!(shown.stdout, "one\r\ntwo\\ \u{e9}");
    for side in ["> one\n", "< one\n"] {
        assert!(shown.stderr.contains(side), "{side} in {}", shown.stderr);
    }
    let traced = std::fs::read_to_string(trace).unwrap();
    let lines: Vec<&str> = traced.lines().filter(|line| !line.starts_with('#')).collect();
    for line in ["C: one", "C: two\\\\ \\xc3\\xa9\\", "S: one", "S: two\\\\ \\xc3\\xa9\\"] {
        assert!(lines.contains(&line), "{line} in {traced}");
    }
    assert_eq!(lines.len(), 4, "{traced}");
    assert!(traced.contains("# open localhost") || traced.contains("# open 127.0.0.1"), "{traced}");
}

#[test]
fn each_peer_of_a_listener_has_lines_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace").display().to_string();
    let words = ["listen", "127.0.0.1:0", "--keep-open", "--peers", "2", "--trace", &trace];
    let server = Background::start(&words, Stdio::null());
    for said in [b"from one", b"from two"] {
        netkit_with(&["socket", "connect", &server.at], said).code(0);
    }
    server.end().code(0);
    let traced = std::fs::read_to_string(trace).unwrap();
    for line in ["C: from one\\", "C: from two\\"] {
        assert_eq!(traced.lines().filter(|one| *one == line).count(), 1, "{line} in {traced}");
    }
    assert_eq!(traced.matches("# open 127.0.0.1").count(), 2, "{traced}");
    assert_eq!(traced.matches("# close 127.0.0.1").count(), 2, "{traced}");
}

#[test]
fn what_would_be_sent_is_printed() {
    // Nobody is asked anything: the name does not exist.
    let words = ["socket", "connect", "no-such-host.invalid:9", "--offline"];
    assert_eq!(netkit_with(&words, b"a\nb").code(0).stdout, "a\nb");
    let crlf = [&words[..], &["--crlf"]].concat();
    assert_eq!(netkit_with(&crlf, b"a\nb\r\nc\n").code(0).stdout, "a\r\nb\r\nc\r\n");
    let lines = ["socket", "connect", "udp://no-such-host.invalid:9", "--offline", "--lines"];
    assert_eq!(netkit_with(&lines, b"a\n\nb\n").code(0).stdout, "ab");
    for verb in ["scan", "wait"] {
        let quiet = netkit(&["socket", verb, "no-such-host.invalid:9", "--offline"]).code(0);
        assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""), "{verb}");
    }
    netkit(&["socket", "listen", "127.0.0.1:0", "--offline"]).code(4).says("depends on the peers");
    netkit(&["socket", "resolve", "no-such-host.invalid", "--offline"]).code(4);
}

#[test]
fn ports_that_answer_datagrams_are_found() {
    let server = Background::start(&["listen", "udp://127.77.0.8:0", "--service", "echo"], Stdio::null());
    let silent = Background::start(&["listen", "udp://127.77.0.8:0", "--service", "discard"], Stdio::null());
    // Bound and let go: nobody is there.
    let closed = std::net::UdpSocket::bind("127.77.0.8:0").unwrap().local_addr().unwrap().port().to_string();
    let ports = [server.port(), silent.port(), &closed].join(",");
    let words = ["socket", "scan", "127.77.0.8", &ports, "--udp", "--all", "--json"];
    let found = netkit(&words).code(0);
    let mut states = std::collections::HashMap::new();
    for line in found.stdout.lines() {
        let one: Value = serde_json::from_str(line).unwrap();
        assert_eq!(one["protocol"], "udp");
        states.insert(one["port"].to_string(), one["state"].as_str().unwrap().to_owned());
    }
    let state = |port: &str| states[port].as_str();
    assert_eq!((state(server.port()), state(silent.port()), state(&closed)), ("open", "silent", "closed"));
    let open = netkit(&["socket", "scan", "127.77.0.8", &ports, "--udp"]).code(0);
    assert_eq!(open.stdout.lines().count(), 1, "{}", open.stdout);
    let none = netkit(&["socket", "scan", "127.77.0.8", &closed, "--udp"]).code(7);
    none.says("none of 1 ports answers");
    server.kill();
    silent.kill();
    let open = netkit(&["--mock", "socket", "scan", "--udp", "--json"]).code(0);
    assert_eq!(serde_json::from_str::<Value>(&open.stdout).unwrap()["state"], "open");
}

#[cfg(feature = "native-tls")]
#[test]
fn the_systems_tls_talks_both_ways_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem").display().to_string();
    let words = ["listen", "tls://127.0.0.1:0", "--service", "echo", "--ca-out", &ca];
    let server = Background::start(&words, Stdio::null());
    let to = format!("tls://localhost:{}", server.port());
    let big = "0123456789abcdef".repeat(1 << 18);
    let words = ["socket", "connect", &to, "-4", "--tls-backend", "native", "--timeout", "20s"];
    let got = netkit_with(&[&words[..], &["--cacert", &ca]].concat(), big.as_bytes());
    assert!(got.code(0).stdout == big, "what came back is not what was sent");
    netkit_with(&words, b"x").code(60);
    server.kill();
}
