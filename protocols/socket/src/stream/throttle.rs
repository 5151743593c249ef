//! A limit on bytes per second, shared by every stream it is given to.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use netkit_wire::{Clock, Elapsed, Stream};

/// How long a burst may be, as a part of a second: long enough that large reads stay large, short enough that the rate
/// is even.
const BURST: u64 = 8;
/// A wait that is not worth a call to the scheduler.
const BLINK: Duration = Duration::from_millis(1);

/// A token bucket: so many bytes a second, in and out together, over all streams that clones of it are given to.
///
/// Bytes are counted below TLS, as they cross the network. Moving them inside the kernel stays possible.
#[derive(Clone, Debug)]
pub struct Throttle {
    bytes_per_second: u64,
    bucket: Arc<Mutex<Bucket>>,
}

/// Bytes may be taken before they are due: the debt is waited for by whoever comes next.
#[derive(Debug)]
struct Bucket {
    /// When everything that was taken is paid for.
    paid: Instant,
}

impl Throttle {
    /// At most this many bytes a second; 0 is taken for 1.
    pub fn new(bytes_per_second: u64) -> Throttle {
        let bucket = Arc::new(Mutex::new(Bucket { paid: Instant::now() }));
        Throttle { bytes_per_second: bytes_per_second.max(1), bucket }
    }

    /// The most that one call may move: one burst.
    fn burst(&self) -> usize {
        usize::try_from(self.bytes_per_second / BURST).unwrap_or(usize::MAX).max(1)
    }

    /// Waits until something may be moved.
    fn wait(&self, deadline: Option<Instant>) -> io::Result<()> {
        loop {
            let paid = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).paid;
            let due = paid.saturating_duration_since(Instant::now());
            if due < BLINK {
                return Ok(());
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(Elapsed(Clock::Total).into());
            }
            thread::sleep(left.map_or(due, |left| due.min(left)));
        }
    }

    /// Counts what was moved. Time that was not used is lost: an idle minute does not allow a minute's burst.
    fn took(&self, bytes: u64) {
        let cost = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second as f64);
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.paid = bucket.paid.max(Instant::now()).checked_add(cost).unwrap_or(bucket.paid);
    }
}

/// A stream under a [`Throttle`].
pub(crate) struct Throttled {
    inner: Box<dyn Stream>,
    throttle: Throttle,
    deadline: Option<Instant>,
}

impl Throttled {
    /// `deadline` is the one `inner` has.
    pub(crate) fn new(inner: Box<dyn Stream>, throttle: Throttle, deadline: Option<Instant>) -> Throttled {
        Throttled { inner, throttle, deadline }
    }
}

impl Read for Throttled {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.throttle.wait(self.deadline)?;
        let most = to.len().min(self.throttle.burst());
        let n = self.inner.read(to.get_mut(..most).unwrap_or_default())?;
        self.throttle.took(n as u64);
        Ok(n)
    }
}

impl Write for Throttled {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.throttle.wait(self.deadline)?;
        let most = from.len().min(self.throttle.burst());
        let n = self.inner.write(from.get(..most).unwrap_or_default())?;
        self.throttle.took(n as u64);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Stream for Throttled {
    fn deadline(&mut self, at: Option<Instant>) -> io::Result<()> {
        self.deadline = at;
        self.inner.deadline(at)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.inner.shutdown_write()
    }

    fn ready(&mut self) -> io::Result<bool> {
        self.inner.ready()
    }

    fn halves(self: Box<Self>) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        let Throttled { inner, throttle, deadline } = *self;
        let (reader, writer) = inner.halves()?;
        let half = |inner| Box::new(Throttled { inner, throttle: throttle.clone(), deadline });
        Ok((half(reader), half(writer)))
    }

    fn transfer(&mut self, to: &File, max: u64) -> io::Result<Option<u64>> {
        self.throttle.wait(self.deadline)?;
        let moved = self.inner.transfer(to, max.min(self.throttle.burst() as u64))?;
        self.throttle.took(moved.unwrap_or(0));
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netkit_wire::Memory;

    #[test]
    fn bytes_take_their_time_over_all_streams_together() {
        let throttle = Throttle::new(100_000);
        let start = Instant::now();
        let read = |throttle: Throttle| {
            thread::spawn(move || {
                let mut stream = Throttled::new(Box::new(Memory::new(&[7; 15_000])), throttle, None);
                let mut all = Vec::new();
                stream.read_to_end(&mut all).unwrap();
                all.len()
            })
        };
        let both = [read(throttle.clone()), read(throttle)];
        assert_eq!(both.map(|one| one.join().unwrap()), [15_000, 15_000]);
        // 30,000 bytes take 0.3 s; two bursts may come before anybody waits.
        let took = start.elapsed();
        assert!(took > Duration::from_millis(40) && took < Duration::from_secs(3), "{took:?}");
    }

    #[test]
    fn a_wait_ends_with_the_deadline() {
        let (start, throttle) = (Instant::now(), Throttle::new(1));
        throttle.took(1000);
        let mut stream = Throttled::new(Box::new(Memory::new(b"x")), throttle, None);
        stream.deadline(Some(start + Duration::from_millis(30))).unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&Elapsed(Clock::Total)));
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
