//! `netkit pop3` against the mock server; mail gets there by SMTP, into the same world.

use serde_json::Value;

use crate::command::{command, netkit};
use crate::world::{World, files, json};

#[test]
fn mail_sent_is_listed_read_and_deleted() {
    let world = World::new("pop3", &[]);
    world.send("first", "one\n.\n..two");
    world.send("Gr\u{fc}\u{df}e", "x");
    assert!(world.run("stat", "", &[]).code(0).stdout.starts_with("2\t"));
    let list = json(&world.run("list", "", &["--headers", "--json"]).code(0));
    assert_eq!((&list[0]["number"], &list[0]["uid"]), (&1.into(), &"netkit-00000001".into()));
    assert_eq!((&list[1]["subject"], &list[1]["from"]), (&"Gr\u{fc}\u{df}e".into(), &"a@x.example".into()));
    let text = world.run("get", "", &["1"]).code(0).stdout.replace("\r\n", "\n");
    assert!(text.contains("Subject: first\n") && text.ends_with("one\n.\n..two\n"), "{text}");
    assert_eq!(world.run("get", "", &["netkit-00000001"]).code(0).stdout.replace("\r\n", "\n"), text);
    let top = world.run("top", "", &["1", "-n", "1"]).code(0).stdout.replace("\r\n", "\n");
    assert!(top.ends_with("\none\n"), "{top}");
    world.run("get", "", &["3"]).code(78);
    world.run("get", "", &["no-such-name"]).code(78);
    let gone = json(&world.run("delete", "", &["1-2", "9", "--json"]).code(78));
    let deleted: Vec<&Value> = gone.iter().map(|one| &one["deleted"]).collect();
    assert_eq!(deleted, [true, true, false]);
    assert_eq!(world.run("stat", "", &[]).code(0).stdout, "0\t0\n");
}

#[test]
fn what_is_new_is_fetched_once() {
    let world = World::new("pop3", &[]);
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("mail").display().to_string();
    let new = folder.path().join("mail/new");
    world.send("one", "From here\nx");
    world.send("two", "y");
    let fetch = |more: &[&str]| world.run("fetch", "", &[&["--maildir", &maildir], more].concat());
    assert!(fetch(&[]).code(0).stdout.starts_with("2 new messages, "));
    assert!(fetch(&[]).code(0).stdout.starts_with("0 new messages, "));
    world.send("three", "z");
    let third = json(&fetch(&["--json"]).code(0));
    assert_eq!((third.len(), &third[0]["uid"]), (1, &"netkit-00000003".into()));
    let all = files(&new);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|text| !text.contains('\r')));
    assert!(files(&folder.path().join("mail/tmp")).is_empty());
    assert!(fetch(&["--delete"]).code(0).stdout.contains("3 deleted"));
    assert!(world.run("stat", "", &[]).code(0).stdout.starts_with("0\t"));

    let mbox = folder.path().join("box").display().to_string();
    world.send("four", "From here\n>From there");
    world.send("five", &"x".repeat(500));
    world.send("other", "x");
    let fetch = |more: &[&str]| world.run("fetch", "", &[&["--mbox", &mbox], more].concat());
    let some = fetch(&["--max-size", "500", "--only", "subject: FOUR"]).code(0).stdout;
    assert!(some.starts_with("1 new messages, ") && some.contains("1 too large, 1 others"), "{some}");
    fetch(&["--limit", "1"]).code(0);
    fetch(&[]).code(0);
    let text = std::fs::read_to_string(&mbox).unwrap();
    assert_eq!(text.matches("\nSubject: ").count(), 3, "{text}");
    assert!(text.contains("\n>From here\n>>From there\n"), "{text}");
}

