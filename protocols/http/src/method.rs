//! Methods: any token, because WebDAV and its kin keep adding to them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use netkit_wire::is_token;

use crate::error::Invalid;

/// A request method (RFC 9110 9.1): case-sensitive, any token.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Method(Cow<'static, str>);

impl Method {
    /// Transfer the target's content (RFC 9110 9.3.1).
    pub const GET: Method = Method(Cow::Borrowed("GET"));
    /// As GET, without the content (RFC 9110 9.3.2).
    pub const HEAD: Method = Method(Cow::Borrowed("HEAD"));
    /// Hand the content to the target (RFC 9110 9.3.3).
    pub const POST: Method = Method(Cow::Borrowed("POST"));
    /// Replace the target by the content (RFC 9110 9.3.4).
    pub const PUT: Method = Method(Cow::Borrowed("PUT"));
    /// Remove the target (RFC 9110 9.3.5).
    pub const DELETE: Method = Method(Cow::Borrowed("DELETE"));
    /// Make a tunnel (RFC 9110 9.3.6).
    pub const CONNECT: Method = Method(Cow::Borrowed("CONNECT"));
    /// Describe the ways to talk to the target (RFC 9110 9.3.7).
    pub const OPTIONS: Method = Method(Cow::Borrowed("OPTIONS"));
    /// Send the request back (RFC 9110 9.3.8).
    pub const TRACE: Method = Method(Cow::Borrowed("TRACE"));
    /// Change a part of the target (RFC 5789).
    pub const PATCH: Method = Method(Cow::Borrowed("PATCH"));

    /// A method by its name.
    ///
    /// # Errors
    /// [`Invalid::Method`] when the name is no token.
    pub fn new(name: &str) -> Result<Method, Invalid> {
        if !is_token(name.as_bytes()) {
            return Err(Invalid::Method);
        }
        let known = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::CONNECT,
            Method::OPTIONS,
            Method::TRACE,
            Method::PATCH,
        ];
        Ok(known.into_iter().find(|m| m.0 == name).unwrap_or_else(|| Method(Cow::Owned(name.to_owned()))))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it asks for nothing to change (RFC 9110 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// Whether twice is as good as once (RFC 9110 9.2.2).
    pub fn is_idempotent(&self) -> bool {
        self.is_safe() || matches!(self.as_str(), "PUT" | "DELETE")
    }

    /// Whether a request without a body says so with `Content-Length: 0` (RFC 9110 8.6): the methods that are
    /// expected to have one.
    pub fn expects_content(&self) -> bool {
        matches!(self.as_str(), "POST" | "PUT" | "PATCH")
    }
}

impl FromStr for Method {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Method, Invalid> {
        Method::new(name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
