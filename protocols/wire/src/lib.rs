//! Bytes and their meaning for line-based Internet protocols: what HTTP, FTP, SMTP, POP3, IMAP, NNTP and
//! Gopher have in common, once. No sockets, no clock, no protocol.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 959 4.2, 5321 4.2, 3977 3.2 | three-digit replies, one or many lines | [`Reply`], [`Code`], [`Replies`] |
//! | 1939 3, 3977 3.1.1, 5321 4.5.2 | bodies ended by a lone dot | [`DotBody`], [`Stuffer`], [`Unstuffer`] |
//! | 9112 6.3, 3501 4.3 | bodies of a known length | [`Counted`] |
//! | 1436 3.6, 9112 6.3 (8) | bodies ended by the connection's end | [`UntilClose`] |
//! | 9110 5, 9112 5 | header fields | [`Fields`], [`FieldBlock`] |
//! | 2920 3.1, 5321 4.5.3 | bounded pipelining | [`Pipeline`] |
//! | 6266 4.3 | names of files that a peer chose | [`safe_name`] |
//!
//! A [`Decode`] implementation is a pure function of the bytes seen so far: incomplete is a value
//! ([`Step::More`]), not an error. A [`Conn`] owns the two buffers and makes the only `read` and `write` calls.
//!
//! ```
//! use netkit_wire::{Code, Conn, Limits, Memory, Replies};
//!
//! // What a server said; a real conversation hands in a socket or a TLS stream.
//! let peer = Memory::new(b"250-mail.example.org\r\n250-PIPELINING\r\n250 SIZE 1000\r\n");
//! let mut conn = Conn::new(Box::new(peer), Limits::default());
//! conn.outbox().extend_from_slice(b"EHLO client.example.org\r\n");
//! let reply = conn.recv(Replies::numbered(conn.limits()))?;
//! assert!(reply.code().is(25));
//! assert_eq!(reply.lines().len(), 3);
//! # Ok::<(), netkit_wire::Fault>(())
//! ```

mod body;
mod conn;
mod decode;
mod dot;
mod fault;
mod fields;
mod inbox;
mod limits;
mod line;
mod memory;
mod pipeline;
mod reply;
mod safe_name;
mod stream;
mod tap;
mod text;

pub use body::{Body, Counted, DotBody, UntilClose};
pub use conn::Conn;
pub use decode::{Decode, Malformed, Step};
pub use dot::{Run, Stuffer, Unstuffer, stuffed};
pub use fault::{Ended, Fault, Phase};
pub use fields::{Field, FieldBlock, Fields, is_token};
pub use limits::{Limit, Limits};
pub use line::{Eol, Line};
pub use memory::Memory;
pub use pipeline::{Pipeline, Ticket};
pub use reply::{Code, Replies, Reply};
pub use safe_name::safe_name;
pub use stream::{Clock, Elapsed, Stream};
pub use tap::Tap;
pub use text::{Sanitizer, Text, escape};
