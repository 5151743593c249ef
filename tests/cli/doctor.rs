//! `netkit doctor`: what is found on the way to a server, and with which code it ends.

use serde_json::Value;

use crate::command::{closed_port, command, netkit, ran, serve};

/// What was found about each thing that was looked at: what, how it is, in words. Authorities are this program's own here.
fn findings(words: &[&str], code: i32) -> Vec<(String, String, String)> {
    let ran = netkit(&[words, &["--json", "--roots", "webpki"]].concat()).code(code);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let lines = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| (text(&line, "check"), text(&line, "outcome"), text(&line, "said"))).collect()
}

#[track_caller]
fn found<'f>(all: &'f [(String, String, String)], check: &str, outcome: &str) -> &'f str {
    let one = all.iter().find(|(of, how, _)| of == check && how == outcome);
    &one.unwrap_or_else(|| panic!("{check} is not {outcome}: {all:?}")).2
}

#[test]
fn this_machine() {
    let all = findings(&["doctor"], 0);
    found(&all, "clock", "ok");
    found(&all, "name servers", "ok");
    assert_eq!(found(&all, "https proxy", "ok"), "none");
    assert!(found(&all, "authorities", "ok").parse::<u32>().unwrap() > 50);
    assert!(!all.iter().any(|(check, ..)| check.starts_with("connect")), "nothing is asked for");
}

#[test]
fn each_step_to_a_server() {
    let all = findings(&["--mock", "doctor", "https://localhost/"], 0);
    assert!(found(&all, "connect", "ok").starts_with("127.0.0.1:"));
    assert!(found(&all, "tls", "ok").starts_with("TLSv1.3 "));
    assert!(found(&all, "certificate", "ok").starts_with("CN=localhost, by CN=netkit throw-away CA"));
    assert_eq!(found(&all, "answer", "ok"), "HTTP/1.1 200 OK");
    for (scheme, verb) in [("imaps", "imap"), ("ftp", "ftp"), ("submission", "smtp"), ("snews", "nntp")] {
        let all = findings(&["--mock", "doctor", &format!("{scheme}://localhost/")], 0);
        assert!(found(&all, "more", "note").starts_with(&format!("netkit {verb} probe")));
        assert_eq!(all.iter().any(|(check, ..)| check == "tls"), scheme.ends_with('s'), "{scheme}");
    }
}

#[test]
fn the_first_that_is_bad_decides_the_code() {
    let port = closed_port();
    let url = format!("http://localhost:{port}/");
    let all = findings(&["doctor", &url], 7);
    assert!(found(&all, "name", "ok").contains("127.0.0.1"));
    assert!(found(&all, "connect ipv4", "bad").contains("Connection refused"));
    let all = findings(&["doctor", "-4", &url], 7);
    assert!(!all.iter().any(|(check, ..)| check == "connect ipv6"));
    // Plain text where TLS is wanted.
    let port = serve(b"220 ready\r\n", true);
    let all = findings(&["doctor", &format!("ftps://127.0.0.1:{port}/")], 35);
    found(&all, "connect", "ok");
    found(&all, "tls", "bad");
    netkit(&["doctor", "example.org"]).code(3).says("a whole URL");
    netkit(&["doctor", "ssh://example.org"]).code(3);
}

#[test]
fn a_clock_that_is_wrong() {
    let port = serve(
        b"HTTP/1.1 204 No Content\r\nDate: Sat, 29 Feb 2020 12:34:56 GMT\r\nConnection: close\r\n\r\n",
        true,
    );
    let all = findings(&["doctor", &format!("http://127.0.0.1:{port}/")], 0);
    assert!(found(&all, "clock", "note").ends_with(" s ahead of the server's"));
}

#[test]
fn proxies_of_the_environment() {
    let doctor = |name: &str, value: &str| {
        let mut command = command();
        command.args(["doctor", "--roots", "webpki"]).env(name, value);
        ran(command.output().unwrap())
    };
    let ran = doctor("https_proxy", "http://proxy.example:3128").code(0);
    assert!(ran.stdout.contains("https proxy   http://proxy.example:3128\n"), "{}", ran.stdout);
    let ran = doctor("HTTP_PROXY", "http://proxy.example:3128").code(0);
    assert!(
        ran.stdout.contains("http proxy    none\n") && ran.stdout.contains("HTTP_PROXY is set"),
        "{}",
        ran.stdout
    );
    assert!(doctor("https_proxy", "nonsense://").code(2).stdout.contains("bad   https proxy"));
}
