//! What is sent, as the servers saw it.

use super::request;
use crate::command::{folder, netkit};
use crate::servers::{contents, file, server, url};

#[test]
fn put_get_delete() {
    let (dir, data) = (folder(), contents("HTTP_ROOT", "data.bin"));
    let from = dir.path().join("data.bin");
    std::fs::write(&from, &data).unwrap();
    let body = format!("@{}", from.display());
    for (scheme, port) in [("http", "HTTP_PORT"), ("https", "HTTPS_PORT")] {
        let name = format!("dav/new-{scheme}/{}.bin", std::process::id());
        let call = |verb| {
            netkit("http")
                .arg(verb)
                .arg(url(scheme, port, format!("/{name}")))
                .option("--cacert", server("CA_FILE"))
        };
        call("get").run().fails(22, &["404 Not Found"]);
        let created = call("put").option("-d", &body).arg("-i").run().done().text();
        assert!(created.starts_with("HTTP/1.1 201 Created\r\n"), "{created}");
        assert!(std::fs::read(file("HTTP_ROOT", &name)).unwrap() == data);
        call("get").run().done().prints(&data);
        call("delete").run().done().prints("");
        assert!(!file("HTTP_ROOT", &name).exists());
        call("delete").run().fails(22, &["404 Not Found"]);
        // From stdin its length is unknown: it goes in chunks (RFC 9112 section 7.1).
        call("put").words("-d @-").stdin(data.clone()).run().done().prints("");
        call("get").run().done().prints(&data);
        call("delete").run().done().prints("");
    }
}

/// RFC 9110 section 10.1.1: nginx says 100 before a large body comes, and no at once where it wants none.
#[test]
fn a_large_body_waits_until_it_is_wanted() {
    let data = vec![b'x'; 3 << 20];
    let name = format!("dav/expected-{}.bin", std::process::id());
    let put = |path: &str| {
        netkit("http put").arg(url("http", "HTTP_PORT", path)).words("-v -d @-").stdin(data.clone())
    };
    let run = put(&format!("/{name}")).run().exits(0);
    assert!(run.stderr.contains("> Expect: 100-continue") && run.stderr.contains("< HTTP/1.1 100 "));
    assert!(std::fs::read(file("HTTP_ROOT", &name)).unwrap() == data);
    netkit("http delete").arg(url("http", "HTTP_PORT", format!("/{name}"))).run().done();
    let run = put("/private/x").run().exits(22);
    assert!(run.stderr.contains("401 Unauthorized") && !run.stderr.contains("xxxx"), "{:.600}", run.stderr);
}

#[test]
fn a_get_is_sent_as_it_was_written() {
    let run = netkit("http get")
        .arg(url("http", "ODD_HTTP_PORT", "/echo?q"))
        .arg("a==b c")
        .arg("-H")
        .arg("X-Mine: 1")
        .words("X-Too:2");
    run.run().done().prints(request("GET /echo?q&a=b+c", "ODD_HTTP_PORT", &["X-Mine: 1", "X-Too: 2"], ""));
    let run = netkit("http get")
        .arg(url("https", "ODD_HTTPS_PORT", "/headers"))
        .option("--cacert", server("CA_FILE"));
    run.run().done().prints(request("GET /headers", "ODD_HTTPS_PORT", &[], ""));
}

#[test]
fn each_kind_of_body_is_sent_with_its_type() {
    let (dir, port) = (folder(), "ODD_HTTP_PORT");
    let from = dir.path().join("body");
    std::fs::write(&from, "from a file").unwrap();
    let post = || netkit("http post").arg(url("http", port, "/echo"));
    let form = "Content-Type: application/x-www-form-urlencoded";
    let bytes = "Content-Type: application/octet-stream";
    post().words("name=Ada age:=36").run().done().prints(request(
        "POST /echo",
        port,
        &["Content-Type: application/json", "Content-Length: 23"],
        r#"{"name":"Ada","age":36}"#,
    ));
    post().words("--form a=b").arg("c=d e&f").run().done().prints(request(
        "POST /echo",
        port,
        &[form, "Content-Length: 13"],
        "a=b&c=d+e%26f",
    ));
    post().words("-d a=b&c").run().done().prints(request(
        "POST /echo",
        port,
        &[form, "Content-Length: 5"],
        "a=b&c",
    ));
    post().option("-d", format!("@{}", from.display())).run().done().prints(request(
        "POST /echo",
        port,
        &[bytes, "Content-Length: 11"],
        "from a file",
    ));
    // This server knows nothing of Expect, and gets the body all the same.
    for (words, asked) in [("-d @-", &["Expect: 100-continue"][..]), ("-d @- --no-expect", &[])] {
        let fields = [&[bytes, "Transfer-Encoding: chunked"], asked].concat();
        let run = post().words(words).stdin("from stdin").run();
        run.done().prints(request("POST /echo", port, &fields, "from stdin"));
    }
    post().words("-d text -H").arg("Content-Type: text/plain").run().done().prints(request(
        "POST /echo",
        port,
        &["Content-Type: text/plain", "Content-Length: 4"],
        "text",
    ));
}

#[test]
fn other_methods() {
    let port = "ODD_HTTP_PORT";
    netkit("http request PROPFIND").arg(url("http", port, "/x")).run().done().prints(request(
        "PROPFIND /x",
        port,
        &[],
        "",
    ));
    netkit("http options").arg(url("http", port, "/x")).run().done().prints(request(
        "OPTIONS /x",
        port,
        &[],
        "",
    ));
    let run = netkit("http patch").arg(url("http", port, "/x")).words("-d p").run().done();
    run.prints(request(
        "PATCH /x",
        port,
        &["Content-Type: application/x-www-form-urlencoded", "Content-Length: 1"],
        "p",
    ));
    netkit("http options").arg(url("http", "HTTP_PORT", "/")).run().fails(22, &["405 Not Allowed"]);
}

#[test]
fn offline_prints_what_would_be_sent_and_sends_nothing() {
    let run =
        netkit("http post --offline").arg(url("http", "CLOSED_PORT", "/echo")).words("-d a=b").run().done();
    let fields = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"];
    run.prints(request("POST /echo", "CLOSED_PORT", &fields, "a=b"));
}
