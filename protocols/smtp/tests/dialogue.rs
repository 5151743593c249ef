//! The client against scripted servers, for what a transcript cannot show: traces, bounds, state and errors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex};

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_smtp::command::{Mail, Noop, Raw, Rcpt, Vrfy};
use netkit_smtp::types::BodyKind;
use netkit_smtp::{Client, CommandText, Domain, Envelope, Error, Login, Options, Survey, Unsupported};
use netkit_wire::{Conn, Fault, Limits, Memory, Tap};
use proptest::prelude::*;

const HELLO: &str = "220 x\r\n250-x\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-STARTTLS\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN\r\n";

/// A client that has said EHLO, and what it wrote.
fn client(server: &str) -> (Client, Arc<Mutex<Vec<u8>>>) {
    let memory = Memory::new(format!("{HELLO}{server}").as_bytes());
    let written = memory.written();
    let mut client = Client::new(Conn::new(Box::new(memory), Limits::default()));
    client.ehlo(&hello()).unwrap();
    written.lock().unwrap().clear();
    (client, written)
}

fn hello() -> Domain {
    Domain::new("client.example.org").unwrap()
}

fn said(written: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(std::mem::take(&mut *written.lock().unwrap())).unwrap()
}

fn envelope() -> Envelope {
    Envelope { from: "a@example.org".parse().unwrap(), to: vec!["b@example.org".parse().unwrap()] }
}

fn login(channel_is_private: bool) -> Login<'static> {
    Login { channel_is_private, ..Login::new("smtp", "x", 25, "fyko+d2lbbFgONRv9qkxdawL") }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Tap for Log {
    fn sent(&mut self, bytes: &[u8]) {
        *self.0.lock().unwrap() += &String::from_utf8_lossy(bytes);
    }
    fn received(&mut self, _: &[u8]) {}
    fn note(&mut self, _: &str) {}
}

#[test]
fn no_login_reaches_a_log() {
    let secret = Credentials::password("user", "hunter2").unwrap();
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        let (mut client, written) = client("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n");
        let log = Log::default();
        client.conn().set_tap(Box::new(log.clone()));
        let _ = client.login(&secret, &Login { mechanism: Some(mechanism), ..login(true) });
        let seen = log.0.lock().unwrap().clone();
        assert!(seen.starts_with(&format!("AUTH {mechanism}")) && seen.contains("***\r\n"), "{seen}");
        let sent = said(&written);
        for word in sent.split([' ', '\r', '\n']).filter(|word| word.len() > 5) {
            assert!(!seen.contains(word) || word == "LOGIN" || word == "PLAIN", "{word} in {seen}");
        }
    }
}

#[test]
fn starttls_forgets_and_asks_again() {
    let (mut client, written) = client("220 go\r\n250-x\r\n250 SIZE 5\r\n");
    // The second half of the script is what comes through the new layer.
    let upgraded = Memory::new(b"250-x\r\n250 SIZE 5\r\n");
    let inside = upgraded.written();
    let plain = Memory::new(format!("{HELLO}220 go\r\n").as_bytes()).in_pieces(1);
    let mut fresh = Client::new(Conn::new(Box::new(plain), Limits::default()));
    fresh.ehlo(&hello()).unwrap();
    let offers = fresh.starttls(|_| Ok(Box::new(upgraded))).unwrap();
    assert!(!offers.has("STARTTLS") && offers.size_limit() == Some(5));
    assert_eq!(said(&inside), "EHLO client.example.org\r\n");
    // In one piece with the 220 the same bytes are an attack.
    let leftover = client.starttls(Ok).unwrap_err();
    assert!(matches!(leftover, Error::Wire(Fault::Leftover(19))), "{leftover}");
    assert_eq!(said(&written), "STARTTLS\r\n");
    let secret = Credentials::password("user", "hunter2").unwrap();
    assert!(client.login(&secret, &login(true)).is_err() && said(&written).is_empty());
    assert!(!client.is_usable() && matches!(client.noop(), Err(Error::Over)));
}

#[test]
fn a_failed_handshake_ends_the_session() {
    let (mut client, written) = client("220 go\r\n");
    let failed = client.starttls(|_| Err(io::Error::other("certificate"))).unwrap_err();
    assert!(matches!(failed, Error::Wire(Fault::Io { .. })) && !failed.connection_is_usable());
    assert!(matches!(client.send(&envelope(), &mut Cursor::new("x")), Err(Error::Over)));
    assert_eq!(said(&written), "STARTTLS\r\n");
}

