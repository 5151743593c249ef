//! Pages and files, however they are framed and coded.

use super::{both, get, get_tls, odd};
use crate::command::netkit;
use crate::servers::{contents, url};

#[test]
fn a_page_is_the_files_bytes() {
    for (path, name) in [
        ("/", "index.html"),
        ("/hello.txt", "hello.txt"),
        ("/data.bin", "data.bin"),
        ("/empty/file", "empty/file"),
    ] {
        for run in both(path) {
            run.run().done().prints(contents("HTTP_ROOT", name));
        }
    }
}

#[test]
fn a_coded_or_chunked_page_is_the_same_page() {
    let text = contents("HTTP_ROOT", "text.txt");
    for path in ["/gzip/text.txt", "/br/text.txt", "/chunked/text.txt", "/text.txt"] {
        for run in both(path) {
            run.run().done().prints(&text);
        }
    }
}

#[test]
fn raw_body_keeps_the_coding() {
    let text = contents("HTTP_ROOT", "text.txt");
    let gzip = get("/gzip/text.txt").arg("--raw-body").run().done();
    assert_eq!(gzip.stdout[..3], [0x1f, 0x8b, 8], "RFC 1952 section 2.3.1");
    // Its last four bytes are the length of what it holds, its size a fraction (RFC 1952 section 2.3.1).
    assert_eq!(gzip.stdout[gzip.stdout.len() - 4..], u32::try_from(text.len()).unwrap().to_le_bytes());
    assert!(gzip.stdout.len() < text.len() / 2);
    let br = get_tls("/br/text.txt").words("--raw-body -H Accept-Encoding:br").run().done();
    assert!(br.stdout.len() < text.len() / 2 && br.stdout != gzip.stdout);
    // A page without a coding is what it is.
    get("/text.txt").arg("--raw-body").run().done().prints(text);
}

#[test]
fn chunk_extensions_trailers_hints_and_old_servers_are_understood() {
    let lines: String = (0..200).map(|i| format!("line {i} of a text that compresses well\n")).collect();
    for (path, body) in [
        ("/chunked", "xxxxxxxxxx\nyyyyyyyyyy\n"),
        ("/bytewise", "hello, world\n"),
        ("/early-hints", "final\n"),
        ("/close", &lines),
        ("/http10", &lines),
    ] {
        for run in odd(path) {
            run.run().done().prints(body);
        }
    }
    for run in odd("/chunked") {
        assert_eq!(run.arg("--json").run().done().object()["trailers"], serde_json::json!([["X-Sum", "22"]]));
    }
}

#[test]
fn a_status_without_a_body_ends_at_its_header() {
    get("/status/204").run().done().prints("");
    for method in ["head", "request HEAD"] {
        let run = netkit("http").words(method).arg(url("http", "HTTP_PORT", "/data.bin")).run().done();
        let head = run.text();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(head.contains("\r\nContent-Length: 1048576\r\n"), "{head}");
        assert_eq!(head.matches("\r\n\r\n").count(), 1, "{head}");
    }
}

#[test]
fn include_puts_the_header_before_the_body() {
    for run in both("/hello.txt") {
        let text = run.arg("-i").run().done().text();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nServer: nginx/"), "{head}");
        assert!(head.contains("\r\nContent-Length: 13\r\n"), "{head}");
        assert_eq!(body, "hello, world\n");
    }
}

#[test]
fn an_error_page_is_printed_and_the_code_is_22() {
    for (status, reason) in [
        ("400", "Bad Request"),
        ("403", "Forbidden"),
        ("404", "Not Found"),
        ("410", "Gone"),
        ("500", "Internal Server Error"),
        ("503", "Service"),
    ] {
        let path = format!("/status/{status}");
        let page = format!("status {status}\n");
        for run in both(&path) {
            run.run().fails(22, &[&path, &format!("the server answered {status} {reason}")]).prints(&page);
        }
        get(&path).arg("--no-fail").run().done().prints(&page);
    }
    let run =
        netkit("http head").arg(url("http", "HTTP_PORT", "/status/404")).run().fails(22, &["404 Not Found"]);
    assert!(run.text().starts_with("HTTP/1.1 404 Not Found\r\n"));
}
