//! Socket to file inside the kernel: splice(2) through a pipe that the stream keeps.

use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Instant;

use netkit_wire::{Clock, Elapsed};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
use socket2::Socket;

use super::clocks::{Clocks, Direction};

/// What an unprivileged process may ask for (`/proc/sys/fs/pipe-max-size`); less is used where it is refused.
const PIPE: usize = 1 << 20;

/// The pipe between socket and file, made at the first transfer and empty between two of them.
#[derive(Default)]
pub(super) struct Splice {
    pipe: Option<Pipe>,
    /// A target refused: the caller copies by hand from then on.
    refused: bool,
    /// A target that is a pipe was given more room.
    widened: bool,
}

struct Pipe {
    out: OwnedFd,
    into: OwnedFd,
    size: usize,
}

impl Splice {
    /// See [`netkit_wire::Stream::transfer`]. What the target refused to take is an error of its kind (`StorageFull`,
    /// `BrokenPipe`, `FileTooLarge`), which no read from a socket has.
    pub(super) fn transfer(
        &mut self,
        socket: &Socket,
        clocks: &mut Clocks,
        to: &File,
        max: u64,
    ) -> io::Result<Option<u64>> {
        if max == 0 || self.refused {
            return Ok(None);
        }
        // splice(2) cannot append; better known before any byte has left the socket.
        if fcntl_getfl(to)?.contains(OFlags::APPEND) {
            return Ok(None);
        }
        if FileType::from_raw_mode(fstat(to)?.st_mode) == FileType::Fifo {
            if !std::mem::replace(&mut self.widened, true) {
                // The 64 KiB of a shell's pipe let both sides wait for each other sixteen times a mebibyte. Where the
                // user's share of pipe memory is used up, it stays as it is.
                let _ = fcntl_setpipe_size(to, PIPE);
            }
            return to_pipe(socket, clocks, to, max);
        }
        // On an error it stays taken: what is left inside must not come out with the next transfer.
        let pipe = match self.pipe.take() {
            Some(pipe) => pipe,
            None => Pipe::new()?,
        };
        let size = pipe.size.min(usize::try_from(max).unwrap_or(pipe.size));
        let call = || Ok(splice(socket, None, &pipe.into, None, size, SpliceFlags::MOVE)?);
        let taken = match clocks.run(socket, Direction::Read, call) {
            Err(error) if is_invalid(&error) => {
                self.refused = true;
                return Ok(None);
            }
            other => other?,
        };
        self.refused = !pipe.empty_into(to, taken)?;
        self.pipe = Some(pipe);
        Ok(Some(taken as u64))
    }
}

impl Pipe {
    fn new() -> io::Result<Pipe> {
        let (out, into) = pipe_with(PipeFlags::CLOEXEC)?;
        // 64 KiB is the default and what is left when the user's share of pipe memory is used up.
        let size = fcntl_setpipe_size(&into, PIPE).unwrap_or(1 << 16);
        Ok(Pipe { out, into, size })
    }

