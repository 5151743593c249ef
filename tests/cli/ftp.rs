//! `netkit ftp` against the mock server, and against servers that mean ill.

use std::path::Path;

use serde_json::Value;

use crate::command::{Ran, command, netkit, netkit_with};
use crate::world::World;

impl World {
    pub fn ftp(&self, verb: &str, path: &str, words: &[&str]) -> Ran {
        self.run(verb, &format!("/{path}"), words)
    }

    /// The same in TLS.
    pub fn ftp_in_tls(&self, verb: &str, path: &str, words: &[&str]) -> Ran {
        let at = self.at(&format!("/{path}"));
        netkit(&[&["ftp", verb, &at], words, &["--starttls", "-k", "-u", "alice:secret"]].concat())
    }
}

/// Bytes of which no part is like another nearby.
pub fn pattern(length: u32) -> Vec<u8> {
    (0..length).map(|n| (n / 1000 % 251).to_le_bytes()[0]).collect()
}

pub fn last(ran: &Ran) -> Value {
    serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap()
}

#[test]
fn every_verb_runs_at_the_mock_server() {
    let mock = |verb: &str, words: &[&str]| {
        netkit(&[&["ftp", verb, "--mock", "-u", "alice:secret"], words].concat())
    };
    assert!(
        mock("ls", &["ftp://h/notes", "--json"])
            .code(0)
            .stdout
            .contains("\"name\":\"ports.txt\",\"type\":\"file\",\"size\":333")
    );
    assert_eq!(mock("ls", &["ftp://h/notes", "--names"]).code(0).stdout, "ports.txt\nsockets.txt\n");
    assert!(mock("ls", &["--active", "--tls"]).code(0).stdout.contains("dir\t-\t-\tnotes\n"));
    assert!(mock("cat", &["about.txt"]).code(0).stdout.starts_with("This world lives"));
    assert!(mock("stat", &["notes", "about.txt", "--json"]).code(0).stdout.contains("\"type\":\"dir\""));
    mock("mkdir", &["a", "a/b"]).code(0);
    mock("mv", &["about.txt", "b.txt"]).code(0);
    mock("rm", &["about.txt"]).code(0);
    mock("rmdir", &["notes"]).code(78);
    assert!(mock("raw", &["NOOP", "SYST"]).code(0).stdout.contains("215 UNIX"));
    mock("raw", &["NONSENSE"]).code(22);
    assert!(mock("probe", &["--json"]).code(0).stdout.contains("\"data_protected\":true"));
    assert!(netkit(&["get", "ftp://h/about.txt", "--mock"]).code(0).stdout.starts_with("This world lives"));
    // Nobody in particular may read, and not write.
    netkit(&["ftp", "cat", "about.txt", "--mock"]).code(0);
    netkit(&["ftp", "rm", "about.txt", "--mock"]).code(78);
    netkit(&["ftp", "ls", "--mock", "-u", "alice:wrong"]).code(67);
    for (verb, words) in
        [("get", &[][..]), ("cat", &[]), ("rm", &[]), ("mv", &["a"]), ("put", &["ftp://h/x"])]
    {
        mock(verb, words).code(2);
    }
    netkit(&["ftp", "ls", "localhost:1", "--no-config"]).code(7);
    netkit(&["ftp", "ls", "127.0.0.1:20", "--no-config"]).code(7).says("20 is the data port");
}

