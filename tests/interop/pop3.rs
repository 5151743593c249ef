//! POP3: dovecot and GNU mailutils.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::command::{Netkit, folder, netkit};
use crate::servers::{carol, place, server};

/// A verb at dovecot, as a user of its own, so that tests do not meet in one maildrop.
fn at(port: &str, verb: &str) -> Netkit {
    netkit(&format!("pop3 {verb}")).arg(place(port)).option("--cacert", server("CA_FILE"))
}

/// Puts messages into a maildrop: by LMTP, each with the subject's number.
fn fill(user: &str, count: usize, subject: &str) {
    let dir = folder();
    let mbox = dir.path().join("mbox");
    let one = |n: usize| {
        format!(
            "From x\nFrom: a@example.org\nSubject: {subject} {n}\n\n.dot {n}\n{}\n\n",
            "x".repeat(n % 700)
        )
    };
    std::fs::write(&mbox, (0..count).map(one).collect::<String>()).unwrap();
    let send = netkit("smtp send --plain -q").arg(format!("lmtp://{}", place("LMTP_PORT"))).arg(&mbox);
    send.words("--mail-from a@example.org --rcpt").arg(format!("{user}@example.test")).run().done();
}

fn messages(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut all: Vec<String> =
        entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    all.sort();
    all
}

#[test]
fn every_mechanism_that_dovecot_offers_and_tls_in_both_ways() {
    for (port, how) in [("POP3_PORT", "--starttls"), ("POP3S_PORT", "--tls")] {
        for mechanism in
            ["APOP", "USER", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]
        {
            let stat = |password: &str| {
                at(port, "stat")
                    .words(how)
                    .option("--auth", mechanism)
                    .option("--user", format!("bob:{password}"))
            };
            stat(server("BOB_PASSWORD")).run().done();
            stat("wrong").run().fails(67, &[]);
        }
        for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
            let stat = |token: &str| {
                at(port, "stat")
                    .words(how)
                    .option("--auth", mechanism)
                    .words("--user alice")
                    .option("--token", token)
            };
            stat(server("ALICE_TOKEN")).run().done();
            stat("stolen").run().fails(67, &[]);
        }
    }
    let certificate = at("POP3S_PORT", "stat").words("--tls --auth EXTERNAL");
    certificate.option("--cert", server("CLIENT_CERT")).option("--key", server("CLIENT_KEY")).run().done();
    at("POP3_PORT", "stat")
        .words("--plain --auth PLAIN")
        .option("--user", format!("bob:{}", server("BOB_PASSWORD")))
        .run()
        .done();
}

#[test]
fn every_verb_and_a_run_killed_in_the_middle() {
    fill("bench", 3000, "kill");
    let login = ["--user", "bench:bench"];
    let ask = |verb: &str| at("POP3_PORT", verb).option(login[0], login[1]);
    let stat = ask("stat --json").run().done().object();
    assert_eq!(stat["messages"], 3000);
    let list = ask("list --json --headers").run().done().json();
    assert_eq!((list.len(), &list[1]["subject"]), (3000, &"kill 1".into()));
    let text = ask("get").arg("2").run().done().text();
    assert!(text.ends_with("\r\n\r\n.dot 1\r\nx\r\n"), "{text}");
    let uid = list[1]["uid"].as_str().unwrap();
    assert_eq!(ask("get").arg(uid).run().done().text(), text);
    assert!(ask("top -n 1").arg("2").run().done().text().ends_with("\r\n\r\n.dot 1\r\n"));
    ask("get").arg("5000").run().fails(78, &[]);
    ask("raw").arg("NOOP").run().done();
    let probe = ask("probe --json").run().done().object();
    assert_eq!(probe["messages"], 3000);

    // Killed at many moments, the last run completes it: nothing is lost, nothing is there twice.
    let dir = folder();
    let maildir = dir.path().join("mail");
    for wait in (0..30).map(|n| 4 + n * 6) {
        let run = netkit("pop3 fetch --plain --auth SCRAM-SHA-1 -q").arg(place("POP3_PORT"));
        run.option(login[0], login[1]).option("--maildir", &maildir).killed_after(wait);
        // Dovecot notices a moment later that nobody has the maildrop any more.
        std::thread::sleep(Duration::from_millis(60));
    }
    ask("fetch").option("--maildir", &maildir).run().done();
    let all = messages(&maildir.join("new"));
    assert_eq!(all.len(), 3000);
    let mut subjects: Vec<&str> =
        all.iter().filter_map(|text| text.split("\nSubject: ").nth(1)?.lines().next()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects.len(), 3000, "each once");
    assert!(messages(&maildir.join("tmp")).len() <= 30 * 200);

    let deleted = ask("delete --json").arg("1-10").run().done().json();
    assert_eq!(deleted.len(), 10);
    let gone = ask("fetch --delete").option("--maildir", &maildir).run().done().text();
    assert_eq!(gone, "0 new messages, 0 bytes, 2990 deleted\n");
    assert_eq!(ask("stat").run().done().text(), "0\t0\n");
}

