//! Through proxies over loopback: absolute form with the proxy's login, tunnels without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use netkit_http::{Client, Direct, Error, Invalid, Method, Request};
use netkit_socket::Dialer;
use url::Url;

/// Reads one head from each connection, answers it, and returns the heads.
fn proxy(answers: Vec<&'static str>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = thread::spawn(move || {
        let mut heads = Vec::new();
        for answer in answers {
            let (mut client, _) = listener.accept().unwrap();
            for part in answer.split_inclusive("\r\n\r\n") {
                heads.push(head(&mut client));
                client.write_all(part.as_bytes()).unwrap();
            }
        }
        heads
    });
    (port, thread)
}

fn head(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

fn client(scheme: &str, port: u16) -> Client {
    let proxy = format!("{scheme}://ada:hunter2@127.0.0.1:{port}").parse().unwrap();
    Client::new(Dialer::default().proxy(Some(proxy)))
}

const LOGIN: &str = "Proxy-Authorization: Basic YWRhOmh1bnRlcjI=\r\n";

#[test]
fn an_http_url_goes_out_in_absolute_form_with_the_proxys_login() {
    let (port, server) = proxy(vec!["HTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\nHTTP/1.1 204 No\r\n\r\n"]);
    let mut client = client("http", port);
    for text in ["http://a.example/x?q=1", "http://a.example"] {
        let request = Request::new(Method::GET, &Url::parse(text).unwrap()).unwrap().bare(true);
        let response = client.send(request).unwrap();
        let reused = text == "http://a.example";
        assert_eq!(response.trip().dialed.is_none(), reused);
    }
    let server_itself = Request::new(Method::OPTIONS, &Url::parse("http://a.example/").unwrap()).unwrap();
    client.send(server_itself.of_the_server().bare(true)).unwrap();
    assert_eq!(
        server.join().unwrap(),
        [
            format!("GET http://a.example/x?q=1 HTTP/1.1\r\nHost: a.example\r\n{LOGIN}\r\n"),
            format!("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n{LOGIN}\r\n"),
            format!("OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n{LOGIN}\r\n"),
        ]
    );
}

#[test]
fn a_redirect_through_the_proxy_keeps_its_login_and_drops_the_servers() {
    let (port, server) = proxy(vec![
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://b.example:81/\r\n\r\n",
        "HTTP/1.1 204 No\r\n\r\n",
    ]);
    let request = Request::get("http://a.example/").unwrap().bare(true).allow_login_in_clear(true);
    let request = request.secret("Authorization", "Basic c2VydmVy").unwrap();
    client("http", port).send(request).unwrap();
    let heads = server.join().unwrap();
    assert!(heads[0].contains("\r\nAuthorization: Basic c2VydmVy\r\n") && heads[0].contains(LOGIN));
    assert_eq!(heads[1], format!("GET http://b.example:81/ HTTP/1.1\r\nHost: b.example:81\r\n{LOGIN}\r\n"));
}

#[test]
fn an_https_url_asks_for_a_tunnel_and_socks_always_is_one() {
    let (port, server) = proxy(vec!["HTTP/1.1 403 No\r\n\r\n"]);
    let error = client("http", port).send(Request::get("https://a.example/").unwrap()).unwrap_err();
    assert!(matches!(error, Error::Net(_)), "{error}");
    assert_eq!(
        server.join().unwrap(),
        [format!("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n{LOGIN}\r\n")]
    );

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        client.read_exact(&mut [0; 19]).unwrap();
        client.write_all(b"\0\x5a\0\0\0\0\0\0").unwrap();
        let head = head(&mut client);
        client.write_all(b"HTTP/1.1 204 No\r\n\r\n").unwrap();
        head
    });
    let socks = format!("socks4a://127.0.0.1:{port}").parse().unwrap();
    let mut client = Client::new(Dialer::default().proxy(Some(socks)));
    client.send(Request::get("http://a.example/").unwrap().bare(true)).unwrap();
    assert_eq!(server.join().unwrap(), "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
}

#[test]
fn each_scheme_may_have_its_own_proxy() {
    let (port, server) = proxy(vec!["HTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 502 No\r\n\r\n"]);
    let dialer = |user: &str| {
        Dialer::default().proxy(Some(format!("http://{user}@127.0.0.1:{port}").parse().unwrap()))
    };
    let mut client = Client::over(Direct::new(dialer("a")).secure(dialer("b")));
    client.send(Request::get("http://a.example/").unwrap()).unwrap();
    client.send(Request::get("https://a.example/").unwrap()).unwrap_err();
    let heads = server.join().unwrap();
    assert!(heads[0].contains("\r\nProxy-Authorization: Basic YTo=\r\n"), "{}", heads[0]);
    assert!(heads[1].contains("\r\nProxy-Authorization: Basic Yjo=\r\n"), "{}", heads[1]);
}

#[test]
fn nobody_else_writes_the_proxys_login() {
    let field = Request::get("http://a.example/").unwrap().field("proxy-authorization", "Basic x");
    assert!(matches!(field, Err(Invalid::OwnField("Proxy-Authorization"))));
}
