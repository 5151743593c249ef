//! `netkit imap` against the mock server; mail gets there by SMTP, into the same world.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::command::{Ran, command, netkit, netkit_with};
use crate::world::{World, json};

/// A `watch` that watches: what happened before is nothing new to it.
fn watching(at: &str, words: &[&str]) -> Child {
    let mut watch = command()
        .args(["imap", "watch", at, "--plain", "-u", "alice:secret", "-v"])
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watch.stderr.take().unwrap()).lines();
    assert!(said.by_ref().any(|line| line.unwrap().contains("watching INBOX")));
    std::thread::spawn(move || said.for_each(drop));
    watch
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).map(Iterator::count).unwrap_or(0)
}

#[test]
fn every_verb_runs_at_the_mock_server() {
    let mock = |verb: &str, words: &[&str]| netkit(&[&["imap", verb, "--mock"], words].concat());
    assert!(mock("folders", &[]).code(0).stdout.contains("3\t1\tArchive\tArchive\n"));
    assert!(mock("folders", &["--subscribed", "--json"]).code(0).stdout.contains("\"INBOX\""));
    let list = json(&mock("list", &["--mailbox", "Archive", "--json"]).code(0));
    assert_eq!(
        (&list[1]["from"], &list[1]["subject"]),
        (&"J\u{f6}rg M\u{fc}ller".into(), &"Gr\u{fc}\u{df}e mit Bild".into())
    );
    assert_eq!(mock("list", &["--mailbox", "Archive", "--limit", "1"]).code(0).stdout.lines().count(), 1);
    assert_eq!(mock("search", &["--mailbox", "Archive", "from:j\u{f6}rg"]).code(0).stdout, "2\n");
    assert_eq!(mock("search", &["--mailbox", "Archive", "--sort", "-date"]).code(0).stdout, "3\n2\n1\n");
    assert!(mock("search", &["--mailbox", "Archive", "--threads"]).code(0).stdout.contains("\t    Fwd: "));
    assert_eq!(mock("search", &["imap://h/Archive", "--count"]).code(0).stdout, "3\n");
    assert_eq!(
        mock("get", &["imap://h/Archive/;UID=2", "--part", "1"]).code(0).stdout,
        "Ein Punkt, von J\u{f6}rg."
    );
    let parts = mock("get", &["--mailbox", "Archive", "3", "--structure"]).code(0).stdout;
    assert!(parts.contains("1\ttext/plain") && parts.contains("2\tmessage/rfc822"), "{parts}");
    assert!(
        mock("get", &["--mailbox", "Archive", "1", "--header"]).code(0).stdout.contains("Subject: Welcome")
    );
    assert_eq!(mock("copy", &["--mailbox", "Archive", "1,3", "Trash"]).code(0).stdout, "1:2\n");
    assert_eq!(mock("move", &["--mailbox", "Archive", "1:*", "Trash"]).code(0).stdout, "1:3\n");
    let flags = mock("flag", &["--mailbox", "Archive", "3", "seen", "$Work"]).code(0).stdout;
    assert_eq!(flags, "3\t$Work \\Seen\n");
    mock("delete", &["--mailbox", "Archive", "2"]).code(0);
    mock("create", &["--use", "junk", "Spam/2026"]).code(0);
    mock("rename", &["Archive", "Attic"]).code(0);
    mock("remove", &["Archive"]).code(0);
    assert!(mock("quota", &["--json"]).code(0).stdout.contains("\"resource\":\"storage\""));
    assert!(
        mock("raw", &["STATUS Archive (MESSAGES)"])
            .code(0)
            .stdout
            .starts_with("* STATUS \"Archive\" (MESSAGES 3)\n")
    );
    assert!(mock("probe", &["--json"]).code(0).stdout.contains("\"server\":{\"name\":\"netkit mock\""));
    let by_url = netkit(&["get", "imap://h/Archive/;UID=1", "--mock"]).code(0).stdout;
    assert!(by_url.contains("This mailbox lives in the memory"));
}

