//! SMTP: a message goes from one host to the next.
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 5321 3.1, 3.2 | greeting, EHLO, HELO | [`Client::greeting`], [`Client::ehlo`], [`Capabilities`] |
//! | 5321 3.3 | the mail transaction | [`Transaction`], [`Client::send`], [`Delivery`] |
//! | 5321 3.5, 4.1.1.5-10 | RSET, VRFY, EXPN, HELP, NOOP, QUIT | methods of [`Client`], [`command`] |
//! | 5321 4.1.2, 4.1.3 | addresses, domains, literals | [`Mailbox`], [`Domain`], [`ReversePath`], [`ForwardPath`] |
//! | 5321 4.2.3 | reply codes by name | [`code`] |
//! | 5321 4.5.2, 4.5.3 | transparency, line and size limits | [`Transaction::data`], [`Survey`] |
//! | 1870 | SIZE | [`command::Mail::size`], [`Unsupported::Size`] |
//! | 2034, 3463 | enhanced status codes | [`EnhancedStatus`] |
//! | 2033 | LMTP | [`Dialect::Lmtp`], [`Recipient::outcome`] |
//! | 2852 | DELIVERBY | [`Parameter::deliver_by`](types::Parameter::deliver_by) |
//! | 2920 | pipelining | [`Client::queue`], [`Client::wait`], [`Client::post`], [`Client::outcome`] |
//! | 3030 | CHUNKING, BINARYMIME | [`Transaction::bdat`], [`Transfer`] |
//! | 3207 | STARTTLS | [`Client::starttls`], [`Security`] |
//! | 3461 | DSN | [`Parameter::notify`](types::Parameter::notify) and its sisters; [`types::xtext`] |
//! | 4865 | FUTURERELEASE | [`Parameter::hold_for`](types::Parameter::hold_for), [`Parameter::hold_until`](types::Parameter::hold_until) |
//! | 4954 | AUTH | [`Client::login`], [`Client::auth`] |
//! | 5321 5.1, 7505 | which hosts take a domain's mail | [`Route`] |
//! | 5322, 2045-2047, 2231 | the message itself | [`message::Message`] |
//! | 6152 | 8BITMIME | [`types::BodyKind`] |
//! | 6376, 8463 | DKIM signatures | [`dkim::Dkim`] |
//! | 6531, 5890 | SMTPUTF8, domains in Unicode | [`Mailbox::needs_utf8`], [`Domain::ascii`] |
//! | 6710 | MT-PRIORITY | [`Parameter::mt_priority`](types::Parameter::mt_priority) |
//! | 8314 | submission, implicit TLS | [`connect()`], [`Target`] |
//! | 8461 | MTA-STS | [`sts::Policy`] |
//! | 8689 | REQUIRETLS | [`Parameter::require_tls`](types::Parameter::require_tls) |
//! | Postfix | XCLIENT | [`Client::xclient`] |
//!
//! ```text
//! connect -> Client --ehlo, starttls, login--> Client --transaction--> Transaction --rcpt...data--> Delivery
//!                                                 ^                         |                           |
//!                                                 +-------- abort, or dropped: RSET comes first --------+
//! ```
//!
//! ```
//! use std::io::Cursor;
//! use netkit_smtp::{Client, Domain, Envelope};
//! use netkit_wire::{Conn, Limits, Memory};
//!
//! // What a server said; `netkit_smtp::connect` dials a real one.
//! let server = Memory::new(
//!     b"220 mail.example.org\r\n250-mail.example.org\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n\
//!       250 sender ok\r\n250 recipient ok\r\n354 go on\r\n250 queued\r\n221 bye\r\n",
//! );
//! let sent = server.written();
//! let mut client = Client::new(Conn::new(Box::new(server), Limits::default()));
//! client.ehlo(&Domain::new("client.example.org")?)?;
//!
//! let envelope = Envelope { from: "a@example.org".parse()?, to: vec!["b@example.org".parse()?] };
//! let message = "From: a@example.org\n\n.hidden dots and bare line feeds are made fit for the wire\n";
//! let delivery = client.send(&envelope, &mut Cursor::new(message))?;
//! assert_eq!(delivery.reply.first(), b"queued");
//! client.quit()?;
//!
//! let sent = String::from_utf8(sent.lock().unwrap().clone()).unwrap();
//! assert!(sent.starts_with("EHLO client.example.org\r\nMAIL FROM:<a@example.org> SIZE=83\r\nRCPT TO:<b@example.org>\r\n"));
//! assert!(sent.contains("\r\n\r\n..hidden dots"));
//! # Ok::<(), netkit_smtp::Error>(())
//! ```
//!
//! # What a broken server gets
//!
//! | it does | answer |
//! |---|---|
//! | says 421, anywhere | [`Error::Refused`]; the session is over |
//! | closes, or breaks the reply grammar | [`Error::Wire`]; nothing was delivered |
//! | the same after the end of the message | [`Error::OutcomeUnknown`]; never sent again |
//! | sends bytes behind its 220 to STARTTLS | [`Error::Wire`] with [`Fault::Leftover`](netkit_wire::Fault::Leftover); not one byte more is sent |
//! | answers STARTTLS with anything but 220 | [`Error::Refused`] or [`Error::Unexpected`]; the session is over |
//! | gives leave to send (354) after refusing every recipient | a lone end mark, and [`Error::NoRecipient`] |
//! | sends a challenge that is no base64, or a false SCRAM signature | `*`, and [`Error::Sasl`] |
//!
//! # Coming from Python
//!
//! | smtplib | here |
//! |---|---|
//! | `connect`, `SMTP(host)`, `SMTP_SSL(host)` | [`connect()`] |
//! | `ehlo`, `helo`, `ehlo_or_helo_if_needed` | [`Client::ehlo`], which falls back; [`Client::helo`] |
//! | `has_extn` | [`Capabilities::has`] |
//! | `starttls` | [`Client::starttls`]; [`connect()`] with [`Security::Starttls`] |
//! | `login` | [`Client::login`] |
//! | `auth`, `auth_cram_md5`, `auth_login`, `auth_plain` | [`Client::auth`] with a machine of `netkit_auth::sasl` |
//! | `mail` | [`Client::transaction`] |
//! | `rcpt` | [`Transaction::rcpt`] |
//! | `data` | [`Transaction::data`] |
//! | `sendmail` | [`Client::send`] |
//! | `send_message` | [`message::Message::build`] and [`message::Message::envelope`], then [`Client::send`] |
//! | `rset` | [`Client::rset`], [`Transaction::abort`] |
//! | `noop` | [`Client::noop`] |
//! | `verify`, `vrfy` | [`Client::vrfy`] |
//! | `expn` | [`Client::expn`] |
//! | `help` | [`Client::help`] |
//! | `quit` | [`Client::quit`] |
//! | `close` | drop the [`Client`] |
//! | `docmd`, `putcmd` and `getreply` | [`Client::run`] with a [`command::Raw`]; [`Client::queue`] and [`Client::wait`] |
//! | `send` | [`Client::conn`] and its outbox |
//! | `set_debuglevel`, `debug` | a [`netkit_wire::Tap`] |
//! | `LMTP` | [`Client::speaking`] with [`Dialect::Lmtp`]; a target of the scheme `lmtp` |

mod client;
pub mod code;
pub mod command;
mod connect;
mod delivery;
pub mod dkim;
mod error;
pub mod message;
mod rehearse;
mod relay;
mod reply;
mod send;
pub mod sts;
mod survey;
mod target;
mod transaction;
mod transfer;
pub mod types;

pub use client::{Client, Dialect, Login, Pending};
pub use command::Command;
pub use connect::{Opening, Report, Until, connect};
pub use delivery::{Delivery, InFlight, Recipient};
pub use error::{Argument, Error, Invalid, Unsupported};
pub use rehearse::rehearse;
pub use relay::Route;
pub use reply::{Capabilities, EnhancedStatus, Extension};
pub use send::{Envelope, Options, Partial, Transfer};
pub use survey::Survey;
pub use target::{SCHEMES, Security, Target};
pub use transaction::Transaction;
pub use types::{CommandText, Domain, ForwardPath, Mailbox, ReversePath};
