//! LMTP to dovecot's store, and dovecot's own SMTP server: another implementation of the same standards.

use std::time::{Duration, Instant};

use super::mailbox::token;
use crate::command::{folder, netkit};
use crate::servers::{place, server};

/// The newest message of alice's store that has the token in it.
fn stored(user: &str, token: &str) -> String {
    let new = std::path::Path::new(server("STORE_ROOT")).join(user).join("Maildir/new");
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        for entry in std::fs::read_dir(&new).into_iter().flatten() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            if text.contains(token) {
                return text.replace("\r\n", "\n");
            }
        }
        assert!(Instant::now() < end, "no message with {token} in {}", new.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn mail(token: &str) -> String {
    format!("--from a@example.org --subject {token} --body {token}")
}

#[test]
fn lmtp_over_tcp_tls_and_a_unix_socket() {
    let socket = format!("unix:{}", server("LMTP_SOCKET"));
    let tcp = format!("lmtp://{}", place("LMTP_PORT"));
    for (target, how) in
        [(&socket, "--lmtp"), (&tcp, "--plain"), (&tcp, "--starttls"), (&tcp, "--plain --transfer data")]
    {
        let token = token();
        let run = netkit("smtp send --json")
            .arg(target)
            .words(how)
            .words(&mail(&token))
            .option("--cacert", server("CA_FILE"));
        let run = run.words("--to alice@example.test --to nobody@example.test --to bob@example.test").run();
        let run = run.exits(22).says(&["nobody@example.test"]);
        let result: serde_json::Value = serde_json::from_str(run.text().lines().next().unwrap()).unwrap();
        let accepted: Vec<bool> =
            (0..3).map(|at| result["recipients"][at]["accepted"].as_bool().unwrap()).collect();
        assert_eq!(accepted, [true, false, true]);
        for user in ["alice", "bob"] {
            assert!(stored(user, &token).contains(&format!("Subject: {token}\n")));
        }
    }
}

#[test]
fn a_mailbox_that_is_full_is_told_for_its_recipient_alone() {
    let token = token();
    let dir = folder();
    let large = dir.path().join("large.bin");
    std::fs::write(&large, vec![7; 200_000]).unwrap();
    let run =
        netkit("smtp send --json --plain").arg(format!("lmtp://{}", place("LMTP_PORT"))).words(&mail(&token));
    let run = run
        .option("--attach", &large)
        .words("--to tiny@example.test --to alice@example.test")
        .run()
        .exits(22)
        .says(&["tiny"]);
    let result: serde_json::Value = serde_json::from_str(run.text().lines().next().unwrap()).unwrap();
    assert_eq!(result["recipients"][0]["accepted"], false);
    assert_eq!(result["recipients"][1]["accepted"], true);
}

#[test]
fn every_mechanism_that_dovecot_offers() {
    let port = place("DOVECOT_SMTPS_PORT");
    let send = |token: &str| {
        let netkit = netkit("smtp send --tls").arg(&port).option("--cacert", server("CA_FILE"));
        netkit.words(&mail(token)).words("--to alice@example.test")
    };
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] {
        let with = |password: &str| {
            send(&token()).option("--auth", mechanism).option("--user", format!("bob:{password}"))
        };
        with(server("BOB_PASSWORD")).run().done();
        with("wrong").run().fails(67, &[]);
    }
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let with = |token_: &str| {
            send(&token()).option("--auth", mechanism).words("--user alice").option("--token", token_)
        };
        with(server("ALICE_TOKEN")).run().done();
        with("stolen").run().fails(67, &[]);
    }
    let certificate =
        || send(&token()).option("--cert", server("CLIENT_CERT")).option("--key", server("CLIENT_KEY"));
    certificate().words("--auth EXTERNAL").run().done();
    send(&token()).words("--auth EXTERNAL").run().fails(67, &[]);
    let upgraded =
        netkit("smtp send --starttls").arg(place("DOVECOT_SMTP_PORT")).option("--cacert", server("CA_FILE"));
    let upgraded = upgraded.option("--user", format!("alice:{}", server("ALICE_PASSWORD")));
    upgraded.words(&mail(&token())).words("--to alice@example.test").run().done();
}

