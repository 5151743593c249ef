//! `-v`, `--trace` and `--offline`: what was said, never what is secret.

use crate::command::netkit;

/// The password of the tests in every form in which it could leak.
const LEAKS: [&str; 4] = ["hunter2", "aHVudGVyMg", "YWxpY2U6aHVudGVyMg", "AGFsaWNlAGh1bnRlcjI"];

fn assert_no_leak(text: &str) {
    for leak in LEAKS {
        assert!(!text.contains(leak), "{leak} in\n{text}");
    }
}

#[test]
fn verbose_shows_both_sides() {
    let run = netkit(&["--mock", "gopher", "get", "-v", "/0/about.txt"]).code(0);
    assert!(run.stderr.contains("> /about.txt\n"), "{}", run.stderr);
    assert!(run.stderr.contains("< This world lives in the memory of one process."));
    assert!(run.stderr.contains("* the peer closed the connection"));
}

#[test]
fn secrets_are_stars() {
    let basic = netkit(&["--mock", "http", "get", "/", "-v", "-u", "alice:hunter2"]);
    assert!(basic.stderr.contains("> Authorization: ***"), "{}", basic.stderr);
    assert_no_leak(&basic.stderr);
    let send = ["--from", "a@x.example", "--to", "b@x.example", "--body", "x", "-u", "alice:hunter2"];
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"] {
        let run =
            netkit(&[&["--mock", "smtp", "send", "-v", "--auth", mechanism], &send[..]].concat()).code(67);
        assert!(run.stderr.contains("***"), "{}", run.stderr);
        assert_no_leak(&run.stderr);
    }
}

#[test]
fn a_trace_is_a_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let name = trace.to_str().unwrap();
    netkit(&["--mock", "http", "get", "/about.txt", "--trace", name, "-u", "alice:hunter2"]).code(0);
    let text = std::fs::read_to_string(&trace).unwrap();
    assert_no_leak(&text);
    assert!(text.starts_with("# "), "{text}");
    let fixture = netkit_mock::script::Fixture::parse(&text).unwrap();
    let leg = &fixture.legs[0];
    assert!(leg.client.starts_with(b"GET /about.txt HTTP/1.1\r\n"));
    assert!(leg.server.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(leg.server.ends_with(b"nothing leaves this machine.\n"));
}

#[test]
fn offline_sends_nothing_and_shows_the_bytes() {
    let request =
        netkit(&["http", "get", "http://h.invalid/a?b", "Accept:text/plain", "--offline", "-u", "a:hunter2"])
            .code(0);
    assert!(request.stdout.starts_with("GET /a?b HTTP/1.1\r\nHost: h.invalid\r\n"), "{}", request.stdout);
    assert!(
        request.stdout.contains("Accept: text/plain\r\n")
            && request.stdout.contains("Authorization: ***\r\n")
    );
    assert_no_leak(&request.stdout);
    let menu = netkit(&["gopher", "search", "h.invalid/7/find", "two", "words", "--offline"]).code(0);
    assert_eq!(menu.stdout, "/find\ttwo words\r\n");
    let mail = netkit(&[
        "smtp",
        "send",
        "h.invalid",
        "--from",
        "a@x.example",
        "--to",
        "b@y.example",
        "--subject",
        "Hi",
        "--body",
        ".dot",
        "--hello",
        "me.example",
        "--offline",
    ])
    .code(0);
    assert!(mail.stdout.starts_with("EHLO me.example\r\nMAIL FROM:<a@x.example>"), "{}", mail.stdout);
    assert!(mail.stdout.contains("\r\n..dot\r\n.\r\nQUIT\r\n"), "{}", mail.stdout);
}

#[test]
fn times_stand_before_the_lines() {
    let ran = netkit(&["--mock", "gopher", "menu", "-v", "--times"]).code(0);
    let line = ran.stderr.lines().find(|line| line.contains("> ")).unwrap();
    let mut words = line.split_whitespace();
    let (start, before) = (words.next().unwrap(), words.next().unwrap());
    assert!(
        start.parse::<f64>().is_ok() && before.starts_with('+') && before.parse::<f64>().is_ok(),
        "{line}"
    );
    netkit(&["--mock", "gopher", "menu", "--times"]).code(2);
}
