//! `netkit smtp` against the mock server.

use crate::command::{netkit, netkit_with};

const MAIL: [&str; 8] =
    ["--from", "a@example.org", "--to", "b@example.org", "--subject", "Hi", "--body", "Hello"];

fn send(more: &[&str]) -> crate::command::Ran {
    netkit(&[&["--mock", "smtp", "send"], &MAIL[..], more].concat())
}

#[test]
fn a_mail_in_every_security() {
    for tls in [&[][..], &["--starttls"], &["--tls"], &["--plain"]] {
        let sent = send(tls).code(0);
        assert!(sent.stdout.starts_with("sent: 250 "), "{}", sent.stdout);
    }
}

#[test]
fn results_for_each_recipient() {
    let some = send(&["--to", "reject@example.org", "--json"]).code(22).says("reject@example.org");
    let result: serde_json::Value = serde_json::from_str(some.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(result["state"], "sent");
    assert_eq!(result["recipients"][0]["accepted"], true);
    assert_eq!(result["recipients"][1]["accepted"], false);
    assert_eq!(result["recipients"][1]["code"], 550);
    let none =
        netkit(&["--mock", "smtp", "send", "--from", "a@x.example", "--to", "defer@x.example", "--json"])
            .code(22);
    let result: serde_json::Value = serde_json::from_str(none.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(result["state"], "refused");
}

#[test]
fn logins_by_every_mechanism() {
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] {
        send(&["--auth", mechanism, "-u", "alice:secret"]).code(0);
        send(&["--auth", mechanism, "-u", "alice:wrong"]).code(67);
    }
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        send(&["--auth", mechanism, "-u", "alice", "--token", "token-of-alice"]).code(0);
        send(&["--auth", mechanism, "-u", "alice", "--token", "stolen"]).code(67);
    }
    send(&["--auth", "KERBEROS", "-u", "alice:secret"]).code(2);
}

#[test]
fn messages_from_a_file_and_from_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.eml");
    std::fs::write(&file, "Subject: as it is\n\n.first dot\nlast line").unwrap();
    let envelope = ["--mail-from", "a@x.example", "--rcpt", "b@x.example", "--transfer", "data", "-v"];
    let sent = netkit(&[&["--mock", "smtp", "send", file.to_str().unwrap()], &envelope[..]].concat()).code(0);
    assert!(
        sent.stderr.contains("> Subject: as it is\n") && sent.stderr.contains("> ..first dot\n"),
        "{}",
        sent.stderr
    );
    let piped =
        netkit_with(&[&["--mock", "smtp", "send", "-"], &envelope[..]].concat(), b"Subject: piped\n\nx\n")
            .code(0);
    assert!(piped.stderr.contains("> Subject: piped\n"));
}

#[test]
fn what_cannot_go_on_the_wire_is_never_sent() {
    for (option, value) in [
        ("--to", "a@x.example\r\nRCPT TO:<evil@x.example>"),
        ("--from", "a b@x"),
        ("--subject", "a\r\nBcc: x"),
    ] {
        let refused = netkit(&[
            "--mock",
            "smtp",
            "send",
            "-v",
            "--from",
            "a@x.example",
            "--to",
            "b@x.example",
            option,
            value,
        ]);
        assert_eq!(refused.code, 2, "{option}: {}", refused.stderr);
        assert!(!refused.stderr.contains("> "), "{}", refused.stderr);
    }
    netkit(&["--mock", "smtp", "send", "--to", "b@x.example"]).code(2).says("no sender");
    netkit(&["--mock", "smtp", "send", "--from", "b@x.example"]).code(2).says("no recipient");
}

#[test]
fn blind_copies_stay_blind() {
    let sent = send(&["--bcc", "hidden@example.org", "-v"]).code(0);
    assert!(sent.stderr.contains("> RCPT TO:<hidden@example.org>"));
    assert_eq!(
        sent.stderr.matches("hidden@").count(),
        sent.stderr.matches("RCPT TO:<hidden@").count(),
        "{}",
        sent.stderr
    );
}

#[test]
fn probe_lists_extensions() {
    let probe = netkit(&["--mock", "smtp", "probe", "--json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&probe.stdout).unwrap();
    let extensions = report["extensions"].to_string();
    for keyword in ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8"] {
        assert!(extensions.contains(keyword), "{extensions}");
    }
    assert!(report["greeting"].as_str().unwrap().starts_with("220"));
}
