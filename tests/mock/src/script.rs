//! Plays a transcript. Knows no protocol: bytes in order, and who may speak when.
//!
//! A fixture is a text like this; the first line, the source, is obligatory:
//!
//! ```text
//! # RFC 2920 4.2, regrouped
//! > send mrose@example.org "Hello"          the client call; without one, only the grammar is tested
//!    S: 220 example.com ready               the server's bytes; CRLF is added; \xHH \r \n \t \\ are escapes;
//!    C: EHLO client.example.org             a trailing single backslash means no CRLF
//! ! starttls | sync | close | hang | connect
//! = Ok                                      what the call returns
//! ```
//!
//! Matching is causal: a server line may be read once every client byte above it was written. A client that pipelines
//! and one in lock-step both satisfy the same transcript, and a command that is missing is a message, not a hang.

mod fixture;
mod leg;
mod memory;
mod network;

pub use fixture::{Fixture, FixtureError};
pub use leg::{End, Leg};
pub use memory::{Cut, Player};
pub use network::{Network, Security};
