//! The POP3 server: the mailboxes of the world, one session at a time each (RFC 1939).
//!
//! | it has | of |
//! |---|---|
//! | every command of RFC 1939 | with APOP and its time stamp |
//! | CAPA, PIPELINING, RESP-CODES, AUTH-RESP-CODE | RFC 2449, RFC 3206 |
//! | STLS; AUTH with every mechanism of `netkit_auth` | RFC 2595, RFC 5034 |
//! | UTF8, LANG | RFC 6856 |

mod login;
mod maildrop;
mod session;

use std::sync::Arc;

use netkit_pop3::{Capabilities, Capability, Expiry};
use netkit_wire::{Conn, Fault};

use crate::accounts::mechanisms;
use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// How many commands may fail before the server hangs up.
const ERRORS: usize = 20;

/// Gives mail out.
pub struct Pop3 {
    world: Arc<World>,
    without: Vec<String>,
}

impl Pop3 {
    /// A server over `world` that offers everything.
    pub fn new(world: Arc<World>) -> Pop3 {
        Pop3 { world, without: Vec::new() }
    }

    /// Does not offer the capability of this tag.
    #[must_use]
    pub fn without(mut self, tag: &str) -> Pop3 {
        self.without.push(tag.to_ascii_uppercase());
        self
    }

    fn offers(&self, secure: bool, exporter: Option<[u8; 32]>) -> Capabilities {
        let all = [
            Capability::Top,
            Capability::User,
            Capability::Uidl,
            Capability::Sasl(mechanisms(exporter)),
            Capability::RespCodes,
            Capability::AuthRespCode,
            Capability::Pipelining,
            Capability::Expire(Expiry::Never),
            Capability::Stls,
            Capability::Utf8,
            Capability::Lang,
            Capability::Implementation("netkit mock".into()),
        ];
        let offered = |one: &Capability| {
            !(secure && *one == Capability::Stls || self.without.iter().any(|tag| tag == one.tag()))
        };
        Capabilities::new(all.into_iter().filter(offered).collect())
    }
}

impl Service for Pop3 {
    fn protocol(&self) -> &'static str {
        "pop3"
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        session::Session::new(self, conn, context).run()
    }
}