#[test]
fn another_implementation() {
    let _alone = carol();
    let ask = |verb: &str| {
        let netkit = netkit(&format!("pop3 {verb} --plain --auth USER")).arg(place("MAILUTILS_POP3_PORT"));
        netkit.option("--user", format!("carol@mu.test:{}", server("ALICE_PASSWORD")))
    };
    assert_eq!(ask("stat --json").run().done().object()["messages"], 3);
    let list = ask("list --json --headers").run().done().json();
    assert_eq!((list.len(), &list[2]["subject"]), (3, &"number 3".into()));
    assert!(ask("get").arg("2").run().done().text().ends_with("\r\n.dot\r\nbody 2\r\n"));
    let dir = folder();
    let maildir = dir.path().join("mail");
    let fetched = ask("fetch").option("--maildir", &maildir).run().done().text();
    assert!(fetched.starts_with("3 new messages"), "{fetched}");
    assert!(ask("fetch").option("--maildir", &maildir).run().done().text().starts_with("0 new messages"));
    assert_eq!(messages(&maildir.join("new")).len(), 3);
}

/// Unmounts it, whatever happened.
struct Small(std::path::PathBuf);

impl Small {
    fn new(at: &Path, size: &str) -> Small {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", size, "none"]).arg(at).status().unwrap();
        assert!(mounted.success());
        Small(at.to_owned())
    }

    fn grow(&self, size: &str) {
        let mounted = Command::new("mount").args(["-o", &format!("remount,{size}")]).arg(&self.0).status();
        assert!(mounted.unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).status().unwrap();
    }
}

/// What did not fit is neither known nor deleted, and nothing half is left; with room for it, the next run goes on.
#[test]
fn a_full_disk() {
    let user = "full";
    fill(user, 1200, "full");
    let subjects = |texts: &[String]| {
        let lines = texts.iter().flat_map(|text| text.lines());
        let mut all: Vec<String> =
            lines.filter(|line| line.starts_with("Subject: ")).map(str::to_owned).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        (count, all.len())
    };
    for (n, kind) in ["--maildir", "--mbox"].into_iter().enumerate() {
        let dir = folder();
        // The Maildir has room for one batch and some, the file for half.
        let size = if n == 0 { "size=2m,nr_inodes=8k" } else { "size=200k" };
        let small = Small::new(dir.path(), size);
        let path = dir.path().join("mail");
        let fetch = |more: &str| {
            let run = at("POP3_PORT", "fetch").option("--user", format!("{user}:{user}"));
            run.option(kind, &path).words(more).run()
        };
        let read = || match kind {
            "--maildir" => messages(&path.join("new")),
            _ => vec![std::fs::read_to_string(&path).unwrap()],
        };
        fetch("--delete").fails(23, &["No space left"]);
        let (count, different) = subjects(&read());
        assert!(count == different && count < 1200, "{kind}: {count} messages, {different} different");
        small.grow("size=64m");
        // The first kind leaves the messages for the second.
        fetch(if n == 0 { "" } else { "--delete" }).done();
        assert_eq!(subjects(&read()), (1200, 1200), "{kind}");
        if kind == "--maildir" {
            assert!(messages(&path.join("tmp")).is_empty());
        }
    }
}
