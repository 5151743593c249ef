//! Content codings (RFC 9110 8.4.1): taken off while the body is read.
//!
//! | the server sends | answer |
//! |---|---|
//! | `gzip`, `x-gzip`: one member or many (RFC 1952 2.2) | decoded; each member's checksum and length hold |
//! | `deflate`: zlib (RFC 1950), or raw (RFC 1951) as some servers have it | decoded |
//! | `br` (RFC 7932), `zstd` (RFC 8878; one frame or many, window at most 8 MiB by RFC 9659) | decoded |
//! | several codings | taken off from the last to the first, at most [`MOST`] |
//! | an unknown coding | nothing is taken off: the body as it came, [`ContentCoding::Unknown`] |
//! | `identity`, or no bytes at all under any coding | the body as it is |
//! | a coded stream that is cut short, though its framing is whole | [`Undecodable::Cut`] |
//! | bytes behind the coded stream, padding zeros included | [`Undecodable::Trailing`] |
//! | more decoded bytes than allowed | [`Limit::Body`](netkit_wire::Limit) |

mod brotli;
mod deflate;
mod zstd;

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use netkit_wire::Fields;

use crate::error::Undecodable;

/// How many codings one body may have on it. One is usual; every further one multiplies what a bomb can do.
pub const MOST: usize = 4;

/// The value of `Accept-Encoding` that says what this crate decodes.
pub const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// A content coding that can be taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or RFC 1951 without its wrapping.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// The name in `Content-Encoding`; case does not count.
    pub fn new(name: &[u8]) -> Option<Coding> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match () {
            () if is("gzip") || is("x-gzip") => Some(Coding::Gzip),
            () if is("deflate") => Some(Coding::Deflate),
            () if is("br") => Some(Coding::Brotli),
            () if is("zstd") => Some(Coding::Zstd),
            () => None,
        }
    }

    /// The registered name.
    pub fn as_str(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a message says about its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// These codings were put on, in this order; none for the content itself.
    Known(Vec<Coding>),
    /// A coding this crate does not know, or more than [`MOST`] of them.
    Unknown,
}

impl ContentCoding {
    /// Reads `Content-Encoding`.
    pub fn of(fields: &Fields) -> ContentCoding {
        let named = fields.list("content-encoding").filter(|name| !name.eq_ignore_ascii_case(b"identity"));
        match named.map(Coding::new).collect::<Option<Vec<_>>>() {
            Some(codings) if codings.len() <= MOST => ContentCoding::Known(codings),
            _ => ContentCoding::Unknown,
        }
    }
}

/// One reader in a stack of readers; `B` lies at the bottom.
pub(crate) trait Layer<B>: Read + Send {
    /// The reader of the coded bytes; none when a decoder was lost to an error.
    fn bottom(&mut self) -> Option<&mut B>;
}

/// What a decoder reads from.
pub(crate) type Input<'r, B> = BufReader<Box<dyn Layer<B> + 'r>>;

/// Takes `coding` off what `input` gives. No byte of it was read yet, and there is at least one.
pub(crate) fn decoder<'r, B: 'r>(coding: Coding, input: Input<'r, B>) -> io::Result<Box<dyn Layer<B> + 'r>> {
    Ok(match coding {
        Coding::Gzip => Box::new(deflate::Gzip::new(input)),
        Coding::Deflate => deflate::zlib_or_raw(input)?,
        Coding::Brotli => Box::new(brotli::Brotli::new(input)),
        Coding::Zstd => Box::new(zstd::Zstd::new(input)),
    })
}

/// An [`Undecodable`] on its way up through [`Read`].
fn broken(why: Undecodable) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The coded stream is over; so must be what it came in. This also reads the framing to its end, which is where a cut
/// shows.
fn nothing_follows(input: &mut dyn BufRead) -> io::Result<usize> {
    if input.fill_buf()?.is_empty() { Ok(0) } else { Err(broken(Undecodable::Trailing)) }
}
