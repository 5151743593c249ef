//! `netkit http`: Digest, cookies, sessions, HSTS, forms with files, nested fields.

use std::path::Path;

use crate::command::{closed_port, command, netkit, ran, serve};

/// One run against the mock, for its page.
fn page(words: &[&str]) -> String {
    let all = [&["--mock", "http"], words].concat();
    netkit(&all).code(0).stdout
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn digest_logs_in() {
    let queries = [
        "",
        "?algorithm=MD5-sess",
        "?algorithm=SHA-512-256",
        "?int",
        "?userhash",
        "?stale",
        "?next",
        "?int&stale&next",
    ];
    for query in queries {
        let place = format!("/auth/digest{query}");
        for scheme in [&["--auth", "digest"][..], &["--auth", "any"], &[]] {
            let words = [&["get", place.as_str(), "-u", "bob:p@ss%w/rd#1"], scheme].concat();
            assert_eq!(page(&words), "hello, bob\n", "{words:?}");
        }
        let body = ["post", &place, "-d", "some text", "-u", "alice:secret", "--auth", "digest"];
        assert_eq!(page(&body), "hello, alice\n");
    }
    assert_eq!(page(&["get", "/auth/basic", "-u", "alice:secret", "--auth", "any"]), "hello, alice\n");
    let get = |words: &[&str]| netkit(&[&["--mock", "http", "get"], words].concat());
    get(&["/auth/digest", "-u", "alice:wrong", "--auth", "digest"]).code(67).says("login failed");
    get(&["/auth/digest", "-u", "alice:secret", "--auth", "basic"]).code(67).says("login failed");
    get(&["/auth/basic", "-u", "alice:secret", "--auth", "digest"]).code(67).says("login failed");
    get(&["/auth/digest?liar", "-u", "alice:secret"]).code(8).says("proof that it knows the password");
    get(&["/auth/digest", "-u", "alice:secret", "--auth", "ntlm"])
        .code(4)
        .says("basic, bearer, digest or any");
    let shown = get(&["/auth/digest", "-u", "alice:secret", "--auth", "digest", "-v"]).code(0);
    assert!(
        shown.stderr.contains("> Authorization: ***") && !shown.stderr.contains("response="),
        "{}",
        shown.stderr
    );
}

#[test]
fn a_jar_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jar");
    let jar = file.to_str().unwrap();
    assert_eq!(page(&["get", "/cookies/set?sid=31d4&lang=en", "--cookie-jar", jar]), "sid=31d4\nlang=en\n");
    assert_eq!(mode(&file), 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("# Netscape HTTP Cookie File\n"), "{text}");
    assert!(text.contains("127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t31d4\n"), "{text}");
    assert_eq!(page(&["get", "/cookies", "--cookie-jar", jar]), "sid=31d4\nlang=en\n");
    let both = page(&["get", "/cookies", "--cookie-jar", jar, "--cookie", "mine=0; more=1"]);
    assert_eq!(both, "mine=0\nmore=1\nsid=31d4\nlang=en\n");
    page(&["get", "/cookies/set?sid=", "--cookie-jar", jar]);
    assert_eq!(page(&["get", "/cookies", "--cookie-jar", jar]), "lang=en\n");
    assert_eq!(page(&["get", "/cookies", "--cookie", "a=b; c=d"]), "a=b\nc=d\n");
    netkit(&["--mock", "http", "get", "/cookies", "--cookie", "a=\r\nX: y"]).code(2);
    netkit(&["--mock", "http", "get", "/", "--cookie-jar", "/no/such/jar"]).code(23);
    let offline = netkit(&["http", "get", "https://a.example/", "--offline", "--cookie", "a=b"]).code(0);
    assert!(offline.stdout.contains("Cookie: ***") && !offline.stdout.contains("a=b"), "{}", offline.stdout);
    netkit(&["http", "get", "http://a.example/", "--cookie", "a=b"]).code(67).says("not sent in clear");
}

