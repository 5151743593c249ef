//! One connection's work: articles asked for ahead, decoded as they come.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use netkit_nntp::{Client, Error, Part, Which, yenc};

use super::parts::{Parts, Task};
use crate::failure::{Failure, Kind, Result};
use crate::verbs::nntp::session::{self, Opener};

/// The largest article, in bytes.
const ARTICLE: u64 = 64 << 20;
/// How often an article is asked for, over new connections.
const TRIES: u8 = 3;

/// What this connection has asked for, oldest first.
type Asked = Arc<Mutex<VecDeque<Task>>>;

/// Until nothing is left.
pub fn work(opener: &Opener<'_>, parts: &Arc<Parts>) {
    let mut attempts = 0;
    while parts.left() > 0 {
        let mut client = match opener.open() {
            Ok(client) => client,
            Err(failure) => {
                attempts += 1;
                // Servers allow so many connections and no more: the others go on, and do this one's work.
                if attempts < TRIES
                    && matches!(failure.kind, Kind::Receive | Kind::Send | Kind::Empty | Kind::Timeout)
                {
                    std::thread::sleep(Duration::from_millis(200));
                    continue;
                }
                return parts.fail(failure);
            }
        };
        let asked = Asked::default();
        let outcome = run(&mut client, parts, &asked);
        let left = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
        let Err(failure) = outcome else {
            session::leave(client);
            continue;
        };
        // The oldest is the one that broke it; the others were only asked for.
        let mut again: Vec<Task> = left.into();
        let mut given_up = failure.kind == Kind::Write;
        if let Some(first) = again.first_mut() {
            first.tries += 1;
            given_up |= first.tries >= TRIES;
        }
        if given_up && !again.is_empty() {
            again.remove(0);
        }
        parts.give_back(again);
        if given_up {
            parts.fail(failure.with(&opener.target.endpoint));
        }
    }
}

fn run(client: &mut Client, parts: &Arc<Parts>, asked: &Asked) -> Result<()> {
    let (queue, list) = (Arc::clone(parts), Arc::clone(asked));
    // Taken when the window has room, not before: what one connection does not ask for, another may.
    let next = std::iter::from_fn(move || {
        let task = queue.take()?;
        let id = task.id.clone();
        list.lock().unwrap_or_else(PoisonError::into_inner).push_back(task);
        Some(Which::Id(id))
    });
    let mut articles = client.retrieve(Part::Body, next);
    let (mut body, mut data) = (Vec::new(), Vec::new());
    while let Some((_, article)) = articles.next() {
        let front = || asked.lock().unwrap_or_else(PoisonError::into_inner).front().cloned();
        let Some(task) = front() else { return Ok(()) };
        match article {
            Ok(article) => {
                body.clear();
                let read = article.take(ARTICLE + 1).read_to_end(&mut body);
                read.map_err(|e| Failure::copy("an article", e))?;
                if body.len() as u64 > ARTICLE {
                    return Err(Failure::new(Kind::Limit, format!("{} is larger than 64 MiB", task.id)));
                }
                data.clear();
                match yenc::decode(&body, &mut data) {
                    Ok(part) => parts.store(&task, &part, &data)?,
                    Err(why) => parts.fail(Failure::new(Kind::Checksum, format!("{}: {why}", task.id))),
                }
            }
            Err(why) if why.connection_is_usable() => {
                let kind = if why.is_missing() { Kind::NotFound } else { Failure::from(clone(&why)).kind };
                parts.fail(Failure::new(kind, format!("{}: {why}", task.id)));
            }
            Err(why) => return Err(why.into()),
        }
        asked.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    }
    Ok(())
}

/// A refusal once more, for its kind.
fn clone(error: &Error) -> Error {
    match error {
        Error::Refused(reply) => Error::Refused(reply.clone()),
        _ => Error::Over,
    }
}
