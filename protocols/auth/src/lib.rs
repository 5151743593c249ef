//! Who you are, and how to prove it without giving it away.

pub mod credentials;
pub mod http;
pub mod netrc;
pub mod sasl;
mod secret;
pub mod source;
mod token;

pub use credentials::{CredentialError, Credentials, UserName};
pub use secret::Secret;
pub use token::is_b64token;
