//! The proxies, with our own clients on this side and our own servers on the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use netkit_http::{Client, Payload, Request};
use netkit_mock::{Http, HttpProxy, ProxyUsers, Server, Service, SocksProxy, ThrowAway, World};
use netkit_socket::{Dialer, NetError, Proxy, ProxyFault, Tls};

struct Mocks {
    site: Server,
    secure_site: Server,
    proxies: Vec<(&'static str, Server)>,
    ca: String,
}

fn start(users: impl Fn() -> ProxyUsers) -> Mocks {
    let ThrowAway { ca_pem, server } = ThrowAway::new().unwrap();
    let run = |service: Arc<dyn Service>, secure| Server::start(service, 0, server.clone(), secure).unwrap();
    let http = || Arc::new(HttpProxy::new(users()));
    Mocks {
        site: run(Arc::new(Http::new(World::seeded())), false),
        secure_site: run(Arc::new(Http::new(World::seeded())), true),
        proxies: vec![
            ("http", run(http(), false)),
            ("https", run(http(), true)),
            ("socks5", run(Arc::new(SocksProxy::new(users())), false)),
            ("socks5h", run(Arc::new(SocksProxy::new(users())), false)),
        ],
        ca: ca_pem,
    }
}

fn dialer(mocks: &Mocks, scheme: &str, login: &str, at: &Server) -> Dialer {
    let tls = Tls::default().ca_pem(mocks.ca.as_bytes());
    let proxy: Proxy = format!("{scheme}://{login}{}", at.endpoint()).parse().unwrap();
    Dialer::default().proxy(Some(proxy)).proxy_tls(tls.clone()).tls(tls)
}

#[test]
fn every_proxy_leads_to_both_kinds_of_server() {
    for (users, login) in
        [(ProxyUsers::Anybody, ""), (ProxyUsers::Accounts(World::seeded()), "bob:p%40ss%25w%2Frd%231@")]
    {
        let mocks = start(|| users.clone());
        for (scheme, at) in &mocks.proxies {
            let mut client = Client::new(dialer(&mocks, scheme, login, at));
            for url in [
                format!("http://{}/bytes/100000", mocks.site.endpoint()),
                format!("https://localhost:{}/bytes/100000", mocks.secure_site.port()),
            ] {
                let mut response = client.send(Request::get(&url).unwrap()).unwrap();
                assert_eq!(response.read_all(1 << 20).unwrap().len(), 100_000, "{scheme} {url}");
            }
            let echo = Request::get(&format!("http://{}/echo", mocks.site.endpoint())).unwrap();
            let mut response = client.send(echo.body(Payload::Bytes(vec![b'x'; 9])).unwrap()).unwrap();
            let seen = String::from_utf8(response.read_all(1 << 20).unwrap()).unwrap();
            assert!(seen.contains("xxxxxxxxx") && !seen.to_lowercase().contains("proxy-"), "{seen}");
        }
    }
}

#[test]
fn who_is_unknown_gets_no_way() {
    let mocks = start(|| ProxyUsers::Accounts(World::seeded()));
    let to = mocks.site.endpoint();
    for (scheme, at) in &mocks.proxies {
        for (login, needed) in [("", true), ("alice:wrong@", false), ("nobody:secret@", false)] {
            let NetError::Proxy { why, .. } = dialer(&mocks, scheme, login, at).dial(to).unwrap_err() else {
                panic!("{scheme} {login}")
            };
            match *why {
                ProxyFault::LoginNeeded => assert!(needed, "{scheme} {login}"),
                ProxyFault::LoginRefused => assert!(!needed, "{scheme} {login}"),
                other => panic!("{scheme} {login}: {other:?}"),
            }
        }
    }
    let socks4 = dialer(&mocks, "socks4a", "alice@", &mocks.proxies[2].1).dial(to).unwrap_err();
    assert!(matches!(socks4, NetError::Proxy { why, .. } if matches!(*why, ProxyFault::LoginRefused)));
}

#[test]
fn nothing_but_loopback_is_reached() {
    let mocks = start(|| ProxyUsers::Anybody);
    for (scheme, at) in &mocks.proxies {
        for target in ["192.0.2.1:80", "[2001:db8::1]:80", "127.0.0.1:1"] {
            let error = dialer(&mocks, scheme, "", at).dial(&target.parse().unwrap()).unwrap_err();
            let refused =
                matches!(&error, NetError::Proxy { why, .. } if matches!(**why, ProxyFault::Refused(_)));
            assert!(refused, "{scheme} {target}: {error}");
        }
    }
    let at = &mocks.proxies[2].1;
    for scheme in ["socks4", "socks4a"] {
        dialer(&mocks, scheme, "", at).dial(mocks.site.endpoint()).unwrap();
        dialer(&mocks, scheme, "", at).dial(&"192.0.2.1:80".parse().unwrap()).unwrap_err();
    }
}

#[test]
fn garbage_ends_the_connection() {
    let mocks = start(|| ProxyUsers::Anybody);
    for (at, garbage) in [
        (&mocks.proxies[0].1, &b"\x05\x01\0garbage\r\n\r\n"[..]),
        (&mocks.proxies[0].1, b"GET /origin-form HTTP/1.1\r\nHost: x\r\n\r\n"),
        (&mocks.proxies[0].1, b"CONNECT nothing HTTP/1.1\r\nHost: x\r\n\r\n"),
        (&mocks.proxies[2].1, b"GET / HTTP/1.1\r\n\r\n"),
        (&mocks.proxies[2].1, b"\x05\x01\x07"),
        (&mocks.proxies[2].1, b"\x05\x01\0\x05\x02\0\x01\x7f\0\0\x01\0\x50"),
        (&mocks.proxies[2].1, b"\x05\x01\0\x05\x01\0\x09"),
        (&mocks.proxies[2].1, &[4; 600]),
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", at.port())).unwrap();
        stream.write_all(garbage).unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200") && answer.len() < 400, "{answer:?}");
    }
}
