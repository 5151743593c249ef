//! IMAP: dovecot and GNU mailutils.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::command::{Netkit, folder, netkit};
use crate::servers::{carol, place, server};

/// A verb at dovecot.
fn at(port: &str, verb: &str) -> Netkit {
    netkit(&format!("imap {verb}")).arg(place(port)).option("--cacert", server("CA_FILE"))
}

/// A verb at dovecot as a user of its own, so that tests do not meet in one mailbox.
fn as_user(user: &str, verb: &str) -> Netkit {
    at("IMAP_PORT", verb).words("--starttls").option("--user", format!("{user}:{user}"))
}

/// An mbox of messages, each with the subject's number, put into a mailbox by LMTP.
fn fill(user: &str, from: usize, to: usize) {
    let dir = folder();
    let mbox = dir.path().join("mbox");
    let one = |n: usize| {
        let body = "x".repeat(n % 700);
        format!(
            "From x\nFrom: a@example.org\nSubject: number {n}\nMessage-ID: <{n}@example.org>\n\nbody {n}\n{body}\n\n"
        )
    };
    std::fs::write(&mbox, (from..to).map(one).collect::<String>()).unwrap();
    let send = netkit("smtp send --plain -q").arg(format!("lmtp://{}", place("LMTP_PORT"))).arg(&mbox);
    send.words("--mail-from a@example.org --rcpt").arg(format!("{user}@example.test")).run().done();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// The subjects of the messages of a Maildir, with the letters of their flags.
fn subjects(maildir: &Path) -> BTreeSet<(String, String)> {
    files(&maildir.join("cur"))
        .iter()
        .map(|file| {
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            let subject =
                text.split("Subject: ").nth(1).and_then(|rest| rest.lines().next()).unwrap().to_owned();
            let letters = file.to_str().unwrap().split_once(":2,").unwrap().1.to_owned();
            (subject, letters)
        })
        .collect()
}

/// A script of Python's imaplib over STARTTLS, with `M` logged in.
fn imaplib(user: &str, script: &str) {
    let head = format!(
        "import imaplib, ssl\nM = imaplib.IMAP4('localhost', {})\n\
         M.starttls(ssl.create_default_context(cafile='{}'))\nM.login('{user}', '{user}')\n\
         def ok(answer):\n    assert answer[0] == 'OK', answer\n    return answer[1]\n",
        server("IMAP_PORT"),
        server("CA_FILE")
    );
    let done = Command::new("python3").arg("-c").arg(head + script).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn every_mechanism_that_dovecot_offers_and_tls_in_both_ways() {
    for (port, how) in [("IMAP_PORT", "--starttls"), ("IMAPS_PORT", "--tls")] {
        for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] {
            let ask = |password: &str| {
                let ask = at(port, "folders --names").words(how).option("--auth", mechanism);
                ask.option("--user", format!("bob:{password}"))
            };
            ask(server("BOB_PASSWORD")).run().done();
            ask("wrong").run().fails(67, &[]);
        }
        for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
            let ask = |token: &str| {
                let ask = at(port, "folders --names").words(how).option("--auth", mechanism);
                ask.words("--user alice").option("--token", token)
            };
            ask(server("ALICE_TOKEN")).run().done();
            ask("stolen").run().fails(67, &[]);
        }
    }
    let certificate = at("IMAPS_PORT", "folders --names").words("--tls --auth EXTERNAL");
    certificate.option("--cert", server("CLIENT_CERT")).option("--key", server("CLIENT_KEY")).run().done();
    // In clear text only what is no password, and only when said so.
    let clear =
        || at("IMAP_PORT", "folders --names").option("--user", format!("bob:{}", server("BOB_PASSWORD")));
    clear().words("--plain --auth PLAIN").run().done();
    clear().words("--plain --auth SCRAM-SHA-256").run().done();
    let probe = clear().words("--tls").arg("--port").arg(server("IMAPS_PORT")).run().done().text();
    assert!(probe.contains("INBOX"), "{probe}");
}

