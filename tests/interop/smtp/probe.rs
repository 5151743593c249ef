//! `smtp probe`: what the server offers, and the dialogue.

use serde_json::{Value, json};

use super::send;
use crate::command::{folder, netkit};
use crate::servers::{place, server, url};

fn probe(port: &str, words: &str) -> Value {
    let run = netkit("smtp probe --json").arg(place(port)).option("--cacert", server("CA_FILE")).words(words);
    run.run().done().object()
}

#[test]
fn the_extensions_before_and_after_tls_are_told() {
    let report = probe("SMTP_PORT", "--starttls");
    assert_eq!(
        (&report["protocol"], &report["greeting"]),
        (&json!("smtp"), &json!("220 mail.example.test ESMTP Postfix"))
    );
    let size: u64 = server("SMTP_SIZE").parse().unwrap();
    assert_eq!(report["size_limit"], json!(size));
    assert_eq!(
        report["mechanisms"],
        json!([
            "PLAIN",
            "LOGIN",
            "CRAM-MD5",
            "DIGEST-MD5",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "XOAUTH2",
            "OAUTHBEARER"
        ])
    );
    let has =
        |list: &str, word: &str| report[list].as_array().unwrap().iter().any(|line| *line == json!(word));
    for word in ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES"] {
        assert!(has("extensions", word) && has("before_tls", word), "{word}: {report}");
    }
    assert!(has("before_tls", "STARTTLS") && !has("extensions", "STARTTLS"), "{report}");
    assert_eq!(
        (&report["tls"]["version"], &report["tls"]["chain"][0]["subject"]),
        (&json!("TLSv1.3"), &json!("CN=localhost"))
    );
}

#[test]
fn a_server_with_nothing_to_offer() {
    let report = probe("SMTP_BARE_PORT", "");
    assert_eq!(
        (&report["extensions"], &report["mechanisms"], &report["size_limit"]),
        (&json!([]), &json!([]), &json!(null))
    );
    assert_eq!((&report["tls"], &report["before_tls"]), (&json!(null), &json!(null)));
}

#[test]
fn submission_offers_login_behind_tls_only() {
    let report = probe("SUBMISSION_PORT", "--starttls -u alice:secret");
    let auth = |list: &str| {
        report[list].as_array().unwrap().iter().any(|line| line.as_str().unwrap().starts_with("AUTH "))
    };
    assert!(!auth("before_tls") && auth("extensions"), "{report}");
    let run = netkit("smtp probe -u alice:wrong")
        .arg(url("submission", "SUBMISSION_PORT", ""))
        .option("--cacert", server("CA_FILE"));
    run.run().fails(67, &["535 5.7.8"]).prints("");
}

#[test]
fn a_probe_for_people_has_a_fact_a_line() {
    let run = netkit("smtp probe")
        .arg(url("smtps", "SMTPS_PORT", ""))
        .option("--cacert", server("CA_FILE"))
        .run()
        .done();
    let text = run.text();
    let fact = |name: &str| {
        text.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap()[name.len()..].trim()
    };
    assert_eq!(fact("greeting"), "220 mail.example.test ESMTP Postfix");
    assert!(fact("extensions").starts_with("PIPELINING, SIZE "), "{text}");
    assert_eq!(fact("tls.version"), "TLSv1.3");
}

#[test]
fn the_dialogue_is_shown_in_order_and_traced() {
    let dir = folder();
    let file = dir.path().join("trace");
    let run = send("SMTP_PORT")
        .words("-v --starttls --hello client.example.test -u alice:secret --auth PLAIN --trace")
        .arg(&file);
    let run = run
        .words("--from ada@example.org --to alice@example.test --body .dot --transfer data")
        .run()
        .exits(0);
    let trace = std::fs::read_to_string(&file).unwrap();
    let sent: Vec<&str> = trace.lines().filter_map(|line| line.strip_prefix("C: ")).collect();
    let start = ["EHLO client.example.test", "STARTTLS", "EHLO client.example.test", "AUTH PLAIN ***"];
    assert_eq!(sent[..4], start, "{trace}");
    assert!(sent[4].starts_with("MAIL FROM:<ada@example.org> SIZE="), "{trace}");
    assert_eq!(sent[5..7], ["RCPT TO:<alice@example.test>", "DATA"]);
    assert_eq!(sent[sent.len() - 3..], ["..dot", ".", "QUIT"]);
    for line in sent.iter().filter(|line| !line.is_empty()) {
        assert!(run.stderr.contains(&format!("> {line}\n")), "{line} in {}", run.stderr);
    }
    for line in [
        "< 220 mail.example.test ESMTP Postfix",
        "* changed to TLS",
        "< 354 ",
        "< 250 2.0.0 Ok: queued",
        "< 221 2.0.0 Bye",
    ] {
        assert!(run.stderr.contains(line), "{line} in {}", run.stderr);
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "nobody else may read it");
}

#[test]
fn offline_prints_what_would_be_sent_and_sends_nothing() {
    let run = netkit("smtp send --offline --hello client.example.test").arg(url("smtp", "CLOSED_PORT", ""));
    let text = run
        .words("--from ada@example.org --to alice@example.test --body .dot --transfer data")
        .run()
        .done()
        .text();
    assert!(text.starts_with("EHLO client.example.test\r\nMAIL FROM:<ada@example.org>"), "{text}");
    assert!(
        text.contains("\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n")
            && text.contains("\r\n\r\n..dot\r\n.\r\n"),
        "{text}"
    );
}
