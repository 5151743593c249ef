//! What a login needs besides the credentials, for every protocol that has SASL.

use super::scram::{ChannelBinding, ScramClient, ScramHash};
use super::{ChooseError, Client, Mechanism, SaslError, choose, client};
use crate::Credentials;

/// What a login needs besides the credentials.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// The service by its name in SASL's register: `smtp`, `pop`, `imap`, `nntp` (RFC 4422 section 4.1). DIGEST-MD5 binds
    /// the login to it.
    pub service: &'a str,
    /// The host that was dialed, and the port: some mechanisms bind the login to them.
    pub host: &'a str,
    /// The port that was dialed.
    pub port: u16,
    /// Fresh randomness in printable ASCII without a comma, at least 18 bytes' worth: the client's nonce.
    pub nonce: &'a str,
    /// Whether nobody can listen: TLS, loopback, a Unix socket, or the user's word. Without it no mechanism is used
    /// that would show the secret.
    pub channel_is_private: bool,
    /// What TLS exported for binding the login to the channel (RFC 9266); none without TLS, or where the library cannot.
    pub tls_exporter: Option<&'a [u8]>,
    /// The mechanism to use; none for the strongest that fits.
    pub mechanism: Option<Mechanism>,
    /// Nothing weaker than this one.
    pub floor: Option<Mechanism>,
}

impl<'a> Login<'a> {
    /// A login over a channel on which others may listen, with the strongest mechanism that fits.
    pub const fn new(service: &'a str, host: &'a str, port: u16, nonce: &'a str) -> Login<'a> {
        Login {
            service,
            host,
            port,
            nonce,
            channel_is_private: false,
            tls_exporter: None,
            mechanism: None,
            floor: None,
        }
    }

    /// The mechanism for `credentials` out of those that the server offers: [`choose`] says how.
    ///
    /// # Errors
    /// [`ChooseError`]; nothing was sent.
    pub fn choose<S: AsRef<str>>(
        &self,
        offered: &[S],
        credentials: &Credentials,
    ) -> Result<Mechanism, ChooseError> {
        choose(offered, credentials, self)
    }

    /// The client's side of `mechanism`, which was chosen out of `offered`: a SCRAM client that could have bound to the
    /// channel says so when the server seems not to (RFC 5802 section 6).
    ///
    /// # Errors
    /// [`SaslError`], as [`client`].
    pub fn client<S: AsRef<str>>(
        &self,
        mechanism: Mechanism,
        offered: &[S],
        credentials: &Credentials,
    ) -> Result<Box<dyn Client>, SaslError> {
        let binds = |name: &S| name.as_ref().parse::<Mechanism>().is_ok_and(Mechanism::binds_channel);
        let unseen = self.tls_exporter.is_some() && !offered.iter().any(binds);
        let hash = match mechanism {
            Mechanism::ScramSha1 if unseen => ScramHash::Sha1,
            Mechanism::ScramSha256 if unseen => ScramHash::Sha256,
            _ => return client(mechanism, credentials, self),
        };
        let client = ScramClient::new(hash, credentials, self.nonce)?;
        Ok(Box::new(client.with_binding(ChannelBinding::NotOffered)))
    }
}
