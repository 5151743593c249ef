//! Where a body ends: the one decision of HTTP/1.1, as one table.
//!
//! | RFC 9112 6.3 | message | answer |
//! |---|---|---|
//! | 1 | response to HEAD, 1xx, 204, 304 | [`Framing::Nothing`], whatever its fields say |
//! | 2 | 2xx response to CONNECT | [`Framing::Tunnel`] |
//! | 3 | Transfer-Encoding and Content-Length | malformed: it is how requests are smuggled |
//! | 4 | Transfer-Encoding is `chunked` | [`Framing::Chunked`] |
//! | 4 | any other Transfer-Encoding | malformed: none was offered (RFC 9112 7.4), and a request without `chunked` has no end |
//! | 4 | Transfer-Encoding in HTTP/1.0 | malformed (RFC 9112 6.1) |
//! | 5 | Content-Length is no number, or two numbers | malformed; the same number twice is that number |
//! | 6 | Content-Length | [`Framing::Counted`] |
//! | 7 | request with neither | [`Framing::Nothing`] |
//! | 8 | response with neither | [`Framing::UntilClose`] |

use netkit_wire::{Fields, Malformed};

use crate::head::{Head, RequestHead, Version};
use crate::method::Method;

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none (rules 1 and 7).
    Nothing(Bodiless),
    /// What follows is not HTTP (rule 2).
    Tunnel,
    /// In chunks, the last of which is empty (rule 4).
    Chunked,
    /// By its length in bytes (rule 6).
    Counted(u64),
    /// By the end of the connection (rule 8).
    UntilClose,
}

/// Why a message has no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodiless {
    /// It answers HEAD.
    Head,
    /// It is a 1xx.
    Informational,
    /// It is a 204.
    NoContent,
    /// It is a 304.
    NotModified,
    /// It is a request that announces none.
    Request,
}

impl Framing {
    /// How many bytes the body has, where the head tells.
    pub fn length(self) -> Option<u64> {
        match self {
            Framing::Nothing(_) => Some(0),
            Framing::Counted(n) => Some(n),
            Framing::Tunnel | Framing::Chunked | Framing::UntilClose => None,
        }
    }

    /// The framing of a response to `method` (RFC 9112 6.3).
    ///
    /// # Errors
    /// [`Malformed`] by rules 3, 4 and 5.
    pub fn of_response(method: &Method, head: &Head) -> Result<Framing, Malformed> {
        match (head.status().code(), method.as_str()) {
            (_, "HEAD") => Ok(Framing::Nothing(Bodiless::Head)),
            (100..=199, _) => Ok(Framing::Nothing(Bodiless::Informational)),
            (204, _) => Ok(Framing::Nothing(Bodiless::NoContent)),
            (304, _) => Ok(Framing::Nothing(Bodiless::NotModified)),
            (200..=299, "CONNECT") => Ok(Framing::Tunnel),
            _ => Ok(announced(head.version(), head.fields())?.unwrap_or(Framing::UntilClose)),
        }
    }

    /// The framing of a request (RFC 9112 6.3).
    ///
    /// # Errors
    /// [`Malformed`] by rules 3, 4 and 5: the answer is 400, and the connection is closed.
    pub fn of_request(head: &RequestHead) -> Result<Framing, Malformed> {
        Ok(announced(head.version(), head.fields())?.unwrap_or(Framing::Nothing(Bodiless::Request)))
    }
}

/// Rules 3 to 6.
fn announced(version: Version, fields: &Fields) -> Result<Option<Framing>, Malformed> {
    match (fields.has("transfer-encoding"), fields.has("content-length")) {
        (true, true) => Err(Malformed::new("a message has Transfer-Encoding or Content-Length, not both", 0)),
        (true, false) if version == Version::Http10 => {
            Err(Malformed::new("an HTTP/1.0 message has no Transfer-Encoding", 0))
        }
        (true, false) => {
            let mut codings = fields.list("transfer-encoding");
            match (codings.next(), codings.next()) {
                (Some(only), None) if only.eq_ignore_ascii_case(b"chunked") => Ok(Some(Framing::Chunked)),
                _ => Err(Malformed::new("the only transfer coding that was offered is chunked", 0)),
            }
        }
        (false, true) => content_length(fields).map(|n| Some(Framing::Counted(n))),
        (false, false) => Ok(None),
    }
}

/// `Content-Length = 1*DIGIT` (RFC 9110 8.6). A list of equal numbers, over one line or several, is that number.
fn content_length(fields: &Fields) -> Result<u64, Malformed> {
    let mut length = None;
    for value in fields.all("content-length").flat_map(|v| v.split(|b| *b == b',')).map(<[u8]>::trim_ascii) {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let number = if digits { std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()) } else { None };
        let number = number.ok_or(Malformed::new("Content-Length is a number of bytes", 0))?;
        if length.is_some_and(|other: u64| other != number) {
            return Err(Malformed::new("a message has one Content-Length", 0));
        }
        length = Some(number);
    }
    length.ok_or(Malformed::new("Content-Length is a number of bytes", 0))
}
