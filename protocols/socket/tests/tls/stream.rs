//! Versions, ALPN, resumption, STARTTLS, time limits, and ends that are no ends.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use netkit_socket::{
    Dialer, Endpoint, Host, Listener, NetError, Tls, TlsBackend, TlsFault, TlsServer, TlsServerOptions,
    TlsVersion,
};
use netkit_wire::{Clock, Stream};

use crate::pki::{Authority, Echo, Pair, backends, converse, dial};

fn authority() -> (Authority, Pair) {
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org"]);
    (ca, pair)
}

#[test]
fn both_versions_are_spoken_and_no_older_than_asked() {
    let (ca, pair) = authority();
    for backend in backends() {
        for (version, shown) in [(TlsVersion::V1_2, "TLSv1.2"), (TlsVersion::V1_3, "TLSv1.3")] {
            let only = TlsServerOptions {
                min_version: version,
                max_version: version,
                ..TlsServerOptions::default()
            };
            let echo = Echo::start(&pair, only);
            let mut dialed = dial(&ca.trusted(backend), echo.port, &[]).unwrap();
            converse(&mut dialed);
            let server = echo.end().unwrap();
            assert_eq!(server.version, shown);
            assert!(server.cipher.starts_with("TLS_"), "{}", server.cipher);
            if backend == TlsBackend::Rustls {
                let client = dialed.report.tls.unwrap();
                assert_eq!((client.version, client.cipher), (server.version, server.cipher));
            }
        }
        let echo = Echo::start(&pair, TlsServerOptions::default());
        converse(&mut dial(&ca.trusted(backend).max_version(TlsVersion::V1_2), echo.port, &[]).unwrap());
        assert_eq!(echo.end().unwrap().version, "TLSv1.2");
        let old = TlsServerOptions { max_version: TlsVersion::V1_2, ..TlsServerOptions::default() };
        let echo = Echo::start(&pair, old);
        let error = dial(&ca.trusted(backend).min_version(TlsVersion::V1_3), echo.port, &[]).unwrap_err();
        assert!(matches!(error, NetError::Tls { why: TlsFault::Handshake(_), .. }), "{error:?}");
    }
}

#[test]
fn a_protocol_is_agreed_on() {
    let (ca, pair) = authority();
    for backend in backends() {
        // One configuration, different offers.
        let tls = ca.trusted(backend);
        for (offer, agreed) in
            [(&["http/1.1"][..], Some("http/1.1")), (&["h2", "imap"], Some("imap")), (&[], None)]
        {
            let alpn = vec!["imap".to_owned(), "http/1.1".to_owned()];
            let echo = Echo::start(&pair, TlsServerOptions { alpn, ..TlsServerOptions::default() });
            let mut dialed = dial(&tls, echo.port, offer).unwrap();
            converse(&mut dialed);
            assert_eq!(dialed.report.tls.unwrap().alpn.as_deref(), agreed);
            assert_eq!(echo.end().unwrap().alpn.as_deref(), agreed);
        }
    }
}

#[test]
fn clones_resume_each_others_sessions() {
    let (ca, pair) = authority();
    let server = TlsServer::from_pem(&pair.cert, &pair.key, TlsServerOptions::default()).unwrap();
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let port = listener.local().port().unwrap();
    let thread = thread::spawn(move || {
        [(); 2].map(|()| {
            let sent = Arc::new(AtomicUsize::new(0));
            let counted = Counted { stream: listener.accept().unwrap().0, sent: sent.clone() };
            let (mut stream, info) = server.accept(Box::new(counted)).unwrap();
            let handshake = (sent.load(Ordering::SeqCst), info.resumed);
            stream.write_all(b"hello").unwrap();
            stream.shutdown_write().unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
            handshake
        })
    });
    let tls = ca.trusted(TlsBackend::Rustls);
    for (tls, is_resumed) in [(tls.clone(), false), (tls, true)] {
        let mut dialed = dial(&tls, port, &[]).unwrap();
        let mut got = String::new();
        dialed.stream.read_to_string(&mut got).unwrap();
        dialed.stream.shutdown_write().unwrap();
        let info = dialed.report.tls.unwrap();
        assert_eq!((got.as_str(), info.chain.len(), info.resumed), ("hello", 1, Some(is_resumed)));
    }
    let [(full, first), (resumed, second)] = thread.join().unwrap();
    assert_eq!((first, second), (Some(false), Some(true)));
    // A resumed handshake has no certificate in it (RFC 8446 section 2.2).
    assert!(resumed + 300 < full, "{resumed} bytes after {full}");
}

