//! SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3), and what has changed since the last time (RFC 7162).

use super::fetch::{OpenedDownload, Receive};
use super::{FetchItem, Selected, words};
use crate::command::Command;
use crate::error::Error;
use crate::response::{Code, Kind, Untagged};
use crate::session::Session;
use crate::types::{Mailbox, Set};

/// What a mailbox is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// To be read only: no message becomes seen.
    Read,
    /// To be changed.
    Change,
}

/// What is known of a mailbox from the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Under which number the UIDs held.
    pub uid_validity: u32,
    /// The highest mod-sequence then.
    pub modseq: u64,
    /// The UIDs that are known; all where there are none.
    pub uids: Set,
}

/// What has changed since then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// These UIDs are gone.
    pub vanished: Set,
    /// UIDs with the flags they have now.
    pub flags: Vec<(u32, Vec<String>)>,
}

/// What is told while a mailbox is being opened.
#[derive(Default)]
struct Told {
    exists: u32,
    flags: Vec<String>,
    codes: Vec<Code>,
    changes: Changes,
}

impl Told {
    /// Takes in a piece; whether it was one of these.
    fn note(&mut self, untagged: &Untagged<'_>) -> bool {
        match untagged {
            Untagged::Exists(n) => self.exists = *n,
            Untagged::Recent(_) | Untagged::List(_) => {}
            Untagged::Flags(all) => self.flags.clone_from(all),
            Untagged::Status(status) if status.kind == Kind::Ok => self.codes.extend(status.code.clone()),
            Untagged::Vanished(true, uids) => self.changes.vanished.extend(uids),
            Untagged::Fetch(fetch) => {
                if let (Some(uid), Some(flags)) = (fetch.uid(), fetch.flags()) {
                    self.changes.flags.push((uid, flags.iter().map(ToString::to_string).collect()));
                }
            }
            _ => return false,
        }
        true
    }

    /// The mailbox, once the server has said that it is open.
    fn open(self, session: Session, mailbox: &Mailbox, read_only: bool) -> (Selected, Changes) {
        let mut this = Selected {
            session,
            mailbox: mailbox.clone(),
            exists: self.exists,
            uid_validity: None,
            uid_next: None,
            highest_modseq: None,
            permanent_flags: self.flags.clone(),
            flags: self.flags,
            read_only,
        };
        for code in self.codes {
            match code {
                Code::UidValidity(n) => this.uid_validity = Some(n),
                Code::UidNext(n) => this.uid_next = Some(n),
                Code::HighestModSeq(n) => this.highest_modseq = Some(n),
                Code::PermanentFlags(all) => this.permanent_flags = all,
                _ => {}
            }
        }
        (this, self.changes)
    }
}

fn command(session: &Session, access: Access, mailbox: &Mailbox, known: Option<&Known>) -> Command {
    let verb = if access == Access::Read { "EXAMINE" } else { "SELECT" };
    let command = Command::new(verb, session.dialogue.utf8).mailbox(mailbox);
    if let Some(known) = known {
        let uids = if known.uids.is_empty() { String::new() } else { format!(" {}", known.uids) };
        command.word(&format!("(QRESYNC ({} {}{uids}))", known.uid_validity, known.modseq))
    } else if session.has("CONDSTORE") {
        // Told of the highest mod-sequence either way; the word makes later answers have theirs.
        command.word("(CONDSTORE)")
    } else {
        command
    }
}

impl Selected {
    pub(crate) fn open(
        mut session: Session,
        access: Access,
        mailbox: &Mailbox,
        known: Option<&Known>,
    ) -> Result<(Selected, Changes), Box<(Session, Error)>> {
        let command = command(&session, access, mailbox, known);
        let mut told = Told::default();
        match session.dialogue.run(command, &mut |untagged| told.note(untagged)) {
            Ok(status) => {
                let read_only = access == Access::Read || status.code == Some(Code::ReadOnly);
                Ok(told.open(session, mailbox, read_only))
            }
            Err(why) => Err(Box::new((session, why))),
        }
    }

    /// EXAMINE, and UID FETCH of everything right behind it: where EXAMINE is refused, so is the other, and nothing came of it.
    pub(crate) fn open_and_download<R: Receive>(
        mut session: Session,
        mailbox: &Mailbox,
        items: &[FetchItem],
        opened: impl FnOnce(&Selected, &mut R) -> Result<(), R::Error>,
        receiver: &mut R,
    ) -> OpenedDownload<R::Error> {
        let examine = command(&session, Access::Read, mailbox, None);
        let fetch = session.command("UID FETCH").set(&Set::all()).word(&words(items));
        let mut told = Told::default();
        let dialogue = &mut session.dialogue;
        let both = || {
            let mut note = |untagged: &Untagged<'_>| told.note(untagged);
            let first = dialogue.send(examine, &mut std::io::empty(), &mut note)?;
            let second = dialogue.send(fetch, &mut std::io::empty(), &mut note)?;
            match dialogue.finish(&first, &mut note) {
                Ok(_) => Ok(second),
                Err(why) => {
                    if matches!(why, Error::Refused(_)) {
                        // It was sent for a mailbox that did not open.
                        let _ = dialogue.finish(&second, &mut |_| false);
                    }
                    Err(why)
                }
            }
        };
        let tag = match both() {
            Ok(tag) => tag,
            Err(why) => return Err(Box::new((session, why))),
        };
        let (mut selected, _) = told.open(session, mailbox, true);
        if let Err(why) = opened(&selected, receiver) {
            // Nobody wants what is on its way, and it may be long.
            selected.session.dialogue.end();
            return Ok((selected, Ok(Err(why))));
        }
        let outcome = match selected.answers(&tag, receiver) {
            // With no message, `*` means none to some servers.
            Err(Error::Refused(_)) if selected.exists == 0 => Ok(Ok(Set::default())),
            other => other,
        };
        Ok((selected, outcome))
    }
}
