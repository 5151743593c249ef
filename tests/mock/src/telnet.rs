//! The Telnet server: a login and a line shell over the world's files (RFC 854).
//!
//! | it has | of |
//! |---|---|
//! | ECHO, SGA, BINARY, EOR, TM, STATUS | RFC 856 to 860, 885 |
//! | TTYPE (the whole list), NAWS, TSPEED, XDISPLOC, NEW-ENVIRON, LFLOW | RFC 1091, 1073, 1079, 1096, 1572, 1372 |
//! | LINEMODE with EDIT, TRAPSIG and SLC; CHARSET | RFC 1184, 2066; when the command `linemode` or `charset` asks for it |
//! | MCCP2, when the client asks for it; GMCP, MSDP, MSSP, COM-PORT | the games' own documents, RFC 2217 |
//! | START_TLS | draft-altman-telnet-starttls |
//! | IP, BRK, AYT, AO, EC, EL, Synch | RFC 854 |
//!
//! The shell runs nothing: its commands show files of the world, what was agreed, and text to wait for.

mod ask;
mod line;
mod session;
mod shell;

use std::sync::Arc;

use netkit_telnet::Opt;
use netkit_wire::{Conn, Fault};

use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// How many logins may fail.
const LOGINS: usize = 3;

/// Lets people log in.
pub struct Telnet {
    world: Arc<World>,
    without: Vec<Opt>,
}

impl Telnet {
    /// A server over `world` that asks for everything.
    pub fn new(world: Arc<World>) -> Telnet {
        Telnet { world, without: Vec::new() }
    }

    /// Neither asks for this option nor agrees to it.
    #[must_use]
    pub fn without(mut self, option: Opt) -> Telnet {
        self.without.push(option);
        self
    }
}

impl Service for Telnet {
    fn protocol(&self) -> &'static str {
        "telnet"
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        match session::Session::new(self, conn, context).run() {
            Err(netkit_telnet::Error::Wire(fault)) => Err(fault),
            // Whoever left, left.
            _ => Ok(()),
        }
    }
}
