//! Parts of a representation: what is asked for, and what an answer brought (RFC 9110 14, 13.1.5).
//!
//! | asked | answer | means |
//! |---|---|---|
//! | a range | 206 with a `Content-Range` that starts there | [`Delivery::Part`] |
//! | a range | 206 elsewhere, in other units, without `Content-Range`, or in several parts | [`Error::Unexpected`] |
//! | a range | 200 | [`Delivery::Whole`]: the validator changed, or the server knows no ranges |
//! | from N on | 416 with `*/N` | [`Delivery::Complete`]: everything is here already |
//! | a range | any other 416 | [`Delivery::Outside`] |
//! | only if it changed | 304 | [`Delivery::Unchanged`] |
//! | no range | 206 | [`Error::Unexpected`] |

use std::fmt;

use crate::error::{Error, Invalid};
use crate::head::Head;
use crate::request::Request;
use crate::validator::Validator;

/// One range of bytes, as `Range` asks for it.
///
/// ```text
/// ranges-specifier = "bytes=" range-set                           RFC 9110 14.1.1, 14.1.2
/// int-range        = first-pos "-" [ last-pos ]
/// suffix-range     = "-" suffix-length
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first position to the end.
    From(u64),
    /// From the first to the last position, both included.
    Between(u64, u64),
    /// This many bytes from the end.
    Last(u64),
}

impl ByteRange {
    /// Reads a `Range` field with one range. `None` for other units, several ranges, and what is malformed: a server
    /// ignores these (RFC 9110 14.2).
    pub fn parse(value: &[u8]) -> Option<ByteRange> {
        let text = std::str::from_utf8(value).ok()?;
        let (unit, set) = text.split_once('=')?;
        let (first, last) = set.trim_matches([' ', '\t']).split_once('-')?;
        let range = match (first, last) {
            ("", last) => ByteRange::Last(number(last)?),
            (first, "") => ByteRange::From(number(first)?),
            (first, last) => ByteRange::Between(number(first)?, number(last)?),
        };
        let ordered = !matches!(range, ByteRange::Between(first, last) if first > last);
        (unit.eq_ignore_ascii_case("bytes") && ordered).then_some(range)
    }

    /// The first and the last position in a representation of `size` bytes; `None` where it has none of them
    /// (416, RFC 9110 15.5.17).
    pub fn within(self, size: u64) -> Option<(u64, u64)> {
        let end = size.checked_sub(1)?;
        match self {
            ByteRange::From(first) => (first <= end).then_some((first, end)),
            ByteRange::Between(first, last) => (first <= end).then_some((first, last.min(end))),
            ByteRange::Last(0) => None,
            ByteRange::Last(length) => Some((size.saturating_sub(length), end)),
        }
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ByteRange::From(first) => write!(f, "bytes={first}-"),
            ByteRange::Between(first, last) => write!(f, "bytes={first}-{last}"),
            ByteRange::Last(length) => write!(f, "bytes=-{length}"),
        }
    }
}

/// Which bytes an answer holds, as `Content-Range` says it.
///
/// ```text
/// Content-Range     = "bytes" SP ( range-resp / unsatisfied-range )          RFC 9110 14.4
/// range-resp        = first-pos "-" last-pos "/" ( complete-length / "*" )
/// unsatisfied-range = "*/" complete-length
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// From the first to the last position, both included, of a representation that may have a known size.
    Part {
        /// The first position.
        first: u64,
        /// The last position.
        last: u64,
        /// How many bytes the whole has, where the server knows.
        complete: Option<u64>,
    },
    /// None of the bytes asked for: the whole has only this many.
    Unsatisfied(u64),
}

