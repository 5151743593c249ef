//! The examples of the RFCs, played against both sides of each mechanism.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::sasl::{
    self, Accounts, Client, Login, Mechanism, SaslError, Server, ServerSetup, ServerStep,
};
use netkit_auth::{Credentials, Secret};

fn client(mechanism: Mechanism, credentials: &Credentials, nonce: &str) -> Box<dyn Client> {
    sasl::client(mechanism, credentials, &Login::new("imap", "server.example.com", 143, nonce)).unwrap()
}

fn success(user: &str) -> ServerStep {
    ServerStep::Success { user: user.to_owned(), data: None }
}

/// One SCRAM example, both sides: `[client-first, server-first, client-final, server-final]`.
fn scram(mechanism: Mechanism, nonces: [&str; 2], salt: &str, messages: [&str; 4]) {
    let [client_first, server_first, client_final, server_final] = messages.map(str::as_bytes);
    let card = Credentials::password("user", "pencil").unwrap();

    let mut ours = client(mechanism, &card, nonces[0]);
    assert_eq!(ours.initial().unwrap().expose(), client_first);
    assert_eq!(ours.respond(server_first).unwrap().expose(), client_final);
    assert_eq!(ours.finish(), Err(SaslError::ServerUnverified));
    assert_eq!(ours.respond(server_final).unwrap().expose(), b"");
    assert!(ours.done());
    assert_eq!(ours.finish(), Ok(()));

    let setup = ServerSetup {
        salt: sasl::decode(salt).unwrap(),
        ..ServerSetup::new("server.example.com", nonces[1])
    };
    let mut theirs = sasl::server(mechanism, &card, &setup);
    assert_eq!(theirs.challenge(None), ServerStep::Challenge(Vec::new()));
    assert_eq!(theirs.challenge(Some(client_first)), ServerStep::Challenge(server_first.to_vec()));
    let accepted = ServerStep::Success { user: "user".to_owned(), data: Some(server_final.to_vec()) };
    assert_eq!(theirs.challenge(Some(client_final)), accepted);
}

