//! The FTP server: the files of the world (RFC 959).
//!
//! | it has | of |
//! |---|---|
//! | every command of RFC 959 that a file server has a use for | passive and active |
//! | FEAT, OPTS, EPSV, EPRT, SIZE, MDTM, REST, MLST, MLSD | RFC 2389, 2428, 3659 |
//! | AUTH TLS, PBSZ, PROT, CCC | RFC 4217 |
//! | HOST, MFMT, HASH, RANG, MODE Z, SITE CHMOD and UTIME | RFC 7151, drafts, habit |
//! | SSCN, CPSV | habit: TLS between two servers |
//!
//! Who logs in as anonymous may read; who has an account may write, too.

mod data;
mod files;
mod session;
mod transfer;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use netkit_wire::{Conn, Fault};

use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// How many clients a crowded server has at a time.
const CROWD: usize = 2;
/// How many commands may fail before the server hangs up.
const ERRORS: usize = 50;

/// What FEAT names.
const FEATURES: [&str; 17] = [
    "AUTH TLS",
    "CCC",
    "CPSV",
    "EPRT",
    "EPSV",
    "HASH SHA-256*",
    "HOST",
    "MDTM",
    "MODE Z",
    "MFMT",
    "MLST type*;size*;modify*;perm*;",
    "PBSZ",
    "PROT",
    "RANG STREAM",
    "REST STREAM",
    "SIZE",
    "SSCN",
];

/// Moves files.
pub struct Ftp {
    world: Arc<World>,
    without: Vec<String>,
    rules: Vec<Rule>,
    /// How many clients there are.
    clients: AtomicUsize,
}

/// What the server insists on beside the RFCs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `reuse`: data connections in TLS resume a session (RFC 4217 section 10.2); 522 else.
    Reuse,
    /// `reuse-tls1.2`: as some servers, it sees that only of sessions in TLS 1.2.
    OldReuse,
    /// `data-port`: it dials from the port below its control port (RFC 959 section 5.2).
    DataPort,
    /// `crowded`: it has two clients at a time and says 421 to others.
    Crowded,
}

impl FromStr for Rule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Rule, &'static str> {
        match text {
            "reuse" => Ok(Rule::Reuse),
            "reuse-tls1.2" => Ok(Rule::OldReuse),
            "data-port" => Ok(Rule::DataPort),
            "crowded" => Ok(Rule::Crowded),
            _ => Err("it is reuse, reuse-tls1.2, data-port or crowded"),
        }
    }
}

impl Ftp {
    /// A server over `world` that offers everything.
    pub fn new(world: Arc<World>) -> Ftp {
        Ftp { world, without: Vec::new(), rules: Vec::new(), clients: AtomicUsize::new(0) }
    }

    /// Neither names nor knows this command; `MLST` takes MLSD with it.
    #[must_use]
    pub fn without(mut self, name: &str) -> Ftp {
        self.without.push(name.to_ascii_uppercase());
        self
    }

    /// Insists on this.
    #[must_use]
    pub fn insisting(mut self, rules: &[Rule]) -> Ftp {
        self.rules.extend_from_slice(rules);
        self
    }

    fn insists(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    fn knows(&self, name: &str) -> bool {
        !self.without.iter().any(|without| without == name)
    }
}

impl Service for Ftp {
    fn protocol(&self) -> &'static str {
        "ftp"
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        let session = session::Session::new(self, conn, context);
        let outcome =
            if self.insists(Rule::Crowded) && before >= CROWD { session.full() } else { session.run() };
        self.clients.fetch_sub(1, Ordering::Relaxed);
        outcome
    }
}
