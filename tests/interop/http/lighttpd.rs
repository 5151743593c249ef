//! lighttpd: Digest by a server that others wrote, and a second opinion on ranges, codings and kept connections.

use crate::command::{Netkit, folder, netkit};
use crate::servers::{contents, server, url};

fn get(path: &str) -> Netkit {
    netkit("http get").arg(url("http", "LIGHTTPD_PORT", path))
}

fn both(path: &str) -> [Netkit; 2] {
    let tls = netkit("http get").arg(url("https", "LIGHTTPD_TLS_PORT", path));
    [get(path), tls.option("--cacert", server("CA_FILE"))]
}

#[test]
fn digest_by_each_hash() {
    for (user, key) in [("alice", "ALICE_PASSWORD"), ("bob", "BOB_PASSWORD")] {
        let login = format!("{user}:{}", server(key));
        for place in ["md5", "sha256", "both", "userhash"] {
            for scheme in ["--auth digest", "--auth any", ""] {
                for run in both(&format!("/{place}/")) {
                    let run = run.option("-u", &login).words(scheme).run();
                    run.done().prints(format!("only with a password: {place}\n"));
                }
            }
        }
        for run in both("/basic/") {
            let run = run.option("-u", &login).words("--auth any").run();
            run.done().prints("only with a password: basic\n");
        }
    }
}

#[test]
fn the_stronger_hash_is_taken_and_the_password_stays_here() {
    let run = get("/both/").option("-u", "alice:secret").words("--auth digest -v").run().exits(0);
    let sent: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("> ")).collect();
    assert_eq!(sent.iter().filter(|line| line.starts_with("> GET ")).count(), 2, "{sent:?}");
    assert!(sent.contains(&"> Authorization: ***"), "{sent:?}");
    assert!(!run.stderr.contains("c2VjcmV0") && !run.stderr.contains("secret"), "{}", run.stderr);
}

#[test]
fn a_wrong_password_is_67() {
    for place in ["/md5/", "/sha256/", "/userhash/"] {
        get(place).words("-u alice:wrong --auth digest").run().fails(67, &["login failed: 401 Unauthorized"]);
        get(place).words("-u nobody:secret --auth digest").run().fails(67, &["login failed"]);
    }
    get("/basic/").words("-u alice:secret --auth digest").run().fails(67, &["login failed"]);
}

/// RFC 7616: what answers a challenge for one page does so for files and for a whole site.
#[test]
fn downloads_and_mirrors_log_in_by_digest() {
    for place in ["md5", "sha256", "userhash"] {
        let dir = folder();
        let download =
            netkit("http download").arg(url("http", "LIGHTTPD_PORT", format!("/{place}/index.html")));
        download.option("-u", "alice:secret").words("--auth digest -q").option("-d", dir.path()).run().done();
        let expected = format!("only with a password: {place}\n");
        assert_eq!(std::fs::read_to_string(dir.path().join("index.html")).unwrap(), expected);

        let dir = folder();
        let mirror = netkit("http mirror").arg(url("http", "LIGHTTPD_PORT", format!("/{place}/")));
        mirror.option("-u", "alice:secret").words("--auth digest").option("-d", dir.path()).run().exits(0);
        let copy = dir.path().join(place).join("index.html");
        assert_eq!(std::fs::read_to_string(copy).unwrap(), expected);
    }
}

#[test]
fn ranges_and_codings() {
    let data = contents("LIGHTTPD_ROOT", "data.bin");
    for run in both("/data.bin") {
        run.run().done().prints(&data);
    }
    for run in both("/data.bin") {
        run.arg("Range:bytes=1000-1999").run().done().prints(&data[1000..2000]);
    }
    let text = contents("LIGHTTPD_ROOT", "text.txt");
    for coding in ["gzip", "deflate"] {
        for run in both("/text.txt") {
            let run = run.arg(format!("Accept-Encoding:{coding}")).arg("-i").run().done();
            let head = run.text();
            assert!(
                head.to_ascii_lowercase().contains(&format!("content-encoding: {coding}\r\n")),
                "{head:.400}"
            );
            assert!(run.stdout.ends_with(&text));
        }
    }
    let dir = folder();
    let to = dir.path().join("data.bin");
    get("/data.bin").option("-o", &to).run().done().prints("");
    assert!(std::fs::read(to).unwrap() == data);
}
