//! The IMAP server: the mailboxes of the world with all their folders (RFC 9051, and RFC 3501 for who asks so).
//!
//! | it has | of |
//! |---|---|
//! | every command of RFC 3501 and RFC 9051 | LSUB, CHECK and RECENT of the older one included |
//! | STARTTLS, AUTHENTICATE with every mechanism of `netkit_auth`, SASL-IR | RFC 4959 |
//! | LITERAL+, MULTIAPPEND, UIDPLUS, MOVE, REPLACE, UNSELECT, BINARY | RFC 7888, 3502, 4315, 6851, 8508, 3691, 3516 |
//! | ENABLE, CONDSTORE, QRESYNC, UTF8=ACCEPT | RFC 5161, 7162, 6855 |
//! | ESEARCH, SEARCHRES, PARTIAL, SORT, THREAD, WITHIN | RFC 4731, 5182, 9394, 5256, 5032 |
//! | LIST-EXTENDED, LIST-STATUS, SPECIAL-USE, NAMESPACE, STATUS=SIZE | RFC 5258, 5819, 6154, 2342, 8438 |
//! | IDLE, COMPRESS, ID, UNAUTHENTICATE | RFC 2177, 4978, 2971, 8437 |
//! | QUOTA, ACL, METADATA, OBJECTID, SAVEDATE, PREVIEW | RFC 9208, 4314, 5464, 8474, 8514, 8970 |

mod change;
mod fetch;
mod login;
mod mailboxes;
mod notes;
mod notify;
mod part;
mod search;
mod session;
mod structure;
mod thread;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use netkit_wire::{Conn, Fault};

use crate::accounts::mechanisms;
use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// How many commands may fail before the server hangs up.
const ERRORS: usize = 50;

/// What is offered to everybody; the rest depends on the connection.
const OFFERS: [&str; 39] = [
    "IMAP4rev1",
    "IMAP4rev2",
    "LITERAL+",
    "SASL-IR",
    "ID",
    "ENABLE",
    "IDLE",
    "NOTIFY",
    "NAMESPACE",
    "UIDPLUS",
    "MOVE",
    "REPLACE",
    "CONDSTORE",
    "QRESYNC",
    "ESEARCH",
    "SEARCHRES",
    "PARTIAL",
    "WITHIN",
    "SORT",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "CHILDREN",
    "UNSELECT",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "STATUS=SIZE",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "ACL",
    "METADATA",
    "BINARY",
    "MULTIAPPEND",
    "PREVIEW",
    "OBJECTID",
    "SAVEDATE",
    "UTF8=ACCEPT",
    "UNAUTHENTICATE",
];

/// Gives mail out.
pub struct Imap {
    world: Arc<World>,
    without: Vec<String>,
    notes: Mutex<notes::Notes>,
}

impl Imap {
    /// A server over `world` that offers everything.
    pub fn new(world: Arc<World>) -> Imap {
        Imap { world, without: Vec::new(), notes: Mutex::default() }
    }

    /// Does not offer this capability.
    #[must_use]
    pub fn without(mut self, name: &str) -> Imap {
        self.without.push(name.to_ascii_uppercase());
        self
    }

    fn notes(&self) -> MutexGuard<'_, notes::Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offers(&self, context: &Context, secure: bool, compressed: bool) -> Vec<String> {
        let mut all: Vec<String> = OFFERS.iter().map(|name| (*name).to_owned()).collect();
        if !secure {
            all.push("STARTTLS".to_owned());
        }
        if !compressed {
            all.push("COMPRESS=DEFLATE".to_owned());
        }
        all.extend(mechanisms(context.exporter).into_iter().map(|name| format!("AUTH={name}")));
        all.retain(|name| !self.without.iter().any(|without| name.eq_ignore_ascii_case(without)));
        all
    }
}

impl Service for Imap {
    fn protocol(&self) -> &'static str {
        "imap"
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        session::Session::new(self, conn, context).run()
    }
}
