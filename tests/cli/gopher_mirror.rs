//! `netkit gopher mirror`, against the mock server and against servers that mean harm.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::command::{Ran, netkit};

fn mirror(at: &str, folder: &Path, words: &[&str]) -> Ran {
    netkit(&[&["--mock", "gopher", "mirror", at, "-d", folder.to_str().unwrap()], words].concat())
}

/// Every file below, relative to the folder.
fn files(folder: &Path) -> BTreeSet<String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![PathBuf::new()]);
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).unwrap().map(Result::unwrap) {
            let name = below.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(name),
                false => drop(found.insert(name.to_str().unwrap().to_owned())),
            }
        }
    }
    found
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn results(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const HOLE: [&str; 7] = [
    "about.txt",
    "gophermap",
    "images/dot.png",
    "images/gophermap",
    "index.html",
    "notes/gophermap",
    "notes/ports.txt",
];

#[test]
fn a_hole_is_copied_and_a_second_run_fetches_nothing() {
    for tls in [&[][..], &["--tls"]] {
        let folder = tempfile::tempdir().unwrap();
        mirror("/1", folder.path(), tls).code(0).says(" 0 failed, 0 left out");
        let found = files(folder.path());
        assert!(found.is_superset(&set(&HOLE)), "{found:?}");
        let page = include_bytes!("../../fixtures/world/images/dot.png");
        assert_eq!(fs::read(folder.path().join("images/dot.png")).unwrap(), page);
        // The dates are the server's, from Gopher+.
        let modified = fs::metadata(folder.path().join("about.txt")).unwrap().modified().unwrap();
        assert_eq!(modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 667_785_600);
        let again = mirror("/1", folder.path(), &[tls, &["--json", "-v"]].concat()).code(0);
        // Menus hold the port of the mock, another one in each run.
        let asked = results(&again);
        let about = asked.iter().find(|item| item["file"] == "about.txt").unwrap();
        assert_eq!((&about["result"], &about["bytes"]), (&Value::from("unchanged"), &Value::Null));
        assert!(!again.stderr.contains("> /about.txt\n"), "{}", again.stderr);
        assert_eq!(asked.last().unwrap()["summary"]["failed"], 0);
    }
}

#[test]
fn options_and_robots_bound_it() {
    let folder = tempfile::tempdir().unwrap();
    mirror("/1/notes/", folder.path(), &["--exclude", "sockets*"]).code(0);
    assert_eq!(files(folder.path()), set(&["notes/gophermap", "notes/ports.txt"]));
    let folder = tempfile::tempdir().unwrap();
    mirror("/1", folder.path(), &["--depth", "1", "--include", "*.txt"]).code(0);
    assert_eq!(files(folder.path()), set(&["about.txt", "gophermap", "images/gophermap", "notes/gophermap"]));
    let folder = tempfile::tempdir().unwrap();
    mirror("/1", folder.path(), &["--max-files", "2"]).code(18).says("--max-files is reached");
    mirror("/1", folder.path(), &["--max-size", "10"]).code(63);
    mirror("/1/private/", folder.path(), &[]).code(22).says("robots.txt does not allow it");
    mirror("/1/private/", folder.path(), &["--no-robots"]).code(0);
    mirror("/7/search", folder.path(), &[]).code(2).says("starts at a menu");
    netkit(&["gopher", "mirror", "h.invalid", "--offline"]).code(4);
}

/// A server of these answers; what it was asked.
fn serve(answers: &'static [(&'static str, &'static [u8])]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let line = line.trim_end_matches("\r\n").to_owned();
            let answer = answers.iter().find(|(selector, _)| *selector == line);
            let text = match answer {
                Some((_, answer)) => {
                    String::from_utf8_lossy(answer).replace("PORT", &port.to_string()).into_bytes()
                }
                None => b"3nothing here\t\terror.host\t1\r\n.\r\n".to_vec(),
            };
            log.lock().unwrap().push(line);
            let _ = stream.write_all(&text);
        }
    });
    (port, asked)
}

