//! A file in several parts at once, each over a connection of its own.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use netkit_ftp::Error;

use super::session::Opener;
use crate::failure::{Failure, Kind, Result};

/// Parts that are smaller are not worth a connection.
const SMALLEST: u64 = 1 << 20;

/// Fetches `size` bytes of a file in at most so many parts.
pub fn fetch(opener: &Opener<'_>, path: &str, file: &File, size: u64, parts: u64) -> Result<()> {
    let parts = parts.min(size / SMALLEST).max(1);
    let length = size.div_ceil(parts);
    let failure: Mutex<Option<Failure>> = Mutex::default();
    std::thread::scope(|scope| {
        for from in (0..parts).map(|part| part * length) {
            let (failure, to) = (&failure, size.min(from + length));
            scope.spawn(move || {
                if let Err(why) = part(opener, path, file, from, to) {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                }
            });
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// The bytes from one place to another.
fn part(opener: &Opener<'_>, path: &str, file: &File, from: u64, to: u64) -> Result<()> {
    let about = |e: Error| opener.about_path(e, path);
    let mut session = opener.open()?;
    let mut download = session.retr(path, from).map_err(about)?;
    let (mut at, mut buffer) = (from, vec![0; 1 << 18]);
    while at < to {
        let wanted = usize::try_from(to - at).unwrap_or(usize::MAX).min(buffer.len());
        let n = download.read(buffer.get_mut(..wanted).unwrap_or_default());
        let n = n.map_err(|e| Failure::copy("the data connection", e))?;
        if n == 0 {
            let why = format!("{path}: the part from {from} on ended at {at} of {to}");
            return Err(Failure::new(Kind::Partial, why).with(&opener.target.endpoint));
        }
        file.write_all_at(buffer.get(..n).unwrap_or_default(), at).map_err(|e| Failure::write(path, &e))?;
        at += n as u64;
    }
    match download.finish() {
        // The last part ends with the file, the others are given up on purpose.
        Ok(_) | Err(Error::Aborted) => {}
        Err(Error::Refused(_)) if session.is_usable() => {}
        Err(why) => return Err(about(why)),
    }
    opener.leave(session);
    Ok(())
}
