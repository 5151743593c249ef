//! A line as a person types it: erased characters, line ends of every kind, what is echoed.

/// What a byte made of the line.
pub(super) enum Typed {
    /// It goes on.
    More,
    /// It is whole.
    Line(Vec<u8>),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
}

/// The most that one line may hold.
const LONGEST: usize = 4096;

#[derive(Default)]
pub(super) struct Line {
    text: Vec<u8>,
    /// The line before ended with CR: LF behind it is part of that.
    after_cr: bool,
}

impl Line {
    /// Takes one byte; what is to be seen of it goes to `echo`.
    pub(super) fn push(&mut self, byte: u8, echo: &mut Vec<u8>) -> Typed {
        let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
        match byte {
            b'\n' if after_cr => {}
            b'\r' | b'\n' => {
                echo.push(b'\n');
                return Typed::Line(std::mem::take(&mut self.text));
            }
            3 => {
                self.text.clear();
                echo.extend_from_slice(b"^C\n");
                return Typed::Interrupt;
            }
            4 if self.text.is_empty() => return Typed::End,
            8 | 127 => self.erase(echo),
            21 => self.kill(echo),
            byte if byte < b' ' => {}
            byte if self.text.len() < LONGEST => {
                self.text.push(byte);
                echo.push(byte);
            }
            _ => {}
        }
        Typed::More
    }

    /// The last character goes (EC).
    pub(super) fn erase(&mut self, echo: &mut Vec<u8>) {
        // The bytes of one UTF-8 character.
        while self.text.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
        echo.extend_from_slice(b"\x08 \x08");
    }

    /// All of it goes (EL).
    pub(super) fn kill(&mut self, echo: &mut Vec<u8>) {
        while !self.text.is_empty() {
            self.erase(echo);
        }
    }
}
