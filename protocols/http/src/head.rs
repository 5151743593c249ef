//! What stands before a body: the start line and the fields, of a request and of a response, in both directions.

mod request;
mod response;
mod status;

pub use request::{RequestHead, RequestHeads};
pub use response::{Head, Heads};
pub use status::Status;

use netkit_wire::Malformed;

/// The version of a message (RFC 9112 2.3).
///
/// A minor version past 1 is read as 1.1 (RFC 9110 2.5); another major version is malformed, because nothing is known
/// about the framing of what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0: one answer to a connection, unless both sides ask for more.
    Http10,
    /// HTTP/1.1: connections stay open.
    Http11,
}

impl Version {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        }
    }

    /// `HTTP-version = %s"HTTP/" DIGIT "." DIGIT`; `at` is where it stands.
    fn parse(text: &[u8], at: usize) -> Result<Version, Malformed> {
        match text {
            b"HTTP/1.0" => Ok(Version::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => Ok(Version::Http11),
            [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => {
                Err(Malformed::new("the version is HTTP/1.0 or HTTP/1.1", at))
            }
            _ => Err(Malformed::new("a message says HTTP/1.0 or HTTP/1.1 (HTTP/0.9 is not spoken)", at)),
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
