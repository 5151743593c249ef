//! Who may log in at the mock servers: the world's accounts, for every mechanism of `netkit_auth`.

use netkit_auth::Secret;
use netkit_auth::sasl::{Accounts, Mechanism};

use crate::world::World;

/// Who a client of these servers is without saying so (SASL's EXTERNAL): they listen on loopback only.
pub(crate) const EXTERNAL: &str = "alice";

/// The mechanisms that can work on a connection: those that bind to TLS need something to bind to.
pub(crate) fn mechanisms(exporter: Option<[u8; 32]>) -> Vec<String> {
    let possible = |mechanism: &Mechanism| exporter.is_some() || !mechanism.binds_channel();
    Mechanism::ALL.into_iter().filter(possible).map(|mechanism| mechanism.name().to_owned()).collect()
}

/// The accounts of a world.
pub(crate) struct Users<'w>(pub(crate) &'w World);

impl Accounts for Users<'_> {
    fn password(&self, user: &str) -> Option<Secret> {
        self.0.password(user)
    }

    fn token_ok(&self, user: &str, token: &Secret) -> bool {
        self.0.token_owner(token.expose()).is_some_and(|owner| user.is_empty() || user == owner)
    }
}

/// 144 random bits in hexadecimal; none when the system has none.
pub(crate) fn nonce() -> Option<String> {
    let mut bytes = [0; 18];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
