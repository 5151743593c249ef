//! FTP: vsftpd and pyftpdlib.

use std::path::Path;

use crate::command::{Netkit, folder, netkit};
use crate::servers::{file, place, server};

/// A verb at vsftpd, which wants data connections to resume the TLS session of their control connection.
fn at(port: &str, verb: &str, path: &str) -> Netkit {
    netkit(&format!("ftp {verb}"))
        .arg(format!("{}/{path}", place(port)))
        .option("--cacert", server("CA_FILE"))
}

fn as_user(name: &str, verb: &str, path: &str) -> Netkit {
    let password = server(if name == "bob" { "BOB_PASSWORD" } else { "ALICE_PASSWORD" });
    at("FTP_PORT", verb, path).words("--starttls").option("--user", format!("{name}:{password}"))
}

/// Whether two trees have the same names, bytes and times to the second.
#[track_caller]
fn same(one: &Path, other: &Path, times: bool) {
    let names = |folder: &Path| {
        let mut all: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| !entry.file_type().unwrap().is_symlink())
            .map(|entry| entry.file_name())
            .collect();
        all.sort();
        all
    };
    assert_eq!(names(one), names(other), "{}", one.display());
    for name in names(one) {
        let (one, other) = (one.join(&name), other.join(&name));
        if one.is_dir() {
            same(&one, &other, times);
            continue;
        }
        assert!(std::fs::read(&one).unwrap() == std::fs::read(&other).unwrap(), "{}", one.display());
        let seconds = |path: &Path| {
            let at = std::fs::metadata(path).unwrap().modified().unwrap();
            at.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
        };
        assert!(!times || seconds(&one) == seconds(&other), "{}", one.display());
    }
}

#[test]
fn names_of_before_utf_8() {
    let folder = Path::new(server("FTP_ROOT")).join("alice/old");
    std::fs::create_dir_all(&folder).unwrap();
    let name: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(b"caf\xe9.txt".to_vec());
    std::fs::write(folder.join(name), "old").unwrap();
    let ask = |verb: &str, path: &str| as_user("alice", verb, path).words("--charset latin1");
    assert!(ask("ls", "old").run().done().text().contains("caf\u{e9}.txt"));
    assert_eq!(ask("cat", "old/caf\u{e9}.txt").run().done().text(), "old");
    ask("cat", "old/\u{4e2d}.txt").run().exits(2);
}

#[test]
fn plain_explicit_and_implicit_passive_and_active() {
    let text = "hello, ftp\nsecond line\n";
    for mode in ["", "--active"] {
        for (port, how) in [("FTP_PORT", "--plain"), ("FTP_PORT", "--starttls"), ("FTPS_PORT", "--tls")] {
            let cat = at(port, "cat", "pub/hello.txt").words(how).words(mode);
            assert_eq!(cat.run().done().text(), text, "{mode} {how}");
            let ls = at(port, "ls --json", "pub").words(how).words(mode).run().done().json();
            assert!(ls.iter().any(|one| one["name"] == " name with spaces; and more"), "{ls:?}");
            assert!(ls.iter().any(|one| one["name"] == "link" && one["type"] == "link"));
        }
        let cat = netkit("ftp cat --plain").words(mode).arg(format!("{}/pub/hello.txt", place("FTP2_PORT")));
        assert_eq!(cat.run().done().text(), text);
    }
    let alice = server("ALICE_PASSWORD");
    at("FTP_PORT", "ls", "").words("--plain").option("--user", format!("alice:{alice}")).run().done();
    at("FTP_PORT", "ls", "").option("--user", "alice:wrong").run().fails(67, &[]);
    at("FTP_PORT", "cat", "pub/nope").run().fails(78, &[]);
    netkit("ftp ls --starttls").arg(place("FTP2_PORT")).run().fails(64, &[]);
    let probe = at("FTP_PORT", "probe --json", "").words("--starttls").run().done().object();
    assert_eq!((&probe["data_protected"], &probe["folder"]), (&true.into(), &"/".into()));
}

