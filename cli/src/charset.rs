//! Text of old servers, as UTF-8: nothing in the protocol says what its bytes mean, so the bytes themselves decide, or the
//! user does.

use std::borrow::Cow;
use std::io::{self, Write};
use std::str::FromStr;

use encoding_rs::{Encoding, WINDOWS_1252};

/// The upper half of code page 437, the character set of the first PCs.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The longest line whose end is waited for.
const LINE: usize = 64 << 10;

/// What the bytes of a text mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8 where it is; else Latin-1, or code page 437 where the bytes look like boxes or its letters.
    #[default]
    Auto,
    /// Code page 437.
    Cp437,
    /// One of the web's encodings. Latin-1 is windows-1252 there.
    Other(&'static Encoding),
}

impl FromStr for Charset {
    type Err = String;

    fn from_str(name: &str) -> Result<Charset, String> {
        match name.to_ascii_lowercase().as_str() {
            "auto" => Ok(Charset::Auto),
            "cp437" | "ibm437" => Ok(Charset::Cp437),
            _ => Encoding::for_label(name.as_bytes()).map(Charset::Other).ok_or_else(|| {
                "a charset is auto, utf-8, latin1, cp437, koi8-r or another name that the web knows"
                    .to_owned()
            }),
        }
    }
}

impl Charset {
    /// Text as bytes; none where it has a character that the charset lacks.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let cp437 = |c: char| match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(byte) => Some(byte),
            None => CP437.chars().position(|known| known == c).and_then(|at| u8::try_from(at + 0x80).ok()),
        };
        match self {
            Charset::Other(encoding) => {
                let (bytes, _, lossy) = encoding.encode(text);
                (!lossy).then(|| bytes.into_owned())
            }
            Charset::Cp437 => text.chars().map(cp437).collect(),
            Charset::Auto => Some(text.as_bytes().to_vec()),
        }
    }

    /// Bytes as text. A piece is judged by itself: a menu may hold lines of many hands.
    pub fn decode<'b>(self, bytes: &'b [u8]) -> Cow<'b, str> {
        match self {
            Charset::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Charset::Cp437 => Cow::Owned(cp437(bytes)),
            Charset::Auto => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) if is_cp437(bytes) => Cow::Owned(cp437(bytes)),
                Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            },
        }
    }
}

fn cp437(bytes: &[u8]) -> String {
    let high: Vec<char> = CP437.chars().collect();
    let character = |byte: &u8| match usize::from(*byte).checked_sub(0x80) {
        Some(at) => high.get(at).copied().unwrap_or('\u{fffd}'),
        None => char::from(*byte),
    };
    bytes.iter().map(character).collect()
}

/// Whether bytes that are no UTF-8 look more like code page 437 than like Latin-1. Lines and blocks of 437 are Latin-1's
/// capitals with accents, which hardly ever stand side by side; its accented letters are where Latin-1 has controls, and
/// windows-1252 only quotes and dashes, which do not stand inside words.
fn is_cp437(bytes: &[u8]) -> bool {
    let is_letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphabetic);
    let (mut pc, mut latin) = (0, 0);
    for (i, byte) in bytes.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(i + 1);
        let inside = is_letter(before) && is_letter(after);
        let beside = is_letter(before) || is_letter(after);
        match byte {
            // Quotes and dashes of windows-1252: about 437's letters only inside a word, and an apostrophe may be there.
            0x92 => latin += u32::from(inside),
            0x80..=0x9a => pc += 1 + u32::from(inside),
            0xa0..=0xa5 if beside => pc += 1,
            // A line or a block beside another one.
            0xb0..=0xdf if before.is_some_and(|b| (0xb0..=0xdf).contains(b)) => pc += 2,
            0xc0..=0xff if beside => latin += 2,
            _ => {}
        }
    }
    pc > latin
}

/// Turns a stream of text into UTF-8 on its way to `W`, line by line.
pub struct Converter<W> {
    to: W,
    charset: Charset,
    held: Vec<u8>,
}

impl<W: Write> Converter<W> {
    pub fn new(to: W, charset: Charset) -> Converter<W> {
        Converter { to, charset, held: Vec::new() }
    }

    /// Writes the last line, and gives back where it all went.
    pub fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.held);
        self.to.write_all(self.charset.decode(&rest).as_bytes())?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Converter<W> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(from);
        let mut whole = memchr::memrchr(b'\n', &self.held).map_or(0, |at| at + 1);
        if whole == 0 && self.held.len() > LINE {
            // Not inside a character, if they are UTF-8's.
            let cut = (1..4).find(|n| {
                self.held.len().checked_sub(*n).and_then(|at| self.held.get(at)).is_some_and(|b| *b >= 0xc0)
            });
            whole = self.held.len() - cut.unwrap_or(0);
        }
        let rest = self.held.split_off(whole);
        let lines = std::mem::replace(&mut self.held, rest);
        for line in lines.split_inclusive(|b| *b == b'\n') {
            self.to.write_all(self.charset.decode(line).as_bytes())?;
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_they_are() {
        let auto = |bytes: &'static [u8]| Charset::Auto.decode(bytes).into_owned();
        assert_eq!(auto("Zürich 日本語".as_bytes()), "Zürich 日本語");
        assert_eq!(auto(b"Caf\xe9 in Z\xfcrich, \xc4rger"), "Café in Zürich, Ärger");
        assert_eq!(auto(b"It\x92s \x93quoted\x94 na\xefve"), "It’s “quoted” naïve");
        assert_eq!(auto(b"Z\x81rich, Stra\xe1e, M\x84rz, caf\x82"), "Zürich, Straße, März, café");
        assert_eq!(auto(b"\xc9\xcd\xcd\xcd\xbb"), "╔═══╗");
        assert_eq!(auto(b"\xdb\xdb\xb2\xb1\xb0"), "██▓▒░");
        assert_eq!(CP437.chars().count(), 128);
    }

    #[test]
    fn a_name_decides_against_the_bytes() {
        let named =
            |name: &str, bytes: &'static [u8]| name.parse::<Charset>().unwrap().decode(bytes).into_owned();
        assert_eq!(named("latin1", b"\xc9\xcd"), "ÉÍ");
        assert_eq!(named("CP437", b"\xe1"), "ß");
        assert_eq!(named("koi8-r", b"\xd2\xd5"), "ру");
        assert_eq!(named("shift_jis", b"\x93\xfa"), "日");
        assert!("klingon".parse::<Charset>().is_err());
    }

    #[test]
    fn a_stream_in_pieces_is_the_same() {
        let text = "Zürich\n日本語 ohne Ende".as_bytes();
        for size in 1..text.len() {
            let mut converter = Converter::new(Vec::new(), Charset::Auto);
            text.chunks(size).for_each(|piece| converter.write_all(piece).unwrap());
            assert_eq!(converter.finish().unwrap(), text, "{size}");
        }
        let long = "é".repeat(LINE);
        let mut converter = Converter::new(Vec::new(), Charset::Auto);
        long.as_bytes().chunks(1001).for_each(|piece| converter.write_all(piece).unwrap());
        assert!(converter.finish().unwrap() == long.as_bytes());
    }
}
