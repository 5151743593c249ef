//! An answer, and how it goes out. It bears no Date: this world has no clock (RFC 9110 6.6.1).

use std::sync::Arc;
use std::time::Duration;

use netkit_http::{Head, Status, encode_chunk};
use netkit_wire::{Conn, Fault, Field};

use crate::http::downloads;

/// A status, fields and a body.
pub(super) struct Answer {
    head: Head,
    body: Body,
}

/// A body in one of the framings of RFC 9112 6.
pub(super) enum Body {
    /// With its length.
    Whole(Arc<[u8]>),
    /// With its length; the bytes 0 to 255 again and again.
    Pattern(u64),
    /// In these chunks, with extensions and a trailer.
    Chunks(Vec<Vec<u8>>),
    /// Until the connection ends.
    UntilClose(Vec<u8>),
    /// With a length that is longer by this.
    Short(Vec<u8>, u64),
    /// Made up from a position on, of a version; less of it than its length says is a connection cut off.
    Made { first: u64, length: u64, sent: u64, version: u64, bytes_per_second: Option<u64> },
    /// For 204 and 304.
    None,
}

impl Body {
    /// Whether less is sent than the head says.
    fn is_cut(&self) -> bool {
        matches!(self, Body::Made { length, sent, .. } if sent < length)
    }
}

/// The pattern, in one piece for a write.
const PIECE: usize = 64 << 10;

impl Answer {
    /// A plain text of one line.
    pub(super) fn text(status: u16, line: &str) -> Answer {
        Answer::new(status, Body::Whole(format!("{line}\n").into_bytes().into()))
            .with("Content-Type", "text/plain; charset=utf-8")
    }

    pub(super) fn new(status: u16, body: Body) -> Answer {
        let status = Status::new(status).unwrap_or(Status::OK);
        Answer { head: Head::new(status), body }
    }

    /// With one field more; a value that no field can hold leaves it out.
    /// Whether it says no.
    pub(super) fn is_error(&self) -> bool {
        self.head.status().is_error()
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Answer {
        if let Some(field) = Field::new(name, value.as_bytes()) {
            self.head = self.head.with(field);
        }
        self
    }

    /// Sends it; `bodiless` for HEAD, `http10` for a client that knows no chunks. Returns whether the connection goes
    /// on.
    pub(super) fn send(
        self,
        conn: &mut Conn,
        bodiless: bool,
        http10: bool,
        keep: bool,
    ) -> Result<bool, Fault> {
        let Answer { head, body } = self;
        let body = match body {
            Body::Chunks(chunks) if http10 => Body::UntilClose(chunks.concat()),
            body => body,
        };
        let framing = match &body {
            Body::Whole(bytes) => Some(("Content-Length", bytes.len().to_string())),
            Body::Pattern(n) => Some(("Content-Length", n.to_string())),
            Body::Made { length, .. } => Some(("Content-Length", length.to_string())),
            Body::Chunks(_) => Some(("Transfer-Encoding", "chunked".to_owned())),
            Body::Short(bytes, more) => Some(("Content-Length", (bytes.len() as u64 + more).to_string())),
            Body::UntilClose(_) | Body::None => None,
        };
        let keep = keep && !matches!(body, Body::UntilClose(_) | Body::Short(..)) && !body.is_cut();
        let mut answer = Answer { head, body: Body::None }.with("Server", "netkit-mock");
        if let Some((name, value)) = framing {
            answer = answer.with(name, &value);
        }
        if !keep {
            answer = answer.with("Connection", "close");
        }
        answer.head.encode(conn.outbox());
        if !bodiless {
            send_body(body, conn)?;
        }
        conn.flush()?;
        Ok(keep)
    }
}

fn send_body(body: Body, conn: &mut Conn) -> Result<(), Fault> {
    match body {
        Body::None => Ok(()),
        Body::Whole(bytes) if bytes.len() > PIECE => conn.send(&bytes),
        Body::Whole(bytes) => {
            conn.outbox().extend_from_slice(&bytes);
            Ok(())
        }
        Body::UntilClose(bytes) | Body::Short(bytes, _) => conn.send(&bytes),
        Body::Chunks(chunks) => {
            for chunk in chunks {
                encode_chunk(&chunk, conn.outbox());
                conn.flush()?;
            }
            // An extension, and a trailer: what many clients have never seen.
            conn.outbox().extend_from_slice(b"0;last\r\nX-Trailer: done\r\n\r\n");
            Ok(())
        }
        Body::Made { first, sent, version, bytes_per_second, .. } => {
            // A tenth of a second's worth at a time.
            let step = bytes_per_second.map_or(PIECE as u64, |rate| (rate / 10).clamp(1, PIECE as u64));
            let pause =
                bytes_per_second.map(|rate| Duration::from_secs_f64(step as f64 / rate.max(1) as f64));
            let (mut at, end) = (first, first + sent);
            while at < end {
                let to = end.min(at + step);
                let piece: Vec<u8> = (at..to).map(|at| downloads::byte(at, version)).collect();
                conn.send(&piece)?;
                at = to;
                if let Some(pause) = pause {
                    std::thread::sleep(pause);
                }
            }
            Ok(())
        }
        Body::Pattern(mut left) => {
            let piece: Vec<u8> = (0..=u8::MAX).cycle().take(PIECE).collect();
            while left > 0 {
                let n = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
                conn.send(piece.get(..n).unwrap_or_default())?;
                left -= n as u64;
            }
            Ok(())
        }
    }
}
