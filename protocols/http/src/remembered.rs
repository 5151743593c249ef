//! What a client remembers of servers from one request to the next: cookies, hosts that want TLS, logins by Digest.
//!
//! Before a request goes out it is made ready for its URL; behind each answer, redirects included, what the server said
//! is taken in. Whatever is remembered belongs to an origin, a cookie's domain or a host: never to the request.

use std::time::SystemTime;

use netkit_auth::http::{Challenge, DigestClient, Qop, parse_challenges, strongest_digest};
use netkit_auth::{Credentials, Secret};

use crate::client::Client;
use crate::cookies::CookieJar;
use crate::dial::Dial;
use crate::error::Error;
use crate::head::Head;
use crate::hsts::Hsts;
use crate::login::Schemes;
use crate::origin::{Origin, Scheme};
use crate::request::Request;

/// How many logins are kept.
const LOGINS: usize = 64;

/// What a client remembers.
pub(crate) struct Remembered {
    cookies: Option<CookieJar>,
    hsts: Option<Hsts>,
    /// Whether certificates are checked, so that `Strict-Transport-Security` means something.
    verified: bool,
    logins: Vec<Login>,
    nonces: Option<Box<dyn FnMut() -> String + Send>>,
    now: fn() -> SystemTime,
}

/// A server that asked for Digest.
struct Login {
    origin: Origin,
    credentials: Credentials,
    digest: DigestClient,
}

impl Default for Remembered {
    fn default() -> Remembered {
        let (cookies, hsts, logins, nonces) = (None, None, Vec::new(), None);
        Remembered { cookies, hsts, verified: false, logins, nonces, now: SystemTime::now }
    }
}

impl<D: Dial> Client<D> {
    /// Keeps cookies in this jar, and sends those that it has.
    #[must_use]
    pub fn cookies(mut self, jar: CookieJar) -> Client<D> {
        self.remembered.cookies = Some(jar);
        self
    }

    /// The jar, to look at it or to save it.
    pub fn cookie_jar(&self) -> Option<&CookieJar> {
        self.remembered.cookies.as_ref()
    }

    /// Goes to these hosts through TLS, also where the URL says http. More are learned from answers, if `verified`: that
    /// is, if a certificate that is not valid ends the conversation (RFC 6797 8.1).
    #[must_use]
    pub fn hsts(mut self, hosts: Hsts, verified: bool) -> Client<D> {
        (self.remembered.hsts, self.remembered.verified) = (Some(hosts), verified);
        self
    }

    /// The hosts that want TLS, to look at them or to save them.
    pub fn hsts_hosts(&self) -> Option<&Hsts> {
        self.remembered.hsts.as_ref()
    }

    /// Makes the client's nonces for Digest: each call is to give another random text, 16 bytes in hexadecimal or more.
    /// Without it no challenge of Digest is answered.
    #[must_use]
    pub fn nonces(mut self, make: impl FnMut() -> String + Send + 'static) -> Client<D> {
        self.remembered.nonces = Some(Box::new(make));
        self
    }

    /// Tells when cookies and [`Hsts`] end by another clock.
    #[must_use]
    pub fn wall_clock(mut self, now: fn() -> SystemTime) -> Client<D> {
        self.remembered.now = now;
        self
    }
}

impl Remembered {
    /// Makes a request ready for its URL.
    pub(crate) fn prepare(&mut self, request: &mut Request) -> Result<(), Error> {
        let now = (self.now)();
        if let Some(secure) = self.hsts.as_ref().and_then(|hosts| hosts.upgrade(request.url(), now)) {
            let origin = Origin::of(&secure)?;
            request.upgrade(secure, origin);
        }
        request.added.cookies = None;
        if let Some(jar) = &self.cookies {
            request.added.cookies = match (request.own_cookies(), jar.header(request.url(), now)) {
                (Some(own), Some(kept)) => Some(Secret::concat(&[own.expose(), b"; ", kept.expose()])),
                (_, kept) => kept,
            };
        }
        request.added.proof = None;
        let known = self.logins.iter().position(|login| login.is_of(request));
        match known.and_then(|at| self.logins.get_mut(at)) {
            Some(login) => login.prove(request),
            None => Ok(()),
        }
    }

