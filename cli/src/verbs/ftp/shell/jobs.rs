//! Transfers that go on behind the prompt, each over a session of its own.

use std::thread::{Scope, ScopedJoinHandle};

use super::moving::Moving;
use crate::failure::{Failure, Kind, Result};
use crate::verbs::ftp::session::Opener;

/// One that was begun, under the number that it was given.
struct Job<'scope> {
    number: usize,
    text: String,
    thread: ScopedJoinHandle<'scope, Result<String>>,
}

/// All of them.
pub struct Jobs<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    running: Vec<Job<'scope>>,
    last: usize,
}

impl<'scope, 'env> Jobs<'scope, 'env> {
    pub fn new(scope: &'scope Scope<'scope, 'env>) -> Jobs<'scope, 'env> {
        Jobs { scope, running: Vec::new(), last: 0 }
    }

    /// Begins one, in that folder there; what there is to say of it.
    pub fn start(&mut self, opener: &'env Opener<'env>, moving: Moving, folder: String) -> String {
        self.last += 1;
        let (number, text) = (self.last, moving.text.clone());
        let thread = self.scope.spawn(move || {
            let mut session = opener.open()?;
            session.cwd(&folder).map_err(|e| opener.about_path(e, &folder))?;
            let said = opener.insist(&mut session, |session| moving.run(opener, session))?;
            opener.leave(session);
            Ok(said)
        });
        self.running.push(Job { number, text: text.clone(), thread });
        format!("[{number}] {text}")
    }

    /// What still goes on.
    pub fn list(&self) -> Vec<String> {
        self.running.iter().map(|job| format!("[{}] {}", job.number, job.text)).collect()
    }

    /// Those that are done, and how they ended.
    pub fn ended(&mut self) -> Vec<Result<String>> {
        let (done, running) =
            std::mem::take(&mut self.running).into_iter().partition(|job| job.thread.is_finished());
        self.running = running;
        let done: Vec<Job<'scope>> = done;
        done.into_iter().map(end).collect()
    }

    /// Waits for that one, or for all.
    pub fn wait(&mut self, number: Option<usize>) -> Result<Vec<Result<String>>> {
        let is_meant = |job: &Job<'_>| number.is_none_or(|number| number == job.number);
        let (meant, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.running).into_iter().partition(is_meant);
        self.running = others;
        match number {
            Some(number) if meant.is_empty() => {
                Err(Failure::new(Kind::Usage, format!("wait: there is no job {number}, or it is done")))
            }
            _ => Ok(meant.into_iter().map(end).collect()),
        }
    }
}

/// Waits for its end.
fn end(job: Job<'_>) -> Result<String> {
    let Job { number, thread, .. } = job;
    let ended = thread.join().unwrap_or_else(|_| Err(Failure::new(Kind::Partial, "it was given up")));
    match ended {
        Ok(said) => Ok(format!("[{number}] {said}")),
        Err(why) => Err(why.reworded(|why| format!("[{number}] {why}"))),
    }
}
