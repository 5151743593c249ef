//! What replies say beyond their code: the extensions of an EHLO reply, and enhanced status codes.

mod capabilities;
mod status;

pub use capabilities::{Capabilities, Extension};
pub use status::EnhancedStatus;
