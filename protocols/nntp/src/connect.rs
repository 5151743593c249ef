//! From a target to a session: dial, greeting, capabilities, TLS as the target asks, reader mode.

use netkit_socket::{DialReport, Dialer, Host, NetError};
use netkit_wire::{Conn, Limits, Reply, Tap};

use crate::capabilities::Capabilities;
use crate::client::Client;
use crate::error::{Error, Unsupported};
use crate::target::{Security, Target};

/// What a session begins with.
#[derive(Default)]
pub struct Opening {
    /// What the server has to keep to.
    pub limits: Limits,
    /// Who listens in.
    pub tap: Option<Box<dyn Tap>>,
    /// Whether to stay with what a transit server speaks, for IHAVE, CHECK and TAKETHIS (RFC 3977 section 5.3).
    pub transit: bool,
    /// As [`Client::lenient`].
    pub lenient: bool,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// How a session came about.
#[derive(Clone, Debug)]
pub struct Report {
    /// Addresses tried, times, and what TLS agreed on, also when it came by STARTTLS.
    pub dial: DialReport,
    /// The server's first words.
    pub greeting: Reply,
    /// What the server offered in clear text before STARTTLS; none where there was no change to TLS.
    pub before_tls: Option<Capabilities>,
}

/// Dials the target, reads the greeting, asks what is offered, changes to TLS where the target's [`Security`] says so, and to
/// reader mode where the server has two. TLS that was asked for is had, or this fails; TLS that failed is never gone without.
///
/// # Errors
/// [`Error::Net`]; [`Error::Unsupported`] when STARTTLS is required and not offered; [`Error::TlsRefused`]; [`Error::Refused`]
/// when there is no service; [`Error::Wire`].
pub fn connect(target: &Target, dialer: &Dialer, opening: Opening) -> Result<(Client, Report), Error> {
    let implicit = target.security == Security::Implicit;
    let endpoint = &target.endpoint;
    let dialed = if implicit { dialer.dial_tls(endpoint, &[]) } else { dialer.dial(endpoint) }?;
    let mut conn = Conn::new(dialed.stream, opening.limits);
    if let Some(tap) = opening.tap {
        conn.set_tap(tap);
    }
    dialed.report.notes().iter().for_each(|line| conn.note(line));
    let mut client = Client::new(conn);
    client.lenient(opening.lenient);
    let greeting = client.greeting()?.clone();
    let mut report = Report { dial: dialed.report, greeting, before_tls: None };
    client.capabilities()?;
    let wanted = matches!(target.security, Security::Starttls | Security::Opportunistic);
    // A server of two minds may offer TLS to readers only (RFC 4642 section 2.1).
    if !opening.transit && !client.offers().has("STARTTLS") {
        client.reader()?;
    }
    if wanted && client.offers().has("STARTTLS") {
        report.before_tls = Some(client.offers().clone());
        let name = endpoint.host().unwrap_or(&Host::Any);
        match client.starttls(dialer.upgrader(name, &mut report.dial)) {
            Ok(_) => {}
            Err(Error::Wire(fault)) => {
                return Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net));
            }
            Err(Error::Refused(reply)) => return Err(Error::TlsRefused(reply)),
            Err(why) => return Err(why),
        }
        if !opening.transit {
            client.reader()?;
        }
    } else if target.security == Security::Starttls {
        return Err(Unsupported::Capability("STARTTLS").into());
    } else if !opening.transit {
        client.reader()?;
    }
    Ok((client, report))
}
