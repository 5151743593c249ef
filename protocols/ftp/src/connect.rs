//! From a target to a session: dial, greeting, features, and TLS as the target asks (RFC 4217).

use netkit_socket::{DialReport, Dialer, Host, NetError};
use netkit_wire::{Conn, Limits, Reply, Tap};

use crate::client::Client;
use crate::data::Network;
use crate::error::{Error, Unsupported};
use crate::target::{Security, Target};

/// What a session begins with.
#[derive(Default)]
pub struct Opening {
    /// What the server has to keep to.
    pub limits: Limits,
    /// Who listens in on the control connection.
    pub tap: Option<Box<dyn Tap>>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// How a session came about.
#[derive(Clone, Debug)]
pub struct Report {
    /// Addresses tried, times, and what TLS agreed on, also when it came by AUTH TLS.
    pub dial: DialReport,
    /// The server's first words.
    pub greeting: Reply,
    /// What the server had in clear text before AUTH TLS; none where there was no change to TLS, or nobody asked.
    pub before_tls: Option<Vec<String>>,
}

/// Dials the target, reads the greeting, and changes to TLS where the target's [`Security`] says so. TLS that was asked for is
/// had, or this fails before any name is said.
///
/// # Errors
/// [`Error::Net`]; [`Error::TlsRefused`] when AUTH TLS is required and refused; [`Error::Refused`] when there is no service;
/// [`Error::Wire`].
pub fn connect(target: &Target, dialer: &Dialer, opening: Opening) -> Result<(Client, Report), Error> {
    // A data connection has to resume the session of its own control connection, not of another that this dialer made.
    let dialer = &dialer.with_own_sessions();
    let implicit = target.security == Security::Implicit;
    let endpoint = &target.endpoint;
    let dialed = if implicit { dialer.dial_tls(endpoint, &[]) } else { dialer.dial(endpoint) }?;
    let data = Network::new(dialer, endpoint, &dialed.report);
    let mut conn = Conn::new(dialed.stream, opening.limits);
    if let Some(tap) = opening.tap {
        conn.set_tap(tap);
    }
    dialed.report.notes().iter().for_each(|line| conn.note(line));
    let mut client = Client::new(conn, Box::new(data), implicit);
    let greeting = client.greeting()?.clone();
    let mut report = Report { dial: dialed.report, greeting, before_tls: None };
    match target.security {
        Security::Starttls => {}
        Security::Opportunistic => {
            report.before_tls = Some(client.features()?.to_vec());
            if !client.offers_tls() {
                report.before_tls = None;
                return Ok((client, report));
            }
        }
        _ => return Ok((client, report)),
    }
    let name = endpoint.host().unwrap_or(&Host::Any);
    match client.auth_tls(dialer.upgrader(name, &mut report.dial)) {
        Ok(()) => Ok((client, report)),
        Err(Error::Wire(fault)) => Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net)),
        Err(Error::Refused(reply)) if reply.code().is(50) => Err(Unsupported("AUTH TLS").into()),
        Err(Error::Refused(reply)) => Err(Error::TlsRefused(reply)),
        Err(why) => Err(why),
    }
}