/// A signature that another implementation believes, with either kind of key and either canonical form of line ends.
#[test]
fn dkim_is_believed() {
    let dir = folder();
    let file = |name: &str| dir.path().join(name);
    let openssl = |words: &[&str]| {
        let run = std::process::Command::new("openssl").args(words).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        run.stdout
    };
    let rsa = file("rsa.pem").display().to_string();
    let edwards = file("ed.pem").display().to_string();
    openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", &rsa]);
    openssl(&["genpkey", "-algorithm", "ED25519", "-out", &edwards]);
    let letter = file("letter.eml");
    std::fs::write(&letter, "From:  Ada <ada@example.org>\nTo: alice@example.test\nSubject:  folded\n\tand  wide\n\n body \t x\n..\n\n\n").unwrap();
    for (key, kind) in [(&rsa, "rsa"), (&edwards, "ed25519")] {
        let token = token();
        let public = openssl(&["pkey", "-in", key, "-pubout", "-outform", "DER"]);
        // The DNS has an RSA key with its frame, an Ed25519 key without (RFC 8463 section 4.2).
        let public = if kind == "rsa" { public } else { public[public.len() - 32..].to_vec() };
        let record = format!(
            "v=DKIM1; k={kind}; p={}",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, public)
        );
        let send = netkit("smtp send --plain").arg(format!("lmtp://{}", place("LMTP_PORT"))).arg(&letter);
        let send = send.words("--mail-from ada@example.org --rcpt alice@example.test --dkim-selector sel");
        send.option("--dkim-key", key).option("--dkim-domain", format!("{token}.example.org")).run().done();
        let message = stored("alice", &token);
        let signed = &message[message.find("DKIM-Signature").unwrap()..];
        let stored = file("stored.eml");
        std::fs::write(&stored, signed.replace('\n', "\r\n")).unwrap();
        let check = "import sys, dkim; m = open(sys.argv[1], 'rb').read(); r = sys.argv[2].encode(); \
                     print(dkim.verify(m, dnsfunc=lambda name, timeout=5: r), dkim.verify(m.replace(b'body', b'bode'), dnsfunc=lambda name, timeout=5: r))";
        let run = std::process::Command::new("/usr/bin/python3")
            .args(["-c", check])
            .arg(&stored)
            .arg(&record)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert_eq!(said.trim(), "True False", "{kind}: {}\n{signed}", String::from_utf8_lossy(&run.stderr));
    }
}

/// What is sent does not have to fit into memory.
#[test]
fn a_large_attachment_arrives_and_is_never_in_memory() {
    let dir = folder();
    let big = dir.path().join("big.bin");
    let block: Vec<u8> =
        (0..1 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let file = std::fs::File::create(&big).unwrap();
    for _ in 0..100 {
        std::io::Write::write_all(&mut &file, &block).unwrap();
    }
    let token = token();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_netkit"))
        .args([
            "smtp",
            "send",
            "--plain",
            &format!("lmtp://{}", place("LMTP_PORT")),
            "--to",
            "alice@example.test",
        ])
        .args(mail(&token).split(' '))
        .arg("--attach")
        .arg(&big)
        .env("HOME", dir.path())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        let about = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = about.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or_default());
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(status.success());
    assert!(peak > 0 && peak < 32 << 10, "{peak} KiB");
    let message = stored("alice", &token);
    let body = message.split("\n\n").last().unwrap().split("\n--").next().unwrap();
    let encoded: String = body.lines().collect();
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).unwrap();
    assert_eq!(decoded.len(), 100 << 20);
    assert!(decoded.chunks(1 << 20).all(|chunk| chunk == block));
}

/// Ten thousand in one run, over two connections, each with its own answer.
#[test]
fn ten_thousand_messages() {
    let dir = folder();
    let mbox = dir.path().join("many.mbox");
    let token = token();
    let one = |n: usize| format!("From x\nFrom: a@example.org\nSubject: {n}\n\nx\n\n");
    std::fs::write(&mbox, (0..10_000).map(one).collect::<String>()).unwrap();
    let send = netkit("smtp send --starttls -P 2 --json")
        .arg(place("SMTP_PORT"))
        .option("--cacert", server("CA_FILE"));
    let send = send.option("--user", format!("alice:{}", server("ALICE_PASSWORD"))).arg(&mbox);
    let run =
        send.words("--mail-from a@example.org --rcpt").arg(format!("{token}@elsewhere.example")).run().done();
    let sent = run.text().lines().filter(|line| line.contains("\"state\":\"sent\"")).count();
    assert_eq!(sent, 10_000);
    // Postfix says so, too: each went to its end once.
    let log = std::path::Path::new(server("WORK")).join("log/postfix-mail");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let text = std::fs::read_to_string(&log).unwrap();
        let arrived =
            text.lines().filter(|line| line.contains(&token) && line.contains("status=sent")).count();
        assert!(arrived <= 10_000, "{arrived}");
        if arrived == 10_000 {
            break;
        }
        assert!(Instant::now() < end, "{arrived} of 10,000");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Postfix believes whom the proxy speaks for, and who may say XCLIENT.
#[test]
fn whose_connection_it_is() {
    for version in ["v1", "v2"] {
        let token = token();
        let send =
            netkit("smtp send --plain").arg(place("SMTP_PROXIED_PORT")).option("--proxy-protocol", version);
        let send =
            send.words("--proxy-client 192.0.2.1:4321").words(&mail(&token)).words("--to alice@example.test");
        send.words("--xclient NAME=spike.example --xclient ADDR=203.0.113.9").run().done();
        let received = super::mailbox::field(&super::mailbox::delivered("alice", &token), "Received");
        assert!(received.contains("(spike.example [203.0.113.9])"), "{received}");
    }
}