#[test]
fn a_session_keeps_fields_and_cookies() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let mut command = command();
        command.env("HOME", folder.path()).env("XDG_STATE_HOME", folder.path().join("state"));
        ran(command.args(["--mock", "http"]).args(words).output().unwrap())
    };
    run(&["get", "/cookies/set?sid=1", "--session", "work", "X-Kept:yes", "If-Match:no"]).code(0);
    let file = folder.path().join("state/netkit/sessions/mock/work.json");
    assert_eq!(mode(&file), 0o600);
    let again = run(&["get", "/echo", "--session", "work"]).code(0).stdout;
    assert!(again.contains("[\"X-Kept\", \"yes\"]") && again.contains("[\"Cookie\", \"sid=1\"]"), "{again}");
    assert!(!again.contains("If-Match"), "{again}");
    let changed = run(&["get", "/echo", "--session", "work", "X-Kept:other"]).code(0).stdout;
    assert!(changed.contains("[\"X-Kept\", \"other\"]") && !changed.contains("yes"), "{changed}");
    let other = run(&["get", "/echo", "--session", "play"]).code(0).stdout;
    assert!(!other.contains("X-Kept") && !other.contains("Cookie"), "{other}");
    let path = folder.path().join("one.json");
    run(&["get", "/", "--session", path.to_str().unwrap()]).code(0);
    assert!(path.exists());
    for name in ["..", ".hidden", "a b", ""] {
        run(&["get", "/", "--session", name]).code(2);
    }
    std::fs::write(&path, "no json").unwrap();
    run(&["get", "/", "--session", path.to_str().unwrap()]).code(26).says("not a session");
}

#[test]
fn known_hosts_are_reached_by_tls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hsts");
    let hosts = file.to_str().unwrap();
    std::fs::write(&file, ".localhost \"unlimited\"\n").unwrap();
    let port = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true);
    let place = format!("http://localhost:{port}/");
    assert_eq!(netkit(&["http", "get", &place]).code(0).stdout, "ok");
    netkit(&["http", "get", &place, "--hsts", hosts]).code(35);
    // An address is no known host, so the mock teaches nothing; the file is written all the same.
    std::fs::remove_file(&file).unwrap();
    page(&["get", "https://x/hsts", "--hsts", hosts]);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("127.0.0.1"));
    let gone = format!("http://localhost:{}/", closed_port());
    netkit(&["http", "get", &gone, "--hsts", hosts]).code(7);
}

#[test]
fn files_make_a_form_and_brackets_nest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a \"b\".txt");
    std::fs::write(&file, "from a file").unwrap();
    let item = format!("up@{};type=text/x", file.display());
    let echoed = page(&["post", "/echo", "name=Ada", "n:=1", &item]);
    let echoed: serde_json::Value = serde_json::from_str(&echoed).unwrap();
    let parts = echoed["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 3, "{echoed}");
    assert_eq!(parts[0]["disposition"], "form-data; name=\"name\"");
    assert_eq!(parts[0]["content"], "Ada");
    assert_eq!(parts[1]["content"], "1");
    assert_eq!(parts[2]["disposition"], "form-data; name=\"up\"; filename=\"a %22b%22.txt\"");
    assert_eq!(parts[2]["type"], "text/x");
    assert_eq!(parts[2]["content"], "from a file");
    let fields = echoed["fields"].to_string();
    assert!(fields.contains("Content-Length") && !fields.contains("chunked"), "{fields}");
    netkit(&["--mock", "http", "post", "/echo", "f@/no/such/file"]).code(26);
    netkit(&["--mock", "http", "post", "/echo", "-d", "x", &item]).code(2).says("exclude each other");

    let value = format!("text=@{}", file.display());
    let nested = page(&["post", "/echo", "user[name]=Ada", "tags[]=a", "tags[]=b", "at[1]:=true", &value]);
    let nested: serde_json::Value = serde_json::from_str(&nested).unwrap();
    let body: serde_json::Value = serde_json::from_str(nested["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"user": {"name": "Ada"}, "tags": ["a", "b"], "at": [null, true], "text": "from a file"})
    );
    netkit(&["--mock", "http", "post", "/echo", "a=1", "a[b]=2"]).code(2).says("a[b]");
    let form = page(&["post", "/echo", "--form", "a[b]=1", "a[b]=2"]);
    assert!(form.contains("a%5Bb%5D=1&a%5Bb%5D=2"), "{form}");
}
