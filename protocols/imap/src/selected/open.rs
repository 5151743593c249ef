//! SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3), and what has changed since the last time (RFC 7162).

use super::Selected;
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

impl Selected {
    pub(crate) fn open(
        mut session: Session,
        access: Access,
        mailbox: &Mailbox,
        known: Option<&Known>,
    ) -> Result<(Selected, Changes), Box<(Session, Error)>> {
        let verb = if access == Access::Read { "EXAMINE" } else { "SELECT" };
        let mut command = Command::new(verb, session.dialogue.utf8).mailbox(mailbox);
        if let Some(known) = known {
            let uids = if known.uids.is_empty() { String::new() } else { format!(" {}", known.uids) };
            command = command.word(&format!("(QRESYNC ({} {}{uids}))", known.uid_validity, known.modseq));
        } else if session.has("CONDSTORE") {
            // Told of the highest mod-sequence either way; the word makes later answers have theirs.
            command = command.word("(CONDSTORE)");
        }
        let (mut exists, mut flags, mut codes) = (0, Vec::new(), Vec::new());
        let mut changes = Changes::default();
        let outcome = session.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Exists(n) => {
                exists = *n;
                true
            }
            Untagged::Recent(_) | Untagged::List(_) => true,
            Untagged::Flags(all) => {
                flags.clone_from(all);
                true
            }
            Untagged::Status(status) if status.kind == Kind::Ok => {
                codes.extend(status.code.clone());
                true
            }
            Untagged::Vanished(true, uids) => {
                changes.vanished.extend(uids);
                true
            }
            Untagged::Fetch(fetch) => {
                if let (Some(uid), Some(flags)) = (fetch.uid(), fetch.flags()) {
                    changes.flags.push((uid, flags.iter().map(ToString::to_string).collect()));
                }
                true
            }
            _ => false,
        });
        let status = match outcome {
            Ok(status) => status,
            Err(why) => return Err(Box::new((session, why))),
        };
        let mut this = Selected {
            session,
            mailbox: mailbox.clone(),
            exists,
            uid_validity: None,
            uid_next: None,
            highest_modseq: None,
            permanent_flags: flags.clone(),
            flags,
            read_only: access == Access::Read || status.code == Some(Code::ReadOnly),
        };
        for code in codes {
            match code {
                Code::UidValidity(n) => this.uid_validity = Some(n),
                Code::UidNext(n) => this.uid_next = Some(n),
                Code::HighestModSeq(n) => this.highest_modseq = Some(n),
                Code::PermanentFlags(all) => this.permanent_flags = all,
                _ => {}
            }
        }
        Ok((this, changes))
    }
}
