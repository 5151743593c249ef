//! Who logs in, with everything that SASL needs besides.

use base64::Engine;
use netkit_auth::sasl::{Login, Mechanism};
use netkit_auth::source::UserArgument;
use netkit_auth::{Credentials, Secret, UserName};
use netkit_socket::{DialReport, Endpoint};

use crate::failure::{Failure, Kind, Result};
use crate::run::Run;

/// Credentials for one server, and the circumstances of the login.
pub struct Identity {
    pub credentials: Credentials,
    host: String,
    port: u16,
    nonce: String,
    service: &'static str,
    private: bool,
    exporter: Option<[u8; 32]>,
    mechanism: Option<Mechanism>,
    floor: Option<Mechanism>,
}

impl Identity {
    pub fn login(&self) -> Login<'_> {
        Login {
            channel_is_private: self.private,
            tls_exporter: self.exporter.as_ref().map(|bytes| bytes.as_slice()),
            mechanism: self.mechanism,
            floor: self.floor,
            ..Login::new(self.service, &self.host, self.port, &self.nonce)
        }
    }
}

fn alice() -> Option<Credentials> {
    let (name, password) = netkit_mock::ACCOUNTS.first()?;
    Credentials::password(*name, *password).ok()
}

impl Run<'_> {
    /// Who logs in at `endpoint`, if anybody. `service` is SASL's name of the protocol; `user` and `password` are the
    /// target's. Whether nobody can listen is known from `dial`; `--insecure-auth` says so, too.
    pub fn identity(
        &self,
        service: &'static str,
        endpoint: &Endpoint,
        user: Option<UserName>,
        password: Option<Secret>,
        dial: &DialReport,
    ) -> Result<Option<Identity>> {
        let host = endpoint.host().map(|host| host.ascii().into_owned()).unwrap_or_default();
        let named = self.credentials(&host, user.map(|user| UserArgument { user, password }))?;
        // At the mock servers, whose mailbox is of no matter is alice.
        let anybody = self.is_mock() && ["pop", "imap"].contains(&service);
        let Some(credentials) = named.or_else(|| anybody.then(alice).flatten()) else { return Ok(None) };
        let port = match endpoint {
            Endpoint::Inet { port, .. } => *port,
            Endpoint::Unix(_) => 0,
        };
        let private = dial.is_private() || self.net.login.insecure_auth;
        let exporter = dial.tls.as_ref().and_then(|tls| tls.exporter);
        let mechanism = self.mechanism_for(service)?;
        let (nonce, floor) = (random()?, self.weakest_mechanism()?);
        Ok(Some(Identity { credentials, host, port, nonce, service, private, exporter, mechanism, floor }))
    }
}

/// 24 fresh random bytes in printable form.
fn random() -> Result<String> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)
        .map_err(|e| Failure::new(Kind::Unsupported, format!("no randomness: {e}")))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