#[test]
fn tls_is_taken_off_again() {
    let (ca, pair) = authority();
    let server = TlsServer::from_pem(&pair.cert, &pair.key, TlsServerOptions::default()).unwrap();
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
    let port = listener.local().port().unwrap();
    let thread = thread::spawn(move || {
        let (mut stream, _) = server.accept(listener.accept().unwrap().0).unwrap();
        stream.write_all(b"agreed").unwrap();
        let mut plain = stream.into_plain().unwrap();
        let mut got = [0; 5];
        plain.read_exact(&mut got).unwrap();
        plain.write_all(&got).unwrap();
    });
    let mut stream = dial(&ca.trusted(TlsBackend::Rustls), port, &[]).unwrap().stream;
    let mut agreed = [0; 6];
    stream.read_exact(&mut agreed).unwrap();
    let mut plain = stream.into_plain().unwrap();
    plain.write_all(b"clear").unwrap();
    let mut got = String::new();
    plain.read_to_string(&mut got).unwrap();
    thread.join().unwrap();
    assert_eq!(got, "clear");
    // There is nothing to take off.
    assert_eq!(plain.into_plain().err().unwrap().kind(), ErrorKind::Unsupported);
}

/// Counts what its side sends.
struct Counted {
    stream: Box<dyn Stream>,
    sent: Arc<AtomicUsize>,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }
}

impl Write for Counted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.stream.write(buf)?;
        self.sent.fetch_add(n, Ordering::SeqCst);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Stream for Counted {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.stream.deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown_write()
    }
}

#[test]
fn a_conversation_can_be_upgraded() {
    let (ca, pair) = authority();
    for backend in backends() {
        let tls = TlsServer::from_pem(&pair.cert, &pair.key, TlsServerOptions::default()).unwrap();
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
        let to = listener.local().to_string().parse().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"ready\r\n").unwrap();
            let (mut stream, _) = tls.accept(stream).unwrap();
            stream.write_all(b"secret\r\n").unwrap();
            stream.shutdown_write().unwrap();
        });
        let dialer = Dialer::default().tls(ca.trusted(backend));
        let mut plain = dialer.dial(&to).unwrap().stream;
        let mut line = [0; 7];
        plain.read_exact(&mut line).unwrap();
        let (mut secure, info) = dialer.secure(plain, &"example.org".parse().unwrap(), &[]).unwrap();
        let mut got = String::new();
        secure.read_to_string(&mut got).unwrap();
        assert_eq!((got.as_str(), info.backend), ("secret\r\n", backend));
        server.join().unwrap();
    }
}

