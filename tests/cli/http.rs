//! `netkit http` against the mock server.

use crate::command::{netkit, netkit_with};

#[test]
fn a_page() {
    let page = netkit(&["--mock", "http", "get", "/"]).code(0);
    assert_eq!(page.stdout, include_str!("../../fixtures/world/index.html"));
    assert_eq!(page.stderr, "");
    let tls = netkit(&["--mock", "http", "get", "https://any.example.org/about.txt"]).code(0);
    assert_eq!(tls.stdout, include_str!("../../fixtures/world/about.txt"));
    let url = netkit(&["--mock", "get", "http://any.example.org/about.txt"]).code(0);
    assert_eq!(url.stdout, tls.stdout);
}

#[test]
fn header_and_body() {
    let head = netkit(&["--mock", "http", "head", "/about.txt"]).code(0);
    assert!(
        head.stdout.starts_with("HTTP/1.1 200 OK\r\n") && head.stdout.ends_with("\r\n\r\n"),
        "{}",
        head.stdout
    );
    let both = netkit(&["--mock", "http", "get", "-i", "/robots.txt"]).code(0);
    assert!(both.stdout.ends_with("\r\n\r\nUser-agent: *\nDisallow: /private/\n"), "{}", both.stdout);
}

#[test]
fn codings_are_undone_unless_kept() {
    let texts: Vec<String> = ["gzip", "deflate", "br", "zstd"]
        .iter()
        .map(|coding| netkit(&["--mock", "http", "get", &format!("/{coding}")]).code(0).stdout)
        .collect();
    assert!(texts[0].len() > 20 && texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    let head = netkit(&["--mock", "http", "head", "--raw-body", "/gzip"]).code(0);
    assert!(head.stdout.contains("Content-Encoding: gzip"), "{}", head.stdout);
}

#[test]
fn fields_become_json_or_a_form() {
    let json =
        netkit(&["--mock", "http", "post", "/echo", "name=Ada", "age:=36", "X-Test:yes", "q==1"]).code(0);
    for part in ["POST", "X-Test", "q=1", "Ada", "36", "application/json"] {
        assert!(json.stdout.contains(part), "no {part} in {}", json.stdout);
    }
    let form = netkit(&["--mock", "http", "post", "/echo", "--form", "name=Ada L"]).code(0);
    assert!(
        form.stdout.contains("name=Ada+L") && form.stdout.contains("x-www-form-urlencoded"),
        "{}",
        form.stdout
    );
    let stdin = netkit_with(&["--mock", "http", "post", "/echo", "-d", "@-"], b"from stdin");
    assert!(stdin.code(0).stdout.contains("from stdin"));
}

#[test]
fn redirects_are_followed_for_get_only() {
    let page = netkit(&["--mock", "http", "get", "/redirect/3", "--json"]).code(0);
    let answer: serde_json::Value = serde_json::from_str(&page.stdout).unwrap();
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["redirects"].as_array().unwrap().len(), 3);
    let stays = netkit(&["--mock", "http", "get", "/redirect/1", "--no-follow", "-i"]).code(0);
    assert!(stays.stdout.starts_with("HTTP/1.1 30"), "{}", stays.stdout);
    netkit(&["--mock", "http", "get", "/redirect/20"]).code(47).says("more than 10");
}

#[test]
fn logins() {
    netkit(&["--mock", "http", "get", "/auth/basic"]).code(22).says("hint: -u NAME logs in");
    netkit(&["--mock", "http", "get", "/auth/basic", "-u", "alice:wrong"]).code(67).says("login failed");
    netkit(&["--mock", "http", "get", "/auth/basic", "-u", "bob:p@ss%w/rd#1"]).code(0);
    netkit(&["--mock", "http", "get", "/auth/basic", "-u", "alice", "--password-command", "echo secret"])
        .code(0);
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    std::fs::write(&netrc, "machine 127.0.0.1 login alice password secret\n").unwrap();
    let warned =
        netkit(&["--mock", "http", "get", "/auth/basic", "--netrc-file", netrc.to_str().unwrap()]).code(0);
    assert!(warned.stderr.contains("chmod 600"), "{}", warned.stderr);
}

#[test]
fn put_get_delete_and_gopher_sees_it() {
    netkit(&["--mock", "http", "put", "/new.txt", "-d", "fresh"]).code(0);
    netkit(&["--mock", "http", "delete", "/about.txt"]).code(0);
    netkit(&["--mock", "http", "request", "BREW", "/"]).code(22);
}

#[test]
fn probe_names_the_server() {
    let probe = netkit(&["--mock", "http", "probe", "--json", "https://x.example/"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&probe.stdout).unwrap();
    assert_eq!(report["status"], 200);
    assert_eq!(report["tls"]["alpn"].as_str().unwrap_or("http/1.1"), "http/1.1");
}
