//! Dialing through proxies over loopback: what goes over the wire, what comes back, and what a broken proxy gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use netkit_socket::{
    Dialer, Endpoint, Listener, NetError, Proxy, ProxyFault, Refusal, SocksReply, Tls, TlsServer,
    TlsServerOptions,
};
use netkit_wire::{Clock, Stream};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

/// What a proxy reads, and what it then says.
type Turn = (&'static [u8], &'static [u8]);

/// A proxy for one connection: for each pair it reads exactly the first bytes and says the second. The connection is
/// handed back.
fn script(turns: Vec<Turn>) -> (u16, JoinHandle<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = thread::spawn(move || play(&listener, &turns));
    (port, thread)
}

fn play(listener: &TcpListener, turns: &[Turn]) -> TcpStream {
    let (mut client, _) = listener.accept().unwrap();
    client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    for (asked, answer) in turns {
        let mut got = vec![0; asked.len()];
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, *asked, "{:?}", String::from_utf8_lossy(&got));
        client.write_all(answer).unwrap();
    }
    client
}

fn dialer(url: &str) -> Dialer {
    Dialer::default().proxy(Some(url.parse().unwrap())).idle_timeout(Some(Duration::from_secs(10)))
}

fn line(stream: &mut dyn Stream) -> String {
    let mut got = [0; 5];
    stream.read_exact(&mut got).unwrap();
    String::from_utf8(got.to_vec()).unwrap()
}

/// What became of a dial to `mail.example:25` through a proxy that says these bytes and closes.
fn fault(scheme: &str, login: &str, answer: &'static [u8]) -> ProxyFault {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _ = client.read(&mut [0; 4096]);
        let _ = client.write_all(answer);
        let _ = client.shutdown(std::net::Shutdown::Write);
        // Closing over unread bytes would be a reset, and take the answer back.
        let _ = client.read_to_end(&mut Vec::new());
    });
    let error = dialer(&format!("{scheme}://{login}127.0.0.1:{port}"))
        .dial(&endpoint("mail.example:25"))
        .unwrap_err();
    server.join().unwrap();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains(&format!("proxy {scheme}://127.0.0.1:{port}: ")), "{shown}");
    match error {
        NetError::Proxy { why, .. } => *why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_kind_makes_a_tunnel_and_the_first_bytes_behind_the_answer_are_its_own() {
    let cases: [(&str, Vec<Turn>); 6] = [
        (
            "http://ada:hunter2@",
            vec![(
                b"CONNECT mail.example:25 HTTP/1.1\r\nHost: mail.example:25\r\nProxy-Authorization: Basic YWRhOmh1bnRlcjI=\r\n\r\n",
                b"HTTP/1.1 200 Yes\r\nVia: x\r\n\r\n220 m",
            )],
        ),
        ("http://", vec![(b"CONNECT mail.example:25 HTTP/1.1\r\nHost: mail.example:25\r\n\r\n", b"HTTP/1.0 200\r\n\r\n220 m")]),
        ("socks4a://", vec![(b"\x04\x01\0\x19\0\0\0\x01\0mail.example\0", b"\0\x5a\0\0\0\0\0\x00220 m")]),
        ("socks4://me@", vec![(b"\x04\x01\0\x19\xc0\0\x02\x07me\0", b"\0\x5a\0\0\0\0\0\x00220 m")]),
        (
            "socks5h://ada:hunter2@",
            vec![
                (b"\x05\x02\0\x02", b"\x05\x02"),
                (b"\x01\x03ada\x07hunter2", b"\x01\0"),
                (b"\x05\x01\0\x03\x0cmail.example\0\x19", b"\x05\0\0\x01\x7f\0\0\x01\0\x50220 m"),
            ],
        ),
        (
            "socks5://",
            vec![
                (b"\x05\x01\0", b"\x05\0"),
                (b"\x05\x01\0\x01\xc0\0\x02\x07\0\x19", b"\x05\0\0\x03\x01x\0\x50220 m"),
            ],
        ),
    ];
    for (start, turns) in cases {
        let (port, server) = script(turns);
        let dialer = dialer(&format!("{start}127.0.0.1:{port}")).resolve_override(
            "mail.example".parse().unwrap(),
            25,
            "192.0.2.7".parse::<IpAddr>().unwrap(),
        );
        let mut dialed = dialer.dial(&endpoint("mail.example:25")).unwrap();
        assert_eq!(line(&mut *dialed.stream), "220 m", "{start}");
        dialed.stream.write_all(b"QUIT!").unwrap();
        let mut told = [0; 5];
        server.join().unwrap().read_exact(&mut told).unwrap();
        assert_eq!(&told, b"QUIT!");
        let via = dialed.report.via.as_ref().unwrap();
        assert!(
            via.tunnel && via.tls.is_none() && via.proxy.endpoint().to_string().ends_with(&port.to_string())
        );
        assert_eq!(dialed.report.peer.port(), Some(port));
        let shown = format!("{dialer:?} {:?}", dialed.report);
        assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVy"), "{shown}");
    }
}

#[test]
fn an_address_that_the_proxy_cannot_reach_is_followed_by_the_next() {
    // Connection refused; address type not supported, which is what a proxy without IPv6 says.
    for refusal in [&b"\x05\x05\0\x01\0\0\0\0\0\0"[..], b"\x05\x08\0\x01\0\0\0\0\0\0"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let hello: Turn = (b"\x05\x01\0", b"\x05\0");
            let first = [hello, (b"\x05\x01\0\x01\xc0\0\x02\x01\0\x19", refusal)];
            let second = [hello, (b"\x05\x01\0\x01\xc0\0\x02\x02\0\x19", b"\x05\0\0\x01\0\0\0\0\0\0hello")];
            (play(&listener, &first), play(&listener, &second))
        });
        let host = || "two.example".parse().unwrap();
        let dialer = dialer(&format!("socks5://127.0.0.1:{port}"))
            .resolve_override(host(), 25, "192.0.2.1".parse().unwrap())
            .resolve_override(host(), 25, "192.0.2.2".parse().unwrap());
        let mut dialed = dialer.dial(&endpoint("two.example:25")).unwrap();
        assert_eq!(line(&mut *dialed.stream), "hello");
        server.join().unwrap();
    }
}

