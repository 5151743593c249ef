//! Proxies for tests: HTTP with CONNECT and absolute form, and SOCKS 4, 4A and 5. They lead to loopback and nowhere else.

mod http;
mod relay;
mod socks;

pub use http::HttpProxy;
pub use socks::SocksProxy;

use std::sync::Arc;
use std::time::Duration;

use netkit_auth::Secret;
use netkit_socket::{Dialer, Endpoint, Host, NetError};
use netkit_wire::{Conn, Limits};

use crate::world::World;

/// Who may use a proxy.
#[derive(Clone)]
pub enum ProxyUsers {
    /// Anybody.
    Anybody,
    /// The world's accounts.
    Accounts(Arc<World>),
}

impl ProxyUsers {
    /// Whether it asks who comes.
    fn asks(&self) -> bool {
        matches!(self, ProxyUsers::Accounts(_))
    }

    fn knows(&self, user: &str, password: &Secret) -> bool {
        match self {
            ProxyUsers::Anybody => true,
            ProxyUsers::Accounts(world) => world.password(user).is_some_and(|real| real == *password),
        }
    }
}

/// Why there is no way to a target.
enum NoWay {
    /// It is not on loopback.
    Forbidden,
    /// Nobody listens there.
    Dead,
}

/// A connection to a target on loopback.
fn reach(host: &Host, port: u16) -> Result<Conn, NoWay> {
    if !host.is_loopback() || *host == Host::Any {
        return Err(NoWay::Forbidden);
    }
    let dialer = Dialer::default().connect_timeout(Duration::from_secs(5));
    let dialed = dialer.dial(&Endpoint::new(host.clone(), port)).map_err(|_: NetError| NoWay::Dead)?;
    Ok(Conn::new(dialed.stream, Limits::default()))
}
