//! The FTP server: the files of the world (RFC 959).
//!
//! | it has | of |
//! |---|---|
//! | every command of RFC 959 that a file server has a use for | passive and active |
//! | FEAT, OPTS, EPSV, EPRT, SIZE, MDTM, REST, MLST, MLSD | RFC 2389, 2428, 3659 |
//! | AUTH TLS, PBSZ, PROT | RFC 4217 |
//! | HOST, MFMT, HASH, SITE CHMOD and UTIME | RFC 7151, drafts, habit |
//!
//! Who logs in as anonymous may read; who has an account may write, too.

mod data;
mod files;
mod session;

use std::sync::Arc;

use netkit_wire::{Conn, Fault};

use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// How many commands may fail before the server hangs up.
const ERRORS: usize = 50;

/// What FEAT names.
const FEATURES: [&str; 13] = [
    "AUTH TLS",
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
    "REST STREAM",
    "SIZE",
];

/// Moves files.
pub struct Ftp {
    world: Arc<World>,
    without: Vec<String>,
}

impl Ftp {
    /// A server over `world` that offers everything.
    pub fn new(world: Arc<World>) -> Ftp {
        Ftp { world, without: Vec::new() }
    }

    /// Neither names nor knows this command; `MLST` takes MLSD with it.
    #[must_use]
    pub fn without(mut self, name: &str) -> Ftp {
        self.without.push(name.to_ascii_uppercase());
        self
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
        session::Session::new(self, conn, context).run()
    }
}
