//! What a login needs besides the credentials, for every protocol that has SASL.

use super::{ChooseError, Client, Mechanism, SaslError, choose, client};
use crate::Credentials;

/// What a login needs besides the credentials.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// The host that was dialed, and the port: some mechanisms bind the login to them.
    pub host: &'a str,
    /// The port that was dialed.
    pub port: u16,
    /// Fresh randomness in printable ASCII without a comma, at least 18 bytes' worth: the client's nonce.
    pub nonce: &'a str,
    /// Whether nobody can listen: TLS, loopback, a Unix socket, or the user's word. Without it no mechanism is used
    /// that would show the secret.
    pub channel_is_private: bool,
    /// The mechanism to use; none for the strongest that fits.
    pub mechanism: Option<Mechanism>,
}

impl Login<'_> {
    /// The mechanism for `credentials` out of those that the server offers: [`choose`] says how.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was sent.
    pub fn choose<S: AsRef<str>>(
        &self,
        offered: &[S],
        credentials: &Credentials,
    ) -> Result<Mechanism, ChooseError> {
        choose(offered, credentials, self.channel_is_private, self.mechanism)
    }

    /// The client's side of `mechanism`.
    ///
    /// # Errors
    /// [`SaslError`], as [`client`].
    pub fn client(
        &self,
        mechanism: Mechanism,
        credentials: &Credentials,
    ) -> Result<Box<dyn Client>, SaslError> {
        client(mechanism, credentials, self.host, self.port, self.nonce)
    }
}