#[test]
fn ten_uploads_in_one_session_of_tls_1_3() {
    let dir = folder();
    let mut put = as_user("bob", "put --tls-min 1.3", "");
    for n in 0..10 {
        let path = dir.path().join(format!("file{n}"));
        std::fs::write(&path, vec![b'a' + n; 300_000]).unwrap();
        put = put.arg(path);
    }
    assert_eq!(put.run().done().text().lines().count(), 10);
    for n in 0..10_u8 {
        let kept = std::fs::read(file("FTP_ROOT", &format!("bob/file{n}"))).unwrap();
        assert!(kept == vec![b'a' + n; 300_000]);
    }
    let list = as_user("bob", "ls --json", "").run().done().json();
    assert!(list.len() >= 10);
}

#[test]
fn every_verb() {
    let dir = folder();
    let one = dir.path().join("one.txt");
    std::fs::write(&one, "one").unwrap();
    let verb = |verb: &str, path: &str| as_user("alice", verb, path);
    verb("mkdir", "verbs").run().done();
    verb("mkdir", "verbs").arg("a").arg("a/b").run().done();
    verb("put", "verbs/a/").arg(&one).run().done();
    verb("put --append", "verbs/a/one.txt").arg("-").stdin(" and two").run().done();
    assert_eq!(verb("cat", "verbs/a/one.txt").run().done().text(), "one and two");
    verb("mv", "verbs/a/one.txt").arg("verbs/a/new name").run().done();
    let stat = verb("stat --json", "verbs/a/new%20name").run().done().object();
    assert_eq!((&stat["type"], &stat["size"]), (&"file".into(), &11.into()));
    assert_eq!(verb("stat --json", "verbs/a").run().done().object()["type"], "dir");
    verb("stat", "verbs/nope").run().fails(78, &[]);
    let got = verb("get", "verbs/a/new%20name").option("-d", dir.path()).run().done();
    assert!(got.text().ends_with("/new name\n"));
    assert_eq!(std::fs::read_to_string(dir.path().join("new name")).unwrap(), "one and two");
    // What was interrupted goes on where it stopped.
    std::fs::write(dir.path().join("rest.part"), "one an").unwrap();
    verb("get --continue", "verbs/a/new%20name").option("-o", dir.path().join("rest")).run().done();
    assert_eq!(std::fs::read_to_string(dir.path().join("rest")).unwrap(), "one and two");
    verb("rmdir", "verbs/a").run().fails(78, &[]);
    verb("rm", "verbs/a/new%20name").run().done();
    verb("rmdir", "verbs").arg("a/b").arg("a").run().done();
    verb("rmdir", "verbs").run().done();
    let raw = verb("raw", "").arg("NOOP").arg("NONSENSE").run();
    assert!(raw.text().starts_with("200 "), "{}", raw.text());
    raw.fails(22, &[]);
    let url = format!("ftp://{}/pub/hello.txt", place("FTP2_PORT"));
    assert!(netkit("get --plain").arg(url).run().done().text().starts_with("hello"));
}

#[test]
fn a_mirror_both_ways_is_byte_identical_and_keeps_times() {
    let dir = folder();
    let here = dir.path().join("here");
    let counts = |run: Netkit| {
        let lines = run.words("--json").run().done().json();
        let last = lines.last().unwrap().clone();
        (
            last["moved"].as_u64().unwrap(),
            last["unchanged"].as_u64().unwrap(),
            last["deleted"].as_u64().unwrap(),
        )
    };
    // vsftpd: LIST, with times to the day; MDTM has the rest.
    let down = || at("FTP_PORT", "mirror --starttls", "pub").arg(&here);
    assert_eq!(counts(down()), (306, 0, 0));
    same(&file("FTP_ROOT", "anon/pub"), &here, true);
    assert_eq!(counts(down()), (0, 306, 0));
    std::fs::write(here.join("hello.txt"), "changed").unwrap();
    std::fs::remove_file(here.join("many/7.txt")).unwrap();
    std::fs::write(here.join("extra"), "x").unwrap();
    assert_eq!(counts(down().words("--dry-run --delete")), (2, 304, 1));
    assert_eq!(counts(down().words("--delete -P 8")), (2, 304, 1));
    same(&file("FTP_ROOT", "anon/pub"), &here, true);
    assert_eq!(counts(down().arg("--include").arg("*.bin")), (0, 1, 0));
    assert!(!here.join("link").exists(), "links are left out");

    // pyftpdlib: MLSD.
    let second = dir.path().join("second");
    let down = || netkit("ftp mirror --plain").arg(format!("{}/pub", place("FTP2_PORT"))).arg(&second);
    assert_eq!(counts(down()), (306, 0, 0));
    same(&file("FTP2_ROOT", "pub"), &second, true);
    assert_eq!(counts(down()), (0, 306, 0));

    // And up: times by MFMT, or MDTM where that is what there is.
    let up = || as_user("alice", "mirror --reverse", "deep/up").arg(&here);
    assert_eq!(counts(up()), (306, 0, 0));
    same(&here, &file("FTP_ROOT", "alice/deep/up"), false);
    assert_eq!(counts(up()).0, 0);
    let alice = server("ALICE_PASSWORD");
    let up = || {
        let up = netkit("ftp mirror --reverse --plain").arg(format!("{}/up", place("FTP2_PORT"))).arg(&here);
        up.option("--user", format!("alice:{alice}"))
    };
    assert_eq!(counts(up()), (306, 0, 0));
    same(&here, &file("FTP2_ROOT", "up"), true);
    assert_eq!(counts(up()), (0, 306, 0));
    std::fs::remove_dir_all(here.join("many")).unwrap();
    assert_eq!(counts(up().words("--delete")), (0, 6, 301));
    same(&here, &file("FTP2_ROOT", "up"), true);
}

