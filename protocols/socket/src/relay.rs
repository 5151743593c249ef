//! Two conversations joined: what one peer says, the other hears, and each end of input is passed on.

use std::fs::File;
use std::io::{self, Read, Write};
use std::thread;

use netkit_wire::Stream;

/// How much is moved at a time.
const CHUNK: usize = 256 << 10;
const MOST: u64 = 1 << 30;

/// What each direction moved, or why it stopped early.
#[derive(Debug)]
pub struct Relayed {
    /// From the first peer to the second.
    pub forward: io::Result<u64>,
    /// From the second to the first.
    pub back: io::Result<u64>,
}

/// Joins two streams until both peers have said all. The end of one direction leaves the other open, for as long as it
/// takes: a late answer is not lost.
///
/// # Errors
/// A stream cannot be parted ([`Stream::halves`]).
pub fn relay(first: Box<dyn Stream>, second: Box<dyn Stream>) -> io::Result<Relayed> {
    let (mut first_in, mut first_out) = first.halves()?;
    let (mut second_in, mut second_out) = second.halves()?;
    let forward = thread::spawn(move || copy(&mut *first_in, &mut *second_out));
    let back = copy(&mut *second_in, &mut *first_out);
    // Where this direction failed, the first peer is told by the other's end.
    drop(first_out);
    let forward = forward.join().unwrap_or_else(|_| Err(io::Error::other("the thread of a direction died")));
    Ok(Relayed { forward, back })
}

/// Copies one direction to its end and passes the end on; how many bytes. Plain sockets are joined inside the kernel.
///
/// # Errors
/// Those of reading and of writing.
pub fn copy(from: &mut dyn Stream, to: &mut dyn Stream) -> io::Result<u64> {
    let moved = match to.sink()? {
        Some(sink) => splice(from, &sink, to),
        None => pass(from, to),
    }?;
    to.shutdown_write()?;
    Ok(moved)
}

fn splice(from: &mut dyn Stream, sink: &File, to: &mut dyn Stream) -> io::Result<u64> {
    let mut moved = 0;
    loop {
        match from.transfer(sink, MOST)? {
            Some(0) => return Ok(moved),
            Some(n) => moved += n,
            None => return pass(from, to).map(|more| moved + more),
        }
    }
}

fn pass<R: Read + ?Sized, W: Write + ?Sized>(from: &mut R, to: &mut W) -> io::Result<u64> {
    let mut buf = vec![0; CHUNK];
    let mut moved = 0;
    loop {
        let n = match from.read(&mut buf) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let Some(some) = buf.get(..n).filter(|some| !some.is_empty()) else { return Ok(moved) };
        to.write_all(some)?;
        moved += n as u64;
    }
}
