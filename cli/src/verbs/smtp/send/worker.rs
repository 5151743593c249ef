//! One connection's work: messages out, answers in, and what to do when either fails.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use netkit_smtp::{Client, Delivery, Envelope, Error, InFlight, Recipient};

use super::Task;
use crate::failure::{Failure, Kind, Result};
use crate::verbs::smtp::jobs::{Job, Jobs};
use crate::verbs::smtp::session::{Opener, leave};
use crate::verbs::smtp::show::Fate;

/// How many messages may be on their way over one connection without an answer: all of their fates are unknown when
/// the connection is lost.
const WINDOW: usize = 32;

/// What is still to be done, by whoever is free.
pub struct Queue {
    jobs: Jobs,
    /// To be tried again, not before the moment.
    later: VecDeque<(Instant, Job)>,
}

impl Queue {
    pub fn new(jobs: Jobs) -> Queue {
        Queue { jobs, later: VecDeque::new() }
    }

    /// The next message; the moment at which there is one; or nothing more.
    fn next(&mut self, now: Instant) -> Next {
        if let Some(at) = self.later.iter().position(|(due, _)| *due <= now)
            && let Some((_, job)) = self.later.remove(at)
        {
            return Next::Job(Ok(job));
        }
        match (self.jobs.next(), self.later.iter().map(|(due, _)| *due).min()) {
            (Some(job), _) => Next::Job(job),
            (None, Some(due)) => Next::Wait(due),
            (None, None) => Next::Nothing,
        }
    }
}

enum Next {
    Job(Result<Job>),
    Wait(Instant),
    Nothing,
}

/// What one thread does.
pub struct Worker<'w> {
    pub opener: &'w Opener<'w>,
    pub task: &'w Task<'w>,
    pub queue: &'w Mutex<Queue>,
    pub told: SyncSender<Fate>,
}

