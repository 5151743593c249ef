//! From a target to a session: dial, greeting, features, and TLS as the target asks (RFC 4217).

use netkit_socket::{DialReport, Dialer, Endpoint, Host, NetError, TlsVersion};
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
    /// The newest TLS to speak: some servers do not see that a data connection resumes the control connection's session when
    /// it is TLS 1.3's ([`Error::wants_older_tls`]).
    pub tls_at_most: Option<TlsVersion>,
    /// Whether, in active mode, the server has to dial from its data port (RFC 959 section 5.2: 20, or the one below its
    /// control port; 989 under TLS). A connection from another port is turned away, and the transfer fails.
    pub verify_data_port: bool,
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
    let dialer = &match opening.tls_at_most {
        Some(version) => dialer.with_tls_at_most(version),
        None => dialer.with_own_sessions(),
    };
    let implicit = target.security == Security::Implicit;
    let endpoint = &target.endpoint;
    let dialed = if implicit { dialer.dial_tls(endpoint, &[]) } else { dialer.dial(endpoint) }?;
    let mut data = Network::new(dialer, endpoint, &dialed.report);
    if let (true, Endpoint::Inet { port, .. }) = (opening.verify_data_port, endpoint) {
        data.verify_port(*port);
    }
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