#[test]
fn hostile_menus_stay_outside() {
    let (port, asked) = serve(&[
        (
            "",
            b"0Out\t../../../evil.txt\t127.0.0.1\tPORT\r\n0Hidden\t/.ssh/authorized_keys\t127.0.0.1\tPORT\r\n\
              0Other port\t/x\t127.0.0.1\t25\r\n0Cloud\t/latest/meta-data\t169.254.169.254\t80\r\n\
              0Elsewhere\t/x\tother.example\t70\r\nhScript\tURL:javascript:alert(1)\t127.0.0.1\tPORT\r\n\
              hFile\tURL:file:///etc/passwd\t127.0.0.1\tPORT\r\n8Telnet\tx\t127.0.0.1\tPORT\r\n\
              1Loop\t\t127.0.0.1\tPORT\r\n0Secret\t/secret/a\t127.0.0.1\tPORT\r\n0Good\t/good.txt\t127.0.0.1\tPORT\r\n\
              0Gone\t/gone.txt\t127.0.0.1\tPORT\r\n.\r\n",
        ),
        ("/robots.txt", b"User-agent: *\r\nDisallow: /secret\r\n"),
        ("/.ssh/authorized_keys", b"key\r\n.\r\n"),
        ("/good.txt", b"good\r\n.\r\n"),
    ]);
    let (outside, inside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), inside.path().join("way")).unwrap();
    let at = format!("127.0.0.1:{port}");
    let ran = netkit(&["gopher", "mirror", &at, "-d", inside.path().to_str().unwrap(), "--json"]).code(22);
    ran.says("nothing here");
    assert_eq!(files(inside.path()), set(&["good.txt", "gophermap", "ssh/authorized_keys", "way"]));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        ["caps.txt", "robots.txt", "/robots.txt", "", "/.ssh/authorized_keys", "/good.txt", "/gone.txt"]
    );
}

#[test]
fn left_out_items_are_told_by_the_exit_code() {
    let (port, _) = serve(&[
        ("", b"0Secret\t/secret/a\t127.0.0.1\tPORT\r\n0Good\t/good.txt\t127.0.0.1\tPORT\r\n.\r\n"),
        ("robots.txt", b"User-agent: *\r\nDisallow: /secret\r\n"),
        ("/good.txt", b"good\r\n.\r\n"),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let at = format!("127.0.0.1:{port}");
    let words = ["gopher", "mirror", &at, "--json", "-d", folder.path().to_str().unwrap()];
    let ran = netkit(&words).code(18);
    let told = results(&ran);
    let secret = told.iter().find(|item| item["result"] == "skipped").unwrap();
    assert_eq!((&secret["why"], &secret["left_out"]), (&"robots.txt does not allow it".into(), &true.into()));
    assert_eq!(told.last().unwrap()["summary"]["left_out"], 1);
    // The same text again: the file stays as it is.
    let before = fs::metadata(folder.path().join("good.txt")).unwrap().modified().unwrap();
    let again = netkit(&words).code(18);
    assert_eq!(results(&again).last().unwrap()["summary"]["unchanged"], 2);
    assert_eq!(fs::metadata(folder.path().join("good.txt")).unwrap().modified().unwrap(), before);
}

#[test]
fn an_ended_run_goes_on_and_nothing_goes_through_a_link() {
    let (port, asked) = serve(&[
        ("", b"0A\t/a.txt\t127.0.0.1\tPORT\r\n9B\twork\\b.bin\t127.0.0.1\tPORT\r\n0C\tway\\c.txt\t127.0.0.1\tPORT\r\n.\r\n"),
        ("caps.txt", b"CAPS\r\nCapsVersion=1\r\nPathDelimeter=\\\r\n"),
        ("/a.txt", b"new\r\n.\r\n"),
        ("work\\b.bin", b"\x00\x01"),
        ("way\\c.txt", b"evil\r\n.\r\n"),
    ]);
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("_a.txt"), "old\r\n").unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("way")).unwrap();
    let at = format!("127.0.0.1:{port}");
    let ran =
        netkit(&["gopher", "mirror", &at, "--continue", "-d", folder.path().to_str().unwrap()]).code(23);
    ran.says("symbolic link");
    assert_eq!(fs::read(folder.path().join("work/b.bin")).unwrap(), b"\x00\x01");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(asked.lock().unwrap().iter().filter(|line| *line == "work\\b.bin").count(), 1);
    let names = files(folder.path());
    assert!(names.contains("work/b.bin") && names.contains("gophermap"), "{names:?}");
    netkit(&["gopher", "mirror", &at, "--continue", "-d", folder.path().to_str().unwrap()]).code(23);
    assert_eq!(asked.lock().unwrap().iter().filter(|line| *line == "work\\b.bin").count(), 1);
}
