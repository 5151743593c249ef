//! `--curl` and `--har`: what other tools can take over, without a secret in it.

use std::process::Command;

use serde_json::Value;

use crate::command::netkit;

fn curl(words: &[&str]) -> String {
    netkit(&[&["http"], words, &["--curl"]].concat()).code(0).stdout
}

#[test]
fn a_request_as_a_curl_command() {
    let get = curl(&["get", "http://h.example/a?b=1"]);
    assert!(
        get.starts_with("curl --fail-with-body --location --max-redirs 10 --header 'User-Agent: netkit/"),
        "{get}"
    );
    assert!(get.ends_with(" --compressed 'http://h.example/a?b=1'\n"), "{get}");
    let post = curl(&[
        "post",
        "h.example",
        "name=it's",
        "X-A:b",
        "--no-follow",
        "--no-fail",
        "-k",
        "--max-time",
        "2s",
    ]);
    for part in [
        "curl --insecure --max-time 2 ",
        "--header 'X-A: b'",
        r#"--data-raw '{"name":"it'\''s"}'"#,
        "application/json",
    ] {
        assert!(post.contains(part), "no {part} in {post}");
    }
    assert!(!post.contains("--request") && !post.contains("--location"), "{post}");
    assert!(
        curl(&["put", "h.example/f", "-d", concat!("@", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
            .contains("--request PUT")
    );
    assert!(curl(&["post", "h.example", "-d", "@-"]).contains("--data-binary @-"));
    assert!(curl(&["head", "h.example", "--raw-body", "-H", "X-Empty:"]).contains("--head "));
}

#[test]
fn a_curl_command_holds_no_secret() {
    let shown = curl(&["get", "https://ada:pass-of-ada@h.example/", "-H", "X-Api-Key: key-of-ada"]);
    assert!(!shown.contains("pass-of-ada") && !shown.contains("key-of-ada"), "{shown}");
    assert!(shown.contains("'Authorization: ***'") && shown.contains("'X-Api-Key: ***'"), "{shown}");
    assert!(!shown.contains("YWRh"), "not in base64 either: {shown}");
}

/// Whatever is in a value, a shell reads back that value and nothing else.
#[test]
fn a_shell_reads_it_back() {
    let body = "a'b \"c\" $(echo no) `no` \\ \n;|&<>*?~#!";
    let shown = curl(&["post", "h.example", "-d", body, "-H", "X-Odd: $(x) 'y'"]);
    let script = format!("curl() {{ for word; do printf '%s\\0' \"$word\"; done; }}\n{shown}");
    let read = Command::new("sh").args(["-c", &script]).output().unwrap();
    let words: Vec<&[u8]> = read.stdout.split(|b| *b == 0).collect();
    assert!(words.contains(&body.as_bytes()), "{shown}");
    assert!(words.contains(&&b"X-Odd: $(x) 'y'"[..]), "{shown}");
    assert_eq!(words[words.len() - 2], b"http://h.example/");
}

#[test]
fn a_form_with_files_goes_part_by_part() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a \"b\".txt");
    std::fs::write(&file, "x").unwrap();
    let shown = curl(&["post", "h.example", "name=Ada", &format!("f@{}", file.display())]);
    assert!(shown.contains("--form-string name=Ada") && shown.contains("--form 'f=@\""), "{shown}");
    assert!(!shown.contains("Content-Type") && !shown.contains("--request"), "{shown}");
}

fn har(words: &[&str], code: i32) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.har");
    let ran = netkit(&[&["--mock", "http"], words, &["--har", file.to_str().unwrap()]].concat()).code(code);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(&file).unwrap();
    (serde_json::from_str::<Value>(&text).unwrap()["log"].clone(), ran.stdout)
}

#[test]
fn an_archive_has_every_redirect() {
    let (log, stdout) = har(&["get", "/redirect/2"], 0);
    assert_eq!(
        (&log["version"], &log["creator"]["name"], stdout.as_str()),
        (&"1.2".into(), &"netkit".into(), "arrived\n")
    );
    let entries = log["entries"].as_array().unwrap();
    let statuses: Vec<_> =
        entries.iter().map(|entry| entry["response"]["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [302, 302, 200]);
    assert_eq!(entries[0]["response"]["redirectURL"], "/redirect/1");
    assert_eq!(entries[2]["response"]["content"]["text"], "arrived\n");
    for entry in entries {
        let timings = &entry["timings"];
        assert!(timings["wait"].as_f64().unwrap() >= 0.0 && entry["time"].as_f64().unwrap() > 0.0, "{entry}");
        assert_eq!(entry["request"]["headers"][0]["name"], "Host");
    }
    assert!(entries[0]["timings"]["connect"].as_f64().unwrap() >= 0.0);
    assert_eq!(entries[1]["timings"]["connect"], -1.0, "it used the same connection");
}

#[test]
fn an_archive_has_bodies_and_no_secrets() {
    let (log, _) = har(&["post", "/echo", "a=b", "q==1", "--json"], 0);
    let request = &log["entries"][0]["request"];
    assert_eq!(request["postData"]["text"], "{\"a\":\"b\"}");
    assert_eq!(request["queryString"][0]["value"], "1");
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = har(&["get", "/images/dot.png", "-o", folder.path().join("dot").to_str().unwrap()], 0);
    let content = &log["entries"][0]["response"]["content"];
    assert_eq!((&content["encoding"], &content["mimeType"]), (&"base64".into(), &"image/png".into()));
    assert_eq!(content["size"], include_bytes!("../../fixtures/world/images/dot.png").len());
    let (log, _) = har(&["get", "/auth/basic", "-u", "alice:secret"], 0);
    let text = log.to_string();
    assert!(!text.contains("YWxpY2U6c2VjcmV0") && !text.contains("alice:secret"), "{text}");
    let words = [
        "post",
        "/echo",
        "user=ada",
        "password=hunter2",
        "deep[0][api_key]=hunter2",
        "access_token==hunter2",
    ];
    let (log, _) = har(&["post", "/echo", "user=ada", "password=hunter2", "--form"], 0);
    let sent = log["entries"][0]["request"].to_string();
    assert!(sent.contains("ada") && !sent.contains("hunter2"), "{sent}");
    let (log, _) = har(&words, 0);
    let sent = log["entries"][0]["request"].to_string();
    assert!(sent.contains("ada") && !sent.contains("hunter2"), "{sent}");
    let (log, _) = har(&["get", "/redirect-to?url=/echo%3Ftoken%3Dhunter2%26q%3D1"], 0);
    let redirect = log["entries"][0]["response"].to_string() + &log["entries"][1]["request"].to_string();
    assert!(redirect.contains("q=1") && !redirect.contains("hunter2"), "{redirect}");
    let (log, _) = har(&["get", "/nowhere"], 22);
    assert_eq!(log["entries"][0]["response"]["status"], 404);
    let (log, _) = har(&["get", "/truncated"], 18);
    assert!(log["entries"][0]["response"]["content"]["text"].as_str().unwrap().starts_with("The same text"));
}