impl ContentRange {
    /// Reads the field; `None` for other units and for what is malformed, such as a last position before the first or
    /// not below the size.
    pub fn parse(value: &[u8]) -> Option<ContentRange> {
        let text = std::str::from_utf8(value).ok()?;
        let (unit, rest) = text.split_once(' ')?;
        let (range, complete) = rest.split_once('/')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        if range == "*" {
            return number(complete).map(ContentRange::Unsatisfied);
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let complete = if complete == "*" { None } else { Some(number(complete)?) };
        let fits = first <= last && last < u64::MAX && complete.is_none_or(|size| last < size);
        fits.then_some(ContentRange::Part { first, last, complete })
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContentRange::Part { first, last, complete: Some(size) } => {
                write!(f, "bytes {first}-{last}/{size}")
            }
            ContentRange::Part { first, last, complete: None } => write!(f, "bytes {first}-{last}/*"),
            ContentRange::Unsatisfied(size) => write!(f, "bytes */{size}"),
        }
    }
}

/// What came of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The whole, from its first byte.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Part {
        /// The first position: the one asked for.
        first: u64,
        /// The last position.
        last: u64,
        /// How many bytes the whole has, where the server knows.
        complete: Option<u64>,
    },
    /// Nothing, for the whole ends where the range begins.
    Complete,
    /// Nothing: the range lies outside. The size of the whole, where the server says it.
    Outside(Option<u64>),
    /// Nothing: what the client has is current.
    Unchanged,
    /// An answer about something else: a refusal, a redirect that is not followed, 204.
    Other,
}

impl Delivery {
    /// Judges an answer to GET.
    ///
    /// # Errors
    /// [`Error::Unexpected`] for a 206 that does not hold what was asked for. Several ranges in one answer
    /// (`multipart/byteranges`) are never asked for, and refused.
    pub fn of(head: &Head, asked: Option<ByteRange>) -> Result<Delivery, Error> {
        let unexpected = |why| Error::Unexpected { head: Box::new(head.clone()), why };
        let fields = head.fields();
        let mut ranges = fields.all("content-range");
        let range = match (ranges.next(), ranges.next()) {
            (Some(one), None) => ContentRange::parse(one),
            _ => None,
        };
        match (head.status().code(), asked) {
            (200 | 203, _) => Ok(Delivery::Whole),
            (304, _) => Ok(Delivery::Unchanged),
            (416, _) => Ok(match (range, asked) {
                (Some(ContentRange::Unsatisfied(size)), Some(ByteRange::From(first)))
                    if size == first && size > 0 =>
                {
                    Delivery::Complete
                }
                (Some(ContentRange::Unsatisfied(size)), _) => Delivery::Outside(Some(size)),
                _ => Delivery::Outside(None),
            }),
            (206, None) => Err(unexpected("a part came that nobody asked for")),
            (206, Some(asked)) => {
                let several = fields.get("content-type").is_some_and(is_multipart);
                let Some(ContentRange::Part { first, last, complete }) = range else {
                    let several_why = "several ranges came in one answer";
                    return Err(unexpected(if several {
                        several_why
                    } else {
                        "a part came without saying which (Content-Range)"
                    }));
                };
                let right = match asked {
                    ByteRange::From(from) => first == from,
                    ByteRange::Between(from, to) => first == from && last <= to,
                    ByteRange::Last(length) => complete
                        .is_some_and(|size| ByteRange::Last(length).within(size) == Some((first, last))),
                };
                if right {
                    Ok(Delivery::Part { first, last, complete })
                } else {
                    Err(unexpected("another part came than was asked for"))
                }
            }
            _ => Ok(Delivery::Other),
        }
    }
}

fn is_multipart(value: &[u8]) -> bool {
    value.get(..20).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/byteranges"))
}

impl Request {
    /// Asks for one range only; with `same`, only of the representation that has this validator, and else for all of
    /// it (`If-Range`, RFC 9110 13.1.5). The content is then asked for without coding.
    ///
    /// # Errors
    /// [`Invalid::Field`] for a validator that is weak: it cannot hold parts together.
    pub fn range(self, range: ByteRange, same: Option<&Validator>) -> Result<Request, Invalid> {
        let request = self.field("Range", range.to_string())?;
        match same {
            None => Ok(request),
            Some(validator) if validator.is_strong() => request.field("If-Range", validator.to_string()),
            Some(validator) => Err(Invalid::Field(format!("If-Range: {validator}"))),
        }
    }
}

/// Digits only; `u64::from_str` would take a sign.
fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