#[test]
fn what_is_not_there_is_78_and_what_is_refused_22() {
    let mock = |verb: &str, words: &[&str]| netkit(&[&["imap", verb, "--mock"], words].concat());
    mock("list", &["--mailbox", "Nowhere"]).code(78);
    mock("get", &["77"]).code(78);
    mock("get", &["--mailbox", "Archive", "1", "--part", "9"]).code(78);
    mock("remove", &["Nowhere"]).code(78);
    mock("copy", &["--mailbox", "Archive", "1", "Nowhere"]).code(78);
    mock("remove", &["INBOX"]).code(22);
    mock("raw", &["NONSENSE"]).code(22);
    for (verb, words) in [
        ("get", &["x"][..]),
        ("list", &["0"]),
        ("search", &["since:yesterday"]),
        ("flag", &["1", "a b"]),
        ("flag", &["1"]),
        ("copy", &["1"]),
        ("create", &["a\u{0}b"][..0]),
        ("append", &["--flag", "(", "x"]),
        ("get", &["1", "--part", "1]"]),
    ] {
        mock(verb, words).code(2);
    }
    netkit(&["imap", "folders", "localhost:1", "--no-config"]).code(7);
    netkit(&["imap", "list", "--mock", "-u", "alice:wrong"]).code(67);
    netkit(&["imap", "append", "--mock", "/no/such/file"]).code(26);
}

/// Long messages wait for their place as files: not more of them than a process may have open.
#[test]
fn many_long_messages_need_few_open_files() {
    let world = World::new("imap", &[]);
    let dir = tempfile::tempdir().unwrap();
    let people = dir.path().join("people.jsonl");
    let lines: String = (0..60).map(|n| format!("{{\"n\":\"{n}\"}}\n")).collect();
    std::fs::write(&people, lines).unwrap();
    let long = dir.path().join("long");
    std::fs::write(&long, "a line of a long message, and then the next\n".repeat(4000)).unwrap();
    let (at, file) = (world.smtp(), format!("@{}", long.display()));
    let mail = [
        "--plain",
        "--from",
        "a@x.example",
        "--to",
        "alice@x.example",
        "--subject",
        "{{n}}",
        "--body",
        &file,
    ];
    netkit(&[&["smtp", "send", &at, "--jsonl", people.to_str().unwrap()], &mail[..]].concat()).code(0);
    let kept = dir.path().join("kept");
    let ran = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 40; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_netkit"), "imap", "backup"])
        .args([&world.at(""), "--plain", "-u", "alice:secret", "--folder", "INBOX"])
        .arg(&kept)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let all: Vec<_> = std::fs::read_dir(kept.join("INBOX/cur")).unwrap().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|one| one.metadata().unwrap().len() > 150_000).count(), 60);
}

#[test]
fn mail_sent_is_listed_watched_and_backed_up() {
    let world = World::new("imap", &[]);
    world.send("first", "x");
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept").display().to_string();
    let backup = |words: &[&str]| {
        json(&world.run("backup", "", &[&[kept.as_str(), "--json"], words].concat()).code(0))
    };
    let of = |lines: &[Value], name: &str, field: &str| {
        lines.iter().find(|line| line["mailbox"] == name).unwrap()[field].as_u64().unwrap()
    };
    let all = backup(&[]);
    assert_eq!((of(&all, "INBOX", "new"), of(&all, "Archive", "new")), (1, 3));
    let watch = watching(&world.at(""), &["--count", "1", "--json"]);
    world.send("second", "x");
    let told = String::from_utf8(watch.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["event"], "arrived", "{told}");
    world.run("flag", "", &["1", "seen", "$Work"]).code(0);
    let all = backup(&[]);
    assert_eq!((of(&all, "INBOX", "new"), of(&all, "INBOX", "flags_changed")), (1, 1));
    assert_eq!(of(&backup(&["--compress"]), "INBOX", "new"), 0);
    world.run("delete", "", &["1"]).code(0);
    assert_eq!(of(&backup(&["--folder", "INBOX"]), "INBOX", "gone"), 1);
    let inbox = dir.path().join("kept/INBOX/cur");
    assert_eq!(count(&inbox), 2, "it stays in the backup");
    world.run("move", "", &["2", "Trash"]).code(0);
    let restored = backup(&["--restore", "--folder", "INBOX"]);
    assert_eq!(of(&restored, "INBOX", "new"), 2);
    let list = json(&world.run("list", "", &["--json"]).code(0));
    assert_eq!(list.len(), 2);
    assert!(list.iter().any(|one| one["flags"].to_string().contains("$Work")), "{list:?}");
    assert_eq!(of(&backup(&["--restore"]), "INBOX", "new"), 0, "nothing twice");
    world.run("watch", "", &["--count", "1", "--mailbox", "Nowhere"]).code(78);
}

