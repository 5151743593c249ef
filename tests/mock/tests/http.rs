//! The HTTP server against our client, and against clients who mean it no good.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use netkit_auth::Credentials;
use netkit_http::{Client, Error, Follow, Method, Payload, Redirects, Request};
use netkit_mock::{Http, Server, ThrowAway, World};
use netkit_socket::Dialer;
use netkit_wire::{Ended, Fault};

struct Mock {
    server: Server,
    client: Client,
}

impl Mock {
    fn start() -> Mock {
        let service = Arc::new(Http::new(World::seeded()));
        let server = Server::start(service, 0, ThrowAway::new().unwrap().server, false).unwrap();
        let redirects = Redirects { of: Follow::Always, limit: 5 };
        Mock { server, client: Client::new(Dialer::default()).redirects(redirects) }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.endpoint())
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let target: netkit_http::Target = self.url(path).parse().unwrap();
        Request::new(method, target.url()).unwrap()
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        let request = self.request(Method::GET, path);
        self.send(request)
    }

    fn send(&mut self, request: Request) -> (u16, String) {
        let mut answer = self.client.send(request).unwrap();
        let body = answer.read_all(1 << 20).unwrap();
        (answer.status().code(), String::from_utf8(body).unwrap())
    }

    /// What comes back for these bytes, up to the server's end of the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.server.endpoint().to_string()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        // The server may have closed before all of it was sent.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[test]
fn every_wrapping_holds_the_same_text_over_one_connection() {
    let mut mock = Mock::start();
    let (_, text) = mock.get("/gzip");
    assert!(text.starts_with("The same text"));
    for path in ["/deflate", "/br", "/zstd", "/chunked"] {
        assert_eq!(mock.get(path), (200, text.clone()), "{path}");
    }
    let request = mock.request(Method::GET, "/gzip");
    assert!(mock.client.send(request).unwrap().trip().reused);
    assert_eq!(mock.get("/stream"), (200, text));
}

#[test]
fn trailers_come_behind_the_body() {
    let mut mock = Mock::start();
    let request = mock.request(Method::GET, "/chunked");
    let mut answer = mock.client.send(request).unwrap();
    assert!(answer.trailers().is_none());
    answer.read_all(1000).unwrap();
    assert_eq!(answer.trailers().unwrap().get("x-trailer"), Some(&b"done"[..]));
}

#[test]
fn a_body_that_is_cut_is_an_error() {
    let mut mock = Mock::start();
    let request = mock.request(Method::GET, "/truncated");
    let error = mock.client.send(request).unwrap().read_all(10_000).unwrap_err();
    assert!(matches!(error, Error::Wire(Fault::Closed(Ended::Inside))), "{error:?}");
}

#[test]
fn redirects_are_counted() {
    let mut mock = Mock::start();
    assert_eq!(mock.get("/redirect/5").1, "arrived\n");
    let request = mock.request(Method::GET, "/redirect/6");
    assert!(matches!(mock.client.send(request), Err(Error::TooManyRedirects { limit: 5, looped: false })));
    let to = mock.url("/status/200");
    let (status, body) = mock.get(&format!("/redirect-to?status=308&url={to}"));
    assert_eq!((status, body.as_str()), (200, "status 200\n"));
}

#[test]
fn a_login_is_for_the_accounts_of_the_world() {
    let mut mock = Mock::start();
    assert_eq!(mock.get("/auth/basic").0, 401);
    let card = |user, password| Credentials::password(user, password).unwrap();
    let login = |mock: &Mock, path, card: &Credentials| mock.request(Method::GET, path).login(card).unwrap();
    let request = login(&mock, "/auth/basic", &card("bob", "p@ss%w/rd#1"));
    assert_eq!(mock.send(request), (200, "hello, bob\n".into()));
    let request = login(&mock, "/auth/basic", &card("bob", "wrong"));
    assert_eq!(mock.send(request).0, 401);
    let request = login(&mock, "/auth/bearer", &Credentials::token("", netkit_mock::TOKEN).unwrap());
    assert_eq!(mock.send(request), (200, "hello, alice\n".into()));
    let request = login(&mock, "/auth/bearer", &card("alice", "secret"));
    assert_eq!(mock.send(request).0, 401);
}

