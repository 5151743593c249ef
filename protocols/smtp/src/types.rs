//! Arguments that cannot break the wire: no CR, LF, NUL, and no `>` that would end a path early, can be built into one.

mod domain;
mod extension;
mod mailbox;
mod parameter;
mod path;
mod text;

pub use domain::Domain;
pub use extension::{ByMode, Notify, Return};
pub use mailbox::Mailbox;
pub use parameter::{BodyKind, Parameter, Parameters, unxtext, xtext};
pub use path::{ForwardPath, ReversePath};
pub use text::CommandText;

pub(crate) use path::{forward_path, reverse_path};
