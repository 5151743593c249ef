//! The SMTP server and the SMTP client against each other, over real sockets; and clients that mean no good.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use netkit_auth::Credentials;
use netkit_auth::sasl::Mechanism;
use netkit_mock::{Server, Smtp, ThrowAway, World, script};
use netkit_smtp::{
    Client, CommandText, Domain, Envelope, Error, Login, Opening, Report, Security, Target, Unsupported,
    connect,
};
use netkit_socket::{Dialer, Tls};

struct Mock {
    world: Arc<World>,
    server: Server,
    dialer: Dialer,
}

impl Mock {
    fn start(change: impl FnOnce(Smtp) -> Smtp, secure: bool) -> Mock {
        let world = World::seeded();
        let authority = ThrowAway::new().unwrap();
        let service = Arc::new(change(Smtp::new(Arc::clone(&world))));
        let server = Server::start(service, 0, authority.server, secure).unwrap();
        Mock { world, server, dialer: Dialer::default().tls(Tls::default().ca_pem(authority.ca_pem)) }
    }

    fn connect(&self, security: Security) -> Result<(Client, Report), Error> {
        let target = Target::new(self.server.endpoint().clone(), security);
        connect(&target, &self.dialer, Opening::new(Domain::new("client.example.org").unwrap()))
    }

    /// What the server says to these bytes until it closes or `lines` lines have come.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.server.endpoint().to_string()).unwrap();
        stream.write_all(bytes).unwrap();
        // A server that has had enough may be gone already.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut said = Vec::new();
        // A reset behind the last words is fine: what came before it counts.
        let _ = stream.read_to_end(&mut said);
        String::from_utf8(said).unwrap()
    }
}

fn envelope(to: &[&str]) -> Envelope {
    Envelope { from: "a@example.org".parse().unwrap(), to: to.iter().map(|to| to.parse().unwrap()).collect() }
}

fn login(mechanism: Option<Mechanism>, exporter: Option<&[u8; 32]>) -> Login<'_> {
    Login {
        channel_is_private: true,
        mechanism,
        tls_exporter: exporter.map(|bytes| bytes.as_slice()),
        ..Login::new("smtp", "127.0.0.1", 25, "fyko+d2lbbFgONRv9qkxdawL")
    }
}

#[test]
fn a_message_arrives_as_it_was_sent() {
    let mock = Mock::start(|smtp| smtp, false);
    let (mut client, report) = mock.connect(Security::Plain).unwrap();
    assert!(report.channel_is_private() && report.before_tls.is_none());
    let message = "Subject: dots\r\n\r\n.\r\n..\r\nlast line";
    let delivery =
        client.send(&envelope(&["B@example.org", "reject@x.org", "defer@x.org"]), &mut Cursor::new(message));
    let codes: Vec<u16> = delivery.unwrap().recipients.iter().map(|one| one.reply.code().get()).collect();
    assert_eq!(codes, [250, 550, 450]);
    let nobody = client.send(&envelope(&["reject@x.org"]), &mut Cursor::new(message));
    assert!(matches!(nobody, Err(Error::NoRecipient(_))));
    let utf8 = client.send(&envelope(&["jörg@bücher.example"]), &mut Cursor::new("Grüße\r\n\r\nö\r\n"));
    assert!(utf8.is_ok());
    client.quit().unwrap();
    let mail = mock.world.mail();
    let [got] = mail.messages("b@example.org") else { panic!() };
    assert_eq!((got.from.as_str(), got.to.as_str()), ("a@example.org", "B@example.org"));
    assert_eq!(&*got.data, format!("{message}\r\n").as_bytes());
    assert_eq!(mail.messages("jörg@bücher.example").len(), 1);
    assert_eq!(mail.messages("reject@x.org").len(), 0);
}

