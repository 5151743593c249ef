//! Mock servers: one for each protocol over one shared [`World`], and a player of transcripts.
//!
//! The library behind `netkit mock` and `--mock`. The servers use the same codecs as the clients, listen on loopback
//! only, and bound everything a client can make them hold.
//!
//! ```
//! use std::sync::Arc;
//! use netkit_gopher::{Target, Entry, connect};
//! use netkit_mock::{Gopher, Server, ThrowAway, World};
//! use netkit_socket::Dialer;
//!
//! let server = Server::start(Arc::new(Gopher::new(World::seeded())), 0, ThrowAway::new()?.server, false)?;
//! let target: Target = format!("gopher://{}/", server.endpoint()).parse()?;
//! let (client, _) = connect(&target, &Dialer::default(), Default::default(), None)?;
//! let first = client.menu(target.selector())?.next();
//! assert!(matches!(first, Some(Ok(Entry::Item(item))) if item.display.to_str_lossy().contains("Welcome")));
//! server.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod fault;
mod ftp;
mod gopher;
mod http;
mod imap;
mod nntp;
mod ph;
mod pop3;
mod proxy;
pub mod script;
mod server;
mod smtp;
mod telnet;
mod tls;
mod world;

pub use fault::{Act, Fault, FaultError, Faults, Step};
pub use ftp::{Ftp, Rule as FtpRule};
pub use gopher::Gopher;
pub use http::Http;
pub use imap::Imap;
pub use nntp::Nntp;
pub use ph::Ph;
pub use pop3::Pop3;
pub use proxy::{HttpProxy, ProxyUsers, SocksProxy};
pub use server::{Context, Server, Service};
pub use smtp::Smtp;
pub use telnet::Telnet;
pub use tls::{CertificateError, ThrowAway};
pub use world::{
    ACCOUNTS, Copied, DELIMITER, File, Flagging, Folder, Mail, MailError, Message, News, NewsArticle,
    NewsError, Newsgroup, Site, TOKEN, World,
};