#[test]
fn files_go_there_and_come_back() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(here("a"), "one").unwrap();
    assert_eq!(world.ftp("put", "in/", &[&here("a")]).code(0).stdout, "in/a\n");
    let at = world.at("/in/stdin");
    netkit_with(&["ftp", "put", &at, "-", "--plain", "-u", "alice:secret"], b"from stdin").code(0);
    world.ftp("put", "in/a", &["--append", &here("a")]).code(0);
    assert_eq!(world.ftp("cat", "in/a", &[]).code(0).stdout, "oneone");
    world.ftp("get", "in/a", &["-d", &here("d")]).code(0);
    assert_eq!(std::fs::read_to_string(here("d/a")).unwrap(), "oneone");
    std::fs::write(here("rest.part"), "onexx").unwrap();
    world.ftp("get", "in/a", &["-c", "-o", &here("rest")]).code(0);
    assert_eq!(
        std::fs::read_to_string(here("rest")).unwrap(),
        "onexxe",
        "what is here is taken for what it was"
    );
    std::fs::write(here("long.part"), "longer than it is").unwrap();
    world.ftp("get", "in/a", &["-c", "-o", &here("long")]).code(0);
    assert_eq!(std::fs::read_to_string(here("long")).unwrap(), "oneone");
    assert!(!Path::new(&here("long.part")).exists());
    assert_eq!(world.ftp("get", "in/stdin", &["-o", "-"]).code(0).stdout, "from stdin");
    world.ftp("get", "in/nope", &["-d", &here("d")]).code(78);
    assert_eq!(world.ftp("get", "", &["notes/*.txt", "in/?", "-d", &here("all"), "-q"]).code(0).stdout, "");
    assert_eq!(std::fs::read_dir(here("all")).unwrap().count(), 3);
    world.ftp("get", "", &["notes/*.exe", "-d", &here("all")]).code(78);
    // In parts.
    let large = pattern(5_000_000);
    std::fs::write(here("large"), &large).unwrap();
    world.ftp("put", "in/", &[&here("large")]).code(0);
    world.ftp("get", "in/large", &["--segments", "4", "-o", &here("back")]).code(0);
    assert!(std::fs::read(here("back")).unwrap() == large);
}

#[test]
fn what_goes_and_comes_may_be_compressed() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let here = |name: &str| dir.path().join(name).display().to_string();
    let text = "the same line again\n".repeat(50_000);
    std::fs::write(here("a"), &text).unwrap();
    world.ftp("put", "in/", &["--compress", &here("a")]).code(0);
    assert!(world.ftp("cat", "in/a", &[]).code(0).stdout == text);
    world.ftp("get", "in/a", &["--compress", "-o", &here("back")]).code(0);
    assert!(std::fs::read_to_string(here("back")).unwrap() == text);
    assert!(world.ftp("ls", "in/", &["--compress"]).code(0).stdout.contains('a'));
}

#[test]
fn what_would_be_sent() {
    let shown = |words: &[&str]| {
        let ran = netkit(&[&["--no-config", "ftp"], words, &["--offline"]].concat()).code(0);
        ran.stdout.replace('\r', "").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let list = ["USER me", "PASS ***", "FEAT", "PBSZ 0", "PROT P", "TYPE I", "EPSV", "MLSD pub", "QUIT"];
    assert_eq!(shown(&["ls", "ftps://me:secret@h.example/pub"]), list);
    let moved = ["USER anonymous", "PASS ***", "FEAT", "TYPE I", "RNFR a", "RNTO b", "QUIT"];
    assert_eq!(shown(&["mv", "h.example", "a", "b"]), moved);
    assert_eq!(shown(&["mv", "ftp://h.example/a", "b"]), moved);
    let sent = command().args(["ftp", "rm", "h", "caf\u{e9}", "--charset", "latin1", "--offline"]).output();
    assert!(sent.unwrap().stdout.windows(10).any(|some| some == b"DELE caf\xe9\r"));
    let put = shown(&["put", "ftp://h.example/in/", "x", "--compress", "--starttls"]);
    assert_eq!(put[..2], ["FEAT", "AUTH TLS"]);
    assert_eq!(put[put.len() - 4..], ["MODE Z", "EPSV", "STOR in/x", "QUIT"]);
    let host = shown(&["rm", "h.example", "a", "--host", "b.example", "--ccc", "--starttls"]);
    assert_eq!(host[1..4], ["AUTH TLS", "HOST b.example", "USER anonymous"]);
    assert_eq!(host[host.len() - 3..], ["CCC", "DELE a", "QUIT"]);
    netkit(&["--no-config", "ftp", "get", "h.example", "a", "--active", "--offline"]).code(4);
}

#[test]
fn many_files_go_over_several_connections() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let files: Vec<String> = (0..60)
        .map(|n| {
            let file = dir.path().join(format!("f{n}"));
            std::fs::write(&file, format!("file {n}")).unwrap();
            file.display().to_string()
        })
        .collect();
    let words: Vec<&str> = ["-P", "4"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let said = world.ftp("put", "in/", &words).code(0).stdout;
    assert_eq!(said.lines().collect::<std::collections::BTreeSet<_>>().len(), 60);
    for n in [0, 31, 59] {
        let there = world.ftp("cat", &format!("in/f{n}"), &[]).code(0).stdout;
        assert_eq!(there, format!("file {n}"));
    }
}

#[test]
fn a_mirror_moves_what_has_changed_and_stays_inside() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept");
    let mirror = |words: &[&str]| {
        let shown = kept.display().to_string();
        last(&world.ftp("mirror", "", &[&[shown.as_str(), "--json"], words].concat()).code(0))
    };
    assert_eq!((&mirror(&["--dry-run"])["moved"], kept.join("notes").exists()), (&12.into(), false));
    assert_eq!(mirror(&["-P", "3"])["moved"], 12);
    assert_eq!(mirror(&[])["unchanged"], 12);
    std::fs::write(kept.join("notes/ports.txt"), "x").unwrap();
    std::fs::write(kept.join("notes/more"), "x").unwrap();
    assert_eq!(mirror(&["--exclude", "notes/**"])["moved"], 0);
    let deleted = mirror(&["--delete"]);
    assert_eq!((&deleted["moved"], &deleted["deleted"]), (&1.into(), &1.into()));
    assert!(!kept.join("notes/more").exists());
    // The other way.
    std::fs::write(kept.join("new"), "new").unwrap();
    let up = |words: &[&str]| {
        let shown = kept.display().to_string();
        last(
            &world.ftp("mirror", "copy", &[&[shown.as_str(), "--reverse", "--json"], words].concat()).code(0),
        )
    };
    assert_eq!(up(&[])["moved"], 13);
    assert_eq!(up(&[])["unchanged"], 13);
    assert_eq!(world.ftp("cat", "copy/new", &[]).code(0).stdout, "new");
    std::fs::remove_dir_all(kept.join("notes")).unwrap();
    assert_eq!(up(&["--delete"])["deleted"], 3);
    world.ftp("stat", "copy/notes", &[]).code(78);
    // Nothing goes through a link that is there already.
    let (linked, outside) = (dir.path().join("linked"), dir.path().join("outside"));
    std::fs::create_dir_all(&linked).unwrap();
    std::fs::create_dir_all(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, linked.join("images")).unwrap();
    world.ftp("mirror", "", &[&linked.display().to_string(), "-q"]).code(23);
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

/// Names that lead out are left out, each with an error, and the rest comes.
#[test]
fn names_that_lead_out_are_left_out() {
    let world = World::new("ftp", &[]);
    let dir = tempfile::tempdir().unwrap();
    let letter = dir.path().join("x").display().to_string();
    std::fs::write(&letter, "x").unwrap();
    for name in ["in/C:\\x", "in/dot.", "in/CON", "in/good"] {
        world.ftp("put", name, &[&letter]).code(0);
    }
    let kept = dir.path().join("kept");
    let ran = world.ftp("mirror", "in", &[&kept.display().to_string(), "-q"]).code(23);
    assert!(ran.stderr.contains("no name for a file here"), "{}", ran.stderr);
    let names: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["good"]);
}

