//! Where an answer sends its reader (RFC 9110 15.4), and what may go along.
//!
//! | answer | request | next |
//! |---|---|---|
//! | 301, 302 | POST | GET, without the body |
//! | 301, 302 | any other | the same |
//! | 303 | HEAD | HEAD |
//! | 303 | any other | GET, without the body |
//! | 307, 308 | any | the same, with the body; refused when that was a stream |
//! | any of these | without `Location` | the answer is final |
//! | 300, 304, 305, 306 | any | the answer is final |
//!
//! A fragment is inherited where the new place has none (RFC 9110 10.2.2). A user name in a `Location` is dropped. When
//! the origin changes, so are `Authorization`, `Cookie`, `Proxy-Authorization` and every field given as a secret; also
//! from https to http, which is another origin.

use netkit_wire::Fields;
use url::Url;

use crate::error::{Error, RedirectFault};
use crate::head::{Head, Status};
use crate::method::Method;
use crate::origin::{Origin, Scheme};
use crate::request::Request;
use crate::response::{Response, Trip};

/// Which redirects to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirects {
    /// Of which requests.
    pub of: Follow,
    /// How many in a row.
    pub limit: u32,
}

/// Of which requests redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Of none: the 3xx is the answer.
    Never,
    /// Of GET and HEAD, which change nothing.
    Safe,
    /// Of all.
    Always,
}

impl Default for Redirects {
    fn default() -> Redirects {
        Redirects { of: Follow::Safe, limit: 10 }
    }
}

/// A redirect that was followed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Hop {
    /// What was asked.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// The answer.
    pub status: Status,
    /// The head of the request as it was sent, secrets as `***`.
    pub sent: Vec<u8>,
    /// The head of the answer.
    pub head: Head,
    /// What it took.
    pub trip: Trip,
    /// Whether the next place is reached in clear though this one was not.
    pub downgraded: bool,
    /// Whether secrets stayed behind because the next place is another origin.
    pub secrets_dropped: bool,
}

impl Redirects {
    /// Turns `request` into the one that follows `head`, if one does.
    ///
    /// # Errors
    /// [`Error::TooManyRedirects`], [`Error::RedirectRefused`].
    pub(crate) fn next(
        &self,
        request: &mut Request,
        head: &Head,
        trip: &Trip,
        hops: &[Hop],
    ) -> Result<Option<Hop>, Error> {
        let followed = match self.of {
            Follow::Never => false,
            Follow::Safe => matches!(request.method().as_str(), "GET" | "HEAD"),
            Follow::Always => true,
        };
        if !followed || !head.status().names_a_place() {
            return Ok(None);
        }
        let Some(location) = location(head.fields())? else { return Ok(None) };
        let (url, origin) = resolve(request.url(), &location)?;
        if hops.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX) {
            let looped = hops.iter().any(|hop| hop.url == url) || *request.url() == url;
            return Err(Error::TooManyRedirects { limit: self.limit, looped });
        }
        let (method, status) = (request.method().clone(), head.status());
        let sent = request.preview_head();
        let becomes_get = match status.code() {
            301 | 302 => method == Method::POST,
            303 => method != Method::HEAD,
            _ => false,
        };
        if becomes_get {
            request.become_get();
        } else if !request.has_its_body() {
            return Err(Error::RedirectRefused { to: location, why: RedirectFault::BodyIsGone });
        }
        let downgraded = request.origin().scheme() == Scheme::Https && origin.scheme() == Scheme::Http;
        let from = request.url().clone();
        let secrets_dropped = request.move_to(url, origin);
        let trip = trip.clone();
        let head = head.clone();
        Ok(Some(Hop { method, url: from, status, sent, head, trip, downgraded, secrets_dropped }))
    }
}

impl Response<'_> {
    /// Where a redirect that was not followed leads, as [`Redirects`] would follow it; `None` for any other answer.
    ///
    /// # Errors
    /// [`Error::RedirectRefused`].
    pub fn location(&self) -> Result<Option<Url>, Error> {
        match location(self.fields())?.filter(|_| self.status().names_a_place()) {
            Some(to) => Ok(Some(resolve(self.url(), &to)?.0)),
            None => Ok(None),
        }
    }
}

/// The one `Location`. Bytes past ASCII that are not UTF-8 are percent-encoded, as browsers do with Latin-1.
fn location(fields: &Fields) -> Result<Option<String>, Error> {
    let mut all = fields.all("location");
    let Some(first) = all.next() else { return Ok(None) };
    let text = match std::str::from_utf8(first) {
        Ok(text) => text.to_owned(),
        Err(_) => first
            .iter()
            .map(|b| if b.is_ascii() { char::from(*b).to_string() } else { format!("%{b:02X}") })
            .collect(),
    };
    if all.any(|other| other != first) {
        return Err(Error::RedirectRefused { to: text, why: RedirectFault::Several });
    }
    Ok(Some(text))
}

fn resolve(from: &Url, location: &str) -> Result<(Url, Origin), Error> {
    let refused = |why| Error::RedirectRefused { to: location.to_owned(), why };
    // The URL standard would drop tabs, which hides where a URL leads.
    if location.contains(|c: char| c.is_control()) {
        return Err(refused(RedirectFault::Unreadable));
    }
    let mut url = from.join(location).map_err(|_| refused(RedirectFault::Unreadable))?;
    let origin = Origin::of(&url).map_err(|_| refused(RedirectFault::Scheme))?;
    // These two only fail on URLs without a host, which `Origin` refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.fragment().is_none() {
        url.set_fragment(from.fragment());
    }
    Ok((url, origin))
}
