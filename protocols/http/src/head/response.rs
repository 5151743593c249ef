//! The head of a response.
//!
//! ```text
//! status-line = HTTP-version SP status-code SP [ reason-phrase ]           RFC 9112 4
//! ```

use netkit_wire::{Decode, Field, FieldBlock, Fields, Limits, Line, Malformed, Step, Text};

use crate::head::{Status, Version};

/// Status line and header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    version: Version,
    status: Status,
    reason: Text,
    fields: Fields,
}

impl Head {
    /// An HTTP/1.1 head with the status's usual reason phrase and no fields.
    pub fn new(status: Status) -> Head {
        let reason = Text::from(status.reason());
        Head { version: Version::Http11, status, reason, fields: Fields::default() }
    }

    /// The same head with another version.
    #[must_use]
    pub fn with_version(self, version: Version) -> Head {
        Head { version, ..self }
    }

    /// The same head with another reason phrase; `None` when it holds what no status line may.
    #[must_use]
    pub fn with_reason(self, reason: &[u8]) -> Option<Head> {
        let breaks = |b: &u8| matches!(b, b'\r' | b'\n' | 0);
        (!reason.iter().any(breaks)).then(|| Head { reason: Text::from(reason), ..self })
    }

    /// The same head with one field more.
    #[must_use]
    pub fn with(mut self, field: Field) -> Head {
        self.fields.push(field);
        self
    }

    /// What the server speaks.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The answer in three digits.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The answer in words; nothing may depend on them (RFC 9112 4).
    pub fn reason(&self) -> &Text {
        &self.reason
    }

    /// The header fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether the sender keeps the connection open behind this message (RFC 9112 9.3).
    pub fn keeps_alive(&self) -> bool {
        keeps_alive(self.version, &self.fields)
    }

    /// Appends the head with its empty line.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.version.as_str().as_bytes());
        out.extend_from_slice(format!(" {} ", self.status).as_bytes());
        out.extend_from_slice(self.reason.as_bytes());
        out.extend_from_slice(b"\r\n");
        self.fields.encode(out);
    }
}

/// RFC 9112 9.3: `close` ends it, HTTP/1.1 goes on, HTTP/1.0 goes on where `keep-alive` is said.
pub(super) fn keeps_alive(version: Version, fields: &Fields) -> bool {
    let says = |option: &str| fields.list("connection").any(|o| o.eq_ignore_ascii_case(option.as_bytes()));
    !says("close") && (version == Version::Http11 || says("keep-alive"))
}

/// Decodes the head of a response.
#[derive(Clone, Debug)]
pub struct Heads {
    line: Line,
    start: Option<(Head, usize)>,
    block: FieldBlock,
}

impl Heads {
    /// A status line within [`Limits::line`], fields within [`Limits::header`].
    pub fn new(limits: &Limits) -> Heads {
        Heads { line: Line::new(limits), start: None, block: FieldBlock::new(limits) }
    }
}

impl Decode for Heads {
    type Item = Head;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Head>, Malformed> {
        let at = match &self.start {
            Some((_, at)) => *at,
            None => {
                early(input)?;
                let Some((line, used)) = self.line.scan(input)? else { return Ok(Step::More(1)) };
                self.start = Some((status_line(line)?, used));
                used
            }
        };
        let rest = input.get(at..).unwrap_or_default();
        match self.block.decode(rest).map_err(|why| why.offset(at))? {
            Step::More(n) => Ok(Step::More(n)),
            Step::Done(fields, used) => match self.start.take() {
                Some((head, _)) => Ok(Step::Done(Head { fields, ..head }, at + used)),
                None => Ok(Step::More(1)),
            },
        }
    }
}

/// What does not start like a status line is named at once, not when a line end comes or the limit is passed: a server
/// that speaks another protocol may send neither.
fn early(input: &[u8]) -> Result<(), Malformed> {
    match input.iter().zip(b"HTTP/").position(|(a, b)| a != b) {
        None => Ok(()),
        Some(0) if matches!(input.first(), Some(b'\r' | b'\n')) => {
            Err(Malformed::new("no empty line stands before a status line", 0))
        }
        Some(at) => Err(Malformed::new("an answer starts with HTTP/ (HTTP/0.9 is not spoken)", at)),
    }
}

fn status_line(line: &[u8]) -> Result<Head, Malformed> {
    let (version, rest) = line.split_at_checked(8).unwrap_or((line, b""));
    let version = Version::parse(version, 0)?;
    let broken = Malformed::new("a status line is the version, a space and three digits", 8);
    let (&[b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'], reason) =
        rest.split_first_chunk::<4>().ok_or(broken)?
    else {
        return Err(broken);
    };
    // The space is due even before an empty reason; many servers leave it out, and nothing hangs on it.
    let reason = match reason.split_first() {
        None => reason,
        Some((b' ', reason)) => reason,
        Some(_) => return Err(Malformed::new("three digits of status, then a space", 12)),
    };
    let digit = |d: u8| u16::from(d - b'0');
    let status = Status::new(digit(a) * 100 + digit(b) * 10 + digit(c)).ok_or(broken)?;
    Ok(Head { version, status, reason: Text::from(reason), fields: Fields::default() })
}
