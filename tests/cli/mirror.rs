//! `netkit http mirror` against the mock server.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Ran, command, netkit};

fn mirror(folder: &Path, words: &[&str]) -> Ran {
    let options = ["--mock", "http", "mirror", "/linked/", "-d", folder.to_str().unwrap()];
    netkit(&[&options, words].concat())
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

const SITE: [&str; 7] = [
    "about.txt@a=1&b=2",
    "etc/passwd",
    "images/dot.png",
    "linked/index.html",
    "linked/next/page.html",
    "linked/style.css",
    "notes/ports.txt",
];

/// Everything that links lead to, but for what is missing there.
fn site() -> BTreeSet<String> {
    set(&SITE).into_iter().filter(|name| name != "etc/passwd").collect()
}

#[test]
fn a_site_as_files() {
    let folder = TempDir::new().unwrap();
    let ran = mirror(folder.path(), &["--json", "--exclude", "/linked/missing.html", "--exclude", "/etc/**"])
        .code(0);
    assert_eq!(files(folder.path()), site());
    let original = include_bytes!("../../fixtures/world/linked/index.html");
    assert_eq!(fs::read(folder.path().join("linked/index.html")).unwrap(), original);
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(
        (&summary["saved"], &summary["disallowed"], &summary["failed"]),
        (&6.into(), &1.into(), &0.into())
    );
    assert!(lines[0]["url"].as_str().unwrap().ends_with("/linked/") && lines[0]["result"] == "saved");
}

#[test]
fn the_first_failure_is_the_exit_code() {
    let folder = TempDir::new().unwrap();
    let ran = mirror(folder.path(), &["--exclude", "/etc/**"])
        .code(22)
        .says("missing.html: the server answered 404");
    assert!(ran.stderr.contains("6 saved"), "{}", ran.stderr);
    let private = ["--mock", "http", "mirror", "/private/secret.html", "-d", folder.path().to_str().unwrap()];
    netkit(&private).code(22).says("hint: --no-robots");
    netkit(&[&private[..], &["--no-robots"]].concat()).code(0);
    assert!(folder.path().join("private/secret.html").exists());
}

#[test]
fn depth_and_globs() {
    let folder = TempDir::new().unwrap();
    mirror(folder.path(), &["--depth", "0"]).code(0);
    assert_eq!(files(folder.path()), set(&["linked/index.html"]));
    let folder = TempDir::new().unwrap();
    mirror(folder.path(), &["--include", "*.css", "--include", "*.png"]).code(0);
    assert_eq!(files(folder.path()), set(&["linked/index.html", "linked/style.css", "images/dot.png"]));
}

#[test]
fn pipelined_it_is_the_same() {
    let folder = TempDir::new().unwrap();
    mirror(folder.path(), &["--pipeline", "8", "--exclude", "missing.html", "--exclude", "/etc/**"]).code(0);
    assert_eq!(files(folder.path()), site());
}

/// Mock servers that live as long as this.
struct Mock(Child);

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A mock HTTP server of its own: its port.
fn mock() -> (u64, Mock) {
    let mut child = command().args(["mock", "http", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let server: Value = serde_json::from_str(&line).unwrap();
    (server["port"].as_u64().unwrap(), Mock(child))
}

/// One server for all runs.
#[test]
fn a_second_run_asks_for_what_changed() {
    let (port, _server) = mock();
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    let url = format!("127.0.0.1:{port}/linked/");
    let run = |words: &[&str]| {
        let options = [
            "http",
            "mirror",
            &url,
            "-d",
            dir,
            "--json",
            "--exclude",
            "missing.html",
            "--exclude",
            "/etc/**",
        ];
        let ran = netkit(&[&options, words].concat()).code(0);
        serde_json::from_str::<Value>(ran.stdout.lines().last().unwrap()).unwrap()["summary"].clone()
    };
    assert_eq!(run(&[])["saved"], 6);
    assert_eq!(run(&[])["unchanged"], 6, "and their links were followed all the same");
    let converted = run(&["--convert-links"]);
    assert_eq!((&converted["saved"], &converted["unchanged"]), (&3.into(), &3.into()));
}

#[test]
fn links_lead_to_the_files() {
    let folder = TempDir::new().unwrap();
    mirror(folder.path(), &["--convert-links", "--exclude", "missing.html", "--exclude", "/etc/**"]).code(0);
    let page = fs::read_to_string(folder.path().join("linked/index.html")).unwrap();
    for link in [
        "href=\"style.css\"",
        "href=\"next/page.html\"",
        "href=\"index.html#top\"",
        "href=\"../about.txt@a%3D1%26b%3D2\"",
        "href=\"../notes/ports.txt\"",
        "href=\"mailto:alice@localhost\"",
        "href=\"http://elsewhere.invalid/\"",
    ] {
        assert!(page.contains(link), "no {link} in {page}");
    }
    assert!(page.contains("/linked/missing.html\"") && page.contains("href=\"http://127.0.0.1:"), "{page}");
    assert!(page.contains("<a href=\"comment.html\">") && page.contains("<a href=\"script.html\">"));
    let next = fs::read_to_string(folder.path().join("linked/next/page.html")).unwrap();
    assert!(next.contains("srcset=\"../../images/dot.png 1x, ../../images/dot.png 2x\""), "{next}");
}

#[cfg(unix)]
#[test]
fn nothing_leaves_the_folder() {
    let (folder, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::os::unix::fs::symlink(outside.path(), folder.path().join("linked")).unwrap();
    mirror(folder.path(), &[]).code(23).says("symbolic link");
    assert!(files(outside.path()).is_empty());
}