#[test]
fn socks4_reaches_no_ipv6() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dialer = dialer(&format!("socks4://127.0.0.1:{port}")).resolve_override(
        "six.example".parse().unwrap(),
        25,
        "2001:db8::1".parse().unwrap(),
    );
    let error = dialer.dial(&endpoint("six.example:25")).unwrap_err();
    assert!(
        matches!(&error, NetError::Proxy { why, .. } if matches!(**why, ProxyFault::Unsupported(_))),
        "{error}"
    );
}

#[test]
fn a_proxy_that_wants_a_login_says_so() {
    let wants = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
    assert!(matches!(fault("http", "", wants), ProxyFault::LoginNeeded));
    assert!(matches!(fault("http", "ada:hunter2@", wants), ProxyFault::LoginRefused));
    assert!(matches!(fault("socks5h", "", b"\x05\xff"), ProxyFault::LoginNeeded));
    assert!(matches!(fault("socks5h", "ada:hunter2@", b"\x05\xff"), ProxyFault::LoginRefused));
    assert!(matches!(fault("socks5h", "ada:hunter2@", b"\x05\x02\x01\x07"), ProxyFault::LoginRefused));
    assert!(matches!(fault("socks4a", "", b"\0\x5d\0\0\0\0\0\0"), ProxyFault::LoginNeeded));
}

#[test]
fn a_proxy_that_does_not_connect_says_why() {
    let forbidden = fault("http", "", b"HTTP/1.1 403 Filtered\r\nContent-Length: 3\r\n\r\nno!");
    assert!(
        matches!(&forbidden, ProxyFault::Refused(Refusal::Http { status: 403, reason }) if reason == "Filtered")
    );
    let refused = fault("socks5h", "", b"\x05\0\x05\x05\0\x01\0\0\0\0\0\0");
    assert!(matches!(refused, ProxyFault::Refused(Refusal::Socks(SocksReply::V5(5)))));
    assert!(matches!(fault("socks4a", "", b"\0\x5b\0\0\0\0\0\0"), ProxyFault::Refused(_)));
}

