//! Who you are, and how to prove it without giving it away.

pub mod credentials;
pub mod sasl;
mod secret;
mod token;

pub use credentials::{CredentialError, Credentials, UserName};
pub use secret::Secret;
pub use token::is_b64token;
