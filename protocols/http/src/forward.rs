//! A connection to a proxy in place of the server: requests in absolute form (RFC 9112 3.2.2), with the proxy's own login.
//!
//! Only `http` URLs go this way. An `https` URL goes through a tunnel, which is made before this crate sees the stream and
//! in which everything is as without a proxy.

use netkit_auth::Secret;
use netkit_socket::DialReport;

use crate::origin::Origin;

/// The field that logs in at a proxy (RFC 9110 11.7.2). It belongs to the connection and never to a request: no redirect,
/// no retry on another connection and no tunnel can carry it elsewhere.
const FIELD: &str = "Proxy-Authorization";

/// What a request needs besides when it is handed to a proxy.
#[derive(Debug, Default)]
pub(crate) struct Forward {
    authorization: Option<Secret>,
}

impl Forward {
    /// From how the connection came about: `None` when the server itself is at its other end.
    pub(crate) fn of(report: Option<&DialReport>) -> Option<Forward> {
        let via = report?.via.as_ref().filter(|via| !via.tunnel)?;
        Some(Forward { authorization: via.proxy.authorization().map(Secret::from) })
    }

    /// What stands before the path. OPTIONS of the server as a whole (`*`) has nothing behind it (RFC 9112 3.2.4).
    pub(crate) fn target(origin: &Origin) -> String {
        origin.to_string()
    }

    /// The login, as the field it is.
    pub(crate) fn login(&self) -> Option<(&'static str, &Secret)> {
        self.authorization.as_ref().map(|value| (FIELD, value))
    }
}
