//! Digest by the RFC's vectors, both sides against each other, and against hostile peers (RFC 7616).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use netkit_auth::http::{
    AuthenticationInfo, Challenge, DigestAlgorithm, DigestChallenge, DigestClient, DigestResponse,
    HttpAuthError, Qop, parse_challenges, strongest_digest,
};
use netkit_auth::{Secret, UserName};

fn client(challenge: &str, user: &str, password: &str, cnonce: &str) -> DigestClient {
    let challenges = parse_challenges(challenge).unwrap();
    let strongest = strongest_digest(&challenges).unwrap();
    DigestClient::new(strongest, UserName::new(user).unwrap(), password.into(), cnonce).unwrap()
}

fn text(value: &Secret) -> String {
    value.expose_str().unwrap().to_owned()
}

const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const OPAQUE: &str = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

/// RFC 7616 section 3.9.1: SHA-256 is chosen before MD5, whichever comes first.
#[test]
fn section_3_9_1() {
    let of = |algorithm: &str| {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{NONCE}\", \
             opaque=\"{OPAQUE}\""
        )
    };
    let both = format!("{}, {}", of("MD5"), of("SHA-256"));
    let vectors = [
        (of("MD5"), "MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (both, "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ];
    for (challenge, algorithm, response) in vectors {
        let mut client = client(&challenge, "Mufasa", "Circle of Life", CNONCE);
        let value = text(&client.authorize("GET", "/dir/index.html", None).unwrap());
        assert_eq!(
            value,
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"{NONCE}\", \
                 uri=\"/dir/index.html\", response=\"{response}\", algorithm={algorithm}, cnonce=\"{CNONCE}\", \
                 qop=auth, nc=00000001, opaque=\"{OPAQUE}\""
            )
        );
        let read = DigestResponse::parse(&value).unwrap();
        assert!(read.is_good("GET", "Mufasa", &"Circle of Life".into(), None));
        assert!(!read.is_good("PUT", "Mufasa", &"Circle of Life".into(), None));
        assert!(!read.is_good("GET", "Mufasa", &"circle of life".into(), None));
    }
}

/// RFC 7616 section 3.9.2 with erratum 4897: the printed numbers are those of an early draft of SHA-512/256, which is
/// another hash than SHA-512/256.
#[test]
fn section_3_9_2() {
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                     nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                     opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let mut client = client(challenge, "J\u{e4}s\u{f8}n Doe", "Secret, or not?", cnonce);
    let value = text(&client.authorize("GET", "/doe.json", None).unwrap());
    for part in [
        "username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"",
        "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\"",
        "userhash=true",
    ] {
        assert!(value.contains(part), "{value}");
    }
    let read = DigestResponse::parse(&value).unwrap();
    assert!(read.is_good("GET", "J\u{e4}s\u{f8}n Doe", &"Secret, or not?".into(), None));
}

/// Every algorithm, every `qop`, a name that quotes cannot hold, and the proof back: both sides agree.
#[test]
fn both_sides_agree() {
    for algorithm in DigestAlgorithm::ALL {
        for qop in [Qop::Auth, Qop::AuthInt] {
            for user in ["ana", "a\"b\\c", "J\u{e4}s\u{f8}n"] {
                let offer =
                    DigestChallenge { qop: vec![qop], ..DigestChallenge::new("r \"x\"", "n1", algorithm) };
                let offer = parse_challenges(offer.to_challenge().to_value().unwrap()).unwrap();
                let offer = strongest_digest(&offer).unwrap();
                let name = UserName::new(user).unwrap();
                let mut client = DigestClient::new(offer, name, "pw".into(), "c").unwrap();
                let body = algorithm.hash_body(&mut &b"entity"[..]).unwrap();
                for count in 1..3 {
                    let value = client.authorize("POST", "/a?b=c", Some(&body)).unwrap();
                    let read = DigestResponse::parse(value.expose()).unwrap();
                    assert!(
                        read.is_good("POST", user, &"pw".into(), Some(&body)),
                        "{algorithm:?} {qop:?} {user}"
                    );
                    assert_eq!(read.nc, count);
                    let other = algorithm.hash_body(&mut &b"changed"[..]).unwrap();
                    assert_eq!(read.is_good("POST", user, &"pw".into(), Some(&other)), qop == Qop::Auth);
                    let info = read.info(user, &"pw".into(), Some(&other), None);
                    client.check(info.as_bytes(), "/a?b=c", Some(&other)).unwrap();
                    let forged = read.info(user, &"guess".into(), Some(&other), None);
                    let checked = client.check(forged.as_bytes(), "/a?b=c", Some(&other));
                    assert_eq!(checked, Err(HttpAuthError::DigestMismatch));
                }
            }
        }
    }
}

#[test]
fn nextnonce_starts_a_new_count() {
    let mut client = client("Digest realm=r, nonce=n, qop=auth", "a", "b", "c");
    client.authorize("GET", "/", None).unwrap();
    client.authorize("GET", "/", None).unwrap();
    client.check(b"nextnonce=\"m\"", "/", None).unwrap();
    let value = text(&client.authorize("GET", "/", None).unwrap());
    assert!(value.contains("nonce=\"m\"") && value.contains("nc=00000001"), "{value}");
    assert_eq!(client.check(b"rspauth=\"0\", nc=00000009", "/", None), Err(HttpAuthError::DigestMismatch));
    assert_eq!(AuthenticationInfo::parse(b""), Ok(AuthenticationInfo::default()));
    assert!(AuthenticationInfo::parse(b"rspauth=\"").is_err());
    assert!(AuthenticationInfo::parse(b"nc=zz").is_err());
}

