//! FTP: files that lie on a server (RFC 959), with its TLS (RFC 4217) and its later extensions.
//!
//! | RFC | section | item |
//! |---|---|---|
//! | 959 | 4.1, 5.3 commands | [`Command`], [`Verb`] |
//! | 959 | 4.1.2 PORT, PASV | [`reply::passive`], [`Command::port`] |
//! | 959 | App. II the 257 reply | [`reply::quoted_path`] |
//! | 959 | 4.1.3 LIST | [`list::parse`] |
//! | 2389 | 3 FEAT | [`reply::features`] |
//! | 2428 | 2, 3 EPRT, EPSV | [`reply::extended_passive`], [`Command::eprt`] |
//! | 3659 | 7 MLST, MLSD | [`Facts`] |
//! | 3659 | 2.3 times | [`Stamp`] |
//! | 959, 1635 | 4.1.1 login | [`Client::login`], [`Login`] |
//! | 959, 3659 | 4.1.3 files and folders | [`Session`] |
//! | 959 | 3 data connections | [`Mode`], [`Data`], [`Network`] |
//! | 959, 3659 | 5.3 RETR, STOR, APPE, STOU, REST | [`Session::retr`], [`Session::stor`], [`Download`], [`Upload`] |
//! | 4217 | AUTH TLS, PBSZ, PROT, CCC | [`Client::auth_tls`], [`connect()`], [`Session::ccc`] |
//! | 4217 | 10.2 sessions resumed | [`Opening::tls_at_most`], [`Error::wants_older_tls`] |
//! | 7151 | 3 HOST | [`Client::host`] |
//! | 959 | 5.2 data ports | [`Opening::verify_data_port`] |
//! | 959 | 5.2 between two servers | [`fxp()`] |
//! | 959 | 4.1.3 ABOR, NOOP | [`Download::finish`], [`Session::keep_alive`] |
//! | drafts | RANG, HASH, MFMT, MODE Z | [`Session::retr_part`], [`Session::hash`], [`Session::set_modified`], [`Session::mode_z`] |
//! | 1738 | 3.2 URLs | [`Target`] |
//!
//! ```text
//! connect -> Client --auth_tls, login--> Session --retr--> Download --finish--> Session
//!                                                --stor--> Upload   --finish--> Session
//! ```
//!
//! # Coming from Python
//!
//! | `ftplib.FTP`, `FTP_TLS` | here |
//! |---|---|
//! | `abort` | [`Download::finish`] before the end |
//! | `acct` | [`Login::account`] |
//! | `auth`, `prot_p` | [`Client::auth_tls`], [`Client::login`]: data connections are protected where the control connection is |
//! | `prot_c` | nothing: a session is protected whole, or not |
//! | `ccc` | [`Session::ccc`] |
//! | `close` | dropping the [`Session`] |
//! | `connect`, `getwelcome` | [`connect()`], [`Client::greeting`], [`Session::welcome`] |
//! | `cwd`, `pwd`, `mkd`, `rmd` | [`Session::cwd`], [`Session::cdup`], [`Session::pwd`], [`Session::mkd`], [`Session::rmd`] |
//! | `debug`, `set_debuglevel` | a [`netkit_wire::Tap`], in [`Opening::tap`] |
//! | `delete`, `rename` | [`Session::dele`], [`Session::rename`] |
//! | `dir`, `mlsd`, `nlst` | [`Session::list`], [`Session::nlst`] |
//! | `getline`, `getmultiline`, `getresp`, `voidresp` | [`netkit_wire::Replies`] |
//! | `login` | [`Client::login`], [`Login::anonymous`] |
//! | `makepasv`, `makeport`, `sendeprt`, `sendport`, `set_pasv` | [`Session::mode`], [`Data`] |
//! | `ntransfercmd`, `transfercmd` | [`Session::retr`], [`Session::stor`] |
//! | `putcmd`, `putline`, `sendcmd`, `voidcmd` | [`Session::raw`], [`Command`] |
//! | `quit` | [`Session::quit`] |
//! | `retrbinary`, `retrlines` | [`Session::retr`], [`Download::copy_to`] |
//! | `sanitize` | `Debug` of [`Argument`], which shows no password |
//! | `size` | [`Session::size`], [`Session::mdtm`], [`Session::look`] |
//! | `storbinary`, `storlines` | [`Session::stor`], [`Session::appe`], [`Session::stou`] |
//!
//! ```
//! let entry = netkit_ftp::Facts::parse(b"type=file;size=12;modify=20260102030405; a;b").unwrap();
//! assert_eq!((entry.name.as_slice(), entry.size()), (b"a;b".as_slice(), Some(12)));
//! ```

mod client;
mod command;
mod connect;
mod control;
mod data;
mod error;
pub mod list;
mod mlsd;
mod names;
pub mod reply;
mod session;
mod stamp;
mod target;
mod types;

pub use client::{Client, Login};
pub use command::{Command, Verb};
pub use connect::{Opening, Report, connect};
pub use data::{Data, Network, Waiting};
pub use error::{Error, Invalid, Unsupported};
pub use mlsd::Facts;
pub use names::Charset;
pub use session::{Download, Entries, Entry, Mode, Session, Upload, fxp};
pub use stamp::Stamp;
pub use target::{SCHEMES, Security, Target};
pub use types::Argument;