#[test]
fn a_broken_proxy_is_found_out() {
    for (scheme, answer) in [
        ("http", &b"SSH-2.0-x\r\n"[..]),
        ("http", b"\x05\0"),
        ("http", b"HTTP/1.1 200 OK\n\n"),
        ("socks5h", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("socks5h", b"\0\x5b\0\0\0\0\0\0"),
        ("socks5h", b"\x05\x01"),
        ("socks4a", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("socks4a", b"\x05\xff\0\0\0\0\0\0"),
    ] {
        assert!(matches!(fault(scheme, "", answer), ProxyFault::Malformed(_)), "{scheme} {answer:?}");
    }
    for (scheme, answer) in [
        ("http", &b""[..]),
        ("http", b"HTTP/1.1 200 OK\r\nVia"),
        ("socks5h", b""),
        ("socks5h", b"\x05"),
        ("socks5h", b"\x05\0\x05\0\0\x01\0"),
        ("socks4a", b"\0\x5a\0"),
    ] {
        assert!(matches!(fault(scheme, "", answer), ProxyFault::Closed), "{scheme} {answer:?}");
    }
}

#[test]
fn a_header_without_end_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\n");
        while client.write_all(&b"X-Filler: x\r\n".repeat(100)).is_ok() {}
    });
    let error = dialer(&format!("http://127.0.0.1:{port}")).dial(&endpoint("a.example:1")).unwrap_err();
    assert!(
        matches!(&error, NetError::Proxy { why, .. } if matches!(**why, ProxyFault::Malformed(_))),
        "{error}"
    );
    server.join().unwrap();
}