#[test]
fn every_verb() {
    let ask = |verb: &str| as_user("ida", verb);
    let dir = folder();
    let letter = dir.path().join("letter.eml");
    std::fs::write(
        &letter,
        "From: =?utf-8?q?J=C3=B6rg?= <j@x.org>\nTo: ida@x.org\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nDate: Mon, 02 Nov 2026 \
         10:30:00 +0100\nMessage-ID: <1@x.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nK=C3=A4se\n--b\n\
         Content-Type: application/octet-stream; name=\"z\"\nContent-Transfer-Encoding: base64\n\nAAECAw==\n--b--\n",
    )
    .unwrap();
    let plain = dir.path().join("plain.eml");
    std::fs::write(
        &plain,
        "From: b@x.org\nSubject: plain\nIn-Reply-To: <1@x.org>\nReferences: <1@x.org>\n\nzebra\n",
    )
    .unwrap();

    ask("create").arg("\u{c4}rger & Co/Tief").run().done();
    ask("create").arg("Vault").run().done();
    ask("create --use archive").arg("Vault 2").run().fails(4, &[]);
    let put =
        ask("append --json --flag seen --flag work --date 2026-01-02T03:04:05Z").arg(&letter).arg(&plain);
    let put = put.run().done().json();
    assert_eq!((put.len(), &put[1]["mailbox"]), (2, &"INBOX".into()));
    let folders = ask("folders --json").run().done().json();
    let inbox = folders.iter().find(|one| one["name"] == "INBOX").unwrap();
    assert_eq!((&inbox["messages"], &inbox["unseen"]), (&2.into(), &0.into()));
    assert!(folders.iter().any(|one| one["name"] == "\u{c4}rger & Co/Tief"));
    let sent = folders.iter().find(|one| one["name"] == "Sent").unwrap();
    assert!(sent["attributes"].to_string().contains("Sent"), "{sent}");
    assert!(ask("folders --subscribed").run().done().text().contains("Drafts"));

    let list = ask("list --json").run().done().json();
    assert_eq!((&list[0]["from"], &list[0]["subject"]), (&"J\u{f6}rg".into(), &"Gr\u{fc}\u{df}e".into()));
    assert_eq!(list[0]["date"], "2026-11-02T10:30:00+01:00");
    assert_eq!(list[0]["received"], "2026-01-02T03:04:05+00:00");
    assert!(list[0]["flags"].to_string().contains("work"));
    assert_eq!(ask("list --json --limit 1").run().done().json().len(), 1);
    assert_eq!(ask("list").arg("99").run().done().text(), "");

    let found = |keys: &str| ask("search").words(keys).run().done().text();
    assert_eq!(found("from:j\u{f6}rg"), "1\n");
    assert_eq!(found("subject:gr\u{fc}\u{df}e OR body:zebra"), "1\n2\n");
    assert_eq!(found("not:keyword:work"), "");
    assert_eq!(
        found("since:2026-01-02 before:2026-01-03 larger:100 smaller:10K seen header:Message-ID=1@x uid:1:5"),
        "1\n"
    );
    assert_eq!(found("--count all"), "2\n");
    assert_eq!(found("--sort -size"), "1\n2\n");
    assert!(found("--threads").lines().nth(1).unwrap().ends_with("\t  plain"));
    assert_eq!(ask("search --list --json").arg("zebra").run().done().json()[0]["subject"], "plain");

    let text = ask("get").arg("2").run().done().text();
    assert_eq!(
        text,
        "From: b@x.org\r\nSubject: plain\r\nIn-Reply-To: <1@x.org>\r\nReferences: <1@x.org>\r\n\r\nzebra\r\n"
    );
    assert_eq!(ask("get --header").arg("2").run().done().text(), text.trim_end_matches("zebra\r\n"));
    assert_eq!(ask("get --part 1").arg("1").run().done().text(), "K\u{e4}se");
    assert_eq!(ask("get --part 2").arg("1").run().done().stdout, [0, 1, 2, 3]);
    let parts = ask("get --structure --json").arg("1").run().done().json();
    assert_eq!((&parts[0]["type"], &parts[1]["name"]), (&"text/plain".into(), &"z".into()));
    ask("get").arg("77").run().fails(78, &[]);
    ask("get --part 5").arg("1").run().fails(78, &[]);
    let url = format!("imap://{}/INBOX/;UID=2", place("IMAP_PORT"));
    let by_url = netkit("get --starttls --user ida:ida").arg(url).option("--cacert", server("CA_FILE"));
    assert_eq!(by_url.run().done().text(), text);

    let flags = ask("flag").arg("2").words("unseen flagged not:work").run().done().text();
    assert!(flags.contains("\\Flagged") && !flags.contains("work"), "{flags}");
    assert_eq!(found("unseen flagged"), "2\n");
    ask("get --seen -q").arg("2").run().done();
    assert_eq!(found("unseen"), "");
    assert_eq!(ask("copy").arg("1:2").arg("\u{c4}rger & Co/Tief").run().done().text(), "1:2\n");
    assert_eq!(ask("move").arg("2").arg("Vault").run().done().text(), "1\n");
    ask("move").arg("1").arg("Nowhere").run().fails(78, &[]);
    ask("rename").arg("\u{c4}rger & Co/Tief").arg("Neu").run().done();
    assert_eq!(ask("list --mailbox Neu").run().done().text().lines().count(), 2);
    ask("delete --mailbox Neu").arg("1").run().done();
    assert_eq!(ask("search --mailbox Neu").run().done().text(), "2\n");
    ask("remove").arg("Neu").run().done();
    ask("remove").arg("Neu").run().fails(78, &[]);
    ask("list --mailbox Neu").run().fails(78, &[]);

    let quota = ask("quota --json").run().done().json();
    assert_eq!((&quota[0]["resource"], &quota[0]["limit"]), (&"storage".into(), &(20_u64 << 30).into()));
    let raw = ask("raw").arg("STATUS INBOX (MESSAGES)").arg("XNOTHING").run();
    assert!(raw.text().starts_with("* STATUS INBOX (MESSAGES 1)\n"), "{}", raw.text());
    raw.fails(22, &[]);
    let probe = ask("probe --json").run().done().object();
    assert_eq!(probe["server"]["name"], "Dovecot");
    assert!(probe["capabilities_after_login"].to_string().contains("QRESYNC"));
    let shell = ask("shell").stdin("list\nopen Vault\nsearch subject:plain\nquit\n").run().done().text();
    assert!(shell.contains("Vault: 1 messages") && shell.contains("\tplain"), "{shell}");
}

