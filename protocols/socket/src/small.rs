//! The small services of every old host: echo (RFC 862), discard (863), chargen (864), daytime (867).

use std::io;
use std::str::FromStr;

use netkit_wire::Stream;

use crate::error::{NetError, What};

/// A small service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Small {
    /// What comes in goes out.
    Echo,
    /// What comes in is dropped.
    Discard,
    /// Lines of characters until the peer has enough.
    Chargen,
    /// The time, for people.
    Daytime,
}

/// Characters of one line of chargen (RFC 864).
const WIDTH: usize = 72;

/// Ports whose owners answer whatever they get: two such would talk for ever.
const TALKATIVE: [u16; 4] = [7, 13, 17, 19];

impl Small {
    /// Serves one peer on a stream until either side has said all; `daytime` is the time in words.
    ///
    /// # Errors
    /// What reading or writing had, except that a peer that leaves is how chargen ends.
    pub fn serve(self, stream: &mut dyn Stream, daytime: &str) -> io::Result<()> {
        match self {
            Small::Echo => {
                let mut buf = vec![0; 64 << 10];
                loop {
                    let n = stream.read(&mut buf)?;
                    let Some(some) = buf.get(..n).filter(|some| !some.is_empty()) else { break };
                    stream.write_all(some)?;
                }
                stream.shutdown_write()
            }
            Small::Discard => {
                let mut buf = vec![0; 64 << 10];
                while stream.read(&mut buf)? > 0 {}
                stream.shutdown_write()
            }
            Small::Chargen => chargen(stream),
            Small::Daytime => {
                stream.write_all(format!("{daytime}\r\n").as_bytes())?;
                stream.shutdown_write()
            }
        }
    }

    /// The answer to one datagram from a peer's `port`; none where the service gives none, or where the peer would
    /// answer the answer.
    pub fn answer(self, datagram: &[u8], port: Option<u16>, daytime: &str) -> Option<Vec<u8>> {
        if port.is_some_and(|port| TALKATIVE.contains(&port)) {
            return None;
        }
        match self {
            Small::Echo => Some(datagram.to_owned()),
            Small::Discard => None,
            Small::Chargen => Some(line(0)),
            Small::Daytime => Some(format!("{daytime}\r\n").into_bytes()),
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Small::Echo => "echo",
            Small::Discard => "discard",
            Small::Chargen => "chargen",
            Small::Daytime => "daytime",
        }
    }
}

impl FromStr for Small {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let all = [Small::Echo, Small::Discard, Small::Chargen, Small::Daytime];
        all.into_iter().find(|small| small.as_str() == text).ok_or_else(|| {
            NetError::invalid(What::Service, text, "the services are echo, discard, chargen and daytime")
        })
    }
}

/// The printing characters, and the space, in a ring.
fn line(start: usize) -> Vec<u8> {
    let ring = (b' '..=b'~').cycle().skip(start % 95).take(WIDTH);
    ring.chain(*b"\r\n").collect()
}

fn chargen(stream: &mut dyn Stream) -> io::Result<()> {
    // All 95 lines: as many bytes as a write should have.
    let page: Vec<u8> = (0..95).flat_map(line).collect();
    let mut thrown = vec![0; 4096];
    let mut silent = false;
    loop {
        // What the peer says is thrown away (RFC 864).
        while !silent && stream.ready().unwrap_or(false) {
            match stream.read(&mut thrown) {
                // It says no more and listens on.
                Ok(0) => silent = true,
                Ok(_) => {}
                Err(error) if is_gone(error.kind()) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        match stream.write_all(&page) {
            Err(error) if is_gone(error.kind()) => return Ok(()),
            other => other?,
        }
    }
}

fn is_gone(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// Makes each line end of a text the network's own, wherever the text is cut.
#[derive(Clone, Copy, Debug, Default)]
pub struct Crlf {
    after_cr: bool,
}

impl Crlf {
    /// Appends `text` to `to`, with CR before every LF that has none.
    pub fn push(&mut self, text: &[u8], to: &mut Vec<u8>) {
        for byte in text {
            if *byte == b'\n' && !self.after_cr {
                to.push(b'\r');
            }
            self.after_cr = *byte == b'\r';
            to.push(*byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_of_rfc_864() {
        assert!(line(1).starts_with(b"!\"#$%&'()*+,-./0123456789:;<=>?@ABC"));
        assert_eq!(line(1).len(), 74);
        assert_eq!(line(94).get(..3), Some(&b"~ !"[..]));
    }

    #[test]
    fn line_ends_over_a_cut() {
        let (mut crlf, mut out) = (Crlf::default(), Vec::new());
        for part in ["a\n", "b\r", "\nc", "\n\n"] {
            crlf.push(part.as_bytes(), &mut out);
        }
        assert_eq!(out, b"a\r\nb\r\nc\r\n\r\n");
    }

    #[test]
    fn two_services_do_not_talk_for_ever() {
        assert_eq!(Small::Echo.answer(b"", Some(4000), ""), Some(Vec::new()));
        assert_eq!(Small::Echo.answer(b"x", Some(19), ""), None);
        assert_eq!(Small::Daytime.answer(b"", None, "now"), Some(b"now\r\n".to_vec()));
        assert_eq!(Small::Discard.answer(b"x", None, ""), None);
    }
}
