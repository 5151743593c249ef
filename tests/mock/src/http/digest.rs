//! `/auth/digest`: a login by Digest for the world's accounts (RFC 7616).
//!
//! | query | |
//! |---|---|
//! | nothing | SHA-256 and MD5 are offered, for `auth` |
//! | `algorithm=NAME` | that one alone |
//! | `int` | `auth-int` alone |
//! | `userhash` | the name may come hashed |
//! | `stale` | the first nonce is too old |
//! | `next` | each answer brings another nonce |
//! | `liar` | the proof that the server knows the password is wrong |
//!
//! The nonces are the same in every run, as all of this world is: a real server must make random ones.

use netkit_auth::Secret;
use netkit_auth::http::{DigestAlgorithm, DigestChallenge, DigestResponse, Qop};

use crate::http::Asked;
use crate::http::answer::Answer;
use crate::world::{ACCOUNTS, World};

const REALM: &str = "netkit mock";
const NONCES: [&str; 2] = ["nonce-1-of-the-mock", "nonce-2-of-the-mock"];

pub(super) fn answer(world: &World, asked: &Asked) -> Answer {
    let says = |word: &str| asked.query.split('&').any(|part| part == word);
    let only = asked.query.split('&').find_map(|part| part.strip_prefix("algorithm="));
    let given = asked.head.fields().get("authorization").and_then(|value| DigestResponse::parse(value).ok());
    let good = given.as_ref().and_then(|given| Some((given, who(world, given, asked)?)));
    let stale = says("stale") && good.as_ref().is_some_and(|(given, _)| given.nonce == NONCES[0]);
    let Some((given, (user, password))) = good.filter(|_| !stale) else {
        let algorithms: Vec<DigestAlgorithm> = match only.map(DigestAlgorithm::named) {
            Some(algorithm) => algorithm.into_iter().collect(),
            None => vec![DigestAlgorithm::Sha256, DigestAlgorithm::Md5],
        };
        let qop = vec![if says("int") { Qop::AuthInt } else { Qop::Auth }];
        let nonce = if stale { NONCES[1] } else { NONCES[0] };
        let userhash = says("userhash");
        return algorithms.into_iter().fold(Answer::text(401, "who are you?"), |answer, algorithm| {
            let challenge = DigestChallenge {
                qop: qop.clone(),
                opaque: Some("opaque".to_owned()),
                userhash,
                stale,
                ..DigestChallenge::new(REALM, nonce, algorithm)
            };
            answer.with("WWW-Authenticate", &challenge.to_challenge().to_value().unwrap_or_default())
        });
    };
    let line = format!("hello, {user}");
    let body = given.algorithm.hash_body(&mut format!("{line}\n").as_bytes()).unwrap_or_default();
    let known = if says("liar") { Secret::from("a guess") } else { password };
    let info = given.info(user, &known, Some(&body), says("next").then_some(NONCES[1]));
    Answer::text(200, &line).with("Authentication-Info", &info)
}

/// Whose response this is, if it is good.
fn who(world: &World, given: &DigestResponse, asked: &Asked) -> Option<(&'static str, Secret)> {
    let body = given.algorithm.hash_body(&mut asked.body.as_slice()).ok()?;
    if given.uri != asked.head.target() || given.realm != REALM || !NONCES.contains(&given.nonce.as_str()) {
        return None;
    }
    ACCOUNTS.iter().find_map(|(user, _)| {
        let password = world.password(user)?;
        let good = given.is_good(asked.head.method().as_str(), user, &password, Some(&body));
        good.then_some((*user, password))
    })
}