#[test]
fn every_mechanism_logs_in_and_a_wrong_password_does_not() {
    let mock = Mock::start(Smtp::login_required, false);
    for mechanism in Mechanism::ALL {
        let (mut client, report) = mock.connect(Security::Starttls).unwrap();
        let exporter = report.dial.tls.as_ref().and_then(|tls| tls.exporter.as_ref());
        let login = |mechanism| login(mechanism, exporter);
        let good = Credentials::password("bob", "p@ss%w/rd#1").unwrap();
        let good = match mechanism.needs() {
            netkit_auth::sasl::Needs::Token => Credentials::token("alice", netkit_mock::TOKEN).unwrap(),
            netkit_auth::sasl::Needs::Password | netkit_auth::sasl::Needs::Nothing => good,
        };
        let good = if mechanism == Mechanism::External { Credentials::default() } else { good };
        let bad = Credentials::password("bob", "secret").unwrap().with_token("no");
        let early = client.send(&envelope(&["b@example.org"]), &mut Cursor::new("x"));
        assert!(matches!(early, Err(Error::Refused(reply)) if reply.code().is(530)));
        if mechanism != Mechanism::Anonymous {
            let refused = client.login(&bad, &login(Some(mechanism))).unwrap_err();
            assert!(refused.is_login(), "{mechanism}: {refused}");
        }
        client.login(&good, &login(Some(mechanism))).unwrap_or_else(|why| panic!("{mechanism}: {why}"));
        client.send(&envelope(&["b@example.org"]), &mut Cursor::new("x")).unwrap();
        assert!(
            matches!(client.login(&good, &login(Some(mechanism))), Err(Error::Refused(reply)) if reply.code().is(503))
        );
    }
    assert_eq!(mock.world.mail().messages("b@example.org").len(), Mechanism::ALL.len());
}

#[test]
fn tls_is_had_or_the_session_is_not() {
    let mock = Mock::start(|smtp| smtp, false);
    let (client, report) = mock.connect(Security::Opportunistic).unwrap();
    assert!(report.dial.tls.is_some());
    assert!(report.before_tls.unwrap().has("STARTTLS") && !client.capabilities().has("STARTTLS"));
    let secure = Mock::start(|smtp| smtp, true);
    let (client, report) = secure.connect(Security::Implicit).unwrap();
    assert!(report.dial.tls.is_some() && client.quit().is_ok());
    let stripped = Mock::start(|smtp| smtp.without("STARTTLS"), false);
    let refused = stripped.connect(Security::Starttls).unwrap_err();
    assert!(matches!(refused, Error::Unsupported(Unsupported::Extension("STARTTLS"))));
    assert!(stripped.connect(Security::Opportunistic).is_ok());
    // A certificate of somebody else's authority is refused under every policy that comes to TLS.
    let stranger = Mock {
        dialer: Dialer::default().tls(Tls::default().ca_pem(ThrowAway::new().unwrap().ca_pem)),
        ..mock
    };
    for security in [Security::Opportunistic, Security::Starttls] {
        assert!(matches!(stranger.connect(security), Err(Error::Net(_))), "{security:?}");
    }
}

/// RFC 3207 section 4: offered, then refused. The policy is kept and the user is told which it was.
#[test]
fn starttls_refused_is_tls_refused() {
    let script = "# RFC 3207 4\nS: 220 x\nC: EHLO client.example.org\nS: 250-x\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 not now";
    for security in [Security::Starttls, Security::Opportunistic] {
        let legs = script::Fixture::parse(script).unwrap().legs;
        let server = ThrowAway::new().unwrap().server;
        let network = script::Network::play(legs, script::Security::Plain, server).unwrap();
        let target = Target::new(network.endpoint().clone(), security);
        let hello = Domain::new("client.example.org").unwrap();
        let refused = connect(&target, &Dialer::default(), Opening::new(hello)).map(|_| ()).unwrap_err();
        assert!(matches!(&refused, Error::TlsRefused(reply) if reply.code().is(454)), "{refused}");
        assert!(!refused.connection_is_usable());
        assert_eq!(network.failure(), None);
    }
}

#[test]
fn questions_are_answered() {
    let mock = Mock::start(|smtp| smtp, false);
    let (mut client, _) = mock.connect(Security::Plain).unwrap();
    let text = |text: &str| CommandText::new(text).unwrap();
    assert!(client.vrfy(&text("b@example.org")).unwrap().code().is(252));
    assert!(client.expn(&text("all")).is_err());
    client.send(&envelope(&["b@example.org"]), &mut Cursor::new("x")).unwrap();
    assert!(client.vrfy(&text("b@example.org")).unwrap().code().is(250));
    assert_eq!(client.expn(&text("all")).unwrap().first(), b"2.1.5 <b@example.org>");
    assert!(client.help(None).unwrap().code().is(214));
    client.noop().unwrap();
    client.rset().unwrap();
}

