//! The head of a request, as it stands on the wire: what a server reads.
//!
//! ```text
//! request-line = method SP request-target SP HTTP-version                  RFC 9112 3
//! ```

use netkit_wire::{Decode, Field, FieldBlock, Fields, Limits, Line, Malformed, Step};

use crate::error::Invalid;
use crate::head::Version;
use crate::head::response::keeps_alive;
use crate::method::Method;

/// Request line and header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    method: Method,
    target: String,
    version: Version,
    fields: Fields,
}

/// Whether `target` can stand in a request line: visible ASCII, no space (RFC 9112 3.2).
pub(crate) fn is_request_target(target: &[u8]) -> bool {
    !target.is_empty() && target.iter().all(u8::is_ascii_graphic)
}

impl RequestHead {
    /// An HTTP/1.1 request head without fields.
    ///
    /// # Errors
    /// [`Invalid::Target`] when `target` has a space, a control or a byte past ASCII.
    pub fn new(method: Method, target: &str) -> Result<RequestHead, Invalid> {
        if !is_request_target(target.as_bytes()) {
            return Err(Invalid::Target("a request target is visible ASCII without spaces"));
        }
        let fields = Fields::default();
        Ok(RequestHead { method, target: target.to_owned(), version: Version::Http11, fields })
    }

    /// The same head with another version.
    #[must_use]
    pub fn with_version(self, version: Version) -> RequestHead {
        RequestHead { version, ..self }
    }

    /// The same head with one field more.
    #[must_use]
    pub fn with(mut self, field: Field) -> RequestHead {
        self.fields.push(field);
        self
    }

    /// What is asked for.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Of what: `/path?query`, an absolute URL, `host:port` or `*` (RFC 9112 3.2).
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What the client speaks.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The header fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether the client keeps the connection open behind this message (RFC 9112 9.3).
    pub fn keeps_alive(&self) -> bool {
        keeps_alive(self.version, &self.fields)
    }

    /// The one `Host` value.
    ///
    /// # Errors
    /// [`Malformed`] when an HTTP/1.1 request has none, or any request has two (RFC 9112 3.2: the answer is 400).
    pub fn host(&self) -> Result<&[u8], Malformed> {
        let mut hosts = self.fields.all("host");
        match (hosts.next(), hosts.next(), self.version) {
            (Some(host), None, _) => Ok(host),
            (None, _, Version::Http10) => Ok(b""),
            _ => Err(Malformed::new("a request has one Host field", 0)),
        }
    }

    /// Appends the head with its empty line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for part in [self.method.as_str(), " ", &self.target, " ", self.version.as_str(), "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        self.fields.encode(out);
    }
}

/// Decodes the head of a request. One empty line before it is skipped (RFC 9112 2.2).
#[derive(Clone, Debug)]
pub struct RequestHeads {
    start: Option<(RequestHead, usize)>,
    line: Line,
    block: FieldBlock,
}

impl RequestHeads {
    /// A request line within [`Limits::line`], fields within [`Limits::header`].
    pub fn new(limits: &Limits) -> RequestHeads {
        RequestHeads { start: None, line: Line::new(limits), block: FieldBlock::new(limits) }
    }

    /// The start line, when it has come: its head and where the fields begin.
    fn start(&mut self, input: &[u8]) -> Result<Option<usize>, Malformed> {
        if let Some((_, at)) = &self.start {
            return Ok(Some(*at));
        }
        let skip = match input {
            [b'\r', b'\n', ..] => 2,
            [b'\r'] => return Ok(None),
            _ => 0,
        };
        // Nothing was scanned before this was known, so the line's cursor belongs behind the empty line.
        let rest = input.get(skip..).unwrap_or_default();
        let Some((line, used)) = self.line.scan(rest).map_err(|why| why.offset(skip))? else {
            return Ok(None);
        };
        let head = request_line(line).map_err(|why| why.offset(skip))?;
        self.start = Some((head, skip + used));
        Ok(Some(skip + used))
    }
}

impl Decode for RequestHeads {
    type Item = RequestHead;

    fn decode(&mut self, input: &[u8]) -> Result<Step<RequestHead>, Malformed> {
        let Some(at) = self.start(input)? else { return Ok(Step::More(1)) };
        let rest = input.get(at..).unwrap_or_default();
        match self.block.decode(rest).map_err(|why| why.offset(at))? {
            Step::More(n) => Ok(Step::More(n)),
            Step::Done(fields, used) => match self.start.take() {
                Some((head, _)) => Ok(Step::Done(RequestHead { fields, ..head }, at + used)),
                None => Ok(Step::More(1)),
            },
        }
    }
}

fn request_line(line: &[u8]) -> Result<RequestHead, Malformed> {
    let broken = Malformed::new("a request line is method, target and version with one space between", 0);
    let mut parts = line.split(|b| *b == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(broken);
    };
    let method = std::str::from_utf8(method).ok().and_then(|m| Method::new(m).ok());
    let method = method.ok_or(Malformed::new("a method is a token", 0))?;
    let at = method.as_str().len() + 1;
    let visible = is_request_target(target).then(|| std::str::from_utf8(target).ok()).flatten();
    let target = visible.ok_or(Malformed::new("a request target is visible ASCII", at))?.to_owned();
    let version = Version::parse(version, at + target.len() + 1)?;
    Ok(RequestHead { method, target, version, fields: Fields::default() })
}
