//! What the mock servers serve: one small world, so that what one protocol puts another one gets.
//!
//! A file uploaded over HTTP is in the gopherhole; a mail sent over SMTP is in a mailbox; a post is in the overview. The content it starts with is
//! `fixtures/world`, embedded in the binary.

mod content;
mod mail;
mod news;
mod site;

pub use mail::{Copied, DELIMITER, Flagging, Folder, Mail, MailError, Message};
pub use news::{News, NewsArticle, NewsError, Newsgroup};
pub use site::{File, Site};

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netkit_auth::Secret;

/// The shared state of all mock servers of one process.
#[derive(Debug)]
pub struct World {
    site: Mutex<Site>,
    mail: Mutex<Mail>,
    news: Mutex<News>,
    /// Mailboxes that a POP3 session has to itself.
    maildrops: Mutex<HashSet<String>>,
}

/// The accounts that exist in every mock world, with passwords that show what escaping is worth.
pub const ACCOUNTS: [(&str, &str); 2] = [("alice", "secret"), ("bob", "p@ss%w/rd#1")];

/// What the news server calls itself in the articles that it files.
pub(crate) const NEWS_HOST: &str = "mock.netkit.example";

/// The bearer token that the mock servers accept, for `alice`.
pub const TOKEN: &str = "token-of-alice";

impl World {
    /// The world as every run starts with it.
    pub fn seeded() -> Arc<World> {
        Arc::new(World {
            site: Mutex::new(content::site()),
            mail: Mutex::default(),
            news: Mutex::new(content::news(NEWS_HOST)),
            maildrops: Mutex::default(),
        })
    }

    /// The files.
    pub fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mailboxes.
    pub fn mail(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newsgroups.
    pub fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives who comes for the first time to look at folders the usual ones, with some mail in the archive; `false` when
    /// there is no room for one more mailbox.
    pub fn furnish(&self, address: &str) -> bool {
        let mut mail = self.mail();
        if !mail.open(address) {
            return false;
        }
        if mail.furnished(address) {
            return true;
        }
        for (name, special_use) in content::FOLDERS {
            // One that is there already stays.
            let _ = mail.create(address, name, Some(special_use));
        }
        for (data, flags) in content::LETTERS {
            let mut message = Message::new("", address, Arc::from(data));
            message.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
            // A world that is full has no archive.
            let _ = mail.append(address, "Archive", message);
        }
        true
    }

    /// Gives a mailbox to one session alone, on whichever port; `false` when another one has it (RFC 1939 section 4).
    pub fn open_maildrop(&self, address: &str) -> bool {
        self.maildrops.lock().unwrap_or_else(PoisonError::into_inner).insert(mail::key(address))
    }

    /// Ends that.
    pub fn close_maildrop(&self, address: &str) {
        self.maildrops.lock().unwrap_or_else(PoisonError::into_inner).remove(&mail::key(address));
    }

    /// Waits until more than `seen` changes were made to the mailbox of `address`, or until the time is over: the count then, which
    /// is [`Mail::changes`].
    pub fn await_mail(&self, address: &str, seen: u64, limit: Duration) -> u64 {
        let mail = self.mail();
        let news = Arc::clone(&mail.news);
        let waited = news.wait_timeout_while(mail, limit, |mail| mail.changes(address) <= seen);
        waited.unwrap_or_else(PoisonError::into_inner).0.changes(address)
    }

    /// The password of `user`. Whoever is an address has alice's, so that every mailbox can be read.
    pub fn password(&self, user: &str) -> Option<Secret> {
        let known = ACCOUNTS.iter().find(|(name, _)| *name == user).map(|(_, password)| *password);
        let password = known.or(user.contains('@').then_some(ACCOUNTS[0].1));
        password.map(Secret::from)
    }

    /// Whose bearer token this is.
    pub fn token_owner(&self, token: &[u8]) -> Option<&'static str> {
        (Secret::from(TOKEN) == Secret::from(token.to_vec())).then_some("alice")
    }
}