    /// Moves the `left` bytes that are inside to the file. `false`: the file takes no splice (a terminal, say), they were
    /// copied by hand.
    fn empty_into(&self, mut to: &File, mut left: usize) -> io::Result<bool> {
        while left > 0 {
            match splice(&self.out, None, to, None, left, SpliceFlags::MOVE) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => left = left.saturating_sub(n),
                Err(Errno::INTR) => {}
                Err(Errno::INVAL) => {
                    let mut held = vec![0; left];
                    File::from(self.out.try_clone()?).read_exact(&mut held)?;
                    to.write_all(&held)?;
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}

/// The target is a pipe itself, such as a redirected standard output: one splice, no copy at all.
fn to_pipe(socket: &Socket, clocks: &mut Clocks, to: &File, max: u64) -> io::Result<Option<u64>> {
    // A reader that pauses is not an idle peer, so only the whole operation's clock counts while its pipe is full.
    if let Some(deadline) = clocks.ends() {
        wait_for_room(to, deadline)?;
    }
    // splice(2) holds the pipe while it waits for the socket, and its reader could not have what is in it already: the
    // wait is done before.
    if clocks.run(socket, Direction::Read, || socket.peek(&mut [MaybeUninit::uninit()]))? == 0 {
        return Ok(Some(0));
    }
    let size = usize::try_from(max).unwrap_or(PIPE).min(PIPE);
    let call = || Ok(splice(socket, None, to, None, size, SpliceFlags::MOVE)?);
    match clocks.run(socket, Direction::Read, call) {
        Ok(moved) => Ok(Some(moved as u64)),
        Err(error) if is_invalid(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn wait_for_room(pipe: &File, deadline: Instant) -> io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
        match poll(&mut [PollFd::new(pipe, PollFlags::OUT)], Some(&timeout)) {
            Ok(0) => return Err(Elapsed(Clock::Total).into()),
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_invalid(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::INVAL.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::SocketStream;
    use netkit_wire::Stream;
    use std::io::Seek;
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Duration;

    fn tcp_pair() -> (SocketStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (theirs, _) = listener.accept().unwrap();
        (SocketStream::new(ours.into(), Some(Duration::from_millis(200)), None).unwrap(), theirs)
    }

    fn drain(stream: &mut SocketStream, to: &File) -> u64 {
        let mut sum = 0;
        loop {
            match stream.transfer(to, u64::MAX).unwrap() {
                Some(0) => return sum,
                Some(n) => sum += n,
                None => panic!("no splice from a socket on Linux"),
            }
        }
    }

    #[test]
    fn a_file_gets_every_byte() {
        let (mut stream, mut peer) = tcp_pair();
        let sent: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
        let expected = sent.clone();
        let writer = thread::spawn(move || peer.write_all(&sent).unwrap());
        let mut file = tempfile::tempfile().unwrap();
        assert_eq!(stream.transfer(&file, 10).unwrap(), Some(10));
        assert_eq!(drain(&mut stream, &file), 2_999_990);
        writer.join().unwrap();
        file.rewind().unwrap();
        let mut got = Vec::new();
        file.read_to_end(&mut got).unwrap();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_pipe_is_spliced_to_directly() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut stream = SocketStream::new(ours.into(), None, None).unwrap();
        let (mut out, into) = io::pipe().unwrap();
        theirs.write_all(b"hello").unwrap();
        drop(theirs);
        assert_eq!(drain(&mut stream, &File::from(OwnedFd::from(into))), 5);
        let mut got = String::new();
        out.read_to_string(&mut got).unwrap();
        assert_eq!(got, "hello");
    }

    #[test]
    fn an_appending_file_and_a_socket_are_left_to_read() {
        let (mut stream, mut peer) = tcp_pair();
        peer.write_all(b"hello").unwrap();
        let dir = tempfile::tempdir().unwrap();
        let log = File::options().append(true).create(true).open(dir.path().join("log")).unwrap();
        assert_eq!(stream.transfer(&log, 5).unwrap(), None);
        let mut buf = [0; 5];
        stream.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"hello");
    }

    #[test]
    fn waiting_obeys_both_clocks() {
        let (mut stream, _peer) = tcp_pair();
        let file = tempfile::tempfile().unwrap();
        let error = stream.transfer(&file, 1).unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Elapsed(Clock::Idle)));
        stream.deadline(Some(Instant::now() + Duration::from_millis(20))).unwrap();
        let error = stream.transfer(&file, 1).unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Elapsed(Clock::Total)));
    }

    #[test]
    fn a_full_pipe_whose_reader_sleeps_ends_with_the_deadline() {
        let (mut stream, mut peer) = tcp_pair();
        let (_out, mut into) = io::pipe().unwrap();
        // As wide as a transfer makes it, so that it is full.
        let size = fcntl_setpipe_size(&into, PIPE).unwrap_or(1 << 16);
        into.write_all(&vec![0; size]).unwrap();
        peer.write_all(b"hello").unwrap();
        stream.deadline(Some(Instant::now() + Duration::from_millis(50))).unwrap();
        let error = stream.transfer(&File::from(OwnedFd::from(into)), 5).unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Elapsed(Clock::Total)));
    }

    #[test]
    fn a_full_disk_is_told_apart_from_the_network() {
        let (mut stream, mut peer) = tcp_pair();
        peer.write_all(b"hello").unwrap();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let error = loop {
            match stream.transfer(&full, 5) {
                Err(error) => break error,
                // A kernel whose /dev/full takes no splice: the fall-back has written by hand by then.
                Ok(moved) => assert_ne!(moved, Some(5)),
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
