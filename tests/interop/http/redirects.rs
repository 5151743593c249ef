//! Redirects: which are followed, with what, how far.

use super::{both, get, get_tls, request};
use crate::command::netkit;
use crate::servers::{server, url};

/// What nginx's /headers shows of a request that it passed on.
fn passed_on(line: &str, host: &str, tls: &str, more: &[&str], body: &str) -> String {
    let plain = request(line, "HTTP_PORT", more, body);
    let (_, fields) = plain.split_once("User-Agent").unwrap();
    format!("{line} HTTP/1.1\r\nHost: {host}\r\nX-Tls: {tls}\r\nConnection: close\r\nUser-Agent{fields}")
}

fn localhost() -> String {
    format!("localhost:{}", server("HTTP_PORT"))
}

#[test]
fn a_get_follows_each_kind() {
    for status in ["301", "302", "303", "307", "308"] {
        get(&format!("/redirect/{status}")).run().done().prints(passed_on(
            "GET /headers",
            &localhost(),
            " ",
            &[],
            "",
        ));
        let run = get(&format!("/redirect/{status}")).arg("--no-follow").run().done();
        assert!(run.text().contains(&format!("<h1>{status} ")), "{}", run.text());
    }
    for run in both("/redirect/relative") {
        run.run().done().prints("hello, world\n");
    }
}

#[test]
fn a_post_follows_only_when_told_and_keeps_its_body_where_it_must() {
    let body = ["Content-Length: 3", "Content-Type: application/x-www-form-urlencoded"];
    for status in ["301", "302", "303", "307", "308"] {
        let post = || {
            netkit("http post").arg(url("http", "HTTP_PORT", format!("/redirect/{status}"))).words("-d a=b")
        };
        let run = post().run().done();
        assert!(run.text().contains(&format!("<h1>{status} ")), "{}", run.text());
        let text = post().arg("--follow").run().done().text();
        // RFC 9110 sections 15.4.2 to 15.4.9.
        if matches!(status, "307" | "308") {
            assert!(
                text.starts_with("POST /headers HTTP/1.1\r\n") && text.ends_with("\r\n\r\na=b"),
                "{text}"
            );
            assert!(body.iter().all(|field| text.contains(field)), "{text}");
        } else {
            assert_eq!(text, passed_on("GET /headers", &localhost(), " ", &[], ""));
        }
    }
}

#[test]
fn ten_redirects_are_followed_and_no_more() {
    get("/redirect/chain/9").run().done().prints("hello, world\n");
    get("/redirect/chain/10").run().fails(47, &["more than 10 redirects"]).prints("");
    get("/redirect/chain/10").words("--max-redirects 11").run().done().prints("hello, world\n");
    for run in both("/redirect/loop") {
        run.run().fails(47, &["more than 10 redirects, in a loop"]).prints("");
    }
}

#[test]
fn a_chain_on_one_server_uses_one_connection() {
    get("/redirect/chain/17").words("--max-redirects 18").run().done().prints("hello, world\n");
    // Port, connection, number on that connection, method, target, status. The last line comes a moment after the answer.
    let on_it = || -> Option<Vec<String>> {
        let log = std::fs::read_to_string(server("HTTP_ACCESS_LOG")).unwrap();
        let first = log.lines().rfind(|line| line.contains(" GET /redirect/chain/17 "))?;
        let connection = first.split(' ').nth(1)?;
        Some(
            log.lines().filter(|line| line.split(' ').nth(1) == Some(connection)).map(String::from).collect(),
        )
    };
    let mut lines = Vec::new();
    for _ in 0..500 {
        lines = on_it().unwrap_or_default();
        if lines.len() == 19 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(lines.len(), 19, "18 redirects and the page on one connection: {lines:#?}");
    assert!(lines[18].ends_with("19 GET /hello.txt 200"), "{lines:#?}");
}

#[test]
fn a_login_does_not_go_to_another_origin() {
    let elsewhere = format!("127.0.0.1:{}", server("HTTP_PORT"));
    get("/redirect/host").words("-u alice:secret").run().done().prints(passed_on(
        "GET /headers",
        &elsewhere,
        " ",
        &[],
        "",
    ));
    let run = get("/redirect/301").words("-u alice:secret").run().done();
    assert!(
        run.text().contains("\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n"),
        "the same origin: {}",
        run.text()
    );

    // Up to https: another port is another origin.
    let run =
        get("/redirect/https").words("-u alice:secret").option("--cacert", server("CA_FILE")).run().done();
    let secure = format!("localhost:{}", server("HTTPS_PORT"));
    run.prints(passed_on("GET /headers", &secure, "TLSv1.3 localhost", &[], ""));
    // And down again, which is worth a word.
    let run = get_tls("/redirect/http").words("-u alice:secret").run().exits(0);
    run.says(&["netkit: warning: a redirect of https://localhost:", "leads from https to http"])
        .prints(passed_on("GET /headers", &localhost(), " ", &[], ""));
}

#[test]
fn the_second_servers_certificate_counts_too() {
    let run = get("/redirect/https").option("--cacert", server("OTHER_CA_FILE")).run();
    run.fails(60, &["no trusted authority has signed it"]).prints("");
}

#[test]
fn a_redirect_out_of_http_is_not_followed() {
    get("/redirect/gopher").run().fails(4, &["gopher://localhost/", "it leaves HTTP"]).prints("");
}

#[test]
fn json_tells_the_way() {
    let answer = get("/redirect/chain/1").arg("--json").run().done().object();
    let hops: Vec<_> =
        answer["redirects"].as_array().unwrap().iter().map(|hop| (&hop["url"], &hop["status"])).collect();
    let first = url("http", "HTTP_PORT", "/redirect/chain/1");
    let second = url("http", "HTTP_PORT", "/redirect/chain/0");
    assert_eq!(hops, [(&first.into(), &302.into()), (&second.into(), &302.into())]);
    assert_eq!(
        (&answer["url"], &answer["body"]),
        (&url("http", "HTTP_PORT", "/hello.txt").into(), &"hello, world\n".into())
    );
}
