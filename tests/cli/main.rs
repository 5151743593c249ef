//! The command line's contract, run as a person would run it: bytes on stdout, words on stderr, an exit code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod command;
mod config;
mod dialogue;
mod download;
mod exit_codes;
mod export;
mod ftp;
mod gopher;
mod gopher_browse;
mod gopher_mirror;
mod gopher_plus;
mod http;
mod http_shared;
mod http_state;
mod imap;
mod mirror;
mod mock;
mod nntp;
mod output;
mod pop3;
mod proxy;
mod readme;
mod rpc;
mod smtp;
mod smtp_many;
mod smtp_relay;
mod socket;
mod socket_ends;
mod socket_many;
mod socket_shown;
mod telnet;
mod telnet_terminal;
mod usage;