#[test]
fn a_silent_proxy_runs_the_connect_clock_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["http", "https", "socks4a", "socks5h"] {
        let dialer = dialer(&format!("{scheme}://127.0.0.1:{port}")).proxy_tls(Tls::default().verify(false));
        let error = dialer
            .clone()
            .connect_timeout(Duration::from_millis(60))
            .dial(&endpoint("a.example:1"))
            .unwrap_err();
        assert!(
            matches!(error, NetError::Timeout { clock: Clock::Connect, endpoint: Some(_), .. }),
            "{error:?}"
        );
        let soon = Some(Instant::now() + Duration::from_millis(60));
        let error = dialer.deadline(soon).dial(&endpoint("a.example:1")).unwrap_err();
        assert!(matches!(error, NetError::Timeout { clock: Clock::Total, .. }), "{error:?}");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = dialer(&format!("socks5h://127.0.0.1:{port}")).dial(&endpoint("a.example:1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "proxy socks5h://127.0.0.1:{port}: could not connect to it: 127.0.0.1:{port}: Connection refused"
        )
    );
    assert!(error.is_transient() && error.hint().unwrap().contains("--proxy"));
    let error = dialer("http://no-such-proxy.invalid")
        .connect_timeout(Duration::from_secs(5))
        .dial(&endpoint("a.example:1"));
    match error.unwrap_err() {
        NetError::Proxy { why, .. } => assert!(matches!(*why, ProxyFault::Unresolved(_)), "{why}"),
        // A machine whose resolver never answers.
        NetError::Timeout { clock: Clock::Connect, .. } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn some_places_have_no_proxy() {
    let proxy = |dialer: &Dialer, to: &str| dialer.proxy_for(&endpoint(to)).map(Proxy::to_string);
    let far = dialer("http://proxy.example:3128").no_proxy("direct.example, 10.0.0.0/8".parse().unwrap());
    assert_eq!(proxy(&far, "a.example:80").unwrap(), "http://proxy.example:3128");
    for to in [
        "direct.example:80",
        "www.direct.example:80",
        "10.1.2.3:80",
        "unix:/run/x",
        "127.0.0.1:80",
        "localhost:80",
        "[::1]:80",
    ] {
        assert_eq!(proxy(&far, to), None, "{to}");
    }
    assert!(proxy(&dialer("http://127.0.0.1:3128"), "localhost:80").is_some(), "both are here");
    assert!(proxy(&far.clone().unix_socket("/run/x"), "a.example:80").is_none());
    assert!(proxy(&far.proxy(None), "a.example:80").is_none());
    // And it is dialed straight: this port has no proxy behind it.
    let listener = Listener::bind(&endpoint("127.0.0.1:0"), 8).unwrap();
    let to: Endpoint = listener.local().to_string().parse().unwrap();
    let dialed = dialer("http://127.0.0.1:1").no_proxy("127.0.0.1".parse().unwrap()).dial(&to).unwrap();
    assert!(dialed.report.via.is_none());
}

#[test]
fn a_forward_proxy_is_reached_and_asked_nothing() {
    let (port, server) = script(vec![(b"GET h", b"HTTP/")]);
    let mut dialed =
        dialer(&format!("http://127.0.0.1:{port}")).dial_forward(&endpoint("a.example:80")).unwrap();
    assert!(!dialed.report.via.as_ref().unwrap().tunnel);
    dialed.stream.write_all(b"GET h").unwrap();
    assert_eq!(line(&mut *dialed.stream), "HTTP/");
    server.join().unwrap();
    // SOCKS knows no requests: it is a tunnel all the same.
    let (port, server) = script(vec![(b"\x04\x01\0\x50\0\0\0\x01\0a.example\0", b"\0\x5a\0\0\0\0\0\0")]);
    let dialed =
        dialer(&format!("socks4a://127.0.0.1:{port}")).dial_forward(&endpoint("a.example:80")).unwrap();
    assert!(dialed.report.via.unwrap().tunnel);
    server.join().unwrap();
}

/// An authority, and a server of it for that name.
fn authority(name: &str) -> (String, TlsServer) {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "proxy test CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let chain = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap().pem();
    let options = TlsServerOptions::default();
    let server = TlsServer::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes(), options).unwrap();
    (ca_pem, server)
}

#[test]
fn tls_to_the_proxy_and_tls_to_the_target_inside_are_two() {
    let (proxy_ca, proxy_tls) = authority("proxy.example");
    let (target_ca, target_tls) = authority("target.example");
    let listener = Listener::bind(&endpoint("127.0.0.1:0"), 8).unwrap();
    let port = listener.local().port().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = proxy_tls.accept(listener.accept().unwrap().0).unwrap();
        let asked = b"CONNECT target.example:443 HTTP/1.1\r\nHost: target.example:443\r\nProxy-Authorization: Basic YTpi\r\n\r\n";
        let mut got = vec![0; asked.len()];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(got, asked, "{:?}", String::from_utf8_lossy(&got));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut inner, _) = target_tls.accept(stream).unwrap();
        inner.write_all(b"inner").unwrap();
        inner.shutdown_write().unwrap();
        // The first refused the proxy's certificate; the second the target's.
        assert!(proxy_tls.accept(listener.accept().unwrap().0).is_err());
    });
    let dialer = dialer(&format!("https://a:b@proxy.example:{port}"))
        .resolve_override("proxy.example".parse().unwrap(), port, "127.0.0.1".parse().unwrap())
        .proxy_tls(Tls::default().ca_pem(proxy_ca))
        .tls(Tls::default().ca_pem(target_ca.clone()));
    let mut dialed = dialer.dial_tls(&endpoint("target.example:443"), &["http/1.1"]).unwrap();
    assert_eq!(line(&mut *dialed.stream), "inner");
    assert!(dialed.report.tls.is_some() && dialed.report.via.unwrap().tls.is_some());
    let wrong = dialer.proxy_tls(Tls::default().ca_pem(target_ca));
    let error = wrong.dial_tls(&endpoint("target.example:443"), &[]).unwrap_err();
    assert!(
        matches!(&error, NetError::Proxy { why, .. } if matches!(**why, ProxyFault::Tls(_))),
        "{error:?}"
    );
    server.join().unwrap();
}
