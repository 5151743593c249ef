//! A place in a frame, and the smallest pieces of the grammar: RFC 9051 section 9.

use std::borrow::Cow;

use memchr::memchr2;

/// Where reading goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'f> {
    rest: &'f [u8],
}

impl<'f> Cursor<'f> {
    pub(crate) fn new(frame: &'f [u8]) -> Cursor<'f> {
        Cursor { rest: frame }
    }

    pub(crate) fn rest(&self) -> &'f [u8] {
        self.rest
    }

    pub(crate) fn is_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes this byte if it is the next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// One space; more are let pass, as some servers write them.
    pub(crate) fn space(&mut self) -> Option<()> {
        self.expect(b' ')?;
        while self.take(b' ') {}
        Some(())
    }

    /// Takes this word, in any case, if it is the next.
    pub(crate) fn word(&mut self, word: &[u8]) -> bool {
        match self.rest.split_at_checked(word.len()) {
            Some((head, rest)) if head.eq_ignore_ascii_case(word) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// The bytes before `byte`, which stays; all of them where there is none.
    pub(crate) fn until(&mut self, byte: u8) -> Option<&'f [u8]> {
        let at = memchr::memchr(byte, self.rest).unwrap_or(self.rest.len());
        let (head, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest;
        Some(head)
    }

    /// `1*ATOM-CHAR`, and the `]` that some names have. Laxer than the standard, as servers are: what ends a word is a
    /// space, a bracket of either kind that was opened outside of it, or a quote.
    pub(crate) fn atom(&mut self) -> Option<&'f [u8]> {
        let ends = |b: &u8| *b <= b' ' || matches!(b, b'(' | b')' | b'{' | b'"') || *b == 0x7f;
        let at = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (head, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest;
        (!head.is_empty()).then_some(head)
    }

    /// A word as text.
    pub(crate) fn text(&mut self) -> Option<&'f str> {
        std::str::from_utf8(self.atom()?).ok()
    }

    /// A word with all that it has in square brackets, spaces included.
    pub(crate) fn bracketed(&mut self) -> Option<&'f [u8]> {
        let mut inside = false;
        let ends = |b: &u8| {
            inside = (inside || *b == b'[') && *b != b']';
            !inside && (*b <= b' ' || matches!(b, b'(' | b')' | b'"'))
        };
        let at = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (head, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest;
        (!head.is_empty()).then_some(head)
    }

    /// Digits that fit.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let at = self.rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(at)?;
        let mut number: u64 = 0;
        for digit in digits {
            number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        }
        (!digits.is_empty()).then(|| {
            self.rest = rest;
            number
        })
    }

    pub(crate) fn number32(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    /// `quoted / literal`.
    pub(crate) fn string(&mut self) -> Option<Cow<'f, [u8]>> {
        match self.peek()? {
            b'"' => self.quoted(),
            b'{' => self.literal().map(Cow::Borrowed),
            b'~' => {
                self.take(b'~');
                self.literal().map(Cow::Borrowed)
            }
            _ => None,
        }
    }

    /// `nil / string`.
    pub(crate) fn nstring(&mut self) -> Option<Option<Cow<'f, [u8]>>> {
        if self.nil() { Some(None) } else { self.string().map(Some) }
    }

    /// `atom / string`.
    pub(crate) fn astring(&mut self) -> Option<Cow<'f, [u8]>> {
        match self.peek()? {
            b'"' | b'{' => self.string(),
            _ => self.atom().map(Cow::Borrowed),
        }
    }

    pub(crate) fn nil(&mut self) -> bool {
        let ends = |byte: Option<&u8>| byte.is_none_or(|b| matches!(b, b' ' | b')'));
        let is_nil = self.rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"NIL"));
        is_nil && ends(self.rest.get(3)) && self.word(b"NIL")
    }

    fn quoted(&mut self) -> Option<Cow<'f, [u8]>> {
        let inner = self.rest.get(1..)?;
        let at = memchr2(b'"', b'\\', inner)?;
        if inner.get(at) == Some(&b'"') {
            self.rest = inner.get(at + 1..)?;
            return Some(Cow::Borrowed(inner.get(..at)?));
        }
        let mut out = Vec::new();
        let mut bytes = inner.iter();
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => out.push(*bytes.next()?),
                byte => out.push(*byte),
            }
        }
        self.rest = bytes.as_slice();
        Some(Cow::Owned(out))
    }

    /// `"{" number ["+"] "}" CRLF *CHAR8`.
    fn literal(&mut self) -> Option<&'f [u8]> {
        self.expect(b'{')?;
        let length = usize::try_from(self.number()?).ok()?;
        let _ = self.take(b'+');
        self.expect(b'}')?;
        let _ = self.take(b'\r');
        self.expect(b'\n')?;
        let (head, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(head)
    }
}