#[test]
fn a_long_message_goes_and_comes_in_little_memory() {
    let dir = folder();
    let letter = dir.path().join("letter.eml");
    let mut text = String::from("From: a@x.org\r\nSubject: long\r\n\r\n");
    while text.len() < 100 << 20 {
        text.push_str(&"0123456789abcdef".repeat(4));
        text.push_str("\r\n");
    }
    std::fs::write(&letter, &text).unwrap();
    let ask = |verb: &str| as_user("ned", verb);
    ask("create").arg("Long").run().done();
    let put = ask("append --mailbox Long").arg(&letter).run().done();
    assert!(put.peak_kib < 32 << 10, "{} KiB", put.peak_kib);
    let back = dir.path().join("back.eml");
    let got = ask("get --mailbox Long").arg("1").option("-o", &back).run().done();
    assert!(got.peak_kib < 32 << 10, "{} KiB", got.peak_kib);
    assert!(std::fs::read(&back).unwrap() == text.as_bytes(), "the same bytes");
    let kept = ask("backup --folder Long").arg(dir.path().join("kept")).run().done();
    assert!(kept.peak_kib < 32 << 10, "{} KiB", kept.peak_kib);
    let file = &files(&dir.path().join("kept/Long/cur"))[0];
    assert!(std::fs::read(file).unwrap() == text.as_bytes(), "the same bytes");
    ask("remove").arg("Long").run().done();
}

