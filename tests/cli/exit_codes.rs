//! One run for each exit code, against servers that do one thing wrong.

use crate::command::{closed_port, netkit, serve};

fn gopher(answer: &'static [u8]) -> crate::command::Ran {
    let port = serve(answer, true);
    netkit(&["gopher", "menu", &format!("127.0.0.1:{port}")])
}

#[test]
fn usage_2() {
    netkit(&["gopher"]).code(2);
    netkit(&["no-such-protocol"]).code(2);
    netkit(&["gopher", "menu", "h.example", "--timeout", "0"]).code(2).says("more than nothing");
    netkit(&["gopher", "menu", "h.example", "--pin", "md5//x"]).code(2);
}

#[test]
fn target_3() {
    netkit(&["gopher", "menu", "h example"]).code(3);
    netkit(&["http", "get", "ftp://h.example/"]).code(3);
    netkit(&["get", "h.example"]).code(3).says("hint: netkit http get");
}

#[test]
fn not_built_in_4() {
    netkit(&["get", "wais://h.example/"]).code(4);
}

#[test]
fn host_unresolved_6() {
    netkit(&["gopher", "menu", "no-such-host.invalid"]).code(6).says("no-such-host.invalid");
}

#[test]
fn connection_failed_7_names_every_address() {
    let port = closed_port();
    netkit(&["gopher", "menu", &format!("localhost:{port}")])
        .code(7)
        .says(&format!("[::1]:{port}"))
        .says(&format!("127.0.0.1:{port}: Connection refused"));
}

#[test]
fn protocol_broken_8() {
    gopher(b"HTTP/1.1 400 Bad Request\r\n\r\n").code(8).says("not a menu");
    let port = serve(b"SMTP? Never heard of it.\r\n", true);
    netkit(&["http", "get", &format!("127.0.0.1:{port}")]).code(8);
    netkit(&["smtp", "probe", &format!("127.0.0.1:{port}")]).code(8);
}

#[test]
fn cut_short_18_shows_what_came() {
    let cut = gopher(b"0One\t/1\th.example\t70\r\n0Tw").code(18);
    assert_eq!(cut.stdout, "0\tOne\tgopher://h.example/0/1\n");
    gopher(b"0One\t/1\th.example\t70\r\n").code(18).says("--no-end-mark");
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true);
    let cut = netkit(&["http", "get", &format!("127.0.0.1:{port}")]).code(18);
    assert_eq!(cut.stdout, "short");
}

#[test]
fn refused_22_prints_the_body() {
    gopher(b"3nothing here\t\terror.host\t1\r\n.\r\n").code(22).says("nothing here");
    let port = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", true);
    let refused = netkit(&["http", "get", &format!("127.0.0.1:{port}")]).code(22).says("404 Not Found");
    assert_eq!(refused.stdout, "gone");
    let allowed = netkit(&["http", "get", "--no-fail", &format!("127.0.0.1:{port}")]).code(0);
    assert_eq!(allowed.stdout, "gone");
}

#[test]
fn local_files_23_and_26() {
    netkit(&["--mock", "gopher", "get", "/0/about.txt", "-o", "/nonexistent/file"])
        .code(23)
        .says("/nonexistent/file");
    netkit(&["--mock", "http", "post", "/", "-d", "@/nonexistent/file"]).code(26).says("/nonexistent/file");
    netkit(&["gopher", "menu", "127.0.0.1:1", "--tls", "--cacert", "/nonexistent/ca"])
        .code(26)
        .says("/nonexistent/ca");
}

#[test]
fn timed_out_28_says_which_clock() {
    let port = serve(b"0One\t/1\th.example\t70\r\n", false);
    let target = format!("127.0.0.1:{port}");
    netkit(&["gopher", "menu", &target, "--timeout", "200ms"]).code(28).says("idle time limit");
    netkit(&["gopher", "menu", &target, "--max-time", "300ms"]).code(28).says("total time limit");
}

#[test]
fn tls_35_and_60() {
    let port = serve(b"this is no TLS\r\n", true);
    netkit(&["gopher", "menu", "--tls", &format!("127.0.0.1:{port}")])
        .code(35)
        .says("is the port speaking TLS?");
    let pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    netkit(&["--mock", "gopher", "menu", "--tls", "--pin", pin]).code(60).says("pin");
}

#[test]
fn redirects_47() {
    let port = serve(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", true);
    netkit(&["http", "get", &format!("127.0.0.1:{port}")]).code(47).says("loop");
}

#[test]
fn empty_answer_52() {
    gopher(b"").code(52);
    let port = serve(b"", true);
    netkit(&["http", "get", &format!("127.0.0.1:{port}")]).code(52);
}

#[test]
fn size_limit_63() {
    let line: &'static [u8] = vec![b'x'; 100_000].leak();
    gopher(line).code(63).says("longer than");
}

#[test]
fn tls_required_64() {
    let port = serve(b"220 plain.example\r\n250 plain.example\r\n", false);
    let send = ["--starttls", "--from", "a@x.example", "--to", "b@x.example", "--body", "x"];
    let target = format!("127.0.0.1:{port}");
    netkit(&[&["smtp", "send", &target], &send[..]].concat()).code(64).says("STARTTLS");
}

#[test]
fn login_67() {
    netkit(&["--mock", "http", "get", "/", "-u", "alice"]).code(67).says("hint: --password-command");
    netkit(&["--mock", "http", "get", "/", "-u", "alice", "--password-command", "true"])
        .code(67)
        .says("printed no password");
    netkit(&["http", "get", "http://h.example/", "-u", "alice:secret", "--offline"]).code(0);
    netkit(&["http", "get", "http://192.0.2.1/", "-u", "alice:secret"]).code(67).says("--insecure-auth");
}

#[test]
fn errors_as_json() {
    let failed = netkit(&["gopher", "menu", "no-such-host.invalid", "--json"]).code(6);
    let error: serde_json::Value = serde_json::from_str(&failed.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "resolve");
    assert_eq!(error["error"]["code"], 6);
    assert!(error["error"]["message"].as_str().unwrap().contains("no-such-host.invalid"));
}
