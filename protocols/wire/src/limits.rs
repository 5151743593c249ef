//! How much a peer may send before it must have made sense.

/// The bounds of one connection, in bytes unless said otherwise. The defaults suit every real server; each
/// is an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One line with its CRLF. RFC 5321 4.5.3.1.5 asks for 512, RFC 3501 has no bound; real servers reach 10 KiB.
    pub line: usize,
    /// One whole reply of all its lines.
    pub reply: usize,
    /// One header block (HTTP) of all its fields.
    pub header: usize,
    /// How many fields a header block may have (a count).
    pub fields: usize,
    /// What is read and thrown away of a body that the caller did not want, before the connection is given up.
    pub drain: u64,
    /// Bytes of commands that may be on their way without an answer. More than two socket buffers' worth
    /// would let both sides wait for each other (RFC 2920 3.1).
    pub window: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            line: 16 << 10,
            reply: 256 << 10,
            header: 128 << 10,
            fields: 256,
            drain: 1 << 20,
            window: 32 << 10,
        }
    }
}

/// Which bound was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::line`].
    Line(usize),
    /// [`Limits::reply`].
    Reply(usize),
    /// [`Limits::header`].
    Header(usize),
    /// [`Limits::fields`].
    Fields(usize),
    /// [`Limits::drain`].
    Drain(u64),
    /// A body larger than its caller allowed, after decoding.
    Body(u64),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Limit::Line(n) => write!(f, "a line is longer than {n} bytes"),
            Limit::Reply(n) => write!(f, "a reply is longer than {n} bytes"),
            Limit::Header(n) => write!(f, "the header is longer than {n} bytes"),
            Limit::Fields(n) => write!(f, "the header has more than {n} fields"),
            Limit::Drain(n) => write!(f, "more than {n} bytes of an unwanted body"),
            Limit::Body(n) => write!(f, "the body is larger than {n} bytes"),
        }
    }
}
