//! What `download` and `mirror` share with single requests: cookies, sessions, Digest, codings that nobody here knows.

use std::fs;

use tempfile::TempDir;

use crate::command::{netkit, netkit_with, serve};

#[test]
fn a_download_brings_its_cookies_and_keeps_new_ones() {
    let folder = TempDir::new().unwrap();
    let (dir, jar) = (folder.path().to_str().unwrap(), folder.path().join("jar"));
    let jar = jar.to_str().unwrap();
    let words =
        ["--mock", "http", "download", "/cookies/set?a=1", "--cookie-jar", jar, "-d", dir, "--cookie", "b=2"];
    netkit(&words).code(0);
    let came = fs::read_to_string(folder.path().join("cookies"))
        .or_else(|_| fs::read_to_string(folder.path().join("set")));
    let mut pairs: Vec<String> = came.unwrap().lines().map(str::to_owned).collect();
    pairs.sort();
    assert_eq!(pairs, ["a=1", "b=2"]);
    assert!(fs::read_to_string(jar).unwrap().contains("\ta\t1"));
}

#[test]
fn several_hands_keep_what_each_of_them_learned() {
    let folder = TempDir::new().unwrap();
    let (dir, jar) = (folder.path().to_str().unwrap(), folder.path().join("jar"));
    let jar = jar.to_str().unwrap();
    let words =
        ["--mock", "http", "download", "/cookies/set?a=1", "/cookies/set?b=2", "/cookies/set?c=3", "-P", "3"];
    // They all end at /cookies, and one alone takes that name; what the others learned is kept all the same.
    let _ = netkit(&[&words[..], &["--cookie-jar", jar, "-d", dir, "--force"]].concat());
    let kept = fs::read_to_string(jar).unwrap();
    for pair in ["\ta\t1", "\tb\t2", "\tc\t3"] {
        assert!(kept.contains(pair), "{pair}: {kept}");
    }
}

#[test]
fn a_session_goes_to_its_own_origin_alone() {
    let folder = TempDir::new().unwrap();
    let session = folder.path().join("s.json");
    let session = session.to_str().unwrap();
    let words =
        ["http", "download", "http://a.example/x", "http://b.example/y", "--session", session, "--offline"];
    netkit(&words).code(2).says("a session is for one origin");
    let words =
        ["http", "download", "http://a.example/x", "--session", session, "-H", "X-Key: k", "--offline"];
    assert!(netkit(&words).code(0).stdout.contains("X-Key: k"));
}

#[test]
fn a_download_answers_a_digest_challenge() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    let words =
        ["--mock", "http", "download", "/auth/digest", "-u", "alice:secret", "--auth", "digest", "-d", dir];
    netkit(&words).code(0);
    assert_eq!(fs::read_to_string(folder.path().join("digest")).unwrap(), "hello, alice\n");
}

#[test]
fn a_mirror_answers_a_challenge_and_keeps_cookies() {
    for window in ["1", "8"] {
        let folder = TempDir::new().unwrap();
        let dir = folder.path().to_str().unwrap();
        let words =
            ["--mock", "http", "mirror", "/auth/digest", "--auth", "digest", "-u", "alice:secret", "-d", dir];
        netkit(&[&words[..], &["--pipeline", window]].concat()).code(0);
        assert_eq!(fs::read_to_string(folder.path().join("auth/digest")).unwrap(), "hello, alice\n");

        let jar = folder.path().join("jar");
        let words = [
            "--mock",
            "http",
            "mirror",
            "/cookies/set?a=1",
            "--cookie-jar",
            jar.to_str().unwrap(),
            "-d",
            dir,
        ];
        netkit(&[&words[..], &["--pipeline", window]].concat()).code(0);
        assert_eq!(fs::read_to_string(folder.path().join("cookies")).unwrap(), "a=1\n");
        assert!(fs::read_to_string(&jar).unwrap().contains("\ta\t1"));
    }
}

/// curl answers 61; the nearest of the contract's numbers is "not built in".
#[test]
fn a_coding_that_is_not_known_is_no_success() {
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 3\r\n\r\nxyz", true);
    let url = format!("http://127.0.0.1:{port}/a");
    let ran = netkit(&["http", "get", &url]).code(4).says("the content coding compress is not built in");
    assert_eq!(ran.stdout, "xyz");
    assert_eq!(netkit(&["http", "get", &url, "--raw-body"]).code(0).stdout, "xyz");
    let folder = TempDir::new().unwrap();
    let dir = folder.path().to_str().unwrap();
    netkit(&["http", "download", &url, "-d", dir]).code(4).says("compress");
    netkit(&["http", "mirror", &url, "-d", dir, "--no-robots"]).code(4).says("compress");
    assert_eq!(fs::read_dir(dir).unwrap().count(), 0);
    netkit(&["http", "download", &url, "-d", dir, "--raw-body"]).code(0);
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"xyz");
}

/// RFC 9110 10.1.1: what is read from stdin can be sent once only, so it must not be sent to a server that wants a login
/// first.
#[test]
fn stdin_waits_for_the_server_to_want_it() {
    let words = [
        "--mock",
        "http",
        "post",
        "/auth/digest",
        "-v",
        "-u",
        "alice:secret",
        "--auth",
        "digest",
        "-d",
        "@-",
    ];
    let ran = netkit_with(&words, b"once").code(0);
    assert_eq!(ran.stdout, "hello, alice\n");
    assert_eq!(ran.stderr.matches("> once").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("Expect: 100-continue") && ran.stderr.contains("< HTTP/1.1 100 Continue"));
    // Sent at once, it is gone when the challenge comes.
    let ran = netkit_with(&[&words[..], &["--no-expect"]].concat(), b"once").code(67);
    assert!(!ran.stderr.contains("Expect:"), "{}", ran.stderr);
}

/// RFC 9112 7.1.2.
#[test]
fn a_trailer_stands_behind_the_body() {
    let words = ["http", "post", "http://h.example/", "-d", "hello", "--trailer", "X-Sum: 5"];
    let shown = netkit(&[&words[..], &["--offline"]].concat()).code(0).stdout;
    assert!(shown.contains("\r\nTrailer: X-Sum\r\n"), "{shown}");
    assert!(shown.ends_with("\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n"), "{shown}");
    let echoed = netkit(&["--mock", "http", "post", "/echo", "a=b", "--trailer", "X-Sum: 5"]).code(0).stdout;
    assert!(echoed.contains("chunked") && echoed.contains(r#"{\"a\":\"b\"}"#), "{echoed}");
    netkit(&["--mock", "http", "get", "/", "--trailer", "X-Sum: 5"]).code(2).says("there is none");
    netkit(&["--mock", "http", "post", "/", "a=b", "--trailer", "Content-Type: x"]).code(2);
    netkit(&["http", "post", "h.example", "a=b", "--trailer", "X-Sum: 5", "--curl"]).code(4);
}