/// Whatever the moment at which a run is ended: the next one completes it.
#[test]
fn a_run_that_was_ended_is_completed() {
    let world = World::new("pop3", &[]);
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("mail");
    let path = maildir.display().to_string();
    (0..3).for_each(|n| world.send(&format!("number {n}"), "x"));
    let fetch = || world.run("fetch", "", &["--maildir", &path]);
    fetch().code(0);
    let state = std::fs::read_dir(&maildir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_file())
        .unwrap();
    let journal = std::fs::read_to_string(&state).unwrap();
    let whole = journal.strip_suffix(".\n").unwrap();
    let before = files(&maildir.join("new"));

    // Ended before anything had its place.
    for entry in std::fs::read_dir(maildir.join("new")).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), maildir.join("tmp").join(entry.file_name())).unwrap();
    }
    std::fs::write(&state, whole).unwrap();
    assert!(fetch().code(0).stdout.starts_with("0 new"));
    assert_eq!(files(&maildir.join("new")), before);

    // Ended behind the last move, with one message read and flagged since.
    let first = std::fs::read_dir(maildir.join("new")).unwrap().next().unwrap().unwrap();
    let flagged = maildir.join("cur").join(format!("{}:2,S", first.file_name().into_string().unwrap()));
    std::fs::rename(first.path(), flagged).unwrap();
    std::fs::write(&state, whole).unwrap();
    assert!(fetch().code(0).stdout.starts_with("0 new"));
    assert_eq!(files(&maildir.join("new")).len() + files(&maildir.join("cur")).len(), 3);

    // Ended before the journal was written, and a cut line in it.
    std::fs::write(&state, "+ 12 netk").unwrap();
    std::fs::remove_dir_all(maildir.join("new")).unwrap();
    std::fs::remove_dir_all(maildir.join("cur")).unwrap();
    assert!(fetch().code(0).stdout.starts_with("3 new"));
}

#[test]
fn logins() {
    let login = |auth: &str, secret: &str| {
        netkit(&["--mock", "pop3", "stat", "--starttls", "--auth", auth, "-u", &format!("alice:{secret}")])
    };
    for auth in [
        "apop",
        "user",
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "DIGEST-MD5",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256-PLUS",
    ] {
        login(auth, "secret").code(0);
        login(auth, "wrong").code(67);
    }
    for auth in ["XOAUTH2", "OAUTHBEARER"] {
        let token = |token: &str| {
            netkit(&["--mock", "pop3", "stat", "--tls", "--auth", auth, "-u", "alice", "--token", token])
        };
        token("token-of-alice").code(0);
        token("stolen").code(67);
    }
    let shown = netkit(&["--mock", "pop3", "stat", "-v", "--auth", "user", "-u", "alice:secret"]).code(0);
    assert!(shown.stderr.contains("> PASS ***\n") && !shown.stderr.contains("secret"), "{}", shown.stderr);
    let shown = netkit(&["--mock", "pop3", "stat", "-v", "--auth", "apop", "-u", "alice:secret"]).code(0);
    assert!(shown.stderr.contains("> APOP alice ***\n"), "{}", shown.stderr);
    // Nobody in particular is alice there.
    assert_eq!(netkit(&["--mock", "pop3", "stat"]).code(0).stdout, "0\t0\n");
}

#[test]
fn the_rest_of_the_verbs() {
    let probe = netkit(&["--mock", "pop3", "probe", "--json", "-u", "alice:secret"]).code(0);
    let report: Value = serde_json::from_str(probe.stdout.trim()).unwrap();
    assert_eq!((&report["apop"], &report["messages"]), (&true.into(), &0.into()));
    assert!(report["capabilities"].as_array().unwrap().contains(&"PIPELINING".into()));
    assert!(netkit(&["--mock", "pop3", "probe"]).code(0).stdout.contains("capabilities"));
    let raw = netkit(&["--mock", "pop3", "raw", "NOOP", "LIST 1", "STAT", "-u", "alice:secret"]).code(22);
    assert_eq!(raw.stdout, "+OK nothing done\n-ERR no such message\n+OK 0 0\n");
    netkit(&["--mock", "pop3", "raw", "NOOP\r\nDELE 1", "-u", "alice:secret"]).code(2);
    netkit(&["pop3", "stat", "pop3://127.0.0.1:1/", "-u", "a:b"]).code(7);
}

