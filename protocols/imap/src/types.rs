//! Arguments that cannot break the wire.

mod date;
mod mailbox;
mod set;
mod text;

pub use date::{Date, DateTime};
pub use mailbox::{Mailbox, matches};
pub use set::Set;
pub use text::{Atom, Text8};
