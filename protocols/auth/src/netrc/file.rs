//! Where the file is, and who else may read it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use super::{MAX_FILE, Netrc, NetrcError};

/// Something the user should know, which is no reason to stop.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NetrcWarning {
    /// The file holds passwords, and not only its owner can read it. `chmod 600` mends it.
    #[error("{path:?} can be read by others (mode {mode:03o}); chmod 600 it")]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// The files to try, in order: the one the environment variable `NETRC` names, and no other; else `.netrc` in the home
/// folder, and on Windows `_netrc` after it.
#[must_use]
pub fn file_names(netrc_variable: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
    match (netrc_variable.filter(|name| !name.is_empty()), home) {
        (Some(name), _) => vec![PathBuf::from(name)],
        (None, Some(home)) if cfg!(windows) => vec![home.join(".netrc"), home.join("_netrc")],
        (None, Some(home)) => vec![home.join(".netrc")],
        (None, None) => Vec::new(),
    }
}

/// Reads a file of at most [`MAX_FILE`] bytes. Passwords in it that others can read make a warning, as in ssh's and
/// ftp's rules; like curl, this goes on.
///
/// # Errors
/// [`NetrcError`].
pub fn read(path: &Path) -> Result<(Netrc, Option<NetrcWarning>), NetrcError> {
    let unreadable = |error: std::io::Error| NetrcError::Unreadable(error.kind());
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    // One byte more than is allowed tells a long file from a full one. Room for all of it at once: a `Vec` that grows
    // leaves copies of the passwords behind.
    let limit = MAX_FILE as u64 + 1;
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE + 64));
    file.take(limit).read_to_end(&mut text).map_err(unreadable)?;
    let netrc = Netrc::parse(&text)?;
    let has_secret = netrc.entries().iter().any(|entry| entry.password.is_some() || entry.account.is_some());
    let warning = mode_for_others(&metadata)
        .filter(|_| has_secret)
        .map(|mode| NetrcWarning::ReadableByOthers { path: path.to_owned(), mode });
    Ok((netrc, warning))
}

/// The permission bits, if group or others may read.
#[cfg(unix)]
fn mode_for_others(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    (metadata.is_file() && mode & 0o044 != 0).then_some(mode)
}

/// Elsewhere permissions are not bits.
#[cfg(not(unix))]
fn mode_for_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}
