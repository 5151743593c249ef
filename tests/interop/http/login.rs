//! Basic login: every way to give a password, and what happens to the wrong one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{both, get, get_tls, request};
use crate::command::{Netkit, folder, netkit};
use crate::servers::{server, url};

const PAGE: &str = "only with a password\n";

fn private() -> Netkit {
    get("/private/")
}

#[test]
fn every_source_of_a_password_works() {
    let dir = folder();
    let netrc = dir.path().join("netrc");
    for (user, key) in [("alice", "ALICE_PASSWORD"), ("bob", "BOB_PASSWORD")] {
        // Bob's has characters that URLs and shells stumble over.
        let password = server(key);
        std::fs::write(
            &netrc,
            format!(
                "machine elsewhere login x password y\nmachine localhost login {user} password {password}\n"
            ),
        )
        .unwrap();
        owner_only(&netrc);
        for run in both("/private/") {
            run.option("-u", format!("{user}:{password}")).run().done().prints(PAGE);
        }
        private()
            .option("-u", user)
            .option("--password-command", format!("echo '{password}'; echo more"))
            .run()
            .done()
            .prints(PAGE);
        private().option("-u", user).env("NETKIT_PASSWORD", password).run().done().prints(PAGE);
        private().option("--netrc-file", &netrc).run().done().prints(PAGE);
        private().arg("--netrc").env("NETRC", netrc.to_str().unwrap()).run().done().prints(PAGE);
        let host = url("http", "HTTP_PORT", "/private/").replacen("http://", "", 1);
        let coded: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
        netkit("http get").arg(format!("http://{user}:{coded}@{host}")).run().done().prints(PAGE);
    }
}

fn owner_only(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_wrong_password_is_67_however_it_was_given() {
    let wrong = [
        private().words("-u alice:wrong"),
        private().words("-u nobody:secret"),
        private().words("-u alice --password-command").arg("echo wrong"),
        private().words("-u alice").env("NETKIT_PASSWORD", "wrong"),
        get_tls("/private/").words("-u alice:wrong"),
    ];
    for run in wrong {
        let run = run.run().fails(67, &["/private/: login failed: 401 Unauthorized"]);
        assert!(run.text().contains("401 Authorization Required"), "the page is printed: {}", run.text());
    }
}

#[test]
fn no_login_is_22_and_no_password_is_67() {
    for run in both("/private/") {
        let run = run.run().fails(22, &["the server answered 401 Unauthorized", "hint: -u NAME"]);
        assert!(run.text().contains("401 Authorization Required"));
    }
    private().words("-u alice").run().fails(67, &["no password for alice at localhost", "hint: "]).prints("");
    private().words("-u alice --password-command false").run().fails(67, &["password command"]).prints("");
}

#[test]
fn the_login_is_sent_and_never_shown() {
    let password = server("BOB_PASSWORD");
    let basic = STANDARD.encode(format!("bob:{password}"));
    let dir = folder();
    let trace = dir.path().join("trace");
    let echo = netkit("http get -v")
        .arg(url("http", "ODD_HTTP_PORT", "/x"))
        .option("-u", format!("bob:{password}"))
        .option("--trace", &trace);
    let run = echo.run().exits(0).says(&[
        "> GET /x HTTP/1.1\n",
        "\n> Authorization: ***\n",
        "\n< HTTP/1.1 200 OK\n",
    ]);
    // The echo itself is the answer, and an answer is shown as it came.
    let sent: String = run.stderr.lines().filter(|line| line.starts_with('>')).collect();
    assert!(!sent.contains(&basic) && !sent.contains(password), "{sent}");
    let traced = std::fs::read_to_string(&trace).unwrap();
    let sent: String = traced.lines().filter(|line| line.starts_with("C:")).collect();
    assert!(sent.contains("Authorization: ***") && !sent.contains(&basic), "{sent}");
    run.prints(request("GET /x", "ODD_HTTP_PORT", &[&format!("Authorization: Basic {basic}")], ""));

    let run = netkit("http get --offline")
        .arg(url("http", "ODD_HTTP_PORT", "/x"))
        .option("-u", format!("bob:{password}"))
        .run();
    run.done().prints(request("GET /x", "ODD_HTTP_PORT", &["Authorization: ***"], ""));
}

#[test]
fn a_token_goes_as_bearer() {
    let run = netkit("http get --token abc.def --auth bearer").arg(url("http", "ODD_HTTP_PORT", "/x")).run();
    run.done().prints(request("GET /x", "ODD_HTTP_PORT", &["Authorization: Bearer abc.def"], ""));
}