    /// Takes in what an answer says. `asked` is how many challenges this request has answered. Says whether the request
    /// is due once more, now with a login.
    pub(crate) fn learn(&mut self, request: &mut Request, head: &Head, asked: u32) -> Result<bool, Error> {
        self.keep(request, head);
        if head.status().wants_login() {
            return self.answer(request, head, asked);
        }
        match self.logins.iter_mut().find(|login| request.added.proof.is_some() && login.is_of(request)) {
            Some(login) => login.check(request, head).map(|()| false),
            None => Ok(false),
        }
    }

    /// Takes in the cookies of an answer, and that its host wants TLS.
    pub(crate) fn keep(&mut self, request: &Request, head: &Head) {
        let now = (self.now)();
        if let Some(jar) = &mut self.cookies {
            for value in head.fields().all("set-cookie") {
                // What is refused is not kept; the answer is none the worse for it.
                let _ = jar.store(request.url(), value, now);
            }
        }
        if let (Some(hosts), true) =
            (&mut self.hsts, self.verified && request.origin().scheme() == Scheme::Https)
            && let Some(value) = head.fields().get("strict-transport-security")
        {
            hosts.store(request.url(), value, now);
        }
    }

    /// Whether the challenges of a 401 are answered: once, and once more where the nonce was only too old.
    fn answer(&mut self, request: &mut Request, head: &Head, asked: u32) -> Result<bool, Error> {
        let Some((credentials, schemes)) = request.added.login.clone() else { return Ok(false) };
        let given = request.added.proof.is_some();
        // What breaks the grammar is passed over: another line may hold a challenge that does not.
        let challenges: Vec<Challenge> = head
            .fields()
            .all("www-authenticate")
            .filter_map(|value| parse_challenges(value).ok())
            .flatten()
            .collect();
        let digest =
            strongest_digest(&challenges).zip(self.nonces.as_mut()).zip(credentials.password.clone());
        let old = self.logins.iter().position(|login| login.is_of(request));
        let Some(((challenge, nonces), password)) = digest else {
            let basic = schemes == Schemes::Any && challenges.iter().any(|challenge| challenge.is("Basic"));
            if !basic || asked > 0 || !request.has_its_body() {
                return Ok(false);
            }
            request.log_in(&credentials)?;
            return Ok(true);
        };
        let fresh = |login: &Login| challenge.stale && login.digest.challenge().nonce != challenge.nonce;
        let again = match old.and_then(|at| self.logins.get(at)) {
            Some(login) if given => fresh(login) && asked < 2,
            _ => asked == 0,
        };
        if !again || !request.has_its_body() {
            if given {
                self.logins.retain(|login| !login.is_of(request));
            }
            return Ok(false);
        }
        let digest = DigestClient::new(challenge, credentials.user.clone(), password, &nonces())
            .map_err(|why| Error::Invalid(why.into()))?;
        self.logins.retain(|login| !login.is_of(request));
        if self.logins.len() == LOGINS {
            self.logins.remove(0);
        }
        self.logins.push(Login { origin: request.origin().clone(), credentials, digest });
        Ok(true)
    }
}

impl Login {
    /// Whether it is this server's and this user's.
    fn is_of(&self, request: &Request) -> bool {
        let same = |(theirs, _): &(Credentials, Schemes)| *theirs == self.credentials;
        self.origin == *request.origin() && request.added.login.as_ref().is_some_and(same)
    }

    fn prove(&mut self, request: &mut Request) -> Result<(), Error> {
        if !request.payload().is_replayable() && self.digest.qop() == Qop::AuthInt {
            return Ok(());
        }
        let body = match self.digest.qop() {
            Qop::Auth => None,
            Qop::AuthInt => {
                let algorithm = self.digest.challenge().algorithm;
                let mut body = request.payload_mut().again().map_err(Error::Payload)?;
                Some(algorithm.hash_body(&mut *body).map_err(Error::Payload)?)
            }
        };
        let (method, target) = (request.method().as_str().to_owned(), request.target());
        let proof = self.digest.authorize(&method, &target, body.as_deref());
        request.added.proof = Some(proof.map_err(|why| Error::Invalid(why.into()))?);
        Ok(())
    }

    /// The server's proof. One that covers the body is not looked at, because the body is yet to come.
    fn check(&mut self, request: &Request, head: &Head) -> Result<(), Error> {
        let Some(info) = head.fields().get("authentication-info") else { return Ok(()) };
        let why = "the server's proof that it knows the password is wrong";
        self.digest
            .check(info, &request.target(), None)
            .map_err(|_| Error::Unexpected { head: Box::new(head.clone()), why })
    }
}
