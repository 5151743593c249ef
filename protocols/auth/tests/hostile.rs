//! Servers that lie, and servers that babble: each lie is named, no babble panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::http::{Authorization, parse_challenges};
use netkit_auth::netrc::Netrc;
use netkit_auth::sasl::scram::{ChannelBinding, ScramClient, ScramHash};
use netkit_auth::sasl::{
    self, Client, Field, Login, MAX_MESSAGE, Mechanism, Needs, Rejection, SaslError, ServerSetup, ServerStep,
};
use netkit_auth::{Credentials, Secret};
use proptest::prelude::*;

const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL";
const FULL: &str = "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";

fn card() -> Credentials {
    Credentials::password("user", "pencil").unwrap().with_token("ya29.x")
}

/// What both ends of a TLS connection export from it.
const EXPORTER: &[u8] = b"thirty-two bytes of one TLS hands";

fn login() -> Login<'static> {
    Login { tls_exporter: Some(EXPORTER), ..Login::new("smtp", "mail.example.org", 25, NONCE) }
}

fn setup() -> ServerSetup {
    ServerSetup {
        iterations: 2,
        tls_exporter: Some(EXPORTER.to_vec()),
        ..ServerSetup::new("mail.example.org", "3rfcNHYJY1ZVvWVs7j")
    }
}

fn client(mechanism: Mechanism) -> Box<dyn Client> {
    sasl::client(mechanism, &card(), &login()).unwrap()
}

/// The client's error upon this `server-first-message`.
fn scram_refuses(server_first: &str) -> SaslError {
    let mut client = client(Mechanism::ScramSha1);
    client.initial();
    let error = client.respond(server_first.as_bytes()).unwrap_err();
    assert_eq!(client.respond(server_first.as_bytes()), Err(SaslError::UnexpectedChallenge), "spent");
    assert_eq!(client.finish(), Err(SaslError::ServerUnverified));
    error
}

/// RFC 5802 section 5.1, `r`: the client must verify that the nonce begins with its own; section 9 says why.
#[test]
fn scram_foreign_nonce() {
    let foreign = ["abc", "", "Fyko+d2lbbFgONRv9qkxdawL3rfc", NONCE, "xfyko+d2lbbFgONRv9qkxdawL"];
    for nonce in foreign {
        assert_eq!(scram_refuses(&format!("r={nonce},s=QSXC,i=4096")), SaslError::ForeignNonce, "{nonce}");
    }
    assert_eq!(scram_refuses(&format!("r={NONCE}\u{e9},s=QSXC,i=4096")), SaslError::ForeignNonce);
    assert_eq!(scram_refuses(&format!("r={NONCE} x,s=QSXC,i=4096")), SaslError::ForeignNonce);
}

#[test]
fn scram_iterations_out_of_bounds() {
    for (count, asked) in [
        ("1", 1),
        ("999", 999),
        ("10000001", 10_000_001),
        ("2147483648", 1 << 31),
        ("9".repeat(99).as_str(), u32::MAX),
    ] {
        let error = scram_refuses(&format!("r={FULL},s=QSXC,i={count}"));
        assert_eq!(error, SaslError::Iterations { asked, least: 1_000, most: 10_000_000 });
    }
    let mut lenient = ScramClient::new(ScramHash::Sha1, &card(), NONCE).unwrap().with_iterations(1..=2);
    lenient.initial();
    assert!(lenient.respond(format!("r={FULL},s=QSXC,i=1").as_bytes()).is_ok());
}

#[test]
fn scram_mandatory_extension_and_broken_grammar() {
    assert_eq!(scram_refuses(&format!("m=x,r={FULL},s=QSXC,i=4096")), SaslError::MandatoryExtension);
    assert_eq!(scram_refuses("e=unknown-user"), SaslError::ServerError("unknown-user".into()));
    assert_eq!(scram_refuses(&format!("r={FULL},s=QS C,i=4096")), SaslError::NotBase64);
    for broken in ["", "r", "\u{feff}", "r=,s=,i=", "s=QSXC,i=4096"] {
        assert!(matches!(scram_refuses(broken), SaslError::Malformed(_)), "{broken:?}");
    }
}

/// A client that has sent its proof and waits for the server's.
fn scram_at_the_end() -> Box<dyn Client> {
    let mut client = client(Mechanism::ScramSha1);
    client.initial();
    client.respond(format!("r={FULL},s=QSXCR+Q6sek8bf92,i=4096").as_bytes()).unwrap();
    client
}

