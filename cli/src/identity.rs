//! Who logs in, with everything that SASL needs besides.

use base64::Engine;
use netkit_auth::sasl::{Login, Mechanism};
use netkit_auth::source::UserArgument;
use netkit_auth::{Credentials, Secret, UserName};
use netkit_socket::Endpoint;

use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// Credentials for one server, and the circumstances of the login.
pub struct Identity {
    pub credentials: Credentials,
    host: String,
    port: u16,
    nonce: String,
    private: bool,
    mechanism: Option<Mechanism>,
}

impl Identity {
    pub fn login(&self) -> Login<'_> {
        Login {
            host: &self.host,
            port: self.port,
            nonce: &self.nonce,
            channel_is_private: self.private,
            mechanism: self.mechanism,
        }
    }
}

impl Run<'_> {
    /// Who logs in at `endpoint`, if anybody. `user` and `password` are the target's; `private` is whether nobody can
    /// listen, which `--insecure-auth` says too.
    pub fn identity(
        &self,
        endpoint: &Endpoint,
        user: Option<UserName>,
        password: Option<Secret>,
        private: bool,
    ) -> Result<Option<Identity>> {
        let host = endpoint.host().map(|host| host.ascii().into_owned()).unwrap_or_default();
        let Some(credentials) = self.credentials(&host, user.map(|user| UserArgument { user, password }))?
        else {
            return Ok(None);
        };
        let port = match endpoint {
            Endpoint::Inet { port, .. } => *port,
            Endpoint::Unix(_) => 0,
        };
        let private = private || self.net.login.insecure_auth;
        let (nonce, mechanism) = (random()?, self.mechanism()?);
        Ok(Some(Identity { credentials, host, port, nonce, private, mechanism }))
    }
}

/// 24 fresh random bytes in printable form.
fn random() -> Result<String> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)
        .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
