//! From a target to a session: dial, greeting, capabilities, and TLS as the target asks.

use netkit_socket::{DialReport, Dialer, Host, NetError};
use netkit_wire::{Conn, Limits, Tap};

use crate::client::Client;
use crate::error::{Error, Unsupported};
use crate::response::Status;
use crate::target::{Security, Target};

/// What a session begins with.
pub struct Opening {
    /// What the server has to keep to.
    pub limits: Limits,
    /// Who listens in.
    pub tap: Option<Box<dyn Tap>>,
}

/// The most bytes one response may have: all numbers of a search in a mailbox of millions, or a message that is asked for in
/// one piece.
const RESPONSE: usize = 64 << 20;

impl Default for Opening {
    fn default() -> Opening {
        Opening { limits: Limits { reply: RESPONSE, ..Limits::default() }, tap: None }
    }
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
    pub greeting: Status,
    /// What the server offered in clear text before STARTTLS; none where there was no change to TLS.
    pub before_tls: Option<Vec<String>>,
}

/// Dials the target, reads the greeting, asks what is offered, and changes to TLS where the target's [`Security`] says so. TLS
/// that was asked for is had, or this fails: also where the server greets with PREAUTH, after which there can be none.
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
    let greeting = client.greeting()?.clone();
    if target.security == Security::Starttls && client.is_preauth() {
        return Err(Error::TlsRefused(
            "the server greeted with PREAUTH, so STARTTLS cannot be had".to_owned(),
        ));
    }
    let offers = client.capability()?.to_vec();
    let offered = offers.iter().any(|name| name == "STARTTLS") && !client.is_preauth();
    let mut report = Report { dial: dialed.report, greeting, before_tls: None };
    match target.security {
        Security::Starttls if !offered => return Err(Unsupported::Capability("STARTTLS").into()),
        Security::Starttls => {}
        Security::Opportunistic if offered => {}
        _ => return Ok((client, report)),
    }
    report.before_tls = Some(offers);
    let name = endpoint.host().unwrap_or(&Host::Any);
    match client.starttls(dialer.upgrader(name, &mut report.dial)) {
        Ok(_) => Ok((client, report)),
        Err(Error::Wire(fault)) => Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net)),
        Err(Error::Refused(status)) => Err(Error::TlsRefused(status.to_string())),
        Err(why) => Err(why),
    }
}
