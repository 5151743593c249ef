//! IMAP4: mail that stays on a server, revision 1 (RFC 3501) and 2 (RFC 9051).
//!
//! | RFC | what | item |
//! |---|---|---|
//! | 9051 2.2, 4.3 | lines and literals | [`framer`] |
//! | 9051 4, 9 | words, strings, sets | [`types`] |
//! | 9051 5.1, 3501 5.1.3 | mailbox names, modified UTF-7 | [`types::Mailbox`] |
//! | 9051 7 | responses | [`response`] |
//! | 2342, 9208, 4314, 5464, 2971 | NAMESPACE, QUOTA, ACL, METADATA, ID responses | [`response::Untagged`] |
//! | 4315, 5530, 7162 | response codes | [`response::Code`] |
//! | 4731, 9394, 5256 | ESEARCH, PARTIAL, SORT, THREAD responses | [`response::Esearch`], [`response::Thread`] |
//! | 5092 | URLs | [`Target`] |
//! | 9051 6 | commands, as rows of words and literals; as servers read them | [`Command`], [`Request`] |
//! | 3501 6.1, 9051 6.1-6.4 | greeting, CAPABILITY, NOOP, LOGOUT, STARTTLS | [`Client`] |
//! | 9051 6.2, 4959, 2595 | AUTHENTICATE, SASL-IR, LOGIN, LOGINDISABLED | [`Client::login`] |
//! | 9051 6.3 | mailboxes: LIST, STATUS, CREATE, DELETE, RENAME, SUBSCRIBE, APPEND | [`Session`] |
//! | 9051 6.4, 6851, 4315, 8508 | messages: SEARCH, FETCH, STORE, COPY, MOVE, UID EXPUNGE, REPLACE | [`Selected`] |
//! | 3502, 5258, 5819, 6154 | MULTIAPPEND, LIST-STATUS, SPECIAL-USE | [`Session::append_all`], [`Session::list_status`], [`Session::create_for`] |
//! | 5161, 4978, 5465, 8437 | ENABLE, COMPRESS, NOTIFY, UNAUTHENTICATE | [`Session::enable`], [`Session::compress`], [`Session::notify`], [`Session::unauthenticate`] |
//! | 7162 | CONDSTORE, QRESYNC | [`Session::open`], [`Selected::download`], [`Selected::store_unless`] |
//! | 4731, 9394, 5182 | ESEARCH, PARTIAL, SEARCHRES | [`Selected::search_for`], [`Selected::search_part`] |
//! | 2177 | IDLE | [`Selected::idle`] |
//! | 7888 | LITERAL+, LITERAL- | commands are sent by them where offered |
//! | 8314 | implicit TLS | [`connect()`] |
//!
//! ```text
//! connect -> Client --starttls, login--> Session --select, examine--> Selected --close--> Session
//! ```
//!
//! ```
//! use netkit_imap::response::{Item, Response, Untagged};
//!
//! let frame = b"* 12 FETCH (UID 4827 FLAGS (\\Seen) BODY[HEADER.FIELDS (SUBJECT)] {15}\r\nSubject: hi\r\n\r\n)";
//! let Response::Untagged(Untagged::Fetch(fetch)) = Response::parse(frame, false) else { panic!() };
//! assert_eq!((fetch.number, fetch.uid()), (12, Some(4827)));
//! assert!(matches!(&fetch.items[2], Item::Section(_, Some(text)) if text.starts_with(b"Subject: hi")));
//! ```
//!
//! # Coming from Python
//!
//! | `imaplib.IMAP4` | here |
//! |---|---|
//! | `append` | [`Session::append`], [`Session::append_all`] |
//! | `abort`, `error`, `readonly` | [`Error`]; [`Error::connection_is_usable`], [`Selected::read_only`] |
//! | `authenticate`, `login`, `login_cram_md5`, `proxyauth` | [`Client::login`], [`Client::authenticate`]; whom to act as is in the credentials |
//! | `capability` | [`Client::capability`], [`Session::capabilities`] |
//! | `check`, `noop`, `recent` | [`Session::noop`], [`Selected::poll`], [`Selected::exists`] |
//! | `close` | [`Selected::close_expunging`] |
//! | `copy`, `expunge`, `store` | [`Selected::copy`], [`Selected::expunge`], [`Selected::store`] |
//! | `create`, `delete`, `rename` | [`Session::create`], [`Session::delete`], [`Session::rename`] |
//! | `deleteacl`, `getacl`, `myrights`, `setacl` | [`Session::delete_acl`], [`Session::acl`], [`Session::my_rights`], [`Session::set_acl`] |
//! | `enable` | [`Session::enable`] |
//! | `fetch`, `partial` | [`Selected::fetch`], [`Selected::download`] |
//! | `getannotation`, `setannotation` | [`Session::metadata`], [`Session::set_metadata`]: what RFC 5464 made of it |
//! | `getquota`, `getquotaroot`, `setquota` | [`Session::quota`], [`Session::quota_root`], [`Session::set_quota`] |
//! | `list`, `lsub` | [`Session::list`], [`Session::lsub`], [`Session::list_status`] |
//! | `logout`, `shutdown` | [`Session::logout`] |
//! | `namespace` | [`Session::namespace`] |
//! | `open`, `socket` | [`connect()`], [`Client::new`], [`Client::conn`] |
//! | `print_log` | a [`netkit_wire::Tap`], in [`Opening::tap`] |
//! | `read`, `readline`, `send` | [`framer`], [`netkit_wire::Conn`] |
//! | `response` | [`Session::take_notices`] |
//! | `search`, `sort`, `thread`, `uid` | [`Selected::search`], [`Selected::sort`], [`Selected::thread`]; every call goes by UID |
//! | `select` | [`Session::select`], [`Session::examine`], [`Session::open`] |
//! | `starttls` | [`Client::starttls`] |
//! | `status` | [`Session::status`] |
//! | `subscribe`, `unsubscribe` | [`Session::subscribe`], [`Session::unsubscribe`] |
//! | `unselect` | [`Selected::close`] |
//! | `xatom` | [`Session::raw`] |
//!
//! # What a broken server gets
//!
//! | it does | answer |
//! |---|---|
//! | sends data of no grammar known here, or breaks one | [`response::Untagged::Unknown`] with its bytes; the session goes on |
//! | announces a literal that is longer than any can be | [`netkit_wire::Malformed`] |
//! | nests brackets a million deep, or sends a hundred thousand literals | [`response::Untagged::Unknown`]; a fault of the limit |
//! | ends its lines with LF alone | it is understood |
//! | writes `-1`, `NIL` for an encoding, spaces at the end, or no text | it is understood |

mod client;
pub mod command;
mod connect;
mod dialogue;
pub mod error;
pub mod framer;
mod rehearse;
mod request;
pub mod response;
mod selected;
mod session;
mod target;
pub mod types;

pub use client::{Client, Login};
pub use command::Command;
pub use connect::{Opening, Report, connect};
pub use error::{Argument, Error, Invalid, Unsupported};
pub use rehearse::Rehearsal;
pub use request::Request;
pub use selected::{
    Access, Change, Changes, Downloaded, Event, FetchItem, Flagged, Known, OpenedDownload, PartNumber,
    Receive, SearchKey, Selected,
};
pub use session::{Append, Placed, Session, StatusItem, WithStatus};
pub use target::{SCHEMES, Security, Target};