/// Neither server knows RANG: what is behind a part is given up by ABOR, behind Telnet's Synch.
#[test]
fn a_file_in_parts() {
    for (port, root, path) in
        [("FTP_PORT", "FTP_ROOT", "anon/pub/data.bin"), ("FTP2_PORT", "FTP2_ROOT", "pub/data.bin")]
    {
        let dir = folder();
        let to = dir.path().join("data.bin");
        let get = at(port, "get", "pub/data.bin").words("--plain --segments 2 -v").option("-o", &to);
        get.run().exits(0).says(&["> \\xff\\xf4\\xff\\xf2ABOR", "> REST 1500000"]);
        assert!(std::fs::read(&to).unwrap() == std::fs::read(file(root, path)).unwrap(), "{port}");
    }
}

#[test]
fn a_mirror_keeps_permissions_and_links_when_asked() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let there = Path::new(server("FTP_ROOT")).join("alice/modes");
    std::fs::create_dir_all(there.join("in")).unwrap();
    for (name, mode) in [("a", 0o755), ("in/b", 0o604)] {
        std::fs::write(there.join(name), name).unwrap();
        std::fs::set_permissions(there.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    for (target, name) in
        [("../a", "in/up"), ("b", "in/same"), ("../../x", "in/out"), ("/etc/passwd", "absolute")]
    {
        let _ = std::fs::remove_file(there.join(name));
        symlink(target, there.join(name)).unwrap();
    }
    let dir = folder();
    let here = dir.path().join("modes");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    // What leads out is told, and left out.
    let left_out = ["absolute: a link that leads out", "in/out: a link that leads out"];
    let mirror = || {
        let verb = as_user("alice", "mirror", "modes").arg(&here).words("--permissions --links");
        verb.run().exits(23).says(&left_out);
    };
    mirror();
    assert_eq!((mode(&here.join("a")), mode(&here.join("in/b"))), (0o755, 0o604));
    let target = |name: &str| std::fs::read_link(here.join(name)).map(|path| path.display().to_string()).ok();
    assert_eq!(target("in/up").as_deref(), Some("../a"));
    assert_eq!(target("in/same").as_deref(), Some("b"));
    assert_eq!((target("in/out"), target("absolute")), (None, None));
    // What is here already gets them, too.
    std::fs::set_permissions(here.join("a"), std::fs::Permissions::from_mode(0o600)).unwrap();
    mirror();
    assert_eq!(mode(&here.join("a")), 0o755);
    as_user("alice", "mirror", "modes-back").arg(&here).words("--reverse --permissions").run().done();
    let back = Path::new(server("FTP_ROOT")).join("alice/modes-back");
    assert_eq!((mode(&back.join("a")), mode(&back.join("in/b"))), (0o755, 0o604));
}

#[test]
fn a_mirror_killed_in_the_middle_is_completed_by_the_next() {
    let dir = folder();
    let here = dir.path().join("here");
    for wait in (0..15).map(|n| 5 + n * 9) {
        at("FTP_PORT", "mirror --plain -q", "pub").arg(&here).killed_after(wait);
    }
    at("FTP_PORT", "mirror --plain -q --delete", "pub").arg(&here).run().done();
    same(&file("FTP_ROOT", "anon/pub"), &here, true);
}