/// RFC 5802 section 5.
#[test]
fn scram_sha_1() {
    scram(
        Mechanism::ScramSha1,
        ["fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j"],
        "QSXCR+Q6sek8bf92",
        [
            "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        ],
    );
}

/// RFC 7677 section 3.
#[test]
fn scram_sha_256() {
    scram(
        Mechanism::ScramSha256,
        ["rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"],
        "W22ZaJ0SNY7soEsUEjb6gQ==",
        [
            "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ],
    );
}

/// RFC 2831 section 4, the IMAP example, both sides.
#[test]
fn digest_md5() {
    let card = Credentials::password("chris", "secret").unwrap();
    let login = Login::new("imap", "elwood.innosoft.com", 143, "OA6MHXh6VqTrRk");
    let challenge = b"realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",\
        algorithm=md5-sess,charset=utf-8";
    let response: &[u8] = b"charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\",\
        nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\",\
        digest-uri=\"imap/elwood.innosoft.com\",response=d388dad90d4bbd760a152321f2143af7,qop=auth";
    let proof = b"rspauth=ea40f60335c427b5527b84dbabcdfffd";

    let mut ours = sasl::client(Mechanism::DigestMd5, &card, &login).unwrap();
    assert!(ours.initial().is_none());
    assert_eq!(ours.respond(challenge).unwrap().expose(), response);
    assert_eq!(ours.finish(), Err(SaslError::ServerUnverified));
    assert_eq!(ours.respond(proof).unwrap().expose(), b"");
    assert_eq!(ours.finish(), Ok(()));

    let setup = ServerSetup::new("elwood.innosoft.com", "OA6MG9tEQGm2hh");
    let mut theirs = sasl::server(Mechanism::DigestMd5, &card, &setup);
    assert_eq!(theirs.challenge(None), ServerStep::Challenge(challenge.to_vec()));
    let accepted = ServerStep::Success { user: "chris".to_owned(), data: Some(proof.to_vec()) };
    assert_eq!(theirs.challenge(Some(response)), accepted);
}

/// RFC 2195 section 2.
#[test]
fn cram_md5() {
    let card = Credentials::password("tim", "tanstaaftanstaaf").unwrap();
    let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
    let response = b"tim b913a602c7eda7a495b4e6e7334d3890";

    let mut ours = client(Mechanism::CramMd5, &card, "unused");
    assert!(ours.initial().is_none());
    assert_eq!(ours.respond(challenge).unwrap().expose(), response);
    assert_eq!(ours.finish(), Ok(()));

    let setup = ServerSetup::new("postoffice.reston.mci.net", "1896.697170952");
    let mut theirs = sasl::server(Mechanism::CramMd5, &card, &setup);
    assert_eq!(theirs.challenge(None), ServerStep::Challenge(challenge.to_vec()));
    assert_eq!(theirs.challenge(Some(response)), success("tim"));
}

/// RFC 4616 section 4, both examples.
#[test]
fn plain() {
    let setup = ServerSetup::new("server.example.com", "unused");
    let tim = Credentials::password("tim", "tanstaaftanstaaf").unwrap();
    let kurt = Credentials::password("Kurt", "xipj3plmq").unwrap().acting_as("Ursel").unwrap();
    for (card, message, identity) in
        [(&tim, "\0tim\0tanstaaftanstaaf", "tim"), (&kurt, "Ursel\0Kurt\0xipj3plmq", "Ursel")]
    {
        let mut with_initial = client(Mechanism::Plain, card, "unused");
        assert_eq!(with_initial.initial().unwrap().expose(), message.as_bytes());
        assert_eq!(with_initial.finish(), Ok(()));
        let mut without = client(Mechanism::Plain, card, "unused");
        assert_eq!(without.finish(), Err(SaslError::Incomplete));
        assert_eq!(without.respond(b"").unwrap().expose(), message.as_bytes());

        let mut theirs = sasl::server(Mechanism::Plain, card, &setup);
        assert_eq!(theirs.challenge(Some(message.as_bytes())), success(identity));
    }
}

/// draft-murchison-sasl-login-00 section 3, with its `User Name` and `Password` prompts.
#[test]
fn login() {
    let card = Credentials::password("tim", "tanstaaftanstaaf").unwrap();
    let mut ours = client(Mechanism::Login, &card, "unused");
    assert!(ours.initial().is_none());
    assert_eq!(ours.respond(b"User Name\0").unwrap().expose(), b"tim");
    assert_eq!(ours.finish(), Err(SaslError::Incomplete));
    assert_eq!(ours.respond(b"Password\0").unwrap().expose(), b"tanstaaftanstaaf");
    assert_eq!(ours.finish(), Ok(()));
}

const BEARER_TOKEN: &str = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

/// RFC 7628 section 4.1: success.
#[test]
fn oauthbearer() {
    let card = Credentials::token("user@example.com", BEARER_TOKEN).unwrap();
    let mut ours = client(Mechanism::OAuthBearer, &card, "unused");
    let message = ours.initial().unwrap();
    assert_eq!(
        sasl::encode(message.expose()),
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRm\
         dDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    );
    assert_eq!(ours.finish(), Ok(()));
    let mut theirs = sasl::server(Mechanism::OAuthBearer, &card, &ServerSetup::new("h", "n"));
    assert_eq!(theirs.challenge(Some(message.expose())), success("user@example.com"));
}

/// RFC 7628 section 4.3: failure. The client answers the JSON with 0x01 (`AQ==`).
#[test]
fn oauthbearer_refused() {
    let card = Credentials::token("user@example.com", BEARER_TOKEN).unwrap();
    let mut ours = client(Mechanism::OAuthBearer, &card, "unused");
    ours.initial().unwrap();
    let json = r#"{"status":"invalid_token","scope":"example_scope","openid-configuration":"https://example.com/.well-known/openid-configuration"}"#;
    assert_eq!(sasl::encode(ours.respond(json.as_bytes()).unwrap().expose()), "AQ==");
    let refusal = ours.refusal().unwrap().clone();
    assert_eq!(refusal.json(), json);
    assert_eq!(refusal.status().as_deref(), Some("invalid_token"));
    assert_eq!(
        refusal.member("openid-configuration").as_deref(),
        Some("https://example.com/.well-known/openid-configuration")
    );
    assert_eq!(ours.finish(), Err(SaslError::TokenRefused(refusal)));
}

/// Google's XOAUTH2 documentation: the initial response and the error.
#[test]
fn xoauth2() {
    let card =
        Credentials::token("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg").unwrap();
    let mut ours = client(Mechanism::XOAuth2, &card, "unused");
    let message = ours.initial().unwrap();
    assert_eq!(
        sasl::encode(message.expose()),
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZ\
         Mjl0Q2cBAQ=="
    );
    let error = sasl::decode(
        "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K",
    )
    .unwrap();
    assert_eq!(ours.respond(&error).unwrap().expose(), b"");
    assert_eq!(ours.refusal().unwrap().to_string(), "401 (scope https://mail.google.com/)");
    assert!(matches!(ours.finish(), Err(SaslError::TokenRefused(_))));

    let mut theirs = sasl::server(Mechanism::XOAuth2, &card, &ServerSetup::new("h", "n"));
    assert_eq!(theirs.challenge(Some(message.expose())), success("someuser@example.com"));
}

/// `Accounts` as a mock server writes it: many users.
#[test]
fn accounts_are_asked_by_name() {
    struct Two;
    impl Accounts for Two {
        fn password(&self, user: &str) -> Option<Secret> {
            match user {
                "ana" => Some(Secret::from("a")),
                "bo" => Some(Secret::from("b")),
                _ => None,
            }
        }
        fn token_ok(&self, _: &str, _: &Secret) -> bool {
            false
        }
    }
    let verdict = |message: &str| {
        let mut server: Box<dyn Server> = sasl::server(Mechanism::Plain, &Two, &ServerSetup::new("h", "n"));
        server.challenge(Some(message.as_bytes()))
    };
    assert_eq!(verdict("\0ana\0a"), success("ana"));
    assert_eq!(verdict("\0bo\0b"), success("bo"));
    assert_eq!(verdict("\0ana\0b"), ServerStep::Failure(sasl::Rejection::Credentials));
    assert_eq!(verdict("\0eve\0a"), ServerStep::Failure(sasl::Rejection::Credentials));
    assert_eq!(verdict("bo\0ana\0a"), ServerStep::Failure(sasl::Rejection::Identity));
}
