//! TLS: versions, trust, pins, names, client certificates, with each library of this build.

use serde_json::Value;

use crate::command::{Netkit, netkit};
use crate::servers::{backends, contents, server, url};

/// `netkit http get` over TLS, without trusting anybody yet.
fn get(port: &str, path: &str, backend: &str) -> Netkit {
    netkit("http get").arg(url("https", port, path)).option("--tls-backend", backend)
}

fn trusting(port: &str, path: &str, backend: &str) -> Netkit {
    get(port, path, backend).option("--cacert", server("CA_FILE"))
}

/// The pin of the key behind that port, as a probe prints it.
fn pin(port: &str) -> String {
    let run = netkit("http probe --json -k").arg(url("https", port, "/")).run().done();
    let report: Value = run.object();
    report["tls"]["chain"][0]["pin"].as_str().unwrap().to_owned()
}

#[test]
fn each_version_is_spoken_and_the_name_is_asked_for() {
    for backend in backends() {
        for (port, version) in
            [("HTTPS_PORT", "1.3"), ("HTTPS_TLS12_PORT", "1.2"), ("HTTPS_TLS13_PORT", "1.3")]
        {
            let run = trusting(port, "/headers", backend).run().done();
            assert!(
                run.text().contains(&format!("\r\nX-Tls: TLSv{version} localhost\r\n")),
                "{}",
                run.text()
            );
            trusting(port, "/data.bin", backend).run().done().prints(contents("HTTP_ROOT", "data.bin"));
        }
    }
}

#[test]
fn an_older_version_than_allowed_is_35() {
    for backend in backends() {
        trusting("HTTPS_TLS13_PORT", "/hello.txt", backend)
            .words("--tls-min 1.3")
            .run()
            .done()
            .prints("hello, world\n");
        let run = trusting("HTTPS_TLS12_PORT", "/hello.txt", backend).words("--tls-min 1.3").run();
        run.fails(35, &["TLS with localhost: handshake failed"]).prints("");
        // No TLS there at all.
        trusting("HTTP_PORT", "/", backend).run().fails(35, &["TLS with localhost", "hint: "]).prints("");
    }
}

#[test]
fn trust_is_given_by_file_or_environment_and_by_nothing_else() {
    for backend in backends() {
        get("HTTPS_PORT", "/hello.txt", backend)
            .env("SSL_CERT_FILE", server("CA_FILE"))
            .run()
            .done()
            .prints("hello, world\n");
        let selfsigned =
            get("HTTPS_SELFSIGNED_PORT", "/hello.txt", backend).option("--cacert", server("SELFSIGNED_FILE"));
        selfsigned.run().done().prints("hello, world\n");
    }
    let run = get("HTTPS_PORT", "/hello.txt", "rustls").words("--roots webpki").run();
    run.fails(60, &["no trusted authority has signed it"]).prints("");
    get("HTTPS_PORT", "/", "rustls").run().fails(2, &["no trusted roots", "hint: --roots webpki"]).prints("");
    get("HTTPS_PORT", "/", "rustls")
        .words("--cacert no-such-file")
        .run()
        .fails(26, &["no-such-file"])
        .prints("");
}

#[test]
fn insecure_takes_any_certificate() {
    for backend in backends() {
        for port in ["HTTPS_PORT", "HTTPS_EXPIRED_PORT", "HTTPS_WRONGHOST_PORT", "HTTPS_SELFSIGNED_PORT"] {
            get(port, "/hello.txt", backend).arg("-k").run().done().prints("hello, world\n");
        }
    }
}

#[test]
fn a_pin_takes_one_key_and_no_other() {
    let (right, other) = (pin("HTTPS_PORT"), pin("HTTPS_EXPIRED_PORT"));
    assert!(right.starts_with("sha256//") && right != other, "{right} {other}");
    for backend in backends() {
        trusting("HTTPS_PORT", "/hello.txt", backend)
            .option("--pin", &right)
            .run()
            .done()
            .prints("hello, world\n");
        let run = trusting("HTTPS_PORT", "/hello.txt", backend).option("--pin", &other).run();
        run.fails(60, &["its key is not the pinned one", &right]).prints("");
        // The pin holds also where nothing else is checked.
        let run = get("HTTPS_PORT", "/hello.txt", backend).arg("-k").option("--pin", &other).run();
        run.fails(60, &["its key is not the pinned one"]).prints("");
    }
    get("HTTPS_PORT", "/", "rustls").words("--pin sha256//short").run().exits(2).prints("");
}

#[test]
fn a_client_certificate_is_shown_where_it_is_asked_for() {
    for backend in backends() {
        let page = trusting("HTTPS_CLIENT_CERT_PORT", "/headers", backend);
        let run =
            page.option("--cert", server("CLIENT_CERT")).option("--key", server("CLIENT_KEY")).run().done();
        assert!(run.text().contains("\r\nX-Client: CN=alice\r\n"), "{}", run.text());
        let run =
            trusting("HTTPS_CLIENT_CERT_PORT", "/headers", backend).run().fails(22, &["400 Bad Request"]);
        assert!(run.text().contains("No required SSL certificate was sent"), "{}", run.text());
    }
    let half = trusting("HTTPS_CLIENT_CERT_PORT", "/", "rustls").option("--cert", server("CLIENT_CERT"));
    half.run().exits(2).says(&["--key"]).prints("");
}

#[test]
fn a_name_may_be_resolved_by_hand() {
    for backend in backends() {
        let (port, name) = (server("HTTPS_WRONGHOST_PORT"), "other.example.test");
        let run = netkit("http get")
            .arg(format!("https://{name}:{port}/headers"))
            .option("--cacert", server("CA_FILE"));
        let run = run
            .option("--resolve", format!("{name}:{port}:127.0.0.1"))
            .option("--tls-backend", backend)
            .run()
            .done();
        assert!(
            run.text().contains(&format!("\r\nHost: {name}:{port}\r\nX-Tls: TLSv1.3 {name}\r\n")),
            "{}",
            run.text()
        );

        let port = server("HTTPS_PORT");
        let run = trusting("HTTPS_PORT", "/hello.txt", backend)
            .option("--resolve", format!("localhost:{port}:127.0.0.1"));
        run.run().done().prints("hello, world\n");
        let run = trusting("HTTPS_PORT", "/", backend)
            .option("--resolve", format!("localhost:{port}:127.0.0.2"))
            .run();
        run.fails(7, &[&format!("127.0.0.2:{port}: Connection refused")]);

        // The name that is asked for and checked may be another than the host's; an address has a certificate too.
        get("HTTPS_WRONGHOST_PORT", "/hello.txt", backend)
            .option("--sni", name)
            .option("--cacert", server("CA_FILE"))
            .run()
            .done()
            .prints("hello, world\n");
        let run = netkit("http get")
            .arg(format!("https://127.0.0.1:{port}/hello.txt"))
            .option("--tls-backend", backend);
        run.option("--cacert", server("CA_FILE")).run().done().prints("hello, world\n");
    }
}

#[cfg(not(feature = "native-tls"))]
#[test]
fn a_library_that_is_not_built_in_is_4() {
    trusting("HTTPS_PORT", "/", "native").run().fails(4, &["native"]).prints("");
}