/// Of mailboxes that are not open, by one connection; what was there before is nothing new.
#[test]
fn every_mailbox_is_watched() {
    let world = World::new("imap", &[]);
    let dir = tempfile::tempdir().unwrap();
    let letter = dir.path().join("letter").display().to_string();
    std::fs::write(&letter, "Subject: x\r\n\r\nhi\r\n").unwrap();
    let at = world.at("");
    let watch = watching(&at, &["--all", "--count", "3", "--exec", "echo $NETKIT_MAILBOX $NETKIT_EVENTS"]);
    let pause = || std::thread::sleep(std::time::Duration::from_millis(300));
    world.run("append", "", &["--mailbox", "Archive", &letter]).code(0);
    pause();
    world.run("flag", "", &["--mailbox", "Archive", "1", "flagged"]).code(0);
    pause();
    world.send("first", "x");
    let told = String::from_utf8(watch.wait_with_output().unwrap().stdout).unwrap();
    let expected = "arrived\tArchive\t4\nArchive arrived\nchanged\tArchive\nArchive changed\narrived\tINBOX\t1\nINBOX arrived\n";
    assert_eq!(told, expected);
}

/// Names that would lead out of the folder, or meet a Maildir's own, stay inside and come back as they were.
#[test]
fn no_name_of_a_mailbox_leads_out() {
    let world = World::new("imap", &[]);
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("deep/kept");
    for name in ["../../out", "cur/new", "a b&c", ".hidden"] {
        world.run("create", "", &[name]).code(0);
        let letter = dir.path().join("letter");
        std::fs::write(&letter, format!("Subject: {name}\n\nx\n")).unwrap();
        world.run("append", "", &["--mailbox", name, &letter.display().to_string()]).code(0);
    }
    let shown = kept.display().to_string();
    world.run("backup", "", &[&shown]).code(0);
    assert_eq!(count(&dir.path().join("deep")), 1, "nothing beside it");
    let other = World::new("imap", &[]);
    other.run("backup", "", &[&shown, "--restore"]).code(0);
    for name in ["../../out", "cur/new", "a b&c", ".hidden"] {
        let list = json(&other.run("list", "", &["--mailbox", name, "--json"]).code(0));
        assert_eq!(list[0]["subject"], name);
    }
}

#[test]
fn a_backup_never_goes_through_a_link() {
    let world = World::new("imap", &[]);
    let dir = tempfile::tempdir().unwrap();
    let (kept, outside) = (dir.path().join("kept"), dir.path().join("outside"));
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, kept.join("Archive")).unwrap();
    world.run("backup", "", &[&kept.display().to_string()]).code(23);
    assert_eq!(count(&outside), 0);
}

/// A verb at a server that says what a script says.
fn at_a_script(script: &str, words: &[&str]) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("odd.session");
    std::fs::write(&file, format!("# an odd server\n{script}")).unwrap();
    let mut mock = command().args(["mock", "--script"]).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(mock.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let at = line.trim().rsplit('/').next().unwrap().to_owned();
    let ran = netkit(&[&["imap"], words, &["--plain", "--no-config", &at]].concat());
    mock.kill().unwrap();
    mock.wait().unwrap();
    ran
}

/// An answer that cannot be read is shown with its bytes, the rest goes on, and the exit code tells.
#[test]
fn what_cannot_be_read_is_18_at_the_end() {
    let ran = at_a_script(
        "   S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n   C: N0001 LIST \"\" \"*\"\n\
         \x20  S: * LIST () \"/\" INBOX\n   S: * LIST \\x1b[2J oops\n   S: * OK [ALERT] the disk is full\n   S: N0001 OK done\n\
         \x20  C: N0002 LOGOUT\n   S: * BYE\n   S: N0002 OK\n",
        &["folders", "--names"],
    );
    let ran = ran
        .code(18)
        .says("an answer that cannot be read: LIST \\x1b[2J oops")
        .says("the server says: the disk is full");
    assert_eq!(ran.stdout, "-\t-\tINBOX\n");
}

