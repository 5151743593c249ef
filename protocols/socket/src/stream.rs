//! A connected TCP or Unix socket as a [`Stream`]: time limits on every call, zero-copy where the system has it.

mod clocks;
pub(crate) mod deflate;
#[cfg(target_os = "linux")]
mod splice;
pub(crate) mod throttle;

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use netkit_wire::Stream;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::Socket;

use clocks::{Clocks, Direction};

/// A connected socket that waits no longer than its clocks allow.
pub(crate) struct SocketStream {
    socket: Socket,
    clocks: Clocks,
    #[cfg(target_os = "linux")]
    splice: splice::Splice,
}

impl SocketStream {
    /// Takes a connected socket in any mode; afterwards it blocks. `idle` bounds each call, `deadline` all of them.
    pub(crate) fn new(socket: Socket, idle: Option<Duration>, deadline: Option<Instant>) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&socket, false)?;
        // An urgent byte stays where it was sent (RFC 1123 section 3.2.4 of Telnet's Synch); without this the system takes it
        // out. A Unix socket has no such thing.
        let _ = socket.set_out_of_band_inline(true);
        Ok(SocketStream {
            socket,
            clocks: Clocks::new(idle, deadline),
            #[cfg(target_os = "linux")]
            splice: splice::Splice::default(),
        })
    }
}

impl Read for SocketStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.clocks.run(&self.socket, Direction::Read, || (&self.socket).read(buf))
    }
}

impl Write for SocketStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.clocks.run(&self.socket, Direction::Write, || self.socket.send_with_flags(buf, no_signal()))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let send = || self.socket.send_vectored_with_flags(bufs, no_signal());
        self.clocks.run(&self.socket, Direction::Write, send)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writing to a closed socket is an error to report, never a signal that ends the process (a command may have
/// restored SIGPIPE for its output).
#[cfg(not(target_vendor = "apple"))]
fn no_signal() -> i32 {
    i32::try_from(rustix::net::SendFlags::NOSIGNAL.bits()).unwrap_or_default()
}

/// Here the socket option `SO_NOSIGPIPE` does it, which socket2 sets on every socket it makes.
#[cfg(target_vendor = "apple")]
fn no_signal() -> i32 {
    0
}

impl Stream for SocketStream {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.clocks.deadline(at);
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        match self.socket.shutdown(Shutdown::Write) {
            // The peer is gone already; there is nobody left to tell.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            other => other,
        }
    }

    fn ready(&mut self) -> io::Result<bool> {
        self.ready_within(Duration::ZERO)
    }

    fn ready_within(&mut self, limit: Duration) -> io::Result<bool> {
        let end = Instant::now().checked_add(limit);
        loop {
            // What is longer than the system can wait is no limit.
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], left.as_ref()) {
                Err(Errno::INTR) => {}
                other => return Ok(other? > 0),
            }
        }
    }

    fn send_urgent(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some((last, before)) = bytes.split_last() else { return Ok(()) };
        self.write_all(before)?;
        let send = || self.socket.send_out_of_band(&[*last]);
        self.clocks.run(&self.socket, Direction::Write, send).map(drop)
    }

    fn urgent(&mut self) -> io::Result<bool> {
        let now = Timespec::default();
        loop {
            match poll(&mut [PollFd::new(&self.socket, PollFlags::PRI)], Some(&now)) {
                Err(Errno::INTR) => {}
                other => return Ok(other? > 0),
            }
        }
    }

    fn halves(self: Box<Self>) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        let other = SocketStream {
            socket: self.socket.try_clone()?,
            clocks: self.clocks.again(),
            #[cfg(target_os = "linux")]
            splice: splice::Splice::default(),
        };
        Ok((self, Box::new(other)))
    }

    fn sink(&self) -> io::Result<Option<File>> {
        // With a deadline a write must end in time, which splice(2) to a socket cannot be told.
        let free = self.clocks.is_free();
        let own = free.then(|| self.socket.as_fd().try_clone_to_owned()).transpose()?;
        Ok(own.map(File::from))
    }

    #[cfg(target_os = "linux")]
    fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        self.splice.transfer(&self.socket, &mut self.clocks, to, max)
    }

    #[cfg(not(target_os = "linux"))]
    fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        let _ = (to, max);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_wire::{Clock, Elapsed};
    use std::os::unix::net::UnixStream;

    fn pair(idle: Option<Duration>, deadline: Option<Instant>) -> (SocketStream, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (SocketStream::new(ours.into(), idle, deadline).unwrap(), theirs)
    }

    fn clock(error: &io::Error) -> Clock {
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        error.get_ref().unwrap().downcast_ref::<Elapsed>().unwrap().0
    }

    #[test]
    fn each_clock_ends_a_read_that_waits() {
        let short = Duration::from_millis(30);
        let (mut stream, _peer) = pair(Some(short), None);
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Idle);

        let start = Instant::now();
        let (mut stream, _peer) = pair(None, Some(start + short));
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Total);
        assert!(start.elapsed() >= short);
        // Once over, it stays over, even with bytes waiting.
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Total);

        let (mut stream, _peer) = pair(Some(short), Some(Instant::now() + Duration::from_secs(60)));
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Idle);
        let (mut stream, _peer) = pair(Some(Duration::from_secs(60)), Some(Instant::now() + short));
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Total);
    }

    #[test]
    fn a_deadline_can_be_set_moved_and_taken_away() {
        let (mut stream, mut peer) = pair(Some(Duration::from_secs(5)), None);
        stream.deadline(Some(Instant::now() + Duration::from_millis(20))).unwrap();
        assert_eq!(clock(&stream.read(&mut [0]).unwrap_err()), Clock::Total);
        stream.deadline(None).unwrap();
        peer.write_all(b"x").unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 1);
    }

    #[test]
    fn a_peer_that_reads_nothing_runs_the_write_clock_out() {
        let (mut stream, _peer) = pair(Some(Duration::from_millis(30)), None);
        let block = vec![0; 1 << 20];
        let error = loop {
            if let Err(error) = stream.write(&block) {
                break error;
            }
        };
        assert_eq!(clock(&error), Clock::Idle);
    }

    #[test]
    fn ready_tells_bytes_and_the_end_without_waiting() {
        let (mut stream, mut peer) = pair(None, None);
        assert!(!stream.ready().unwrap());
        peer.write_all(b"x").unwrap();
        assert!(stream.ready().unwrap());
        stream.read_exact(&mut [0]).unwrap();
        assert!(!stream.ready().unwrap());
        drop(peer);
        assert!(stream.ready().unwrap());
    }

    #[test]
    fn writing_to_a_gone_peer_is_an_error() {
        let (mut stream, peer) = pair(None, None);
        drop(peer);
        assert_eq!(stream.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
