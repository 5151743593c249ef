//! A file in several parts at once, each over a connection of its own.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use netkit_ftp::{Error, Session};
use netkit_wire::{Fault, Phase};

use super::session::Opener;
use crate::failure::{Failure, Kind, Result};
use crate::progress::Progress;

/// Parts that are smaller are not worth a connection.
const SMALLEST: u64 = 1 << 20;

/// Fetches `size` bytes of a file in at most so many parts.
pub fn fetch(
    opener: &Opener<'_>,
    path: &str,
    file: &File,
    size: u64,
    parts: u64,
    progress: &Progress,
) -> Result<()> {
    let parts = parts.min(size / SMALLEST).max(1);
    let length = size.div_ceil(parts);
    let failure: Mutex<Option<Failure>> = Mutex::default();
    let came = AtomicU64::new(0);
    let at = || came.load(Ordering::Relaxed);
    progress.during(Path::new(path), Some(size), at, None, || {
        std::thread::scope(|scope| {
            for from in (0..parts).map(|part| part * length) {
                let (failure, came, to) = (&failure, &came, size.min(from + length));
                scope.spawn(move || {
                    let done = opener.open().and_then(|mut session| {
                        opener.insist(&mut session, |session| {
                            part(session, opener, path, file, from..to, came)
                        })?;
                        opener.leave(session);
                        Ok(())
                    });
                    if let Err(why) = done {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                    }
                });
            }
        });
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// The bytes from one place to another.
fn part(
    session: &mut Session,
    opener: &Opener<'_>,
    path: &str,
    file: &File,
    range: Range<u64>,
    came: &AtomicU64,
) -> Result<()> {
    let about = |e: Error| opener.about_path(e, path);
    let Range { start: from, end: to } = range;
    let mut download = session.retr_part(path, from..to).map_err(about)?;
    let (mut at, mut buffer) = (from, vec![0; 1 << 18]);
    loop {
        let n = match download.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(about(download.broken(Fault::from_io(why, Phase::Receiving)))),
        };
        file.write_all_at(buffer.get(..n).unwrap_or_default(), at).map_err(|e| Failure::write(path, &e))?;
        at += n as u64;
        came.fetch_add(n as u64, Ordering::Relaxed);
    }
    match download.finish() {
        // The last part ends with the file, the others are given up on purpose where the server knows no ranges.
        Ok(_) | Err(Error::Aborted) if at == to => Ok(()),
        Ok(_) | Err(Error::Aborted) => {
            let why = format!("{path}: the part from {from} on ended at {at} of {to}");
            Err(Failure::new(Kind::Partial, why).with(&opener.target.endpoint))
        }
        Err(why) => Err(about(why)),
    }
}