#[test]
fn without_pipelining_and_its_kin_the_same_message_arrives() {
    let mock = Mock::start(|smtp| smtp.without("PIPELINING").without("SIZE").without("8BITMIME"), false);
    let (mut client, _) = mock.connect(Security::Plain).unwrap();
    client.send(&envelope(&["b@example.org"]), &mut Cursor::new("x")).unwrap();
    let eight_bit = client.send(&envelope(&["b@example.org"]), &mut Cursor::new("\nö"));
    assert!(matches!(eight_bit, Err(Error::Unsupported(Unsupported::Extension("8BITMIME")))));
    assert_eq!(mock.world.mail().messages("b@example.org").len(), 1);
}

/// SMTP smuggling (CVE-2023-51764 and its kin): none of these ends a message.
#[test]
fn only_a_dot_between_two_crlf_ends_a_message() {
    let mock = Mock::start(|smtp| smtp, false);
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n"] {
        let said = mock.raw(
            format!(
                "EHLO x\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\none{end}MAIL FROM:<evil@x.org>\r\n\
                 RCPT TO:<c@x.org>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n"
            )
            .as_bytes(),
        );
        assert_eq!(said.matches("\r\n354 ").count(), 1, "{end:?}: {said}");
    }
    let mail = mock.world.mail();
    assert_eq!((mail.messages("b@x.org").len(), mail.messages("c@x.org").len()), (6, 0));
}

#[test]
fn hostile_clients_meet_their_limits() {
    let mock = Mock::start(|smtp| smtp, false);
    let last = |said: &str| said.lines().last().unwrap_or_default().to_owned();
    assert_eq!(last(&mock.raw(&"FOO\r\n".repeat(40).into_bytes())), "421 4.7.0 too many errors");
    assert_eq!(last(&mock.raw(&vec![b'x'; 20_000])), "500 5.5.6 line too long");
    assert!(last(&mock.raw(b"NOOP\n")).starts_with("500 5.5.2"));
    // Bytes behind STARTTLS in clear text: the conversation ends, nothing of them is obeyed.
    assert_eq!(last(&mock.raw(b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@x.org>\r\n")), "220 2.0.0 go ahead");
    let many = "RCPT TO:<b@x.org>\r\n".repeat(1001);
    let said = mock.raw(format!("EHLO x\r\nMAIL FROM:<a@x.org>\r\n{many}QUIT\r\n").as_bytes());
    assert_eq!(said.matches("452 4.5.3").count(), 1);
    for (commands, code) in [
        ("MAIL FROM:<a@x.org>\r\n", "503"),
        ("EHLO x\r\nRCPT TO:<a@x.org>\r\n", "503"),
        ("EHLO x\r\nDATA\r\n", "503"),
        ("EHLO x\r\nMAIL FROM:<a@x.org>\r\nMAIL FROM:<a@x.org>\r\n", "503"),
        ("EHLO x\r\nMAIL FROM:<a@x.org> SIZE=99999999\r\n", "552"),
        ("EHLO x\r\nMAIL FROM:<a@x.org> X=1\r\n", "555"),
        ("HELO x\r\nMAIL FROM:<a@x.org> SIZE=1\r\n", "555"),
        ("EHLO x\r\nMAIL FROM:<ö@x.org>\r\n", "550"),
        ("EHLO x\r\nAUTH NTLM\r\n", "504"),
        ("EHLO x\r\nAUTH PLAIN !\r\n", "501"),
        ("EHLO x\r\nAUTH PLAIN\r\n*\r\n", "501"),
        ("AUTH PLAIN\r\n", "503"),
        ("STARTTLS\r\n", "503"),
    ] {
        assert_eq!(last(&mock.raw(commands.as_bytes())).get(..3), Some(code), "{commands}");
    }
}

#[test]
fn a_message_past_the_limit_is_refused_when_it_was_not_announced() {
    let mock = Mock::start(|smtp| smtp, false);
    let mut bytes = b"EHLO x\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<b@x.org>\r\nDATA\r\n".to_vec();
    let line = [&[b'x'; 998][..], b"\r\n"].concat();
    for _ in 0..(26 << 20) / line.len() {
        bytes.extend_from_slice(&line);
    }
    bytes.extend_from_slice(b".\r\nNOOP\r\nQUIT\r\n");
    let said = mock.raw(&bytes);
    assert!(said.contains("552 5.3.4 too large") && said.contains("221 2.0.0 bye"), "{said}");
    assert_eq!(mock.world.mail().messages("b@x.org").len(), 0);
}
