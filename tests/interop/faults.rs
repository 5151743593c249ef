//! Servers that are not there, say nothing, or are not who they should be: the same for every protocol.

use std::net::ToSocketAddrs;

use crate::command::{Netkit, netkit};
use crate::servers::{backends, place, server, url};

/// A run over plain TCP of each protocol to the port of that key.
fn plain(port: &str) -> [Netkit; 4] {
    let at = place(port);
    [
        netkit("http get").arg(&at),
        netkit("gopher menu").arg(&at),
        netkit("smtp send").arg(&at).words("--from a@example.org --to alice@example.test --body x"),
        netkit("smtp probe").arg(&at),
    ]
}

/// The same in TLS from the first byte.
fn secure(port: &str) -> [Netkit; 3] {
    [
        netkit("http get").arg(url("https", port, "/")),
        netkit("gopher menu").arg(url("gophers", port, "/")),
        netkit("smtp probe").arg(url("smtps", port, "")),
    ]
}

#[test]
fn a_closed_port_is_7_and_every_address_is_named() {
    let addresses: Vec<String> =
        place("CLOSED_PORT").to_socket_addrs().unwrap().map(|a| format!("{a}: Connection refused")).collect();
    assert!(!addresses.is_empty());
    let named: Vec<&str> = addresses.iter().map(String::as_str).collect();
    for run in plain("CLOSED_PORT").into_iter().chain(secure("CLOSED_PORT")) {
        run.run().fails(7, &["could not connect to localhost:"]).says(&named).prints("");
    }
}

#[test]
fn a_server_that_never_speaks_is_28_by_the_idle_clock() {
    for run in plain("STALLED_PORT") {
        run.words("--timeout 300ms").run().fails(28, &["idle time limit"]).prints("");
    }
}

#[test]
fn a_handshake_that_is_not_answered_is_28_by_the_connect_clock() {
    for backend in backends() {
        for run in secure("STALLED_PORT") {
            let run = run.option("--tls-backend", backend).words("--connect-timeout 300ms").run();
            run.fails(28, &["connect time limit", "hint: --connect-timeout"]).prints("");
        }
    }
}

#[test]
fn the_clock_over_everything_is_28_wherever_it_runs_out() {
    for run in plain("STALLED_PORT").into_iter().chain(secure("STALLED_PORT")) {
        run.words("--max-time 300ms").run().fails(28, &["total time limit"]).prints("");
    }
}

#[test]
fn a_name_that_nobody_has_is_6() {
    for verb in ["http get", "gopher menu", "smtp probe"] {
        netkit(verb).arg("nobody.invalid").run().fails(6, &["could not resolve nobody.invalid"]).prints("");
    }
}

#[test]
fn an_ipv6_address_is_tried_alone_when_it_is_named() {
    // The servers listen on 127.0.0.1.
    let port = server("HTTP_PORT");
    let run = netkit("http get").arg(format!("http://[::1]:{port}/")).run();
    let run = run.fails(7, &[&format!("could not connect to [::1]:{port}: [::1]:{port}: ")]).prints("");
    assert!(!run.stderr.contains("127.0.0.1"), "{}", run.stderr);
    netkit("http get -4").arg(url("http", "HTTP_PORT", "/hello.txt")).run().done().prints("hello, world\n");
}

#[test]
fn a_certificate_that_the_trusted_authority_did_not_sign_is_60() {
    for backend in backends() {
        for port in ["HTTPS_PORT", "HTTPS_TLS12_PORT", "HTTPS_TLS13_PORT", "GOPHERS_PORT", "SMTPS_PORT"] {
            let run = match port {
                "GOPHERS_PORT" => netkit("gopher get").arg(url("gophers", port, "/0/hello.txt")),
                "SMTPS_PORT" => netkit("smtp probe").arg(url("smtps", port, "")),
                _ => netkit("http get").arg(url("https", port, "/")),
            };
            let run = run.option("--cacert", server("OTHER_CA_FILE")).option("--tls-backend", backend).run();
            run.fails(60, &["TLS with localhost: certificate refused: no trusted authority has signed it"])
                .says(&["hint: --cacert FILE"])
                .prints("");
        }
    }
}

#[test]
fn each_bad_certificate_is_60_with_its_reason() {
    let bad = [
        ("EXPIRED", "it has expired"),
        ("WRONGHOST", "it is not for localhost"),
        ("SELFSIGNED", "it is self-signed"),
    ];
    for backend in backends() {
        for (name, reason) in bad {
            let runs = [
                netkit("http get").arg(url("https", &format!("HTTPS_{name}_PORT"), "/")),
                netkit("smtp probe").arg(url("smtps", &format!("SMTPS_{name}_PORT"), "")),
            ];
            for run in runs {
                let run = run.option("--cacert", server("CA_FILE")).option("--tls-backend", backend).run();
                run.fails(60, &[&format!("certificate refused: {reason}"), "hint: "]).prints("");
            }
        }
    }
    let run = netkit("http get")
        .arg(url("https", "HTTPS_WRONGHOST_PORT", "/"))
        .option("--cacert", server("CA_FILE"));
    run.run().fails(60, &["it is not for localhost but for other.example.test"]);
}

#[test]
fn a_protocol_spoken_to_the_wrong_server_is_8() {
    netkit("http get")
        .arg(place("SMTP_PORT"))
        .run()
        .fails(8, &["broke its protocol", "220 mail.example.test"])
        .prints("");
    netkit("gopher menu")
        .arg(place("HTTP_PORT") + "/1/x")
        .run()
        .fails(8, &["the answer is not a menu", "HTTP/1.1 400 Bad Request"])
        .prints("");
    netkit("smtp probe --timeout 1s").arg(place("ODD_HTTP_PORT")).run().exits(28).says(&["idle time limit"]);
}
