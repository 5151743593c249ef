//! Who may log in at the mock servers: the world's accounts, for every mechanism of `netkit_auth`.

use netkit_auth::Secret;
use netkit_auth::sasl::Accounts;

use crate::world::World;

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