#[test]
fn offline_says_what_would_be_sent() {
    let said =
        |words: &[&str]| netkit(&[&["imap"], words, &["--offline", "--no-config"]].concat()).code(0).stdout;
    assert_eq!(
        said(&["search", "h", "unseen", "from:x", "--starttls"]).replace("\r\n", "\n"),
        "N1 CAPABILITY\nN2 STARTTLS\nN3 CAPABILITY\nN4 EXAMINE \"INBOX\"\nN5 UID SEARCH RETURN (ALL) NOT SEEN FROM \"x\"\nN6 LOGOUT\n"
    );
    assert!(
        said(&["get", "imaps://h/A%20b/;UID=7"])
            .contains("EXAMINE \"A b\"\r\nN3 UID FETCH 7 (UID BODY.PEEK[])")
    );
    assert!(said(&["move", "h", "1:3", "x"]).contains("UID MOVE 1:3 \"x\""));
    assert!(said(&["raw", "h", "NOOP"]).contains("NOOP"));
}

#[test]
fn a_shell_is_a_script_too() {
    let script = "folders\nopen Archive\nsearch from:bob\nget 1\nopen Nowhere\nlist\nquit\n";
    let ran = netkit_with(&["imap", "shell", "--mock"], script.as_bytes()).code(78);
    assert!(ran.stdout.contains("Archive: 3 messages\n") && ran.stdout.contains("Fwd: the sockets note"));
    assert!(ran.stdout.contains("This mailbox lives"));
}

#[test]
fn a_backup_is_tried_again_behind_what_has_come() {
    let world = World::new("imap", &["--fault", "imap:UID FETCH:1:half"]);
    (0..5).for_each(|n| world.send(&format!("number {n}"), "x"));
    let dir = tempfile::tempdir().unwrap();
    let words = [&dir.path().join("kept").display().to_string(), "--retry", "1", "--folder", "INBOX"];
    world.run("backup", "", &words).code(0).says("once more in");
    assert_eq!(count(&dir.path().join("kept/INBOX/cur")), 5);
}

/// The beginning of a `watch --all`, up to where it waits.
const WATCHED: &str = "   S: * PREAUTH [CAPABILITY IMAP4rev1 NOTIFY IDLE] hi
   C: N0001 NOTIFY SET STATUS (selected (MessageNew MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange))
   S: N0001 OK noted
   C: N0002 EXAMINE \"INBOX\"
   S: * 0 EXISTS
   S: * OK [UIDVALIDITY 1] x
   S: * OK [UIDNEXT 1] x
   S: N0002 OK [READ-ONLY] open
   C: N0003 IDLE
   S: + idling
";
const LEFT: &str = "   C: DONE
   S: N0003 OK done
   C: N0004 LOGOUT
   S: * BYE
   S: N0004 OK
";

/// Names of mailboxes are the server's: one with a line end in it is no second line, one with a NUL no end of the watch.
#[test]
fn odd_names_of_other_mailboxes() {
    let told = "   S: * STATUS {14}\n   S: a\n   S: gone\\x09INBOX\\x00 (MESSAGES 1 UIDNEXT 2)\n";
    let words = ["watch", "--all", "--count", "1", "--exec", "echo $NETKIT_EVENTS"];
    let ran = at_a_script(&format!("{WATCHED}{told}{LEFT}"), &words).code(0);
    assert_eq!(ran.stdout, "arrived\ta\\r\\ngone\\tINBOX\\x00\t1\narrived\n");
}

/// What could not be read is told at the end, and is no reason to begin again.
#[test]
fn a_watch_that_has_told_enough_ends() {
    let told = "   S: * STATUS oops\n";
    let ran = at_a_script(&format!("{WATCHED}{told}{LEFT}"), &["watch", "--all", "--count", "1"]).code(18);
    assert_eq!(ran.stdout, "other\tINBOX\tSTATUS oops\n");
}