#[test]
fn lines_behind_an_answer() {
    let world = World::new("pop3", &[]);
    world.send("first", ".dot");
    let raw = world.run("raw", "", &["uidl", "LIST 1", "TOP 1 0", "RETR 9"]).code(22).stdout;
    let (uidl, rest) = raw.split_at(raw.find("+OK 1 ").unwrap());
    assert_eq!(uidl, "+OK names\n1 netkit-00000001\n");
    assert!(rest.contains("\nSubject: first\n") && rest.ends_with("\n-ERR no such message\n"), "{rest}");
    let lines = json(&world.run("raw", "", &["RETR 1", "NOOP", "--json"]).code(0));
    let text = lines[0]["lines"].as_array().unwrap();
    assert_eq!((text.last().unwrap(), &lines[1]["lines"]), (&".dot".into(), &Value::Array(vec![])));
}

#[test]
fn a_url_is_fetched_by_its_protocol() {
    let world = World::new("pop3", &[]);
    world.send("by url", "x");
    let url = |number: u32| format!("pop3://alice:secret@127.0.0.1:{}/{number}", world.port());
    let got = netkit(&["get", &url(1), "--plain"]).code(0);
    assert!(got.stdout.contains("Subject: by url\r\n") && got.stdout.ends_with("\r\n\r\nx\r\n"));
    netkit(&["get", &url(2), "--plain"]).code(78);
    netkit(&["get", "pop3://127.0.0.1:1/"]).code(2).says("which message");
}

/// Nobody listens at this port, and nothing is asked of it.
#[test]
fn what_would_be_sent() {
    let offline = |words: &[&str]| netkit(&[&["pop3"], words, &["--offline"]].concat()).code(0).stdout;
    let host = "127.0.0.1:1";
    assert_eq!(offline(&["stat", host]), "CAPA\r\nCAPA\r\nSTAT\r\nQUIT\r\n");
    let tls = offline(&["list", host, "--starttls", "-u", "alice:secret"]);
    assert_eq!(tls, "CAPA\r\nSTLS\r\nCAPA\r\nCAPA\r\nLIST\r\nUIDL\r\nQUIT\r\n");
    let verb = |words: &[&str]| {
        let all = offline(words);
        let commands = all.strip_prefix("CAPA\r\nCAPA\r\n").and_then(|all| all.strip_suffix("\r\nQUIT\r\n"));
        commands.unwrap().replace("\r\n", ", ")
    };
    assert_eq!(verb(&["get", "pop3://127.0.0.1:1/7"]), "RETR 7");
    assert_eq!(verb(&["get", host, "a-name"]), "UIDL");
    assert_eq!(verb(&["top", host, "3", "-n", "5"]), "TOP 3 5");
    assert_eq!(verb(&["fetch", host, "--maildir", "/nowhere"]), "LIST, UIDL");
    assert_eq!(verb(&["delete", host, "2-3", "9"]), "DELE 2, DELE 3, DELE 9");
    assert_eq!(verb(&["raw", host, "NOOP", "XTND x"]), "NOOP, XTND x");
    netkit(&["pop3", "raw", host, "NOOP\r\nDELE 1", "--offline"]).code(2);
}

/// Another program may deliver into the mailbox file that a run was killed over: its mail is not taken out.
#[test]
fn mail_of_others_stays_in_a_mailbox_file() {
    let world = World::new("pop3", &[]);
    let folder = tempfile::tempdir().unwrap();
    let mbox = folder.path().join("box");
    let fetch = || world.run("fetch", "", &["--mbox", &mbox.display().to_string()]);
    world.send("one", "x");
    fetch().code(0);
    let before = std::fs::read_to_string(&mbox).unwrap();
    let state = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let state = state.into_iter().find(|path| *path != mbox).unwrap();
    let journal = std::fs::read_to_string(&state).unwrap();

    // Ended in the middle of a message, and nobody came after.
    world.send("two", "y");
    std::fs::write(&state, format!("{journal}= {}\n", before.len())).unwrap();
    std::fs::write(&mbox, format!("{before}From MAILER-DAEMON Thu\nSubject: tw")).unwrap();
    assert!(fetch().code(0).stdout.starts_with("1 new"));
    let text = std::fs::read_to_string(&mbox).unwrap();
    assert!(text.starts_with(&before) && text.matches("From MAILER-DAEMON").count() == 2, "{text}");

    // The same, and somebody came.
    world.send("three", "z");
    let journal = std::fs::read_to_string(&state).unwrap();
    std::fs::write(&state, format!("{journal}= {}\n", text.len())).unwrap();
    let other = "From b@x.org Thu\nSubject: theirs\n\nw\n\n";
    std::fs::write(&mbox, format!("{text}From MAILER-DAEMON Thu\nSubject: thr\n\n{other}")).unwrap();
    assert!(fetch().code(0).stdout.starts_with("1 new"));
    let text = std::fs::read_to_string(&mbox).unwrap();
    assert!(text.contains(other) && text.contains("Subject: three\n"), "{text}");
}

