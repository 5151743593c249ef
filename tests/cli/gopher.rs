//! `netkit gopher` against the mock server.

use crate::command::netkit;

#[test]
fn a_menu_for_programs() {
    let menu = netkit(&["--mock", "gopher", "menu"]).code(0);
    let first = menu.stdout.lines().next().unwrap();
    assert_eq!(first, "i\tWelcome to the world of netkit\t");
    assert!(menu.stdout.contains("0\tAbout this place\tgopher://127.0.0.1:"));
    assert!(menu.stdout.ends_with("h\tRFC 1436\thttps://www.rfc-editor.org/rfc/rfc1436\n"));
    assert_eq!(menu.stderr, "");
}

#[test]
fn a_menu_as_json() {
    let menu = netkit(&["--mock", "gopher", "menu", "--json", "/1/notes/"]).code(0);
    let lines: Vec<serde_json::Value> =
        menu.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["type"], "0");
    assert_eq!(lines[0]["selector"], "/notes/ports.txt");
    assert!(lines[0]["port"].as_u64().unwrap() > 0);
}

#[test]
fn documents_come_byte_for_byte() {
    let text = netkit(&["--mock", "gopher", "get", "/0/notes/sockets.txt"]).code(0);
    assert_eq!(text.stdout.replace("\r\n", "\n"), include_str!("../../fixtures/world/notes/sockets.txt"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dot.png");
    netkit(&["--mock", "gopher", "get", "/I/images/dot.png", "-o", file.to_str().unwrap()]).code(0);
    assert_eq!(std::fs::read(&file).unwrap(), include_bytes!("../../fixtures/world/images/dot.png"));
    assert!(!folder.path().join("dot.png.part").exists());
}

#[test]
fn search_and_tls_and_any_host() {
    let found =
        netkit(&["--mock", "gopher", "search", "gophers://gopher.example.org/7/search", "sockets"]).code(0);
    assert!(found.stdout.starts_with("0\t/notes/sockets.txt\tgophers://127.0.0.1:"), "{}", found.stdout);
    let none = netkit(&["--mock", "gopher", "search", "/7/search", "no", "such", "file"]).code(0);
    assert_eq!(none.stdout, "i\tnothing was found\t\n");
}

#[test]
fn what_is_not_there_is_refused() {
    netkit(&["--mock", "gopher", "get", "/0/nothing"]).code(22).says("there is nothing at /nothing");
    netkit(&["--mock", "gopher", "menu", "/1/nothing/"]).code(22);
    netkit(&["--mock", "gopher", "get", "/8/login"]).code(4).says("type 8 (telnet)");
    netkit(&["--mock", "gopher", "menu", "/0/about.txt"]).code(2).says("gopher get");
    netkit(&["--mock", "gopher", "menu", "--starttls"]).code(4).says("--tls");
}

#[test]
fn probe_tells_how_it_went() {
    let probe = netkit(&["--mock", "gopher", "probe", "--tls", "--json"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&probe.stdout).unwrap();
    assert_eq!(report["tls"]["version"], "TLSv1.3");
    assert_eq!(report["tls"]["chain"][0]["subject"], "CN=localhost");
    assert_eq!(report["menu_ended_by"], "dot");
    assert_eq!(report["tried"][0]["outcome"], "connected");
}