/// RFC 5802 section 3: the client must compare the server's signature; a bad one, none at all, `e=`: none is success.
#[test]
fn scram_server_that_does_not_know_the_password() {
    assert_eq!(scram_at_the_end().finish(), Err(SaslError::ServerUnverified));
    for (last, error) in [
        ("v=rmF9pqV8S7suAoZWja4dJRkFsKA=", SaslError::WrongServerSignature),
        ("v=rmF9", SaslError::WrongServerSignature),
        ("v=", SaslError::WrongServerSignature),
        ("v=!", SaslError::NotBase64),
        ("", SaslError::Malformed("no server signature")),
        ("e=invalid-proof", SaslError::ServerError("invalid-proof".into())),
        ("e=other,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", SaslError::ServerError("other".into())),
    ] {
        let mut client = scram_at_the_end();
        assert_eq!(client.respond(last.as_bytes()), Err(error), "{last}");
        assert!(!client.done());
        assert_eq!(client.finish(), Err(SaslError::ServerUnverified));
        let right = client.respond(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
        assert_eq!(right, Err(SaslError::UnexpectedChallenge), "no second guess after {last}");
    }
    let mut honest = scram_at_the_end();
    assert!(honest.respond(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").is_ok());
    assert_eq!(honest.respond(b""), Err(SaslError::UnexpectedChallenge));
}

/// What a server sent cannot move the cursor of the terminal its error is shown on.
#[test]
fn server_error_is_shown_escaped() {
    let shown = scram_refuses("e=\x1b[2Jgotcha").to_string();
    assert!(shown.contains("gotcha") && !shown.contains('\x1b'), "{shown}");
}

/// RFC 5802 section 6: the GS2 header goes into `c=` as it was sent, so a flag changed on the way is noticed.
#[test]
fn scram_gs2_header_is_bound() {
    let bo = card().acting_as("b,o=").unwrap();
    let mut client =
        ScramClient::new(ScramHash::Sha256, &bo, NONCE).unwrap().with_binding(ChannelBinding::NotOffered);
    let first = client.initial().unwrap();
    assert_eq!(first.expose(), format!("y,a=b=2Co=3D,n=user,r={NONCE}").as_bytes());
    let setup = ServerSetup::new("h", "server");
    let honest = |first: &[u8]| {
        let mut server = sasl::server(Mechanism::ScramSha256, &bo, &setup);
        let ServerStep::Challenge(challenge) = server.challenge(Some(first)) else { panic!("no challenge") };
        (server, challenge)
    };
    let (mut server, challenge) = honest(first.expose());
    let last = client.respond(&challenge).unwrap();
    assert!(last.expose().starts_with(b"c=eSxhPWI9MkNvPTNELA==,"));
    let accepted = server.challenge(Some(last.expose()));
    assert!(matches!(&accepted, ServerStep::Success { user, .. } if user == "b,o="), "{accepted:?}");
    let struck = first.expose_str().unwrap().replacen('y', "n", 1);
    let (mut server, _) = honest(struck.as_bytes());
    assert_eq!(server.challenge(Some(last.expose())), ServerStep::Failure(Rejection::Malformed));
}

/// What a server says to the client's last message, once `change` has been at it. Afterwards it says nothing more.
fn scram_verdict(claims: &Credentials, change: impl FnOnce(String) -> String) -> ServerStep {
    let account = card();
    let mut client = sasl::client(Mechanism::ScramSha256, claims, &login()).unwrap();
    let mut server = sasl::server(Mechanism::ScramSha256, &account, &ServerSetup::new("h", "s"));
    let first = client.initial().unwrap();
    let ServerStep::Challenge(challenge) = server.challenge(Some(first.expose())) else {
        panic!("a user who does not exist is answered alike")
    };
    let last = client.respond(&challenge).unwrap();
    let last = change(last.expose_str().unwrap().to_owned());
    let verdict = server.challenge(Some(last.as_bytes()));
    assert_eq!(server.challenge(Some(last.as_bytes())), ServerStep::Failure(Rejection::Over));
    verdict
}

/// The last message with its proof's bytes changed.
fn with_proof(last: String, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let (before, proof) = last.rsplit_once(",p=").unwrap();
    let mut proof = sasl::decode(proof).unwrap();
    change(&mut proof);
    format!("{before},p={}", sasl::encode(&proof))
}

/// A proof for another password or user, one cut, lengthened or altered, another nonce: none opens the server.
#[test]
fn scram_server_takes_the_right_proof_only() {
    let wrong = ServerStep::Failure(Rejection::Credentials);
    let malformed = ServerStep::Failure(Rejection::Malformed);
    let eve = Credentials::password("user", "pencil2").unwrap();
    let nobody = Credentials::password("nobody", "pencil").unwrap();
    assert_eq!(scram_verdict(&eve, |last| last), wrong);
    assert_eq!(scram_verdict(&nobody, |last| last), wrong);
    assert_eq!(scram_verdict(&card(), |last| with_proof(last, |proof| proof.push(0))), wrong);
    assert_eq!(scram_verdict(&card(), |last| with_proof(last, |proof| proof.truncate(31))), wrong);
    assert_eq!(scram_verdict(&card(), |last| with_proof(last, |proof| proof.clear())), wrong);
    assert_eq!(scram_verdict(&card(), |last| with_proof(last, |proof| proof[0] ^= 1)), wrong);
    assert_eq!(scram_verdict(&card(), |last| last.replacen("c=biws", "c=eSws", 1)), malformed);
    assert_eq!(scram_verdict(&card(), |last| last.replacen("r=fyko", "r=gyko", 1)), malformed);
    assert!(matches!(scram_verdict(&card(), |last| last), ServerStep::Success { .. }));
}

#[test]
fn challenges_that_are_not_due() {
    for mechanism in [Mechanism::Plain, Mechanism::XOAuth2, Mechanism::OAuthBearer, Mechanism::ScramSha256] {
        let mut early = client(mechanism);
        assert_eq!(early.respond(b"data"), Err(SaslError::UnexpectedChallenge), "{mechanism}");
        assert!(!early.done() && early.finish().is_err(), "{mechanism}");
    }
    let mut plain = client(Mechanism::Plain);
    plain.initial();
    assert_eq!(plain.respond(b""), Err(SaslError::UnexpectedChallenge), "the password is not said twice");
    let mut cram = client(Mechanism::CramMd5);
    assert_eq!(cram.respond(b""), Err(SaslError::Malformed("empty CRAM-MD5 challenge")));
    let mut cram = client(Mechanism::CramMd5);
    cram.respond(b"<1@h>").unwrap();
    assert_eq!(cram.respond(b"<2@h>"), Err(SaslError::UnexpectedChallenge));
    let mut login = client(Mechanism::Login);
    login.respond(b"").unwrap();
    login.respond(b"").unwrap();
    assert_eq!(login.respond(b""), Err(SaslError::UnexpectedChallenge));
    assert_eq!(login.finish(), Err(SaslError::Incomplete));
}

/// A token's refusal is answered once, and a success after it is not believed.
#[test]
fn token_refusals() {
    for (mechanism, farewell) in [(Mechanism::XOAuth2, ""), (Mechanism::OAuthBearer, "\u{1}")] {
        let (ana, eve) = (card(), card().with_token("other"));
        let mut client = sasl::client(mechanism, &eve, &login()).unwrap();
        let mut server = sasl::server(mechanism, &ana, &ServerSetup::new("h", "s"));
        assert_eq!(server.challenge(None), ServerStep::Challenge(Vec::new()));
        let message = client.respond(b"").unwrap();
        let ServerStep::Challenge(json) = server.challenge(Some(message.expose())) else {
            panic!("a refusal begins with JSON")
        };
        let answer = client.respond(&json).unwrap();
        assert_eq!(answer.expose(), farewell.as_bytes());
        assert_eq!(server.challenge(Some(answer.expose())), ServerStep::Failure(Rejection::Credentials));
        assert!(client.refusal().unwrap().status().is_some());
        assert!(matches!(client.finish(), Err(SaslError::TokenRefused(_))));
        assert_eq!(client.respond(&json), Err(SaslError::UnexpectedChallenge));
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before() {
    let make = |mechanism, card: &Credentials| {
        sasl::client(mechanism, card, &login()).map(|client| client.mechanism())
    };
    for mechanism in with_secret() {
        let needs = mechanism.needs();
        let bare = Credentials { user: "ana".parse().unwrap(), ..Credentials::default() };
        assert_eq!(make(mechanism, &bare), Err(SaslError::Missing { mechanism, needs }));
        let empty = bare.clone().with_password("").with_token("");
        let field = if needs == Needs::Password { Field::Password } else { Field::Token };
        assert_eq!(make(mechanism, &empty), Err(SaslError::Empty(field)));
        let nobody = Credentials::password("", "x").unwrap().with_token("x");
        let expected = if mechanism == Mechanism::OAuthBearer {
            Ok(mechanism)
        } else {
            Err(SaslError::Empty(Field::User))
        };
        assert_eq!(make(mechanism, &nobody), expected);
    }
    let with = |user: &str, password: &[u8]| Credentials::password(user, password).unwrap().with_token("a b");
    assert_eq!(make(Mechanism::Plain, &with("a", b"b\0c")), Err(SaslError::Prohibited(Field::Password)));
    for mechanism in [Mechanism::Plain, Mechanism::ScramSha1] {
        assert_eq!(make(mechanism, &with("a", b"\xff")), Err(SaslError::NotText(Field::Password)));
    }
    assert_eq!(make(Mechanism::ScramSha1, &with("a\u{7}", b"x")), Err(SaslError::Prohibited(Field::User)));
    assert_eq!(make(Mechanism::ScramSha1, &with("\u{ad}", b"x")), Err(SaslError::Empty(Field::User)));
    assert_eq!(make(Mechanism::XOAuth2, &with("a", b"x")), Err(SaslError::Prohibited(Field::Token)));
    let separator = Credentials::token("a\u{1}auth=Bearer y", "x").unwrap();
    assert_eq!(make(Mechanism::XOAuth2, &separator), Err(SaslError::Prohibited(Field::User)));
    assert_eq!(make(Mechanism::OAuthBearer, &separator), Err(SaslError::Prohibited(Field::User)));
    for nonce in ["", "a,b", "a b", "a\u{7f}", "\u{e9}"] {
        let made = sasl::client(Mechanism::ScramSha256, &card(), &Login { nonce, ..login() })
            .map(|client| client.done());
        assert_eq!(made, Err(SaslError::BadNonce), "{nonce:?}");
    }
    let host = sasl::client(Mechanism::OAuthBearer, &card(), &Login { host: "h\u{1}port=1", ..login() })
        .map(|c| c.done());
    assert_eq!(host, Err(SaslError::Prohibited(Field::Host)));
}

#[test]
fn long_challenges_are_refused() {
    let long = vec![b'a'; MAX_MESSAGE + 1];
    for mechanism in Mechanism::ALL {
        let mut client = client(mechanism);
        client.initial();
        assert!(client.respond(&long).is_err(), "{mechanism}");
        let account = card();
        let mut server = sasl::server(mechanism, &account, &ServerSetup::new("h", "s"));
        server.challenge(None);
        assert!(matches!(server.challenge(Some(&long)), ServerStep::Failure(_)), "{mechanism}");
    }
}

#[test]
fn debug_of_a_running_exchange_shows_no_secret() {
    for mechanism in Mechanism::ALL {
        let mut client = client(mechanism);
        let before = format!("{client:?}");
        client.initial();
        let after = format!("{client:?}");
        assert!(!(before + &after).contains("pencil"), "{mechanism}");
    }
}

/// Client and server talk until one of them ends it; what the server said last, and the client's judgement.
fn converse(
    mechanism: Mechanism,
    card: &Credentials,
    initial: bool,
) -> Result<(ServerStep, Box<dyn Client>), SaslError> {
    let mut client: Box<dyn Client> = match mechanism {
        // Few iterations: the arithmetic is the same, and there are hundreds of cases.
        Mechanism::ScramSha1 => {
            Box::new(ScramClient::new(ScramHash::Sha1, card, NONCE)?.with_iterations(1..=9))
        }
        Mechanism::ScramSha256 => {
            Box::new(ScramClient::new(ScramHash::Sha256, card, NONCE)?.with_iterations(1..=9))
        }
        Mechanism::ScramSha1Plus | Mechanism::ScramSha256Plus => {
            let hash =
                if mechanism == Mechanism::ScramSha1Plus { ScramHash::Sha1 } else { ScramHash::Sha256 };
            let client = ScramClient::new(hash, card, NONCE)?.with_iterations(1..=9);
            Box::new(client.with_binding(ChannelBinding::TlsExporter(EXPORTER.to_vec())))
        }
        _ => sasl::client(mechanism, card, &login())?,
    };
    let mut server = sasl::server(mechanism, card, &setup());
    let first = if initial { client.initial() } else { None };
    let mut step = server.challenge(first.as_ref().map(Secret::expose));
    while let ServerStep::Challenge(challenge) = &step {
        let carried = sasl::decode(sasl::encode(challenge))?;
        let response = client.respond(&carried)?;
        step = server.challenge(Some(&sasl::decode(sasl::encode(response.expose()))?));
    }
    if let ServerStep::Success { data: Some(data), .. } = &step {
        client.respond(data)?;
    }
    Ok((step, client))
}

/// All mechanisms that prove something.
fn with_secret() -> Vec<Mechanism> {
    Mechanism::ALL.into_iter().filter(|mechanism| mechanism.needs() != Needs::Nothing).collect()
}

/// Whether the mechanism has names and passwords prepared (RFC 4013): SCRAM; DIGEST-MD5 does not.
fn prepares(mechanism: Mechanism) -> bool {
    mechanism.verifies_server() && mechanism != Mechanism::DigestMd5
}

fn any_mechanism() -> impl Strategy<Value = Mechanism> {
    proptest::sample::select(with_secret())
}

/// Bytes that look like a mechanism's message often enough to get past its first check.
fn babble() -> impl Strategy<Value = Vec<u8>> {
    let number = "[0-9]{1,4}";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "[a-z]=[ -~]{0,20}(,[a-z]=[ -~]{0,20}){0,5}".prop_map(String::into_bytes),
        (".{0,8}", "[A-Za-z0-9+/=]{0,12}", number)
            .prop_map(|(nonce, salt, count)| format!("r={NONCE}{nonce},s={salt},i={count}").into_bytes()),
        "[nyp],(a=.{0,5})?,(n=.{0,5},)?r=[ -~]{0,9}".prop_map(String::into_bytes),
        "[\u{0}\u{1}a-z=, ]{0,40}".prop_map(String::into_bytes),
        "\\{(\"[a-z\\\\u0-9]{0,9}\"[:,]?){0,6}\\}?".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn babbling_servers_never_panic_nor_pass(
        mechanism in any_mechanism(),
        initial in any::<bool>(),
        challenges in proptest::collection::vec(babble(), 0..4),
    ) {
        let mut client = client(mechanism);
        if initial {
            client.initial();
        }
        for challenge in &challenges {
            if let Err(error) = client.respond(challenge) {
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains("pencil"));
                prop_assert!(!client.done());
            }
        }
        if let Some(refusal) = client.refusal() {
            prop_assert!(!refusal.to_string().contains(char::is_control));
        }
        if mechanism.verifies_server() {
            prop_assert_eq!(client.finish(), Err(SaslError::ServerUnverified));
        }
    }

    #[test]
    fn babbling_clients_never_panic_nor_pass(
        mechanism in any_mechanism(),
        responses in proptest::collection::vec(proptest::option::of(babble()), 0..4),
    ) {
        let account = Credentials::password("long-user-name", "long-password").unwrap().with_token("long-token");
        let mut server = sasl::server(mechanism, &account, &setup());
        for response in &responses {
            let step = server.challenge(response.as_deref());
            let passed = matches!(step, ServerStep::Success { .. });
            prop_assert!(!passed, "{:?}", responses);
        }
    }

    #[test]
    fn any_unicode_login_succeeds_or_is_refused_cleanly(
        mechanism in any_mechanism(),
        user in prop_oneof!["[ -~]{1,12}", "[\u{e0}-\u{ff}\u{400}-\u{43f},=]{1,12}", "\\PC{1,12}"],
        password in prop_oneof!["[ -~]{1,24}", "[\u{a0}-\u{17f}\u{ad}\u{2160}-\u{2168}]{1,24}", ".{1,24}"],
        token in "[A-Za-z0-9._~+/-]{1,40}={0,2}",
        initial in any::<bool>(),
    ) {
        let card = Credentials::password(user.clone(), password).unwrap().with_token(token);
        match converse(mechanism, &card, initial) {
            Ok((step, client)) => {
                // SCRAM servers know the prepared name; where preparing changes it the account is another.
                let is_prepared = stringprep::saslprep(&user).is_ok_and(|prepared| prepared == user);
                if is_prepared || !prepares(mechanism) {
                    let passed = matches!(&step, ServerStep::Success { user: known, .. } if *known == user);
                    prop_assert!(passed, "{:?}", step);
                    prop_assert!(client.done());
                    prop_assert_eq!(client.finish(), Ok(()));
                } else {
                    prop_assert_eq!(step, ServerStep::Failure(Rejection::Credentials));
                    prop_assert_eq!(client.finish(), Err(SaslError::ServerUnverified));
                }
            }
            Err(SaslError::Prohibited(field)) => {
                let expected = [Field::User, Field::Password].contains(&field);
                prop_assert!(expected && prepares(mechanism) || mechanism == Mechanism::Plain);
            }
            Err(SaslError::Empty(field)) => {
                prop_assert!(prepares(mechanism) && [Field::User, Field::Password].contains(&field));
            }
            Err(other) => prop_assert!(false, "{mechanism}: {other}"),
        }
    }

    #[test]
    fn a_wrong_password_never_succeeds(
        mechanism in any_mechanism(),
        right in "[ -~]{1,12}",
        wrong in "[ -~]{1,12}",
    ) {
        prop_assume!(right != wrong && mechanism.needs() == Needs::Password);
        let account = Credentials::password("ana", right).unwrap();
        let card = Credentials::password("ana", wrong).unwrap();
        let mut client = sasl::client(mechanism, &card, &login()).unwrap();
        let setup = ServerSetup { iterations: 1_000, ..setup() };
        let mut server = sasl::server(mechanism, &account, &setup);
        let mut step = server.challenge(None);
        while let ServerStep::Challenge(challenge) = &step {
            let response = client.respond(challenge).unwrap();
            step = server.challenge(Some(response.expose()));
        }
        prop_assert_eq!(step, ServerStep::Failure(Rejection::Credentials));
    }

    #[test]
    fn parsers_never_panic(bytes in babble(), text in "[a-z \"\\\\\n\t#,=:]{0,80}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = sasl::decode(input);
            let _ = Netrc::parse(input);
            let _ = Authorization::parse(input);
            if let Ok(challenges) = parse_challenges(input) {
                for challenge in challenges {
                    // Whatever was read can be written, and reads the same again.
                    let again = parse_challenges(challenge.to_value().unwrap());
                    prop_assert_eq!(again, Ok(vec![challenge]));
                }
            }
        }
    }

    #[test]
    fn challenge_round_trip(scheme in "[A-Za-z][A-Za-z0-9-]{0,9}", realm in "[^\\x00-\\x08\\x0a-\\x1f\\x7f]{0,30}") {
        let challenge = netkit_auth::http::Challenge {
            scheme,
            token68: None,
            params: vec![("realm".into(), realm.clone()), ("x".into(), realm)],
        };
        prop_assert_eq!(parse_challenges(challenge.to_value().unwrap()), Ok(vec![challenge]));
    }

    #[test]
    fn quoted_netrc_round_trip(password in "[^\n\r\t\\x00]{0,40}") {
        let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
        let netrc = Netrc::parse(format!("machine h login a password \"{quoted}\"").as_bytes()).unwrap();
        let found = netrc.lookup("h", Some("a")).unwrap().password.clone();
        prop_assert_eq!(found, Some(Secret::from(password)));
    }
}

/// RFC 5802 section 6: what is bound to one channel is refused on another, and who strikes `-PLUS` out is found out.
#[test]
fn a_login_is_good_on_its_own_channel_only() {
    let talk = |mechanism, ours: Login<'_>, offered: &[&str], theirs: ServerSetup| {
        let account = card();
        let mut client = ours.client(mechanism, offered, &account).unwrap();
        let theirs = ServerSetup { iterations: 1_000, ..theirs };
        let mut server = sasl::server(mechanism, &account, &theirs);
        let mut step = server.challenge(client.initial().as_ref().map(Secret::expose));
        while let ServerStep::Challenge(challenge) = &step {
            step = server.challenge(Some(client.respond(challenge).unwrap().expose()));
        }
        step
    };
    let all = ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
    let (plus, bare) = (Mechanism::ScramSha256Plus, Mechanism::ScramSha256);
    assert!(matches!(talk(plus, login(), &all, setup()), ServerStep::Success { .. }));
    let other = ServerSetup { tls_exporter: Some(b"another connection".to_vec()), ..setup() };
    assert_eq!(talk(plus, login(), &all, other), ServerStep::Failure(Rejection::Malformed));
    let struck_out = &all[..1];
    assert_eq!(talk(bare, login(), struck_out, setup()), ServerStep::Failure(Rejection::Malformed));
    let cannot = ServerSetup { tls_exporter: None, ..setup() };
    assert!(matches!(talk(bare, login(), struck_out, cannot.clone()), ServerStep::Success { .. }));
    let unbound = Login { tls_exporter: None, ..login() };
    assert!(matches!(talk(bare, unbound.clone(), &all, setup()), ServerStep::Success { .. }));
    assert_eq!(talk(plus, login(), &all, cannot), ServerStep::Failure(Rejection::Malformed));
    assert_eq!(sasl::client(plus, &card(), &unbound).map(|c| c.done()), Err(SaslError::NoChannel));
}

/// RFC 2831 section 2.1.1: what breaks the grammar or asks for more than is spoken ends the login; a wrong proof, too.
#[test]
fn digest_md5_refuses() {
    let refuses = |challenge: &str| client(Mechanism::DigestMd5).respond(challenge.as_bytes()).unwrap_err();
    assert!(matches!(refuses("realm=\"x\",algorithm=md5-sess"), SaslError::Malformed(_)));
    assert!(matches!(refuses("nonce=\"x\",nonce=\"y\",algorithm=md5-sess"), SaslError::Malformed(_)));
    assert!(matches!(refuses("nonce=\"x\""), SaslError::Digest(_)));
    assert!(matches!(refuses("nonce=\"x\",algorithm=md5"), SaslError::Digest(_)));
    assert!(matches!(refuses("nonce=\"x\",algorithm=md5-sess,qop=\"auth-conf\""), SaslError::Digest(_)));
    assert!(matches!(refuses("nonce=\"x\",algorithm=md5-sess,charset=koi8-r"), SaslError::Digest(_)));
    let mut lied_to = client(Mechanism::DigestMd5);
    lied_to.respond(b"nonce=\"x\",algorithm=md5-sess").unwrap();
    let wrong = lied_to.respond(b"rspauth=ea40f60335c427b5527b84dbabcdfffd");
    assert_eq!(wrong, Err(SaslError::WrongServerSignature));
    assert_eq!(lied_to.finish(), Err(SaslError::ServerUnverified));
    let abroad = Credentials::password("user", "пароль").unwrap();
    let mut abroad = sasl::client(Mechanism::DigestMd5, &abroad, &login()).unwrap();
    assert!(matches!(abroad.respond(b"nonce=\"x\",algorithm=md5-sess"), Err(SaslError::Digest(_))));
}

/// RFC 4422 appendix A and RFC 4505: who was shown outside is believed, nobody else; a trace is a line.
#[test]
fn external_and_anonymous() {
    let account = card();
    let external = |identity: Option<&str>, card: &Credentials| {
        let mut client = sasl::client(Mechanism::External, card, &login()).unwrap();
        let setup = ServerSetup { external: identity.map(str::to_owned), ..setup() };
        let mut server = sasl::server(Mechanism::External, &account, &setup);
        assert_eq!(server.challenge(None), ServerStep::Challenge(Vec::new()));
        let answer = client.respond(b"").unwrap();
        assert_eq!(client.finish(), Ok(()));
        server.challenge(Some(answer.expose()))
    };
    let user = |name: &str| Credentials { user: name.parse().unwrap(), ..Credentials::default() };
    let success = |name: &str| ServerStep::Success { user: name.to_owned(), data: None };
    assert_eq!(external(Some("user"), &user("")), success("user"));
    assert_eq!(external(Some("user"), &user("user")), success("user"));
    assert_eq!(external(Some("user"), &user("root")), ServerStep::Failure(Rejection::Identity));
    assert_eq!(external(None, &user("user")), ServerStep::Failure(Rejection::Credentials));

    let mut client = sasl::client(Mechanism::Anonymous, &user("sirhc"), &login()).unwrap();
    assert_eq!(client.initial().unwrap().expose(), b"sirhc");
    let mut server = sasl::server(Mechanism::Anonymous, &account, &setup());
    assert_eq!(server.challenge(Some(b"sirhc")), success("anonymous"));
    let long = user(&"x".repeat(256));
    let refused = sasl::client(Mechanism::Anonymous, &long, &login()).map(|c| c.done());
    assert_eq!(refused, Err(SaslError::Prohibited(Field::User)));
}
