//! Transparency for bodies ended by a lone dot: RFC 5321 4.5.2, RFC 3977 3.1.1, RFC 1939 3. By runs, not by bytes.

use memchr::{memchr2, memmem};

/// Finds where a received body ends and which dots were added to it. Only CRLF ends a line: a lone dot after a
/// bare LF is data (the other reading is how mail is smuggled).
#[derive(Clone, Copy, Debug, Default)]
pub struct Unstuffer {
    /// The last two bytes handed out; none at the start of the body, which is the start of a line.
    tail: Option<[u8; 2]>,
    /// The dot of this line was removed already: what follows it is text, even another dot.
    unstuffed: bool,
}

/// What to do with the next bytes of a stuffed body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// This many bytes are the body's.
    Copy(usize),
    /// This many bytes were added for transparency: drop them.
    Skip(usize),
    /// The body has ended; this many bytes were its end mark.
    End(usize),
    /// Nothing can be said before more bytes come.
    More,
}

impl Unstuffer {
    /// The longest run at the start of `input`, at most `room` long, that can be decided on. The caller must do
    /// what the answer says.
    pub fn next(&mut self, input: &[u8], room: usize) -> Run {
        if self.at_line_start() {
            match input {
                [] => return Run::More,
                [b'.', b'\r', b'\n', ..] => return Run::End(3),
                [b'.'] | [b'.', b'\r'] => return Run::More,
                [b'.', ..] => {
                    self.unstuffed = true;
                    return Run::Skip(1);
                }
                _ => {}
            }
        }
        let window = input.get(..room).unwrap_or(input);
        if window.is_empty() {
            return if input.is_empty() { Run::More } else { Run::Copy(0) };
        }
        let n = self.run(window);
        self.advance(window.get(..n).unwrap_or_default());
        Run::Copy(n)
    }

    fn at_line_start(&self) -> bool {
        !self.unstuffed && self.tail.is_none_or(|tail| tail == *b"\r\n")
    }

    /// How many bytes come before the next dot that starts a line.
    fn run(&self, window: &[u8]) -> usize {
        for at in memmem::find_iter(window, b"\n.") {
            let before = match at {
                0 => self.tail.map_or(0, |[_, last]| last),
                _ => window.get(at - 1).copied().unwrap_or(0),
            };
            if before == b'\r' {
                return at + 1;
            }
        }
        window.len()
    }

    fn advance(&mut self, run: &[u8]) {
        self.unstuffed = false;
        self.tail = match (run, self.tail) {
            ([], tail) => tail,
            ([last], tail) => Some([tail.map_or(0, |[_, before]| before), *last]),
            ([.., before, last], _) => Some([*before, *last]),
        };
    }
}

/// Makes a body fit to be sent: every line end becomes CRLF (a bare CR or LF would be a line end to one server
/// and data to the next), a dot that starts a line is doubled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stuffer {
    state: LineState,
    /// Dots stay as they are: the body's end is known without an end mark.
    counted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineState {
    /// Nothing of this line yet.
    #[default]
    Start,
    /// Inside a line.
    Inside,
    /// A CR was written as CRLF; an LF that follows belongs to it.
    AfterCr,
}

impl Stuffer {
    /// For a body whose length is said before it (RFC 3030 section 2): line ends are mended, dots stay as they are.
    pub fn counted() -> Stuffer {
        Stuffer { counted: true, ..Stuffer::default() }
    }

    /// Appends `input`, made safe, to `out`. May be called with pieces of any size.
    pub fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        while let [first, rest @ ..] = input {
            match (self.state, first) {
                (LineState::AfterCr, b'\n') => {
                    self.state = LineState::Start;
                    input = rest;
                    continue;
                }
                (LineState::Start | LineState::AfterCr, b'.') if !self.counted => {
                    out.extend_from_slice(b"..")
                }
                (_, b'\r' | b'\n') => {
                    out.extend_from_slice(b"\r\n");
                    self.state = if *first == b'\r' { LineState::AfterCr } else { LineState::Start };
                    input = rest;
                    continue;
                }
                _ => out.push(*first),
            }
            self.state = LineState::Inside;
            let run = memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            let (text, after) = rest.split_at_checked(run).unwrap_or((rest, &[]));
            out.extend_from_slice(text);
            input = after;
        }
    }

    /// Appends the end mark, after a line end if the body had none (an empty body has no line at all). A counted body
    /// has no mark.
    pub fn finish(self, out: &mut Vec<u8>) {
        if self.state == LineState::Inside {
            out.extend_from_slice(b"\r\n");
        }
        if !self.counted {
            out.extend_from_slice(b".\r\n");
        }
    }
}

/// A whole body, stuffed and ended.
pub fn stuffed(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 64 + 8);
    let mut stuffer = Stuffer::default();
    stuffer.push(body, &mut out);
    stuffer.finish(&mut out);
    out
}