#[test]
fn a_connection_that_breaks_is_made_anew() {
    let world = World::new("ftp", &["--fault", "ftp:RETR:2:drop"]);
    let dir = tempfile::tempdir().unwrap();
    let kept = dir.path().join("kept").display().to_string();
    let moved = last(&world.ftp("mirror", "", &[&kept, "--json", "-P", "2"]).code(0));
    assert_eq!(moved["moved"], 12);
}

#[test]
fn from_server_to_server_through_here_or_between_them() {
    let (one, other) = (World::new("ftp", &[]), World::new("ftp", &[]));
    let from = format!("ftp://alice:secret@localhost:{}/notes/ports.txt", one.port());
    for (flag, way, name) in
        [(None, "through here", "in/"), (Some("--fxp"), "between the servers", "direct/x")]
    {
        let to = format!("ftp://alice:secret@localhost:{}/{name}", other.port());
        let words = ["ftp", "copy", &from, &to, "--plain"];
        let ran = netkit(&[&words[..], flag.as_slice()].concat()).code(0);
        let place = if name.ends_with('/') { format!("{name}ports.txt") } else { name.to_owned() };
        assert_eq!(ran.stdout, format!("{place}\t{way}\n"));
        let stat = other.ftp("stat", &place, &["--json"]).code(0).stdout;
        assert!(stat.contains("\"size\":333") && stat.contains("1991-03-01"), "{stat}");
    }
    let nowhere = format!("ftp://alice:secret@localhost:{}/nope", one.port());
    let to = format!("ftp://alice:secret@localhost:{}/nope", other.port());
    for flag in [None, Some("--fxp")] {
        netkit(&[&["ftp", "copy", &nowhere, &to, "--plain"], flag.as_slice()].concat()).code(78);
        other.ftp("stat", "nope", &[]).code(78);
    }
}