/// Without UIDL a number is all that a message has, and tomorrow it is another one's: only what this run fetched may go.
#[test]
fn nothing_is_deleted_by_a_number_of_yesterday() {
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("mail").display().to_string();
    let script = folder.path().join("session");
    let run = |list: &str, then: &str, words: &[&str]| {
        let text = format!(
            "# no UIDL\n   S: +OK\n   C: CAPA\n   S: +OK\n   S: USER\n   S: .\n   C: USER a\n   S: +OK\n   C: PASS b\n   S: +OK\n\
             \x20  C: CAPA\n   S: +OK\n   S: USER\n   S: .\n   C: UIDL\n   S: -ERR what\n   C: LIST\n   S: +OK\n{list}   S: .\n{then}\
             \x20  C: QUIT\n   S: +OK\n"
        );
        std::fs::write(&script, text).unwrap();
        use std::io::BufRead;
        let mut player = command()
            .args(["mock", "--script"])
            .arg(&script)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut place = String::new();
        std::io::BufReader::new(player.stdout.take().unwrap()).read_line(&mut place).unwrap();
        let fetch =
            ["pop3", "fetch", place.trim(), "--plain", "-u", "a:b", "--auth", "user", "--all", "--delete"];
        let state = folder.path().join("state").display().to_string();
        let ran = netkit(&[&fetch, &["--maildir", &maildir, "--state", &state][..], words].concat());
        player.kill().unwrap();
        player.wait().unwrap();
        ran.code(0).stdout
    };
    let first =
        run("   S: 1 5\n", "   C: RETR 1\n   S: +OK\n   S: a: b\n   S: .\n   C: DELE 1\n   S: +OK\n", &[]);
    assert_eq!(first, "1 new messages, 6 bytes, 1 deleted\n");
    // A large message has the number now; LIST is asked twice, since the limit needs sizes.
    let second =
        run("   S: 1 5000\n   S: .\n   C: LIST\n   S: +OK\n   S: 1 5000\n", "", &["--max-size", "100"]);
    assert_eq!(second, "0 new messages, 0 bytes, 1 too large\n");
}

/// More messages than a process may have files open: 256 is what some systems allow.
#[test]
fn many_messages_need_few_open_files() {
    let world = World::new("pop3", &[]);
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.jsonl");
    let lines: String = (0..100).map(|n| format!("{{\"n\":\"{n}\"}}\n")).collect();
    std::fs::write(&people, lines).unwrap();
    let at = world.smtp();
    let mail =
        ["--plain", "--from", "a@x.example", "--to", "alice@x.example", "--subject", "{{n}}", "--body", "x"];
    netkit(&[&["smtp", "send", &at, "--jsonl", people.to_str().unwrap()], &mail[..]].concat()).code(0);
    let ran = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 40; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_netkit"), "pop3", "fetch"])
        .args([&world.at(""), "--plain", "-u", "alice:secret", "--maildir"])
        .arg(folder.path().join("mail"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(files(&folder.path().join("mail/new")).len(), 100);
}

#[test]
fn a_fetch_is_tried_again_behind_what_has_come() {
    let world = World::new("pop3", &["--fault", "pop3:RETR 3:1:drop"]);
    (0..5).for_each(|n| world.send(&format!("number {n}"), "x"));
    let dir = tempfile::tempdir().unwrap();
    let words = ["--maildir", &dir.path().join("kept").display().to_string(), "--retry", "1"];
    let fetched = world.run("fetch", "", &words).code(0).says("once more in");
    assert!(fetched.stdout.contains("5 new messages, "), "{}", fetched.stdout);
    let kept = files(&dir.path().join("kept/new"));
    assert!((0..5).all(|n| kept.iter().filter(|one| one.contains(&format!("number {n}"))).count() == 1));
}
