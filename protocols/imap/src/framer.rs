//! Where a response ends: lines and literals are told apart before any grammar runs (RFC 9051 sections 2.2 and 4.3).
//!
//! ```text
//! response = line *(literal line)          a line that ends with "{n}" has a literal of n bytes behind its CRLF
//! ```

use memchr::memchr;
use netkit_wire::{Decode, Limit, Malformed, Step};

/// One response, or as much of it as comes before a long literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// To its end: the bytes with all literals, without the last CRLF.
    Whole(Vec<u8>),
    /// Up to and with the CRLF before a literal that is too long to be held: its bytes follow, then the rest of the
    /// response, which is a frame again.
    Until {
        /// The bytes so far.
        head: Vec<u8>,
        /// The literal's length in bytes.
        literal: u64,
    },
}

/// Finds frames. A byte is looked at once.
#[derive(Clone, Debug)]
pub struct Frames {
    /// Everything before this belongs to the response.
    scanned: usize,
    /// The most bytes a frame may have.
    limit: usize,
    /// The longest literal that stays in its frame; none stays where there is no such length.
    held: Option<u64>,
    /// How many literals there were.
    literals: usize,
}

/// More literals than this in one response are no response: each costs a line.
const LITERALS: usize = 100_000;

impl Frames {
    /// Frames of at most `limit` bytes, in which literals of up to `held` bytes stay.
    pub fn new(limit: usize, held: u64) -> Frames {
        Frames { scanned: 0, limit, held: Some(held), literals: 0 }
    }

    /// Frames that end before every literal: as a server reads, which has to give its leave for each.
    pub fn pieces(limit: usize) -> Frames {
        Frames { scanned: 0, limit, held: None, literals: 0 }
    }
}

impl Decode for Frames {
    type Item = Frame;

    fn decode(&mut self, input: &[u8]) -> Result<Step<Frame>, Malformed> {
        loop {
            if self.scanned > input.len() {
                return Ok(Step::More(self.scanned - input.len()));
            }
            let rest = input.get(self.scanned..).unwrap_or_default();
            let Some(at) = memchr(b'\n', rest) else {
                return if input.len() > self.limit { Err(self.too_long()) } else { Ok(Step::More(1)) };
            };
            let end = self.scanned + at + 1;
            if end > self.limit {
                return Err(self.too_long());
            }
            let line = rest.get(..at).unwrap_or_default();
            // A server that ends its lines with LF alone is understood: no other reading is possible here.
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match literal(line) {
                None => {
                    let start = self.scanned;
                    let whole = input.get(..start + line.len()).unwrap_or_default();
                    return Ok(Step::Done(Frame::Whole(whole.to_vec()), end));
                }
                Some(Err(())) => {
                    return Err(Malformed::new("a literal has a length of at most 2^63 - 1", end));
                }
                Some(Ok(length)) if self.held.is_none_or(|held| length > held) => {
                    let head = input.get(..end).unwrap_or_default().to_vec();
                    return Ok(Step::Done(Frame::Until { head, literal: length }, end));
                }
                Some(Ok(length)) => {
                    self.literals += 1;
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    self.scanned = end.saturating_add(length);
                    if self.scanned > self.limit || self.literals > LITERALS {
                        return Err(self.too_long());
                    }
                }
            }
        }
    }
}

impl Frames {
    fn too_long(&self) -> Malformed {
        Malformed::TooLong(Limit::Reply(self.limit))
    }
}

/// The length in `{n}`, `{n+}` or `~{n}` at the end of a line; an error where it is no length that a client can have
/// asked for.
fn literal(line: &[u8]) -> Option<Result<u64, ()>> {
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").or(inner.strip_suffix(b"-")).unwrap_or(inner);
    let open = memchr::memrchr(b'{', inner)?;
    let digits = inner.get(open + 1..)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        // `{-1}` is text like any other: it announces nothing.
        return None;
    }
    let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<i64>().ok());
    Some(length.and_then(|length| u64::try_from(length).ok()).ok_or(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(input: &[u8]) -> Vec<Frame> {
        let (mut all, mut rest) = (Vec::new(), input);
        while !rest.is_empty() {
            match Frames::new(1000, 20).decode(rest).unwrap() {
                Step::Done(frame, used) => {
                    all.push(frame);
                    rest = &rest[used..];
                }
                Step::More(_) => panic!("not whole: {rest:?}"),
            }
        }
        all
    }

    #[test]
    fn lines_and_literals() {
        let whole = |text: &[u8]| Frame::Whole(text.to_vec());
        assert_eq!(frames(b"* OK hi\r\n"), [whole(b"* OK hi")]);
        assert_eq!(
            frames(b"* x {5}\r\na\r\nb\n y\r\n* OK\r\n"),
            [whole(b"* x {5}\r\na\r\nb\n y"), whole(b"* OK")]
        );
        assert_eq!(frames(b"* a {0}\r\n {3+}\r\n)))\r\n"), [whole(b"* a {0}\r\n {3+}\r\n)))")]);
        assert_eq!(frames(b"* OK {-1}\r\n* OK x}\r\n"), [whole(b"* OK {-1}"), whole(b"* OK x}")]);
        assert_eq!(frames(b"* OK lf\n"), [whole(b"* OK lf")]);
        let long = frames(b"* 1 FETCH (BODY[] {21}\r\n123456789012345678901)\r\n");
        assert_eq!(long[0], Frame::Until { head: b"* 1 FETCH (BODY[] {21}\r\n".to_vec(), literal: 21 });
    }

    #[test]
    fn what_is_too_much() {
        for bad in [&b"* x {99999999999999999999}\r\n"[..], b"* x {9223372036854775808}\r\n"] {
            assert!(matches!(Frames::new(1000, 10).decode(bad), Err(Malformed::Grammar { .. })));
        }
        assert!(matches!(Frames::new(8, 10).decode(b"* OK too long"), Err(Malformed::TooLong(_))));
        assert!(matches!(Frames::new(30, 100).decode(b"* x {90}\r\n"), Err(Malformed::TooLong(_))));
        let many = b"{0}\r\n".repeat(LITERALS + 2);
        assert!(matches!(Frames::new(1 << 30, 10).decode(&many), Err(Malformed::TooLong(_))));
        // Asked again with each byte more, the answer is the same, and no byte is searched twice.
        let text = b"* x {3}\r\nabc y\r\n";
        let mut frames = Frames::new(100, 10);
        for end in 0..text.len() {
            assert!(matches!(frames.decode(&text[..end]), Ok(Step::More(_))), "{end}");
        }
        assert!(matches!(frames.decode(text), Ok(Step::Done(Frame::Whole(_), 16))));
    }
}
