//! `netkit smtp`: many messages, other ways to say who gets them, steps, and sendmail's ways.

use serde_json::Value;

use crate::command::{Ran, netkit, netkit_with};

const ENVELOPE: [&str; 4] = ["--mail-from", "a@x.example", "--rcpt", "b@x.example"];

fn results(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn folders_mailboxes_and_files_over_several_connections() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("out")).unwrap();
    std::fs::create_dir_all(at("maildir/new")).unwrap();
    std::fs::create_dir_all(at("maildir/cur")).unwrap();
    for name in ["out/1.eml", "out/2.eml", "maildir/new/3", "maildir/cur/4:2,S", "single.eml"] {
        std::fs::write(at(name), format!("From: a@x.example\nTo: b@x.example\nSubject: {name}\n\nx\n"))
            .unwrap();
    }
    std::fs::write(at("out/.hidden"), "no message").unwrap();
    let mbox = "From a\nFrom: m@x.example\nTo: c@x.example\n\n>From x\n\nFrom b\nFrom: m@x.example\nTo: reject@x.example\n\ny\n";
    std::fs::write(at("old.mbox"), mbox).unwrap();
    let paths: Vec<String> =
        ["out", "maildir", "old.mbox", "single.eml"].map(|name| at(name).display().to_string()).into();
    let [out, maildir, old, single] = [&paths[0], &paths[1], &paths[2], &paths[3]].map(String::as_str);
    let ran = netkit(&[
        "--mock",
        "smtp",
        "send",
        "localhost",
        out,
        maildir,
        old,
        single,
        "-t",
        "-P",
        "3",
        "--json",
    ]);
    let ran = ran.code(22).says("1 of 7 messages failed");
    let mut all: Vec<(String, String)> = results(&ran)
        .iter()
        .map(|one| {
            (
                one["message"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
                one["state"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    all.sort();
    let expected = [
        ("1.eml", "sent"),
        ("2.eml", "sent"),
        ("3", "sent"),
        ("4:2,S", "sent"),
        ("old.mbox#1", "sent"),
        ("old.mbox#2", "refused"),
        ("single.eml", "sent"),
    ];
    assert_eq!(all, expected.map(|(name, state)| (name.to_owned(), state.to_owned())));
    let lines =
        netkit(&[&["--mock", "smtp", "send", "localhost", out], &ENVELOPE[..]].concat()).code(0).stdout;
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|line| line.contains(".eml: sent: 250 ")), "{lines}");
}

#[test]
fn one_message_for_each_line() {
    let people = "{\"email\":\"ann@x.example\",\"name\":\"Ann\"}\n\n{\"email\":\"bo@x.example\",\"name\":\"Bo\\r\\nBcc: eve@x.example\"}\n{\"email\":\"cy@x.example\"}\n";
    let template = [
        "--from",
        "me@x.example",
        "--to",
        "{{email}}",
        "--subject",
        "Dear {{name}}",
        "--body",
        "Hello {{name}}",
        "--jsonl",
        "-",
    ];
    let ran = netkit_with(
        &[&["--mock", "smtp", "send", "-v", "--json"], &template[..]].concat(),
        people.as_bytes(),
    )
    .code(2);
    assert!(
        ran.stderr.contains("> Subject: Dear Ann\n") && ran.stderr.contains("> Hello Ann"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("eve@x.example\n> "), "a value cannot add a field: {}", ran.stderr);
    let states: Vec<Value> = results(&ran).iter().map(|one| one["state"].clone()).collect();
    assert_eq!(
        states,
        ["not_sent", "not_sent", "sent"].map(Value::from).iter().rev().cloned().collect::<Vec<_>>()
    );
    ran.says("2 of 3 messages failed");
}

#[test]
fn all_or_nobody() {
    let some =
        ["--from", "a@x.example", "--to", "b@x.example", "--to", "reject@x.example", "--body", "x", "--json"];
    let deliver = netkit(&[&["--mock", "smtp", "send"], &some[..]].concat()).code(22);
    assert_eq!(results(&deliver)[0]["state"], "sent");
    let refuse = netkit(&[&["--mock", "smtp", "send", "--partial", "refuse"], &some[..]].concat()).code(22);
    let refuse = refuse.says("nobody got the message");
    let result = &results(&refuse)[0];
    assert_eq!((&result["state"], &result["reply"]), (&Value::from("refused"), &Value::Null));
    assert_eq!(result["recipients"][1]["code"], 550);
}

#[test]
fn what_is_refused_for_now_is_tried_again_and_nothing_else() {
    let ran = netkit(&[
        "--mock",
        "smtp",
        "send",
        "--from",
        "a@x.example",
        "--to",
        "b@x.example",
        "--to",
        "defer@x.example",
        "--to",
        "reject@x.example",
        "--body",
        "x",
        "--retry",
        "2",
        "--retry-wait",
        "10ms",
        "--json",
        "-v",
    ])
    .code(22);
    let sent: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("> RCPT")).collect();
    let expected =
        ["b", "defer", "reject", "defer", "defer"].map(|who| format!("> RCPT TO:<{who}@x.example>"));
    assert_eq!(sent, expected, "{}", ran.stderr);
    let result = &results(&ran)[0];
    assert_eq!(result["state"], "sent");
    let accepted: Vec<(&str, bool)> = result["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["address"].as_str().unwrap(), one["accepted"].as_bool().unwrap()))
        .collect();
    assert_eq!(accepted, [("b@x.example", true), ("reject@x.example", false), ("defer@x.example", false)]);
}

#[test]
fn lmtp_answers_for_each_recipient() {
    let mail =
        ["--from", "a@x.example", "--to", "b@x.example", "--to", "full@x.example", "--body", "x", "--json"];
    for how in [&["--lmtp"][..], &["--lmtp", "--tls"], &["--lmtp", "--transfer", "data"]] {
        let ran = netkit(&[&["--mock", "smtp", "send"], how, &mail[..]].concat()).code(22);
        let result = &results(&ran)[0];
        assert_eq!(result["recipients"][0]["accepted"], true);
        assert_eq!(result["recipients"][1]["code"], 452);
    }
}

#[test]
fn steps() {
    let mail =
        ["--from", "a@x.example", "--to", "b@x.example", "--to", "reject@x.example", "--body", "x", "-v"];
    let stop = |step: &str, more: &[&str]| {
        netkit(&[&["--mock", "smtp", "send", "--stop-after", step], &mail[..], more].concat())
    };
    let banner = stop("banner", &[]).code(0);
    assert!(
        banner.stdout.starts_with("banner: 220 ") && !banner.stderr.contains("> EHLO"),
        "{}",
        banner.stderr
    );
    assert!(stop("hello", &["--starttls"]).code(0).stdout.contains("hello: STARTTLS\n"));
    let tls = stop("tls", &["--starttls"]).code(0);
    assert!(tls.stdout.contains("tls: TLSv1.3") && !tls.stderr.contains("> MAIL"), "{}", tls.stdout);
    let auth = stop("auth", &["-u", "alice:secret"]).code(0);
    assert!(
        auth.stderr.contains("> AUTH SCRAM-SHA-256-PLUS") && !auth.stderr.contains("> MAIL"),
        "{}",
        auth.stderr
    );
    assert!(!stop("mail", &[]).code(0).stderr.contains("> RCPT"));
    let rcpt = stop("rcpt", &["--json"]).code(0);
    let said: Value = serde_json::from_str(rcpt.stdout.trim()).unwrap();
    assert_eq!((&said["rcpt"][0]["accepted"], &said["rcpt"][1]["code"]), (&true.into(), &550.into()));
    assert!(rcpt.stderr.contains("> RSET") && !rcpt.stderr.contains("> DATA"), "{}", rcpt.stderr);
    let data = stop("data", &[]).code(0);
    assert!(data.stdout.contains("data: 354 ") && data.stderr.contains("> DATA\n"), "{}", data.stdout);
    assert!(!data.stderr.contains("> QUIT"));
}

#[test]
fn parameters_of_the_envelope() {
    let mail = ["--from", "a@x.example", "--to", "b@x.example", "--body", "x", "--tls", "-v"];
    let ran = netkit(
        &[
            &["--mock", "smtp", "send"],
            &mail[..],
            &["--notify", "success,delay", "--notify-return", "headers", "--envelope-id", "x y"],
            &["--require-tls", "--deliver-by", "2m;n", "--priority", "-3", "--hold", "1h"],
            &["--rcpt-parameter", "ORCPT=rfc822;b@x.example"],
        ]
        .concat(),
    )
    .code(0);
    let has = |line: &str| assert!(ran.stderr.contains(line), "{line} in {}", ran.stderr);
    has(" RET=HDRS ENVID=x+20y REQUIRETLS MT-PRIORITY=-3 BY=120;N HOLDFOR=3600\n");
    has("> RCPT TO:<b@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@x.example\n");
    let clear = netkit(&[
        "--mock",
        "smtp",
        "send",
        "--plain",
        "--from",
        "a@x.example",
        "--to",
        "b@x.example",
        "--require-tls",
    ]);
    clear.code(4).says("REQUIRETLS");
    for bad in
        [["--priority", "10"], ["--notify", "always"], ["--deliver-by", "soon"], ["--hold", "2026-11-26"]]
    {
        netkit(&[&["--mock", "smtp", "send"], &mail[..6], &bad[..]].concat()).code(2);
    }
}

#[test]
fn questions() {
    let verify = netkit(&["--mock", "smtp", "verify", "b@x.example"]).code(0);
    assert_eq!(verify.stdout, "252 2.1.5 send some mail, it will be taken\n");
    netkit(&["--mock", "smtp", "verify", "reject"]).code(22).says("550");
    netkit(&["--mock", "smtp", "expn", "nobody"]).code(22).says("no such list");
    let raw = netkit_with(&["--mock", "smtp", "raw", "-"], b"NOOP\nXYZZY\nHELP\n").code(22);
    let codes: Vec<&str> = raw.stdout.lines().filter_map(|line| line.get(..3)).collect();
    assert_eq!(codes, ["250", "500", "214"]);
    netkit(&["--mock", "smtp", "raw", "DATA"]).code(2);
    let who = netkit(&[
        "--mock",
        "smtp",
        "verify",
        "b@x.example",
        "--xclient",
        "NAME=a.example",
        "--xclient",
        "ADDR=192.0.2.1",
        "-v",
    ]);
    assert!(who.code(0).stderr.contains("> XCLIENT NAME=a.example ADDR=192.0.2.1\n"));
}

#[test]
fn as_sendmail_does_it() {
    let letter = b"To: b@x.example\nBcc: c@x.example\nSubject: hi\n\n.\nend\n";
    let sendmail = |words: &[&str]| netkit_with(&[&["--mock", "smtp", "sendmail"], words].concat(), letter);
    let ran = sendmail(&["-oi", "-t", "-f", "a@x.example", "-F", "Ann Example", "-v"]).code(0);
    let has = |line: &str| assert!(ran.stderr.contains(line), "{line} in {}", ran.stderr);
    has("> RCPT TO:<b@x.example>\n");
    has("> RCPT TO:<c@x.example>\n");
    has("> From: Ann Example <a@x.example>\n");
    has("> Date: ");
    has("> Message-ID: <");
    has("> .\n");
    assert!(!ran.stderr.contains("> Bcc"));
    let named = sendmail(&["-i", "-fa@x.example", "d@x.example", "-v"]).code(0);
    assert!(named.stderr.contains("> RCPT TO:<d@x.example>\n") && !named.stderr.contains("RCPT TO:<b@"));
    sendmail(&["-t"]).code(2).says("no sender");
    sendmail(&["-f", "a@x.example"]).code(2).says("no recipient");
}

#[test]
fn pictures_and_files_in_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("dot.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n").unwrap();
    let picture = picture.display().to_string();
    let html =
        ["--from", "a@x.example", "--to", "b@x.example", "--body", "text", "--html", "<img src=\"cid:dot\">"];
    let named = format!("dot={picture}");
    let ran = netkit(
        &[
            &["smtp", "send", "x.example", "--offline"],
            &html[..],
            &["--inline", &named, "--attach", &picture],
        ]
        .concat(),
    );
    let ran = ran.code(0);
    for part in [
        "multipart/mixed",
        "multipart/alternative",
        "multipart/related",
        "Content-ID: <dot>",
        "image/png",
        "filename=\"dot.png\"",
    ] {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    netkit(&[
        "smtp",
        "send",
        "x.example",
        "--offline",
        "--from",
        "a@x.example",
        "--to",
        "b@x.example",
        "--inline",
        &picture,
    ])
    .code(2);
}

#[test]
fn a_token_command_and_a_floor() {
    let mail = ["--from", "a@x.example", "--to", "b@x.example", "--body", "x", "-v"];
    let send = |words: &[&str]| netkit(&[&["--mock", "smtp", "send"], &mail[..], words].concat());
    let token = send(&["-u", "alice", "--token-command", "echo token-of-alice"]).code(0);
    assert!(token.stderr.contains("> AUTH OAUTHBEARER ***"), "{}", token.stderr);
    send(&["-u", "alice", "--token-command", "true"]).code(67);
    send(&["-u", "alice:secret", "--auth-min", "SCRAM-SHA-256"]).code(0);
    send(&["-u", "alice:secret", "--auth-min", "OAUTHBEARER"]).code(67).says("nothing as strong");
    for mechanism in ["DIGEST-MD5", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"] {
        let ran = send(&["-u", "alice:secret", "--auth", mechanism, "--starttls"]).code(0);
        assert!(ran.stderr.contains(&format!("> AUTH {mechanism}")), "{}", ran.stderr);
        send(&["-u", "alice:wrong", "--auth", mechanism, "--starttls"]).code(67);
    }
    for mechanism in ["EXTERNAL", "ANONYMOUS"] {
        send(&["--auth", mechanism]).code(0);
    }
    send(&["-u", "alice:secret", "--auth", "SCRAM-SHA-256-PLUS", "--plain"]).code(67);
}
