//! HTTP authentication: the values of `Authorization` and `WWW-Authenticate`, and of their `Proxy-` twins.
//!
//! Only values: which request gets which, and that none follows a redirect to another origin, is the HTTP client's
//! knowledge. What goes out is a [`Secret`](crate::Secret), so that a dump of headers cannot show it.

mod authorization;
mod challenge;
mod digest;
mod error;
mod scheme;

pub use authorization::Authorization;
pub use challenge::{Challenge, MAX_CHALLENGES, MAX_PARAMS, MAX_VALUE, parse_challenges};
pub use digest::{
    AuthenticationInfo, DigestAlgorithm, DigestChallenge, DigestClient, DigestResponse, Qop, strongest_digest,
};
pub use error::HttpAuthError;
pub use scheme::{basic, bearer};
