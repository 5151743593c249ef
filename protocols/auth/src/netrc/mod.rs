//! `.netrc`: logins by host, by curl's rules.
//!
//! ```text
//! machine mail.example.org login ana password "open \"sesame\""
//! machine ftp.example.org            # white space and line ends part tokens alike
//!   login bo
//!   password hunter2
//! default login anonymous password guest@example.org
//! ```
//!
//! - A line whose first character is `#` is a comment; anywhere else `#` belongs to its token.
//! - A token in double quotes may hold white space; in it `\"`, `\\`, `\n`, `\r` and `\t` are escapes.
//! - `macdef` and everything to the next empty line is skipped. An unknown word is passed over.
//! - Entries are tried in the order of the file; `default` matches every host.
//!
//! `entries` turns tokens into entries, `lexer` text into tokens, `file` finds and reads the file.

mod entries;
mod file;
mod lexer;

use thiserror::Error;

pub use file::{NetrcWarning, file_names, read};

use crate::{Secret, UserName};

/// The largest file read, in bytes. curl's limit.
pub const MAX_FILE: usize = 128 * 1024;
/// The longest line read, in bytes. curl's limit.
pub const MAX_LINE: usize = 16 * 1024;
/// The longest token read, in bytes. curl's limit.
pub const MAX_TOKEN: usize = 4096;

/// What the file says of one login. `Debug` shows no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The host, or `None` for `default`.
    pub machine: Option<String>,
    /// The user.
    pub login: Option<UserName>,
    /// The password.
    pub password: Option<Secret>,
    /// An additional password some FTP servers ask for (RFC 959 section 4.1.1, ACCT).
    pub account: Option<Secret>,
}

impl Entry {
    fn is_for(&self, host: &str) -> bool {
        self.machine.as_deref().is_none_or(|machine| machine.eq_ignore_ascii_case(host))
    }

    /// An entry without a login gives its password for any user of its host.
    fn serves(&self, login: Option<&str>) -> bool {
        match (login, self.login.as_deref()) {
            (Some(wanted), Some(known)) => wanted == known,
            _ => true,
        }
    }
}

/// A file's entries, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Netrc {
    entries: Vec<Entry>,
}

impl Netrc {
    /// Reads the text of a `.netrc`.
    ///
    /// # Errors
    /// [`NetrcError`], with the line.
    pub fn parse(text: &[u8]) -> Result<Self, NetrcError> {
        if text.len() > MAX_FILE {
            return Err(NetrcError::FileTooLong);
        }
        entries::collect(text).map(|entries| Self { entries })
    }

    /// The entry for a host, and for a user where one is given.
    ///
    /// The first that has a password; failing that, the first that has a login. An entry with neither has nothing to
    /// say and is never given out, so that a bare `default` does not match (CVE-2025-0167), and a login is never
    /// paired with another entry's password (CVE-2024-11053).
    #[must_use]
    pub fn lookup(&self, host: &str, login: Option<&str>) -> Option<&Entry> {
        let fitting = || self.entries.iter().filter(|entry| entry.is_for(host) && entry.serves(login));
        fitting()
            .find(|entry| entry.password.is_some())
            .or_else(|| fitting().find(|entry| entry.login.is_some()))
    }

    /// Every entry, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// What is wrong with a `.netrc`. No variant holds anything of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetrcError {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// The file is larger than [`MAX_FILE`].
    #[error("larger than {MAX_FILE} bytes")]
    FileTooLong,
    /// A line is longer than [`MAX_LINE`].
    #[error("line {line} is longer than {MAX_LINE} bytes")]
    LineTooLong {
        /// The line, from 1.
        line: usize,
    },
    /// A token is longer than [`MAX_TOKEN`].
    #[error("line {line} has a token longer than {MAX_TOKEN} bytes")]
    TokenTooLong {
        /// The line, from 1.
        line: usize,
    },
    /// A double quote is not closed on its line.
    #[error("line {line} has a double quote that is not closed")]
    UnterminatedQuote {
        /// The line, from 1.
        line: usize,
    },
    /// `machine`, `login`, `password` or `account` is the last word of the file.
    #[error("line {line} ends the file where a value belongs")]
    MissingValue {
        /// The line of the word that lacks its value, from 1.
        line: usize,
    },
    /// A machine or login is not UTF-8, or has a line end or NUL in it.
    #[error("line {line} has a name with characters a name cannot have")]
    BadName {
        /// The line, from 1.
        line: usize,
    },
}
