//! How an HTTP call fails.

use std::io;

use netkit_auth::http::HttpAuthError;
use netkit_socket::NetError;
use netkit_wire::{Fault, escape};

use crate::coding::Coding;
use crate::connection::Closing;
use crate::head::Head;

/// The same six names as in every protocol crate of the family, and what only HTTP can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No conversation: the name, the connection or TLS failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The conversation broke.
    #[error(transparent)]
    Wire(#[from] Fault),
    /// The server answered 400 or above. Only [`Response::error_for_status`](crate::Response::error_for_status) makes
    /// an error of it.
    #[error("the server refused: {} {}", .0.status(), .0.reason())]
    Refused(Box<Head>),
    /// An answer that this request cannot have.
    #[error("{why} (the answer was {} {})", .head.status(), .head.reason())]
    Unexpected {
        /// The answer.
        head: Box<Head>,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What was asked for is not offered. Nothing was sent.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A password or token would cross the network in clear. Nothing was sent.
    #[error("a password or token is not sent in clear; use https, or allow it")]
    LoginInClear,
    /// The body to be sent could not be read; the request was cut off.
    #[error("the body to send could not be read: {0}")]
    Payload(#[source] io::Error),
    /// The content coding of the answer is broken: what was read of it is partial.
    #[error("the {coding} content is {why}")]
    Decoding {
        /// The coding, or the outermost of several.
        coding: Coding,
        /// In which way.
        why: Undecodable,
    },
    /// More redirects than allowed.
    #[error("more than {limit} redirects{}", if *.looped { ", in a loop" } else { "" })]
    TooManyRedirects {
        /// The limit.
        limit: u32,
        /// Whether the last of them named a place that had been asked before.
        looped: bool,
    },
    /// A redirect that must not be followed.
    #[error("a redirect to \"{}\" was not followed: {why}", escape(.to.as_bytes()))]
    RedirectRefused {
        /// Where to, as the server wrote it.
        to: String,
        /// Why not.
        why: RedirectFault,
    },
}

/// What a server or this client does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The server speaks HTTP/1.0, which has no way to send a body of unknown length (RFC 9112 6.1).
    #[error("the server speaks HTTP/1.0, which takes no body of unknown length")]
    ChunkedToHttp10,
    /// The connection carries no further request.
    #[error("the connection carries no further request ({0})")]
    Closing(Closing),
    /// Only GET and HEAD without a body, of one origin, may be sent ahead of answers (RFC 9112 9.3.2).
    #[error("only GET and HEAD requests to one server are pipelined")]
    Pipelined,
    /// CONNECT makes a tunnel, which is no answer with a body.
    #[error("CONNECT is not a request for a document")]
    Tunnel,
}

/// Why an argument cannot go on the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A method that is no token.
    #[error("a method is letters, digits and a few signs, without spaces")]
    Method,
    /// A header field whose name is no token, or whose value holds CR, LF or NUL.
    #[error("the header field \"{}\" has a name or value that HTTP cannot carry", escape(.0.as_bytes()))]
    Field(String),
    /// A header field that this crate writes itself, because the framing hangs on it.
    #[error("the header field {0} is written by the client itself")]
    OwnField(&'static str),
    /// The target is no HTTP URL.
    #[error("{0}")]
    Target(&'static str),
    /// The host or port of the target is malformed.
    #[error("{0}")]
    Endpoint(String),
    /// The credentials cannot be written in that scheme.
    #[error(transparent)]
    Login(#[from] HttpAuthError),
    /// A multipart boundary of other than 1 to 70 of its characters.
    #[error("a boundary is 1 to 70 letters, digits and a few signs")]
    Boundary,
    /// The method takes no body, or a trailer has none to stand behind.
    #[error("there is no body here, or none is allowed")]
    BodyNotAllowed,
}

/// In which way coded content is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// It ends before its own end mark.
    #[error("cut short")]
    Cut,
    /// It breaks its format, or its checksum is wrong.
    #[error("corrupt")]
    Corrupt,
    /// Something follows its end.
    #[error("followed by something else")]
    Trailing,
    /// It asks for more memory than its format allows on the web (RFC 9659: 8 MiB for zstd).
    #[error("made for more memory than is given to it")]
    Window,
}

/// Why a redirect was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectFault {
    /// Neither http nor https.
    #[error("it leaves HTTP")]
    Scheme,
    /// No URL.
    #[error("it is not a URL")]
    Unreadable,
    /// Several `Location` fields that differ.
    #[error("the answer names several places")]
    Several,
    /// The same body would be due again, and it was a stream that is used up.
    #[error("the body cannot be sent a second time")]
    BodyIsGone,
}

impl Error {
    /// Whether the same call may work later: the network failed, or the server said that it is busy.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(net) => net.is_transient(),
            Error::Wire(fault) => fault.is_transient(),
            Error::Refused(head) => head.status().is_transient(),
            _ => false,
        }
    }

    /// Whether the connection can carry another request.
    pub fn connection_is_usable(&self) -> bool {
        match self {
            Error::Refused(head) => head.keeps_alive(),
            Error::Unsupported(Unsupported::Closing(_)) => false,
            Error::Unsupported(_) | Error::Invalid(_) | Error::LoginInClear => true,
            _ => false,
        }
    }

    /// Takes the error out that a body's reader put into an [`io::Error`].
    ///
    /// # Errors
    /// The [`io::Error`] itself when it came from elsewhere: from the sink of a copy.
    pub fn from_io(error: io::Error) -> Result<Error, io::Error> {
        match error.downcast::<Error>() {
            Ok(error) => Ok(error),
            Err(error) => error.downcast::<Fault>().map(Error::Wire),
        }
    }
}

/// Bodies are read through [`io::Read`]; [`Error::from_io`] brings the error back.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Wire(fault) => fault.into(),
            error => io::Error::new(io::ErrorKind::InvalidData, error),
        }
    }
}
