//! Several sessions that work on one list of files: [`together`].

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netkit_ftp::{Error, Session};

use super::session::Opener;
use crate::failure::{Failure, Kind, Result};

/// How many files may wait to be moved, before the listing waits.
const WAITING: usize = 10_000;
/// How often one worker's connection may break in all.
const BREAKS: usize = 20;

struct State<T> {
    waiting: VecDeque<T>,
    /// Nothing more comes, or nobody is left to do it.
    closed: bool,
    /// Who still works.
    workers: u16,
    /// Who waits for something to do.
    idle: u16,
    /// Why some had no connection.
    unconnected: Vec<Failure>,
}

/// What is to be done, for those who do it.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    /// There is something to do, or nothing more comes.
    filled: Condvar,
    /// There is room again, or nobody is left.
    freed: Condvar,
}

impl<T> Queue<T> {
    /// Nothing to do yet, for so many workers.
    fn new(workers: u16) -> Queue<T> {
        let unconnected = Vec::new();
        let state = State { waiting: VecDeque::new(), closed: false, workers, idle: 0, unconnected };
        Queue { state: Mutex::new(state), filled: Condvar::new(), freed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one, and waits where there are too many; `false` when nobody is left to do it.
    pub fn push(&self, task: T) -> bool {
        let mut state = self.state();
        while state.waiting.len() >= WAITING && state.workers > 0 {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.workers == 0 {
            return false;
        }
        state.waiting.push_back(task);
        if state.idle > 0 {
            self.filled.notify_one();
        }
        true
    }

    /// Nothing more comes.
    fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
    }

    /// Why some had no connection, and what is left that nobody did, if anything is.
    fn undone(self) -> (Vec<Failure>, Option<Failure>) {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let left = state.waiting.len();
        let undone = || Failure::new(Kind::Partial, format!("files still to be moved: {left}"));
        (state.unconnected, (left > 0).then(undone))
    }

    /// The next; none when there is none and none comes.
    fn pop(&self) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(task) = state.waiting.pop_front() {
                // One lister fills it, and waits only where it is full.
                if state.waiting.len() + 1 == WAITING {
                    self.freed.notify_one();
                }
                return Some(task);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// One worker gives up, since it has no connection for what it had taken.
    fn leave(&self, task: T, why: Failure) {
        let mut state = self.state();
        state.waiting.push_front(task);
        state.unconnected.push(why);
        state.workers = state.workers.saturating_sub(1);
        drop(state);
        self.freed.notify_all();
        // What it had taken and put back may be for somebody who waits.
        self.filled.notify_all();
    }
}

/// What is done with one file over one session.
pub type Done = std::result::Result<(), Broken>;

/// Lets so many sessions do what `fill` queues, each with a `hand` of its own; `first` is one of them that is open already.
/// A session that the server does not give (some take only a few from each client) is told of; it is a failure only where
/// something was left undone.
pub fn together<T: Send, H: FnMut(&mut Session, &T) -> Done, R>(
    opener: &Opener<'_>,
    workers: u16,
    first: Option<Session>,
    fail: &(dyn Fn(Failure) + Sync),
    hand: impl Fn() -> H + Sync,
    fill: impl FnOnce(&Queue<T>) -> R,
) -> R {
    let queue = Queue::new(workers);
    let filled = std::thread::scope(|scope| {
        let mut first = first;
        for _ in 0..workers {
            let (first, queue, hand) = (first.take(), &queue, &hand);
            scope.spawn(move || work(opener, queue, first, fail, hand()));
        }
        let filled = fill(&queue);
        queue.close();
        filled
    });
    match queue.undone() {
        (unconnected, None) => unconnected.iter().for_each(|why| {
            opener.run.warn(&format!("one connection less: {}", why.message));
        }),
        (unconnected, undone) => unconnected.into_iter().chain(undone).for_each(fail),
    }
    filled
}

/// Works on a queue until it is empty, over a session that is opened when there is something to do, and anew where one broke.
/// Who cannot connect leaves the work to the others.
fn work<T>(
    opener: &Opener<'_>,
    queue: &Queue<T>,
    mut session: Option<Session>,
    fail: &dyn Fn(Failure),
    mut one: impl FnMut(&mut Session, &T) -> Done,
) {
    let mut broken = 0;
    while let Some(task) = queue.pop() {
        // A connection that breaks is made anew, and the file tried again.
        for try_again in [true, true, false] {
            let open = match session.take() {
                Some(session) => Ok(session),
                None => open(opener),
            };
            let mut open = match open {
                Ok(open) => open,
                Err(failure) => return queue.leave(task, failure),
            };
            let outcome = one(&mut open, &task);
            if open.is_usable() {
                session = Some(open);
            }
            match outcome {
                Ok(()) => break,
                Err(Broken { again: true, .. }) if try_again && broken < BREAKS => {
                    broken += 1;
                    session = None;
                }
                Err(Broken { failure, .. }) => {
                    fail(failure);
                    break;
                }
            }
        }
    }
    if let Some(session) = session {
        opener.leave(session);
    }
}

/// A new connection. One that breaks while it is made is made again, a little later: a busy server takes some and drops others.
/// One that says nothing was waited for long enough.
pub fn open(opener: &Opener<'_>) -> Result<Session> {
    for pause in [0.1, 0.4] {
        match opener.open().map_err(Broken::from) {
            Err(Broken { again: true, failure }) if failure.kind != Kind::Timeout => {
                std::thread::sleep(Duration::from_secs_f32(pause))
            }
            other => return other.map_err(|broken| broken.failure),
        }
    }
    opener.open()
}

/// What went wrong with a file, and whether it may be tried again over another connection.
pub struct Broken {
    pub failure: Failure,
    pub again: bool,
}

impl Broken {
    pub fn of(opener: &Opener<'_>, error: Error, path: &str) -> Broken {
        let again = matches!(error, Error::Wire(_) | Error::Net(_) | Error::Over)
            || matches!(&error, Error::Refused(reply) if reply.code().is(4));
        let about_tls = error.wants_older_tls();
        let failure = opener.about_path(error, path);
        Broken { failure, again: again || (about_tls && opener.is_older()) }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Broken {
        let again = matches!(failure.kind, Kind::Partial | Kind::Receive | Kind::Send | Kind::Timeout);
        Broken { failure, again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_those_who_have_left() {
        let queue = Queue::new(1);
        std::thread::scope(|scope| {
            let lister = scope.spawn(|| (0..WAITING + 10).all(|n| queue.push(n)));
            while queue.state().waiting.len() < WAITING {
                std::thread::yield_now();
            }
            let task = queue.pop().unwrap();
            queue.leave(task, Failure::new(Kind::Refused, "no room"));
            assert!(!lister.join().unwrap());
        });
        let (unconnected, undone) = queue.undone();
        assert_eq!(unconnected.first().unwrap().message, "no room");
        let left = undone.unwrap().message;
        assert!(left.starts_with("files still to be moved: 1000"), "{left}");
    }
}