#[test]
fn what_cannot_be_answered_is_passed_over() {
    for (value, why) in [
        ("Digest realm=r, nonce=n", HttpAuthError::DigestUnknown),
        ("Digest realm=r, nonce=n, qop=\"\"", HttpAuthError::DigestUnknown),
        ("Digest realm=r, nonce=n, qop=auth-conf", HttpAuthError::DigestUnknown),
        ("Digest realm=r, nonce=n, qop=auth, algorithm=SHA-1", HttpAuthError::DigestUnknown),
        ("Digest nonce=n, qop=auth", HttpAuthError::DigestIncomplete),
        ("Digest realm=r, nonce=\"\", qop=auth", HttpAuthError::DigestIncomplete),
        ("Basic realm=r", HttpAuthError::UnknownScheme),
    ] {
        let challenges = parse_challenges(value).unwrap();
        assert_eq!(DigestChallenge::of(&challenges[0]), Err(why), "{value}");
        assert_eq!(strongest_digest(&challenges), None, "{value}");
    }
    let found = |value: &str| strongest_digest(&parse_challenges(value).unwrap()).unwrap();
    let mixed = found(
        "Digest realm=a, nonce=n, qop=auth, algorithm=X, Digest realm=b, nonce=n, qop=\"auth-int,auth\"",
    );
    assert_eq!((mixed.realm.as_str(), mixed.qop), ("b", vec![Qop::AuthInt, Qop::Auth]));
    let first =
        found("Digest realm=a, nonce=n, qop=auth, Digest realm=b, nonce=n, qop=auth, algorithm=MD5-sess");
    assert_eq!(first.realm, "a", "of equals the first");
}

#[test]
fn nothing_breaks_a_line_and_nothing_is_shown() {
    let challenge = DigestChallenge::new("r\r\nX: y", "n", DigestAlgorithm::Md5);
    let name = || UserName::new("a").unwrap();
    let mut bad = DigestClient::new(challenge, name(), "hunter2".into(), "c").unwrap();
    assert_eq!(bad.authorize("GET", "/", None), Err(HttpAuthError::ControlCharacter));
    assert!(!format!("{bad:?}").contains("hunter2"));
    let good = DigestChallenge::new("r", "n", DigestAlgorithm::Md5);
    for cnonce in ["", "a\"b", "a\r\nb"] {
        let made = DigestClient::new(good.clone(), name(), "x".into(), cnonce);
        assert_eq!(made.err(), Some(HttpAuthError::ControlCharacter));
    }
}

#[test]
fn malformed_responses() {
    let whole = "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"x\", cnonce=\"c\", qop=auth, \
                 nc=00000001";
    assert!(DigestResponse::parse(whole).is_ok());
    for part in [
        "username=\"a\", ",
        "realm=\"r\", ",
        "nonce=\"n\", ",
        "uri=\"/\", ",
        "response=\"x\", ",
        "qop=auth, ",
    ] {
        assert_eq!(
            DigestResponse::parse(whole.replace(part, "")),
            Err(HttpAuthError::DigestIncomplete),
            "{part}"
        );
    }
    assert_eq!(DigestResponse::parse(whole.replace("00000001", "1")), Err(HttpAuthError::DigestIncomplete));
    assert_eq!(DigestResponse::parse(whole.replace("=auth,", "=x,")), Err(HttpAuthError::DigestUnknown));
    assert_eq!(DigestResponse::parse("Basic QTpi"), Err(HttpAuthError::UnknownScheme));
    assert!(DigestResponse::parse("").is_err());
    let basic = Challenge::basic("r");
    assert_eq!(DigestChallenge::of(&basic), Err(HttpAuthError::UnknownScheme));
}

proptest::proptest! {
    /// Whatever a peer sends: no panic, and no line ends in what is answered.
    #[test]
    fn any_challenge(realm in "\\PC{0,20}", nonce in ".{1,20}", qop in "[a-z, -]{0,12}", rest in ".{0,40}") {
        let value = format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", qop=\"{qop},auth\", {rest}");
        for challenge in parse_challenges(&value).unwrap_or_default() {
            if let Ok(challenge) = DigestChallenge::of(&challenge) {
                let name = UserName::new("ana").unwrap();
                let mut client = DigestClient::new(challenge, name, "pw".into(), "c").unwrap();
                if let Ok(answer) = client.authorize("GET", "/", None) {
                    assert!(!answer.expose().iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
                    let read = DigestResponse::parse(answer.expose()).unwrap();
                    assert!(read.is_good("GET", "ana", &"pw".into(), None), "{value}");
                }
                let _ = client.check(rest.as_bytes(), "/", None);
            }
        }
        let _ = DigestResponse::parse(format!("Digest {rest}"));
        let _ = AuthenticationInfo::parse(rest.as_bytes());
    }
}
