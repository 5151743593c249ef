//! An answer: its head is here, its body is on the way.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use netkit_socket::DialReport;
use netkit_wire::{Fields, Text};
use url::Url;

pub use crate::body::Body;
use crate::error::Error;
use crate::framing::Framing;
use crate::head::{Head, Status, Version};
use crate::redirect::Hop;
use crate::request::Request;

/// What it took to get an answer.
#[derive(Clone, Debug)]
pub struct Trip {
    /// Whether the connection was there already.
    pub reused: bool,
    /// How the connection came about, where it was made for this request by [`Direct`](crate::Direct).
    pub dialed: Option<DialReport>,
    /// From the first byte of the request to the whole final head.
    pub first_byte: Duration,
}

impl Trip {
    /// Dialing, TLS, and waiting for the head.
    pub fn total(&self) -> Duration {
        let dialing = self.dialed.as_ref().map(|dial| dial.resolve + dial.connect + dial.tls_time);
        dialing.unwrap_or_default() + self.first_byte
    }
}

/// An answer, borrowed from its connection until its body is dropped. Reads of it are reads of the [`Body`].
#[derive(Debug)]
pub struct Response<'c> {
    head: Head,
    interim: Vec<Head>,
    framing: Framing,
    url: Url,
    hops: Vec<Hop>,
    request: Option<Box<Request>>,
    trip: Trip,
    body: Body<'c>,
}

impl<'c> Response<'c> {
    pub(crate) fn new(
        head: Head,
        interim: Vec<Head>,
        framing: Framing,
        url: Url,
        trip: Trip,
        body: Body<'c>,
    ) -> Response<'c> {
        Response { head, interim, framing, url, hops: Vec::new(), request: None, trip, body }
    }

    pub(crate) fn with_hops(self, hops: Vec<Hop>) -> Response<'c> {
        Response { hops, ..self }
    }

    pub(crate) fn with_request(self, request: Request) -> Response<'c> {
        Response { request: Some(Box::new(request)), ..self }
    }

    /// What it answers, as redirects and logins made it; `None` where the caller has the request still.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_deref()
    }

    /// Status line and header fields.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.head.status()
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.head.version()
    }

    /// The status in words.
    pub fn reason(&self) -> &Text {
        self.head.reason()
    }

    /// The header fields.
    pub fn fields(&self) -> &Fields {
        self.head.fields()
    }

    /// The 1xx answers that came before (RFC 9110 15.2), such as 103 with its hints.
    pub fn interim(&self) -> &[Head] {
        &self.interim
    }

    /// How the end of the body is found.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Whose answer it is, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The redirects that led here, in order.
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// What the last request took.
    pub fn trip(&self) -> &Trip {
        &self.trip
    }

    /// The body.
    pub fn body(&mut self) -> &mut Body<'c> {
        &mut self.body
    }

    /// Itself, if the server did not say no.
    ///
    /// # Errors
    /// [`Error::Refused`] for a status of 400 and above; the body is lost.
    pub fn error_for_status(self) -> Result<Response<'c>, Error> {
        if self.status().is_error() { Err(Error::Refused(Box::new(self.head))) } else { Ok(self) }
    }

    /// The trailer fields, once a chunked body was read to its end.
    pub fn trailers(&mut self) -> Option<&Fields> {
        self.body.trailers()
    }

    /// As [`Body::copy_to`].
    ///
    /// # Errors
    /// As [`Body::copy_to`].
    pub fn copy_to(&mut self, to: &mut dyn Write, file: Option<&File>) -> io::Result<u64> {
        self.body.copy_to(to, file)
    }

    /// As [`Body::read_all`].
    ///
    /// # Errors
    /// As [`Body::read_all`].
    pub fn read_all(&mut self, most: u64) -> Result<Vec<u8>, Error> {
        self.body.read_all(most)
    }
}

impl Read for Response<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.body.read(to)
    }
}
