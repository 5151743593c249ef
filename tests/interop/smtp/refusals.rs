//! What the server does not take: 22, each address with the server's words.

use super::mailbox::{delivered, is_absent, token};
use super::{QUEUED, send};
use crate::command::netkit;
use crate::servers::url;

#[test]
fn a_refused_recipient_is_22_and_named() {
    for (address, reply) in [
        (
            "reject@example.test",
            "550 5.7.1 <reject@example.test>: Recipient address rejected: Refused by policy",
        ),
        ("defer@example.test", "450 4.7.1 <defer@example.test>: Recipient address rejected: Come back later"),
        ("nobody@example.test", "550 5.1.1 "),
        ("someone@example.com", "554 5.7.1 <someone@example.com>: Relay access denied"),
    ] {
        let run = send("SMTP_PORT").words("--from ada@example.org --body x --to").arg(address).run();
        run.fails(22, &[&format!("{address} ({reply}")]).prints("");
    }
}

#[test]
fn every_refused_recipient_is_named() {
    let run = send("SMTP_PORT")
        .words("--from ada@example.org --body x --to reject@example.test --to defer@example.test")
        .run();
    run.fails(22, &["reject@example.test (550 5.7.1 ", "defer@example.test (450 4.7.1 "]).prints("");
}

#[test]
fn the_other_recipient_gets_it_all_the_same() {
    for (port, order) in [
        ("SMTP_PORT", "--to reject@example.test --to alice@example.test"),
        ("SMTP_PORT", "--to alice@example.test --cc reject@example.test"),
        // Without PIPELINING the dialogue is another one.
        ("SMTP_BARE_PORT", "--to reject@example.test --to alice@example.test"),
    ] {
        let token = token();
        let run = send(port)
            .words("--from ada@example.org --body x")
            .words(order)
            .option("--subject", &token)
            .run();
        let run = run.fails(22, &["the server refused reject@example.test (550 5.7.1 "]);
        assert!(run.text().starts_with(&format!("sent to 1 of 2 recipients: {QUEUED}")), "{}", run.text());
        delivered("alice", &token);
    }
}

#[test]
fn json_names_the_refused_too() {
    let to = "--to reject@example.test --to alice@example.test";
    let run = send("SMTP_PORT").words("--json --from ada@example.org --body x").words(to).run().exits(22);
    let result = run.object();
    assert_eq!(result["state"], "sent");
    let (refused, taken) = (&result["recipients"][0], &result["recipients"][1]);
    assert_eq!((&refused["address"], &refused["accepted"]), (&"reject@example.test".into(), &false.into()));
    assert_eq!((&refused["code"], &refused["enhanced"]), (&550.into(), &"5.7.1".into()));
    assert_eq!((&taken["address"], &taken["accepted"]), (&"alice@example.test".into(), &true.into()));
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&error["error"]["code"], &error["error"]["kind"]), (&22.into(), &"refused".into()));
}

#[test]
fn a_refused_sender_is_22_and_nothing_is_delivered() {
    let (refused, later) = (token(), token());
    let run = send("SMTP_PORT")
        .words("--from blocked@example.test --to alice@example.test --body x --subject")
        .arg(&refused)
        .run();
    run.fails(22, &["553 5.7.1 <blocked@example.test>: Sender address rejected: Not from you"]).prints("");
    send("SMTP_PORT")
        .words("--from ada@example.org --to alice@example.test --body x --subject")
        .arg(&later)
        .run()
        .done();
    delivered("alice", &later);
    assert!(is_absent("alice", &refused));
}

#[test]
fn a_bad_argument_is_2_and_nobody_is_asked() {
    // The port is closed: had it been tried, the code would be 7.
    for words in [
        "--to alice@example.test --body x",
        "--from ada@example.org --body x",
        "--from ada --to alice@example.test --body x",
    ] {
        netkit("smtp send").arg(url("smtp", "CLOSED_PORT", "")).words(words).run().fails(2, &[]).prints("");
    }
    let run =
        netkit("smtp send").arg(url("smtp", "CLOSED_PORT", "")).words("--from ada@example.org --body x --to");
    run.arg("a@example.test>\r\nRCPT TO:<bob@example.test").run().fails(2, &[]).prints("");
}

#[test]
fn a_missing_file_is_26_and_nobody_is_asked() {
    let run = netkit("smtp send")
        .arg(url("smtp", "CLOSED_PORT", ""))
        .words("none.eml --mail-from a@example.org --rcpt b@example.test");
    run.run().fails(26, &["none.eml", "No such file"]).prints("");
}
