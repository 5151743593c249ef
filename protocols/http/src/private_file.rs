//! Files with secrets: for their owner alone, and whole or not there at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// No honest file of this kind is larger.
const LARGEST: u64 = 16 << 20;

/// Reads a file; one that is not there is empty.
///
/// # Errors
/// Why it cannot be read; [`io::ErrorKind::FileTooLarge`] past 16 MiB.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    match file.take(LARGEST + 1).read_to_end(&mut bytes)? {
        n if n as u64 > LARGEST => Err(io::ErrorKind::FileTooLarge.into()),
        _ => Ok(bytes),
    }
}

/// Puts a new file in the place of the old one, by a rename: a reader sees the one or the other. Where the path is a
/// symbolic link, the file it leads to is replaced.
///
/// # Errors
/// Why it cannot be written; the old one is then untouched.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // A device or a pipe is written as it is: nobody wants a file in the place of /dev/stdout.
    if fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
        return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.open(&new).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    let done = written.and_then(|()| fs::rename(&new, &path));
    if done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        // What was begun is of no use; that it cannot be removed would be news of the same trouble.
        let _ = fs::remove_file(&new);
    }
    done
}