impl Worker<'_> {
    pub fn work(&self) {
        let mut client: Option<Client> = None;
        let mut flight: VecDeque<(Job, InFlight)> = VecDeque::new();
        loop {
            let next = match self.queue.lock() {
                Ok(mut queue) => queue.next(Instant::now()),
                Err(_) => Next::Nothing,
            };
            let job = match next {
                Next::Job(Ok(job)) => job,
                Next::Job(Err(failure)) => {
                    // Those before it are answered first, so that results come in order.
                    self.land(&mut client, &mut flight, 0);
                    self.tell(Fate {
                        name: failure.message.clone(),
                        state: "not_sent",
                        reply: None,
                        recipients: Vec::new(),
                        failure: Some(failure),
                        tries: 0,
                    });
                    continue;
                }
                Next::Wait(_) | Next::Nothing if !flight.is_empty() => {
                    self.land(&mut client, &mut flight, 0);
                    continue;
                }
                Next::Wait(due) => {
                    // A server does not wait long for the next command; the new try has a new connection.
                    if let Some(open) = client.take() {
                        leave(open);
                    }
                    std::thread::sleep(
                        due.saturating_duration_since(Instant::now()).min(Duration::from_millis(200)),
                    );
                    continue;
                }
                Next::Nothing => break,
            };
            self.start(&mut client, &mut flight, job);
            let window = if self.task.many.one_by_one { 0 } else { WINDOW - 1 };
            self.land(&mut client, &mut flight, window);
        }
        if let Some(open) = client {
            leave(open);
        }
    }

    /// Sends one message, without waiting for its answer.
    fn start(&self, client: &mut Option<Client>, flight: &mut VecDeque<(Job, InFlight)>, mut job: Job) {
        job.tries += 1;
        let source = super::source(&job, self.task);
        let mut source = match source {
            Ok(source) => source,
            Err(failure) => return self.over(job, "not_sent", None, Vec::new(), Some(failure)),
        };
        if !client.as_ref().is_some_and(Client::is_usable) {
            self.land(client, flight, 0);
            match self.opener.open() {
                Ok((opened, _)) => *client = Some(opened),
                Err(failure) => return self.unreached(job, failure),
            }
        }
        let Some(open) = client.as_mut() else { return };
        match open.post(&job.envelope, &self.task.options, &mut source) {
            Ok(sent) => flight.push_back((job, sent)),
            Err(why) => {
                let usable = why.connection_is_usable();
                // Those before it are answered first, so that results come in order.
                self.land(client, flight, 0);
                if !usable {
                    *client = None;
                }
                self.failed(job, why);
            }
        }
    }

    /// Waits for answers until no more than `left` messages are without one.
    fn land(&self, client: &mut Option<Client>, flight: &mut VecDeque<(Job, InFlight)>, left: usize) {
        while flight.len() > left {
            let (Some(open), Some((job, sent))) = (client.as_mut(), flight.pop_front()) else { return };
            match open.outcome(sent) {
                Ok(delivery) => self.delivered(job, delivery),
                Err(why) => self.failed(job, why),
            }
        }
    }

    /// The server took the message; some recipients may be tried again.
    fn delivered(&self, mut job: Job, delivery: Delivery) {
        let Delivery { recipients, reply } = delivery;
        let (again, done): (Vec<Recipient>, Vec<Recipient>) =
            recipients.into_iter().partition(|one| one.verdict().code().is(4) && self.may_retry(&job));
        job.settled.extend(done);
        if !again.is_empty() {
            job.envelope = Envelope { to: again.into_iter().map(|one| one.path).collect(), ..job.envelope };
            return self.later(job);
        }
        let failure = job
            .settled
            .iter()
            .any(|one| !one.is_delivered())
            .then(|| super::super::show::refusal(&job.settled));
        self.over(job, "sent", Some(reply), Vec::new(), failure);
    }

    fn failed(&self, mut job: Job, why: Error) {
        let state = match &why {
            // It may have been delivered: never again.
            Error::OutcomeUnknown(_) => "unknown",
            Error::Refused(_) | Error::NoRecipient(_) | Error::SomeRefused(_) => "refused",
            _ => "not_sent",
        };
        if why.is_transient() && state != "unknown" && self.may_retry(&job) {
            if let Error::NoRecipient(all) = &why {
                // Those who were refused for good are not asked for again.
                let (again, done) =
                    all.iter().cloned().partition::<Vec<_>, _>(|one| one.verdict().code().is(4));
                job.settled.extend(done);
                job.envelope.to = again.into_iter().map(|one| one.path).collect();
            }
            return self.later(job);
        }
        let recipients = match &why {
            Error::NoRecipient(all) | Error::SomeRefused(all) => all.clone(),
            _ => Vec::new(),
        };
        let sent_before = job.settled.iter().any(Recipient::is_delivered);
        let state = if sent_before && state == "refused" { "sent" } else { state };
        self.over(job, state, None, recipients, Some(self.opener.about(why)));
    }

    /// There is no session.
    fn unreached(&self, job: Job, failure: Failure) {
        let passing = matches!(
            failure.kind,
            Kind::Resolve
                | Kind::Connect
                | Kind::Timeout
                | Kind::Empty
                | Kind::Receive
                | Kind::Send
                | Kind::Refused
        );
        if passing && self.may_retry(&job) {
            return self.later(job);
        }
        self.over(job, "not_sent", None, Vec::new(), Some(failure));
    }

    fn may_retry(&self, job: &Job) -> bool {
        job.tries <= self.opener.run.net.connection.retry
    }

    fn later(&self, job: Job) {
        let wait = self.task.many.retry_wait.saturating_mul(1 << (job.tries.saturating_sub(1)).min(10));
        self.opener.run.note(&format!("{}: again in {} s", job.name, wait.as_secs_f32()));
        if let Ok(mut queue) = self.queue.lock() {
            queue.later.push_back((Instant::now() + wait, job));
        }
    }

    fn over(
        &self,
        job: Job,
        state: &'static str,
        reply: Option<netkit_wire::Reply>,
        recipients: Vec<Recipient>,
        failure: Option<Failure>,
    ) {
        let recipients = [job.settled, recipients].concat();
        self.tell(Fate { name: job.name, state, reply, recipients, failure, tries: job.tries });
    }

    fn tell(&self, fate: Fate) {
        // Nobody listens when stdout is gone; then the messages that are out still have to be answered.
        let _ = self.told.send(fate);
    }
}