#[test]
fn an_end_without_close_notify_is_no_end() {
    let (ca, pair) = authority();
    for backend in backends() {
        for version in [TlsVersion::V1_2, TlsVersion::V1_3] {
            let options = TlsServerOptions { max_version: version, ..TlsServerOptions::default() };
            let tls = TlsServer::from_pem(&pair.cert, &pair.key, options).unwrap();
            let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
            let port = listener.local().port().unwrap();
            let server = thread::spawn(move || {
                let (stream, _) = listener.accept().unwrap();
                let (mut stream, _) = tls.accept(stream).unwrap();
                stream.write_all(b"half of it").unwrap();
                // Dropping sends a FIN and nothing else.
            });
            let mut dialed = dial(&ca.trusted(backend), port, &[]).unwrap();
            let mut got = Vec::new();
            let error = dialed.stream.read_to_end(&mut got).unwrap_err();
            assert_eq!(
                (error.kind(), got.as_slice()),
                (ErrorKind::UnexpectedEof, &b"half of it"[..]),
                "{backend}"
            );
            // It stays an error.
            assert_eq!(dialed.stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            server.join().unwrap();
        }
    }
}

/// A server in plain text: sends this, reads what there is, closes.
fn plain(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(answer).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    port
}

#[test]
fn a_port_that_does_not_speak_tls_is_said_to() {
    for backend in backends() {
        let tls = Tls::default().backend(backend).verify(false);
        let error = dial(&tls, plain(b"220 mail.example.org ready\r\n"), &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "TLS with example.org: handshake failed: what the peer sent is not TLS",
            "{backend}"
        );
        assert_eq!(error.hint(), Some("is the port speaking TLS?"));
        let error = dial(&tls, plain(b""), &[]).unwrap_err();
        assert!(matches!(error, NetError::Tls { why: TlsFault::Closed, .. }), "{backend}: {error:?}");
        assert_eq!(error.hint(), Some("is the port speaking TLS?"));
    }
}

#[test]
fn a_silent_server_ends_the_handshake_by_each_clock() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = Endpoint::from(listener.local_addr().unwrap());
    let short = Duration::from_millis(60);
    for backend in backends() {
        let dialer = Dialer::default().tls(Tls::default().backend(backend).verify(false));
        let error = dialer.clone().connect_timeout(short).dial_tls(&to, &[]).unwrap_err();
        let NetError::Timeout { clock: Clock::Connect, endpoint, tried } = error else { panic!("{error:?}") };
        assert_eq!((endpoint.as_ref(), tried.len()), (Some(&to), 1));
        let error = dialer.clone().idle_timeout(Some(short)).dial_tls(&to, &[]).unwrap_err();
        assert!(matches!(error, NetError::Timeout { clock: Clock::Idle, .. }), "{error:?}");
        let error = dialer.clone().deadline(Some(Instant::now() + short)).dial_tls(&to, &[]).unwrap_err();
        assert!(matches!(error, NetError::Timeout { clock: Clock::Total, .. }), "{error:?}");
        let plain = dialer.dial(&to).unwrap().stream;
        let error =
            dialer.connect_timeout(short).secure(plain, &"127.0.0.1".parse().unwrap(), &[]).err().unwrap();
        assert!(
            matches!(error, NetError::Timeout { clock: Clock::Connect, endpoint: None, .. }),
            "{error:?}"
        );
    }
}

#[test]
fn after_the_handshake_the_dialers_own_limits_hold() {
    let (ca, pair) = authority();
    for backend in backends() {
        let tls = TlsServer::from_pem(&pair.cert, &pair.key, TlsServerOptions::default()).unwrap();
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap(), 8).unwrap();
        let port = listener.local().port().unwrap();
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let (mut stream, _) = tls.accept(stream).unwrap();
            thread::sleep(Duration::from_millis(400));
            stream.write_all(b"late").unwrap();
            stream.shutdown_write().unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
        });
        let host: Host = "example.org".parse().unwrap();
        let dialer = Dialer::default()
            .resolve_override(host.clone(), port, [127, 0, 0, 1].into())
            .connect_timeout(Duration::from_millis(300))
            .tls(ca.trusted(backend));
        let mut stream = dialer.dial_tls(&Endpoint::new(host, port), &[]).unwrap().stream;
        stream.deadline(Some(Instant::now() + Duration::from_millis(20))).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::TimedOut);
        stream.deadline(None).unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).unwrap();
        assert_eq!(got, "late", "the connect limit is over and forgotten");
        stream.shutdown_write().unwrap();
        server.join().unwrap();
    }
}
