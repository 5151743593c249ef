//! AUTH: each mechanism that dovecot judges, and passwords that are never shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mailbox::{delivered, field, token};
use super::{QUEUED, send};
use crate::command::{Netkit, folder, netkit};
use crate::servers::{place, server, url};

const PASSWORDS: [&str; 6] = ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"];
const TOKENS: [&str; 2] = ["XOAUTH2", "OAUTHBEARER"];

fn letter(run: Netkit, token: &str) -> Netkit {
    run.words("--from ada@example.org --to alice@example.test --body x --subject").arg(token)
}

/// stderr has no secret: neither as it is, nor in base64, whatever stood before it.
#[track_caller]
fn assert_no_secret(text: &str, user: &str, secret: &str) {
    let mut forms = vec![secret.to_owned(), STANDARD.encode(format!("\0{user}\0{secret}"))];
    for before in ["", "x", "xx"] {
        // The characters that no neighbour has a part in.
        let whole = STANDARD.encode(format!("{before}{secret}"));
        let (from, until) = (before.len().div_ceil(3) * 4, (before.len() + secret.len()) / 3 * 4);
        forms.push(whole[from..until].to_owned());
    }
    for form in forms {
        assert!(form.len() >= 4 && !text.contains(&form), "{form} in {text}");
    }
}

#[test]
fn each_mechanism_logs_in_and_hides_the_password() {
    for mechanism in PASSWORDS {
        for (user, key) in [("alice", "ALICE_PASSWORD"), ("bob", "BOB_PASSWORD")] {
            let (token, password) = (token(), server(key));
            let run = letter(send("SMTP_PORT"), &token).words("-v --starttls --auth").arg(mechanism);
            let run = run.option("-u", format!("{user}:{password}")).run().exits(0);
            let run = run.says(&[
                &format!("> AUTH {mechanism}"),
                "***\n",
                "\n< 235 2.7.0 Authentication successful\n",
            ]);
            assert!(run.text().starts_with(&format!("sent: {QUEUED}")), "{}", run.text());
            assert_no_secret(&run.stderr, user, password);
            // The A in it says that the server knew who it was (RFC 3848).
            assert!(field(&delivered("alice", &token), "Received").contains("with ESMTPSA "));
        }
    }
}

#[test]
fn each_token_mechanism_logs_in_and_hides_the_token() {
    let secret = server("ALICE_TOKEN");
    for mechanism in TOKENS {
        let run = letter(send("SMTP_PORT"), "x").words("-v --starttls -u alice --auth").arg(mechanism);
        let run = run.option("--token", secret).run().exits(0);
        let run =
            run.says(&[&format!("> AUTH {mechanism} ***\n"), "\n< 235 2.7.0 Authentication successful\n"]);
        assert_no_secret(&run.stderr, "alice", secret);
    }
}

#[test]
fn a_wrong_password_is_67_by_each_mechanism() {
    for mechanism in PASSWORDS {
        let run = letter(send("SMTP_PORT"), "x").words("-u alice:wrong --auth").arg(mechanism).run();
        run.fails(67, &["535 5.7.8"]).prints("");
    }
    for mechanism in TOKENS {
        let run = letter(send("SMTP_PORT"), "x").words("-u alice --token wrong --auth").arg(mechanism).run();
        run.fails(67, &["the server refused the token"]).prints("");
    }
}

#[test]
fn submission_takes_mail_from_those_who_log_in_only() {
    for (scheme, port) in [("submission", "SUBMISSION_PORT"), ("smtps", "SMTPS_PORT")] {
        let run = || netkit("smtp send").arg(url(scheme, port, "")).option("--cacert", server("CA_FILE"));
        let sent = token();
        letter(run(), &sent).option("-u", format!("bob:{}", server("BOB_PASSWORD"))).run().done();
        assert!(field(&delivered("alice", &sent), "Received").contains("with ESMTPSA "));
        letter(run(), "x").run().fails(22, &["554 5.7.1"]).prints("");
        letter(run(), "x").words("-u bob:wrong").run().fails(67, &["535 5.7.8"]).prints("");
    }
}

#[test]
fn a_password_comes_from_every_source() {
    let (dir, password) = (folder(), server("BOB_PASSWORD"));
    let netrc = dir.path().join("netrc");
    std::fs::write(&netrc, format!("machine localhost login bob password {password}\n")).unwrap();
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&netrc, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let runs = [
        letter(send("SMTP_PORT"), "x")
            .words("-u bob")
            .option("--password-command", format!("echo '{password}'")),
        letter(send("SMTP_PORT"), "x").words("-u bob").env("NETKIT_PASSWORD", password),
        letter(send("SMTP_PORT"), "x").option("--netrc-file", &netrc),
    ];
    for run in runs {
        let run = run.arg("-v").run().exits(0).says(&["\n< 235 2.7.0 Authentication successful\n"]);
        assert_no_secret(&run.stderr, "bob", password);
    }
    letter(send("SMTP_PORT"), "x")
        .words("-u bob")
        .run()
        .fails(67, &["no password for bob at localhost"])
        .prints("");
}

#[test]
fn a_server_without_auth_is_no_place_to_log_in() {
    let run = letter(netkit("smtp send").arg(place("SMTP_BARE_PORT")), "x").words("-u alice:secret").run();
    run.fails(67, &["the server does not offer AUTH"]).prints("");
}

#[test]
fn an_unknown_mechanism_is_a_usage_error() {
    let run = letter(send("SMTP_PORT"), "x").words("-u alice:secret --auth ROT13").run();
    run.fails(2, &["--auth ROT13", "not a SASL mechanism"]).prints("");
}
