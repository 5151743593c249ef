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

use super::crew::{Broken, Done, together};
use super::session::Opener;
use crate::failure::{Failure, Kind, Result};
use crate::progress::Progress;

/// Parts that are smaller are not worth a connection.
const SMALLEST: u64 = 1 << 20;

/// The bytes from one place to another.
struct Part {
    /// Where the next ones go.
    at: AtomicU64,
    to: u64,
}

/// Fetches these bytes of a file in at most so many parts. Where a connection breaks, its part goes on where it ended. Up to
/// where the file is whole, however it went.
pub fn fetch(
    opener: &Opener<'_>,
    path: &str,
    file: &File,
    missing: Range<u64>,
    parts: u64,
    progress: &Progress,
) -> (u64, Result<()>) {
    let Range { start, end } = missing;
    let bytes = end.saturating_sub(start);
    let most = parts.min(bytes / SMALLEST).max(1);
    let length = bytes.div_ceil(most);
    let begins = (0..most).map(|part| start + part * length);
    let parts: Vec<_> =
        begins.map(|from| Part { at: AtomicU64::new(from), to: end.min(from + length) }).collect();
    let failure: Mutex<Option<Failure>> = Mutex::default();
    let fail = |why| {
        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    };
    let came = AtomicU64::new(start);
    let at = || came.load(Ordering::Relaxed);
    let hand = || |session: &mut Session, one: &&Part| receive(session, opener, path, file, one, &came);
    progress.during(Path::new(path), Some(end), at, None, || {
        let workers = u16::try_from(most).unwrap_or(u16::MAX);
        together(opener, workers, None, &fail, hand, |queue| {
            for part in &parts {
                queue.push(part);
            }
        });
    });
    let ends = parts.into_iter().map(|part| (part.at.into_inner(), part.to));
    let whole = ends.into_iter().find(|(at, to)| at < to).map_or(end, |(at, _)| at);
    (whole, failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err))
}

fn receive(
    session: &mut Session,
    opener: &Opener<'_>,
    path: &str,
    file: &File,
    part: &Part,
    came: &AtomicU64,
) -> Done {
    let about = |e: Error| Broken::of(opener, e, path);
    let (from, to) = (part.at.load(Ordering::Relaxed), part.to);
    if from == to {
        // All of it came before the connection broke.
        return Ok(());
    }
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
        part.at.store(at, Ordering::Relaxed);
        came.fetch_add(n as u64, Ordering::Relaxed);
    }
    match download.finish() {
        // The last part ends with the file, the others are given up on purpose where the server knows no ranges.
        Ok(_) | Err(Error::Aborted) if at == to => Ok(()),
        Ok(_) | Err(Error::Aborted) => {
            let why = format!("{path}: the part from {from} on ended at {at} of {to}");
            let failure = Failure::new(Kind::Partial, why).with(&opener.target.endpoint);
            Err(Broken { failure, again: false })
        }
        Err(why) => Err(about(why)),
    }
}
