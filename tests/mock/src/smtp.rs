//! The SMTP and the LMTP server: any address is taken, each message goes to a mailbox per recipient (RFC 5321, RFC 2033).
//!
//! | recipient | answer |
//! |---|---|
//! | `reject@...` | 550 |
//! | `defer@...` | 450 |
//! | `full@...` | 250, and over LMTP 452 after the message |
//! | any other | 250 |

mod chunks;
mod envelope;
mod login;
mod receive;
mod session;

use std::sync::Arc;

use netkit_smtp::{Capabilities, Extension};
use netkit_wire::{Conn, Fault};

use crate::accounts::mechanisms;
use crate::server::{Context, Service};
use crate::world::World;

/// What the server calls itself.
const NAME: &str = "mock.netkit.example";
/// The largest message, in bytes.
const MESSAGE: u64 = 25 << 20;
/// The most recipients of one message; RFC 5321 section 4.5.3.1.8 asks for 100 at least.
const RECIPIENTS: usize = 1000;
/// How many commands may fail before the server hangs up.
const ERRORS: usize = 20;

/// Takes mail.
pub struct Smtp {
    world: Arc<World>,
    lmtp: bool,
    login_required: bool,
    without: Vec<String>,
}

impl Smtp {
    /// A server over `world` that offers everything and asks nobody to log in.
    pub fn new(world: Arc<World>) -> Smtp {
        Smtp { world, lmtp: false, login_required: false, without: Vec::new() }
    }

    /// Speaks LMTP: LHLO, and an answer for each recipient.
    #[must_use]
    pub fn lmtp(mut self) -> Smtp {
        self.lmtp = true;
        self
    }

    /// Takes mail only from those who logged in (RFC 4954 section 6, reply 530).
    #[must_use]
    pub fn login_required(mut self) -> Smtp {
        self.login_required = true;
        self
    }

    /// Does not offer the extension of this keyword.
    #[must_use]
    pub fn without(mut self, keyword: &str) -> Smtp {
        self.without.push(keyword.to_ascii_uppercase());
        self
    }

    /// What is offered; STARTTLS only where there is no TLS yet (RFC 3207 section 4.2).
    fn offers(&self, secure: bool, exporter: Option<[u8; 32]>) -> Capabilities {
        let all = [
            Extension::Pipelining,
            Extension::Size(Some(MESSAGE)),
            Extension::EightBitMime,
            Extension::SmtpUtf8,
            Extension::Chunking,
            Extension::BinaryMime,
            Extension::Dsn,
            Extension::EnhancedStatusCodes,
            other("DELIVERBY", "60"),
            other("MT-PRIORITY", "MIXER"),
            other("FUTURERELEASE", "604800 2037-12-31T00:00:00Z"),
            other("XCLIENT", "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"),
            other("REQUIRETLS", ""),
            Extension::StartTls,
            Extension::Auth(mechanisms(exporter)),
            Extension::Vrfy,
            Extension::Expn,
            Extension::Help,
        ];
        let offered = |one: &Extension| {
            !(secure && *one == Extension::StartTls
                // RFC 8689 section 2: only under TLS is there anything to require.
                || !secure && one.keyword() == "REQUIRETLS"
                || self.without.iter().any(|keyword| keyword == one.keyword()))
        };
        Capabilities::new(NAME, all.into_iter().filter(offered).collect())
    }
}

fn other(keyword: &str, parameters: &str) -> Extension {
    Extension::Other(keyword.to_owned(), parameters.as_bytes().into())
}

impl Service for Smtp {
    fn protocol(&self) -> &'static str {
        if self.lmtp { "lmtp" } else { "smtp" }
    }

    fn serve(&self, conn: Conn, context: &Context) -> Result<(), Fault> {
        session::Session::new(self, conn, context).run()
    }
}
