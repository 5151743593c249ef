//! Which certificates are believed, and the reason given for each that is not.

use netkit_socket::{CertFault, NetError, Tls, TlsBackend, TlsFault, TlsServerOptions};

use crate::pki::{Authority, Echo, Pair, backends, converse, dial, dial_as, self_signed};

fn reason(result: Result<netkit_socket::Dialed, NetError>) -> CertFault {
    match result {
        Err(NetError::Tls { why: TlsFault::Certificate { reason }, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

/// Dials a server that shows `pair`, as `host`, and returns why its certificate was refused.
fn refused(tls: &Tls, host: &str, pair: &Pair) -> CertFault {
    let echo = Echo::start(pair, TlsServerOptions::default());
    let reason = reason(dial_as(host, tls, echo.port, &[]));
    assert!(echo.end().is_err(), "nothing may be said to a server that was refused");
    reason
}

#[test]
fn a_trusted_certificate_is_believed_and_told_about() {
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org", "127.0.0.1"]);
    for backend in backends() {
        let echo = Echo::start(&pair, TlsServerOptions::default());
        let mut dialed = dial(&ca.trusted(backend), echo.port, &[]).unwrap();
        converse(&mut dialed);
        let info = dialed.report.tls.unwrap();
        assert_eq!(info.backend, backend);
        let leaf = &info.chain[0];
        assert_eq!(leaf.names, ["example.org", "127.0.0.1"]);
        assert_eq!(leaf.issuer, "CN=Test CA");
        assert_eq!((leaf.not_before, leaf.not_after), (1_577_836_800, 3_786_912_000));
        assert_eq!((leaf.sha256.len(), leaf.spki_pin.len()), (64, 52));
        assert!(!leaf.serial.is_empty());
        echo.end().unwrap();
        // An address is checked as an address.
        let echo = Echo::start(&pair, TlsServerOptions::default());
        converse(&mut dial_as("127.0.0.1", &ca.trusted(backend), echo.port, &[]).unwrap());
    }
}

#[test]
fn each_bad_certificate_is_refused_for_its_own_reason() {
    let ca = Authority::new("Test CA");
    for backend in backends() {
        let tls = ca.trusted(backend);
        let stranger = Authority::new("Another CA").sign(&["example.org"]);
        assert_eq!(refused(&tls, "example.org", &stranger), CertFault::UnknownIssuer);
        assert_eq!(
            refused(&tls, "example.org", &ca.sign_for(&["example.org"], (2020, 2021))),
            CertFault::Expired
        );
        assert_eq!(
            refused(&tls, "example.org", &ca.sign_for(&["example.org"], (2089, 2090))),
            CertFault::NotYetValid
        );
        assert_eq!(refused(&tls, "example.org", &self_signed("example.org", false)), CertFault::SelfSigned);
        let CertFault::WrongHost { expected, presented } =
            refused(&tls, "example.org", &ca.sign(&["example.net"]))
        else {
            panic!()
        };
        assert_eq!(expected, "example.org");
        if backend == TlsBackend::Rustls {
            assert_eq!(presented, ["example.net"]);
            let authority = refused(&tls, "example.org", &self_signed("example.org", true));
            assert_eq!(authority, CertFault::CaUsedAsEndEntity);
        }
        let by_address = refused(&tls, "127.0.0.1", &ca.sign(&["example.org"]));
        assert!(matches!(by_address, CertFault::WrongHost { .. }), "{by_address:?}");
    }
}

#[test]
fn the_error_says_whom_and_why_and_what_to_do() {
    let ca = Authority::new("Test CA");
    let echo = Echo::start(&ca.sign(&["example.net"]), TlsServerOptions::default());
    let error = dial(&ca.trusted(TlsBackend::Rustls), echo.port, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "TLS with example.org: certificate refused: it is not for example.org but for example.net"
    );
    assert!(error.hint().unwrap().contains("--sni"));
}

#[test]
fn a_self_signed_certificate_can_be_trusted_itself() {
    let pair = self_signed("example.org", false);
    let ca = Authority::new("unused");
    for backend in backends() {
        let echo = Echo::start(&pair, TlsServerOptions::default());
        let tls = Tls::default().backend(backend).ca_file(ca.file("self.pem", &pair.cert));
        converse(&mut dial(&tls, echo.port, &[]).unwrap());
    }
}

#[test]
fn without_verification_anything_goes_but_the_wrong_key() {
    let pair = self_signed("example.net", true);
    for backend in backends() {
        let insecure = Tls::default().backend(backend).verify(false);
        let echo = Echo::start(&pair, TlsServerOptions::default());
        let mut dialed = dial(&insecure, echo.port, &[]).unwrap();
        converse(&mut dialed);
        let pin = dialed.report.tls.unwrap().chain[0].spki_pin.clone();

        let echo = Echo::start(&pair, TlsServerOptions::default());
        let other = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let either = insecure.clone().pin(&format!("{other};{pin}")).unwrap();
        converse(&mut dial(&either, echo.port, &[]).unwrap());

        let wrong = insecure.pin(other).unwrap();
        assert_eq!(refused(&wrong, "example.org", &pair), CertFault::PinMismatch { presented: pin });
    }
}

#[test]
fn a_pin_comes_on_top_of_the_other_checks() {
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org"]);
    for backend in backends() {
        let echo = Echo::start(&pair, TlsServerOptions::default());
        let mut dialed = dial(&ca.trusted(backend), echo.port, &[]).unwrap();
        converse(&mut dialed);
        let pin = dialed.report.tls.unwrap().chain[0].spki_pin.clone();
        let stranger = Authority::new("Another CA");
        let pinned = stranger.trusted(backend).pin(&pin).unwrap();
        assert_eq!(refused(&pinned, "example.org", &pair), CertFault::UnknownIssuer);
    }
}

#[test]
fn another_name_can_be_asked_for_and_is_the_one_checked() {
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org"]);
    for backend in backends() {
        let echo = Echo::start(&pair, TlsServerOptions::default());
        let tls = ca.trusted(backend).sni("example.org".parse().unwrap());
        converse(&mut dial_as("127.0.0.1", &tls, echo.port, &[]).unwrap());
        let tls = ca.trusted(backend).sni("example.com".parse().unwrap());
        let wrong = refused(&tls, "example.org", &pair);
        assert!(matches!(wrong, CertFault::WrongHost { .. }), "{wrong:?}");
    }
}

#[test]
fn a_server_can_ask_for_a_certificate() {
    let ca = Authority::new("Test CA");
    let pair = ca.sign(&["example.org"]);
    let client = ca.sign(&["client.example.org"]);
    let options = || TlsServerOptions { client_ca: Some(ca.pem.clone()), ..TlsServerOptions::default() };
    for backend in backends() {
        let shown = ca
            .trusted(backend)
            .client_cert(ca.file("client.pem", &client.cert), ca.file("client.key", &client.key));
        let echo = Echo::start(&pair, options());
        converse(&mut dial(&shown, echo.port, &[]).unwrap());
        assert_eq!(echo.end().unwrap().chain[0].names, ["client.example.org"]);

        let echo = Echo::start(&pair, options());
        // In TLS 1.3 the client's handshake is over before the server has looked at the certificate: then the
        // refusal comes with the first read.
        if let Ok(mut dialed) = dial(&ca.trusted(backend), echo.port, &[]) {
            let error = std::io::Read::read(&mut dialed.stream, &mut [0]).unwrap_err();
            assert_ne!(error.kind(), std::io::ErrorKind::TimedOut, "{error}");
        }
        let error = echo.end().unwrap_err();
        assert!(matches!(error, NetError::Tls { why: TlsFault::Certificate { .. }, .. }), "{error:?}");
    }
}

/// DANE (RFC 7671): the DNS names the server's own certificate, whatever its name and time, or an authority of its chain.
#[test]
fn what_the_dns_names_is_believed_and_nothing_else() {
    use netkit_socket::dns::Tlsa;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    use sha2::{Digest, Sha256, Sha512};

    let ca = Authority::new("Test CA");
    let pair = ca.sign_for(&["another.example"], (2020, 2021));
    let der = CertificateDer::from_pem_slice(pair.cert.as_bytes()).unwrap();
    let record = |usage, matching, data: Vec<u8>| Tlsa { usage, selector: 0, matching, data };
    let own = [
        record(3, 0, der.to_vec()),
        record(3, 1, Sha256::digest(&der).to_vec()),
        record(3, 2, Sha512::digest(&der).to_vec()),
    ];
    for good in own {
        let tls = Tls::default().dane(vec![record(3, 1, vec![0; 32]), good.clone()]);
        let echo = Echo::start(&pair, TlsServerOptions::default());
        converse(&mut dial_as("example.org", &tls, echo.port, &[]).unwrap());
        // The same data, with a meaning that is not spoken, or in another form, names nothing.
        let usage = Tlsa { usage: 1, ..good.clone() };
        let form = Tlsa { matching: 9, ..good };
        assert_eq!(
            refused(&Tls::default().dane(vec![usage, form]), "example.org", &pair),
            CertFault::NotInDns
        );
    }
    assert_eq!(refused(&Tls::default().dane(Vec::new()), "example.org", &pair), CertFault::NotInDns);

    // The other library cannot look: it is not left to judge by its own lights.
    let blind = Tls::default().backend(TlsBackend::Native).dane(Vec::new());
    let echo = Echo::start(&pair, TlsServerOptions::default());
    assert!(matches!(dial_as("example.org", &blind, echo.port, &[]), Err(NetError::Tls { .. })));

    // An authority: the name and the time count again.
    let anchor = CertificateDer::from_pem_slice(ca.pem.as_bytes()).unwrap();
    let tls = Tls::default().dane(vec![record(2, 0, anchor.to_vec())]);
    let echo = Echo::start(&ca.sign(&["example.org"]), TlsServerOptions::default());
    converse(&mut dial_as("example.org", &tls, echo.port, &[]).unwrap());
    assert_eq!(
        refused(&tls, "example.org", &ca.sign_for(&["example.org"], (2020, 2021))),
        CertFault::Expired
    );
    assert!(matches!(
        refused(&tls, "example.org", &ca.sign(&["other.example"])),
        CertFault::WrongHost { .. }
    ));
    let stranger = Authority::new("Another CA").sign(&["example.org"]);
    assert_ne!(refused(&tls, "example.org", &stranger), CertFault::Expired);
}
