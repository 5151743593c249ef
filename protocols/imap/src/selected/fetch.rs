//! FETCH (RFC 9051 section 6.4.5): what is told of messages, and the messages themselves.

use std::io::Read;

use netkit_wire::{Fault, Phase};

use super::Selected;
use super::items::{FetchItem, words};
use crate::error::Error;
use crate::response::{Fetch, Section, Untagged};
use crate::session::Session;
use crate::types::Set;

/// How a download ended: the connection's error, or the receiver's own; else what has vanished.
pub type Downloaded<E> = Result<Result<Set, E>, Error>;

/// The mailbox and how the download ended, where it opened; the session back where it did not.
pub type OpenedDownload<E> = Result<(Selected, Downloaded<E>), Box<(Session, Error)>>;

/// Who takes what is fetched.
pub trait Receive {
    /// What can go wrong with it.
    type Error;

    /// A long literal, before the answer it is in is whole: what was told before it, and which section it is. What is not
    /// read of it is skipped.
    ///
    /// # Errors
    /// Its own, or the connection's, as [`Read`] tells it.
    fn literal(
        &mut self,
        so_far: &Fetch<'_>,
        section: &Section<'_>,
        body: &mut dyn Read,
    ) -> Result<(), Self::Error>;

    /// An answer. A literal that was given to [`Receive::literal`] is empty in it.
    ///
    /// # Errors
    /// Its own.
    fn answer(&mut self, fetch: &Fetch<'_>) -> Result<(), Self::Error>;
}

impl Selected {
    /// What the server tells of messages, one after the other. Answers come in any order, and may tell of messages that were not asked for.
    ///
    /// # Errors
    /// [`Error::Refused`]; what `take` fails with ends the session, since answers are still to come.
    pub fn fetch<E>(
        &mut self,
        uids: &Set,
        items: &[FetchItem],
        mut take: impl FnMut(&Fetch<'_>) -> Result<(), E>,
    ) -> Result<Result<(), E>, Error> {
        let command = self.command("UID FETCH").set(uids).word(&words(items));
        let mut failed = None;
        let exists = &mut self.exists;
        let outcome = self.session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Fetch(fetch) => {
                if failed.is_none() {
                    failed = take(fetch).err();
                }
                true
            }
            other => Selected::note(exists, other),
        });
        match (outcome, failed) {
            (Ok(_), None) => Ok(Ok(())),
            (_, Some(why)) => Ok(Err(why)),
            (Err(why), None) => Err(why),
        }
    }

    /// As [`Selected::fetch`], with messages of any size: what is long goes to [`Receive::literal`] while it comes.
    /// `changed_since`: only what has changed after that mod-sequence, and with it the UIDs that are gone (RFC 7162 section
    /// 3.2.6), where QRESYNC was enabled.
    ///
    /// # Errors
    /// As [`Selected::fetch`]; the set is what has vanished.
    pub fn download<R: Receive>(
        &mut self,
        uids: &Set,
        items: &[FetchItem],
        changed_since: Option<u64>,
        receiver: &mut R,
    ) -> Downloaded<R::Error> {
        let mut command = self.command("UID FETCH").set(uids).word(&words(items));
        if let Some(modseq) = changed_since {
            command = command.word(&format!("(CHANGEDSINCE {modseq} VANISHED)"));
        }
        let exists = &mut self.exists;
        let dialogue = &mut self.session.dialogue;
        let tag =
            dialogue.send(command, &mut std::io::empty(), &mut |other| Selected::note(exists, other))?;
        self.answers(&tag, receiver)
    }

    /// The answers to a command that was sent, up to its last.
    pub(super) fn answers<R: Receive>(&mut self, tag: &str, receiver: &mut R) -> Downloaded<R::Error> {
        let shared = std::cell::RefCell::new((receiver, None));
        let mut vanished = Set::default();
        let exists = &mut self.exists;
        let dialogue = &mut self.session.dialogue;
        let mut data = |untagged: &Untagged<'_>| match untagged {
            Untagged::Fetch(fetch) => {
                let (receiver, failed) = &mut *shared.borrow_mut();
                if failed.is_none() {
                    *failed = receiver.answer(fetch).err();
                }
                true
            }
            Untagged::Vanished(_, uids) => {
                vanished.extend(uids);
                true
            }
            other => Selected::note(exists, other),
        };
        let outcome = dialogue.finish_with(tag, &mut data, &mut |head, body| {
            let (receiver, failed) = &mut *shared.borrow_mut();
            let Some((so_far, section)) = Fetch::begun(head) else { return Ok(None) };
            if failed.is_none() {
                *failed = receiver.literal(&so_far, &section, body).err();
                if failed.is_some() {
                    // Nobody wants the rest, and it may be long: the connection is given up.
                    return Err(Fault::from_io(std::io::ErrorKind::Interrupted.into(), Phase::Receiving));
                }
            }
            Ok(Some(()))
        });
        let failed = shared.into_inner().1;
        match (outcome, failed) {
            (_, Some(why)) => Ok(Err(why)),
            (Ok(_), None) => Ok(Ok(vanished)),
            (Err(why), None) => Err(why),
        }
    }
}
