//! Pipelining: requests leave before the answers to earlier ones are here (RFC 9112 9.3.2).
//!
//! | | |
//! |---|---|
//! | which requests | GET and HEAD without a body: safe, so that what stays unanswered may be asked again |
//! | before the server is known | one at a time: its first answer tells whether it speaks HTTP/1.1 and stays |
//! | how far ahead | the caller's number of requests, and [`Limits::window`](netkit_wire::Limits) bytes of them |
//! | an answer that ends the connection | the rest is not answered on it; [`Client::pipeline`](crate::Client) asks again |

use std::ops::ControlFlow;

use super::{Answer, Connection, HeadsSoFar, peer_ended};
use crate::error::{Error, Unsupported};
use crate::head::Version;
use crate::payload::Announced;
use crate::request::Request;
use crate::response::{Body, Response};

/// How a batch went on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pipelined {
    /// How many requests have their answer: the first so many.
    pub answered: usize,
    /// The caller had enough.
    pub stopped: bool,
}

impl Connection {
    /// Sends `requests`, up to `window` of them ahead of their answers, and hands each answer to `each` with the place of
    /// its request. What `each` leaves of a body is read past. Redirects are answers like others.
    ///
    /// Fewer answers than requests are no error where the connection ended between two of them: [`Connection::closing`]
    /// then says why, and the rest may be asked again on another. Content codings are taken off within `decoded_limit`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a request that must not be repeated, before anything is sent; else as
    /// [`Connection::exchange`]. An error ends the connection.
    pub fn pipeline(
        &mut self,
        requests: &[Request],
        window: usize,
        decoded_limit: u64,
        each: &mut dyn FnMut(usize, Response<'_>) -> ControlFlow<()>,
    ) -> Result<Pipelined, Error> {
        for request in requests {
            let plain = request.payload().announced() == Announced::Nothing;
            if !plain || !matches!(request.method().as_str(), "GET" | "HEAD") {
                return Err(Unsupported::Pipelined.into());
            }
            self.check(request)?;
        }
        self.settle()?;
        let (mut sent, mut answered, mut outstanding) = (0, 0, 0);
        let mut sizes = Vec::new();
        while let Some(request) = requests.get(answered) {
            let ahead = if self.server == Some(Version::Http11) { window.max(1) } else { 1 };
            // In batches: a packet for each request would cost what pipelining saves.
            if (sent - answered) * 2 <= ahead {
                while let Some(next) = requests.get(sent).filter(|_| sent - answered < ahead) {
                    let room = outstanding < self.conn.limits().window;
                    if sent > answered && (!room || requests.get(sent - 1).is_some_and(Request::is_last)) {
                        break;
                    }
                    let before = self.conn.outbox().len();
                    self.queue(next);
                    let size = self.conn.outbox().len() - before;
                    sizes.push(size);
                    outstanding += size;
                    sent += 1;
                }
            }
            self.heard = false;
            let Answer { head, interim, framing, trip } = match self.hear(request) {
                Ok(answer) => answer,
                Err(error) if answered > 0 && peer_ended(&error) && !self.heard => {
                    self.closing = Some(super::Closing::NotIdle);
                    return Ok(Pipelined { answered, stopped: false });
                }
                Err(error) => {
                    self.closing = Some(super::Closing::Failed);
                    return Err(error);
                }
            };
            let mut body = Body::new(self, &head, request.keeps_coding());
            body.decoded_limit(decoded_limit);
            let response = Response::new(head, interim, framing, request.url().clone(), trip, body);
            let stopped = each(answered, response).is_break();
            outstanding -= sizes.get(answered).copied().unwrap_or(0);
            answered += 1;
            self.read_past();
            // Answers are on their way that nobody will read.
            if stopped && sent > answered && self.closing.is_none() {
                self.closing = Some(super::Closing::BodyUnread);
            }
            if stopped || self.closing.is_some() {
                return Ok(Pipelined { answered, stopped });
            }
        }
        Ok(Pipelined { answered, stopped: false })
    }

    /// Waits for the head of the next answer.
    fn hear(&mut self, request: &Request) -> Result<Answer, Error> {
        let start = (self.clock)();
        let mut heads = HeadsSoFar::default();
        let mut read = Ok(());
        while heads.last.is_none() && read.is_ok() {
            read = heads.read(&mut self.conn);
        }
        self.heard = !heads.is_empty() || !self.conn.unread().is_empty();
        read?;
        self.accept(request, heads, start)
    }
}
