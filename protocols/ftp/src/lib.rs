//! FTP's codecs: what goes over the control connection, and what listings say. No client yet.
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
//!
//! ```
//! let entry = netkit_ftp::Facts::parse(b"type=file;size=12;modify=20260102030405; a;b").unwrap();
//! assert_eq!((entry.name.as_slice(), entry.size()), (b"a;b".as_slice(), Some(12)));
//! ```

mod command;
mod error;
pub mod list;
mod mlsd;
pub mod reply;
mod stamp;
mod types;

pub use command::{Command, Verb};
pub use error::{Error, Invalid, Unsupported};
pub use mlsd::Facts;
pub use stamp::Stamp;
pub use types::Argument;
