//! From a target to a session: dial, and TLS as the target asks.

use std::time::Duration;

use netkit_socket::{DialReport, Dialer, Host, NetError};
use netkit_wire::{Conn, Limits, Stream, Tap};

use crate::client::{Came, Client};
use crate::codes::Opt;
use crate::engine::{Engine, Side};
use crate::error::Error;
use crate::settings::{OptionSet, Settings};
use crate::target::{Security, Target};

/// What a session begins with.
pub struct Opening {
    /// What this side agrees to.
    pub settings: Settings,
    /// How long a server may think about START_TLS that was asked for.
    pub tls_wait: Duration,
    /// Who listens in.
    pub tap: Option<Box<dyn Tap>>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Dials the target, with TLS from the first byte for `telnets`. [`Security::Starttls`] asks for START_TLS, refuses all else
/// until that is had, and fails without it; [`Security::Opportunistic`] agrees when the server asks
/// ([`Came::StartTls`] says so, [`start_tls`] does it).
///
/// # Errors
/// [`Error::Net`], [`Error::TlsRefused`], [`Error::Wire`].
pub fn connect(
    target: &Target,
    dialer: &Dialer,
    mut opening: Opening,
) -> Result<(Client, DialReport), Error> {
    let implicit = target.security == Security::Implicit;
    let dialed = if implicit { dialer.dial_tls(&target.endpoint, &[]) } else { dialer.dial(&target.endpoint) };
    let dialed = dialed?;
    let mut conn = Conn::new(dialed.stream, Limits::default());
    if let Some(tap) = opening.tap.take() {
        conn.set_tap(tap);
    }
    dialed.report.notes().iter().for_each(|line| conn.note(line));
    let mut report = dialed.report;
    let settings = opening.settings;
    if target.security != Security::Starttls {
        let us = match target.security {
            Security::Opportunistic => settings.us.with(Opt::START_TLS),
            _ => settings.us.without(Opt::START_TLS),
        };
        return Ok((Client::new(conn, Engine::new(Settings { us, ..settings })), report));
    }
    let mut client = Client::new(conn, Engine::new(Settings { us: OptionSet::of(&[Opt::START_TLS]), ..Settings::none() }));
    let name = target.endpoint.host().unwrap_or(&Host::Any);
    require_tls(&mut client, opening.tls_wait, dialer.upgrader(name, &mut report))?;
    client.engine_mut().settings = Settings { us: settings.us.without(Opt::START_TLS), ..settings };
    Ok((client, report))
}

/// Asks for START_TLS and does not go on without.
///
/// # Errors
/// [`Error::TlsRefused`], [`Error::Net`], [`Error::Wire`].
pub fn require_tls(
    client: &mut Client,
    wait: Duration,
    make: impl FnOnce(Box<dyn Stream>) -> std::io::Result<Box<dyn Stream>>,
) -> Result<(), Error> {
    let end = std::time::Instant::now() + wait;
    let _ = client.engine_mut().enable(Side::Us, Opt::START_TLS);
    loop {
        match client.pump_until(Some(end))? {
            Some(Came::StartTls) => return start_tls(client, make),
            Some(Came::Something) if client.engine().state(Side::Us, Opt::START_TLS) != crate::qmethod::State::No => {}
            _ => return Err(Error::TlsRefused),
        }
    }
}

/// Changes to TLS after [`Came::StartTls`].
///
/// # Errors
/// [`Error::Net`] when the handshake fails, [`Error::Wire`].
pub fn start_tls(
    client: &mut Client,
    make: impl FnOnce(Box<dyn Stream>) -> std::io::Result<Box<dyn Stream>>,
) -> Result<(), Error> {
    match client.start_tls(make) {
        Err(Error::Wire(fault)) => Err(NetError::of_upgrade(fault).map_or_else(Error::Wire, Error::Net)),
        other => other,
    }
}
