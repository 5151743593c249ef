//! TLS by STARTTLS and from the first byte; never less than was asked for.

use super::mailbox::{delivered, field, token};
use super::{QUEUED, send};
use crate::command::{Netkit, netkit};
use crate::servers::{backends, place, server, url};

fn letter(run: Netkit, token: &str) -> Netkit {
    run.words("--from ada@example.org --to alice@example.test --body x --subject").arg(token)
}

/// How the message with that token came to the server, by its own account.
#[track_caller]
fn received(token: &str) -> String {
    field(&delivered("alice", token), "Received")
}

#[test]
fn starttls_is_taken_where_it_is_offered() {
    for backend in backends() {
        for option in ["", "--starttls"] {
            let token = token();
            let run =
                letter(send("SMTP_PORT"), &token).words(option).option("--tls-backend", backend).run().done();
            assert!(run.text().starts_with(&format!("sent: {QUEUED}")), "{}", run.text());
            let received = received(&token);
            assert!(received.contains("using TLSv1.3 ") && received.contains("with ESMTPS "), "{received}");
        }
    }
}

#[test]
fn plain_is_plain() {
    let token = token();
    letter(send("SMTP_PORT"), &token).arg("--plain").run().done();
    let received = received(&token);
    assert!(!received.contains("TLS") && received.contains("with ESMTP "), "{received}");
}

#[test]
fn tls_from_the_first_byte_by_url_and_by_option() {
    for backend in backends() {
        let runs = [
            netkit("smtp send").arg(url("smtps", "SMTPS_PORT", "")),
            netkit("smtp send").arg(url("submissions", "SMTPS_PORT", "")),
            netkit("smtp send --tls").arg(place("SMTPS_PORT")),
        ];
        for run in runs {
            let token = token();
            let run =
                letter(run, &token).option("--cacert", server("CA_FILE")).option("--tls-backend", backend);
            run.words("-u alice:secret").run().done();
            assert!(received(&token).contains("with ESMTPSA "));
        }
    }
}

#[test]
fn a_server_without_starttls_is_64_where_tls_was_asked_for() {
    for run in [
        netkit("smtp send --starttls").arg(place("SMTP_BARE_PORT")),
        netkit("smtp send").arg(url("submission", "SMTP_BARE_PORT", "")),
    ] {
        letter(run, "x").run().fails(64, &["the server does not offer STARTTLS"]).prints("");
    }
    let token = token();
    letter(netkit("smtp send").arg(place("SMTP_BARE_PORT")), &token).run().done();
    assert!(!received(&token).contains("TLS"));
}

#[test]
fn the_wrong_authority_is_60_over_starttls_and_nothing_falls_back_to_plain() {
    for backend in backends() {
        for option in ["", "--starttls"] {
            let run = letter(netkit("smtp send -v").arg(place("SMTP_PORT")), "x")
                .words(option)
                .option("--tls-backend", backend);
            let run = run.option("--cacert", server("OTHER_CA_FILE")).run().exits(60).prints("");
            let run =
                run.says(&["\n> STARTTLS\n", "certificate refused: no trusted authority has signed it"]);
            assert!(!run.stderr.contains("> MAIL"), "{}", run.stderr);
        }
        let run = letter(netkit("smtp send").arg(url("smtps", "SMTPS_PORT", "")), "x")
            .option("--cacert", server("OTHER_CA_FILE"));
        run.option("--tls-backend", backend)
            .run()
            .fails(60, &["no trusted authority has signed it"])
            .prints("");
    }
}

#[test]
fn insecure_and_trusted_self_signed_certificates_work() {
    for backend in backends() {
        let at = |port| {
            letter(netkit("smtp send").arg(url("smtps", port, "")), "x").option("--tls-backend", backend)
        };
        for port in ["SMTPS_EXPIRED_PORT", "SMTPS_WRONGHOST_PORT", "SMTPS_SELFSIGNED_PORT"] {
            at(port).arg("-k").run().done();
        }
        at("SMTPS_SELFSIGNED_PORT").option("--cacert", server("SELFSIGNED_FILE")).run().done();
    }
}

#[test]
fn submission_wants_tls_before_anything_else() {
    let run = letter(netkit("smtp send --plain").arg(place("SUBMISSION_PORT")), "x").run();
    // 530: who sends must be known first (RFC 4954 section 6); this server wants TLS before that (RFC 3207 section 4).
    run.fails(67, &["530 5.7.0 Must issue a STARTTLS command first"]).prints("");
}

#[test]
fn tls_spoken_to_a_plain_port_is_35() {
    for backend in backends() {
        let run =
            netkit("smtp probe").arg(url("smtps", "SMTP_PORT", "")).option("--cacert", server("CA_FILE"));
        run.option("--tls-backend", backend).run().fails(35, &["TLS with localhost"]).prints("");
    }
}
