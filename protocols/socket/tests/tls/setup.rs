//! Options that cannot work are found before a byte is sent.

use std::net::TcpListener;

use netkit_socket::{
    Dialer, Endpoint, NetError, Roots, SetupFault, Tls, TlsBackend, TlsFault, TlsServer, TlsServerOptions,
};

use crate::pki::{Authority, backends, self_signed};

/// Dials a listener that would notice; returns the fault.
fn fault(tls: Tls) -> SetupFault {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let error = Dialer::default().tls(tls).dial_tls(&listener.local_addr().unwrap().into(), &[]).unwrap_err();
    assert!(listener.accept().is_err(), "nothing was dialed");
    match error {
        NetError::Tls { why: TlsFault::Setup(fault), .. } => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_that_are_missing_or_hold_something_else_are_named() {
    let ca = Authority::new("Test CA");
    let (one, two) = (ca.sign(&["a.example"]), ca.sign(&["b.example"]));
    let cert = ca.file("one.pem", &one.cert);
    let key = ca.file("one.key", &one.key);
    let other_key = ca.file("two.key", &two.key);
    let text = ca.file("text", "no PEM at all");
    let missing = text.with_file_name("missing");
    for backend in backends() {
        let tls = || Tls::default().backend(backend);
        assert!(
            matches!(fault(tls().ca_file(&missing)), SetupFault::Unreadable { path, .. } if path == missing)
        );
        assert!(
            matches!(fault(tls().ca_file(&text)), SetupFault::NoCertificate { path } if path == Some(text.clone()))
        );
        assert!(matches!(fault(tls().client_cert(&missing, &key)), SetupFault::Unreadable { .. }));
        assert!(matches!(fault(tls().client_cert(&key, &key)), SetupFault::NoCertificate { .. }));
        assert!(
            matches!(fault(tls().client_cert(&cert, &text)), SetupFault::NoKey { path } if path == Some(text.clone()))
        );
        assert!(matches!(fault(tls().client_cert(&cert, &other_key)), SetupFault::KeyMismatch), "{backend}");
    }
}

#[test]
fn tls_needs_a_name() {
    let dir = tempfile::tempdir().unwrap();
    let error = Dialer::default().dial_tls(&Endpoint::Unix(dir.path().join("none")), &[]).unwrap_err();
    assert!(matches!(error, NetError::Tls { why: TlsFault::Setup(SetupFault::NoName), .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("--sni"));
}

#[cfg(not(feature = "native-tls"))]
#[test]
fn a_backend_that_was_not_built_in_is_said_to_be_missing() {
    let tls = Tls::default().backend(TlsBackend::Native);
    let error = Dialer::default().tls(tls).dial_tls(&"127.0.0.1:9".parse().unwrap(), &[]).unwrap_err();
    assert!(matches!(error, NetError::Tls { why: TlsFault::BackendMissing, .. }), "{error:?}");
}

#[cfg(feature = "native-tls")]
#[test]
fn what_a_backend_cannot_do_is_refused() {
    let tls = Tls::default().backend(TlsBackend::Native).roots(Roots::Webpki);
    let error = Dialer::default().tls(tls).dial_tls(&"127.0.0.1:9".parse().unwrap(), &[]).unwrap_err();
    assert!(matches!(error, NetError::Unsupported { .. }), "{error:?}");
}

#[test]
fn built_in_roots_trust_no_stranger() {
    let pair = self_signed("example.org", false);
    let echo = crate::pki::Echo::start(&pair, TlsServerOptions::default());
    let tls = Tls::default().backend(TlsBackend::Rustls).roots(Roots::Webpki);
    let error = crate::pki::dial(&tls, echo.port, &[]).unwrap_err();
    assert!(matches!(error, NetError::Tls { why: TlsFault::Certificate { .. }, .. }), "{error:?}");
}

/// The environment is a process's own, so the client is another process: this test, run again.
#[test]
fn ssl_cert_file_replaces_the_systems_roots() {
    const PORT: &str = "NETKIT_SOCKET_TEST_PORT";
    if let Ok(port) = std::env::var(PORT) {
        for backend in backends() {
            let tls = Tls::default().backend(backend);
            crate::pki::converse(&mut crate::pki::dial(&tls, port.parse().unwrap(), &[]).unwrap());
        }
        return;
    }
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org"]);
    let server = crate::pki::Echo::start_for(&pair, TlsServerOptions::default(), backends().len());
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "setup::ssl_cert_file_replaces_the_systems_roots"])
        .env(PORT, server.port.to_string())
        .env("SSL_CERT_FILE", ca.file("ca.pem", &ca.pem))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
    server.end().unwrap();
}

#[test]
fn a_servers_pem_is_checked_when_it_is_made() {
    let ca = Authority::new("Test CA");
    let (one, two) = (ca.sign(&["a.example"]), ca.sign(&["b.example"]));
    let fault = |chain: &str, key: &str, options| match TlsServer::from_pem(chain, key, options).unwrap_err()
    {
        NetError::Tls { why: TlsFault::Setup(fault), .. } => fault,
        other => panic!("{other:?}"),
    };
    let plain = TlsServerOptions::default;
    assert!(matches!(fault("", &one.key, plain()), SetupFault::NoCertificate { path: None }));
    assert!(matches!(fault(&one.cert, "", plain()), SetupFault::NoKey { path: None }));
    assert!(matches!(fault(&one.cert, &two.key, plain()), SetupFault::KeyMismatch));
    let options = TlsServerOptions { client_ca: Some("text".to_owned()), ..plain() };
    assert!(matches!(fault(&one.cert, &one.key, options), SetupFault::NoCertificate { .. }));
}