#[test]
fn queued_commands_leave_together_and_barriers_part_them() {
    let (mut client, written) = client("250 one\r\n250 two\r\n550 three\r\n250 four\r\n");
    let first = client.queue(Mail::new("a@example.org".parse().unwrap())).unwrap();
    let second = client.queue(Rcpt::new("b@example.org".parse().unwrap())).unwrap();
    let third = client.queue(Vrfy(CommandText::new("b").unwrap())).unwrap();
    assert_eq!(said(&written), "");
    // Answers may be asked for in any order.
    assert!(matches!(client.wait(third), Err(Error::Refused(_))));
    assert_eq!(said(&written), "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nVRFY b\r\n");
    assert_eq!(client.wait(second).unwrap().first(), b"two");
    assert_eq!(client.wait(first).unwrap().first(), b"one");
    assert_eq!(client.run(Noop(None)).unwrap().first(), b"four");
    assert!(matches!(client.run(Raw::new("ETRN").unwrap()), Err(Error::Wire(Fault::Closed(_)))));
}

/// RFC 2920 section 3.1: more than a window of commands is never out without answers.
#[test]
fn ten_thousand_recipients_do_not_fill_both_sides() {
    let replies = format!("250 ok\r\n{}354 go\r\n250 done\r\n", "250 ok\r\n".repeat(10_000));
    let (mut client, _) = client(&replies);
    let mut transaction = client.transaction(Mail::new("a@example.org".parse().unwrap())).unwrap();
    for i in 0..10_000 {
        transaction.rcpt(Rcpt::new(format!("recipient-{i}@example.org").parse().unwrap())).unwrap();
    }
    assert_eq!(transaction.data(&mut Cursor::new("x")).unwrap().recipients.len(), 10_000);
}

/// Gives `left` bytes and then an error.
struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.0.min(to.len()).min(10);
        self.0 -= n;
        to[..n].fill(b'x');
        if n == 0 { Err(io::Error::other("disk")) } else { Ok(n) }
    }
}

#[test]
fn a_message_that_goes_wrong_on_its_way_is_never_ended() {
    let endings: [(&mut dyn Read, Option<BodyKind>); 3] = [
        (&mut Failing(30), None),
        (&mut Cursor::new("Grüße"), None),
        (&mut Cursor::new("x".repeat(999)), Some(BodyKind::EightBit)),
    ];
    for (message, body) in endings {
        let (mut client, written) = client("250 ok\r\n250 ok\r\n354 go\r\n250 never\r\n");
        let mail = Mail { body, ..Mail::new("a@example.org".parse().unwrap()) };
        let mut transaction = client.transaction(mail).unwrap();
        transaction.rcpt(Rcpt::new("b@example.org".parse().unwrap())).unwrap();
        let error = transaction.data(message).unwrap_err();
        assert!(matches!(error, Error::Source(_)) && !error.connection_is_usable(), "{error}");
        assert!(!client.is_usable() && !said(&written).contains("\r\n.\r\n"));
    }
}

#[test]
fn a_large_message_takes_little_memory_and_arrives_whole() {
    let (mut client, written) = client("250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n");
    let mut transaction = client.transaction(Mail::new("a@example.org".parse().unwrap())).unwrap();
    transaction.rcpt(Rcpt::new("b@example.org".parse().unwrap())).unwrap();
    let line = format!(".{}\n", "x".repeat(99));
    transaction.data(&mut Cursor::new(line.repeat(50_000))).unwrap();
    assert!(client.conn().outbox().capacity() < 512 << 10, "{}", client.conn().outbox().capacity());
    let sent = said(&written);
    let body = sent.split_once("DATA\r\n").unwrap().1;
    assert_eq!(body.len(), 50_000 * (line.len() + 2) + 3);
}

#[test]
fn sizes_are_refused_before_a_byte_is_sent() {
    let (mut client, written) = client("");
    let error = client.send(&envelope(), &mut Cursor::new("x\r\n".repeat(400_000))).unwrap_err();
    assert!(matches!(error, Error::Unsupported(Unsupported::Size { size: 1_200_000, limit: 1_000_000 })));
    assert!(error.connection_is_usable() && !error.is_transient());
    let nobody = Envelope { to: Vec::new(), ..envelope() };
    assert!(matches!(client.send(&nobody, &mut Cursor::new("x")), Err(Error::Invalid(_))));
    let begun =
        client.transaction(Mail::new("a@example.org".parse().unwrap())).unwrap().data(&mut Cursor::new("x"));
    assert!(matches!(begun, Err(Error::Invalid(_))));
    assert_eq!(said(&written), "");
}

