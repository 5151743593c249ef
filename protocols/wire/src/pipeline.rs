//! Commands sent before their answers: which answer belongs to which command, and how many bytes may be out.

use std::collections::VecDeque;

/// The place of one command in its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// Answers come in the order of the commands (RFC 2920 3.1, RFC 3977 3.5, RFC 2449 6.6). This keeps the count, holds
/// answers that came before somebody asked for them, and says when the window is full.
#[derive(Debug)]
pub struct Pipeline<A> {
    window: usize,
    /// Size in bytes of each command that waits for its answer, oldest first.
    waiting: VecDeque<usize>,
    outstanding: usize,
    next: u64,
    /// Answers not yet taken; the last belongs to the ticket before the oldest that waits.
    ready: VecDeque<(Ticket, A)>,
}

impl<A> Pipeline<A> {
    /// At most `window` bytes of commands may wait for answers (one command always may).
    pub fn new(window: usize) -> Pipeline<A> {
        Pipeline { window, waiting: VecDeque::new(), outstanding: 0, next: 0, ready: VecDeque::new() }
    }

    /// A command of `bytes` bytes was queued.
    pub fn queued(&mut self, bytes: usize) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.waiting.push_back(bytes);
        self.outstanding += bytes;
        ticket
    }

    /// Whether an answer must be read before another command may be queued.
    pub fn is_full(&self) -> bool {
        self.outstanding > self.window
    }

    /// Whether every command has its answer.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The oldest waiting command got its answer. An answer that nobody waits for is handed back.
    ///
    /// # Errors
    /// The answer itself, when no command waits.
    pub fn answered(&mut self, answer: A) -> Result<(), A> {
        let Some(bytes) = self.waiting.pop_front() else { return Err(answer) };
        self.outstanding -= bytes;
        self.ready.push_back((Ticket(self.next - 1 - self.waiting.len() as u64), answer));
        Ok(())
    }

    /// The answer of `ticket`, if it has come and was not taken; it stays.
    pub fn peek(&self, ticket: Ticket) -> Option<&A> {
        self.ready.iter().find(|(t, _)| *t == ticket).map(|(_, answer)| answer)
    }

    /// The answer of `ticket`, if it has come and was not taken.
    pub fn take(&mut self, ticket: Ticket) -> Option<A> {
        let at = self.ready.iter().position(|(t, _)| *t == ticket)?;
        self.ready.remove(at).map(|(_, answer)| answer)
    }
}
