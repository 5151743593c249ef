//! Every fixture is a test, seven times.
//!
//! | mode | what is done | what must come out |
//! |---|---|---|
//! | `grammar` | the server's bytes are decoded whole and byte by byte | the same items |
//! | `whole` | the call, over a stream that delivers all it may | the outcome, and the script played to its end |
//! | `bytewise` | the same, one byte a read | the same |
//! | `truncated` | the server's bytes end after each of them | the outcome or an error |
//! | `flipped` | each server byte altered, by a fixed seed | any outcome; no panic, no hang |
//! | `tcp` | the call over a real socket | the outcome |
//! | `tls` | the call over a real socket under TLS | the outcome |
//!
//! A protocol joins with one [`Protocol`] value; `UPDATE_FIXTURES=1` rewrites the `=` lines.

mod coverage;
mod ftp;
mod gopher;
mod http;
mod imap;
mod nntp;
mod play;
mod pop3;
mod protocol;
mod smtp;
mod telnet;

pub use coverage::coverage;
pub use play::{Case, MODES, cases};
pub use protocol::{Protocol, Session};

/// Every protocol that has fixtures, by the name of its folder.
pub fn protocols() -> Vec<(&'static str, &'static dyn Protocol)> {
    vec![
        // The name, and what plays its calls.
        ("ftp", &ftp::Ftp),
        ("gopher", &gopher::Gopher),
        ("http", &http::Http),
        ("imap", &imap::Imap),
        ("nntp", &nntp::Nntp),
        ("pop3", &pop3::Pop3),
        ("smtp", &smtp::Smtp),
        ("telnet", &telnet::Telnet),
    ]
}
