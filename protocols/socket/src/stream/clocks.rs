//! Turns one idle limit and one deadline into the kernel's per-call timeouts, with as few system calls as it can.
//!
//! With an idle limit alone `SO_RCVTIMEO` is set once. With a deadline it is set to half of what is left, and again
//! only after that half has passed: a long conversation costs a logarithmic number of calls, not one per read.

use std::io;
use std::time::{Duration, Instant};

use netkit_wire::{Clock, Elapsed};
use socket2::Socket;

/// Which of the two timeouts of a socket a call obeys.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Read,
    Write,
}

pub(super) struct Clocks {
    idle: Option<Duration>,
    deadline: Option<Instant>,
    /// What the kernel was told last; it starts without a timeout.
    read: Option<Duration>,
    write: Option<Duration>,
}

/// Below this a timeout is not halved: it would only wake up to wait again.
const SHORT: Duration = Duration::from_millis(100);

impl Clocks {
    pub(super) fn new(idle: Option<Duration>, deadline: Option<Instant>) -> Self {
        Clocks { idle, deadline, read: None, write: None }
    }

    /// The same limits for the other direction of the same socket.
    pub(super) fn again(&self) -> Self {
        Clocks::new(self.idle, self.deadline)
    }

    /// Whether there is no limit at all.
    pub(super) fn is_free(&self) -> bool {
        self.idle.is_none() && self.deadline.is_none()
    }

    pub(super) fn deadline(&mut self, at: Option<Instant>) {
        self.deadline = at;
    }

    /// When the whole operation must be over.
    #[cfg(target_os = "linux")]
    pub(super) fn ends(&self) -> Option<Instant> {
        self.deadline
    }

    /// Runs a blocking call until it succeeds, fails, or a clock runs out.
    pub(super) fn run<T>(
        &mut self,
        socket: &Socket,
        direction: Direction,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        // Without a deadline the kernel keeps the time alone and no clock is read here.
        let start = self.deadline.map(|_| Instant::now());
        let mut now = start;
        loop {
            let timeout = match (start, now, self.deadline) {
                (Some(start), Some(now), Some(deadline)) => self.slice(start, now, deadline, direction)?,
                _ => self.idle,
            };
            self.tell(socket, direction, timeout)?;
            match call() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What Linux says when SO_RCVTIMEO or SO_SNDTIMEO has passed; socket(7).
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.deadline.is_none() {
                        return Err(Elapsed(Clock::Idle).into());
                    }
                }
                other => return other,
            }
            now = start.map(|_| Instant::now());
        }
    }

    /// How long the next call may sleep, or which clock is over.
    fn slice(
        &self,
        start: Instant,
        now: Instant,
        deadline: Instant,
        direction: Direction,
    ) -> io::Result<Option<Duration>> {
        let total = deadline.saturating_duration_since(now);
        if total.is_zero() {
            return Err(Elapsed(Clock::Total).into());
        }
        let idle = self.idle.map(|idle| idle.saturating_sub(now.saturating_duration_since(start)));
        let left = match idle {
            Some(idle) if idle.is_zero() => return Err(Elapsed(Clock::Idle).into()),
            // The usual case: the deadline is far, and the idle limit is what the kernel was told before.
            Some(idle) if idle <= total => return Ok(Some(idle)),
            _ => total,
        };
        let told = match direction {
            Direction::Read => self.read,
            Direction::Write => self.write,
        };
        match told {
            Some(told) if told <= left && told >= left / 8 => Ok(Some(told)),
            _ if left > SHORT => Ok(Some(left / 2)),
            _ => Ok(Some(left)),
        }
    }

    fn tell(&mut self, socket: &Socket, direction: Direction, timeout: Option<Duration>) -> io::Result<()> {
        // Zero would mean no limit to the kernel.
        let timeout = timeout.map(|t| t.max(Duration::from_millis(1)));
        let told = match direction {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        };
        if *told != timeout {
            match direction {
                Direction::Read => socket.set_read_timeout(timeout)?,
                Direction::Write => socket.set_write_timeout(timeout)?,
            }
            *told = timeout;
        }
        Ok(())
    }
}
