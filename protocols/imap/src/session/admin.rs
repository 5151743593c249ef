//! What is about the server and the mailboxes' rules: ENABLE, ID, COMPRESS, NAMESPACE, QUOTA, ACL, METADATA, NOTIFY.

use netkit_wire::Text;

use super::Session;
use crate::client::Client;
use crate::command::Command;
use crate::error::Error;
use crate::response::{MailboxStatus, Namespaces, Quota, Status, Untagged};
use crate::types::{Atom, Mailbox, Text8};

impl Session {
    /// Turns extensions on (RFC 5161): those that are on then. UTF8=ACCEPT makes names of mailboxes UTF-8 (RFC 6855).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn enable(&mut self, names: &[Atom]) -> Result<Vec<String>, Error> {
        self.dialogue.need("ENABLE")?;
        let command = names.iter().fold(self.command("ENABLE"), Command::atom);
        let mut on = Vec::new();
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Enabled(names) => {
                on.extend(names.iter().map(|name| name.to_ascii_uppercase()));
                true
            }
            _ => false,
        })?;
        self.dialogue.utf8 |= on.iter().any(|name| name == "UTF8=ACCEPT" || name == "IMAP4REV2");
        Ok(on)
    }

    /// Puts DEFLATE over the connection (RFC 4978).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`]; [`Error::Wire`] where bytes came behind the OK uncompressed.
    pub fn compress(&mut self) -> Result<(), Error> {
        self.dialogue.need("COMPRESS=DEFLATE")?;
        let command = self.command("COMPRESS").word("DEFLATE");
        self.simple(command)?;
        let upgraded = self.dialogue.conn.upgrade(|stream| Ok(netkit_socket::deflated(stream)));
        upgraded.map_err(|fault| self.dialogue.broken(fault))
    }

    /// Where mailboxes are (RFC 2342).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`], [`Error::Unexpected`].
    pub fn namespace(&mut self) -> Result<Namespaces, Error> {
        self.dialogue.need("NAMESPACE")?;
        let mut found = None;
        let command = self.command("NAMESPACE");
        let status = self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Namespace(all) => {
                found = Some(all.clone());
                true
            }
            _ => false,
        })?;
        found.ok_or_else(|| Error::Unexpected(status.to_string()))
    }

    /// How full the quota roots of a mailbox are (RFC 9208).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn quota_root(&mut self, mailbox: &Mailbox) -> Result<Vec<Quota>, Error> {
        self.dialogue.need("QUOTA")?;
        let command = self.command("GETQUOTAROOT").mailbox(mailbox);
        let mut all = Vec::new();
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Quota(quota) => {
                all.push(quota.clone());
                true
            }
            Untagged::QuotaRoot(..) => true,
            _ => false,
        })?;
        Ok(all)
    }

    /// Who the server is (RFC 2971); `about` is what this client says of itself.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn id(&mut self, about: &[(Text8, Option<Text8>)]) -> Result<Vec<(String, Option<Text>)>, Error> {
        self.dialogue.need("ID")?;
        let command = self.command("ID");
        let command = if about.is_empty() { command.word("NIL") } else { command.pairs(about) };
        let mut all = Vec::new();
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::Id(fields) => {
                all.clone_from(fields);
                true
            }
            _ => false,
        })?;
        Ok(all)
    }

    /// How full a quota root is (RFC 9208).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn quota(&mut self, root: &Text8) -> Result<Vec<Quota>, Error> {
        self.dialogue.need("QUOTA")?;
        let command = self.command("GETQUOTA").string(root);
        self.quotas(command)
    }

    /// Sets the limits of a quota root (RFC 9208); a resource that is not named has none then.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn set_quota(&mut self, root: &Text8, limits: &[(Atom, u64)]) -> Result<Vec<Quota>, Error> {
        self.dialogue.need("QUOTA")?;
        let limits: Vec<String> = limits.iter().map(|(name, limit)| format!("{name} {limit}")).collect();
        let command = self.command("SETQUOTA").string(root).word(&format!("({})", limits.join(" ")));
        self.quotas(command)
    }

    fn quotas(&mut self, command: Command) -> Result<Vec<Quota>, Error> {
        self.gather(command, |untagged| match untagged {
            Untagged::Quota(quota) => Some(quota.clone()),
            _ => None,
        })
    }

    /// Runs a command, and what `pick` takes from its data.
    fn gather<T>(
        &mut self,
        command: Command,
        pick: impl Fn(&Untagged<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        self.dialogue.run(command, &mut |untagged| {
            let found = pick(untagged);
            let taken = found.is_some();
            all.extend(found);
            taken
        })?;
        Ok(all)
    }

    /// Who may do what with a mailbox (RFC 4314).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn acl(&mut self, mailbox: &Mailbox) -> Result<Vec<(Text, Text)>, Error> {
        self.dialogue.need("ACL")?;
        let command = self.command("GETACL").mailbox(mailbox);
        let all = self.gather(command, |untagged| match untagged {
            Untagged::Acl(_, all) => Some(all.clone()),
            _ => None,
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Says who may do what: `lrs`, or `+w` and `-w` to change what there is (RFC 4314 section 3.1).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn set_acl(&mut self, mailbox: &Mailbox, who: &Text8, rights: &Text8) -> Result<Status, Error> {
        self.dialogue.need("ACL")?;
        let command = self.command("SETACL").mailbox(mailbox).string(who).string(rights);
        self.simple(command)
    }

    /// Takes all rights from somebody (RFC 4314 section 3.2).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn delete_acl(&mut self, mailbox: &Mailbox, who: &Text8) -> Result<Status, Error> {
        self.dialogue.need("ACL")?;
        let command = self.command("DELETEACL").mailbox(mailbox).string(who);
        self.simple(command)
    }

    /// Which rights somebody always has, and which can be given (RFC 4314 section 3.4).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn list_rights(&mut self, mailbox: &Mailbox, who: &Text8) -> Result<Vec<Text>, Error> {
        self.dialogue.need("ACL")?;
        let command = self.command("LISTRIGHTS").mailbox(mailbox).string(who);
        let all = self.gather(command, |untagged| match untagged {
            Untagged::ListRights(_, _, groups) => Some(groups.clone()),
            _ => None,
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// What one may do oneself (RFC 4314 section 3.5).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`]; [`Error::Unexpected`] when the server does not tell.
    pub fn my_rights(&mut self, mailbox: &Mailbox) -> Result<Text, Error> {
        self.dialogue.need("ACL")?;
        let command = self.command("MYRIGHTS").mailbox(mailbox);
        let found = self.gather(command, |untagged| match untagged {
            Untagged::MyRights(_, rights) => Some(rights.clone()),
            _ => None,
        })?;
        found.into_iter().next().ok_or_else(|| Error::Unexpected("OK, and no rights told".to_owned()))
    }

    /// Annotations (RFC 5464): entries such as `/private/comment` of a mailbox, or of the server where there is none.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn metadata(
        &mut self,
        mailbox: Option<&Mailbox>,
        entries: &[Atom],
    ) -> Result<Vec<(Text, Option<Text>)>, Error> {
        self.needs_metadata(mailbox)?;
        let command = self.command("GETMETADATA").mailbox(mailbox.unwrap_or(&Mailbox::root())).flags(entries);
        let all = self.gather(command, |untagged| match untagged {
            Untagged::Metadata(_, entries) => Some(entries.clone()),
            _ => None,
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Sets annotations (RFC 5464 section 4.3); one without a value is removed.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn set_metadata(
        &mut self,
        mailbox: Option<&Mailbox>,
        entries: &[(Text8, Option<Text8>)],
    ) -> Result<Status, Error> {
        self.needs_metadata(mailbox)?;
        let command = self.command("SETMETADATA").mailbox(mailbox.unwrap_or(&Mailbox::root())).pairs(entries);
        self.simple(command)
    }

    fn needs_metadata(&self, mailbox: Option<&Mailbox>) -> Result<(), Error> {
        let server = mailbox.is_none() && self.has("METADATA-SERVER");
        if server { Ok(()) } else { self.dialogue.need("METADATA") }
    }

    /// Says of which mailboxes the server is to tell when something happens, until it is told otherwise (RFC 5465): for each
    /// filter (`selected`, `personal`, `inboxes`, ...) its events (`MessageNew`, `MessageExpunge`, `FlagChange`, ...). With
    /// `now`, what there is at present in mailboxes that are not open is told at once, and is what comes back.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`].
    pub fn notify(&mut self, groups: &[(Atom, Vec<Atom>)], now: bool) -> Result<Vec<MailboxStatus>, Error> {
        self.dialogue.need("NOTIFY")?;
        let mut command = self.command(if now { "NOTIFY SET STATUS" } else { "NOTIFY SET" });
        for (filter, events) in groups {
            let events: Vec<&str> = events.iter().map(Atom::as_str).collect();
            command = command.word(&format!("({filter} ({}))", events.join(" ")));
        }
        let mut told = Vec::new();
        self.dialogue.run(command, &mut |untagged| match untagged {
            Untagged::MailboxStatus(status) => {
                told.push(status.clone());
                true
            }
            _ => false,
        })?;
        Ok(told)
    }

    /// Logs out, and keeps the connection for who comes next (RFC 8437).
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Refused`]; the session is given back within.
    pub fn unauthenticate(mut self) -> Result<Client, Box<(Session, Error)>> {
        let command = self.command("UNAUTHENTICATE");
        if let Err(why) = self.dialogue.need("UNAUTHENTICATE") {
            return Err(Box::new((self, why)));
        }
        // What is offered to nobody in particular is told with the answer, or asked for.
        let before = std::mem::take(&mut self.dialogue.capabilities);
        if let Err(why) = self.simple(command) {
            self.dialogue.capabilities = before;
            return Err(Box::new((self, why)));
        }
        self.dialogue.utf8 = false;
        Ok(Client { dialogue: self.dialogue })
    }
}
