//! How a Gopher call fails.

use netkit_socket::NetError;
use netkit_wire::{Fault, Text};

use crate::menu::Item;
use crate::types::{Invalid, ItemType};

/// The same six names as in every protocol crate of the family.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No conversation: the name, the connection or TLS failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The conversation broke.
    #[error(transparent)]
    Wire(#[from] Fault),
    /// The server answered with an error item (type 3), here with its text.
    #[error("the server refused: {}", .0.display)]
    Refused(Box<Item>),
    /// A menu was asked for and something else came; its first line.
    #[error("the answer is not a menu; it starts with \"{0}\"")]
    Unexpected(Text),
    /// An item of this type is not fetched over Gopher. Nothing was sent.
    #[error("an item of type {0} ({name}) is not fetched over Gopher", name = .0.name())]
    Unsupported(ItemType),
    /// The argument cannot go on the wire. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Error {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Net(net) => net.is_transient(),
            Error::Wire(fault) => fault.is_transient(),
            _ => false,
        }
    }

    /// Whether the connection can be used for another call: never, a Gopher connection carries one.
    pub fn connection_is_usable(&self) -> bool {
        false
    }
}