#[test]
fn files_are_put_read_in_parts_and_deleted() {
    let mut mock = Mock::start();
    let chunks = || Payload::Reader(Box::new(std::io::Cursor::new(b"0123456789".to_vec())));
    let put = mock.request(Method::PUT, "/new/file.txt").body(chunks()).unwrap();
    assert_eq!(mock.send(put).0, 201);
    let put = mock.request(Method::PUT, "/new/file.txt").body(chunks()).unwrap();
    assert_eq!(mock.send(put).0, 204);
    assert_eq!(mock.get("/new").1, "file.txt\n", "a folder is listed, also without its slash");
    for (range, status, part) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=7-", 206, "789"),
        ("bytes=-3", 206, "789"),
        ("bytes=-30", 206, "0123456789"),
        ("bytes=5-99", 206, "56789"),
        ("bytes=10-", 416, "that range is outside of the file\n"),
        ("bytes=-0", 416, "that range is outside of the file\n"),
        ("bytes=4-2", 200, "0123456789"),
        ("bytes=0-1,3-4", 200, "0123456789"),
        ("lines=1-2", 200, "0123456789"),
    ] {
        let request = mock.request(Method::GET, "/new/file.txt").field("Range", range).unwrap();
        assert_eq!(mock.send(request), (status, part.into()), "{range}");
    }
    let request = mock.request(Method::DELETE, "/new/file.txt");
    assert_eq!(mock.send(request).0, 204);
    assert_eq!(mock.get("/new/file.txt").0, 404);
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let mut mock = Mock::start();
    let request = mock.request(Method::HEAD, "/about.txt");
    let answer = mock.client.send(request).unwrap();
    let value = |name| String::from_utf8(answer.fields().get(name).unwrap().to_vec()).unwrap();
    let (etag, modified) = (value("etag"), value("last-modified"));
    drop(answer);
    for (name, validator, status) in [
        ("If-None-Match", etag.as_str(), 304),
        ("If-None-Match", "\"other\", *", 304),
        ("If-None-Match", "\"other\"", 200),
        ("If-Modified-Since", modified.as_str(), 304),
        ("If-Modified-Since", "Thu, 28 Feb 1991 00:00:00 GMT", 200),
        ("If-Modified-Since", "yesterday", 200),
    ] {
        let request = mock.request(Method::GET, "/about.txt").field(name, validator).unwrap();
        assert_eq!(mock.send(request).0, status, "{name}: {validator}");
    }
}

#[test]
fn a_request_is_echoed_as_it_was_understood() {
    let mut mock = Mock::start();
    let body = Payload::Bytes("caf\u{e9} \"\n".into());
    let request = mock.request(Method::new("REPORT").unwrap(), "/echo?a=1").bare(true).body(body).unwrap();
    let (_, said) = mock.send(request);
    let host = mock.server.endpoint();
    let expected = format!(
        "{{\"method\": \"REPORT\", \"target\": \"/echo?a=1\", \"version\": \"HTTP/1.1\", \"fields\": \
         [[\"Host\", \"{host}\"], [\"Content-Length\", \"8\"]], \"body\": \"caf\u{e9} \\\"\\u000a\"}}\n"
    );
    assert_eq!(said, expected);
}

#[test]
fn a_large_body_is_refused_before_it_is_sent() {
    let mut mock = Mock::start();
    let body = Payload::Bytes(vec![b'x'; 32 << 20]);
    let request = mock.request(Method::PUT, "/large").body(body).unwrap();
    assert_eq!(mock.send(request), (413, "the body is too large\n".into()));
    assert_eq!(mock.get("/large").0, 404, "on a new connection");
}

#[test]
fn a_body_larger_than_any_buffer_arrives_whole() {
    let mut mock = Mock::start();
    let request = mock.request(Method::GET, "/bytes/3000001");
    let mut bytes = Vec::new();
    assert_eq!(mock.client.send(request).unwrap().copy_to(&mut bytes, None).unwrap(), 3_000_001);
    assert!(bytes.iter().enumerate().all(|(i, b)| *b == i as u8));
}

#[test]
fn bad_requests_are_named_and_end_the_connection() {
    let mock = Mock::start();
    let long = "x".repeat(200_000);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".into(), 400),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\nHost: a\n\n".into(), 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n".into(), 400),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(), 400),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                .into(),
            400,
        ),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n".into(), 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".into(), 400),
        ("PUT /x HTTP/1.1\r\nHost: a\r\n\r\n".into(), 411),
        ("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n".into(), 413),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"), 431),
        ("BREW /about.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".into(), 405),
    ] {
        let answer = mock.raw(request.as_bytes());
        let shown = request.get(..70).unwrap_or(&request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{shown:?}: {answer}");
    }
}

#[test]
fn clients_of_every_age_are_served() {
    let mock = Mock::start();
    let old = mock.raw(b"GET /chunked HTTP/1.0\r\n\r\n");
    assert!(old.contains("Connection: close") && old.ends_with("nothing at all.\n"), "{old}");
    assert!(!old.contains("chunked\r\n"), "{old}");
    let absolute =
        mock.raw(b"\r\nGET http://a/status/200?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(absolute.ends_with("status 200\n"), "{absolute}");
    let waits = b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    assert!(mock.raw(waits).starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    let two = mock.raw(&b"GET /status/200 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
    assert_eq!(two.matches("HTTP/1.1 200 OK").count(), 2, "pipelined");
}
