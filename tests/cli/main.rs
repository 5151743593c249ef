//! The command line's contract, run as a person would run it: bytes on stdout, words on stderr, an exit code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod command;
mod dialogue;
mod exit_codes;
mod gopher;
mod http;
mod output;
mod readme;
mod smtp;
mod usage;
