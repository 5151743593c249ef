//! What servers say: RFC 9051 section 7, and the extensions' own.

mod body;
mod cursor;
mod encode;
mod envelope;
mod fetch;
mod mailbox;
mod status;
mod untagged;
mod value;

pub use body::{Body, Multipart, Part};
pub use envelope::{Address, Envelope};
pub use fetch::{Fetch, Item, Section};
pub use mailbox::{Listed, MailboxStatus, Namespace, Namespaces, Quota};
pub use status::{Code, Kind, Status};
pub use untagged::{Esearch, Thread, Untagged};
pub use value::Value;

use netkit_wire::Text;

pub(crate) use cursor::Cursor;

/// One response, over the bytes of its frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Response<'f> {
    /// `* ...`: data, or a status that belongs to no command.
    Untagged(Untagged<'f>),
    /// `tag OK ...`: the end of a command.
    Tagged(&'f str, Status),
    /// `+ ...`: the server waits for more; the words behind it, base64 of a login among them.
    Continue(&'f [u8]),
}

impl Response<'_> {
    /// The whole response with its CRLF.
    pub fn encode(&self, utf8: bool, out: &mut Vec<u8>) {
        match self {
            Response::Untagged(untagged) => return untagged.encode(utf8, out),
            Response::Tagged(tag, status) => {
                out.extend_from_slice(tag.as_bytes());
                out.push(b' ');
                status.encode(out);
            }
            Response::Continue(words) => {
                out.extend_from_slice(b"+ ");
                out.extend_from_slice(words);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
}

impl<'f> Response<'f> {
    /// Reads a frame. What is of no grammar known here is [`Untagged::Unknown`], with its bytes: that one answer cannot be
    /// read is no reason to give up on a server. `utf8`: names are UTF-8.
    pub fn parse(frame: &'f [u8], utf8: bool) -> Response<'f> {
        if let Some(rest) = frame.strip_prefix(b"+") {
            return Response::Continue(rest.strip_prefix(b" ").unwrap_or(rest));
        }
        if let Some(rest) = frame.strip_prefix(b"* ") {
            return Response::Untagged(Untagged::parse(rest, utf8));
        }
        let tagged = || {
            let mut cursor = Cursor::new(frame);
            let tag = std::str::from_utf8(cursor.until(b' ')?).ok()?;
            let fits = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric());
            cursor.space()?;
            Some((Some(tag).filter(|_| fits)?, Status::parse(cursor.rest())?))
        };
        match tagged() {
            Some((tag, status)) => Response::Tagged(tag, status),
            None => Response::Untagged(Untagged::Unknown(Text::from(frame))),
        }
    }
}
