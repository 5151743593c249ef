//! What a stream in memory shows best: answers that come too early, and each error by its name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::Credentials;
use netkit_imap::types::Mailbox;
use netkit_imap::{Client, Error, Login, Session};
use netkit_wire::{Conn, Fault, Limits, Memory};

fn session(answers: &str) -> Session {
    let greeting = "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n";
    let memory = Memory::new(format!("{greeting}{answers}").as_bytes());
    Client::new(Conn::new(Box::new(memory), Limits::default())).logged_in().unwrap()
}

#[test]
fn an_answer_before_its_question_is_none() {
    let mut early = session("* OK hm\r\nN0001 OK done\r\nN0002 OK early\r\n");
    assert!(matches!(early.noop(), Err(Error::Unexpected(_))), "all of it was there before the first word");
    assert!(matches!(early.noop(), Err(Error::Over(_))));
}

#[test]
fn each_error_has_its_name() {
    let limit = Limits::default();
    let client = |input: &str| Client::new(Conn::new(Box::new(Memory::new(input.as_bytes())), limit));
    assert!(matches!(client("").greeting(), Err(Error::Wire(_))));
    assert!(matches!(client("* BYE no\r\n").greeting(), Err(Error::Refused(_))));
    assert!(matches!(client("220 hi\r\n").greeting(), Err(Error::Unexpected(_))));
    let mut open = session("");
    assert!(matches!(open.namespace(), Err(Error::Unsupported(_))) && open.is_usable());
    assert!(matches!(open.raw("a\r\nb"), Err(Error::Invalid(_))) && open.is_usable());
    assert!(matches!("a\0".parse::<Mailbox>().map_err(Error::from), Err(Error::Invalid(_))));
    let login = Login { channel_is_private: true, ..Login::new("imap", "x", 143, "n") };
    let who = Credentials::password("a", "b").unwrap();
    let scram = "* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-1 SASL-IR] hi\r\n+ !\r\n";
    assert!(matches!(client(scram).login(&who, &login), Err(Error::Sasl(_) | Error::Wire(_))));
    let refused = netkit_socket::Dialer::default();
    let target = "imap://127.0.0.1:1/".parse().unwrap();
    assert!(matches!(netkit_imap::connect(&target, &refused, Default::default()), Err(Error::Net(_))));
}

/// A server that never stops telling does not fill the memory with what it tells.
#[test]
fn a_list_without_end_has_one() {
    let line = format!("* LIST () \"/\" \"{}\"\r\n", "x".repeat(30_000));
    let mut endless = session(&line.repeat(2_400));
    let told = endless.list("", "*");
    assert!(matches!(told, Err(Error::Wire(Fault::TooLong(_)))), "{:?}", told.map(|all| all.len()));
    assert!(!endless.is_usable());
}
