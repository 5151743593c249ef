//! A request, before it is sent.

use std::time::Duration;

use netkit_auth::http::{basic, bearer};
use netkit_auth::{Credentials, Secret};
use netkit_wire::{Field, Fields};
use url::Url;

use crate::chunked::{encode_chunk, encode_last_chunk};
use crate::coding::ACCEPTED;
use crate::error::Invalid;
use crate::forward::Forward;
use crate::login::Added;
use crate::method::Method;
use crate::origin::Origin;
use crate::payload::{Announced, Payload};
use crate::target::Target;

/// What the client says it is, unless the caller says otherwise.
const USER_AGENT: &str = concat!("netkit/", env!("CARGO_PKG_VERSION"));

/// Fields on which the framing or the routing hangs: written from what the request is, never from text.
const OWN: [&str; 11] = [
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "TE",
    "Trailer",
    "Upgrade",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authorization",
    "Expect",
];

/// Fields that mean nothing behind the body, because they say what to do with it (RFC 9110 6.5.1).
const EARLY: [&str; 12] = [
    "Content-Encoding",
    "Content-Type",
    "Content-Range",
    "Cache-Control",
    "Max-Forwards",
    "Range",
    "If-Match",
    "If-None-Match",
    "If-Modified-Since",
    "If-Unmodified-Since",
    "If-Range",
    "Accept-Encoding",
];

/// A method, a URL, fields and a body.
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: Url,
    origin: Origin,
    fields: Fields,
    /// Shown as `***` in every log, and bound to the origin: they do not follow a redirect to another.
    secrets: Vec<SecretField>,
    /// What the client adds of its own, hop by hop.
    pub(crate) added: Added,
    body: Payload,
    options: Options,
}

/// What is not on the wire, or not as a field of the caller's.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    bare: bool,
    asterisk: bool,
    keeps_coding: bool,
    allows_login_in_clear: bool,
    last: bool,
    /// How long the server may think about whether it wants the body.
    patience: Duration,
    /// No byte of the body was read: the server did not want it.
    body_is_whole: bool,
}

/// From this size on a body is not sent before the server has said that it wants it, or said nothing for
/// [`PATIENCE`]: what curl does.
const LARGE: u64 = 1 << 20;
/// How long a server may take for its 100, unless the caller says otherwise.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct SecretField {
    name: Box<str>,
    value: Secret,
}