#[test]
fn a_backup_follows_what_another_client_does() {
    fill("kay", 0, 20);
    let dir = folder();
    let kept = dir.path().join("kept");
    let backup = |words: &str| as_user("kay", "backup --json").words(words).arg(&kept);
    let of = |lines: &[serde_json::Value], name: &str| -> (u64, u64, u64) {
        let line = lines.iter().find(|line| line["mailbox"] == name).unwrap();
        let number = |field: &str| line[field].as_u64().unwrap();
        (number("new"), number("flags_changed"), number("gone"))
    };
    assert_eq!(of(&backup("").run().done().json(), "INBOX"), (20, 0, 0));
    assert_eq!(of(&backup("--compress").run().done().json(), "INBOX"), (0, 0, 0));
    imaplib(
        "kay",
        "ok(M.select('INBOX'))\nok(M.uid('STORE', '3', '+FLAGS', r'(\\Seen \\Flagged work)'))\n\
         ok(M.uid('STORE', '5:6', '+FLAGS', r'(\\Deleted)'))\nok(M.expunge())\n\
         ok(M.append('INBOX', r'(\\Draft)', None, b'Subject: late\\r\\nMessage-ID: <late@x>\\r\\n\\r\\nx\\r\\n'))\n\
         ok(M.create('Lists'))\nok(M.uid('COPY', '1:2', 'Lists'))\nM.logout()\n",
    );
    let dry = backup("--dry-run").run().done().json();
    assert_eq!(of(&dry, "INBOX"), (1, 1, 2));
    let second = backup("").run().done().json();
    assert_eq!((of(&second, "INBOX"), of(&second, "Lists")), ((1, 1, 2), (2, 0, 0)));
    let inbox = kept.join("INBOX");
    let all = subjects(&inbox);
    assert_eq!(all.len(), 21, "what is gone on the server stays");
    assert!(
        all.contains(&("number 2".to_owned(), "FS".to_owned()))
            && all.contains(&("late".to_owned(), "D".to_owned()))
    );
    let date = std::fs::metadata(&files(&inbox.join("cur"))[0]).unwrap().modified().unwrap();
    assert!(date.elapsed().unwrap() < Duration::from_secs(3600));
    imaplib(
        "kay",
        "ok(M.select('INBOX'))\nok(M.uid('STORE', '7', '+FLAGS', r'(\\Deleted)'))\nok(M.expunge())\nM.logout()\n",
    );
    assert_eq!(of(&backup("--delete").run().done().json(), "INBOX"), (0, 0, 1));
    assert_eq!(subjects(&inbox).len(), 20);

    // The mailbox is made anew with the same messages and one more: other UIDs, and nothing comes twice or goes.
    imaplib(
        "kay",
        "ok(M.create('Copy'))\nok(M.select('Lists'))\nok(M.uid('COPY', '1:2', 'Copy'))\nok(M.close())\n\
         ok(M.delete('Lists'))\nok(M.create('Other'))\nok(M.rename('Copy', 'Lists'))\nok(M.select('INBOX'))\n\
         ok(M.uid('COPY', '1', 'Lists'))\nM.logout()\n",
    );
    let before = subjects(&kept.join("Lists"));
    let renumbered = backup("-q").run().done().json();
    // One of INBOX's is there, too, now, as it is on the server.
    assert_eq!(of(&renumbered, "Lists").0, 1, "{renumbered:?}");
    assert_eq!(files(&kept.join("Lists/cur")).len(), 3);
    assert!(before.iter().all(|one| subjects(&kept.join("Lists")).contains(one)));

    // Back to a server that has lost some of it.
    imaplib(
        "kay",
        "ok(M.delete('Lists'))\nok(M.select('INBOX'))\nok(M.uid('STORE', '1:4', '+FLAGS', r'(\\Deleted)'))\nok(M.expunge())\nM.logout()\n",
    );
    let restore = |words: &str| backup(words).words("--restore").run().done().json();
    assert_eq!(of(&restore("--dry-run"), "Lists"), (3, 0, 0));
    let restored = restore("");
    assert_eq!(of(&restored, "Lists"), (3, 0, 0));
    assert!(of(&restored, "INBOX").0 >= 4, "{restored:?}");
    let again = restore("");
    assert_eq!((of(&again, "INBOX").0, of(&again, "Lists").0), (0, 0), "nothing twice");
    let list = as_user("kay", "list --json").run().done().json();
    let third = list.iter().find(|line| line["subject"] == "number 2").unwrap();
    assert!(
        third["flags"].to_string().contains("Flagged") && third["flags"].to_string().contains("work"),
        "{third}"
    );
}

/// A backup that is killed after so many milliseconds.
fn backup_killed(user: &str, kept: &Path, wait: u64) {
    let run = netkit("imap backup --plain --auth SCRAM-SHA-1 -q --folder INBOX").arg(place("IMAP_PORT"));
    run.option("--user", format!("{user}:{user}")).arg(kept).killed_after(wait);
}

#[test]
fn a_backup_killed_in_the_middle_loses_nothing_and_keeps_nothing_twice() {
    fill("lee", 0, 3000);
    let dir = folder();
    let kept = dir.path().join("kept");
    for wait in (0..30).map(|n| 4 + n * 7) {
        backup_killed("lee", &kept, wait);
    }
    as_user("lee", "backup --folder INBOX").arg(&kept).run().done();
    assert_eq!(files(&kept.join("INBOX/cur")).len(), 3000);
    assert_eq!(subjects(&kept.join("INBOX")).len(), 3000, "each once");
}

