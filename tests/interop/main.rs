//! The command against real servers: nginx, postfix, gophernicus, and one that breaks HTTP on purpose.
//!
//! `start` runs them (README.md beside this file); `NETKIT_INTEROP_ENV` names the file that says where they are. Each
//! test looks at all that a user or a script can see of a run: what came on stdout, the exit code, what stderr said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice, missing_docs)]

mod command;
mod download;
mod faults;
mod ftp;
mod get;
mod gopher;
mod gopher_plus;
mod http;
mod imap;
mod nntp;
mod outcome;
mod peers;
mod peers_ftp;
mod peers_gopher;
mod peers_nntp;
mod peers_socket;
mod peers_telnet;
mod pop3;
mod proxies;
mod rpc;
mod running;
mod servers;
mod smtp;
mod telnet;
