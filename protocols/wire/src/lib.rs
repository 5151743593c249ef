//! Bytes and their meaning for line-based Internet protocols. No sockets.
mod stream;
pub use stream::{Clock, Elapsed, Stream};
