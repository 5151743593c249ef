//! SCRAM (RFC 5802) with SHA-1 and with SHA-256 (RFC 7677).
//!
//! ```text
//! C: n,,n=user,r=fyko                       client-first: GS2 header, name, nonce
//! S: r=fyko3rfc,s=QSXC,i=4096               server-first: both nonces, salt, iterations
//! C: c=biws,r=fyko3rfc,p=v0X8               client-final: the header again, both nonces, proof
//! S: v=rmF9                                 server-final: the server's own proof
//! ```
//!
//! The password is never sent, and the server has to prove that it knows it. `client` and `server` hold the dialogue,
//! `keys` the arithmetic of section 3, `message` the grammar of section 7, `saslname` the escapes in a name.

mod client;
mod keys;
mod message;
pub(super) mod saslname;
mod server;

pub use client::{ChannelBinding, ScramClient};
pub use keys::ScramHash;
pub use server::ScramServer;

/// The GS2 flag of the one channel binding spoken here (RFC 9266 section 2).
const EXPORTER_FLAG: &str = "p=tls-exporter";

/// Whether `nonce` may stand in a message: `printable` of RFC 5802 section 7, ASCII but comma and space.
fn is_nonce(nonce: &str) -> bool {
    !nonce.is_empty() && nonce.bytes().all(|byte| matches!(byte, 0x21..=0x2b | 0x2d..=0x7e))
}
