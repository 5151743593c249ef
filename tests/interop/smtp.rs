//! SMTP: postfix in the roles a client meets.

mod login;
mod mailbox;
mod messages;
mod probe;
mod refusals;
mod security;
mod store;

use crate::command::{Netkit, netkit};
use crate::servers::{place, server};

/// `netkit smtp send` to that port, trusting the right authority.
fn send(port: &str) -> Netkit {
    netkit("smtp send").arg(place(port)).option("--cacert", server("CA_FILE"))
}

/// The reply to a message that was taken.
const QUEUED: &str = "250 2.0.0 Ok: ";
