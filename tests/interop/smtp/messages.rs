//! Messages: what was sent is what lies in the mailbox.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mailbox::{delivered, field, own, token};
use super::{QUEUED, send};
use crate::command::{folder, netkit};
use crate::servers::{contents, place, server};

/// The header of a message of our own.
fn head(token: &str) -> String {
    format!(
        "From: Ada <ada@example.org>\nTo: alice@example.test\nSubject: {token}\nDate: Sun, 22 Nov 2026 12:00:00 +0000\n\
         Message-ID: <{token}@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n"
    )
}

const ENVELOPE: &str = "--mail-from ada@example.org --rcpt alice@example.test";

#[test]
fn a_message_arrives_line_for_line() {
    let dir = folder();
    let file = dir.path().join("letter.eml");
    // Dots at line starts (RFC 5321 section 4.5.2), 8-bit text, blanks at line ends, empty lines, a line of 998.
    let body =
        format!(".\n..\n.leading dot\n\nZürich 日本語 \n\ttab\n{}\nFrom here\n\n\nend\n", "x".repeat(998));
    for ending in ["\n", "\r\n"] {
        for port in ["SMTP_PORT", "SMTP_BARE_PORT"] {
            let token = token();
            // Without extensions there is no 8BITMIME: such a server gets ASCII.
            let body =
                if port == "SMTP_PORT" { body.clone() } else { body.replace(|c: char| !c.is_ascii(), "") };
            let text = head(&token) + &body;
            std::fs::write(&file, text.replace('\n', ending)).unwrap();
            let run = netkit("smtp send --plain").arg(place(port)).arg(&file).words(ENVELOPE).run().done();
            assert!(run.text().starts_with(&format!("sent: {QUEUED}")), "{}", run.text());
            let mail = delivered("alice", &token);
            assert_eq!(own(&mail, "From: Ada"), text);
            assert_eq!(field(&mail, "Return-Path"), "<ada@example.org>");
        }
    }
}

#[test]
fn a_last_line_without_an_end_gets_one_and_stdin_is_read() {
    for body in ["no end", "", ".", "a\r\n."] {
        let token = token();
        let text = head(&token) + body;
        send("SMTP_PORT")
            .arg("-")
            .words(ENVELOPE)
            .stdin(text.replace('\n', "\r\n").replace("\r\r", "\r"))
            .run()
            .done();
        let mut expected = text.replace("\r\n", "\n");
        if !expected.ends_with('\n') {
            expected.push('\n');
        }
        assert_eq!(own(&delivered("alice", &token), "From: Ada"), expected);
    }
}

#[test]
fn eight_bits_that_the_server_does_not_take_are_not_sent() {
    let text = head(&token()) + "Zürich\n";
    let run = netkit("smtp send").arg(place("SMTP_BARE_PORT")).arg("-").words(ENVELOPE).stdin(text).run();
    run.fails(4, &["the server does not offer 8BITMIME"]).prints("");
}

#[test]
fn a_message_is_built_from_options() {
    let token = token();
    let run = send("SMTP_PORT")
        .option("--from", "Ada Lovelace <ada@example.org>")
        .option("--to", "Alice <alice@example.test>")
        .words("--cc bob@example.test --bcc jörg@example.test --subject Grüße")
        .option("--body", "Zürich\n.\n..dots\nend")
        .option("--header", format!("X-Token: {token}"));
    let run = run.run().done();
    assert!(run.text().starts_with("sent to 3 of 3 recipients: "), "{}", run.text());
    for user in ["alice", "bob", "jörg"] {
        let mail = delivered(user, &token);
        assert_eq!(field(&mail, "From"), "\"Ada Lovelace\" <ada@example.org>");
        assert_eq!(field(&mail, "To"), "\"Alice\" <alice@example.test>");
        assert_eq!(field(&mail, "Cc"), "<bob@example.test>");
        assert!(!own(&mail, "From: ").contains("jörg"), "Bcc is shown to nobody: {mail}");
        // Base64 and quoted-printable of RFC 2047 and RFC 2045, which every server takes.
        assert_eq!(field(&mail, "Subject"), "=?utf-8?B?R3LDvMOfZQ==?=");
        assert_eq!(field(&mail, "Content-Transfer-Encoding"), "quoted-printable");
        assert!(mail.ends_with("\n\nZ=C3=BCrich\n.\n..dots\nend\n"), "{mail}");
    }
}