#[test]
fn errors_say_what_may_be_tried_again() {
    let error = |server: &str| client(server).0.send(&envelope(), &mut Cursor::new("x")).unwrap_err();
    for (server, transient, usable) in [
        ("450 later\r\n503 x\r\n503 x\r\n", true, true),
        ("550 no\r\n503 x\r\n503 x\r\n", false, true),
        ("421 bye\r\n", true, false),
        ("250 ok\r\n450 later\r\n554 nobody\r\n", true, true),
        ("250 ok\r\n550 no\r\n554 nobody\r\n", false, true),
        ("250 ok\r\n250 ok\r\n354 go\r\n", false, false),
        ("250 ok\r\n250 ok\r\n", true, false),
        ("nonsense\r\n", false, false),
        ("354 go\r\n250 ok\r\n250 ok\r\n", false, false),
    ] {
        let error = error(server);
        assert_eq!(
            (error.is_transient(), error.connection_is_usable()),
            (transient, usable),
            "{server:?}: {error:?}"
        );
    }
    assert!(matches!(error("250 ok\r\n250 ok\r\n354 go\r\n"), Error::OutcomeUnknown(_)));
}

/// What the survey says is what goes over the wire, whatever the line ends and wherever the reads are cut.
fn wire_form(message: &[u8]) -> Vec<u8> {
    let memory = Memory::new(
        b"220 x\r\n250-x\r\n250-8BITMIME\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n",
    );
    let written = memory.written();
    let mut client = Client::new(Conn::new(Box::new(memory), Limits::default()));
    client.ehlo(&hello()).unwrap();
    let mail = Mail { body: Some(BodyKind::EightBit), ..Mail::new("a@example.org".parse().unwrap()) };
    let mut transaction = client.transaction(mail).unwrap();
    transaction.rcpt(Rcpt::new("b@example.org".parse().unwrap())).unwrap();
    transaction.data(&mut Cursor::new(message)).unwrap();
    let sent = written.lock().unwrap().clone();
    let at = sent.windows(6).position(|w| w == b"DATA\r\n").unwrap() + 6;
    sent[at..].to_vec()
}

proptest! {
    #[test]
    fn no_message_can_end_itself(pieces in prop::collection::vec(prop::sample::select(vec!["\r", "\n", "\r\n", ".", "a", "\u{e9}", "QUIT"]), 0..30)) {
        let message = pieces.concat();
        let sent = wire_form(message.as_bytes());
        let body = sent.strip_suffix(b".\r\n").unwrap();
        prop_assert!(body.is_empty() || body.ends_with(b"\r\n"));
        let mut size = 0;
        for line in body.split_inclusive(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\r\n").unwrap();
            prop_assert!(!line.iter().any(|b| matches!(b, b'\r' | b'\n')));
            prop_assert!(line != b"." && (!line.starts_with(b".") || line.starts_with(b"..")));
            size += (line.len() + 2 - usize::from(line.starts_with(b"."))) as u64;
        }
        let survey = Survey::of(&mut Cursor::new(&message)).unwrap();
        prop_assert_eq!(survey.size, size);
        prop_assert_eq!(survey.eight_bit, !message.is_ascii());
    }

    #[test]
    fn no_server_makes_the_client_panic(server in prop::collection::vec(prop::sample::select(vec!["250 ok\r\n", "250-x\r\n", "354 go\r\n", "334 AAAA\r\n", "235 ok\r\n", "421 x\r\n", "550 5.1.1\r\n", "2", "\r\n", "\n", "999\r\n"]), 0..12)) {
        let secret = Credentials::password("user", "hunter2").unwrap();
        let (mut client, _) = client(&server.concat());
        let _ = client.login(&secret, &login(true));
        let _ = client.send(&envelope(), &mut Cursor::new("x"));
        let _ = client.vrfy(&CommandText::new("x").unwrap());
        let _ = client.starttls(Ok).map(|_| ());
        let _ = client.quit();
    }
}

#[test]
fn a_rehearsal_is_what_a_willing_server_would_get() {
    let sent =
        netkit_smtp::rehearse(&hello(), &envelope(), &Options::default(), &mut Cursor::new("Grüße\n."))
            .unwrap();
    assert_eq!(
        String::from_utf8(sent).unwrap(),
        "EHLO client.example.org\r\nMAIL FROM:<a@example.org> SIZE=12 BODY=8BITMIME SMTPUTF8\r\n\
         RCPT TO:<b@example.org>\r\nDATA\r\nGrüße\r\n..\r\n.\r\nQUIT\r\n"
    );
    let long = "x".repeat(999);
    assert!(matches!(
        netkit_smtp::rehearse(&hello(), &envelope(), &Options::default(), &mut Cursor::new(long)),
        Err(Error::Invalid(_))
    ));
}
