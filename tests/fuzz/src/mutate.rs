//! Alters bytes, the same way for the same seed.

/// Words that decide something in one of the protocols.
const WORDS: [&[u8]; 40] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b".",
    b"..",
    b"\r\n.\r\n",
    b" ",
    b"\t",
    b"\"",
    b"\\",
    b"(",
    b")",
    b"()",
    b"NIL",
    b"{0}\r\n",
    b"{3}\r\nabc",
    b"{4294967295}\r\n",
    b"{-1}",
    b"~{2}\r\n",
    b"*",
    b":",
    b",",
    b";",
    b"=",
    b"-",
    b"&-",
    b"&AAA-",
    b"%00",
    b"%2F",
    b"../",
    b"/",
    b"\xff\xff",
    b"\xff\xfa",
    b"\xff\xf0",
    b"\x1b[2J",
    "é".as_bytes(),
    b"[",
    b"]",
    b"<",
];
const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "-1",
    "007",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775808",
    "18446744073709551616",
];

/// Makes inputs of other inputs.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// The same seed, the same inputs.
    pub fn new(seed: u64) -> Mutator {
        Mutator { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 }
    }

    /// A number below `end` (0 for 0): xorshift, which is random enough here.
    pub fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 16).unwrap_or_default().checked_rem(end).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// A place in `bytes`, and some bytes on.
    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        start..(start + self.below(16)).min(bytes.len())
    }

    /// One of `seeds`, altered in one to six places.
    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.pick(seeds).cloned().unwrap_or_default();
        for _ in 0..=self.below(6) {
            self.alter(&mut bytes, seeds);
        }
        bytes
    }

    fn alter(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let range = self.range(bytes);
        let at = range.start;
        match self.below(9) {
            0 => {
                let bit = 1 << self.below(8);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= bit);
            }
            1 => {
                let value = u8::try_from(self.below(256)).unwrap_or_default();
                bytes.get_mut(at).into_iter().for_each(|byte| *byte = value);
            }
            2 => drop(bytes.drain(range)),
            3 => {
                let copy = bytes.get(range).unwrap_or_default().to_vec();
                bytes.splice(at..at, copy);
            }
            4 | 5 => {
                let word = self.pick(&WORDS).copied().unwrap_or_default();
                let end = if self.below(2) == 0 { at } else { range.end };
                bytes.splice(at..end, word.iter().copied());
            }
            6 => {
                // A number in the place of a number.
                let is_digit = |byte: &u8| byte.is_ascii_digit();
                let digits = bytes.iter().skip(at).position(is_digit).map_or(at, |n| at + n);
                let after = bytes.iter().skip(digits).take_while(|byte| is_digit(byte)).count();
                let number = self.pick(&NUMBERS).copied().unwrap_or_default();
                bytes.splice(digits..digits + after, number.bytes());
            }
            7 => bytes.truncate(at),
            _ => {
                // The rest of another one.
                let other = self.pick(seeds).cloned().unwrap_or_default();
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(other.into_iter().skip(from));
            }
        }
    }
}