#[test]
fn an_attachment_comes_back_byte_for_byte() {
    let (dir, token) = (folder(), token());
    let data = contents("HTTP_ROOT", "data.bin")[..100_000].to_vec();
    let file = dir.path().join("data.bin");
    std::fs::write(&file, &data).unwrap();
    let run = send("SMTP_PORT")
        .words("--from ada@example.org --to bob@example.test --body see --subject")
        .arg(&token);
    run.option("--attach", &file).run().done();
    let mail = delivered("bob", &token);
    assert!(field(&mail, "Content-Type").starts_with("multipart/mixed; boundary="), "{}", &mail[..2000]);
    let part = &mail[mail.find("filename=").expect("the attachment's name")..];
    assert!(
        part.starts_with("filename=\"data.bin\"") || part.starts_with("filename=data.bin"),
        "{}",
        &part[..40]
    );
    let (_, coded) = part.split_once("\n\n").unwrap();
    let (coded, _) = coded.split_once("\n--").unwrap();
    // RFC 2045 section 6.8.
    assert!(coded.lines().all(|line| line.len() <= 76), "{}", &coded[..200]);
    assert!(STANDARD.decode(coded.replace('\n', "")).unwrap() == data);
}

#[test]
fn an_address_beyond_ascii_needs_smtputf8() {
    let token = token();
    send("SMTP_PORT")
        .words("--from ada@example.org --to jörg@example.test --body x --subject")
        .arg(&token)
        .run()
        .done();
    let mail = delivered("jörg", &token);
    assert_eq!(
        (field(&mail, "Delivered-To"), field(&mail, "To")),
        ("jörg@example.test".into(), "<jörg@example.test>".into())
    );
    assert!(field(&mail, "Received").contains("with UTF8SMTPS "), "{mail}");
    let run = netkit("smtp send")
        .arg(place("SMTP_BARE_PORT"))
        .words("--from ada@example.org --to jörg@example.test --body x");
    run.run().fails(4, &["the server does not offer SMTPUTF8"]).prints("");
}

#[test]
fn a_message_over_the_servers_limit_is_not_sent() {
    let limit: usize = server("SMTP_SIZE").parse().unwrap();
    let line = "x".repeat(70) + "\n";
    let fill = |size: usize| head(&token()) + &line.repeat(size / 72);
    let run = send("SMTP_PORT").arg("-v").arg("-").words(ENVELOPE).stdin(fill(limit + 5000)).run();
    let run = run
        .exits(63)
        .says(&["the message has ", &format!(" bytes and the server takes at most {limit}")])
        .prints("");
    assert!(!run.stderr.contains("> MAIL"), "nothing of it was sent: {}", run.stderr);
    // A server that says no limit is asked all the same, and answers after it has seen too much.
    let run = netkit("smtp send")
        .arg(place("SMTP_BARE_PORT"))
        .arg("-")
        .words(ENVELOPE)
        .stdin(fill(limit + 5000))
        .run();
    run.fails(22, &["552 5.3.4"]).prints("");
    send("SMTP_PORT").arg("-").words(ENVELOPE).stdin(fill(limit - 5000)).run().done();
}

#[test]
fn json_says_who_gets_it() {
    let run = send("SMTP_PORT")
        .words("--json --from ada@example.org --to alice@example.test --to bob@example.test --body x");
    let result = run.run().done().object();
    assert_eq!((&result["state"], &result["reply"]["code"]), (&"sent".into(), &250.into()));
    let accepted: Vec<_> = result["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["address"], &one["accepted"]))
        .collect();
    assert_eq!(
        accepted,
        [(&"alice@example.test".into(), &true.into()), (&"bob@example.test".into(), &true.into())]
    );
}
