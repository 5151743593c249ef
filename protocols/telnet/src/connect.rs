//! From a target to a session: dial, and TLS as the target asks.

use std::io;
use std::time::{Duration, Instant};

use netkit_socket::{DialReport, Dialer, Host};
use netkit_wire::{Conn, Limits, Tap};

use crate::client::{Came, Client};
use crate::codes::Opt;
use crate::engine::{Engine, Side};
use crate::error::Error;
use crate::qmethod::State;
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
/// ([`Client::tls`] tells).
///
/// # Errors
/// [`Error::Net`], [`Error::TlsRefused`], [`Error::Wire`].
pub fn connect(
    target: &Target,
    dialer: &Dialer,
    mut opening: Opening,
) -> Result<(Client, DialReport), Error> {
    let implicit = target.security == Security::Implicit;
    let dialed =
        if implicit { dialer.dial_tls(&target.endpoint, &[]) } else { dialer.dial(&target.endpoint) };
    let dialed = dialed?;
    let mut conn = Conn::new(dialed.stream, Limits::default());
    if let Some(tap) = opening.tap.take() {
        conn.set_tap(tap);
    }
    dialed.report.notes().iter().for_each(|line| conn.note(line));
    let mut report = dialed.report;
    let settings = opening.settings;
    let required = target.security == Security::Starttls;
    let first = match target.security {
        // Nothing is said in clear text but this.
        Security::Starttls => Settings { us: OptionSet::of(&[Opt::START_TLS]), ..Settings::none() },
        Security::Opportunistic => Settings { us: settings.us.with(Opt::START_TLS), ..settings.clone() },
        _ => Settings { us: settings.us.without(Opt::START_TLS), ..settings.clone() },
    };
    let mut client = Client::new(conn, Engine::new(first));
    if required || target.security == Security::Opportunistic {
        let (dialer, name) = (dialer.clone(), target.endpoint.host().unwrap_or(&Host::Any).clone());
        client
            .set_upgrader(Box::new(move |plain| dialer.secure(plain, &name, &[]).map_err(io::Error::other)));
    }
    if required {
        require_tls(&mut client, opening.tls_wait)?;
        report.tls = client.tls().cloned();
        client.engine_mut().settings = Settings { us: settings.us.without(Opt::START_TLS), ..settings };
    }
    Ok((client, report))
}

/// Asks for START_TLS and does not go on without.
///
/// # Errors
/// [`Error::TlsRefused`] when the server says no, or nothing for so long; [`Error::Net`], [`Error::Wire`].
fn require_tls(client: &mut Client, wait: Duration) -> Result<(), Error> {
    let end = Instant::now() + wait;
    // Nothing was said before: there is nothing to complain about.
    let _ = client.engine_mut().enable(Side::Us, Opt::START_TLS);
    while client.tls().is_none() {
        let came = client.pump_until(Some(end))?;
        let open = client.engine().state(Side::Us, Opt::START_TLS) != State::No;
        if client.tls().is_none() && (came != Some(Came::Something) || !open) {
            return Err(Error::TlsRefused);
        }
    }
    Ok(())
}