/// The first run puts messages into their places together: killed before or behind that step, none is lost.
#[test]
fn a_first_backup_killed_at_any_moment_is_brought_to_its_end() {
    fill("moe", 0, 2000);
    for wait in (0..12).map(|n| 30 + n * 14) {
        let dir = folder();
        let kept = dir.path().join("kept");
        backup_killed("moe", &kept, wait);
        as_user("moe", "backup --folder INBOX").arg(&kept).run().done();
        assert_eq!(subjects(&kept.join("INBOX")).len(), 2000, "each once, killed after {wait} ms");
        assert_eq!(files(&kept.join("INBOX/cur")).len(), 2000);
        assert_eq!(files(&kept.join("INBOX/tmp")).len(), 0);
    }
}

#[test]
fn who_watches_is_told_when_mail_arrives() {
    let dir = folder();
    let log = dir.path().join("log");
    let watch = as_user("max", "watch").words("-v --count 1 --exec");
    let watch =
        watch.arg(format!("echo $NETKIT_MAILBOX $NETKIT_MESSAGES $NETKIT_EVENTS > {}", log.display()));
    assert_eq!(watch.meanwhile("watching INBOX", || fill("max", 0, 1)), "arrived\tINBOX\t1\n");
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "INBOX 1 arrived\n");
}

/// Of all mailboxes, over one connection (NOTIFY): another client changes one that is not open.
#[test]
fn who_watches_everything_is_told_of_other_mailboxes() {
    let dir = folder();
    as_user("una", "create").arg("Elsewhere").run().done();
    let letter = dir.path().join("letter");
    std::fs::write(&letter, "Subject: x\r\n\r\nhi\r\n").unwrap();
    let append = || {
        as_user("una", "append").words("--mailbox Elsewhere").arg(&letter).run().done();
    };
    let watch = as_user("una", "watch").words("-v --mailbox Trash --all --count 1");
    assert_eq!(watch.meanwhile("watching Trash", append), "arrived\tElsewhere\t1\n");
}

#[test]
fn another_implementation() {
    let _alone = carol();
    let ask = |verb: &str| {
        let netkit = netkit(&format!("imap {verb} --plain --auth PLAIN")).arg(place("MAILUTILS_IMAP_PORT"));
        netkit.option("--user", format!("carol@mu.test:{}", server("ALICE_PASSWORD")))
    };
    // Each mechanism that it offers and needs nothing but a password; and who is nobody in particular.
    for mechanism in ["LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "ANONYMOUS", "PLAIN"]
    {
        let as_whom = |password: &str| {
            let run = netkit("imap folders --plain").arg(place("MAILUTILS_IMAP_PORT"));
            run.option("--auth", mechanism).option("--user", format!("carol@mu.test:{password}")).run()
        };
        assert!(as_whom(server("ALICE_PASSWORD")).done().text().contains("INBOX"), "{mechanism}");
        if mechanism != "ANONYMOUS" {
            as_whom("wrong").fails(67, &["refused"]);
        }
    }
    let list = ask("list --json").run().done().json();
    assert_eq!((list.len(), &list[2]["subject"]), (3, &"number 3".into()));
    assert!(ask("get").arg("2").run().done().text().ends_with("\r\n.dot\r\nbody 2\r\n"));
    assert_eq!(ask("search").words("subject:3").run().done().text(), "3\n");
    ask("create").arg("Box").run().done();
    ask("copy").arg("1,3").arg("Box").run().done();
    assert_eq!(ask("list --mailbox Box").run().done().text().lines().count(), 2);
    // This server numbers a mailbox anew each time until somebody has opened it to change it.
    ask("flag").arg("1").words("seen").run().done();
    let dir = folder();
    let kept = dir.path().join("kept");
    let first = ask("backup --folder INBOX --json").arg(&kept).run().done().json();
    assert_eq!(first[0]["new"], 3);
    let second = ask("backup --folder INBOX --json").arg(&kept).run().done().json();
    assert_eq!(second[0]["new"], 0);
    assert_eq!(files(&kept.join("INBOX/cur")).len(), 3);
    assert!(ask("probe").run().done().text().contains("IMAP4REV1"));
}
