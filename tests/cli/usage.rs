//! Help, version, completions, manual pages, the table of ports, mock servers by hand.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::command::{command, netkit};

#[test]
fn version_and_help() {
    assert_eq!(netkit(&["--version"]).code(0).stdout, format!("netkit {}\n", env!("CARGO_PKG_VERSION")));
    let help = netkit(&["--help"]).code(0).stdout;
    for word in ["http", "gopher", "smtp", "get", "ports", "mock", "completions", "man", "Examples:"] {
        assert!(help.contains(word), "no {word} in\n{help}");
    }
    let verb = netkit(&["gopher", "menu", "-h"]).code(0).stdout;
    assert!(verb.contains("--no-end-mark") && verb.contains("--cacert <FILE>"), "{verb}");
    netkit(&["gopher", "mneu"]).code(2).says("menu");
}

#[test]
fn ports_as_the_notes_have_them() {
    let table = netkit(&["ports"]).code(0).stdout;
    for row in [
        "HTTP      web pages               80  443",
        "FTP       file transfers      20, 21  990",
        "Gopher    document transfers      70",
    ] {
        assert!(table.contains(row), "{table}");
    }
    assert!(table.contains("20 is the data port"));
    let rows: Vec<serde_json::Value> = netkit(&["ports", "--json"])
        .code(0)
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 8);
    assert_eq!((&rows[2]["port"], &rows[2]["data_port"]), (&21.into(), &20.into()));
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish", "nushell"] {
        assert!(netkit(&["completions", shell]).code(0).stdout.contains("netkit"));
    }
    let folder = tempfile::tempdir().unwrap();
    netkit(&["man", folder.path().to_str().unwrap()]).code(0);
    let page = std::fs::read_to_string(folder.path().join("netkit-gopher-menu.1")).unwrap();
    assert!(page.contains("\\-\\-no\\-end\\-mark"), "{page}");
}

/// The servers of `netkit mock` are real: another netkit talks to them.
#[test]
fn mock_servers_print_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let mut mock = command()
        .args(["mock", "--json", "--ca-out", ca.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(mock.stdout.take().unwrap()).lines().map(Result::unwrap).take(6);
    let servers: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
    for server in &servers {
        let url = server["url"].as_str().unwrap();
        let run = match server["protocol"].as_str().unwrap() {
            "smtp" => netkit(&["smtp", "probe", url, "--cacert", ca.to_str().unwrap()]),
            _ => netkit(&["get", url, "--cacert", ca.to_str().unwrap()]),
        };
        assert_eq!(run.code, 0, "{url}: {}", run.stderr);
    }
    assert_eq!(servers.len(), 6);
    mock.kill().unwrap();
    mock.wait().unwrap();
}
