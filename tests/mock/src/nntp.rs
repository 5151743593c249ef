//! The NNTP server: the newsgroups of the world, for readers, posters and other servers (RFC 3977).
//!
//! | it has | of |
//! |---|---|
//! | every command of RFC 3977 | with LIST's of RFC 6048 |
//! | XOVER, XHDR, XPAT | RFC 2980 |
//! | STARTTLS; AUTHINFO USER, PASS, SASL with every mechanism of `netkit_auth` | RFC 4642, RFC 4643 |
//! | MODE STREAM, CHECK, TAKETHIS | RFC 4644 |
//! | COMPRESS DEFLATE | RFC 8054 |
//!
//! `netkit.private` is seen by who has logged in; `netkit.empty` takes no posts.

mod ask;
mod list;
mod login;
mod read;
mod receive;
mod session;

use std::sync::Arc;

use netkit_nntp::{Capabilities, Capability};
use netkit_wire::{Conn, Fault};

use crate::accounts::mechanisms;
use crate::server::{Context, Service};
use crate::world::World;

/// How many commands may fail before the server hangs up.
const ERRORS: usize = 100;
/// The largest article, in bytes.
const ARTICLE: usize = 32 << 20;

/// Gives news out and takes it.
pub struct Nntp {
    world: Arc<World>,
    without: Vec<String>,
    modes: bool,
}

impl Nntp {
    /// A server over `world` that offers everything.
    pub fn new(world: Arc<World>) -> Nntp {
        Nntp { world, without: Vec::new(), modes: false }
    }

    /// Does not offer the capability of this label.
    #[must_use]
    pub fn without(mut self, label: &str) -> Nntp {
        self.without.push(label.to_ascii_uppercase());
        self
    }

    /// Serves other servers until a client says MODE READER (RFC 3977 section 5.3).
    #[must_use]
    pub fn with_modes(mut self) -> Nntp {
        self.modes = true;
        self
    }

    fn lacks(&self, label: &str) -> bool {
        self.without.iter().any(|one| one == label)
    }

    fn offers(&self, state: &Offered) -> Capabilities {
        let lists = [
            "ACTIVE",
            "ACTIVE.TIMES",
            "COUNTS",
            "DISTRIB.PATS",
            "DISTRIBUTIONS",
            "HEADERS",
            "MODERATORS",
            "MOTD",
            "NEWSGROUPS",
            "OVERVIEW.FMT",
            "SUBSCRIPTIONS",
        ];
        let mut all = vec![Capability::new("VERSION", &["2"])];
        if state.reader {
            all.push(Capability::new("READER", &[]));
            all.push(Capability::new("POST", &[]));
            all.push(Capability::new("NEWNEWS", &[]));
            all.push(Capability::new("HDR", &[]));
            all.push(Capability::new("OVER", &["MSGID"]));
            all.push(Capability::new("LIST", &lists));
        } else {
            all.push(Capability::new("MODE-READER", &[]));
        }
        all.push(Capability::new("IHAVE", &[]));
        all.push(Capability::new("STREAMING", &[]));
        if !state.secure && !state.logged_in && !state.compressed {
            all.push(Capability::new("STARTTLS", &[]));
        }
        if !state.logged_in {
            all.push(Capability::new("AUTHINFO", &["USER", "SASL"]));
            let names = mechanisms(state.exporter);
            all.push(Capability::new("SASL", &names.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        if !state.compressed {
            all.push(Capability::new("COMPRESS", &["DEFLATE"]));
        }
        all.push(Capability::new("IMPLEMENTATION", &["netkit", "mock"]));
        Capabilities::new(all.into_iter().filter(|one| !self.lacks(one.label())).collect())
    }
}

/// What the offers depend on.
#[derive(Clone, Copy, Debug, Default)]
struct Offered {
    reader: bool,
    secure: bool,
    logged_in: bool,
    compressed: bool,
    exporter: Option<[u8; 32]>,
}

impl Service for Nntp {
    fn protocol(&self) -> &'static str {
        "nntp"
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        session::Session::new(self, conn, context).run()
    }
}
