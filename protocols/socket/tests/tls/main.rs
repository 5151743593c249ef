//! TLS between the real client and the real server, over loopback, with every backend of the build.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod certificates;
mod pki;
mod setup;
mod stream;