/// A piece of a request on its way out.
pub(crate) enum Part<'p> {
    Plain(&'p [u8]),
    Secret(&'p [u8]),
}

impl Request {
    /// A request without a body. A fragment of the URL is not sent; a user name in it is dropped: credentials are
    /// given by [`Request::login`].
    ///
    /// # Errors
    /// [`Invalid::Target`] for another scheme than http and https.
    pub fn new(method: Method, url: &Url) -> Result<Request, Invalid> {
        let mut url = url.clone();
        // These two only fail on URLs without a host, which `Origin` refuses.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let origin = Origin::of(&url)?;
        let (fields, secrets, body) = (Fields::default(), Vec::new(), Payload::Empty);
        let (added, options) = (Added::default(), Options { patience: PATIENCE, ..Options::default() });
        Ok(Request { method, url, origin, fields, secrets, added, body, options })
    }

    /// GET of what a person typed, with the login that stood in it.
    ///
    /// # Errors
    /// [`Invalid`] when the text is no HTTP target, or its login cannot be sent.
    pub fn get(target: &str) -> Result<Request, Invalid> {
        let target: Target = target.parse()?;
        let request = Request::new(Method::GET, target.url())?;
        match target.login() {
            None => Ok(request),
            Some((user, password)) => {
                let card = Credentials::password(user, password.unwrap_or_default());
                request.login(&card.map_err(|_| Invalid::Target("a user name has no control characters"))?)
            }
        }
    }

    /// Adds a field. One whose name says that its value is a secret is treated as by [`Request::secret`].
    ///
    /// # Errors
    /// [`Invalid::Field`] for a name that is no token or a value with CR, LF or NUL; [`Invalid::OwnField`].
    pub fn field(self, name: &str, value: impl AsRef<[u8]>) -> Result<Request, Invalid> {
        if is_secret(name) {
            return self.secret(name, Secret::from(value.as_ref()));
        }
        let field = field(name, value.as_ref())?;
        Ok(self.with(field))
    }

    /// Adds a field whose value nobody may see: no log shows it, and a redirect to another origin drops it.
    ///
    /// # Errors
    /// As [`Request::field`].
    pub fn secret(mut self, name: &str, value: impl Into<Secret>) -> Result<Request, Invalid> {
        let value = value.into();
        field(name, value.expose())?;
        self.secrets
            .push(SecretField { name: name.into(), value: Secret::from(value.expose().trim_ascii()) });
        Ok(self)
    }

    fn with(mut self, field: Field) -> Request {
        self.fields.push(field);
        self
    }

    /// Sends these credentials with the request, without waiting to be asked: the token by Bearer (RFC 6750) where
    /// there is one, else the password by Basic (RFC 7617). They stay with this URL's origin.
    ///
    /// # Errors
    /// [`Invalid::Login`] when the scheme cannot carry them.
    pub fn login(mut self, credentials: &Credentials) -> Result<Request, Invalid> {
        let value = if credentials.token.is_some() { bearer(credentials)? } else { basic(credentials)? };
        self.secrets.retain(|secret| !secret.name.eq_ignore_ascii_case("authorization"));
        self.secrets.push(SecretField { name: "Authorization".into(), value });
        Ok(self)
    }

    /// As [`Request::login`], for a request that is on its way.
    pub(crate) fn log_in(&mut self, credentials: &Credentials) -> Result<(), Invalid> {
        let value = basic(credentials)?;
        self.secrets.push(SecretField { name: "Authorization".into(), value });
        Ok(())
    }

    /// The cookies that the caller gave, which are to stand in one field with the jar's (RFC 6265 5.4).
    pub(crate) fn own_cookies(&self) -> Option<Secret> {
        let own = self.secrets.iter().filter(|secret| secret.name.eq_ignore_ascii_case("cookie"));
        let parts: Vec<&[u8]> = own.flat_map(|secret| [secret.value.expose(), b"; "]).collect();
        let parts = parts.split_last().map(|(_, parts)| parts)?;
        Some(Secret::concat(parts))
    }

    /// Allows secrets to cross the network in clear. Without it they go to https and to this host only.
    #[must_use]
    pub fn allow_login_in_clear(mut self, yes: bool) -> Request {
        self.options.allows_login_in_clear = yes;
        self
    }

    /// Gives it a body.
    ///
    /// # Errors
    /// [`Invalid::BodyNotAllowed`] for TRACE (RFC 9110 9.3.8).
    pub fn body(mut self, body: Payload) -> Result<Request, Invalid> {
        if self.method == Method::TRACE && body.announced() != Announced::Nothing {
            return Err(Invalid::BodyNotAllowed);
        }
        self.body = body;
        Ok(self)
    }

    /// Adds a field behind the body, which then goes in chunks (RFC 9110 6.5, RFC 9112 7.1.2): what is known only when
    /// the body was made, such as a checksum of it. Its name is announced in `Trailer`. Call it after [`Request::body`].
    ///
    /// # Errors
    /// [`Invalid::Field`]; [`Invalid::OwnField`] also for what a server needs before the body (RFC 9110 6.5.1);
    /// [`Invalid::BodyNotAllowed`] where there is no body to stand behind.
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Result<Request, Invalid> {
        let field = field(name, value.as_ref())?;
        if let Some(early) = EARLY.into_iter().find(|early| early.eq_ignore_ascii_case(name)) {
            return Err(Invalid::OwnField(early));
        }
        // It would stand in logs, and would follow a redirect.
        if is_secret(name) {
            return Err(Invalid::Field(name.to_owned()));
        }
        self.body = match self.body {
            Payload::Empty => return Err(Invalid::BodyNotAllowed),
            Payload::Trailed(body, mut trailers) => {
                trailers.push(field);
                Payload::Trailed(body, trailers)
            }
            body => {
                let mut trailers = Fields::default();
                trailers.push(field);
                Payload::Trailed(Box::new(body), trailers)
            }
        };
        Ok(self)
    }

    /// Leaves the content coding on the body of the answer.
    #[must_use]
    pub fn keep_coding(mut self, yes: bool) -> Request {
        self.options.keeps_coding = yes;
        self
    }

    /// How long to wait for `100 Continue` before a large body, or one of unknown length, is sent all the same (RFC 9110
    /// 10.1.1); one second unless said. With zero nothing is asked and nothing waited for.
    #[must_use]
    pub fn continue_timeout(mut self, limit: Duration) -> Request {
        self.options.patience = limit;
        self
    }

    /// Leaves out the fields that are sent unless the caller gives them: `User-Agent`, `Accept`, `Accept-Encoding`.
    #[must_use]
    pub fn bare(mut self, yes: bool) -> Request {
        self.options.bare = yes;
        self
    }

    /// Asks the server to close the connection behind its answer (RFC 9112 9.6).
    #[must_use]
    pub fn last(mut self, yes: bool) -> Request {
        self.options.last = yes;
        self
    }

    /// Asks about the server as a whole: the target on the wire is `*` (RFC 9112 3.2.4). For OPTIONS.
    #[must_use]
    pub fn of_the_server(mut self) -> Request {
        self.options.asterisk = self.method == Method::OPTIONS;
        self
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The server it goes to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The fields that are no secrets.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The names of the secret fields.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| &*secret.name)
    }

    /// The body.
    pub fn payload(&self) -> &Payload {
        &self.body
    }

    /// The head as it will be sent; secrets are `***`.
    pub fn preview_head(&self) -> Vec<u8> {
        let mut shown = Vec::with_capacity(256);
        self.encode(None, &mut |part| match part {
            Part::Plain(bytes) => shown.extend_from_slice(bytes),
            Part::Secret(_) => shown.extend_from_slice(b"***"),
        });
        shown
    }

    /// The head as it will be sent, and a body held in memory; secrets are `***`.
    pub fn preview(&self) -> Vec<u8> {
        let mut shown = self.preview_head();
        match &self.body {
            Payload::Bytes(bytes) => shown.extend_from_slice(bytes),
            Payload::Trailed(body, trailers) => {
                if let Payload::Bytes(bytes) = &**body {
                    encode_chunk(bytes, &mut shown);
                    encode_last_chunk(trailers, &mut shown);
                }
            }
            _ => {}
        }
        shown
    }

    pub(crate) fn fields_mut(&mut self) -> &mut Fields {
        &mut self.fields
    }

    pub(crate) fn payload_mut(&mut self) -> &mut Payload {
        &mut self.body
    }

    pub(crate) fn keeps_coding(&self) -> bool {
        self.options.keeps_coding
    }

    /// How long the server is waited for before the body is sent; `None` where it is not asked.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let large = match self.body.announced() {
            Announced::Nothing => false,
            Announced::Length(n) => n > LARGE,
            Announced::Chunked => true,
        };
        (large && !self.options.patience.is_zero()).then_some(self.options.patience)
    }

    /// The server knows nothing of `Expect` (417): it is not asked again.
    pub(crate) fn ask_nothing(&mut self) {
        self.options.patience = Duration::ZERO;
    }

    /// Notes whether anything of the body was read to be sent.
    pub(crate) fn body_was_touched(&mut self, touched: bool) {
        self.options.body_is_whole = !touched;
    }

    /// Whether the body can be sent once more: it can be read again, or no byte of it was read.
    pub(crate) fn has_its_body(&self) -> bool {
        self.options.body_is_whole || self.body.is_replayable()
    }

    pub(crate) fn is_last(&self) -> bool {
        self.options.last
    }

    /// Whether a secret would cross the network in clear without leave.
    pub(crate) fn leaks(&self) -> bool {
        !self.secrets.is_empty() && !self.options.allows_login_in_clear && !self.origin.is_confidential()
    }

    /// Whether it may be sent again when nobody knows whether it arrived (RFC 9110 9.2.2).
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method.is_idempotent() && self.body.is_replayable()
    }

    /// The same request to another URL. Returns whether secrets were dropped because the origin is another.
    pub(crate) fn move_to(&mut self, url: Url, origin: Origin) -> bool {
        let other = origin != self.origin;
        (self.url, self.origin) = (url, origin);
        other && (self.added.forget() | !std::mem::take(&mut self.secrets).is_empty())
    }

    /// The same request through TLS, as its host wants it (RFC 6797 8.3): secrets go along.
    pub(crate) fn upgrade(&mut self, url: Url, origin: Origin) {
        (self.url, self.origin) = (url, origin);
    }

    /// The target as it stands on the wire (RFC 9112 3.2).
    pub(crate) fn target(&self) -> String {
        match self.url.query() {
            _ if self.options.asterisk => "*".to_owned(),
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// It becomes a GET (RFC 9110 15.4): without a body, and without the fields that describe one.
    pub(crate) fn become_get(&mut self) {
        self.method = Method::GET;
        self.body = Payload::Empty;
        let described =
            |field: &Field| field.name().get(..8).is_some_and(|n| n.eq_ignore_ascii_case("content-"));
        let names: Vec<_> =
            self.fields.iter().filter(|f| described(f)).map(|f| f.name().to_owned()).collect();
        names.iter().for_each(|name| self.fields.remove(name));
    }

    /// The head, piece by piece (RFC 9112 3), for the server or for a proxy. `Host` comes first (RFC 9110 7.2).
    pub(crate) fn encode(&self, proxy: Option<&Forward>, emit: &mut dyn FnMut(Part<'_>)) {
        let mut out = Vec::with_capacity(256);
        let mut line = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
        line(&[self.method.as_str().as_bytes(), b" "]);
        if proxy.is_some() {
            line(&[Forward::target(&self.origin).as_bytes()]);
        }
        if self.options.asterisk {
            line(if proxy.is_some() { &[] } else { &[b"*"] });
        } else {
            line(&[self.url.path().as_bytes()]);
            if let Some(query) = self.url.query() {
                line(&[b"?", query.as_bytes()]);
            }
        }
        line(&[b" HTTP/1.1\r\nHost: "]);
        self.origin.encode_host(&mut out);
        out.extend_from_slice(b"\r\n");
        let mut field = |name: &str, value: &[u8]| {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                out.extend_from_slice(part);
            }
        };
        // A part of coded content cannot be decoded, so a range is asked of the content itself.
        let accepted = if self.fields.has("range") { "identity" } else { ACCEPTED };
        for (name, value) in [("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Accept-Encoding", accepted)] {
            if !self.options.bare && !self.fields.has(name) {
                field(name, value.as_bytes());
            }
        }
        self.fields.iter().for_each(|f| field(f.name(), f.value()));
        match self.body.announced() {
            Announced::Nothing if self.method.expects_content() => field("Content-Length", b"0"),
            Announced::Nothing => {}
            Announced::Length(n) => field("Content-Length", n.to_string().as_bytes()),
            Announced::Chunked => field("Transfer-Encoding", b"chunked"),
        }
        if let Some(trailers) = self.body.trailers() {
            let names: Vec<&str> = trailers.iter().map(Field::name).collect();
            field("Trailer", names.join(", ").as_bytes());
        }
        if self.patience().is_some() {
            field("Expect", b"100-continue");
        }
        if self.options.last {
            field("Connection", b"close");
        }
        let mut secret = |name: &str, value: &Secret| {
            for part in [name.as_bytes(), b": "] {
                out.extend_from_slice(part);
            }
            emit(Part::Plain(&out));
            emit(Part::Secret(value.expose()));
            out.clear();
            out.extend_from_slice(b"\r\n");
        };
        // What the client adds stands in the place of the caller's: of each of these fields there is one.
        let added = |name: &str| self.added.fields().any(|(added, _)| added.eq_ignore_ascii_case(name));
        let apart = |field: &&SecretField| !added(&field.name);
        self.secrets.iter().filter(apart).for_each(|field| secret(&field.name, &field.value));
        self.added.fields().for_each(|(name, value)| secret(name, value));
        proxy.and_then(Forward::login).into_iter().for_each(|(name, value)| secret(name, value));
        out.extend_from_slice(b"\r\n");
        emit(Part::Plain(&out));
    }
}

fn field(name: &str, value: &[u8]) -> Result<Field, Invalid> {
    if let Some(own) = OWN.into_iter().find(|own| own.eq_ignore_ascii_case(name)) {
        return Err(Invalid::OwnField(own));
    }
    Field::new(name, value).ok_or_else(|| Invalid::Field(name.to_owned()))
}

/// Whether a field of that name holds what lets others act for the user: the three of RFC 9110 and RFC 6265, and the
/// names services invent (`X-Api-Key`, `X-Auth-Token`, `PRIVATE-TOKEN`).
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts =
        ["auth", "cookie", "token", "secret", "password", "api-key", "apikey", "session", "credential"];
    parts.iter().any(|part| name.contains(part))
}
