//! POP3: messages are taken from a maildrop.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 1939 3, 4 | greeting, AUTHORIZATION state | [`Client`] |
//! | 1939 5 | TRANSACTION state: STAT LIST RETR DELE NOOP RSET | [`Maildrop`] |
//! | 1939 6 | UPDATE state | [`Maildrop::quit`] |
//! | 1939 7 | TOP UIDL USER PASS APOP | [`Maildrop::top`], [`Maildrop::uids`], [`Method`] |
//! | 1939 3 | lines of one's own, and what stands behind their answers | [`Maildrop::raw`], [`Command::has_lines`] |
//! | 2449 | CAPA, PIPELINING, response codes | [`Capabilities`], [`Maildrop::retrieve`], [`ResponseCode`] |
//! | 2595 4 | STLS | [`Client::stls`], [`Security`] |
//! | 3206 | SYS, AUTH response codes | [`ResponseCode`] |
//! | 5034 | AUTH | [`Client::login`], [`Client::auth`] |
//! | 6856 | UTF8, LANG | [`Client::utf8`], [`Client::lang`], [`Client::languages`] |
//! | 8314, 2384 | implicit TLS, URLs | [`connect()`], [`Target`] |
//!
//! ```text
//! connect -> Client --stls, login--> Maildrop --retrieve--> Retrieval --next--> Message (Read)
//!                                       |
//!                                       +--quit--> what was marked is deleted; dropped: nothing is
//! ```
//!
//! ```
//! use std::io::Read;
//! use netkit_auth::Credentials;
//! use netkit_pop3::{Client, Login};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! // What a server said; `netkit_pop3::connect` dials a real one.
//! let server = Memory::new(
//!     b"+OK ready\r\n+OK\r\nPIPELINING\r\nUSER\r\n.\r\n+OK\r\n+OK\r\n+OK 12 octets\r\nSubject: x\r\n..\r\n.\r\n+OK\r\n+OK\r\n",
//! );
//! let mut client = Client::new(Conn::new(Box::new(server), Limits::default()));
//! client.capa()?;
//! let credentials = Credentials::password("mrose", "tanstaaf").expect("a plain name");
//! let private = Login { channel_is_private: true, ..Login::new("pop", "x", 110, "nonce") };
//! let mut maildrop = client.login(&credentials, &private, Default::default())?;
//! let mut text = String::new();
//! maildrop.retr("1".parse()?)?.read_to_string(&mut text).expect("it is whole");
//! assert_eq!(text, "Subject: x\r\n.\r\n");
//! maildrop.dele(1)?;
//! maildrop.quit()?;
//! # Ok::<(), netkit_pop3::Error>(())
//! ```
//!
//! # What a broken server gets
//!
//! | it does | answer |
//! |---|---|
//! | says something that begins with neither `+OK` nor `-ERR` | [`Error::Wire`]; the session is over |
//! | closes inside a message | [`Fault::Closed`](netkit_wire::Fault::Closed) out of the message's `read` |
//! | lists a line that is no listing | [`Error::Wire`], naming the line |
//! | says another number of octets than it sends | what it sends counts: the dot ends a message |
//! | refuses one of the messages asked for ahead | [`Error::Refused`] for that one; the others go on |
//! | sends bytes behind its `+OK` to STLS | [`Error::Wire`] with [`Fault::Leftover`](netkit_wire::Fault::Leftover); not one byte more is sent |
//! | has no well-formed time stamp in its greeting | no APOP (CVE-2007-1558) |
//!
//! # Coming from Python
//!
//! | poplib | here |
//! |---|---|
//! | `POP3(host)`, `POP3_SSL(host)` | [`connect()`] |
//! | `getwelcome` | [`Client::greeting`] |
//! | `capa` | [`Client::capa`], [`Maildrop::capa`] |
//! | `stls` | [`Client::stls`]; [`connect()`] with [`Security::Starttls`] |
//! | `user`, `pass_` | [`Client::login`] with [`Method::UserPass`] |
//! | `apop` | [`Client::login`] with [`Method::Apop`] |
//! | `rpop` | nothing: it trusted the client's port number, and is gone since RFC 1460 |
//! | `stat` | [`Maildrop::stat`] |
//! | `list` | [`Maildrop::list`], [`Maildrop::size`] |
//! | `uidl` | [`Maildrop::uids`], [`Maildrop::uid`] |
//! | `retr` | [`Maildrop::retr`], [`Maildrop::retrieve`] |
//! | `top` | [`Maildrop::top`], [`Maildrop::tops`] |
//! | `dele` | [`Maildrop::dele`], [`Maildrop::delete`] |
//! | `rset` | [`Maildrop::rset`] |
//! | `noop` | [`Maildrop::noop`] |
//! | `utf8` | [`Client::utf8`] |
//! | `quit` | [`Maildrop::quit`], [`Client::quit`] |
//! | `close` | drop the [`Maildrop`]: nothing is deleted |
//! | `set_debuglevel` | a [`netkit_wire::Tap`] |

mod answer;
mod capabilities;
mod client;
pub mod command;
mod connect;
mod error;
mod listing;
mod maildrop;
mod rehearse;
mod retrieval;
mod target;
mod types;

pub use answer::{Answer, Answers, ResponseCode};
pub use capabilities::{Capabilities, Capability, Expiry};
pub use client::{Client, Method, is_timestamp};
pub use command::Command;
pub use connect::{Opening, Report, connect};
pub use error::{Argument, Error, Invalid, Unsupported};
pub use listing::{Size, Uid};
pub use maildrop::{Maildrop, Stat};
pub use netkit_auth::sasl::Login;
pub use rehearse::rehearse;
pub use retrieval::{Message, Retrieval};
pub use target::{SCHEMES, Security, Target};
pub use types::{Line, Number};
